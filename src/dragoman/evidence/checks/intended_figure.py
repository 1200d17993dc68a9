"""Which figure of the source a wrong figure of the English was meant to be.

Says nothing where the English may be right after all: a figure that the source writes in two pieces, that shares its
scale word with the next figure, or whose scale word Dragoman cannot read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from dragoman.core.check_names import CheckName
from dragoman.evidence.checks.quantities import TextQuantities, bounds, is_small, same_value, values
from dragoman.evidence.figures import Quantity

SCALES = frozenset(Decimal(10) ** power for power in (*range(1, 13), *range(-12, 0)))
"""Factors between a figure and the same digits at a wrong scale: 90亿 as 90 billion is off by a factor of ten."""

LEAST_SCALE_WORD = Decimal(1000)
"""The smallest factor that letters after bare digits may stand for: 3.6bn in Hindi."""

LEAST_ALONE = 1000
"""The smallest figure without a unit that is compared with the only figure of the quote. Smaller ones may count things
that the source names one by one (both ministers)."""

WIDEST_JOINT = 16
"""Characters between two figures that may share one scale word: from 52.5 to 63 million."""


def intended_figure(
    figure: Quantity, english: TextQuantities, scopes: Sequence[TextQuantities]
) -> tuple[TextQuantities, Quantity, CheckName] | None:
    """(scope, figure of the source, name of the check) for an English ``figure`` that the source does not have.

    It is the figure with the same digits at another scale (``value.scale``), else the only figure of the same kind in
    the quote (``value.figure``), if the English does not state that figure elsewhere.
    """
    if any(_is_sum(figure, scope) or _is_scaled_by_next(figure, scope) for scope in scopes):
        return None
    for scope in scopes:
        for source_figure in scope.quantities:
            if source_figure.kind in ("date", "ordinal") or {figure.kind, source_figure.kind} == {"percent", "money"}:
                continue
            factors = {f for a in values(figure) for b in values(source_figure) if b and (f := a / b) in SCALES}
            is_cut = _is_cut(source_figure, scope) and max(factors, default=Decimal(0)) >= LEAST_SCALE_WORD
            if factors and not is_cut and not _is_stated(source_figure, figure, english):
                return scope, source_figure, "value.scale"
    same_kind = [q for q in scopes[0].quantities if q.kind == figure.kind and not is_small(q)]
    is_named = figure.kind in ("money", "percent") or (figure.kind == "count" and figure.unit is not None)
    if (is_named or _are_alone(english, scopes[0])) and len(same_kind) == 1 and len(scopes) > 1:
        is_doubtful = _is_cut(same_kind[0], scopes[0]) or _is_stated(same_kind[0], figure, english)
        return None if is_doubtful else (scopes[0], same_kind[0], "value.figure")
    return None


def _are_alone(english: TextQuantities, quote: TextQuantities) -> bool:
    """Whether the claim and its quote have one amount each, of `LEAST_ALONE` or more: then one states the other."""
    return all(
        len(amounts) == 1 and amounts[0].value is not None and amounts[0].value >= LEAST_ALONE
        for amounts in (
            [quantity for quantity in text.quantities if quantity.kind not in ("date", "ordinal")]
            for text in (english, quote)
        )
    )


def _is_stated(source_figure: Quantity, figure: Quantity, english: TextQuantities) -> bool:
    """Whether an English figure other than ``figure`` states ``source_figure``. The ends of a range are two figures."""
    return any(
        same_value(bound, source_figure)
        for quantity in english.quantities
        for bound in bounds(quantity)
        if (quantity.start, bound.value) != (figure.start, figure.value)
    )


def _is_cut(source_figure: Quantity, scope: TextQuantities) -> bool:
    """Whether letters that Dragoman cannot read follow bare digits and may be a scale: 3.6bn in Hindi."""
    end = source_figure.end
    return scope.text[end - 1].isdecimal() and scope.text[end : end + 1].isalpha()


def _is_sum(figure: Quantity, scope: TextQuantities) -> bool:
    """Whether ``figure`` is the sum of two figures of the source with only white space between them, which are then
    one figure in two pieces."""
    return any(
        a + b in values(figure)
        for first, second in pairwise(scope.quantities)
        if not scope.text[first.end : second.start].strip()
        for a in values(first)
        for b in values(second)
    )


def _is_scaled_by_next(figure: Quantity, scope: TextQuantities) -> bool:
    """Whether ``figure`` is a bare figure of the source with the scale of the next one: from 52.5 to 63 million."""
    return any(
        value * scale in values(figure)
        for first, second in pairwise(scope.quantities)
        if first.unit is None and second.value is not None and second.start - first.end <= WIDEST_JOINT
        for value in values(first)
        for scale in _scale_factors(scope.printed(second), second.value)
    )


def _scale_factors(printed: str, value: Decimal) -> Iterator[Decimal]:
    """The powers of ten from the printed digits to ``value``, once with and once without a decimal sign among them."""
    digits = [str(unicodedata.decimal(c)) if c.isdecimal() else "." for c in printed if c.isdecimal() or c in ".,٫"]
    whole, sign, decimals = "".join(digits).strip(".").rpartition(".")
    plain = whole.replace(".", "")
    for mantissa in (f"{plain}{decimals}", f"{plain}.{decimals}" if sign else ""):
        number = Decimal(mantissa or 0)
        if number and (scale := value / number) in SCALES and scale > 1:
            yield scale
