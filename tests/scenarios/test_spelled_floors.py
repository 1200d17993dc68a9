"""The floors of `benchmarks/evidence/spelled.py`: numbers in words as two independent sources spell them."""

from __future__ import annotations

import json

import pytest

from tests.support import benchmarks

BENCHMARK = benchmarks.load("spelled")
FLOORS = json.loads((benchmarks.PLACE / "spelled_floors.json").read_text("utf-8"))


@pytest.mark.skipif(not BENCHMARK.NUMBERS.is_file(), reason="the numbers are not beside this checkout")
def test_numbers_in_words_are_read_as_often_as_pinned() -> None:
    counts, missed = BENCHMARK.measure()
    for name, languages in (("first", BENCHMARK.FIRST), ("further", frozenset(counts) - BENCHMARK.FIRST)):
        share = BENCHMARK.shares(counts, languages)
        assert share["right"] >= FLOORS[name]["right"], missed
        assert share["wrong"] <= FLOORS[name]["wrong"], missed


def test_each_exception_has_a_reason() -> None:
    assert all(BENCHMARK.exceptions().values())
