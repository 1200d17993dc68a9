"""Locations of the files that tests read."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "dragoman"
CASES = ROOT / "tests" / "cases"
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"
"""Texts beside the checkout. Tests that read them are skipped where they are absent."""
