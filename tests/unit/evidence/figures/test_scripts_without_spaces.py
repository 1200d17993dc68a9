"""Words of Burmese, Khmer and Lao begin and end at syllables; joiners and breaks that print leaves out do not count."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dragoman.evidence.figures import find
from dragoman.evidence.figures.calendars import gregorian
from dragoman.evidence.figures.folding import fold, splits_syllable


@pytest.mark.parametrize(
    ("text", "at", "inside"),
    [
        ("လက်", 1, True),
        ("လူ", 1, True),
        ("လ ၅", 1, False),
        ("လနှစ်", 1, False),
        ("តុលា", 1, True),
        ("ຄົນ", 1, True),
        ("month", 2, False),
    ],
    ids=["closed syllable", "vowel sign", "space", "next syllable", "Khmer vowel", "Lao vowel", "Latin"],
)
def test_a_syllable_is_not_split(text: str, at: int, inside: bool) -> None:
    """A consonant that closes a syllable (က် in လက်), a vowel sign and a tone mark belong to the letter before them."""
    assert splits_syllable(text, at) is inside


def test_a_short_word_at_the_beginning_of_another_is_no_unit() -> None:
    """လ is a month, but လုံး counts round things and လက် is a hand."""
    assert [quantity.kind for quantity in find("၅ လ ကြာသည်", "my")] == ["span"]
    assert [quantity.kind for quantity in find("၅ လုံး ရှိသည်", "my")] == ["count"]


@pytest.mark.parametrize(
    ("language", "printed", "plain"),
    [
        ("ml", "മില്യണ്\u200d", "മില്യൺ"),
        ("si", "ට්\u200dරිලියන", "ට්රිලියන"),
        ("lo", "ໂດ\u200bລາ", "ໂດລາ"),
        ("pa", "ਫ਼ੀਸਦੀ", "ਫੀਸਦੀ"),
    ],
    ids=["old chillu", "Sinhala conjunct", "Lao line break", "Gurmukhi nukta"],
)
def test_forms_that_print_exchanges_are_folded_into_one(language: str, printed: str, plain: str) -> None:
    assert fold(printed, language).text == fold(plain, language).text


@pytest.mark.parametrize(
    ("year", "month", "day", "wanted"),
    [
        (2000, 1, 1, "2007-09-12"),
        (2016, 1, 1, "2023-09-12"),
        (2017, 1, 1, "2024-09-11"),
        (2014, 5, 5, "2022-01-13"),
        (2015, 13, 6, "2023-09-11"),
    ],
)
def test_ethiopian_days_are_exact(year: int, month: int, day: int, wanted: str) -> None:
    """The year begins on 11 September, or on the 12th before a Gregorian leap year."""
    assert gregorian("ethiopic", year, month, day) == (wanted, False)


def test_a_thirteenth_month_has_a_sixth_day_only_in_a_leap_year() -> None:
    assert gregorian("ethiopic", 2016, 13, 6) == (None, True)


def test_an_ethiopian_month_without_its_calendar_is_no_date() -> None:
    """Papers also use the names for Gregorian months, so ጥቅምት 1 may be 1 or 11 October."""
    assert find("ጥቅምት 1 ቀን 2018 ተካሄደ", "am") == []


@pytest.mark.parametrize("zero", "0०౦೦൦૦੦၀០໐")
def test_a_number_with_a_leading_zero_is_a_telephone_number(zero: str) -> None:
    assert find(f"{zero}9 123 4567", "en") == []


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("kn", "10 ಪ್ರತಿಶತಕ್ಕಿಂತ ಹೆಚ್ಚು", "10"),
        ("ml", "10 ശതമാനത്തിലധികം", "10"),
        ("mr", "20 कोटींहून अधिक रुपये", "200000000"),
        ("mn", "10 гаруй хувь", "10"),
    ],
)
def test_a_hedge_may_begin_inside_a_word_or_stand_before_the_unit(language: str, text: str, value: str) -> None:
    """More than ten per cent is a lower bound of a percentage, wherever the language puts "more than"."""
    (quantity,) = find(text, language)
    assert (quantity.low, quantity.high) == (Decimal(value), None)
    assert quantity.kind in ("percent", "money")
