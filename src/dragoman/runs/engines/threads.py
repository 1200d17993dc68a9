"""Process many articles with a bounded pool of threads, and give the records in input order.

A worker takes the next article when it is free. A worker that is far ahead of the slowest article waits, so memory does
not grow with the number of articles. The pool also decides when a run ends early.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Protocol

from dragoman.core.outcome import Outcome
from dragoman.errors import (
    BudgetReached,
    DragomanError,
    FailureKind,
    Interrupted,
    ProviderError,
    RecordingMissing,
    StoreError,
)
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline
from dragoman.runs.record_builder import unreached_record
from dragoman.runs.session import Session
from dragoman.tasks.answering import pending_reason

AHEAD = 4
"""How many articles per worker may be in work or finished before the one that is next in order."""

_HEAD_START = 0.5
"""Seconds that the first article may be alone in work at most. It may be long, or another process may hold the lease of
its request."""

MOST_REJECTED = 20
"""How many articles the service may reject before it has answered any; then the run ends. A wrong setting would be
rejected for every article. Rejections are free, and twenty articles that are all at fault themselves are rare."""

REJECTED_IN_ORDER = 10
"""How many of them may be neighbours. The others are taken from all over the run: articles of one kind lie together,
and if only these are at fault, one from elsewhere is answered."""


class Stop(threading.Event):
    """Set to end a run early; ``signal`` is the number of the signal that asked for it, or None."""

    signal: int | None = None


class Watch(Protocol):
    """Observes a run.

    `begin` is called once, before the first article. `finished` is called once for each article: in any order and from
    any thread, several at once; the articles that were not reached come at the end. `rescued` is called once, from any
    thread, at the first paid reply that the store did not accept, with the folder where the reply was saved instead and
    the command that imports that folder.
    """

    def begin(self, session: Session, pool: Pool, total: int) -> None: ...

    def finished(self, outcome: Outcome) -> None: ...

    def rescued(self, folder: Path, command: str) -> None: ...


class Pool:
    """Processes articles with several threads; `outcomes` gives the outcomes in input order.

    When something ends the run early (the budget, an unusable provider, the store, a stop), no further article is
    started, those in flight are finished, and each article that was not reached gets a pending record that says why.

    ``on_outcome`` is called with each outcome as soon as it exists, see `Watch.finished`. ``has_asked`` says whether a
    request is in flight, or was sent before. ``has_answered`` says whether the service is known to answer such
    requests. ``last`` are the names of articles whose requests an earlier run got only rejections for: they are
    processed last, or as soon as ``has_answered`` is true. ``clock`` gives seconds.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        places: Sequence[ArticleFile],
        workers: int,
        stop: threading.Event,
        on_outcome: Callable[[Outcome], None] | None = None,
        has_asked: Callable[[], bool] | None = None,
        has_answered: Callable[[], bool] | None = None,
        last: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pipeline = pipeline
        self._places = places
        self._workers = min(workers, len(places)) or 1
        self._stop = stop
        self._on_outcome = on_outcome or (lambda _: None)
        self._has_asked = has_asked or (lambda: True)
        self._has_answered = has_answered or (lambda: False)
        self._clock = clock
        numbers = {place.name: number for number, place in enumerate(places)} if last else {}
        self._last = deque(numbers[name] for name in dict.fromkeys(last) if name in numbers)
        """Numbers of the articles to be processed last that were not started yet, in order."""
        self._passed_over = frozenset(self._last)
        """Numbers of all articles to be processed last."""
        self._put_off = set(self._last)
        """The numbers in `_last`, for quick look-ups."""
        self._samples: deque[int] | None = None
        """Numbers of articles from all over the run to be processed next; None until they are needed."""
        self._early: set[int] = set()
        """Numbers of the samples that were started."""
        # Two conditions share one lock, so that no thread is woken for an event that it does not wait for.
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        """Notified when the outcome that is next in order may exist."""
        self._room = threading.Condition(self._lock)
        """Notified when another article may be started."""
        self._next = 0
        self._emitted = 0
        self._done: dict[int, Outcome | BaseException] = {}
        self.rejected: list[str] = []
        """Names of the articles that were rejected while the service was not known to answer any."""
        self._rejection = ""
        """What the service said when it rejected the last of them."""
        self.in_flight = 0
        """Articles in work; their requests may still wait for a rate limit."""
        self.ended_by: DragomanError | None = None
        """What ended the run early, or None."""

    def outcomes(self) -> Generator[Outcome]:
        """One outcome for each article, in input order. A bug in a worker is raised here."""
        threads = [
            threading.Thread(target=self._work, name=f"dragoman-{number}", daemon=True)
            for number in range(self._workers)
        ]
        threads[0].start()
        self._give_head_start()
        for thread in threads[1:]:
            thread.start()
        for number in range(len(self._places)):
            with self._lock:
                while number not in self._done and not self._is_unreachable(number):
                    # With a timeout, so that a signal reaches the main thread.
                    self._ready.wait(0.2)
                outcome = self._done.pop(number, None)
                self._emitted = number + 1
                self._room.notify()
            if isinstance(outcome, BaseException):
                self._drain()
                raise outcome
            if outcome is None:
                outcome = self._unreached(self._places[number])
                self._on_outcome(outcome)
            try:
                yield outcome
            except GeneratorExit:
                # The caller failed. Nothing more is sent, and replies in flight are stored before its error goes on.
                self._stop.set()
                self._drain()
                raise

    def _give_head_start(self) -> None:
        """Wait until the first article sends its request: the requests of the other articles wait for that one, and
        other threads would only delay it while it loads the SDK."""
        until = self._clock() + _HEAD_START
        with self._lock:
            while not (self._done or self._has_asked()) and self._clock() < until:
                self._ready.wait(0.01)

    def _drain(self) -> None:
        """Wait for the articles in flight: their replies are paid for, and only their workers can store them."""
        with self._lock:
            while self.in_flight:
                self._ready.wait(0.2)

    def _is_unreachable(self, number: int) -> bool:
        """Whether an article was not started and never will be."""
        started = number in self._early or (number < self._next and number not in self._put_off)
        return not started and (self.ended_by is not None or self._stop.is_set())

    def _work(self) -> None:
        while (number := self._take()) is not None:
            try:
                outcome: Outcome | BaseException = self._process(self._places[number])
            except BaseException as bug:
                outcome = bug
            with self._lock:
                self._done[number] = outcome
                self.in_flight -= 1
                self._judge(outcome)
                if number == self._emitted or self.ended_by is not None:
                    self._ready.notify()
                if self.ended_by is not None:
                    self._room.notify_all()

    def _process(self, place: ArticleFile) -> Outcome:
        outcome = self._pipeline.process(place)
        _ = outcome.header  # computed here, because `_judge` reads it under the lock that all workers share
        self._on_outcome(outcome)
        return outcome

    def _take(self) -> int | None:
        """The number of the next article, as soon as there is room for it; None when none is left."""
        with self._lock:
            while True:
                if self.ended_by is not None or self._stop.is_set():
                    return None
                if self._has_too_many_rejected() and self.in_flight:
                    self._room.wait(0.2)  # the service may still answer an article in flight
                    continue
                while self._next in self._passed_over or self._next in self._early:
                    self._next += 1
                none_left = self._next >= len(self._places)
                # With room for MOST_REJECTED others beside those that were put off: fewer rejections end no run.
                room = self._workers * AHEAD + (MOST_REJECTED if self._put_off else 0)
                full = not none_left and self._ahead() >= room
                number: int | None = None
                if (sample := self._next_sample()) is not None:
                    number = sample
                    self._early.add(sample)
                elif full and self._emitted in self._put_off:
                    number = self._emitted  # all others wait for this article
                elif self._last and (none_left or self._has_answered()):
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

    def _next_sample(self) -> int | None:
        """The number of an article from elsewhere, when so many neighbours were rejected that the fault may be theirs;
        otherwise None."""
        if len(self.rejected) < REJECTED_IN_ORDER or self._has_answered():
            return None
        if self._samples is None:
            rest = [n for n in range(self._next, len(self._places)) if n not in self._passed_over]
            most = MOST_REJECTED - REJECTED_IN_ORDER
            middles = (len(rest) * (2 * part + 1) // (2 * most) for part in range(most))
            self._samples = deque(rest[middle] for middle in dict.fromkeys(middles)) if rest else deque()
        while self._samples:
            number = self._samples.popleft()
            if number >= self._next:
                return number
        return None

    def _ahead(self) -> int:
        """How many articles were started whose outcomes were not given yet."""
        passed_over = sum(number < self._next for number in self._put_off)
        return self._next - self._emitted - passed_over

    def _judge(self, outcome: Outcome | BaseException) -> None:
        """End the run if what happened to this article would happen to all."""
        if isinstance(outcome, BaseException):
            self.ended_by = self.ended_by or Interrupted("a bug ended the run")
            return
        error = outcome.error
        if error is not None and not isinstance(error, RecordingMissing):
            self.ended_by = error if self.ended_by is None else min(self.ended_by, error, key=_precedence)
        reason = outcome.header.reason
        if reason is not None and reason.code == "rejected" and not self._has_answered():
            self.rejected.append(outcome.header.name)
            self._rejection = reason.message
        has_more = self._next < len(self._places) or self._put_off
        if has_more and not self.in_flight and self.ended_by is None and self._has_too_many_rejected():
            message = (
                f"the service rejected {len(self.rejected)} articles and answered none; the last: {self._rejection}"
            )
            self.ended_by = ProviderError(FailureKind.UNUSABLE, message, hint="requests")

    def _has_too_many_rejected(self) -> bool:
        return len(self.rejected) >= MOST_REJECTED and not self._has_answered()

    def _unreached(self, place: ArticleFile) -> Outcome:
        error = self.ended_by or Interrupted("the run was stopped before this article")
        return Outcome(unreached_record(place, self._pipeline.specs, pending_reason(error)), None, error)


_PRECEDENCE = (Interrupted, StoreError, ProviderError, BudgetReached)


def _precedence(error: DragomanError) -> int:
    """Lower for the error whose exit code wins when several articles in flight fail differently."""
    return next((rank for rank, kind in enumerate(_PRECEDENCE) if isinstance(error, kind)), len(_PRECEDENCE))
