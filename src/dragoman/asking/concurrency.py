"""How many requests may be in flight: grows with each answer, is halved when the service throttles.

At first it grows by one for each answer, so it doubles with each round of answers. The first throttled request (429,
503 or 529) shows where the limit of the service is: the number is halved, and from then on grows by one for each round.

This module has no lock: the `limiter` holds its own around every call, and decides which throttled request is the first
of a burst.
"""

from __future__ import annotations

START = 4
"""Requests in flight at the start, if the user requested no number."""
CEILING = 64
"""Maximum requests in flight, if the user requested no number."""


class Concurrency:
    """``requested`` None starts with `START` and grows to `CEILING`; a number is both the start and the ceiling."""

    def __init__(self, requested: int | None = None) -> None:
        self.ceiling = requested or CEILING
        self._limit = float(requested or START)
        self._doubling = True
        """Whether it grows by one for each answer, as it does until the first throttled request."""

    @property
    def limit(self) -> int:
        """Requests that may be in flight now, at least one."""
        return max(1, int(self._limit))

    def record_answer(self) -> bool:
        """Grow after an answer. Returns False when the ceiling was already reached."""
        if self._limit >= self.ceiling:
            return False
        self._limit = min(self.ceiling, self._limit + (1 if self._doubling else 1 / self._limit))
        return True

    def record_throttling(self, in_flight: int) -> None:
        """Halve after the first throttled request of a burst, while ``in_flight`` others were under way.

        Halves the number that the service did not accept: a ceiling that was never reached says nothing about it.
        """
        self._doubling = False
        self._limit = max(1.0, min(self._limit, in_flight + 1) / 2)

    def restart(self) -> None:
        """Grow again from `START` after an outage: otherwise all waiting requests would be sent at once to a service
        that has just recovered."""
        self._limit = min(self._limit, float(START))
        self._doubling = True
