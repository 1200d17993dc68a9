"""The model's own reading of the figures in a claim, against ours of the same words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dragoman.core.answers import StatedQuantity
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedClaim, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.currencies import may_be_one
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.quantities import TextQuantities, read, rounds_to, shown, values
from dragoman.evidence.checks.units import differ
from dragoman.evidence.figures import Quantity

_SHARES = (Decimal(1), Decimal(100), Decimal("0.01"))


def misread(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    """``value.stated`` (error) for each field of a stated quantity that ours contradicts. Only words that we read as
    one plain figure can contradict."""
    for number, stated in enumerate(claim.quantities, start=1):
        words = read(stated.quote, source.language)
        figures = [quantity for quantity in words.found if quantity.kind not in ("date", "ordinal")]
        if len(figures) != 1 or figures[0].value is None:
            continue
        for name, message, expected, got in _fields(stated, figures[0], words):
            yield finding(
                "value.stated",
                "error",
                claim_path(claim.id, "quantities", number, name),
                message,
                paragraph=claim.paragraph if 1 <= claim.paragraph <= len(source.paragraphs) else None,
                expected=expected,
                got=got,
            )


def _fields(stated: StatedQuantity, ours: Quantity, words: TextQuantities) -> Iterator[tuple[str, str, str, str]]:
    """(field, message, what it is, what the model said) for value, currency and unit."""
    same = stated.value is not None and _is_read_so(Decimal(stated.value), ours)
    if stated.value is not None and not same:
        message = f"the model read “{stated.quote}” as {Decimal(stated.value):,f}; it is {shown(ours)}"
        yield "value", message, shown(ours), stated.value
    if not stated.unit:
        return
    if ours.kind == "money" and ours.unit and _is_code(stated.unit) and not may_be_one(stated.unit, ours.unit):
        printed = ours.unit.removeprefix("?")
        yield (
            "unit",
            f"the model says that “{stated.quote}” is in {stated.unit}; it is in {printed}",
            ours.unit,
            stated.unit,
        )
    if ours.kind in ("span", "other") and ours.unit and same and differ(ours.unit, words.language, stated.unit):
        message = f"the model says that “{stated.quote}” counts in {stated.unit}; the source prints {ours.unit}"
        yield "unit", message, ours.unit, stated.unit


def _is_read_so(value: Decimal, ours: Quantity) -> bool:
    exact = values(ours)
    return value in exact or any(rounds_to(one * share, value) for one in exact for share in _SHARES)


def _is_code(unit: str) -> bool:
    return len(unit) == 3 and unit.isascii() and unit.isupper()
