"""The ids of rows that were pruned, kept in the store: a repair that reads old pages must not bring them back.

Written as ranges in the fact ``pruned``, twice, so that damage to it shows: ``3-17,20-20|3-17,20-20``. A store that an
earlier version pruned got the gaps between its ids when it was brought up to date (see `store_file.MIGRATIONS`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

FACT = "pruned"


@dataclass(frozen=True)
class Pruned:
    """Ranges of ids, ends included, in order, none touching the next."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, text: str) -> Pruned:
        """What `str` wrote. Raises ValueError for anything else."""
        once, again = text.split("|")
        if once != again:
            raise ValueError("the two copies of what was pruned differ")
        pairs = [part.split("-") for part in once.split(",") if part]
        return cls._joined((int(first), int(last)) for first, last in pairs)

    @classmethod
    def _joined(cls, ranges: Iterable[tuple[int, int]]) -> Pruned:
        joined: list[tuple[int, int]] = []
        for first, last in sorted(ranges):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        return cls(tuple(joined))

    def and_those_of(self, other: Pruned) -> Pruned:
        """The ids of both."""
        return self._joined([*self.ranges, *other.ranges])

    def also(self, ids: Iterable[int]) -> Pruned:
        """These and further ids."""
        return self._joined([*self.ranges, *((number, number) for number in ids)])

    def __str__(self) -> str:
        once = ",".join(f"{first}-{last}" for first, last in self.ranges)
        return f"{once}|{once}"

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self.ranges, (number, float("inf")))
        return place > 0 and self.ranges[place - 1][1] >= number

    def count(self, newest: int) -> int:
        """How many ids from 1 to ``newest`` are among them."""
        return sum(min(last, newest) - first + 1 for first, last in self.ranges if first <= newest)
