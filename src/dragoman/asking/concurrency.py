"""How many requests may be in flight: grows with answers, halves with refusals.

At first it grows by one for each answer, so it doubles with each round. The first refusal shows where the service's
limit is: the number is halved, and from then on grows by one for each round of answers only.

There is no lock here: the `limiter` holds its own around every call, and says what is the first refusal of a burst.
"""

from __future__ import annotations

START = 4
"""Requests in flight at first, where no number was asked for."""
CEILING = 64
"""Requests in flight at most, where no number was asked for."""


class Concurrency:
    """``asked`` None starts with `START` and grows to `CEILING`; a number is both where it starts and its ceiling."""

    def __init__(self, asked: int | None = None) -> None:
        self.ceiling = asked or CEILING
        self._limit = float(asked or START)
        self._steep = True
        """Whether it grows by one for each answer: until the first refusal."""

    @property
    def limit(self) -> int:
        """Requests that may be in flight now; one at least."""
        return max(1, int(self._limit))

    def answered(self) -> bool:
        """A request was answered. Returns whether the limit could still grow."""
        if self._limit >= self.ceiling:
            return False
        self._limit = min(self.ceiling, self._limit + (1 if self._steep else 1 / self._limit))
        return True

    def refused(self, in_flight: int) -> None:
        """The service refused the first request of a burst, with ``in_flight`` others under way. Half of what it could
        not take: a ceiling that was never reached says nothing."""
        self._steep = False
        self._limit = max(1.0, min(self._limit, in_flight + 1) / 2)

    def restart(self) -> None:
        """Grow again from small, after an outage: all that waited would otherwise leave at once for a service that has
        just come back."""
        self._limit = min(self._limit, float(START))
        self._steep = True
