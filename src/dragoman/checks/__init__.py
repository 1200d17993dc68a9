"""Local, deterministic checks of an answer against its source: one module per family.

Each is a function (Source, answer) → findings. The model's word is a claim, not a fact; what does not hold is
flagged, and nothing is dropped or rewritten.
"""

from __future__ import annotations

from dragoman.checks import coverage, instructions, language, polarity, quotes, shape
from dragoman.records import CheckedSummary, Finding
from dragoman.schemas import Translation
from dragoman.source import Source


def check(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """All findings, in a stable order: by check, then by place in the answer."""
    found: list[Finding] = []
    if summary is not None:
        found += quotes.check(source, summary)
        found += polarity.check(source, summary)
        found += shape.check(source, summary)
        found += coverage.check(source, summary)
    found += language.check(source, summary, translation)
    found += instructions.check(source, summary, translation)
    return found
