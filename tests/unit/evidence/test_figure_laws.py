"""Laws of reading figures in every language: spans lie in order, digits of any script have one value, and what a locale
prints is read back.

Generated texts mix digits, words of the tables, signs and odd marks; printed forms come from CLDR's own formatters.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
import unicodedata
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest
from babel import localedata
from babel.dates import format_date, format_interval
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.evidence.figures import Quantity, find
from dragoman.evidence.figures.grammar import grammar
from dragoman.evidence.figures.lexicon import languages, lexicon
from dragoman.evidence.figures.number_words import read_tokens
from tests.support import paths

CASES = json.loads((paths.CASES / "quantities.json").read_text("utf-8"))["cases"]
TAGS = sorted({*languages(), "zh-Hans", "zh-Hant", "en-US", "es-MX", "is"} - {"zh"})
"""Every language with a table, regions that print differently, and one language without a table."""
LOCALES = sorted({*languages(), "zh-Hans", "zh-Hant"} - {"zh"})
EXAMPLES = 25
"""Texts for each language and law. More of them found nothing new and took a minute."""

SIGNS = [
    *" \n\t.,;:!?()[]-–—/%°½¾$€£¥₹₫+×~·…'’\"", "\u00a0", "\u202f", "\u200f", "\u0301", "\u093c", "\u064b",
    "US$", "km", "№",
]  # fmt: skip
ZEROS = {
    "Latin": "0", "Arabic": "٠", "Persian": "۰", "Devanagari": "०", "Bengali": "০", "Tamil": "௦", "Thai": "๐",
    "fullwidth": "０",
}  # fmt: skip


def texts_of(tag: str) -> st.SearchStrategy[str]:
    """Texts of the words, numerals and signs that the readers of a language look for, in any order."""
    words = sorted({word.rstrip("*") for place in lexicon(tag).words.values() for word in place})
    numerals = st.integers(0, 10**7).map(str) | st.sampled_from(
        ["1.5", "1,5", "1.234,5", "12:30", "1/2", "3-5", "２", "٣"]
    )
    piece = st.sampled_from(words) | numerals | st.sampled_from(SIGNS) | st.text(max_size=3)
    return st.lists(st.tuples(piece, st.sampled_from(["", " ", "  "])), max_size=14).map(
        lambda pieces: "".join(part for pair in pieces for part in pair)
    )


@pytest.mark.parametrize("tag", TAGS)
def test_spans_lie_in_the_text_in_order_and_apart(tag: str) -> None:
    """No text makes the reader raise, and its quantities are in order and do not overlap."""

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(texts_of(tag))
    def law(text: str) -> None:
        last = 0
        for quantity in find(text, tag):
            assert last <= quantity.start < quantity.end <= len(text)
            last = quantity.end

    law()


def are_alike(first: Quantity, second: Quantity) -> bool:
    return (first.kind, first.value, first.unit) == (second.kind, second.value, second.unit)


def test_an_amount_with_a_unit_is_read_the_same_without_its_sentence() -> None:
    """This does not hold for dates and ordinals (a word before them makes them), ranges (the word before them says
    "between"), hedges, bare figures, and minus signs, which need a space before them.
    """
    differing = []
    for case in CASES:
        for quantity in find(case["text"], case["language"]):
            negative = quantity.value is not None and quantity.value < 0
            if quantity.value is None or negative or quantity.kind not in ("money", "percent", "span"):
                continue
            shown = case["text"][quantity.start : quantity.end]
            if not any(are_alike(quantity, again) for again in find(shown, case["language"])):
                differing.append((case["language"], shown))
    assert differing == []


@pytest.mark.parametrize("tag", LOCALES)
def test_digits_of_every_script_have_one_value(tag: str) -> None:
    """A number is the same number in the digits of any script."""

    @settings(max_examples=2 * EXAMPLES, deadline=None)
    @given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(sorted(ZEROS)))
    def law(whole: int, hundredths: int, script: str) -> None:
        shown = in_script(f"{whole}{lexicon(tag).decimal}{hundredths:02d}", script)
        (found,) = find(f"{shown} km", tag)
        assert found.value == Decimal(f"{whole}.{hundredths:02d}")

    law()


def in_script(digits: str, script: str) -> str:
    return "".join(chr(ord(ZEROS[script]) + int(letter)) if letter.isdigit() else letter for letter in digits)


def values(text: str, tag: str) -> list[Decimal | None]:
    return [quantity.value for quantity in find(text, tag)]


@pytest.mark.parametrize("tag", LOCALES)
def test_numbers_as_the_locale_prints_them(tag: str) -> None:
    """Groups and decimals of CLDR, in Latin digits and in those of the locale, are read back as the number."""

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.decimals(0, 10**12, places=2), st.sampled_from(["latn", "default"]))
    def law(number: Decimal, digits: Any) -> None:
        shown = format_decimal(number, locale=tag.replace("-", "_"), numbering_system=digits)
        assert values(f"{shown} km", tag) == [number]

    law()


@pytest.mark.parametrize("tag", LOCALES)
def test_large_numbers_as_the_locale_prints_them(tag: str) -> None:
    """15 triệu, 1500万, 1.5 करोड़: CLDR's compact forms are read back as the number, except ambiguous words."""
    if tag == "sw":
        pytest.skip("Babel takes 'elfu 0;elfu -0' for three digits and prints 1,000 as 'elfu 10'")

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.integers(1, 99), st.integers(3, 13))
    def law(mantissa: int, power: int) -> None:
        number = mantissa * 10**power
        shown = compact(number, tag)
        if not (tag == "ne" and "करोड" in shown):
            assert values(f"{shown} km", tag) == [number]

    law()


def compact(number: int, tag: str) -> str:
    """The long form. Chinese, Japanese and Korean have only the short form, which consists of words too."""
    form: Any = "short" if tag[:2] in ("zh", "ja", "ko") else "long"
    return format_compact_decimal(number, format_type=form, locale=tag.replace("-", "_"), fraction_digits=2)


def test_the_slip_of_cldr_in_nepali_is_not_followed() -> None:
    """CLDR 47 prints a million as "1 करोड"; a करोड is ten million, in Nepali as in Hindi."""
    assert compact(10**6, "ne") == "1 करोड"
    assert values("1 करोड km", "ne") == [10**7]


@pytest.mark.parametrize("tag", LOCALES)
def test_percentages_as_the_locale_prints_them(tag: str) -> None:
    """%12 in Turkish, 12 % in French: one percentage each."""

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.integers(1, 999), st.sampled_from(["latn", "default"]))
    def law(number: int, digits: Any) -> None:
        shown = format_percent(Decimal(number) / 100, locale=tag.replace("-", "_"), numbering_system=digits)
        (found,) = find(shown, tag)
        assert (found.kind, found.value, found.unit) == ("percent", Decimal(number), "%")

    law()


@pytest.mark.parametrize("tag", LOCALES)
def test_money_as_the_locale_prints_it(tag: str) -> None:
    """The sign in front or behind, with or without a space: one amount in one currency."""

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.decimals(Decimal("0.5"), 10**10, places=2), st.sampled_from(["EUR", "GBP", "ILS"]))
    def law(number: Decimal, currency: str) -> None:
        shown = format_currency(number, currency, locale=tag.replace("-", "_"))
        (found,) = find(shown, tag)
        assert (found.kind, found.value, found.unit) == ("money", number, currency)

    law()


@pytest.mark.parametrize("tag", LOCALES)
def test_dates_as_the_locale_prints_them(tag: str) -> None:
    """The long form of a day is read back as that day."""

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)))
    def law(day: datetime.date) -> None:
        shown = format_date(day, "long", locale=tag.replace("-", "_"))
        assert [quantity.date for quantity in find(shown, tag)] == [day.isoformat()]

    law()


SLIPS = {
    tag: {word: tuple(map(int, found)) for word, found in lexicon(tag).ambiguous_scales.items()}
    for tag in TAGS
    if lexicon(tag).ambiguous_scales
}


def test_words_to_which_cldr_gives_two_values_are_settled_by_a_row() -> None:
    """The reviewed table says which value is meant."""
    assert SLIPS == {}


HOSTILE = [
    "90亿 ", "million ", "1", "1234 ", "tháng ", "十", "三分之", "about ", "khoảng ", "1.", "1-", "1-1-1-", "$", "US$",
    " ", "two ", "million and ", "مليون ", "लाख ", "½", "12,345 ", "1/2 ", "5 to ", "from ", "January ", "(", "www.",
    "@", "a", "e\u0301", "5, ", "5. und ", "1 and ", "5 March 2024, ", "March 5–", "5–", "5/3 – ", "3月5日、", "3月至",
    "ngày 5 đến ", "2024. ", "2024/", "2024-01-05/", "Januar–",
]  # fmt: skip


@pytest.mark.parametrize("tag", ["zh", "vi", "en", "ar", "hi", "de"])
def test_work_grows_no_faster_than_the_text(tag: str) -> None:
    """Four times the text takes about four times the steps, because runs are cut and nothing is read twice."""
    for piece in HOSTILE:
        find(piece * 8, tag)
        few, many = steps(piece * 60, tag), steps(piece * 240, tag)
        assert many <= 5 * few + 500, piece


def steps(text: str, tag: str) -> int:
    """The number of calls that reading a text takes."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        find(text, tag)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("piece", ["million ", "十", "90亿", "two ", "مليون "])
def test_a_run_of_number_words_is_cut(piece: str) -> None:
    """A run has no more tokens than the longest number in words."""
    tag = {"m": "en", "t": "en", "م": "ar"}.get(piece[0], "zh")
    assert len(read_tokens(piece * 500, 0, grammar(tag))) <= 24


def test_composed_and_decomposed_text_have_the_same_quantities() -> None:
    """Offsets count the code points of the text as given; values do not depend on its normal form."""
    differing = []
    for case in CASES:
        composed, apart = (unicodedata.normalize(form, case["text"]) for form in ("NFC", "NFD"))
        quantities, decomposed = (find(text, case["language"]) for text in (composed, apart))
        if [(q.kind, q.value, q.date) for q in quantities] != [(q.kind, q.value, q.date) for q in decomposed]:
            differing.append((case["language"], case["label"]))
    assert differing == []


ROWS = {
    "single digits with apostrophes": "1'",
    "groups with apostrophes": "123'",
    "groups with typographic apostrophes": "123’",
    "groups with no-break spaces": "123\u00a0",
    "groups with narrow no-break spaces": "123\u202f",
    "groups with thin spaces": "123\u2009",
    "groups with plain spaces": "123 ",
    "single digits with no-break spaces": "1\u00a0",
    "groups with Arabic signs": "١٢٣٬",
}
"""What a hostile paragraph repeats. Each row looks like one endless numeral."""


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("tag", ["de", "en", "fr", "zh-Hans", "ar"])
def test_a_row_of_digit_groups_is_passed_over_once(name: str, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For twice the groups, the pattern of numerals passes over twice the letters, not four times as many."""

    class Counting:
        def __init__(self, pattern: re.Pattern[str]) -> None:
            self.pattern, self.letters = pattern, 0

        def match(self, text: str, at: int = 0) -> re.Match[str] | None:
            found = self.pattern.match(text, at)
            self.letters += found.end() - at if found else 1
            return found

    def passed(groups: int) -> int:
        counting = Counting(number)
        monkeypatch.setitem(vars(rules), "number", counting)
        find("Im Jahr " + ROWS[name] * groups + " Ende", tag)
        return counting.letters

    rules = grammar(tag)
    number = rules.number
    assert passed(800) <= 2.2 * passed(400)


def test_a_row_too_long_for_a_number_has_no_number_at_its_end() -> None:
    """Neither the first nor the last groups of such a row are a figure, but a figure after the row is read."""
    row = "\u00a0".join(["123"] * 20)
    assert [quantity.value for quantity in find(f"Konto {row} und 7 Prozent", "de")] == [Decimal(7)]
    # A number as long as numbers get is still read.
    longest = "\u00a0".join(["123"] * 6)
    assert [quantity.value for quantity in find(f"{longest} Euro", "de")] == [Decimal("123" * 6)]


@pytest.fixture
def unchanged_tables() -> None:
    """Let Babel load its tables again: it resolves aliases in those that all locales share, and a locale that has no
    short names of months of its own would print those of the language of an earlier test."""
    localedata._cache.clear()


FRAMES = ("{}", "A {} b", "({})", "x, {}, y.", "“{}”", "{}: 7", "12 {}", "{}\n{}")
"""What may stand around a date: nothing, letters, brackets, marks, another figure, another date."""


@pytest.mark.usefixtures("unchanged_tables")
@pytest.mark.parametrize("tag", LOCALES)
def test_a_printed_date_is_read_as_itself_or_not_at_all(tag: str) -> None:
    """Whatever stands around a long date, no other date is read in its place, and no part of it is an amount."""

    @settings(max_examples=4 * EXAMPLES, deadline=None)
    @given(st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)), st.sampled_from(FRAMES))
    def law(day: datetime.date, frame: str) -> None:
        shown = format_date(day, "long", locale=tag.replace("-", "_"))
        text = frame.replace("{}", shown)
        start = text.index(shown)
        inside = [q for q in find(text, tag) if q.start < start + len(shown) and q.end > start]
        assert [q.date for q in inside] in ([day.isoformat()], []), (text, inside)

    law()


@pytest.mark.usefixtures("unchanged_tables")
@pytest.mark.parametrize("tag", LOCALES)
def test_the_ends_of_a_printed_span_are_read_as_themselves(tag: str) -> None:
    """Both ends of a span of up to two years are read whole, and nothing else is read in it."""

    @settings(max_examples=2 * EXAMPLES, deadline=None)
    @given(st.dates(datetime.date(1950, 1, 1), datetime.date(2049, 12, 31)), st.integers(1, 800))
    def law(first: datetime.date, days: int) -> None:
        last = first + datetime.timedelta(days=days)
        shown = format_interval(first, last, "yMMMd", locale=tag.replace("-", "_"))
        if (tag, first.year) == ("sw", last.year) and first.month != last.month:
            return  # CLDR leaves out the first month
        if tag == "mn":
            return  # CLDR prints Roman numerals for months
        assert [q.date for q in find(shown, tag)] == [first.isoformat(), last.isoformat()], shown

    law()
