"""The quick path for digits alone or with a plain unit says exactly what the full reader of amounts says."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from dragoman.evidence.figures import find as figures_find
from dragoman.evidence.figures import find_in_lines
from dragoman.evidence.figures.amounts import read_amount
from dragoman.evidence.figures.bare_digits import bare_quantity, read_bare_digits
from dragoman.evidence.figures.scan import FigureMatch, Scan
from tests.support import paths
from tests.unit.evidence.figures.reading import read, short

FILE: dict[str, Any] = json.loads((paths.CASES / "quantities.json").read_text("utf-8"))
CASES = [*FILE["cases"], *FILE["not_amounts"]]


def test_the_quick_path_agrees_with_the_full_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it returns an amount, the full reader returns the same quantity and stops at its end."""
    compared = 0

    def both(scan: Scan, at: int, previous_end: int) -> FigureMatch | None:
        nonlocal compared
        match = read_bare_digits(scan, at, previous_end)
        if match is not None:
            full, end = read_amount(scan, at, previous_end)
            compared += 1
            assert full is not None
            assert (full.quantity, end) == (match.quantity, match.quantity.end)
            assert full.has_unit == match.has_unit
        return match

    monkeypatch.setattr(sys.modules["dragoman.evidence.figures.find"], "read_bare_digits", both)
    for case in CASES:
        find_in_lines(case["text"], case["language"])
    assert compared >= 60


def test_a_text_of_digits_alone_is_a_count_or_a_year() -> None:
    """Four digits are a year where papers print years."""
    assert [short(bare_quantity(digits, 0, "en")) for digits in ("5", "2024", "4711")] == [
        "count 5", "date 2024", "count 4711",
    ]  # fmt: skip
    assert read("2024") == read(" 2024 ") == ["date 2024"]
    assert figures_find("007", "en") == []
