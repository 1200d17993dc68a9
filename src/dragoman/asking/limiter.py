"""Limit how many requests are in flight and how fast they are sent, adapting to what the service reports.

One limiter belongs to one invocation, and every attempt passes through it in order of arrival. The number in flight
grows while answers come and is halved when the service throttles (429, 503, 529), once per burst; ``retry-after`` holds
all requests back. Requests and tokens per minute stay under the user's limits and under those that the service names in
its headers. The first request of a prompt is sent alone.

Each of these is a module: `concurrency` decides how many at once, `rates` how fast, `warm_up` which goes first, and the
`breaker` what is sent while the service is down. Here are the queue in which requests wait, the lock over all of it,
and the pause after a throttled request.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from dragoman.asking.breaker import Breaker, FailedAttempt, GiveUpReason, TriesLeft
from dragoman.asking.concurrency import Concurrency
from dragoman.asking.rates import Limit, Meter, Rates
from dragoman.asking.warm_up import WarmUp
from dragoman.errors import FailureKind, Interrupted, ProviderError

DEFAULT_PAUSE = 1.0
"""Seconds that all requests wait after a throttled request, unless the service asks for more."""
MAX_EVENTS = 200
"""How many changes of the limits a run remembers; later ones are dropped."""

POLL_SECONDS = 0.5
"""How often a waiting thread checks whether the run was stopped."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Permission to send one request: acquired before it is sent, released when it has ended."""

    prompt: str
    burst: int
    expected: Mapping[Meter, float]
    probe: int = 0
    """Its number as a probe of the breaker; 0 if it is not a probe."""
    sent_at: float = math.inf
    """When the request may be sent, by the limiter's clock."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """A thread in the queue for a slot; ``condition`` is notified when it should check again."""

    prompt: str
    tries_left: TriesLeft
    condition: threading.Condition


@dataclass
class RateLimiter:
    """The limiter of one invocation; see the module.

    ``concurrency`` is as in `Concurrency`, ``per_minute`` the user's own limit of each meter. ``breaker`` serves this
    limiter alone. ``clock`` returns seconds; ``condition`` makes what a queued request waits on, from the limiter's
    lock; ``default_pause`` and ``poll_seconds`` are `DEFAULT_PAUSE` and `POLL_SECONDS`. They are arguments so that
    tests need not wait.
    """

    concurrency: int | None = None
    per_minute: Mapping[Meter, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    breaker: Breaker = field(default_factory=Breaker)
    condition: Callable[[threading.RLock], threading.Condition] = threading.Condition
    default_pause: float = DEFAULT_PAUSE
    poll_seconds: float = POLL_SECONDS

    def __post_init__(self) -> None:
        self._concurrency = Concurrency(self.concurrency)
        self._lock = threading.RLock()
        self._queue: list[_Waiter] = []
        """Threads waiting for a slot, in order of arrival."""
        self._in_flight = 0
        self._burst = 0
        self._paused_until = 0.0
        self._warm_up = WarmUp()
        self._began = self.clock()
        self._rates = Rates(self.per_minute, self._began)
        self._failed_burst = -1
        """The latest burst of throttled requests that was reported to the breaker."""
        self._closed_by: ProviderError | None = None
        self.waited = 0.0
        """Seconds that requests waited here, all threads together: for a rate, a pause, or the first of a prompt."""
        self.throttled = 0
        """Requests that the service throttled."""
        self.events: list[dict[str, Any]] = []
        """The first `MAX_EVENTS` changes: the limit doubled or reached its ceiling; it was halved (then with the
        pause); the service named another rate; or the breaker did something."""
        self._last_noted_limit = self.limit
        self.on_event: Callable[[dict[str, Any]], None] | None = None
        """Called with the first throttled request of each burst, and with what the breaker does, in the form of
        `events`, by the thread whose request caused it."""

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return self._concurrency.limit

    @property
    def answers(self) -> int:
        """Requests answered so far."""
        return self._rates.answers

    @property
    def limits_tokens(self) -> bool:
        """Whether input tokens are limited, so that an estimate is useful."""
        return "input_tokens" in self._rates

    @property
    def waiting_for(self) -> str | None:
        """What holds requests back now, for people; None if nothing does."""
        now = self.clock()
        with self._lock:
            if self.breaker.is_open:
                wait = self.breaker.next_probe_in(now)
                when = "trying one request" if wait is None else f"next try in {wait:.0f} s"
                return f"the service, which is failing ({self.breaker.why}): {when}"
            if self._paused_until > now:
                return f"the service, {self._paused_until - now:.0f} s"
            blocked = self._rates.blocked_beyond(now + self.poll_seconds)
        if blocked is not None:
            return f"the limit of {blocked.replace('_', ' ')} per minute"
        return "the first answer" if self._warm_up.in_progress and not self.answers else None

    def acquire(self, prompt: str, input_tokens: int = 0, tries_left: TriesLeft = TriesLeft.FRESH) -> Slot:
        """Wait until one more request may be sent.

        Raises `Interrupted` when the run is stopped meanwhile, and `ProviderError` once the limiter is closed.
        ``prompt`` is the digest of what requests have in common and the service caches; ``input_tokens`` is an
        estimate.
        """
        began = self.clock()
        while True:
            slot, send_at = self._take_slot(prompt, input_tokens, tries_left)
            try:
                self._wait_until(send_at)
            except (Interrupted, ProviderError):
                self.release(slot)
                raise
            with self._lock:
                if self._paused_until <= self.clock() and self.breaker.may_send(slot.probe):
                    self.waited += self.clock() - began
                    return Slot(prompt, self._burst, slot.expected, slot.probe, self.clock())
                # The service throttled or failed meanwhile. Queue again: otherwise all threads that hold a slot would
                # send at once after the pause.
                self._give_back(slot)

    def _take_slot(self, prompt: str, input_tokens: int, tries_left: TriesLeft) -> tuple[Slot, float]:
        """Wait for a slot; returns it, and the time at which its rates let the request be sent."""
        with self._lock:
            waiter = _Waiter(prompt, tries_left, self.condition(self._lock))
            self._queue.append(waiter)
            try:
                while (wait := self._seconds_to_wait(waiter)) > 0:
                    self._raise_if_over()
                    waiter.condition.wait(min(wait, self.poll_seconds))
            finally:
                self._queue.remove(waiter)
            self._in_flight += 1
            now = self.clock()
            self._warm_up.record_sent(prompt, now)
            expected, wait = self._rates.take(input_tokens, now)
            slot = Slot(prompt, self._burst, expected, self.breaker.start_request(tries_left))
            self._notify_next()
            return slot, now + wait

    def _seconds_to_wait(self, waiter: _Waiter) -> float:
        """Seconds after which to check again; 0 when there is a slot and no earlier request that could take it."""
        now = self.clock()
        if (pause := self._paused_until - now) > 0:
            return pause
        if not self._has_room():
            return self.poll_seconds
        if next(self._ready(now), None) is waiter:
            return 0.0
        return min(self.breaker.wait_for(waiter.tries_left, now), self.poll_seconds) or self.poll_seconds

    def _has_room(self) -> bool:
        """Whether one more request may be in flight. In an outage, earlier requests do not hold a probe back."""
        return self.breaker.is_open or self._in_flight < self.limit

    def _ready(self, now: float) -> Iterator[_Waiter]:
        """Queued requests that may be sent now, in order of arrival; in an outage those with most tries left first."""
        ready = (
            waiter
            for waiter in self._queue
            if not self._warm_up.must_wait(waiter.prompt, now) and self.breaker.wait_for(waiter.tries_left, now) <= 0
        )
        return iter(sorted(ready, key=lambda waiter: waiter.tries_left)) if self.breaker.is_open else ready

    def _notify_next(self) -> None:
        """Notify as many queued threads as there are slots, the earliest first.

        In an outage notify all: the time at which the next may be sent has changed.
        """
        free = max(0, self.limit - self._in_flight)
        for waiter in self._queue if self.breaker.is_open else islice(self._ready(self.clock()), free):
            waiter.condition.notify()

    def _give_back(self, slot: Slot) -> None:
        self._in_flight -= 1
        self._warm_up.record_end(slot.prompt)
        self.breaker.withdraw_probe(slot.probe)
        self._rates.give_back(slot.expected)
        self._notify_next()

    def _wait_until(self, when: float) -> None:
        while (left := when - self.clock()) > 0:
            self._raise_if_over()
            self.stop.wait(min(left, self.poll_seconds))
        self._raise_if_over()

    def _raise_if_over(self) -> None:
        if self.stop.is_set():
            raise Interrupted("stopped before this request was sent")
        if (error := self._closed_by) is not None:
            raise ProviderError(FailureKind.UNUSABLE, str(error), status=error.status, hint=error.hint, sent=False)

    def close(self, error: ProviderError) -> None:
        """Let no more requests through, because none can succeed. Every later `acquire` raises ``error``."""
        with self._lock:
            self._closed_by = self._closed_by or error
            for waiter in self._queue:
                waiter.condition.notify()

    def release(
        self,
        slot: Slot,
        *,
        used: Mapping[Meter, float] | None = None,
        limits: Mapping[Meter, Limit] | None = None,
        throttled: bool = False,
        retry_after: float | None = None,
        failure: FailedAttempt | None = None,
        rejected: bool = False,
    ) -> GiveUpReason | None:
        """Report the outcome of a request. Returns why the service is given up, once it is.

        ``used`` is set if it was answered, ``throttled`` on 429, 503 and 529, ``failure`` for these and for any other
        failure of the service itself. ``rejected`` says that the service examined the request and does not accept it:
        that is no answer, but it shows that the service works.
        """
        with self._lock:
            now = self.clock()
            self._in_flight -= 1
            self._warm_up.record_end(slot.prompt)
            self._rates.record_end(slot.expected)
            if limits and (changed := self._rates.update(limits, now)):
                self._note(per_minute=changed)
            if used is not None or rejected:
                self._record_recovery(now, slot.sent_at)
            if used is not None:
                self._record_answer(slot, used)
            # All throttled requests of one burst count as one failure: they say no more than the first.
            counts = failure is not None and (not throttled or slot.probe or slot.burst != self._failed_burst)
            events = [self._record_throttling(slot, retry_after, now)] if throttled else []
            if failure is not None and counts:
                self._failed_burst = slot.burst if throttled else self._failed_burst
                self.breaker.record_failure(failure, now, limit=self.limit, probe=slot.probe, throttled=throttled)
            if failure is not None and not throttled:
                self._allow_concurrent(slot.prompt)
            self.breaker.withdraw_probe(slot.probe)
            events += self._take_breaker_events()
            self._notify_next()
            given_up = self.breaker.given_up
        # Outside the lock: the callback may be slow, and no other thread should wait for it.
        for event in events:
            if event is not None and self.on_event is not None:
                self.on_event(event)
        return given_up

    def _record_recovery(self, now: float, sent_at: float) -> None:
        """The service works. After an outage the number in flight grows again from small."""
        if self.breaker.record_answer(now, sent_at):
            self._concurrency.restart()

    def _take_breaker_events(self) -> list[dict[str, Any] | None]:
        """What the breaker did, as events."""
        facts, self.breaker.events = self.breaker.events, []
        return [self._note(**event) for event in facts]

    def _allow_concurrent(self, prompt: str) -> None:
        if self._warm_up.allow_concurrent(prompt):
            self._notify_next()

    def _record_answer(self, slot: Slot, used: Mapping[Meter, float]) -> None:
        self._allow_concurrent(slot.prompt)
        self._rates.record_answer(slot.expected, used)
        grew = self._concurrency.record_answer()
        if grew and (self.limit >= 2 * self._last_noted_limit or self.limit == self._concurrency.ceiling):
            self._note(in_flight_at_most=self.limit)

    def _note(self, **facts: Any) -> dict[str, Any]:
        """Remember a change as an event, and return it."""
        self._last_noted_limit = self.limit
        event = {"seconds": round(self.clock() - self._began, 1), **facts}
        if len(self.events) < MAX_EVENTS:
            self.events.append(event)
        return event

    def _record_throttling(self, slot: Slot, retry_after: float | None, now: float) -> dict[str, Any] | None:
        """Pause all requests, and halve the limit at the first throttled request of a burst.

        Returns the event of the first one; None for later ones of the burst, which can only make the pause longer.
        """
        self.throttled += 1
        # A service that names a millisecond, again and again, would otherwise be flooded.
        pause = max(self.default_pause, retry_after or 0.0)
        self._paused_until = max(self._paused_until, now + pause)
        # A new burst can begin only with a request that was sent after the first throttled request of this one.
        if slot.burst != self._burst:
            return None
        self._burst += 1
        self._concurrency.record_throttling(self._in_flight)
        return self._note(in_flight_at_most=self.limit, pause=pause)

    def report(self) -> dict[str, Any]:
        """The limits of the run in the form of ``limits`` in `run.json`."""
        with self._lock:
            rates = self._rates.per_minute()
        return {
            "concurrency_at_most": self._concurrency.ceiling,
            "concurrency_at_the_end": self.limit,
            "refusals": self.throttled,
            "waited_seconds": round(self.waited, 1),
            "per_minute": rates,
            "history": self.events,
        }
