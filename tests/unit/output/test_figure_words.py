"""A figure of a claim is shown with the bound that the source prints, its value and its unit."""

from __future__ import annotations

from typing import Any

import pytest

from dragoman.core.record import CheckedQuantity
from dragoman.output.figure_words import amount, group_thousands, is_unknown, with_unit


def figure(value: str | None, unit: str | None = "people", **facts: Any) -> CheckedQuantity:
    return CheckedQuantity(quote="x", value=value, unit=unit, **{"approximate": False, **facts})


@pytest.mark.parametrize(
    ("bound", "shown"),
    [
        ("exact", "120 people"),
        ("about", "about 120 people"),
        ("at_least", "at least 120 people"),
        ("more_than", "more than 120 people"),
        ("at_most", "at most 120 people"),
        ("less_than", "less than 120 people"),
    ],
)
def test_each_bound_has_its_own_words(bound: Any, shown: str) -> None:
    """They do not depend on what the model calls approximate."""
    assert amount(figure("120", bound=bound)) == shown
    assert amount(figure("120", bound=bound, approximate=bound != "exact")) == shown


@pytest.mark.parametrize("bound", [None, "exact"])
def test_a_figure_that_only_the_model_calls_approximate_is_marked(bound: Any) -> None:
    """Its bound is not known: the record may be of an earlier version, or the hedge stands far from the figure."""
    assert amount(figure("120", bound=bound, approximate=True)) == "120 people (approximate)"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "3,000,000 to 5,000,000 RUB"),
        ("3000000", "3,000,000 to 5,000,000 RUB"),
        ("5000000", "3,000,000 to 5,000,000 RUB"),
        ("7000000", "7,000,000 RUB"),
    ],
)
def test_a_range_is_shown_with_both_ends(value: str | None, shown: str) -> None:
    """A value that the model states outside of the range is shown as it is."""
    quantity = figure(value, "RUB", bound="exact", low="3000000", high="5000000")
    assert amount(quantity) == shown
    assert not is_unknown(quantity)


def test_a_range_may_be_hedged() -> None:
    assert amount(figure(None, "%", bound="about", low="5", high="8")) == "about 5 to 8 %"


def test_a_figure_without_a_value_says_so() -> None:
    assert amount(figure(None)) == "no exact value in people"
    assert amount(figure(None, None, bound="more_than")) == "no exact value"
    assert is_unknown(figure(None))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("4000000", "4,000,000"),
        ("0", "0"),
        ("-1234.50", "-1,234.50"),
        ("12.5", "12.5"),
        ("999", "999"),
        ("1" * 60, "1" * 60),
        ("1" * 40, f"{int('1' * 40):,}"),
        ("1" * 41, "1" * 41),
        ("2026", "2026"),
        ("0.001", "0.001"),
    ],
)
def test_figures_are_grouped_for_reading(value: str, shown: str) -> None:
    """Commas separate thousands and nothing else changes. Numbers of more than 40 digits and years stay."""
    assert group_thousands(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("6480", "tonnes", "6,480 tonnes"),
        ("5000", None, "5000"),
        ("2026", "year", "2026 year"),
        ("1", "years", "1 year"),
        ("2", "years", "2 years"),
        ("1", "USD", "1 USD"),
    ],
)
def test_a_figure_has_commas_if_its_unit_shows_that_it_is_no_year(value: str, unit: str | None, shown: str) -> None:
    """One unit of time is in the singular."""
    assert with_unit(value, unit) == shown
