"""Digits that are the name or the number of something are no amount, in any script."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dragoman.evidence.figures import find
from tests.support import paths
from tests.unit.evidence.figures.reading import read

CASES: list[dict[str, Any]] = json.loads((paths.CASES / "not_amounts.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']}, {case['language']}: {case['text']}")
def test_names_and_numbers_of_things_are_no_amount(case: dict[str, Any]) -> None:
    """Networks, days that are names, intensities of earthquakes, remains of references, aircraft."""
    found = [quantity for quantity in find(case["text"], case["language"]) if quantity.kind not in ("ordinal", "date")]
    assert found == []


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("5 जीबी डेटा", "hi", ["count 5"]),
        ("マグニチュード9・0だった", "ja", ["count 9.0"]),
        ("3・5%増えた", "ja", ["percent 3.5 %"]),
        ("18경기", "ko", ["count 18 경기"]),
        ("18경 원", "ko", ["money 180000000000000000 KRW"]),
        ("3兆瓦", "zh-Hans", ["other 3 兆瓦"]),
        ("三千千瓦", "zh-Hans", ["other 3000 千瓦"]),
        ("5万人", "zh-Hans", ["count 50000 人"]),
        ("10; 20; 30", "fr", ["count 10", "count 20", "count 30"]),
        ("6强", "zh-Hans", ["count 6 强"]),
        ("וכ-30 איש", "he", ["count 30 איש"]),
        ("COP 5,000", "es", ["money 5000 COP"]),
        ("four real mothers", "en", ["count 4"]),
        ("5 Brazilian reals", "en", ["money 5 BRL"]),
        ("180 mil", "cs", ["other 180 mil"]),
        ("180 mil korun", "cs", ["money 180000000 CZK"]),
        ("5 mil. korun", "cs", ["money 5000000 CZK"]),
        ("3 triliun", "ms", ["count 3000000000000"]),
        ("⼗⼆⽉⼆⼗⽇", "ja", ["date --12-20"]),
        ("⼆⼗⼈", "zh-Hans", ["count 20 ⼈"]),
    ],
)
def test_amounts_beside_such_names_are_read(text: str, tag: str, quantities: list[str]) -> None:
    """A gigabyte is no network, a decimal no day, a game no power of ten; radicals are the letters of their shape."""
    assert read(text, tag) == quantities
