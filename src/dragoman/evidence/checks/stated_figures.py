"""Which figures the key points and the abstract of a summary state, looked up by value instead of one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal
from itertools import combinations

from dragoman.evidence.checks.quantities import SHARES, same_value, values
from dragoman.evidence.figures import Quantity

FEWEST_DIGITS = 2
"""Digits to which a figure is rounded at least (`quantities.rounds_to`)."""


@dataclass(frozen=True, slots=True)
class StatedFigures:
    """The figures of English texts by value. Each set of texts is a number with one bit for each text."""

    amounts: Mapping[Decimal, Mapping[str, tuple[Quantity, int]]]
    """Value → kind → a quantity with that value and the texts that state it."""
    dates: Mapping[str, int]
    """Date, or part of a date → the texts that state it."""

    @classmethod
    def of(cls, texts: Sequence[Sequence[Quantity]]) -> StatedFigures:
        amounts: dict[Decimal, dict[str, tuple[Quantity, int]]] = {}
        dates: dict[str, int] = {}
        for number, quantities in enumerate(texts):
            for each in quantities:
                if each.kind == "date":
                    dates[each.date or ""] = dates.get(each.date or "", 0) | 1 << number
                    continue
                for value in values(each):
                    known = amounts.setdefault(value, {}).get(each.kind, (each, 0))
                    stated = each._replace(value=value, low=None, high=None)
                    amounts[value][each.kind] = (stated, known[1] | 1 << number)
        dates.pop("", None)
        return cls(amounts, dates)

    def texts_with(self, figure: Quantity) -> int:
        """The texts that state ``figure`` of the source: its value as they round it, or for a date the date or a part
        of it."""
        if figure.kind == "date":
            date = figure.date or ""
            return _union(self.dates.get(date[a:b], 0) for a, b in combinations(range(len(date) + 1), 2))
        by_kind = (self.amounts[value] for value in _shown_values(figure) if value in self.amounts)
        return _union(texts for kinds in by_kind for each, texts in kinds.values() if same_value(each, figure))


def _union(sets: Iterator[int]) -> int:
    union = 0
    for texts in sets:
        union |= texts
    return union


def _shown_values(figure: Quantity) -> set[Decimal]:
    """Every value that `same_value` may take for ``figure``: its numbers, also as a fraction or a percentage, rounded
    to any number of digits. There are a few for each digit."""
    shares = (Decimal(1), *SHARES)
    return {shown for value in values(figure) for share in shares for shown in _rounded(value * share)}


def _rounded(exact: Decimal) -> Iterator[Decimal]:
    """A number, and both numbers next to it with fewer digits. The upper one may have one digit more before the
    point: 9.6 is rounded to 10."""
    yield exact
    digits = len(exact.normalize().as_tuple().digits)
    for kept in range(FEWEST_DIGITS - 1, digits):
        below = Context(prec=kept, rounding=ROUND_DOWN).plus(exact)
        yield below
        yield below + Decimal((exact.is_signed(), (1,), exact.adjusted() - kept + 1))
