"""Many articles: a bounded pool of threads, records in input order, interruption, the facts of the run.

Workers take the next article when they are free; records leave in input order. A worker that is far ahead of
the slowest article waits, so memory does not grow with the folder.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dragoman.core.header import RecordHeader
from dragoman.core.outcome import Outcome
from dragoman.core.record import Reason, Status, is_unanswered
from dragoman.errors import (
    BudgetReached,
    DragomanError,
    FailureKind,
    Interrupted,
    ProviderError,
    ReasonCode,
    RecordingMissing,
    StoreError,
)
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import SKIPPED, Pipeline, not_reached
from dragoman.runs.session import Session

AHEAD = 4
"""How many articles per worker may be finished before the one that is next in order."""

_LONGEST_AHEAD = 0.5
"""Seconds that the first article is let go before the others at most: it may be long, or asked for by somebody else."""

MOST_REJECTED = 20
"""Articles whose requests the service rejects before it has answered any, and the run stops: a wrong setting would be
rejected for every one. Rejections are free, and twenty articles that are all at fault themselves are rare."""

LEFT: frozenset[ReasonCode] = frozenset({"budget", "interrupted"})
"""Reasons that are not the article's own: it is left for the next run."""


class Stop(threading.Event):
    """Set to end a run early; ``signal`` is the number of the signal that asked for it, if one did."""

    signal: int | None = None


class Watch(Protocol):
    """Is told how a run goes: that it begins, and each article when it is finished.

    ``finished`` comes in any order and from any thread, several at once; what was not reached comes at the end.
    ``rescued`` comes once, from any thread, at the first paid reply that the store did not take: the folder it is kept
    in, and the command that imports that folder.
    """

    def begin(self, session: Session, pool: Pool, total: int) -> None: ...

    def finished(self, outcome: Outcome) -> None: ...

    def rescued(self, folder: Path, command: str) -> None: ...


@dataclass(frozen=True)
class Counts:
    """Articles by status and, for those without an answer, by reason; findings by severity; items sent back for
    correction by what came of it (``corrected``, ``still wrong``)."""

    statuses: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[ReasonCode] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, headers: Iterable[RecordHeader]) -> Counts:
        counts = cls()
        for header in headers:
            counts.add(header)
        return counts

    def add(self, header: RecordHeader) -> None:
        self.statuses[header.status] += 1
        if header.reason is not None:
            self.reasons[header.reason.code] += 1
        self.findings.update(dict(header.findings))
        self.repairs.update(dict(header.repairs))


class Pool:
    """Processes articles with ``workers`` threads; `outcomes` gives them in input order.

    When something ends the run (budget, unusable provider, store, a stop), nothing further is started, what
    is in flight is waited for, and every article not reached is a pending record that says why.
    ``told`` is called with each outcome as soon as it is there, see `Watch.finished`. ``asks`` says whether a request
    is on its way, or was. ``proven`` says whether the service is known to answer such requests. ``last`` are names of
    articles that are worked on last, or as soon as it is: an earlier run got nothing but rejections for them.
    ``clock`` is in seconds.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        found: Sequence[ArticleFile],
        workers: int,
        stop: threading.Event,
        told: Callable[[Outcome], None] | None = None,
        asks: Callable[[], bool] | None = None,
        proven: Callable[[], bool] | None = None,
        last: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pipeline = pipeline
        self._found = found
        self._workers = min(workers, len(found)) or 1
        self._stop = stop
        self._told = told or (lambda _: None)
        self._asks = asks or (lambda: True)
        self._proven = proven or (lambda: False)
        self._clock = clock
        numbers = {place.name: number for number, place in enumerate(found)} if last else {}
        self._last = deque(numbers[name] for name in dict.fromkeys(last) if name in numbers)
        """Numbers of the articles that are worked on last."""
        self._apart = frozenset(self._last)
        self._put_off = set(self._last)
        """Those of them that were not begun yet."""
        # Two conditions of one lock: nobody is woken for what he does not wait for.
        self._changed = threading.Lock()
        self._ready = threading.Condition(self._changed)
        self._room = threading.Condition(self._changed)
        self._next = 0
        self._emitted = 0
        self._done: dict[int, Outcome | BaseException] = {}
        self.rejected: list[str] = []
        """Names of the articles whose requests were rejected while the service was not known to answer any."""
        self._rejection = ""
        """What the service said of the last of them."""
        self.in_flight = 0
        """Articles in work; their requests may still wait for a limit."""
        self.ended_by: DragomanError | None = None
        """What ended the run early, or None."""

    def outcomes(self) -> Generator[Outcome]:
        """One outcome for each article, in order. A bug in a worker is raised here."""
        threads = [
            threading.Thread(target=self._work, name=f"dragoman-{number}", daemon=True)
            for number in range(self._workers)
        ]
        threads[0].start()
        self._go_ahead()
        for thread in threads[1:]:
            thread.start()
        for number in range(len(self._found)):
            with self._changed:
                while number not in self._done and not self._never(number):
                    # A time-out, so that a signal reaches the main thread.
                    self._ready.wait(0.2)
                outcome = self._done.pop(number, None)
                self._emitted = number + 1
                self._room.notify()
            if isinstance(outcome, BaseException):
                self._drain()
                raise outcome
            if outcome is None:
                outcome = self._not_reached(self._found[number])
                self._told(outcome)
            yield outcome

    def _go_ahead(self) -> None:
        """Let the first article come as far as its request, before others: theirs wait for it, and it for the SDK."""
        until = self._clock() + _LONGEST_AHEAD
        with self._changed:
            while not (self._done or self._asks()) and self._clock() < until:
                self._ready.wait(0.01)

    def _drain(self) -> None:
        """Wait for what is in flight: it is paid for, and only its worker can put it into the store."""
        with self._changed:
            while self.in_flight:
                self._ready.wait(0.2)

    def _never(self, number: int) -> bool:
        return (number >= self._next or number in self._put_off) and (self.ended_by is not None or self._stop.is_set())

    def _work(self) -> None:
        while (number := self._take()) is not None:
            try:
                outcome: Outcome | BaseException = self._processed(self._found[number])
            except BaseException as bug:
                outcome = bug
            with self._changed:
                self._done[number] = outcome
                self.in_flight -= 1
                self._judge(outcome)
                if number == self._emitted or self.ended_by is not None:
                    self._ready.notify()
                if self.ended_by is not None:
                    self._room.notify_all()

    def _processed(self, found: ArticleFile) -> Outcome:
        outcome = self._pipeline.process(found)
        _ = outcome.header  # before `_judge` looks at it under the lock of all workers
        self._told(outcome)
        return outcome

    def _take(self) -> int | None:
        """The number of the next article, once there is room for it; None when there is none left."""
        with self._changed:
            while True:
                if self.ended_by is not None or self._stop.is_set():
                    return None
                if self._too_many_rejected() and self.in_flight:
                    self._room.wait(0.2)  # one of those in flight may still be answered
                    continue
                while self._next in self._apart:
                    self._next += 1
                none_left = self._next >= len(self._found)
                # As many may be rejected beside those that were put off before the run ends.
                room = self._workers * AHEAD + (MOST_REJECTED if self._put_off else 0)
                full = not none_left and self._ahead() >= room
                number: int | None = None
                if full and self._emitted in self._put_off:
                    number = self._emitted  # all others wait for it
                elif self._last and (none_left or self._proven()):
                    number = self._last[0]
                elif none_left:
                    return None
                elif not full:
                    number = self._next
                    self._next += 1
                if number is not None:
                    break
                self._room.wait(0.2)
            if number in self._put_off:
                self._put_off.discard(number)
                self._last.remove(number)
            self.in_flight += 1
            return number

    def _ahead(self) -> int:
        """Articles that were begun and not given out yet."""
        passed_over = sum(number < self._next for number in self._put_off)
        return self._next - self._emitted - passed_over

    def _judge(self, outcome: Outcome | BaseException) -> None:
        """Whether what happened to one article ends the run for all."""
        if isinstance(outcome, BaseException):
            self.ended_by = self.ended_by or Interrupted("a bug ended the run")
            return
        error = outcome.error
        if error is not None and not isinstance(error, RecordingMissing):
            self.ended_by = _worse(self.ended_by, error)
        reason = outcome.header.reason
        if reason is not None and reason.code == "rejected" and not self._proven():
            self.rejected.append(outcome.header.name)
            self._rejection = reason.message
        left = self._next < len(self._found) or self._put_off
        if left and not self.in_flight and self.ended_by is None and self._too_many_rejected():
            said = f"the service rejected {len(self.rejected)} articles and answered none; the last: {self._rejection}"
            self.ended_by = ProviderError(FailureKind.UNUSABLE, said, hint="requests")

    def _too_many_rejected(self) -> bool:
        return len(self.rejected) >= MOST_REJECTED and not self._proven()

    def _not_reached(self, found: ArticleFile) -> Outcome:
        error = self.ended_by or Interrupted("the run was stopped before this article")
        codes: dict[type[DragomanError], ReasonCode] = {
            BudgetReached: "budget",
            ProviderError: "provider_unusable",
            StoreError: "store_trouble",
        }
        reason = Reason(code=codes.get(type(error), "interrupted"), message=str(error))
        return Outcome(not_reached(found, self._pipeline.specs, reason), None, error)


def _worse(one: DragomanError | None, other: DragomanError) -> DragomanError:
    """The error whose exit code goes before: interruption, store, provider, budget."""
    order = (Interrupted, StoreError, ProviderError, BudgetReached)
    if one is None:
        return other
    return min(one, other, key=lambda error: next((i for i, kind in enumerate(order) if isinstance(error, kind)), 9))


def exit_code_of_unread(code: str) -> int:
    """The exit code of a command whose one file is not read, for the reason with this code.

    A file that needs no call is no failure, but a link that was named was meant to be read.
    """
    return 0 if code in SKIPPED and code != "link_not_followed" else 3


def exit_code_of_one(header: RecordHeader, *, strict: bool, signal: int | None) -> int:
    """The exit code of a command over one file, out of its record."""
    code = exit_code(Counts.of([header]), None, missing=False, strict=strict, signal=signal)
    return exit_code_of_unread(header.reason.code) if code == 0 and header.reason is not None else code


def exit_code(
    counts: Counts, ended_by: DragomanError | None, *, missing: bool, strict: bool, signal: int | None
) -> int:
    """The exit code of a run. Where several apply: 130/143, 7, 4, 5, 6, 3."""
    if signal is not None:
        return 128 + signal
    if ended_by is not None:
        return ended_by.exit_code
    if missing:
        return 6
    bad = [status for status in counts.statuses if is_unanswered(status) or (strict and status == "flagged")]
    return 3 if any(counts.statuses[status] for status in bad) else 0
