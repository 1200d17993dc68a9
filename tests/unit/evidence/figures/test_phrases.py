"""Phrases, ordinals and fractions are quantities of their own, and words that only look like a number are none."""

from __future__ import annotations

import pytest

from dragoman.evidence.figures.grammar import grammar
from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("a third of it", "en", ["other 0.333333"]),
        ("doubled", "en", ["other 2 ×"]),
        ("三分之一", "zh-Hans", ["other 0.333333"]),
        ("3分の1", "ja", ["other 0.333333"]),
        ("百分之六十", "zh-Hans", ["percent 60 %"]),
        ("1/40 of it", "en", ["other 0.025"]),
        ("24/7", "en", []),
        ("۲/۵ میلیون", "fa", ["count 2500000"]),
        ("20th", "en", ["ordinal 20"]),
        ("第18届", "zh-Hans", ["ordinal 18"]),
        ("第3条", "zh-Hans", []),
        ("thứ Ba", "vi", []),
        ("der 3. Platz", "de", ["ordinal 3"]),
        ("3. místo", "cs", ["ordinal 3"]),
        ("2014-го", "ru", ["date 2014"]),
        ("1980-е", "ru", []),
        ("700-й", "ru", ["ordinal 700"]),
        ("1000-й", "ru", []),
        ("十分重要", "zh-Hans", []),
        ("十分钟", "zh-Hans", ["span 10 分钟"]),
    ],
)
def test_phrases_ordinals_and_fractions(text: str, tag: str, quantities: list[str]) -> None:
    """Each row is a form of its language."""
    assert read(text, tag) == quantities


def test_a_row_of_han_numerals_is_read_twelve_at_a_time_in_a_fraction() -> None:
    """More of them are no number, and trying each of them would be quadratic."""
    pattern = grammar("zh-Hans").divisor_first
    assert pattern is not None
    assert pattern.match("千" * 12 + "分之三")
    assert not pattern.match("千" * 13 + "分之三")
