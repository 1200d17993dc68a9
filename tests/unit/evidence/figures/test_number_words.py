"""Numerals and number words in a row make one number, in the way of their language."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dragoman.evidence.figures.folding import fold
from dragoman.evidence.figures.grammar import grammar
from dragoman.evidence.figures.number_words import read_number, read_tokens, stands_alone

LONGEST = (
    "nine hundred and ninety-nine billion nine hundred and ninety-nine million "
    "nine hundred and ninety-nine thousand nine hundred and ninety-nine"
)


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("48億6,000万", "ja", 4_860_000_000),
        ("hai mươi lăm nghìn", "vi", 25_000),
        ("साढ़े तीन लाख", "hi", 350_000),
        ("milioni 3", "sw", 3_000_000),
        ("一百五", "zh", 150),
        ("两万三", "zh", 23_000),
        ("二〇二四", "zh", 2024),
        ("quatre-vingt-dix", "fr", 90),
        ("fünfundzwanzig", "de", 25),
        (LONGEST, "en", 999_999_999_999),
    ],
)
def test_a_run_is_one_number(text: str, tag: str, value: int) -> None:
    """The last case has the greatest number of tokens that a number in words has."""
    number, _ = read_number(folded(text, tag), 0, grammar(tag))
    assert number is not None
    assert (number.value, number.end) == (Decimal(value), len(folded(text, tag)))


def folded(text: str, tag: str) -> str:
    return fold(text, tag).text


def test_a_run_has_room_for_the_longest_number_and_little_more() -> None:
    """The longest number has 23 tokens; a run is cut at 24, because reading a longer one is quadratic."""
    assert len(read_tokens(LONGEST, 0, grammar("en"))) == 23
    assert len(read_tokens("million " * 100, 0, grammar("en"))) == 24


def test_two_han_digits_in_a_row_are_a_range() -> None:
    """三四百 is 300 to 400."""
    number, _ = read_number("三四百人", 0, grammar("zh"))
    assert number is not None
    assert (number.value, number.spread) == (Decimal(300), Decimal(100))


def test_a_word_that_stands_alone_has_neither_number_nor_unit_after_it() -> None:
    """The quick check looks at the next word only."""
    assert stands_alone("one of", 3, grammar("en")) is False
    assert stands_alone("one xyz", 3, grammar("en")) is True
    assert stands_alone("one million", 3, grammar("en")) is False
