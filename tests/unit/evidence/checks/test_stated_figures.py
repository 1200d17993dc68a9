"""A figure is looked up among those of the key points, which gives what comparing it with each of them gives."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.checks.quantities import read, same_value
from dragoman.evidence.checks.stated_figures import StatedFigures
from dragoman.evidence.figures import Quantity

NUMBERS = st.one_of(
    st.decimals(min_value=-2000, max_value=2000, places=2),
    st.integers(min_value=1, max_value=10**7).map(Decimal),
    st.sampled_from(list(map(Decimal, ("9.6", "10", "9.95", "99.5", "100", "0.5", "50", "0.25", "25", "1E+6")))),
)
KINDS = st.sampled_from(["count", "money", "percent", "other", "span", "ordinal"])


def quantity(kind: str, value: Decimal) -> Quantity:
    return Quantity(kind=kind, value=value, low=None, high=None, unit=None, vague=False, start=0, end=1)  # type: ignore[arg-type]


QUANTITIES = st.builds(quantity, KINDS, NUMBERS)


@given(st.lists(st.lists(QUANTITIES, max_size=4), max_size=4), QUANTITIES)
def test_a_look_up_finds_the_texts_with_the_same_value(texts: list[list[Quantity]], figure: Quantity) -> None:
    found = StatedFigures.of(texts).texts_with(figure)
    assert found == sum(1 << i for i, text in enumerate(texts) if any(same_value(each, figure) for each in text))


@given(NUMBERS, st.integers(min_value=2, max_value=6), KINDS)
def test_a_rounded_figure_is_found(value: Decimal, digits: int, kind: str) -> None:
    """Numbers at random are seldom roundings of each other."""
    rounded = quantity(kind, Decimal(f"{value:.{digits}g}"))
    figure = quantity(kind, value)
    assert bool(StatedFigures.of([[rounded]]).texts_with(figure)) == same_value(rounded, figure)


@pytest.mark.parametrize(
    ("date", "is_stated"), [("2024-03-05", True), ("2024-03", True), ("2024", True), ("2023-03-05", False)]
)
def test_a_day_is_stated_by_its_year_or_its_month(date: str, is_stated: bool) -> None:
    """A point that states only the year does not contradict the day."""
    figure = read("am 5. März 2024", "de").quantities[0]
    stated = quantity("count", Decimal(1))._replace(kind="date", value=None, date=date)
    assert bool(StatedFigures.of([[stated]]).texts_with(figure)) == is_stated
