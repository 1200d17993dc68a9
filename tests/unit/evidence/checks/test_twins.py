"""A right claim and its twin that differs in one way are told apart, in every language with reviewed figures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import paths
from tests.unit.evidence.checks.claims import errors

CASES: list[dict[str, Any]] = json.loads((paths.CASES / "twins.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']} {case['kind']}: {case['wrong']}")
def test_the_right_claim_has_no_error_and_its_twin_has_one(case: dict[str, Any]) -> None:
    """Scales, groups of digits, years of other calendars, ordinals, and numbers in words."""
    assert errors(case["language"], case["text"], case["right"]) == []
    assert errors(case["language"], case["text"], case["wrong"]) != []


def test_the_twins_cover_28_languages() -> None:
    """Each with its scale words and its groups of digits."""
    for kind in ("scale", "digit group"):
        assert len({case["language"] for case in CASES if case["kind"] == kind}) >= 28


@pytest.mark.parametrize(
    ("language", "text", "english"),
    [
        ("th", "โครงการเริ่มในปี 2567", "The project began in 2567 BE."),
        ("th", "โครงการเริ่มในปี 2567", "The project began in 2567 (2024)."),
        ("ne", "आयोजना २०८० सालमा सुरु भयो।", "The project began in the Nepali year 2080."),
        ("zh-Hant", "計畫於民國113年開始。", "The project began in year 113 of the Republic."),
        ("th", "ปี 2567 มี 2567 คน", "In 2024 there were 2567 people."),
        ("de", "Es war das 18. Treffen der 18 Staaten.", "It was a meeting of the 18 states."),
        ("vi", "Cuộc họp thứ 3 của 5 nước.", "The 3 leaders met."),
        ("de", "Die Reihen 1,2,3 sind frei.", "Rows 1,2,3 are free."),
        ("es", "La ciudad tiene 12.345,67 euros.", "The town has 12,345.67 euros."),
        ("hi", "शहर में 22,00,112 लोग रहते हैं।", "The city has 22,00,112 people."),
    ],
)
def test_what_only_looks_like_such_an_error_has_none(language: str, text: str, english: str) -> None:
    """The other calendar may be named, the number may be there too, and groups of two are Indian."""
    assert errors(language, text, english) == []
