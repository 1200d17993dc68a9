"""What people see: lines and a progress bar on stderr. stdout is for data and nothing else."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from dragoman.__about__ import VERSION
from dragoman.asking import LiveAsker
from dragoman.errors import StoreError
from dragoman.gist import Gist
from dragoman.jobs import Pool, Stop
from dragoman.session import Session


def say(text: str) -> None:
    """A line for people, on stderr; a closed stderr is no reason to fail."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        # Python flushes stderr once more at exit, and would make that the exit code.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    except ValueError:
        pass


def emit(text: str) -> None:
    """Data, on stdout. A reader that has closed it ends the command quietly."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit; give it somewhere to go.
        _discard_stdout()
        raise SystemExit(0) from None
    except OSError as error:
        _discard_stdout()
        raise StoreError(f"stdout cannot be written: {error.strerror or error}") from error


def _discard_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(number: int, noun: str) -> str:
    """``1 article``, ``2 articles``, ``3 replies``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def on_terminal() -> bool:
    """Whether stderr is a terminal that may be drawn on."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class ProgressBar:
    """Counts and money on a terminal; nothing at all elsewhere. A `jobs.Watch`."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._session: Session | None = None
        self.pool: Pool | None = None
        self._counts: dict[str, int] = {}

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        self._session, self.pool = session, pool
        if not on_terminal():
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total)
        self._bar.start()

    def record(self, gist: Gist) -> None:
        self._counts[gist.status] = self._counts.get(gist.status, 0) + 1
        if self._bar is not None:
            assert self._session is not None
            counts = " ".join(f"{count} {status}" for status, count in self._counts.items())
            self._bar.update(self._task, advance=1, description=counts + self._now())

    def _now(self) -> str:
        """Money so far, requests in flight, and what they wait for."""
        assert self._session is not None
        asker = self._session.asker
        if not isinstance(asker, LiveAsker):
            return ""
        budget = self._session.budget
        money = f" · ${budget.spent:.4f}" + (" and unknown" if budget.unknown else "")
        waiting = asker.gate.waiting_for
        return f"{money} · up to {asker.gate.limit} at once" + (f" · waiting for {waiting}" if waiting else "")

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class JsonLog:
    """A JSON object a line on stderr, for pipelines: one an article, one for the run. A `jobs.Watch`."""

    def __init__(self) -> None:
        self.pool: Pool | None = None

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        self.pool = pool
        model = session.model.id
        self.line("begin", articles=total, where=session.where, model=model, version=VERSION)

    def record(self, gist: Gist) -> None:
        self.line(
            "article", id=gist.id, name=gist.name, status=gist.status,
            reason=gist.reason.code if gist.reason else None, cost_usd=gist.cost_usd,
            findings=dict(gist.findings), attempts=gist.attempts,
        )  # fmt: skip

    def end(self) -> None:
        """Nothing is left on the screen."""

    def line(self, event: str, **facts: Any) -> None:
        """One event: what happened, when (UTC), and its facts."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        say(json.dumps({"event": event, "at": now, **facts}, ensure_ascii=False))


class Signals:
    """Ctrl-C and SIGTERM during a run: the first finishes what is in flight, the second leaves at once."""

    def __init__(self, stop: Stop, bar: ProgressBar | JsonLog) -> None:
        self._stop = stop
        self._bar = bar
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                    continue  # nohup: the run is meant to outlive its terminal
                self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        in_flight = counted(self._bar.pool.in_flight if self._bar.pool else 1, "article")
        if self._stop.is_set():
            self._line(f"abandoned {in_flight} in flight: answers may be paid for and are not stored; run again")
            os._exit(128 + number)
        self._stop.signal = number
        self._stop.set()
        self._line(f"stopping: finishing {in_flight} in flight (once more to abandon); the same command goes on")

    def _line(self, text: str) -> None:
        if isinstance(self._bar, JsonLog):
            text = json.dumps({"event": "signal", "message": text})
        # Not through sys.stderr: the signal may have come while it was being written to.
        with suppress(OSError):
            os.write(2, f"{text}\n".encode())
