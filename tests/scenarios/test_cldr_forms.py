"""Figures and dates as CLDR writes them are read in every language; the shares are pinned."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.support.benchmarks import PLACE, load

FLOORS = json.loads((PLACE / "cldr_floors.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return load("cldr_forms")


def test_figures_and_dates_in_the_forms_of_cldr_are_read(bench: ModuleType) -> None:
    """Every kind of form has a floor, and none is missed or read wrong more often than that."""
    results = bench.measure()
    assert set(FLOORS["most"]) == {form.kind for form, _, _ in results}
    assert bench.short_of(results, FLOORS) == []


def test_the_bench_tells_a_form_read_wrong_from_one_that_was_missed(bench: ModuleType) -> None:
    """A second figure, another value, and another currency are wrong; nothing at all is a miss."""
    form = bench.Form("de", "currency sign", "7,00 €", bench.Decimal(7), "EUR")
    judged = [
        bench.verdict(form, bench.find(text, "de")) for text in ("7,00 €", "7 $", "8 €", "7 € und 9 €", "sehr viel")
    ]
    assert judged == ["right", "wrong", "wrong", "wrong", "missed"]


def test_patterns_left_out_contradict_the_tables_of_the_language(bench: ModuleType) -> None:
    """No pattern is left out that is read right. In Nepali, CLDR writes 3 करोड for 3 million, but it is 30 million."""
    for (tag, width), powers in bench.WRONG_PATTERNS.items():
        locale = bench.Locale.parse(tag, sep="-")
        for power in powers:
            value = 3 * bench.Decimal(10) ** power
            form = bench.Form(tag, f"compact {width}", bench._compact_text(locale, width, value, power), value)
            assert bench.verdict(form, bench.find(form.text, tag)) != "right", form
