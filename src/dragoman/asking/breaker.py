"""A circuit breaker: decides whether the service counts as down, and which request may be sent to find out.

All requests of one invocation share one breaker. It has no thread, no lock and no clock: the limiter reports what
happened and when, in seconds of any clock, and does what the breaker says.

A *streak* is a sequence of failures of the service with no answer between them. When it is long enough, the breaker
opens: only one request at a time is sent, a *probe*, after waits that grow. The first answer closes the breaker. It
gives up when the outage has lasted longer than the user's patience, or when no request may be tried again.

Only failures that this invocation saw count: nothing here reads the store.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from dragoman.asking.hangs import Hangs
from dragoman.core.text import time_span
from dragoman.errors import Hint

FAILURES_TO_OPEN = 5
"""Consecutive failures that open the breaker. If a third of all requests fail at random, five in a row occur once in
240 requests: rarely enough not to slow down a service that answers. The number is lower if fewer requests may be in
flight, and one if the service has never answered."""
MIN_FAILURES_TO_OPEN = 2
"""The same with one request in flight: two consecutive failures then already span seconds."""
MIN_PROBES = 3
"""Probes that must have failed before the breaker gives up, however long each took: a single probe that waited ten
minutes for its timeout says little about the service."""
UNREACHED_PROBES = 2
"""Probes without a connection after which the breaker gives up, if the service has never answered. With the first
request, that is three attempts in about three seconds. A wrong address is not an outage."""

MAX_DOUBLINGS = 30
"""How often a wait is doubled at most: one second doubled 30 times is 34 years, and no float overflows however long the
patience is."""


@dataclass(frozen=True, slots=True)
class BreakerTiming:
    """How long the breaker waits, in seconds."""

    patience: float = 900.0
    """How long an outage may last before the run ends. A run survives an outage of ten minutes with five to spare."""
    unproven_patience: float = 60.0
    """The same if the service has never answered or throttled a request: a wrong address or a proxy's page is then as
    likely as an outage."""
    first_wait: float = 1.0
    """Before the first probe; doubled for each further probe. The service can ask for a longer wait, but not for a
    shorter one."""
    longest_wait: float = 60.0
    """Longest wait between two probes. The full `patience` allows about 20 probes, six of them in the first minute;
    each may be charged."""
    second_try_age: float = 5.0
    """How old a streak must be before a request is retried that may already have been charged: short outages are over
    by then."""
    last_try_age: float = 120.0
    """The same for the last try of a request: twice the minute that an ordinary outage takes."""


class TriesLeft(IntEnum):
    """How many tries a request has left. Requests with the most tries left are sent first as probes."""

    FRESH = 0
    """No attempt may have been charged yet."""
    TRIED = 1
    """At least one attempt may have been charged, and one more may fail the same way."""
    LAST = 2
    """If the next attempt fails and may be charged, there is no further attempt."""


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One attempt that failed because of the service."""

    request: str
    """The key of the request."""
    why: str
    """For people, in a word or two: ``500``, ``timed out``."""
    message: str
    """For people, as a sentence."""
    maybe_paid: bool = False
    reached: bool = True
    """False when no connection was established."""
    timed_out: bool = False
    """True when no complete reply came in the time allowed."""
    tries_left: TriesLeft = TriesLeft.FRESH
    """What the request had left before this attempt."""
    retry_after: float | None = None
    """Seconds that the service asked to wait."""


@dataclass(frozen=True, slots=True)
class GiveUpReason:
    """Why the breaker gave up, and what helps."""

    message: str
    hint: Hint


@dataclass
class Breaker:
    """The breaker of one invocation; see the module.

    ``jitter`` returns numbers from 0 to 1: several runs against one service should not retry in step. ``events``
    collects what happens, for `run.json`, without times; the limiter takes the events out.
    """

    timing: BreakerTiming = field(default_factory=BreakerTiming)
    jitter: Callable[[], float] = random.random
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.is_open = False
        self.given_up: GiveUpReason | None = None
        self._proven = False
        """Whether the service has ever answered or throttled a request: then the address is right."""
        self._failures = 0
        """Failures since the last answer."""
        self._failed_requests: set[str] = set()
        """Keys of requests that failed since the last answer; two at most, because only "more than one" matters."""
        self._streak_began = 0.0
        self._may_last = False
        """Whether the streak that ended last was ended only by answers to requests that were sent before it began: they
        may have been on their way, and say little about the service now."""
        self._reached = False
        self._hangs = Hangs()
        self._all_throttled = True
        self._failed_probes = 0
        """Probes that failed since the breaker opened."""
        self._probe_at = 0.0
        self._probe_in_flight: int | None = None
        """The number of the probe in flight."""
        self._probe_count = 0
        self._last_failure: FailedAttempt | None = None

    @property
    def patience(self) -> float:
        """Seconds that an outage may last now."""
        return self.timing.patience if self._proven else min(self.timing.patience, self.timing.unproven_patience)

    def wait_for(self, tries_left: TriesLeft, now: float) -> float:
        """Seconds before a request with these tries left may be sent; 0 when it may be sent now.

        Infinite while a probe is in flight: its outcome must be awaited.
        """
        if not self._failures and (tries_left is TriesLeft.FRESH or not self._may_last):
            return 0.0
        ages = {
            TriesLeft.FRESH: 0.0,
            TriesLeft.TRIED: self.timing.second_try_age,
            # After an answer the outage is probably over: the long wait of a last try would only hold up the run.
            TriesLeft.LAST: self.timing.last_try_age if self._failures else self.timing.second_try_age,
        }
        wait = self._streak_began + min(ages[tries_left], self.patience) - now
        if self._probe_in_flight is not None and (self.is_open or tries_left is not TriesLeft.FRESH):
            wait = float("inf")
        elif self.is_open:
            wait = max(wait, self._probe_at - now)
        return max(0.0, wait)

    def start_request(self, tries_left: TriesLeft = TriesLeft.FRESH) -> int:
        """Record that a request is about to be sent. Returns the number of its probe, 0 if it is not a probe.

        The number is passed back with the outcome. During a streak, a request that is retried is a probe even before
        the breaker opens: otherwise requests that failed together would use up their tries together.
        """
        if not self.is_open and (not self._failures or tries_left is TriesLeft.FRESH):
            return 0
        self._probe_count += 1
        self._probe_in_flight = self._probe_count
        return self._probe_count

    def may_send(self, probe: int) -> bool:
        """Whether a request that was admitted may still be sent: the breaker may have opened meanwhile."""
        return not self.is_open or (bool(probe) and probe == self._probe_in_flight)

    def withdraw_probe(self, probe: int) -> None:
        """Record that a probe was not sent after all, or says nothing about the service: the next probe may go."""
        if probe and probe == self._probe_in_flight:
            self._probe_in_flight = None

    def record_answer(self, now: float, sent_at: float = math.inf) -> bool:
        """Record an answer of the service, to a request that was sent at ``sent_at``.

        It ends a streak. If the request was sent before the streak began, requests that have already failed go on
        waiting as in the streak, until a later request is answered: one answer that was on its way must not let them
        use up their tries in the same outage.

        Returns whether it closed the breaker after failures other than throttling: then the number in flight should
        grow again from small.
        """
        was_open, only_throttled = self.is_open, self._all_throttled
        if was_open:
            self.events.append({"outage": "closed", "lasted": round(now - self._streak_began, 1)})
        self._may_last = (self._may_last or self._failures > 0) and sent_at < self._streak_began
        self._proven = True
        self.is_open, self._probe_in_flight, self._failures, self._failed_probes = False, None, 0, 0
        self._failed_requests.clear()
        self._hangs.record_answer()
        self._reached, self._all_throttled = False, True
        return was_open and not only_throttled

    def record_failure(
        self, failure: FailedAttempt, now: float, *, limit: int, probe: int = 0, throttled: bool = False
    ) -> None:
        """Record an attempt that failed because of the service.

        ``limit`` is how many requests may be in flight; ``throttled`` says that the service turned the request away
        before any work.
        """
        if not self._failures:
            self._streak_began = now
        self._failures += 1
        if len(self._failed_requests) < 2:
            self._failed_requests.add(failure.request)
        self._reached = self._reached or failure.reached
        self._hangs.record_failure(timed_out=failure.timed_out)
        self._all_throttled = self._all_throttled and throttled
        self._last_failure = failure
        self._proven = self._proven or throttled
        probed = bool(probe) and probe == self._probe_in_flight
        if probed:
            self._probe_in_flight = None
        if self.is_open:
            if probed:
                self._failed_probes += 1
                self._schedule_probe(failure, now)
                self.events.append(self._event("probe", now))
        elif probed or self._failures >= self._failures_to_open(limit):
            self.is_open = True
            self._schedule_probe(failure, now)
            self.events.append({**self._event("opened", now), "failures": self._failures})
        self.given_up = self.given_up or self._reason_to_give_up(failure, now)
        if self.given_up is not None:
            self.events.append({"outage": "given up", "why": failure.why, "lasted": round(now - self._streak_began, 1)})

    def next_probe_in(self, now: float) -> float | None:
        """Seconds until the next probe may be sent; None when one is in flight or the breaker is closed."""
        return max(0.0, self._probe_at - now) if self.is_open and self._probe_in_flight is None else None

    @property
    def why(self) -> str:
        """Why the latest attempt failed, in a word or two."""
        return self._last_failure.why if self._last_failure else ""

    def _failures_to_open(self, limit: int) -> int:
        return min(FAILURES_TO_OPEN, max(MIN_FAILURES_TO_OPEN, limit)) if self._proven else 1

    def _schedule_probe(self, failure: FailedAttempt, now: float) -> None:
        """Set the time of the next probe: as the service asks (after `first_wait` at least), or after a wait that
        doubles, ± 25 %."""
        doubled = self.timing.first_wait * 2 ** min(self._failed_probes, MAX_DOUBLINGS)
        wait = min(self.timing.longest_wait, doubled) * (0.75 + self.jitter() / 2)
        self._probe_at = now + (
            wait if failure.retry_after is None else max(self.timing.first_wait, failure.retry_after)
        )

    def _event(self, what: str, now: float) -> dict[str, Any]:
        return {"outage": what, "why": self.why, "next_try_in": round(self._probe_at - now, 1)}

    def _reason_to_give_up(self, failure: FailedAttempt, now: float) -> GiveUpReason | None:
        """The reason to give up now, if there is one.

        A single request that may have been charged is never a reason: the service may be unable to answer that request.
        """
        if not self.is_open or (len(self._failed_requests) < 2 and failure.maybe_paid):
            return None
        lasted = now - self._streak_began
        if not self._reached and not self._proven and self._failed_probes >= UNREACHED_PROBES:
            return GiveUpReason(f"{failure.message} ({self._failures} attempts, no connection)", "address")
        if self._hangs.certain(self._failed_probes):
            return GiveUpReason(f"{self._failures} requests in a row timed out: {failure.message}", "timeout")
        over = lasted >= self.patience and self._failed_probes >= MIN_PROBES
        out_of_tries = failure.tries_left is TriesLeft.LAST and failure.maybe_paid and lasted >= self._last_try_wait
        if not over and not out_of_tries:
            return None
        failed = f"{self._failures} requests in a row failed within {time_span(lasted)}"
        message = f"{failed}; the last error: {failure.message}"
        hint: Hint = "timeout" if self._hangs.suspected else "later" if self._proven else "address"
        return GiveUpReason(message, hint)

    @property
    def _last_try_wait(self) -> float:
        """Seconds for which last tries are held back."""
        return min(self.timing.last_try_age, self.patience)
