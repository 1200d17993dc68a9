"""How far a run is, in words: articles done, rate, cost, time left, and what it waits for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

RECENT = 100
"""The rate is that of the last 100 articles: a service that slows down shows within as many."""


class Pace:
    """Counts finished articles, in any order. ``clock`` returns seconds; one thread at a time may `add`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._all: deque[float] = deque(maxlen=RECENT)
        self._worked: deque[float] = deque(maxlen=RECENT)
        self.done = 0

    def add(self, *, stored: bool = False) -> None:
        """Count one more article. A ``stored`` one, without a request, affects the rate only while all are stored."""
        self.done += 1
        now = self._clock()
        self._all.append(now)
        if not stored:
            self._worked.append(now)

    def per_minute(self) -> float | None:
        """The current rate in articles per minute; None before the first article."""
        times = self._worked or self._all
        if not times:
            return None
        whole = len(times) == RECENT
        count, since = (RECENT - 1, times[0]) if whole else (len(times), self._began)
        seconds = self._clock() - since
        return count / seconds * 60 if seconds > 0 else None

    def quiet(self) -> float:
        """Seconds since the last article was finished, or since the beginning."""
        return self._clock() - (self._all[-1] if self._all else self._began)


@dataclass(frozen=True)
class Progress:
    """The state of a run at one moment. ``spent`` is in USD, None where nothing can be spent; ``waits_for`` says what
    the run waits for."""

    done: int
    total: int
    per_minute: float | None
    spent: Decimal | None
    waits_for: str
    unpriced: int = 0
    """Replies of unknown price."""
    quiet: float = 0.0
    """Seconds since the last article was finished."""

    def rate(self, unit: str) -> str | None:
        """``12 per minute``, ``0.4 per minute``; ``unit`` is what follows the number. None before the first article."""
        rate = self.per_minute
        return None if rate is None else f"{rate:,.0f}{unit}" if rate >= 9.95 else f"{rate:.1f}{unit}"

    @property
    def money(self) -> str | None:
        """``$0.31``, with four decimals below a cent."""
        if self.spent is None:
            return None
        digits = 4 if 0 < self.spent < Decimal("0.01") else 2
        return f"${self.spent:,.{digits}f}" + (" plus unpriced replies" if self.unpriced else "")

    @property
    def left(self) -> str | None:
        """``40 s``, ``13 min``, ``2 h 5 min`` at the current rate; None when no rate is known or nothing is left.

        Never less than the time since the last article was finished: the last one may be slow.
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
        """The state as one line: ``40 of 200 done, 12 per minute, $0.31, about 13 min left; 8 requests in flight``."""
        left = f"about {self.left} left" if self.left else None
        parts = (f"{self.done:,} of {self.total:,} done", self.rate(" per minute"), self.money, left)
        return ", ".join(part for part in parts if part) + f"; {self.waits_for}"
