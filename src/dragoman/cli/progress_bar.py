"""A run as it goes, on stderr: a bar on a terminal, elsewhere a plain line now and then."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from dragoman.cli.console import counted, kept_outside, on_terminal, say
from dragoman.cli.eta import Pace, Progress
from dragoman.cli.streams import Cleaned, Passing
from dragoman.core.header import StoredRecord
from dragoman.core.outcome import Outcome
from dragoman.core.visible import make_visible
from dragoman.runs.engines.threads import Pool
from dragoman.runs.session import Session

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

EVERY = 30.0
"""Seconds between two lines where there is no bar; a run that is over before has none."""
BAR = 12
"""Columns of the bar: with it, ``n/N``, the time left and what is waited for mostly fit into 80."""


def waits_for(session: Session, pool: Pool) -> str:
    """What a run waits for now, for people: the gate, answers, or its own work."""
    asker = session.asker
    in_flight = asker.counters.in_flight
    if session.stop.is_set():
        return f"stopping, {counted(in_flight, 'request')} in flight"
    if awaited := asker.waiting_for:
        return f"waiting for {awaited}"
    if in_flight:
        return f"{counted(in_flight, 'request')} in flight"
    return f"{counted(pool.in_flight, 'article')} in work" if pool.in_flight else "writing what came of it"


def drawn(progress: Progress) -> Table:
    """One line as wide as the terminal: bar, ``n/N`` and time left whole, of the rest what there is room for."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    line = Table.grid(padding=(0, 1), expand=True)
    for _ in range(3):
        line.add_column(no_wrap=True)
    line.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    parts = (progress.rate("/min"), progress.money, progress.awaited)
    line.add_row(
        ProgressBar(total=progress.total, completed=progress.done, width=BAR),
        f"{progress.done:,}/{progress.total:,}",
        f"{progress.left or '?'} left" if progress.done < progress.total else "",
        make_visible(" · ".join(part for part in parts if part)),
    )
    return line


class Screen:
    """A `jobs.Watch` for people. ``clock`` is in seconds; `tick` is what the waiting thread does each second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.session: Session | None = None
        self._clock = clock
        self._pace = Pace(clock)
        self._counting = threading.Lock()
        self._ended = threading.Event()
        self._bar: Live | None = None

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        self.session, self._pool, self._total = session, pool, total
        self._pace = Pace(self._clock)
        self._said_at = self._clock()
        if on_terminal():
            self._bar = self._live()
            self._bar.start()
            # While there is a bar, rich has a stream of its own there, which interprets what is written to it.
            sys.stderr = cast(TextIO, Cleaned(sys.stderr))
        else:
            threading.Thread(target=self._ticking, name="dragoman-progress", daemon=True).start()

    def finished(self, outcome: Outcome) -> None:
        """What was not reached is not done; what was known, or needs no call, is done at no pace."""
        status = outcome.header.status
        if status != "pending":
            with self._counting:
                self._pace.add(known=status == "skipped" or isinstance(outcome.record_or_line, StoredRecord))

    def rescued(self, folder: Path, command: str) -> None:
        """Said at once: an ending that fails would not say it."""
        say(kept_outside(folder, command))

    def progress(self) -> Progress:
        """How it stands now."""
        session = self.session
        assert session is not None
        return Progress(
            done=self._pace.done,
            total=self._total,
            per_minute=self._pace.per_minute(),
            spent=session.budget.paid if session.asker.buys else None,
            awaited=waits_for(session, self._pool),
            unpriced=session.budget.unknown,
            quiet=self._pace.quiet(),
        )

    def tick(self) -> None:
        """Say how it stands, if that was not said for `EVERY` seconds."""
        if self._clock() - self._said_at >= EVERY:
            self._said_at = self._clock()
            say(self.progress().sentence)

    @property
    def drawing(self) -> bool:
        """Whether the bar is on the terminal."""
        return self._bar is not None

    def end(self) -> None:
        """Take the bar away, or say nothing more."""
        self._ended.set()
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _ticking(self) -> None:
        while not self._ended.wait(1.0):
            self.tick()

    def _live(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        return Live(
            console=Console(file=cast(TextIO, Passing(sys.stderr, "draw"))),
            get_renderable=lambda: drawn(self.progress()),
            transient=True,
            redirect_stdout=False,
        )
