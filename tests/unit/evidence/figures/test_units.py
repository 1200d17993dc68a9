"""The unit before or after a number decides what kind of quantity it is, and sometimes its value."""

from __future__ import annotations

import pytest

from dragoman.evidence.figures import find
from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("两年半", "zh-Hans", ["span 2.5 年"]),
        ("四成五", "zh-Hans", ["percent 45 %"]),
        ("2割5分", "ja", ["percent 25 %"]),
        ("$5 million US dollars", "en", ["money 5000000 USD"]),
        ("$5m", "en", ["money 5000000 ?$"]),
        ("5 m", "en", ["other 5 m"]),
        ("In 2026 $5 million was paid", "en", ["date 2026", "money 5000000 ?$"]),
        ("He lives at 221B Baker Street", "en", []),
        ("300 млн. долларов", "ru", ["money 300000000 ?dollar"]),
        ("500元", "zh-Hans", ["money 500 CNY"]),
        ("500元", "zh-Hant", ["money 500 ?元"]),
        ("5 basis points", "en", ["percent 5 bp"]),
        ("5 ‰", "en", ["percent 5 ‰"]),
        ("3 times", "en", ["other 3 ×"]),
    ],
)
def test_units_make_the_kind(text: str, tag: str, quantities: list[str]) -> None:
    """Each row is a rule of its own."""
    assert read(text, tag) == quantities


def test_a_full_stop_that_ends_the_sentence_is_not_in_the_quantity() -> None:
    """It ends the abbreviation as well."""
    (quantity,) = find("300 млн. Он", "ru")
    assert (quantity.start, quantity.end) == (0, len("300 млн"))
