"""Two currency units are the same, may be the same, or cannot be the same."""

from __future__ import annotations

import pytest

from dragoman.evidence.checks.currencies import (
    TOMAN,
    are_rial_and_toman,
    is_home,
    is_open,
    may_be_same,
    names_money,
)


@pytest.mark.parametrize(
    ("first", "second"),
    [("USD", "USD"), ("?$", "CAD"), ("?dollar", "?$"), ("?元", "TWD"), (None, "EUR"), ("?zorkmid", "EUR")],
)
def test_an_open_or_unknown_currency_may_be_any_that_shares_its_word(first: str | None, second: str) -> None:
    assert may_be_same(first, second)
    assert may_be_same(second, first)


@pytest.mark.parametrize(("first", "second"), [("USD", "EUR"), ("?$", "EUR"), ("?dollar", "?yen"), ("?元", "USD")])
def test_currencies_without_a_common_word_cannot_be_the_same(first: str, second: str) -> None:
    assert not may_be_same(first, second)
    assert not may_be_same(second, first)


def test_a_unit_is_open_if_it_does_not_settle_the_currency() -> None:
    assert is_open(None)
    assert is_open("?$")
    assert not is_open("USD")


@pytest.mark.parametrize(
    ("unit", "language", "home"),
    [
        ("CNY", "zh-Hans", True),
        ("USD", "zh-Hans", False),
        ("EUR", "de", True),
        ("USD", "es", None),
        ("INR", "hi", True),
    ],
)
def test_a_language_has_at_most_one_home_currency(unit: str, language: str, home: bool | None) -> None:
    """Languages of many countries, such as Spanish, have none."""
    assert is_home(unit, language) is home


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("11 mln funtów", "pl", True, id="a form that the table lacks"),
        pytest.param("500亿元", "zh-Hans", True, id="a name without spaces"),
        pytest.param("11 mln domów", "pl", False, id="another noun"),
        pytest.param("11 mln " + "bardzo " * 2 + "funtów", "pl", True, id="a name within 24 characters"),
        pytest.param("11 mln " + "bardzo " * 5 + "funtów", "pl", False, id="a name farther away"),
    ],
)
def test_words_after_a_figure_may_name_a_currency(text: str, language: str, expected: bool) -> None:
    assert names_money(text, 2, language) is expected


def test_the_rial_and_the_toman_differ_by_a_factor_of_ten() -> None:
    """Iran counts in both: 28 billion tomans are 280 billion rials."""
    assert TOMAN == 10
    assert are_rial_and_toman("?toman", "IRR")
    assert are_rial_and_toman("?rial", "?toman")
    assert not are_rial_and_toman("IRR", "?rial")
    assert not are_rial_and_toman("?toman", "USD")
