"""Load a benchmark of the evidence, which lies outside the package, so that a test can measure with it."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from tests.support.paths import ROOT

PLACE = ROOT / "benchmarks" / "evidence"


def load(name: str) -> ModuleType:
    """The script ``benchmarks/evidence/NAME.py`` as a module."""
    spec = importlib.util.spec_from_file_location(f"evidence_{name}", PLACE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module
