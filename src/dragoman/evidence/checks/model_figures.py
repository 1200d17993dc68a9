"""Compare what the model read in the words of a figure with what Dragoman reads in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dragoman.core.answers import StatedQuantity
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedClaim, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.currencies import may_be_same
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.checks.quantities import TextQuantities, read, rounds_to, shown, values
from dragoman.evidence.checks.units import differ
from dragoman.evidence.figures import Quantity

_SHARES = (Decimal(1), Decimal(100), Decimal("0.01"))


def check_stated(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    """``value.stated`` (error) for each wrong field of a quantity that the model states. Words that Dragoman does not
    read as exactly one figure with one value give no finding."""
    for number, stated in enumerate(claim.quantities, start=1):
        quote = read(stated.quote, source.language)
        amounts = [quantity for quantity in quote.quantities if quantity.kind not in ("date", "ordinal")]
        if len(amounts) != 1 or amounts[0].value is None:
            continue
        for name, message, expected, got in _fields(stated, amounts[0], quote):
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
    agrees = stated.value is not None and _agrees(Decimal(stated.value), figure)
    if stated.value is not None and not agrees:
        message = f"the model read “{stated.quote}” as {Decimal(stated.value):,f}; it is {shown(figure)}"
        yield "value", message, shown(figure), stated.value
    if not stated.unit:
        return
    if figure.kind == "money" and figure.unit and _is_code(stated.unit) and not may_be_same(stated.unit, figure.unit):
        currency = figure.unit.removeprefix("?")
        message = f"the model read “{stated.quote}” as an amount in {stated.unit}; it is in {currency}"
        yield "unit", message, figure.unit, stated.unit
    if figure.kind in ("span", "other") and figure.unit and agrees and differ(figure.unit, quote.language, stated.unit):
        message = f"the model read the unit of “{stated.quote}” as “{stated.unit}”; the source prints “{figure.unit}”"
        yield "unit", message, figure.unit, stated.unit


def _agrees(value: Decimal, figure: Quantity) -> bool:
    """Whether ``value`` is a value of ``figure``, rounded, or the same share as a fraction or a percentage."""
    exact_values = values(figure)
    return value in exact_values or any(rounds_to(exact * share, value) for exact in exact_values for share in _SHARES)


def _is_code(unit: str) -> bool:
    return len(unit) == 3 and unit.isascii() and unit.isupper()
