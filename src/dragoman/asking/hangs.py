"""Tell a service that hangs from one that is down: each failure since the last answer was a time-out.

A hanging service takes the request, and perhaps the money, and answers nothing. Trying for as long as in an outage
would cost one time-out, and may cost one answer, for each try; and the time-out may simply be too short.

There is no lock and no clock here: the `breaker` says what happened.
"""

from __future__ import annotations

HANGING_PROBES = 5
"""Probes in a row that timed out, and the breaker gives up at once. Each may be charged, and `--timeout` may simply be
too short. With the row before them that is ten requests."""


class Hangs:
    """Whether the failures since the last answer are time-outs only."""

    def __init__(self) -> None:
        self._only_late = True

    @property
    def suspected(self) -> bool:
        """Whether no failure since the last answer was anything but a time-out (true before the first)."""
        return self._only_late

    def failed(self, *, late: bool) -> None:
        """One more failure; ``late`` when nothing whole came in the time allowed."""
        self._only_late = self._only_late and late

    def answered(self) -> None:
        """The service answered: failures count from here."""
        self._only_late = True

    def certain(self, probes: int) -> bool:
        """Whether so many failed probes, all of them late, leave no doubt."""
        return self._only_late and probes >= HANGING_PROBES
