"""How many requests are in flight and how fast they leave: adapts to what the service says.

One gate belongs to one invocation; every attempt passes it, in the order of coming. The number in flight grows while
answers come and is halved when the service refuses (429, 529), once per burst; ``retry-after`` holds all requests back.
Requests and tokens a minute are kept under the user's limits and under those that the service names in its headers. The
first request of a prompt goes alone.

Each of these is a module: how many at once is `concurrency`, how fast is `rates`, who goes first is `warm_up`, and what
happens to requests while the service is down is the `breaker`. Here is the line in which requests wait, the lock over
all of it, and the pause after a refusal.
"""

from __future__ import annotations

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
"""Seconds that all requests wait after a refusal that does not say how long."""
MAX_EVENTS = 200
"""Changes of the limit that a run remembers, the first ones."""

POLL_SECONDS = 0.5
"""Seconds after which a waiting thread looks whether the run was stopped."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One passage through the gate."""

    prefix: str
    burst: int
    expected: Mapping[Meter, float]
    probe: int = 0
    """Its number as a probe of the breaker; 0 for none."""


@dataclass(frozen=True, slots=True, eq=False)
class _InLine:
    """One who waits for a slot: ``woken`` when it is worth a look."""

    prefix: str
    tries: TriesLeft
    woken: threading.Condition


@dataclass
class RateLimiter:
    """See the module. ``concurrency`` is as `Concurrency` has it, ``per_minute`` the user's own limit of each meter.

    ``breaker`` serves this gate alone. ``clock`` is in seconds, ``condition`` makes what a request in line waits on, of
    the gate's lock; ``default_pause`` and ``poll_seconds`` are `DEFAULT_PAUSE` and `POLL_SECONDS`. They are arguments
    so that tests wait for nothing.
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
        self._line: list[_InLine] = []
        """Who waits for a slot, in the order of coming."""
        self._in_flight = 0
        self._burst = 0
        self._paused_until = 0.0
        self._warm_up = WarmUp()
        self._began = self.clock()
        self._rates = Rates(self.per_minute, self._began)
        self._failed_burst = -1
        """The latest burst of refusals that the breaker was told of."""
        self._closed: ProviderError | None = None
        self.waited = 0.0
        """Seconds that requests waited here, all threads together: for a rate, a pause, or the first of a prompt."""
        self.refusals = 0
        self.events: list[dict[str, Any]] = []
        """The first `MAX_EVENTS` changes: the limit doubled or at its ceiling, or halved for a refusal (then with the
        pause); a rate that the service named; or what the breaker did."""
        self._noted = self.limit
        self.told: Callable[[dict[str, Any]], None] | None = None
        """Is called with the first refusal of each burst, and with what the breaker does, as `events` has it, by the
        thread that met it."""

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return self._concurrency.limit

    @property
    def answers(self) -> int:
        """Requests that were answered so far."""
        return self._rates.answers

    @property
    def meters_tokens(self) -> bool:
        """Whether input tokens are limited, so that an estimate is of use."""
        return "input_tokens" in self._rates

    @property
    def waiting_for(self) -> str | None:
        """What holds requests back now, for people; None when nothing does."""
        now = self.clock()
        with self._lock:
            if self.breaker.is_open:
                wait = self.breaker.next_probe(now)
                when = "trying one request" if wait is None else f"next try in {wait:.0f} s"
                return f"the service, which fails ({self.breaker.why}): {when}"
            if self._paused_until > now:
                return f"the service, {self._paused_until - now:.0f} s"
            behind = self._rates.behind(now + self.poll_seconds)
        if behind is not None:
            return f"the limit of {behind.replace('_', ' ')} a minute"
        return "the first answer" if self._warm_up.in_progress and not self.answers else None

    def enter(self, prefix: str, input_tokens: int = 0, tries: TriesLeft = TriesLeft.FRESH) -> Slot:
        """Wait until one more request may leave. Raises `Interrupted` when the run is stopped meanwhile, and
        `ProviderError` once the gate is closed.

        ``prefix`` names what requests have in common and the service caches, ``input_tokens`` is an estimate, ``tries``
        is what the request has left.
        """
        began = self.clock()
        while True:
            slot, leaves_at = self._slot(prefix, input_tokens, tries)
            try:
                self._hold(leaves_at)
            except (Interrupted, ProviderError):
                self.leave(slot)
                raise
            with self._lock:
                if self._paused_until <= self.clock() and self.breaker.may_leave(slot.probe):
                    self.waited += self.clock() - began
                    return Slot(prefix, self._burst, slot.expected, slot.probe)
                # Refused meanwhile: back in line, or all that hold a slot would leave at once after the pause.
                self._give_back(slot)

    def _slot(self, prefix: str, input_tokens: int, tries: TriesLeft) -> tuple[Slot, float]:
        """Wait for a slot; returns the passage, and when its rates let it leave."""
        with self._lock:
            me = _InLine(prefix, tries, self.condition(self._lock))
            self._line.append(me)
            try:
                while (wait := self._slot_in(me)) > 0:
                    self._look()
                    me.woken.wait(min(wait, self.poll_seconds))
            finally:
                self._line.remove(me)
            self._in_flight += 1
            now = self.clock()
            self._warm_up.left(prefix, now)
            expected, wait = self._rates.take(input_tokens, now)
            slot = Slot(prefix, self._burst, expected, self.breaker.leaves(tries))
            self._wake()
            return slot, now + wait

    def _slot_in(self, me: _InLine) -> float:
        """Seconds until it is worth asking for a slot; 0 when there is one and nobody before who could take it."""
        now = self.clock()
        if (pause := self._paused_until - now) > 0:
            return pause
        if not self._room():
            return self.poll_seconds
        if next(self._able(now), None) is me:
            return 0.0
        return min(self.breaker.hold(me.tries, now), self.poll_seconds) or self.poll_seconds

    def _room(self) -> bool:
        """Whether one more request may be in flight. Those that left before an outage do not keep its probe back."""
        return self.breaker.is_open or self._in_flight < self.limit

    def _able(self, now: float) -> Iterator[_InLine]:
        """Who in line may leave now: in the order of coming, in an outage first those with most tries left."""
        able = (
            one
            for one in self._line
            if not self._warm_up.holds(one.prefix, now) and self.breaker.hold(one.tries, now) <= 0
        )
        return iter(sorted(able, key=lambda one: one.tries)) if self.breaker.is_open else able

    def _wake(self) -> None:
        """Let as many look for a slot as there are, the first in line. In an outage all: when the next may leave has
        changed."""
        free = max(0, self.limit - self._in_flight)
        for one in self._line if self.breaker.is_open else islice(self._able(self.clock()), free):
            one.woken.notify()

    def _give_back(self, slot: Slot) -> None:
        self._in_flight -= 1
        self._warm_up.ended(slot.prefix)
        self.breaker.withdrawn(slot.probe)
        self._rates.give_back(slot.expected)
        self._wake()

    def _hold(self, until: float) -> None:
        while (left := until - self.clock()) > 0:
            self._look()
            self.stop.wait(min(left, self.poll_seconds))
        self._look()

    def _look(self) -> None:
        if self.stop.is_set():
            raise Interrupted("stopped before this request was sent")
        if self._closed is not None:
            why = self._closed
            raise ProviderError(FailureKind.UNUSABLE, str(why), status=why.status, hint=why.hint, sent=False)

    def close(self, why: ProviderError) -> None:
        """Let nothing more out: no request can pass. Whoever waits here, or comes, is told ``why``."""
        with self._lock:
            self._closed = self._closed or why
            for one in self._line:
                one.woken.notify()

    def leave(
        self,
        slot: Slot,
        *,
        used: Mapping[Meter, float] | None = None,
        limits: Mapping[Meter, Limit] | None = None,
        refused: bool = False,
        retry_after: float | None = None,
        failure: FailedAttempt | None = None,
        well: bool = False,
    ) -> GiveUpReason | None:
        """The request is over. ``used`` is set when it was answered, ``refused`` on 429 and 529, ``failure`` for these
        and for any other trouble of the service's own. ``well`` says that the service took a look at the request and
        does not want it: no answer, but no trouble either. Returns why the service is given up, once it is."""
        with self._lock:
            now = self.clock()
            self._in_flight -= 1
            self._warm_up.ended(slot.prefix)
            self._rates.over(slot.expected)
            if limits and (named := self._rates.hear(limits, now)):
                self._note(per_minute=named)
            if used is not None or well:
                self._recovered(now)
            if used is not None:
                self._answered(slot, used)
            # All refusals of one burst are one failure: they say no more than the first.
            counts = failure is not None and (not refused or slot.probe or slot.burst != self._failed_burst)
            told = [self._refused(slot, retry_after, now)] if refused else []
            if failure is not None and counts:
                self._failed_burst = slot.burst if refused else self._failed_burst
                self.breaker.failed(failure, now, limit=self.limit, probe=slot.probe, refused=refused)
            if failure is not None and not refused:
                self._let_together(slot.prefix)
            self.breaker.withdrawn(slot.probe)
            told += self._of_breaker()
            self._wake()
            given_up = self.breaker.given_up
        # Outside the lock: whoever is told may be slow, and nobody else is to wait for that.
        for event in told:
            if event is not None and self.told is not None:
                self.told(event)
        return given_up

    def _recovered(self, now: float) -> None:
        """The service is there. After an outage the number in flight grows again from small."""
        if self.breaker.answered(now):
            self._concurrency.restart()

    def _of_breaker(self) -> list[dict[str, Any] | None]:
        """What the breaker did, as events."""
        done, self.breaker.events = self.breaker.events, []
        return [self._note(**facts) for facts in done]

    def _let_together(self, prefix: str) -> None:
        if self._warm_up.let_together(prefix):
            self._wake()

    def _answered(self, slot: Slot, used: Mapping[Meter, float]) -> None:
        self._let_together(slot.prefix)
        self._rates.answered(slot.expected, used)
        if self._concurrency.answered() and (self.limit >= 2 * self._noted or self.limit == self._concurrency.ceiling):
            self._note(in_flight_at_most=self.limit)

    def _note(self, **facts: Any) -> dict[str, Any]:
        """Remember a change as an event."""
        self._noted = self.limit
        event = {"seconds": round(self.clock() - self._began, 1), **facts}
        if len(self.events) < MAX_EVENTS:
            self.events.append(event)
        return event

    def _refused(self, slot: Slot, retry_after: float | None, now: float) -> dict[str, Any] | None:
        """Pause, and halve the limit at the first refusal of a burst; returns what happened then, None for the others,
        which can only make the pause longer."""
        self.refusals += 1
        pause = self.default_pause if retry_after is None else retry_after
        self._paused_until = max(self._paused_until, now + pause)
        # Only what was sent after the service had refused the first of a burst begins another.
        if slot.burst != self._burst:
            return None
        self._burst += 1
        self._concurrency.refused(self._in_flight)
        return self._note(in_flight_at_most=self.limit, pause=pause)

    def facts(self) -> dict[str, Any]:
        """What a run remembers of its limits."""
        with self._lock:
            rates = self._rates.per_minute()
        return {
            "concurrency_at_most": self._concurrency.ceiling,
            "concurrency_at_the_end": self.limit,
            "refusals": self.refusals,
            "waited_seconds": round(self.waited, 1),
            "per_minute": rates,
            "history": self.events,
        }
