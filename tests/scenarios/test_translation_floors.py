"""What the checks of a translation detect is pinned: the shares may rise, and they are never lowered silently."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.support.benchmarks import PLACE, load


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return load("translations")


def test_damaged_translations_are_detected_and_good_ones_raise_no_alarm(bench: ModuleType) -> None:
    """Every kind of damage has a floor above 0 and at least 50 cases, and the good translations have no error and no
    warning."""
    floors = json.loads((PLACE / "translation_floors.json").read_text("utf-8"))
    tallies, alarms = bench.measure()
    assert set(floors["shares"]) == set(tallies)
    assert min(share for shares in floors["shares"].values() for share in shares) > 0
    assert min(tally.cases for tally in tallies.values()) >= 50
    assert bench.short_of(tallies, alarms, floors) == []
