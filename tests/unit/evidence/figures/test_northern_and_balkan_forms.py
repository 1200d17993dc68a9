"""Forms that thirteen languages of northern Europe and the Balkans have beside those of CLDR: endings on digits, a
power of ten and a currency in one word, years without a word, telephone numbers in pairs."""

from __future__ import annotations

import pytest

from tests.unit.evidence.figures.reading import read

ENDINGS = [
    ("34:n prosentin nousu", "fi", ["percent 34 %"]),
    ("20:een prosenttiin", "fi", ["percent 20 %"]),
    ("34:n miljoonan euron laina", "fi", ["money 34000000 EUR"]),
    ("15:ssä kunnassa", "fi", ["count 15"]),
    ("12:s sija", "fi", ["ordinal 12"]),
    ("12-те играчи", "bg", ["count 12 играчи"]),
    ("18-те щата", "bg", ["count 18 щата"]),
    ("2019-ben", "hu", ["date 2019"]),
    ("18 hónapig", "hu", ["span 18 hónapig"]),
    ("5 százalék fölött", "hu", ["~percent 5 %"]),
    ("50 inimest või rohkem", "et", ["~count 50 inimest"]),
    ("ett 20-tal personer", "sv", ["~count 20"]),
]
"""Case endings of Finnish follow a colon, the article of Bulgarian a hyphen, hedges of Hungarian the unit."""

SCALES = [
    ("120 de milioane de lei", "ro", ["money 120000000 RON"]),
    ("5,69 de milioane de euro", "ro", ["money 5690000 EUR"]),
    ("1,7 εκατομμυρίων ευρώ", "el", ["money 1700000 EUR"]),
    ("ενάμισι δισ. ευρώ", "el", ["money 1500000000 EUR"]),
    ("pusotrs miljons eiro", "lv", ["money 1500000 EUR"]),
    ("pusantro milijardo eurų", "lt", ["money 1500000000 EUR"]),
    ("1,5 mrd. kr.", "da", ["money 1500000000 ?kr"]),
    ("5 mkr", "sv", ["money 5000000 SEK"]),
    ("5 mio.kr.", "da", ["money 5000000 DKK"]),
    ("12 MNOK", "no", ["money 12000000 NOK"]),
    ("3 mFt", "hu", ["money 3000000 HUF"]),
    ("450 eFt", "hu", ["money 450000 HUF"]),
]

YEARS = [
    ("Hun tok gull i OL i London 2012.", "no", ["date 2012"]),
    ("Enligt Novus 2013 var det bättre.", "sv", ["date 2013"]),
    ("Mødet i Paris 2015 blev langt.", "da", ["date 2015"]),
    ("Hon vann VM i Oslo 1998.", "sv", ["date 1998"]),
    ("Windows 2000 såldes.", "sv", []),
    ("Boeing 737 landade.", "sv", []),
    ("Kirken er fra 1800-tallet.", "no", []),
    ("Църквата е от 19 век.", "bg", []),
]
"""No word stands before a year in Scandinavia. A product keeps its number, and a century is no amount."""

TELEPHONES = [
    ("Ring 22 12 34 56 nå.", "no"),
    ("Ring 33 12 34 56.", "da"),
    ("Zvaniet 67 12 34 56.", "lv"),
    ("Helista 612 3456.", "et"),
    ("Soita 512 3456.", "fi"),
    ("Καλέστε 210 123 4567.", "el"),
    ("Skambinkite 8 612 34567.", "lt"),
    ("Sunați la 021 312 34 56.", "ro"),
    ("Hívja a 06 1 234 5678 számot.", "hu"),
    ("Обадете се на 02 312 34 56.", "mk"),
]

NO_TELEPHONES = [
    ("12 345 678 kronor", "sv", ["money 12345678 SEK"]),
    ("250 2024", "sv", ["count 250", "date 2024"]),
    ("1 234 567 euroa", "fi", ["money 1234567 EUR"]),
]

SERVED = [
    ("3,5 milliarder kroner", "nb", ["money 3500000000 NOK"]),
    ("3,5 millionar kroner", "nn", ["money 3500000 NOK"]),
    ("i 12 veker", "nn-NO", ["span 12 veker"]),
    ("5 milyong piso", "tl", ["money 5000000 PHP"]),
]


@pytest.mark.parametrize(("text", "tag", "quantities"), [*ENDINGS, *SCALES, *YEARS, *NO_TELEPHONES])
def test_forms_of_print_are_read_as_they_mean(text: str, tag: str, quantities: list[str]) -> None:
    assert read(text, tag) == quantities


@pytest.mark.parametrize(("text", "tag"), TELEPHONES)
def test_a_telephone_number_is_no_amount(text: str, tag: str) -> None:
    assert read(text, tag) == []


@pytest.mark.parametrize(("text", "tag", "quantities"), SERVED)
def test_a_standard_is_served_by_the_tables_of_its_language(text: str, tag: str, quantities: list[str]) -> None:
    """Bokmål and Nynorsk by those of Norwegian, Tagalog by those of Filipino."""
    assert read(text, tag) == quantities


def test_a_plural_that_means_thousands_has_no_value_and_is_silent_before_more_words() -> None:
    """Tuhansia is "thousands"; CLDR also spells "of a thousand" so, and then further words may follow."""
    assert read("tuhansia ihmisiä", "fi") == ["~count None..None"]
    assert read("tuhansia miljoonia euroja", "fi") == []
    assert read("satoja tuhansia ihmisiä", "fi") == ["~count None..None"]
