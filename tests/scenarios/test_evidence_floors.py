"""The results of the evidence benchmark are pinned: they may rise, and they are never lowered silently."""

from __future__ import annotations

import hashlib
import json
from types import ModuleType

import pytest

from tests.support.benchmarks import PLACE, load

FLOORS = json.loads((PLACE / "floors.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return load("run")


def test_floors_were_measured_on_these_case_files(bench: ModuleType) -> None:
    """Changed cases need new floors: measure again and pin both."""
    digests = {name: hashlib.sha256((PLACE / name).read_bytes()).hexdigest() for name in bench.FILES}
    languages = hashlib.sha256(b"".join((PLACE / name).read_bytes() for name in bench.LANGUAGES)).hexdigest()
    assert {**digests, "cases/": languages} == FLOORS["files"]


def test_each_file_of_a_further_language_is_measured(bench: ModuleType) -> None:
    """Its cases are of its language, and at least three are clean and three have an error."""
    assert set(bench.LANGUAGES) == {f"cases/{path.name}" for path in (PLACE / "cases").glob("*.json")}
    for name in bench.LANGUAGES:
        cases = bench.cases(name)
        assert {case["language"].partition("-")[0] for case in cases} == {name[len("cases/") : -len(".json")]}
        errors = sum(case["seeded"] is not None for case in cases)
        assert errors >= 3
        assert len(cases) - errors >= 3


def test_every_kind_of_case_has_a_floor_and_none_is_trivial(bench: ModuleType) -> None:
    """At least 100 seeded errors and 100 clean renderings in 12 languages, and each kind has a floor above 0."""
    results = bench.measure()
    assert set(FLOORS["well"]) == {result.kind for result in results}
    assert min(FLOORS["well"].values()) > 0
    seeded = [r for r in results if not r.kind.startswith(("quote ", "figure read", "not an amount", "clean"))]
    clean = [r for r in results if r.kind == "clean"]
    assert len(seeded) >= 100
    assert len(clean) >= 100
    assert len({r.language for r in seeded}) >= 12


def test_no_result_is_below_its_floor(bench: ModuleType) -> None:
    """Raise a floor when a result improves. Lowering one needs a reason in the changelog."""
    assert bench.short_of(bench.measure(), FLOORS) == []
