"""CLDR's tables are words with one value; abbreviations and words with two values are kept apart."""

from __future__ import annotations

from decimal import Decimal

from dragoman.evidence.figures import cldr


def table(tag: str) -> cldr.Locale:
    locale = cldr.load(tag)
    assert locale is not None
    return locale


def test_an_unknown_language_has_no_tables() -> None:
    """Neither has a tag that is malformed."""
    assert cldr.load("xx") is None
    assert cldr.load("not a tag") is None


def test_scales_are_words() -> None:
    """A short form of fewer than three letters means different things, so it is left out; Han and Hangul are words."""
    assert table("vi").scales["triệu"] == Decimal(10**6)
    assert table("ru").scales["млрд"] == Decimal(10**9)
    assert table("ko").scales["억"] == Decimal(10**8)
    assert table("sw").scales["elfu"] == Decimal(1000)
    assert "M" not in table("id").scales
    assert "B" not in table("tr").scales
    # "Mn" in Turkish would be one at two letters; "mln" would be lost at six.
    assert "Mn" not in table("tr").scales
    assert "mln" in table("pl").scales


def test_a_word_with_two_values_is_for_a_row_to_settle() -> None:
    """In Nepali, CLDR gives करोड two values."""
    assert table("ne").ambiguous_scales["करोड"] == (Decimal(10**6), Decimal(10**7))
    assert "करोड" not in table("ne").scales


def test_a_locale_is_the_same_whatever_was_loaded_before_it() -> None:
    """Babel keeps what an alias led to in tables that all locales share: after Lao, Amharic had Lao months."""
    from babel import localedata

    localedata._cache.clear()
    alone = table("am"), table("de"), table("mn")
    localedata._cache.clear()
    table("lo")
    assert (table("am"), table("de"), table("mn")) == alone


def test_units_and_months_come_in_all_their_cases() -> None:
    """Русский год, года, лет; декабрь, декабря."""
    russian = table("ru")
    assert {russian.times[word] for word in ("год", "года", "лет")} == {"year"}
    assert {russian.months[word] for word in ("декабрь", "декабря")} == {12}
