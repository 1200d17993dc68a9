"""Which figure of the source a wrong figure of the English was meant to be.

Says nothing where the English may be right after all: a figure that the source writes in two pieces, that shares its
scale word with the next figure, or whose scale word Dragoman cannot read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from dragoman.core.check_names import CheckName
from dragoman.core.record import Severity
from dragoman.evidence.checks.currencies import may_be_same
from dragoman.evidence.checks.derived import is_derived
from dragoman.evidence.checks.quantities import TextQuantities, bounds, is_small, same_value, values
from dragoman.evidence.figures import Quantity

SCALES = frozenset(Decimal(10) ** power for power in (*range(1, 13), *range(-12, 0)))
"""Factors between a figure and the same digits at a wrong scale: 90亿 as 90 billion is off by a factor of ten."""

LEAST_SCALE_WORD = Decimal(1000)
"""The smallest factor that letters after bare digits may stand for: 3.6bn in Hindi."""

WIDEST_JOINT = 16
"""Characters between two figures that may share one scale word: from 52.5 to 63 million."""


FEWEST_DIGITS = 2
"""Digits, without zeros, from which on figures with the same ones are hardly alike by chance: 13万2 as 130,002."""

LEAST_DISTINCT = 3
"""Digits, without zeros at the end, of a number of unnamed things that is compared with another one."""

LEAST_END = Decimal(100)
"""The smallest figure that is taken for the end of a longer one. Two digits are alike too often by chance."""


class Intended(NamedTuple):
    """The figure of the source that a figure of the English was meant to be, the text that has it, and the check that
    reports the difference."""

    scope: TextQuantities
    figure: Quantity
    check: CheckName
    severity: Severity = "error"


def intended_figure(figure: Quantity, english: TextQuantities, scopes: Sequence[TextQuantities]) -> Intended | None:
    """The figure of the source that ``figure`` was meant to be, if the source has no equal one and the English does not
    state that figure elsewhere.

    It is the figure with the same digits at another scale (``value.scale``), else one with the same digits but other
    zeros, or of which ``figure`` is the end, else the only figure of the same kind near the claim (``value.figure``).
    """
    if any(_is_sum(figure, scope) or _is_scaled_by_next(figure, scope) for scope in scopes):
        return None
    for scope in scopes:
        for source_figure in scope.quantities:
            if source_figure.kind in ("date", "ordinal") or {figure.kind, source_figure.kind} == {"percent", "money"}:
                continue
            factors = _scales(figure, source_figure)
            is_cut = _is_cut(source_figure, scope) and max(factors, default=Decimal(0)) >= LEAST_SCALE_WORD
            if factors and not is_cut and not _is_stated(source_figure, figure, english):
                return Intended(scope, source_figure, "value.scale")
    near = scopes[:-1] or scopes
    return _misread(figure, english, near) or (_only_one(figure, english, near) if len(scopes) > 1 else None)


def _scales(figure: Quantity, source_figure: Quantity) -> set[Decimal]:
    """The factors between both figures if their digits are the same and only the scale differs."""
    return {f for a in values(figure) for b in values(source_figure) if b and (f := a / b) in SCALES}


def nearer_figure(
    figure: Quantity, equal: Quantity, english: TextQuantities, scopes: Sequence[TextQuantities]
) -> Intended | None:
    """The figure that a claim was meant to state although the source has an ``equal`` one farther away: ``scopes`` are
    the nearer ones, and the nearest of them with figures has one with the same digits at another scale, or a single
    other one of that kind. Both figures of the source must be of one kind and in one unit, so that one may be taken for
    the other."""
    scope = next((scope for scope in scopes if any(map(_is_amount, scope.quantities))), None)
    if scope is None or figure.kind != equal.kind or is_derived(figure, scope):
        return None
    rivals = [each for each in scope.quantities if _is_amount(each) and each.kind == figure.kind]
    rivals = [each for each in rivals if _are_in_one_unit(each, equal) and not _is_stated(each, figure, english)]
    for rival in rivals:
        if _scales(figure, rival) and (rival.unit is not None or _digits(rival) >= FEWEST_DIGITS):
            return Intended(scope, rival, "value.scale")
    amounts = [each for each in english.quantities if _is_amount(each) and each.kind == figure.kind]
    is_only = len(rivals) == len(amounts) == 1 and rivals[0].unit is not None
    same_kind = [each for each in scope.quantities if _is_amount(each) and each.kind == figure.kind]
    return Intended(scope, rivals[0], "value.figure") if is_only and len(same_kind) == 1 else None


def _is_amount(quantity: Quantity) -> bool:
    return quantity.kind not in ("date", "ordinal") and not is_small(quantity)


def _are_in_one_unit(first: Quantity, second: Quantity) -> bool:
    return may_be_same(first.unit, second.unit) if first.kind == "money" else first.unit == second.unit


def _misread(figure: Quantity, english: TextQuantities, near: Sequence[TextQuantities]) -> Intended | None:
    """A figure with the same digits but other zeros (13万2 as 130,002), or of which ``figure`` is the end (1 milione e
    200mila as 200,000)."""
    if figure.value is None or figure.bound != "exact":
        return None
    for scope in near:
        for source_figure in scope.quantities:
            if source_figure.value is None or not _is_amount(source_figure) or source_figure.kind != figure.kind:
                continue
            if _looks_like(figure.value, source_figure.value) and not _is_stated(source_figure, figure, english):
                is_doubtful = _is_cut(source_figure, scope) or is_derived(figure, scope)
                return None if is_doubtful else Intended(scope, source_figure, "value.figure")
    return None


def _looks_like(value: Decimal, source_value: Decimal) -> bool:
    """Whether a number has the digits of another with other zeros between and after them, or is its end."""
    if value == source_value or value != value.to_integral_value() or source_value != source_value.to_integral_value():
        return False
    digits, source_digits = f"{value:.0f}", f"{source_value:.0f}"
    kept = source_digits.replace("0", "")
    if digits.replace("0", "") == kept and len(kept) >= FEWEST_DIGITS:
        return True
    return value >= LEAST_END and source_digits.endswith(digits)


def _only_one(figure: Quantity, english: TextQuantities, near: Sequence[TextQuantities]) -> Intended | None:
    """The only figure of its kind in the nearest text that has one. Outside the quote that is a warning, since it may
    be about something else. Numbers of unnamed things are compared only if there is no other amount beside them."""
    is_named = figure.kind in ("money", "percent") or (figure.kind == "count" and figure.unit is not None)
    if not is_named and not (figure.kind == "count" and _is_alone(figure, english)):
        return None
    for distance, scope in enumerate(near):
        same_kind = [each for each in scope.quantities if each.kind == figure.kind and not is_small(each)]
        if not same_kind:
            continue
        only = same_kind[0]
        is_distinct = is_named or (_is_alone(only, scope) and _digits(only) >= LEAST_DISTINCT <= _digits(figure))
        is_doubtful = len(same_kind) > 1 or not is_distinct or _is_cut(only, scope)
        if is_doubtful or _is_stated(only, figure, english) or is_derived(figure, scope):
            return None
        return Intended(scope, only, "value.figure", "warning" if distance else "error")
    return None


def _is_alone(figure: Quantity, text: TextQuantities) -> bool:
    """Whether a text has no other amount than ``figure``."""
    return all(each.start == figure.start for each in text.quantities if each.kind not in ("date", "ordinal"))


def _digits(quantity: Quantity) -> int:
    """How many digits of a quantity are not zeros at its end."""
    return max(len(value.normalize().as_tuple().digits) for value in values(quantity))


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
