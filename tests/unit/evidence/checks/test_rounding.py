"""A printed figure may stand for a range of exact figures, because it was rounded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dragoman.evidence.checks.rounding import brief, is_exact_value, is_off, is_off_by_points, least, most, slack
from dragoman.evidence.figures import Quantity, find


def quantity(text: str) -> Quantity:
    (found,) = find(text, "en")
    return found


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("12.5", "0.05"),  # half of the last digit
        ("1234", "0.5"),
        ("999", "0"),  # people count whole numbers below 1,000
        ("2000", "30"),  # zeros at the end may be rounded, by 1.5 % at most
        ("1000000", "15000"),
    ],
)
def test_the_rounding_error_of_a_figure(value: str, error: str) -> None:
    assert slack(Decimal(value)) == Decimal(error)
    assert (least(Decimal(value)), most(Decimal(value))) == (
        Decimal(value) - Decimal(error),
        Decimal(value) + Decimal(error),
    )


@pytest.mark.parametrize(
    ("rate", "is_wrong"),
    [("9.1", False), ("8.9", True), ("11", False), ("11.2", True)],
)
def test_a_small_percentage_may_be_off_by_one_point(rate: str, is_wrong: bool) -> None:
    """One point, plus the rounding of the percentage itself."""
    assert is_off(Decimal(rate), Decimal(10), Decimal(10)) is is_wrong


@pytest.mark.parametrize(("rate", "is_wrong"), [("384", False), ("380", True), ("420", False), ("422", True)])
def test_a_large_percentage_may_be_off_by_a_twentieth(rate: str, is_wrong: bool) -> None:
    assert is_off(Decimal(rate), Decimal(400), Decimal(400)) is is_wrong


@pytest.mark.parametrize(("points", "is_wrong"), [("6", False), ("6.5", False), ("6.7", True), ("5.3", True)])
def test_points_may_be_off_by_the_rounding_of_three_figures(points: str, is_wrong: bool) -> None:
    """12.5 % and 18.5 % have one decimal each, so their difference is 6 with half a tenth for each figure."""
    assert is_off_by_points(Decimal(points), Decimal("12.5"), Decimal("18.5")) is (is_wrong or points == "6.5")


@pytest.mark.parametrize("text", ["25 tonnes", "25%", "$25"])
def test_one_figure_is_an_exact_value(text: str) -> None:
    assert is_exact_value(quantity(text))


@pytest.mark.parametrize("text", ["about 25 tonnes", "more than 25 tonnes", "25 to 30 tonnes", "0 tonnes"])
def test_hedges_ranges_and_zero_are_no_exact_value(text: str) -> None:
    assert not is_exact_value(quantity(text))


@pytest.mark.parametrize(("value", "shown"), [("25.04", "25"), ("25.06", "25.1"), ("25", "25")])
def test_a_value_is_shown_with_one_decimal_unless_it_is_zero(value: str, shown: str) -> None:
    assert brief(Decimal(value)) == shown
