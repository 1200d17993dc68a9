"""Where the files are that tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "dragoman"
CASES = ROOT / "tests" / "cases"
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"
"""Texts beside the checkout, which are not everywhere: tests that read them are skipped without."""
