"""Requests and tokens a minute: what the service says of them, and the bucket that keeps to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Meter = Literal["requests", "input_tokens", "output_tokens"]
METERS: tuple[Meter, ...] = ("requests", "input_tokens", "output_tokens")

BURST_SECONDS = 1.0
"""How much of a rate may leave at once: a second's worth, as services count."""


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
