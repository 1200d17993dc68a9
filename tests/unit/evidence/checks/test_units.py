"""Units of time and measure are compared by their sizes, across languages."""

from __future__ import annotations

import pytest

from dragoman.evidence.checks.quantities import read
from dragoman.evidence.checks.units import check_units, differ, is_converted, same_amount, unit_of


@pytest.mark.parametrize(
    ("printed", "language", "name"),
    [("года", "ru", "year"), ("महीने", "hi", "month"), ("hectares", "en", "hectare"), ("км", "ru", "kilometer")],
)
def test_a_printed_word_is_a_unit_of_its_language(printed: str, language: str, name: str) -> None:
    unit = unit_of(printed, language)
    assert unit is not None
    assert unit.name == name


@pytest.mark.parametrize(("printed", "language"), [("people", "en"), ("машин", "ru"), (None, "en"), ("", "de")])
def test_a_noun_is_no_unit(printed: str | None, language: str) -> None:
    assert unit_of(printed, language) is None


@pytest.mark.parametrize(
    ("english", "language", "source"),
    [
        pytest.param("100 hectares", "de", "1 km²", id="exact conversion"),
        pytest.param("2.53 acres", "de", "1 Hektar", id="rounded by 2.4 %"),
        pytest.param("4 weeks", "de", "1 Monat", id="four weeks are a month"),
        pytest.param("1 year", "de", "12 Monate", id="twelve months are a year"),
        pytest.param("100 °F", "de", "38 °C", id="a point on the temperature scale"),
    ],
)
def test_a_converted_figure_is_the_same_amount(english: str, language: str, source: str) -> None:
    (figure,) = read(english, "en").quantities
    assert is_converted(figure, [read(source, language)])


@pytest.mark.parametrize(
    ("english", "language", "source"),
    [
        pytest.param("2.6 acres", "de", "1 Hektar", id="more than 3 % off"),
        pytest.param("3.5 weeks", "de", "1 Monat", id="more than 10 % off"),
        pytest.param("42 miles", "de", "42 Kilometer", id="the same number"),
    ],
)
def test_a_figure_outside_the_tolerance_is_another_amount(english: str, language: str, source: str) -> None:
    (figure,) = read(english, "en").quantities
    assert not is_converted(figure, [read(source, language)])


def test_units_of_two_dimensions_are_never_the_same_amount() -> None:
    figure, source_figure = read("3 years", "en").quantities[0], read("3 km", "en").quantities[0]
    unit, source_unit = unit_of("years", "en"), unit_of("km", "en")
    assert unit is not None
    assert not same_amount(figure, unit, source_figure, source_unit)


@pytest.mark.parametrize(
    ("printed", "language", "stated", "is_different"),
    [
        ("гектаров", "ru", "square kilometres", True),
        ("miles", "en", "kilometres", True),  # a ratio of 1.6
        ("tonnes", "en", "short tons", False),  # a ratio of 1.1
        ("гектаров", "ru", "hectares", False),
        ("гектаров", "ru", "years", False),
    ],
)
def test_units_differ_from_a_ratio_of_one_and_a_half_on(
    printed: str, language: str, stated: str, is_different: bool
) -> None:
    assert differ(printed, language, stated) is is_different


def test_a_swapped_unit_is_an_error_in_the_quote_and_a_warning_farther_away() -> None:
    english, source, empty = (
        read("Repairs take 30 years.", "en"),
        read("Ремонт займёт 30 месяцев.", "ru"),
        read("", "ru"),
    )
    (in_quote,) = check_units(english, [source, source])
    assert in_quote.severity == "error"
    assert in_quote.message == (
        "“30 years” is in the unit “year”, but “30 месяцев” in the source is in the unit “month”"
    )
    (farther,) = check_units(english, [empty, source])
    assert farther.severity == "warning"


def test_a_small_number_with_another_unit_counts_only_in_the_quote() -> None:
    """A source may easily have "3 years" and "3 months" in different sentences."""
    english, source, empty = read("Repairs take 3 years.", "en"), read("Ремонт займёт 3 месяца.", "ru"), read("", "ru")
    assert len(list(check_units(english, [source, source]))) == 1
    assert list(check_units(english, [empty, source])) == []
    assert list(check_units(english, [source])) == []
