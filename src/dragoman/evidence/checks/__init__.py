"""Local, deterministic checks of an answer against its source: one module per family.

Each is a function (Source, answer) → findings. The model's word is a claim, not a fact; what does not hold is
flagged, and nothing is dropped or rewritten.
"""

from __future__ import annotations

from collections.abc import Container

from dragoman.core.answers import Translation
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks import (
    coverage,
    figures,
    injection,
    language,
    negation,
    quotes,
    shape,
    source_arithmetic,
    speakers,
)


def check_source(source: Source, aside: Container[int] = ()) -> list[Finding]:
    """What is to be said of the source itself; ``aside`` are numbers of paragraphs that are not the article."""
    return [*injection.check_source(source, aside), *source_arithmetic.check_source(source, aside)]


def check_answer(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """All findings of an answer, in a stable order: by check, then by place in the answer."""
    found: list[Finding] = []
    if summary is not None:
        found += quotes.check(source, summary)
        found += figures.check(source, summary)
        found += speakers.check(source, summary)
        found += negation.check(source, summary)
        found += shape.check(source, summary)
        found += coverage.check(source, summary)
    found += language.check(source, summary, translation)
    found += injection.check_answer(source, summary, translation)
    return found
