"""Whether a figure of the English follows by arithmetic from figures that are near each other in the source.

A claim may state what the source leaves to its readers: “from 200 to 250 million” is a rise of 50 million, or of 25 %.
Such a figure is no misreading of another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice, permutations

from dragoman.evidence.checks.quantities import TextQuantities, rounds_to, values
from dragoman.evidence.figures import Quantity

MOST_NUMBERS = 12
"""Numbers of one text that are combined. The figures of a longer list are not added up by readers."""

_HUNDRED = Decimal(100)
_MONTHS = Decimal(12)

_Number = tuple[str, Decimal]
"""The kind of a quantity and one of its values."""


def is_derived(figure: Quantity, scope: TextQuantities) -> bool:
    """Whether ``figure``, as it is rounded, follows from figures of ``scope``: from two of them, from all of its kind
    as their sum, or from one by the month for one by the year, or the other way round."""
    every = (each for each in scope.quantities if each.kind not in ("date", "ordinal"))
    numbers = list(islice(((each.kind, value) for each in every for value in sorted(values(each))), MOST_NUMBERS))
    alike = [value for kind, value in numbers if kind == figure.kind]
    results = [sum(alike, Decimal(0))] if len(alike) > 1 else []
    if figure.kind == "money":
        results += [result for value in alike for result in (value * _MONTHS, value / _MONTHS)]
    for first, second in permutations(numbers, 2):
        results += _results(figure.kind, first, second)
    return any(rounds_to(exact, value) for exact in results for value in values(figure))


def _results(kind: str, first: _Number, second: _Number) -> Iterator[Decimal]:
    """What a reader may work out from two numbers as a figure of ``kind``."""
    (first_kind, a), (second_kind, b) = first, second
    if first_kind == second_kind == kind:
        yield a + b
        yield abs(a - b)
    if first_kind == second_kind and kind in ("count", "other") and b:
        yield a / b
    if first_kind == kind and second_kind == "count":  # 5 houses at 200,000 euros each
        yield a * b
        if b:
            yield a / b
    if kind == "percent" and first_kind == second_kind != "percent" and b:
        yield a / b * _HUNDRED
        yield abs(a - b) / abs(b) * _HUNDRED
    if first_kind == kind and second_kind == "percent" != kind:
        yield from _shares(a, b)


def _shares(whole: Decimal, rate: Decimal) -> Iterator[Decimal]:
    """A share of ``whole``, and what it was before or is after it rose or fell by ``rate`` per cent."""
    part = whole * rate / _HUNDRED
    yield part
    yield whole + part
    yield whole - part
    for changed in (_HUNDRED + rate, _HUNDRED - rate):
        if changed:
            yield whole * _HUNDRED / changed
