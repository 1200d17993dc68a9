"""Compare what the model read in the words of a figure with what Dragoman reads in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import permutations

from dragoman.core.answers import StatedQuantity
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedClaim, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.currencies import may_be_same
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.checks.intended_figure import SCALES
from dragoman.evidence.checks.quantities import TextQuantities, read, rounds_to, shown, values
from dragoman.evidence.checks.units import differ
from dragoman.evidence.figures import Quantity
from dragoman.evidence.quotes.markup import without_markup

_PRINTED_SHARES = {"%": Decimal("0.01"), "pp": Decimal("0.01"), "‰": Decimal("0.001"), "bp": Decimal("0.0001")}
"""How much one of a unit is, for the units in which the source prints a share."""

_STATED_SHARES = (
    ("percentage point", Decimal("0.01")),
    ("percent", Decimal("0.01")),
    ("per cent", Decimal("0.01")),
    ("%", Decimal("0.01")),
    ("pp", Decimal("0.01")),
    ("per mil", Decimal("0.001")),
    ("permil", Decimal("0.001")),
    ("per thousand", Decimal("0.001")),
    ("‰", Decimal("0.001")),
    ("basis point", Decimal("0.0001")),
    ("bp", Decimal("0.0001")),
)
"""How much one of a unit is, by the beginning of the unit that the model states."""

_FRACTIONS = ("share", "fraction", "proportion", "ratio")
"""Beginnings of stated units that say that the value is a fraction of 1."""


def check_stated(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    """``value.stated`` (error) for each wrong field of a quantity that the model states. Words in which Dragoman reads
    no figure with a value give no finding. Of several figures, the value must only not be one of them at another
    scale."""
    for number, stated in enumerate(claim.quantities, start=1):
        quote = read(without_markup(stated.quote), source.language)
        amounts = [quantity for quantity in quote.quantities if quantity.kind not in ("date", "ordinal")]
        figures = [quantity for quantity in amounts if values(quantity)]
        if not figures or (len(amounts) > 1 and stated.value is None):
            continue
        fields = _fields(stated, figures[0], quote) if len(amounts) == 1 else _wrong_scale(stated, figures)
        for name, message, expected, got in fields:
            yield finding(
                "value.stated",
                "error",
                claim_path(claim.id, "quantities", number, name),
                message,
                paragraph=stated_paragraph(source, claim),
                expected=expected,
                got=got,
            )


def _fields(stated: StatedQuantity, figure: Quantity, quote: TextQuantities) -> Iterator[tuple[str, str, str, str]]:
    """(field, message, what Dragoman reads, what the model states) for a wrong value, currency or unit."""
    agrees = stated.value is not None and _agrees(Decimal(stated.value), stated.unit, figure)
    if stated.value is not None and not agrees:
        yield _wrong_value(stated, shown(figure))
    if not stated.unit:
        return
    if figure.kind == "money" and figure.unit and _is_code(stated.unit) and not may_be_same(stated.unit, figure.unit):
        currency = figure.unit.removeprefix("?")
        message = f"the model read “{stated.quote}” as an amount in {stated.unit}; it is in {currency}"
        yield "unit", message, figure.unit, stated.unit
    if figure.kind in ("span", "other") and figure.unit and agrees and differ(figure.unit, quote.language, stated.unit):
        message = f"the model read the unit of “{stated.quote}” as “{stated.unit}”; the source prints “{figure.unit}”"
        yield "unit", message, figure.unit, stated.unit


def _wrong_scale(stated: StatedQuantity, figures: Sequence[Quantity]) -> Iterator[tuple[str, str, str, str]]:
    """The wrong field if the value is one of several figures at another scale. A ratio of two of them (1 of 10) and
    their sum, which is one figure in two pieces, are right."""
    assert stated.value is not None
    value = Decimal(stated.value)
    if any(_agrees(value, stated.unit, figure) for figure in figures):
        return
    numbers = [number for figure in figures for number in values(figure)]
    pairs = list(permutations(numbers, 2))
    derived = [a + b for a, b in pairs] + [a / b * scale for a, b in pairs if b for scale in (Decimal(1), Decimal(100))]
    # One scale word may belong to two figures: 5 and 6 million.
    derived += [a * scale for a, b in pairs for scale in SCALES if scale > 1 and a * scale < b * 10 and b >= scale]
    if any(rounds_to(number, value) for number in derived):
        return
    if any(number and value / number in SCALES for number in numbers):
        yield _wrong_value(stated, " or ".join(shown(figure) for figure in figures))


def _wrong_value(stated: StatedQuantity, expected: str) -> tuple[str, str, str, str]:
    assert stated.value is not None
    unit = f" {stated.unit}" if _stated_share(stated.unit) is not None else ""
    message = f"the model read “{stated.quote}” as {Decimal(stated.value):,f}{unit}; it is {expected}"
    return "value", message, expected, stated.value


def _agrees(value: Decimal, unit: str | None, figure: Quantity) -> bool:
    """Whether ``value`` is a value of ``figure``, rounded, or between the ends of its range. A share may be stated in
    another unit only if the model names that unit: 6,5 % is 6.5 or 6.5 %, and 0.065 only as a share."""
    if figure.low is not None and figure.high is not None and figure.low <= value <= figure.high:
        return True
    exact_values = values(figure)
    printed, stated = _printed_share(figure), _stated_share(unit)
    if printed is not None and stated is not None:
        is_fraction = stated == 1
        in_stated_unit = [exact * printed / stated for exact in exact_values]
        exact_values = {*in_stated_unit, *exact_values} if is_fraction else set(in_stated_unit)
    return any(rounds_to(exact, value) for exact in exact_values)


def _printed_share(figure: Quantity) -> Decimal | None:
    """How much one of the unit of ``figure`` is, if the source prints a share; a fraction in words is printed in 1."""
    if figure.kind == "other" and figure.unit is None:
        return Decimal(1)
    return _PRINTED_SHARES.get(figure.unit or "")


def _stated_share(unit: str | None) -> Decimal | None:
    """How much one of a stated unit is, if it is the unit of a share."""
    words = (unit or "").strip().casefold()
    if words.startswith(_FRACTIONS):
        return Decimal(1)
    return next((share for beginning, share in _STATED_SHARES if words.startswith(beginning)), None)


def _is_code(unit: str) -> bool:
    return len(unit) == 3 and unit.isascii() and unit.isupper()
