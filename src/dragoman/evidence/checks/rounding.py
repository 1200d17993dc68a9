"""What a printed figure may be off, because it was rounded: for arithmetic on figures of one article."""

from __future__ import annotations

from decimal import Decimal

from dragoman.evidence.figures import Quantity

_MOST_ROUNDED = Decimal("0.015")
"""Of a figure that ends in zeros: 2,000 may be 1,970 or 2,030."""

_POINTS = Decimal(1)
_SHARE = Decimal("0.05")
"""What a percentage may be off beside its rounding: one point, and a twentieth of itself."""


def is_plain(quantity: Quantity) -> bool:
    """One positive value, neither about nor more than; “to 6 million” may have been read as “up to”."""
    hedged = quantity.vague and not (quantity.low is None and quantity.high == quantity.value)
    return quantity.value is not None and quantity.value > 0 and quantity.low is None and not hedged


def slack(value: Decimal) -> Decimal:
    """Half of the last digit; nothing for a small whole number, which people count."""
    if value == value.to_integral_value() and value < 1000:
        return Decimal(0)
    return min(Decimal(1).scaleb(_exponent(value.normalize())) / 2, value * _MOST_ROUNDED)


def least(value: Decimal) -> Decimal:
    """The smallest figure that is printed so."""
    return value - slack(value)


def most(value: Decimal) -> Decimal:
    """The largest figure that is printed so."""
    return value + slack(value)


def is_off(told: Decimal, low: Decimal, high: Decimal) -> bool:
    """Whether a percentage is plainly outside of what its figures allow."""
    margin = max(_POINTS, told * _SHARE) + slack(told)
    return not low - margin <= told <= high + margin


def is_off_by_points(told: Decimal, first: Decimal, second: Decimal) -> bool:
    """Whether points are not the difference of two percentages, each rounded as it is printed."""
    margin = sum((Decimal(1).scaleb(_exponent(value)) for value in (told, first, second)), Decimal(0)) / 2
    return abs(abs(second - first) - told) > margin


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def brief(value: Decimal) -> str:
    """With one decimal, and none where it is nought."""
    return f"{value:.1f}".removesuffix(".0")
