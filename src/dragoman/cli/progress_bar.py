"""The progress of a run on stderr: a bar on a terminal, elsewhere one line every 30 seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from dragoman.cli.console import counted, on_terminal, rescue_notice, say
from dragoman.cli.eta import Pace, Progress
from dragoman.cli.streams import Forwarding, MadeVisible
from dragoman.core.header import StoredRecord
from dragoman.core.outcome import Outcome
from dragoman.core.visible import make_visible
from dragoman.runs.engines.threads import Pool
from dragoman.runs.session import Session

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

EVERY = 30.0
"""Seconds between two lines where there is no bar: a run that is shorter prints none."""
BAR = 12
"""Columns of the bar: beside it, ``n/N``, the time left and what the run waits for mostly fit into 80."""


def waits_for(session: Session, pool: Pool) -> str:
    """What a run waits for now, in words: the rate limiter, replies, or its own work."""
    asker = session.asker
    in_flight = asker.counters.in_flight
    if session.stop.is_set():
        return f"stopping, {counted(in_flight, 'request')} in flight"
    if reason := asker.waiting_for:
        return f"waiting for {reason}"
    if in_flight:
        return f"{counted(in_flight, 'request')} in flight"
    return f"processing {counted(pool.in_flight, 'article')}" if pool.in_flight else "writing the results"


def bar_line(progress: Progress) -> Table:
    """One line as wide as the terminal: the bar, ``n/N`` and the time left in full, and as much of the rest as fits."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    line = Table.grid(padding=(0, 1), expand=True)
    for _ in range(3):
        line.add_column(no_wrap=True)
    line.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    parts = (progress.rate("/min"), progress.money, progress.waits_for)
    line.add_row(
        ProgressBar(total=progress.total, completed=progress.done, width=BAR),
        f"{progress.done:,}/{progress.total:,}",
        f"{progress.left or '?'} left" if progress.done < progress.total else "",
        make_visible(" · ".join(part for part in parts if part)),
    )
    return line


class Screen:
    """A `threads.Watch` for people. ``clock`` returns seconds. Without a bar, a thread calls `tick` each second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.session: Session | None = None
        self._clock = clock
        self._pace = Pace(clock)
        self._counting = threading.Lock()
        self._ended = threading.Event()
        self._bar: Live | None = None

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        """Start the bar, or the thread that prints lines."""
        self.session, self._pool, self._total = session, pool, total
        self._pace = Pace(self._clock)
        self._printed_at = self._clock()
        if on_terminal():
            self._bar = self._live()
            self._bar.start()
            # While there is a bar, rich replaces stderr by a stream of its own, which interprets control characters.
            sys.stderr = cast(TextIO, MadeVisible(sys.stderr))
        else:
            threading.Thread(target=self._ticking, name="dragoman-progress", daemon=True).start()

    def finished(self, outcome: Outcome) -> None:
        """Count an article that is done; pending ones are not. Stored and skipped ones say nothing about the pace."""
        status = outcome.header.status
        if status != "pending":
            with self._counting:
                self._pace.add(stored=status == "skipped" or isinstance(outcome.record_or_line, StoredRecord))

    def rescued(self, folder: Path, command: str) -> None:
        """Print at once where paid replies are saved: the end of the run may fail."""
        say(rescue_notice(folder, command))

    def progress(self) -> Progress:
        """The state of the run now."""
        session = self.session
        assert session is not None
        return Progress(
            done=self._pace.done,
            total=self._total,
            per_minute=self._pace.per_minute(),
            spent=session.budget.paid if session.asker.buys else None,
            waits_for=waits_for(session, self._pool),
            unpriced=session.budget.unknown,
            quiet=self._pace.quiet(),
        )

    def tick(self) -> None:
        """Print the state of the run, if no line was printed for `EVERY` seconds."""
        if self._clock() - self._printed_at >= EVERY:
            self._printed_at = self._clock()
            say(self.progress().sentence)

    @property
    def drawing(self) -> bool:
        """Whether there is a bar on the terminal."""
        return self._bar is not None

    def end(self) -> None:
        """Remove the bar, or stop printing lines."""
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
            console=Console(file=cast(TextIO, Forwarding(sys.stderr, "draw"))),
            get_renderable=lambda: bar_line(self.progress()),
            transient=True,
            redirect_stdout=False,
        )
