"""Forms of newspapers: a power of ten and a currency in one word, tenths, signs before the figure."""

from __future__ import annotations

import pytest

from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("La multa fue de 15 mdp.", "es", ["money 15000000 ?peso"]),
        ("20 mdd y 3 mmdp", "es", ["money 20000000 ?dollar", "money 3000000000 ?peso"]),
        ("15 a 20 mdp", "es", ["money 15000000..20000000 ?peso"]),
        ("MM$ 300", "es", ["money 300000000 ?$"]),
        ("US$ 20 MM", "es", ["money 20000000 USD"]),
        ("5 mm de lluvia", "es", ["other 5 mm"]),
        ("Rs 5 cr and ₹2.5L", "en", ["money 50000000 ?Rs", "money 250000 INR"]),
        ("Rs 3 lakh cr", "en", ["money 3000000000000 ?Rs"]),
        ("बजट Rs 5 cr है", "hi", ["money 50000000 INR"]),
        ("بودجه ۲/۵ همت است", "fa", ["money 2500000000000 ?toman"]),
        ("37$ بلین ڈالر سے زائد", "ur", ["~money 37000000000 ?$"]),
        ("37€ Millionen", "de", ["money 37000000 EUR"]),
        ("5 $ und 3 Millionen Menschen", "de", ["money 5 ?$", "count 3000000 Menschen"]),
        ("پنج همت", "fa", ["money 5000000000000 ?toman"]),
    ],
)
def test_a_power_of_ten_and_a_currency_may_be_one_word(text: str, tag: str, quantities: list[str]) -> None:
    """Also before the figure, in a range, and as an abbreviation that counts only beside money."""
    assert read(text, tag) == quantities


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("1~2割増える", "ja", ["~percent 10..20 %", "percent 10..20 %"]),
        ("2〜3割", "ja", ["percent 20..30 %"]),
        ("1割から2割", "ja", ["percent 10..20 %"]),
        ("3割5分", "ja", ["percent 35 %"]),
        ("两成半", "zh-Hans", ["percent 25 %"]),
        ("兩成半", "zh-Hant", ["percent 25 %"]),
        ("三成", "zh-Hans", ["percent 30 %"]),
        ("2至3成", "zh-Hans", ["percent 20..30 %"]),
        ("三四成", "zh-Hans", ["~percent 30..40 %"]),
    ],
)
def test_tenths_are_per_cent_at_both_ends_of_a_range(text: str, tag: str, quantities: list[str]) -> None:
    """A tenth after the upper end counts for the lower end too; a half of a tenth is five per cent."""
    assert read(text, tag)[0] in quantities


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("بنسبة %5,3 هذا العام", "ar", ["percent 5.3 %"]),
        ("بنسبة ٪٥٫٣", "ar", ["percent 5.3 %"]),
        ("%5.3", "he", ["percent 5.3 %"]),
        ("%5.3", "ur", ["percent 5.3 %"]),
        ("%۵/۳", "fa", ["percent 5.3 %"]),
        ("%5,3", "tr", ["percent 5.3 %"]),
        ("Anteil in % 2024", "de", ["date 2024"]),
        ("5 % 7", "de", ["percent 5 %", "count 7"]),
        ("25 pb", "fr", ["percent 25 bp"]),
        ("25 p.b.", "pt", ["percent 25 bp"]),
        ("3 permil", "id", ["percent 3 ‰"]),
        ("3 per mille", "en", ["percent 3 ‰"]),
        ("3 PB", "es", ["count 3"]),
    ],
)
def test_signs_of_percentages_stand_on_either_side(text: str, tag: str, quantities: list[str]) -> None:
    """Before the figure only without a space, so that the head of a table is no percentage of a year."""
    assert read(text, tag) == quantities
