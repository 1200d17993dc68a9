"""How far a run is, in words for people: what is done, how fast, for how much, how long still, what is waited for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

RECENT = 100
"""Articles that the rate is taken from, the last ones: a service that slows down is seen within as many."""


class Pace:
    """Counts articles done, in any order. ``clock`` is in seconds; one thread at a time may `add`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._all: deque[float] = deque(maxlen=RECENT)
        self._worked: deque[float] = deque(maxlen=RECENT)
        self.done = 0

    def add(self, *, known: bool = False) -> None:
        """One more is done. What was ``known`` before says nothing of the pace of the others, once there are any."""
        self.done += 1
        now = self._clock()
        self._all.append(now)
        if not known:
            self._worked.append(now)

    def per_minute(self) -> float | None:
        """Articles a minute, lately; None before the first."""
        times = self._worked or self._all
        if not times:
            return None
        whole = len(times) == RECENT
        count, since = (RECENT - 1, times[0]) if whole else (len(times), self._began)
        seconds = self._clock() - since
        return count / seconds * 60 if seconds > 0 else None

    def quiet(self) -> float:
        """Seconds since the last was done, or since the beginning."""
        return self._clock() - (self._all[-1] if self._all else self._began)


@dataclass(frozen=True)
class Progress:
    """How a run stands at one moment. ``spent`` is USD, None where nothing can be spent; ``awaited`` says what the run
    waits for."""

    done: int
    total: int
    per_minute: float | None
    spent: Decimal | None
    awaited: str
    unpriced: int = 0
    """Replies whose price is not known."""
    quiet: float = 0.0
    """Seconds since the last article was done."""

    def rate(self, unit: str) -> str | None:
        """``12 a minute``, ``0.4 a minute``, with the words for the unit as given."""
        many = self.per_minute
        return None if many is None else f"{many:,.0f}{unit}" if many >= 9.95 else f"{many:.1f}{unit}"

    @property
    def money(self) -> str | None:
        """``$0.31``, and four digits below a cent."""
        if self.spent is None:
            return None
        digits = 4 if 0 < self.spent < Decimal("0.01") else 2
        return f"${self.spent:,.{digits}f}" + (" and unknown" if self.unpriced else "")

    @property
    def left(self) -> str | None:
        """``40 s``, ``13 min``, ``2 h 5 min`` at this pace; None when that is not known, or nothing is left.

        What has been quiet for long is taken to be so as long again: the last article may be a slow one.
        """
        rest = self.total - self.done
        if not self.per_minute or not rest:
            return None
        seconds = max(rest / self.per_minute * 60, self.quiet)
        if seconds < 59.5:
            return f"{max(1, round(seconds))} s"
        minutes = round(seconds / 60)
        return f"{minutes} min" if minutes < 90 else f"{minutes // 60:,} h {minutes % 60} min"

    @property
    def sentence(self) -> str:
        """One plain line: ``40 of 200 done, 12 a minute, $0.31, about 13 min left; waiting for the service, 8 s``."""
        left = f"about {self.left} left" if self.left else None
        parts = (f"{self.done:,} of {self.total:,} done", self.rate(" a minute"), self.money, left)
        return ", ".join(part for part in parts if part) + f"; {self.awaited}"
