"""The dates of a text by their parts, so that one date is compared with thousands without a look at each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from dragoman.evidence.figures import Quantity

_RUN = re.compile(r"\d+")
_PARTS = (0, 1, 2)
_Key = tuple[tuple[int, ...], tuple[tuple[int, str], ...]]
"""Which parts a date has, and some of them with their values."""


@dataclass(frozen=True, slots=True)
class DateIndex:
    """Dates by what they share with others."""

    shared: frozenset[_Key]
    """Each date with each choice of its parts."""
    whole: Mapping[tuple[tuple[int, str], ...], Sequence[Quantity]]
    """Day and year, or day and month → the dates with all three parts that have both; each date once."""
    in_other_years: Mapping[str, Sequence[Quantity]]
    """Number → the dates that print it and are in another year; of those with one year, the first."""

    @classmethod
    def of(cls, text: str, quantities: Sequence[Quantity]) -> DateIndex:
        """The index of ``quantities`` that are dates. Vague ones are only in ``in_other_years``."""
        every = [each for each in quantities if each.kind == "date" and each.date]
        dates = [each for each in every if not each.vague]
        shared: set[_Key] = set()
        whole: dict[tuple[tuple[int, str], ...], list[Quantity]] = {}
        for date, quantity in {each.date or "": each for each in reversed(dates)}.items():
            stated = _stated(date)
            present = tuple(part for part, _ in stated)
            shared.update((present, chosen) for chosen in _choices(stated))
            if present == _PARTS:
                for pair in ((stated[0], stated[2]), (stated[1], stated[2])):
                    whole.setdefault(pair, []).append(quantity)
        numbers: dict[str, dict[str, Quantity]] = {}
        for each in every:
            year = parts(each.date or "")[0]
            for number in numbers_in(text[each.start : each.end]) - {year} if year else ():
                numbers.setdefault(number, {}).setdefault(year, each)
        return cls(frozenset(shared), whole, {number: list(years.values()) for number, years in numbers.items()})

    def agrees(self, date: str) -> bool:
        """Whether one of the dates shares a part with ``date`` and has no part that differs."""
        stated = _stated(date)
        for present in _SUBSETS:
            common = tuple((part, value) for part, value in stated if part in present)
            if common and (present, common) in self.shared:
                return True
        return False

    def slips(self, date: str) -> Iterator[Quantity]:
        """The whole dates with the same day as a whole ``date`` and either its year or its month, but not both."""
        stated = _stated(date)
        if len(stated) == len(_PARTS):
            for pair in ((stated[0], stated[2]), (stated[1], stated[2])):
                yield from (each for each in self.whole.get(pair, ()) if each.date != date)


def parts(date: str) -> tuple[str, str, str]:
    """(year, month, day) of a partial date; a part that is not stated is ``""``."""
    if date.startswith("--"):
        month, _, day = date[2:].partition("-")
        return "", month, day
    year, month, day = (*date.split("-"), "", "")[:3]
    return year, month, day


def numbers_in(text: str) -> set[str]:
    """Every run of digits of ``text``, in ASCII."""
    return {run if run.isascii() else "".join(str(unicodedata.decimal(c)) for c in run) for run in _RUN.findall(text)}


def _stated(date: str) -> tuple[tuple[int, str], ...]:
    """The parts of a date that are stated, each with its position."""
    return tuple((position, part) for position, part in enumerate(parts(date)) if part)


def _choices(stated: tuple[tuple[int, str], ...]) -> Iterator[tuple[tuple[int, str], ...]]:
    for size in range(1, len(stated) + 1):
        yield from combinations(stated, size)


_SUBSETS = [subset for size in range(1, len(_PARTS) + 1) for subset in combinations(_PARTS, size)]
"""Which parts a date may have."""
