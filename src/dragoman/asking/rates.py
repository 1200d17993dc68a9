"""Requests and tokens per minute: what the service says about them, and the buckets that keep to them.

There is no lock and no clock here: the `limiter` holds its own lock around every call, and says what time it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Meter = Literal["requests", "input_tokens", "output_tokens"]
METERS: tuple[Meter, ...] = ("requests", "input_tokens", "output_tokens")

BURST_SECONDS = 1.0
"""How much of a rate may leave at once: a second's worth, as services count."""

_SLACK: Mapping[Meter, float] = {"requests": 1}
"""What is left alone of what a service says is left: requests that overtake one another are not refused for it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a service says of one meter: so many a minute, so many left now (None when it does not say)."""

    per_minute: float
    remaining: float | None = None


@dataclass(slots=True)
class Bucket:
    """One meter. ``free_at`` is when the next unit may leave; it lies in the past as far as units were saved up."""

    asked: float | None
    """Per second, as the user wants it; None without a wish."""
    rate: float
    free_at: float
    saved: float = BURST_SECONDS
    """Seconds of the rate that may be saved up."""

    def reserve(self, amount: float, now: float) -> float:
        """Take ``amount``; returns the seconds until it may leave. What is taken is owed: it delays what follows."""
        start = max(self.free_at, now - self.saved)
        self.free_at = start + amount / self.rate
        return max(0.0, start - now)

    def correct(self, difference: float) -> None:
        """Take more, or give back, when what was used is known."""
        self.free_at += difference / self.rate

    heard: float | None = None
    """The service's own rate a minute, as it last named it."""

    def hear(self, limit: Limit, on_the_way: float, now: float) -> bool:
        """The service's own words: its rate, if it is lower than the one asked for, and what is left of it. Returns
        whether it names another rate than before.

        ``on_the_way`` is what was let go and may not be counted in ``limit.remaining`` yet.
        """
        told = limit.per_minute / 60
        if told > 0:
            self.rate = min(told, self.asked) if self.asked else told
        self._count(limit, on_the_way, now)
        before, self.heard = self.heard, limit.per_minute
        return before != self.heard

    def _count(self, limit: Limit, on_the_way: float, now: float) -> None:
        """What is left, where the service says it."""
        if limit.remaining is None:
            return
        left = max(0.0, limit.remaining - on_the_way) / self.rate
        if self.asked is None and left > 0:
            self.saved = max(BURST_SECONDS, left)
            self.free_at = now - left
        else:
            self.free_at = max(self.free_at, now - left)


class Rates:
    """All meters of one gate. ``per_minute`` is what the user allows of each; the service adds its own limits.

    Seconds are of any clock; ``now`` is the moment at which the gate was made.
    """

    def __init__(self, per_minute: Mapping[Meter, float], now: float) -> None:
        self._buckets: dict[Meter, Bucket] = {
            meter: Bucket(many / 60, many / 60, now) for meter, many in per_minute.items()
        }
        self._on_the_way: dict[Meter, float] = dict.fromkeys(METERS, 0.0)
        """What was let go and has not come back."""
        self._outputs = 0.0
        self.answers = 0
        """Requests that were answered so far."""

    @property
    def on_the_way(self) -> Mapping[Meter, float]:
        """What requests in flight are expected to use, by meter."""
        return self._on_the_way

    def __contains__(self, meter: Meter) -> bool:
        """Whether a meter is limited, so that an estimate is of use."""
        return meter in self._buckets

    def behind(self, when: float) -> Meter | None:
        """A meter of which nothing may leave until after ``when``."""
        return next((meter for meter, bucket in self._buckets.items() if bucket.free_at > when), None)

    def take(self, input_tokens: float, now: float) -> tuple[Mapping[Meter, float], float]:
        """Take what one request is expected to use; returns that, and the seconds until it may leave. Its output is
        taken to be what answers usually have."""
        usual = self._outputs / self.answers if self.answers else 0.0
        expected: dict[Meter, float] = {"requests": 1, "input_tokens": input_tokens, "output_tokens": usual}
        for meter, amount in expected.items():
            self._on_the_way[meter] += amount
        waits = [bucket.reserve(expected[meter], now) for meter, bucket in self._buckets.items()]
        return expected, max(waits, default=0.0)

    def give_back(self, expected: Mapping[Meter, float]) -> None:
        """A request did not leave after all."""
        self.over(expected)
        for meter, amount in expected.items():
            if meter in self._buckets:
                self._buckets[meter].correct(-amount)

    def over(self, expected: Mapping[Meter, float]) -> None:
        """A request is no longer under way."""
        for meter, amount in expected.items():
            self._on_the_way[meter] -= amount

    def answered(self, expected: Mapping[Meter, float], used: Mapping[Meter, float]) -> None:
        """A request was answered; what it ``used`` corrects what was expected, where the service says it."""
        self.answers += 1
        self._outputs += used.get("output_tokens", 0)
        for meter, bucket in self._buckets.items():
            if meter in used:
                bucket.correct(used[meter] - expected[meter])

    def hear(self, limits: Mapping[Meter, Limit], now: float) -> dict[Meter, float]:
        """What the service says about its limits; returns those that it names otherwise than before, per minute."""
        return {
            meter: limit.per_minute
            for meter, limit in limits.items()
            if self._bucket(meter, limit, now).hear(limit, self._on_the_way[meter] + _SLACK.get(meter, 0), now)
        }

    def per_minute(self) -> dict[Meter, int]:
        """The rates in force."""
        return {meter: round(bucket.rate * 60) for meter, bucket in self._buckets.items()}

    def _bucket(self, meter: Meter, limit: Limit, now: float) -> Bucket:
        return self._buckets.setdefault(meter, Bucket(None, max(limit.per_minute, 1) / 60, now))
