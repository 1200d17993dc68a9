"""Limits of requests and tokens per minute, the user's and the service's, kept with one leaky bucket for each.

This module has no lock and no clock: the `limiter` holds its own lock around every call and passes the time in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Meter = Literal["requests", "input_tokens", "output_tokens"]
METERS: tuple[Meter, ...] = ("requests", "input_tokens", "output_tokens")

BURST_SECONDS = 1.0
"""How much of a rate may be used at once: the amount of one second, as services count."""

_HEADROOM: Mapping[Meter, float] = {"requests": 1}
"""What is left unused of the remainder that a service reports: requests that overtake each other are not rejected."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a service reports about one meter: its limit and what is left now (None when the service does not say)."""

    per_minute: float
    remaining: float | None = None


@dataclass(slots=True)
class Bucket:
    """One meter. ``free_at`` is when the next unit may be used; it lies in the past while units are saved up."""

    user_rate: float | None
    """Units per second that the user allows; None without a limit of the user."""
    rate: float
    """Units per second in force."""
    free_at: float
    burst: float = BURST_SECONDS
    """Seconds of the rate that may be saved up."""
    service_per_minute: float | None = None
    """The rate that the service last reported; None before it reported one."""

    def reserve(self, amount: float, now: float) -> float:
        """Take ``amount`` and return the seconds until it may be used. A debt delays what follows."""
        start = max(self.free_at, now - self.burst)
        self.free_at = start + amount / self.rate
        return max(0.0, start - now)

    def correct(self, difference: float) -> None:
        """Take more, or return some, once the amount actually used is known."""
        self.free_at += difference / self.rate

    def update(self, limit: Limit, in_flight: float, now: float) -> bool:
        """Apply what the service reports: its rate, if lower than the user's, and what is left of it.

        ``in_flight`` is what was sent and may not be counted in ``limit.remaining`` yet. Returns whether the service
        reports a different rate than before.
        """
        reported_rate = limit.per_minute / 60
        if reported_rate > 0:
            self.rate = min(reported_rate, self.user_rate) if self.user_rate else reported_rate
        self._apply_remaining(limit, in_flight, now)
        before, self.service_per_minute = self.service_per_minute, limit.per_minute
        return before != self.service_per_minute

    def _apply_remaining(self, limit: Limit, in_flight: float, now: float) -> None:
        """Apply what is left, if the service reports it."""
        if limit.remaining is None:
            return
        left = max(0.0, limit.remaining - in_flight) / self.rate
        if self.user_rate is None and left > 0:
            self.burst = max(BURST_SECONDS, left)
            self.free_at = now - left
        else:
            self.free_at = max(self.free_at, now - left)


class Rates:
    """All meters of one limiter. ``per_minute`` holds the user's limits; the service adds its own.

    Times are in seconds of any clock; ``now`` is when the limiter was created.
    """

    def __init__(self, per_minute: Mapping[Meter, float], now: float) -> None:
        self._buckets: dict[Meter, Bucket] = {
            meter: Bucket(amount / 60, amount / 60, now) for meter, amount in per_minute.items()
        }
        self._in_flight: dict[Meter, float] = dict.fromkeys(METERS, 0.0)
        self._output_tokens = 0.0
        self.answers = 0
        """Requests answered so far."""

    @property
    def in_flight(self) -> Mapping[Meter, float]:
        """What the requests in flight are expected to use, by meter."""
        return self._in_flight

    def __contains__(self, meter: Meter) -> bool:
        """Whether a meter is limited, so that an estimate is useful."""
        return meter in self._buckets

    def blocked_beyond(self, when: float) -> Meter | None:
        """A meter of which nothing may be used until after ``when``; None if there is none."""
        return next((meter for meter, bucket in self._buckets.items() if bucket.free_at > when), None)

    def take(self, input_tokens: float, now: float) -> tuple[Mapping[Meter, float], float]:
        """Take what one request is expected to use; returns that, and the seconds until it may be sent.

        The expected output is the mean of the answers so far.
        """
        mean_output = self._output_tokens / self.answers if self.answers else 0.0
        expected: dict[Meter, float] = {"requests": 1, "input_tokens": input_tokens, "output_tokens": mean_output}
        for meter, amount in expected.items():
            self._in_flight[meter] += amount
        waits = [bucket.reserve(expected[meter], now) for meter, bucket in self._buckets.items()]
        return expected, max(waits, default=0.0)

    def give_back(self, expected: Mapping[Meter, float]) -> None:
        """Return what was taken for a request that was not sent after all."""
        self.record_end(expected)
        for meter, amount in expected.items():
            if meter in self._buckets:
                self._buckets[meter].correct(-amount)

    def record_end(self, expected: Mapping[Meter, float]) -> None:
        """Record that a request is no longer in flight."""
        for meter, amount in expected.items():
            self._in_flight[meter] -= amount

    def record_answer(self, expected: Mapping[Meter, float], used: Mapping[Meter, float]) -> None:
        """Record an answer; what it ``used`` corrects what was expected, if the service reports it."""
        self.answers += 1
        self._output_tokens += used.get("output_tokens", 0)
        for meter, bucket in self._buckets.items():
            if meter in used:
                bucket.correct(used[meter] - expected[meter])

    def update(self, limits: Mapping[Meter, Limit], now: float) -> dict[Meter, float]:
        """Apply the limits that the service reports; returns those that changed, per minute."""
        return {
            meter: limit.per_minute
            for meter, limit in limits.items()
            if self._bucket(meter, limit, now).update(limit, self._in_flight[meter] + _HEADROOM.get(meter, 0), now)
        }

    def per_minute(self) -> dict[Meter, int]:
        """The rates in force."""
        return {meter: round(bucket.rate * 60) for meter, bucket in self._buckets.items()}

    def _bucket(self, meter: Meter, limit: Limit, now: float) -> Bucket:
        return self._buckets.setdefault(meter, Bucket(None, max(limit.per_minute, 1) / 60, now))
