"""Figures, money, percentages and dates are read as printed, in 29 languages; what is not an amount is not reported.

The cases were written independently of the code. A span is right if it lies between the narrowest and the widest
reading that its case allows.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from dragoman.evidence.figures import Quantity, find
from tests.support import paths

FILE = json.loads((paths.CASES / "quantities.json").read_text("utf-8"))


def decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def is_right(case: dict[str, Any], wanted: dict[str, Any], found: list[Quantity]) -> bool:
    """Whether a quantity of the wanted kind, value, unit and date was read at the wanted place."""
    text: str = case["text"]
    widest = text.find(wanted["text"])
    core = text.find(wanted.get("core", wanted["text"]), widest)
    for quantity in found:
        inside = widest <= quantity.start and quantity.end <= widest + len(wanted["text"])
        covers = quantity.start <= core and core + len(wanted.get("core", wanted["text"])) <= quantity.end
        same = (quantity.kind, quantity.value, quantity.date) == (
            wanted["kind"], decimal(wanted["value"]), wanted.get("date"),
        )  # fmt: skip
        unit = wanted["kind"] not in ("money", "percent") or quantity.unit == wanted["unit"]
        if same and unit and inside and (covers or wanted["kind"] == "count"):
            return True
    return False


def test_quantities_of_29_languages_are_read() -> None:
    """At least 98 % of all expressions are read, and at least 90 % in each language."""
    right: dict[str, list[bool]] = {}
    for case in FILE["cases"]:
        found = find(case["text"], case["language"])
        right.setdefault(case["language"], []).extend(is_right(case, wanted, found) for wanted in case["found"])
    every = [is_read for results in right.values() for is_read in results]
    assert len(every) >= 1_000
    assert sum(every) >= 0.98 * len(every)
    assert {
        language: sum(results) / len(results)
        for language, results in right.items()
        if sum(results) < 0.9 * len(results)
    } == {}


@pytest.mark.parametrize("case", FILE["not_amounts"], ids=lambda case: f"{case['language']} {case['label']}")
def test_what_is_not_an_amount_is_not_reported(case: dict[str, Any]) -> None:
    """This covers model numbers, telephone numbers, times of day, articles of a law, scores and versions."""
    found = [q for q in find(case["text"], case["language"]) if q.kind not in ("ordinal", "date")]
    assert found == []
