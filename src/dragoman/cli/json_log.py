"""The log for pipelines: one JSON object per line on stderr, written when the event happens."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dragoman.__about__ import VERSION
from dragoman.cli.console import say_json
from dragoman.core.outcome import Outcome
from dragoman.runs.engines.threads import Pool
from dragoman.runs.session import Session


def event_line(event: str, **facts: Any) -> str:
    """One event as JSON: its name, the time now (UTC), and its facts."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps({"event": event, "at": now, **facts}, ensure_ascii=False)


class JsonLog:
    """A `threads.Watch` for programs: one event when the run begins, one per finished article, one per burst of
    rate-limited requests, one per step of an outage, and one for the run."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self._writing = threading.Lock()

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        """Write the first event, and listen to the rate limiter."""
        self.session = session
        session.asker.on_limit(self._on_limit)
        self.line("begin", articles=total, where=session.destination, model=session.model.id, version=VERSION)

    def finished(self, outcome: Outcome) -> None:
        """Write the event of one article."""
        header = outcome.header
        self.line(
            "article", id=header.id, name=header.name, status=header.status,
            reason=header.reason.code if header.reason else None, cost_usd=header.cost_usd,
            findings=dict(header.findings), attempts=header.attempts,
        )  # fmt: skip

    def rescued(self, folder: Path, command: str) -> None:
        """Write that the store could not take a paid reply: where replies are saved, and which command imports them."""
        self.line("rescued", folder=str(folder), command=command)

    def end(self) -> None:
        """Do nothing: there is no progress bar to remove."""

    def line(self, event: str, **facts: Any) -> None:
        """Write one event. A lock keeps lines whole and in the order of their times."""
        with self._writing:
            say_json(event_line(event, **facts))

    def _on_limit(self, event: dict[str, Any]) -> None:
        """An outage of the service (opened, a probe, closed, given up), or the first 429, 503 or 529 of a burst: for
        how many seconds nothing is sent, and how many requests may be in flight from now on."""
        if "outage" in event:
            self.line("outage", **{"state" if name == "outage" else name: fact for name, fact in event.items()})
        else:
            self.line("refused", **event)
