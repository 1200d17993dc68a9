"""Printed numerals are exact decimals, and the printed form decides where the language need not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dragoman.evidence.figures.numerals import LONGEST, fraction, parse_numeral, trimmed


@pytest.mark.parametrize(
    ("numeral", "decimal", "value"),
    [
        ("1,5", ".", "1.5"),
        ("1.5", ",", "1.5"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1.234.567", ".", "1234567"),
        ("12,34,567", ".", "1234567"),
        ("1 234,5", ",", "1234.5"),
        ("0,125", ".", "0.125"),
        ("1234,567", ".", "1234.567"),
        ("1'234", ".", "1234"),
        ("1234٫5", ".", "1234.5"),
        ("2 ½", ".", "2.5"),
        ("⅓", ".", "0.333333"),
    ],
)
def test_the_printed_form_says_the_value(numeral: str, decimal: str, value: str) -> None:
    """Only a single separator before exactly three digits depends on the language."""
    assert parse_numeral(numeral, decimal) == Decimal(value)


@pytest.mark.parametrize("numeral", ["1.2.3", "12,34,5", "1.23,456,7"])
def test_groups_that_make_no_number_have_no_value(numeral: str) -> None:
    """Versions and other numbers with points are not figures."""
    assert parse_numeral(numeral, ".") is None


def test_24_digits_are_a_number_and_25_are_a_key() -> None:
    """Account numbers and keys are longer than any figure of an article."""
    assert LONGEST == 24
    assert parse_numeral("7" * 24, ".") == Decimal("7" * 24)
    assert parse_numeral("7" * 25, ".") is None


def test_a_trimmed_value_keeps_every_digit() -> None:
    """Below 10^27, zeros at the end go and nothing is rounded; above it, the value stays as it is."""
    assert str(trimmed(Decimal("1.50"))) == "1.5"
    assert str(trimmed(Decimal("1E+3"))) == "1000"
    assert str(trimmed(Decimal("1E+26"))) == "1" + "0" * 26
    exact = Decimal("9" * 27)
    assert str(trimmed(exact * 1)) == "9" * 27
    assert trimmed(Decimal("1E+40")) == Decimal("1E+40")


def test_a_fraction_has_six_decimals() -> None:
    """A divisor of 0 has no value."""
    assert fraction(Decimal(1), Decimal(3)) == Decimal("0.333333")
    assert fraction(Decimal(1), Decimal(0)) is None
