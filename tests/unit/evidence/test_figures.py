"""Figures, money, percentages and dates are read as printed, in 29 languages; what is no amount is left alone.

The cases were written apart from the engine. A span is right when it lies between the narrowest and the widest
reading that the case allows.
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
    """Whether a quantity of this kind, value, unit, bounds and date was read at this place."""
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
    """At least 98 % of the expressions, counted over all languages and none of them under 90 %."""
    right: dict[str, list[bool]] = {}
    for case in FILE["cases"]:
        found = find(case["text"], case["language"])
        right.setdefault(case["language"], []).extend(is_right(case, wanted, found) for wanted in case["found"])
    every = [one for ones in right.values() for one in ones]
    assert len(every) >= 1_000
    assert sum(every) >= 0.98 * len(every)
    assert {language: sum(ones) / len(ones) for language, ones in right.items() if sum(ones) < 0.9 * len(ones)} == {}


@pytest.mark.parametrize("case", FILE["not_amounts"], ids=lambda case: f"{case['language']} {case['label']}")
def test_what_is_no_amount_is_left_alone(case: dict[str, Any]) -> None:
    """Model numbers, telephone numbers, times of day, articles of a law, scores, versions."""
    found = [q for q in find(case["text"], case["language"]) if q.kind not in ("ordinal", "date")]
    assert found == []
