"""The figures of a claim in words for pages: “more than 120 people”, “3,000,000 to 5,000,000 RUB”."""

from __future__ import annotations

from decimal import Decimal

from dragoman.core.bounds import BOUND_WORDS
from dragoman.core.record import CheckedQuantity

_TIMES = frozenset({"years", "months", "weeks", "days", "hours", "minutes", "seconds"})


def is_range(figure: CheckedQuantity) -> bool:
    """Whether the source prints both ends of a range, and the value that the model states does not contradict them."""
    if figure.low is None or figure.high is None:
        return False
    return figure.value is None or Decimal(figure.low) <= Decimal(figure.value) <= Decimal(figure.high)


def is_unknown(figure: CheckedQuantity) -> bool:
    """Whether the figure has no value to show: dozens, billions."""
    return figure.value is None and not is_range(figure)


def amount(figure: CheckedQuantity) -> str:
    """The value with its unit, and with the bound that the source prints: ``about 6,480 tonnes``.

    A figure that only the model calls approximate is marked so, because its bound is not known; so is one of a record
    that an earlier version wrote.
    """
    words = BOUND_WORDS[figure.bound or "exact"]
    if is_range(figure):
        assert figure.low is not None
        assert figure.high is not None
        low = group_thousands(figure.low, is_amount=figure.unit is not None)
        return f"{words} {low} to {with_unit(figure.high, figure.unit)}".lstrip()
    if figure.value is None:
        return f"no exact value{f' in {figure.unit}' if figure.unit else ''}"
    mark = " (approximate)" if figure.approximate and not words else ""
    return f"{words} {with_unit(figure.value, figure.unit)}{mark}".lstrip()


def with_unit(value: str, unit: str | None) -> str:
    """``6,480 tonnes``, ``1 year``, ``2026``: a figure and its unit, if it has one."""
    if not unit:
        return group_thousands(value)
    number = group_thousands(value, is_amount=unit not in ("year", "years"))
    return f"{number} {unit[:-1] if value == '1' and unit in _TIMES else unit}"


def group_thousands(value: str, *, is_amount: bool = False) -> str:
    """A decimal string with commas between thousands, as ``4,000,000``. ``2026`` stays unless it ``is_amount``: it may
    be a year."""
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    whole, point, fraction = digits.partition(".")
    if not whole.isascii() or len(whole) > 40 or (len(whole) == 4 and not point and not is_amount):
        return value
    return f"{sign}{int(whole):,}{point}{fraction}"
