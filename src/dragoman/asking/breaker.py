"""A circuit breaker: whether the service is taken to be down, and which request may leave to find out.

All requests of one invocation share one. It holds no thread, no lock and no clock: the gate tells it what happened and
when, in seconds of any clock, and does what it says.

A *row* is failures of the service with no answer between. When it is long enough, the breaker opens: nothing leaves but
one probe at a time, after waits that grow. The first answer closes it. It gives up when the outage has lasted longer
than anyone should wait, or when no request may be tried again.

Only failures that this invocation saw count: nothing in here reads the store.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from dragoman.asking.hangs import Hangs
from dragoman.errors import Hint

FAILURES_TO_OPEN = 5
"""Failures in a row that open the breaker. Where a third of all requests fail by chance, five in a row come once in 240
requests: rare enough not to slow down a service that answers. Fewer where fewer requests may be in flight, and one
where nothing was ever answered."""
MIN_FAILURES_TO_OPEN = 2
"""The same with one request in flight, where a row of two already spans seconds."""
MIN_PROBES = 3
"""Probes that must have failed before the breaker gives up, however long each took: a single one that waited ten
minutes for its time-out says little about the service."""
UNREACHED_PROBES = 2
"""Probes without a connection when nothing was ever answered: with the first request that is three tries in about three
seconds. A wrong address is no outage."""


MAX_DOUBLINGS = 30
"""Of a wait: a second doubled so often is 34 years, and no float overflows however long the patience is."""


@dataclass(frozen=True, slots=True)
class BreakerTiming:
    """How long the breaker waits, in seconds."""

    patience: float = 900.0
    """How long an outage may last before the run ends. An outage of ten minutes is survived, with five to spare."""
    unproven: float = 60.0
    """The same where nothing was ever answered, nor turned away for going too fast: a wrong address or a proxy's page
    is then as likely as an outage."""
    first: float = 1.0
    """Before the first probe; doubled for each further one."""
    longest: float = 60.0
    """Between two probes. In the whole `patience` there are about 20 probes, six of them in the first minute; each may
    be charged."""
    second: float = 5.0
    """How old a row must be before a request is tried again that may have been charged already: short outages are over
    by then."""
    last: float = 120.0
    """The same for the last try of a request: twice the minute that an ordinary outage takes."""


class TriesLeft(IntEnum):
    """What a request has left. Those with most left go first as probes."""

    FRESH = 0
    """No attempt of it may have been charged."""
    TRIED = 1
    """At least one may have been charged, and one more may fail the same way."""
    LAST = 2
    """If the next attempt may be charged and fails, there is no other."""


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One attempt that the service failed."""

    request: str
    """Which request, by its key."""
    why: str
    """For people, in a word or two: ``500``, ``timed out``."""
    message: str
    """For people, as a sentence."""
    maybe_paid: bool = False
    reached: bool = True
    """False when no connection was made."""
    late: bool = False
    """Nothing whole came in the time allowed."""
    tries: TriesLeft = TriesLeft.FRESH
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
    """See the module. ``jitter`` gives numbers from 0 to 1: several runs against one service should not come back in
    step.

    ``events`` gets what happens, for `run.json`, as facts without a time; whoever drives the breaker takes them out.
    """

    waits: BreakerTiming = field(default_factory=BreakerTiming)
    jitter: Callable[[], float] = random.random
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.is_open = False
        self.given_up: GiveUpReason | None = None
        self._proven = False
        """Whether a request was ever answered, or turned away for going too fast: then the address is right."""
        self._failures = 0
        """Since the last answer."""
        self._requests: set[str] = set()
        """Those that failed since the last answer, two at most: more are not asked about."""
        self._began = 0.0
        """When the row began."""
        self._reached = False
        self._hangs = Hangs()
        self._all_refused = True
        self._probes = 0
        """Failed ones, since the breaker opened."""
        self._probe_at = 0.0
        self._probing: int | None = None
        """The number of the probe that is on its way."""
        self._number = 0
        self._last: FailedAttempt | None = None

    @property
    def patience(self) -> float:
        """Seconds that an outage may last now."""
        return self.waits.patience if self._proven else min(self.waits.patience, self.waits.unproven)

    def hold(self, tries: TriesLeft, now: float) -> float:
        """Seconds before a request with these tries left may leave; 0 when it may.

        Infinite while a probe is on its way: what comes of it is to be waited for.
        """
        if not self._failures:
            return 0.0
        age = {TriesLeft.FRESH: 0.0, TriesLeft.TRIED: self.waits.second, TriesLeft.LAST: self.waits.last}[tries]
        held = self._began + min(age, self.patience) - now
        if self._probing is not None and (self.is_open or tries is not TriesLeft.FRESH):
            held = float("inf")
        elif self.is_open:
            held = max(held, self._probe_at - now)
        return max(0.0, held)

    def leaves(self, tries: TriesLeft = TriesLeft.FRESH) -> int:
        """A request leaves. Returns the number of its probe, to be given back with what comes of it; 0 for none.

        In a row, a request that is tried again is a probe before the breaker opens, too: those that failed together
        would otherwise use up their tries together.
        """
        if not self.is_open and (not self._failures or tries is TriesLeft.FRESH):
            return 0
        self._number += 1
        self._probing = self._number
        return self._number

    def may_leave(self, probe: int) -> bool:
        """Whether a request that had leave may still go: the breaker may have opened meanwhile."""
        return not self.is_open or (bool(probe) and probe == self._probing)

    def withdrawn(self, probe: int) -> None:
        """A probe did not leave after all, or says nothing about the service: the next one may."""
        if probe and probe == self._probing:
            self._probing = None

    def answered(self, now: float) -> bool:
        """The service answered. Returns whether that closed the breaker after more than being refused: then the
        number in flight should grow again from small."""
        was_open, refused = self.is_open, self._all_refused
        if was_open:
            self.events.append({"outage": "closed", "lasted": round(now - self._began, 1)})
        self._proven = True
        self.is_open, self._probing, self._failures, self._probes = False, None, 0, 0
        self._requests.clear()
        self._hangs.answered()
        self._reached, self._all_refused = False, True
        return was_open and not refused

    def failed(self, failure: FailedAttempt, now: float, *, limit: int, probe: int = 0, refused: bool = False) -> None:
        """The service failed an attempt. ``limit`` is how many requests may be in flight; ``refused`` says that it was
        turned away for going too fast."""
        if not self._failures:
            self._began = now
        self._failures += 1
        if len(self._requests) < 2:
            self._requests.add(failure.request)
        self._reached = self._reached or failure.reached
        self._hangs.failed(late=failure.late)
        self._all_refused = self._all_refused and refused
        self._last = failure
        self._proven = self._proven or refused
        probed = bool(probe) and probe == self._probing
        if probed:
            self._probing = None
        if self.is_open:
            if probed:
                self._probes += 1
                self._wait(failure, now)
                self.events.append(self._facts("probe", now))
        elif probed or self._failures >= (
            min(FAILURES_TO_OPEN, max(MIN_FAILURES_TO_OPEN, limit)) if self._proven else 1
        ):
            self.is_open = True
            self._wait(failure, now)
            self.events.append({**self._facts("opened", now), "failures": self._failures})
        self.given_up = self.given_up or self._verdict(failure, now)
        if self.given_up is not None:
            self.events.append({"outage": "given up", "why": failure.why, "lasted": round(now - self._began, 1)})

    def next_probe(self, now: float) -> float | None:
        """Seconds until the next probe may leave; None when one is on its way or the breaker is closed."""
        return max(0.0, self._probe_at - now) if self.is_open and self._probing is None else None

    @property
    def why(self) -> str:
        """Why the latest attempt failed, in a word or two."""
        return self._last.why if self._last else ""

    def _wait(self, failure: FailedAttempt, now: float) -> None:
        """Set when the next probe leaves: as the service asks, or after a wait that doubles, a quarter more or less."""
        doubled = self.waits.first * 2 ** min(self._probes, MAX_DOUBLINGS)
        grown = min(self.waits.longest, doubled) * (0.75 + self.jitter() / 2)
        self._probe_at = now + (grown if failure.retry_after is None else failure.retry_after)

    def _facts(self, what: str, now: float) -> dict[str, Any]:
        return {"outage": what, "why": self.why, "next_try_in": round(self._probe_at - now, 1)}

    def _verdict(self, failure: FailedAttempt, now: float) -> GiveUpReason | None:
        """Whether to give up now, and why. Never for one request alone that may have been charged: it may be that
        request which the service cannot answer."""
        if not self.is_open or (len(self._requests) < 2 and failure.maybe_paid):
            return None
        lasted = now - self._began
        if not self._reached and not self._proven and self._probes >= UNREACHED_PROBES:
            return GiveUpReason(f"{failure.message} ({self._failures} tries, none reached it)", "address")
        if self._hangs.certain(self._probes):
            return GiveUpReason(f"{self._failures} requests in a row timed out: {failure.message}", "timeout")
        over = lasted >= self.patience and self._probes >= MIN_PROBES
        out_of_tries = failure.tries is TriesLeft.LAST and failure.maybe_paid and lasted >= self._kept_for
        if not over and not out_of_tries:
            return None
        often = f"{self._failures} requests in a row failed within {_span(lasted)}, the last one: {failure.message}"
        hint: Hint = "timeout" if self._hangs.suspected else "later" if self._proven else "address"
        return GiveUpReason(often, hint)

    @property
    def _kept_for(self) -> float:
        """Seconds that last tries are kept back."""
        return min(self.waits.last, self.patience)


def _span(seconds: float) -> str:
    """``45 seconds``, ``15 minutes``."""
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
