"""The ids of pruned rows. The store keeps them because salvaging reads old pages, and must not bring these rows back.

They are written as ranges in the fact ``pruned``, twice, so that damage shows: ``3-17,20-20|3-17,20-20``. A store that
an earlier version pruned got the gaps between its ids when it was migrated (see `file.MIGRATIONS`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

FACT = "pruned"


@dataclass(frozen=True)
class Pruned:
    """Ranges of ids with both ends included, in order. No range touches the next."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, text: str) -> Pruned:
        """The value that `str` wrote. Raises ValueError for anything else."""
        once, again = text.split("|")
        if once != again:
            raise ValueError("the two copies of the pruned ids differ")
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

    def union(self, other: Pruned) -> Pruned:
        """The ids that are in either."""
        return self._joined([*self.ranges, *other.ranges])

    def with_ids(self, ids: Iterable[int]) -> Pruned:
        """These ids and further ones."""
        return self._joined([*self.ranges, *((number, number) for number in ids)])

    def __str__(self) -> str:
        once = ",".join(f"{first}-{last}" for first, last in self.ranges)
        return f"{once}|{once}"

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self.ranges, (number, float("inf")))
        return place > 0 and self.ranges[place - 1][1] >= number

    def count(self, newest: int) -> int:
        """How many of the ids from 1 to ``newest`` were pruned."""
        return sum(min(last, newest) - first + 1 for first, last in self.ranges if first <= newest)
