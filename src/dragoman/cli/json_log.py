"""The log for pipelines: a JSON object a line on stderr, each written when it happens."""

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
    """One event: what happens, when (now, UTC), and its facts."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps({"event": event, "at": now, **facts}, ensure_ascii=False)


class JsonLog:
    """A `jobs.Watch`: one event per article when it is finished, per burst of refusals, per step of an outage, and one
    for the run."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self._writing = threading.Lock()

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        self.session = session
        session.asker.on_limit(self._of_gate)
        self.line("begin", articles=total, where=session.destination, model=session.model.id, version=VERSION)

    def finished(self, outcome: Outcome) -> None:
        header = outcome.header
        self.line(
            "article", id=header.id, name=header.name, status=header.status,
            reason=header.reason.code if header.reason else None, cost_usd=header.cost_usd,
            findings=dict(header.findings), attempts=header.attempts,
        )  # fmt: skip

    def rescued(self, folder: Path, command: str) -> None:
        """The first paid reply that the store did not take: where it is kept, and what puts it back."""
        self.line("rescued", folder=str(folder), command=command)

    def end(self) -> None:
        """Nothing is left on the screen."""

    def line(self, event: str, **facts: Any) -> None:
        """Write one event; threads take turns, so that lines stay whole and in the order of their times."""
        with self._writing:
            say_json(event_line(event, **facts))

    def _of_gate(self, event: dict[str, Any]) -> None:
        """The first 429, 503 or 529 of a burst: for how many seconds nothing is sent, and how many requests may be in
        flight from now on. Or an outage of the service: that it began, one more try, or how it ended."""
        if "outage" in event:
            self.line("outage", **{"state" if name == "outage" else name: fact for name, fact in event.items()})
        else:
            self.line("refused", **event)
