"""Which figure of the source a wrong figure of the English was meant to be.

Says nothing where the English may be right after all: a figure that the source writes in two pieces, that shares its
scale word with the next figure, or whose scale word Dragoman cannot read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from dragoman.core.check_names import CheckName
from dragoman.core.record import Severity
from dragoman.evidence.checks.currencies import may_be_same
from dragoman.evidence.checks.derived import is_derived
from dragoman.evidence.checks.figure_index import MOST_POWERS, digits_of, is_cut, power
from dragoman.evidence.checks.quantities import TextQuantities, bounds, is_amount, same_value, values
from dragoman.evidence.figures import Quantity

SCALES = frozenset(Decimal(10) ** power for power in (*range(1, MOST_POWERS + 1), *range(-MOST_POWERS, 0)))
"""Factors between a figure and the same digits at a wrong scale."""

LEAST_SCALE_WORD = 3
"""The smallest power of ten that letters after bare digits may stand for: 3.6bn in Hindi."""

FEWEST_DIGITS = 2
"""Digits, without zeros, from which on figures with the same ones are hardly alike by chance: 13万2 as 130,002."""

LEAST_DISTINCT = 3
"""Digits, without zeros at the end, of a number of unnamed things that is compared with another one."""


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
    numbers = values(figure)
    for scope in scopes:
        if not (numbers.isdisjoint(scope.index.in_two_pieces) and numbers.isdisjoint(scope.index.with_next_scale)):
            return None
    for scope in scopes:
        for source_figure in _at_another_scale(figure, scope):
            if not _is_stated(source_figure, figure, english):
                return Intended(scope, source_figure, "value.scale")
    if len(scopes) == 1:
        return None
    return _misread(figure, english, scopes[:-1]) or _only_one(figure, english, scopes[:-1])


def _at_another_scale(figure: Quantity, scope: TextQuantities) -> Iterator[Quantity]:
    """The figures with the same digits and another power of ten, unless letters after them may be their scale."""
    for value in values(figure) - {Decimal(0)}:
        for source_figure in scope.index.by_digits.get(digits_of(value), ()):
            if {figure.kind, source_figure.kind} == {"percent", "money"}:
                continue
            powers = _powers(figure, source_figure)
            if powers and not (is_cut(source_figure, scope.text) and max(powers) >= LEAST_SCALE_WORD):
                yield source_figure


def _powers(figure: Quantity, source_figure: Quantity) -> set[int]:
    """The powers of ten between both figures if their digits are the same and only the scale differs."""
    pairs = ((a, b) for a in values(figure) for b in values(source_figure) if a and b)
    return {power(a, b) for a, b in pairs if digits_of(a) == digits_of(b) and 0 < abs(power(a, b)) <= MOST_POWERS}


def nearer_figure(
    figure: Quantity, equal: Quantity, english: TextQuantities, scopes: Sequence[TextQuantities]
) -> Intended | None:
    """The figure that a claim was meant to state although the source has an ``equal`` one farther away: ``scopes`` are
    the nearer ones, and the nearest of them with figures has one with the same digits at another scale, or a single
    other one of that kind. Both figures of the source must be of one kind and in one unit, so that one may be taken for
    the other."""
    scope = next((scope for scope in scopes if scope.amounts), None)
    if scope is None or figure.kind != equal.kind:
        return None
    same_kind = scope.amounts.get(figure.kind, ())
    rivals = [each for each in _at_another_scale(figure, scope) if each.unit or _distinct_digits(each) >= FEWEST_DIGITS]
    is_only = len(same_kind) == 1 == len(english.amounts.get(figure.kind, ())) and same_kind[0].unit is not None
    for rival in (*rivals, *(same_kind if is_only else ())):
        is_alike = rival.kind == figure.kind and is_amount(rival) and _are_in_one_unit(rival, equal)
        if is_alike and not _is_stated(rival, figure, english):
            check: CheckName = "value.scale" if rival in rivals else "value.figure"
            return None if is_derived(figure, scope) else Intended(scope, rival, check)
    return None


def _are_in_one_unit(first: Quantity, second: Quantity) -> bool:
    return may_be_same(first.unit, second.unit) if first.kind == "money" else first.unit == second.unit


def _misread(figure: Quantity, english: TextQuantities, near: Sequence[TextQuantities]) -> Intended | None:
    """A figure with the same digits but other zeros (13万2 as 130,002), or of which ``figure`` is the end (1 milione e
    200mila as 200,000)."""
    value = figure.value
    if value is None or figure.bound != "exact" or value != value.to_integral_value():
        return None
    digits = f"{value:.0f}"
    nonzero = digits.replace("0", "")
    for scope in near:
        with_other_zeros = scope.index.by_nonzero.get(nonzero, ()) if len(nonzero) >= FEWEST_DIGITS else ()
        for source_figure in (*with_other_zeros, *scope.index.by_end.get(digits, ())):
            if source_figure.kind == figure.kind and not _is_stated(source_figure, figure, english):
                is_doubtful = is_cut(source_figure, scope.text) or is_derived(figure, scope)
                return None if is_doubtful else Intended(scope, source_figure, "value.figure")
    return None


def _only_one(figure: Quantity, english: TextQuantities, near: Sequence[TextQuantities]) -> Intended | None:
    """The only figure of its kind in the nearest text that has one. Outside the quote that is a warning, since it may
    be about something else. Numbers of unnamed things are compared only if there is no other amount beside them."""
    is_named = figure.kind in ("money", "percent") or (figure.kind == "count" and figure.unit is not None)
    if not is_named:
        is_compared = figure.kind == "count" and _distinct_digits(figure) >= LEAST_DISTINCT and _is_alone(english)
        if not is_compared:
            return None
    for distance, scope in enumerate(near):
        same_kind = scope.amounts.get(figure.kind, ())
        if not same_kind:
            continue
        only = same_kind[0]
        is_distinct = is_named or (_is_alone(scope) and _distinct_digits(only) >= LEAST_DISTINCT)
        is_doubtful = len(same_kind) > 1 or not is_distinct or is_cut(only, scope.text)
        if is_doubtful or _is_stated(only, figure, english) or is_derived(figure, scope):
            return None
        return Intended(scope, only, "value.figure", "warning" if distance else "error")
    return None


def _is_alone(text: TextQuantities) -> bool:
    """Whether a text has no more than one amount, small ones included."""
    return sum(each.kind not in ("date", "ordinal") for each in text.quantities) == 1


def _distinct_digits(quantity: Quantity) -> int:
    """How many digits of a quantity are not zeros at its end."""
    return max(len(digits_of(value)) for value in values(quantity))


def _is_stated(source_figure: Quantity, figure: Quantity, english: TextQuantities) -> bool:
    """Whether an English figure other than ``figure`` states ``source_figure``. The ends of a range are two figures."""
    return any(
        same_value(bound, source_figure)
        for quantity in english.near(source_figure)
        for bound in bounds(quantity)
        if (quantity.start, bound.value) != (figure.start, figure.value)
    )
