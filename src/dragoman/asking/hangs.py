"""Tell a service that hangs from one that is down: it hangs when every failure since the last answer was a timeout.

A hanging service accepts the request, and perhaps charges for it, but sends no answer. Retrying for as long as in an
outage would cost one timeout, and perhaps the price of one answer, for each attempt. The timeout may also simply be too
short.

This module has no lock and no clock: the `breaker` reports what happened.
"""

from __future__ import annotations

HANGING_PROBES = 5
"""Consecutive probes that must time out before the breaker gives up. Each may be charged, and the timeout may simply be
too short. With the five failures that open the breaker, that makes ten requests."""


class Hangs:
    """Whether all failures since the last answer are timeouts."""

    def __init__(self) -> None:
        self._only_timeouts = True

    @property
    def suspected(self) -> bool:
        """Whether every failure since the last answer was a timeout (true before the first failure)."""
        return self._only_timeouts

    def record_failure(self, *, timed_out: bool) -> None:
        """Record a failure; ``timed_out`` is true when no complete reply came in the time allowed."""
        self._only_timeouts = self._only_timeouts and timed_out

    def record_answer(self) -> None:
        """Record an answer: only later failures count from now on."""
        self._only_timeouts = True

    def certain(self, failed_probes: int) -> bool:
        """Whether this many failed probes, all of them timeouts, show that the service hangs."""
        return self._only_timeouts and failed_probes >= HANGING_PROBES
