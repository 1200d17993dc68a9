"""What the evidence benchmark finds is pinned: it may rise, and is never lowered silently."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from types import ModuleType

import pytest

from tests.conftest import ROOT

PLACE = ROOT / "benchmarks" / "evidence"
FLOORS = json.loads((PLACE / "floors.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The benchmark as a module; it lies outside the package."""
    spec = importlib.util.spec_from_file_location("evidence_benchmark", PLACE / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_floors_belong_to_this_case_file() -> None:
    """Other cases need other floors: measure anew and pin both."""
    assert hashlib.sha256((PLACE / "cases.json").read_bytes()).hexdigest() == FLOORS["cases_sha256"]


def test_no_kind_of_seeded_error_is_told_less_often_than_pinned(bench: ModuleType) -> None:
    """Raise a floor when a check gets better; a lower one needs its reason in the change log."""
    table = bench.measure()
    told = {kind: table.told[kind] for kind in FLOORS["told"]}
    assert all(told[kind] >= floor for kind, floor in FLOORS["told"].items()), told
    assert table.told["clean"] <= FLOORS["most_false_alarms"], table.lines
    assert table.errors_on_clean <= FLOORS["most_errors_on_clean"], table.lines
