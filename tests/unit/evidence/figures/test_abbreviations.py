"""A power of ten is read from its abbreviation only where that is what the letter means."""

from __future__ import annotations

import pytest

from dragoman.evidence.figures.cldr import CURRENCIES
from dragoman.evidence.figures.lexicon import languages
from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("320K", "en", ["count 320000"]),
        ("some 320K people", "en", ["~count 320000 people"]),
        ("It has 1.5M users.", "en", ["count 1500000 users"]),
        ("€3bn and USD 3 mn", "en", ["money 3000000000 EUR", "money 3000000 USD"]),
        ("12 M", "id", ["count 12000000000"]),
        ("12 M", "fr", ["count 12000000"]),
        ("Rp300 M", "id", ["money 300000000000 IDR"]),
        ("Rp1,2 T", "id", ["money 1200000000000 IDR"]),
        ("Rp1,2T", "id", ["money 1200000000000 IDR"]),
        ("47 B", "tr", ["count 47000"]),
        ("32 mil M", "es", ["count 32000000000"]),
        ("3.2 क॰", "hi", ["count 32000000"]),
        ("2 কো", "bn", ["count 20000000"]),
        ("3.2மி", "ta", ["count 3200000"]),
        ("5 NT", "vi", ["count 5000000000000"]),
    ],
)
def test_an_abbreviation_means_what_it_means_in_the_language(text: str, tag: str, quantities: list[str]) -> None:
    """CLDR's own letter of each language, glued or spaced as CLDR writes it."""
    assert read(text, tag) == quantities


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("A 4K screen", "en"),
        ("Der neue 8K Fernseher", "nl"),
        ("He ran a 10K in May", "en"),
        ("The company 3M grew", "en"),
        ("He lives at 221B Baker Street", "en"),
        ("Seat 12B is free", "en"),
        ("Gambar 4K itu", "ms"),
    ],
)
def test_a_letter_in_a_name_is_no_power_of_ten(text: str, tag: str) -> None:
    """Screens, races, companies, houses and seats."""
    assert [quantity for quantity in read(text, tag) if not quantity.startswith("date")] == []


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("5 m", "id", ["other 5 m"]),
        ("5 M", "en", ["count 5"]),
        ("US$5B", "es", []),
        ("C$5b", "pt", []),
        ("5 NT$", "vi", ["money 5 TWD"]),
        ("5 M-Klassen", "de", ["count 5"]),
    ],
)
def test_a_unit_or_another_language_keeps_its_letter(text: str, tag: str, quantities: list[str]) -> None:
    """Metres are lower case, and B without a space is the English billion, which Spanish does not have."""
    assert read(text, tag) == quantities


@pytest.mark.parametrize("tag", languages())
def test_a_code_in_capitals_is_a_currency_in_every_language(tag: str) -> None:
    """Before and after the figure, even if its letters are a word of the language."""
    for code in CURRENCIES:
        assert [read(text, tag) for text in (f"{code} 750", f"750 {code}")] == [[f"money 750 {code}"]] * 2


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("18,500 Kuwait-Dinar", "de", ["money 18.500 KWD"]),
        ("KWD 7.000", "en", ["money 7.000 KWD"]),
        ("18,500 dinars koweïtiens", "en", ["money 18500 ?dinar"]),
        ("4,000 people", "de", ["count 4000"]),
        ("4,000 Kilogramm", "de", ["other 4.000 Kilogramm"]),
        ("30 SEK.", "de", ["money 30 SEK"]),
        ("30 Sek. lang", "de", ["span 30 Sek."]),
        ("7.00 ر.س.\u200f", "ar", ["money 7.00 SAR"]),
        ("\u200e$HK 7.00", "fa", ["money 7.00 HKD"]),
        ("yen za Japani 7", "sw", ["money 7 JPY"]),
        ("7日元", "zh-Hans", ["money 7 JPY"]),
        ("7 일본 엔화", "ko", ["money 7 JPY"]),
        ("COP 5,000", "en", ["money 5000 COP"]),
        ("COP28", "en", []),
        ("at COP 30", "en", []),
    ],
)
def test_signs_and_decimals_of_money_are_those_of_the_currency(text: str, tag: str, quantities: list[str]) -> None:
    """Dinars of 1000 fils have three decimals; direction marks and a full stop do not hide a sign."""
    assert read(text, tag) == quantities
