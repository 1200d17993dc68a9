"""How far a printed figure may be from the exact one because of rounding, for arithmetic on figures of one article."""

from __future__ import annotations

from decimal import Decimal

from dragoman.evidence.figures import Quantity

MOST_ROUNDED = Decimal("0.015")
"""Largest share by which a figure that ends in zeros may be rounded: 2,000 may be 1,970 or 2,030."""

LEAST_POINTS = Decimal(1)
LARGEST_SHARE = Decimal("0.05")
"""Besides its rounding, a percentage may be off by one point or by a twentieth of itself, whichever is more."""


def is_exact_value(quantity: Quantity) -> bool:
    """Whether a quantity is one positive value without a hedge such as "about" or "more than".

    “At most” passes, because “to 6 million” may have been read as “up to 6 million”.
    """
    is_exact = quantity.bound in ("exact", "at_most") and not quantity.vague
    return quantity.value is not None and quantity.value > 0 and is_exact


def slack(value: Decimal) -> Decimal:
    """The largest rounding error of ``value``: half of its last digit, but zero for a whole number below 1,000, because
    people count those."""
    if value == value.to_integral_value() and value < 1000:
        return Decimal(0)
    return min(Decimal(1).scaleb(_exponent(value.normalize())) / 2, value * MOST_ROUNDED)


def least(value: Decimal) -> Decimal:
    """The smallest exact figure that may be printed as ``value``."""
    return value - slack(value)


def most(value: Decimal) -> Decimal:
    """The largest exact figure that may be printed as ``value``."""
    return value + slack(value)


def is_off(rate: Decimal, low: Decimal, high: Decimal) -> bool:
    """Whether a percentage is clearly outside the range from ``low`` to ``high`` that its figures allow."""
    margin = max(LEAST_POINTS, rate * LARGEST_SHARE) + slack(rate)
    return not low - margin <= rate <= high + margin


def is_off_by_points(rate: Decimal, first: Decimal, second: Decimal) -> bool:
    """Whether ``rate`` points are not the difference of two percentages, even if all three were rounded as printed."""
    margin = sum((Decimal(1).scaleb(_exponent(value)) for value in (rate, first, second)), Decimal(0)) / 2
    return abs(abs(second - first) - rate) > margin


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def brief(value: Decimal) -> str:
    """The value with one decimal, which is omitted if it is zero."""
    return f"{value:.1f}".removesuffix(".0")
