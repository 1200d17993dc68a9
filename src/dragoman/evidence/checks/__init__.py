"""Local, deterministic checks of an answer against its source, one module per family of checks.

Each family is a function (Source, answer) → findings. A check only flags what it finds: it never drops or rewrites any
part of an answer.
"""

from __future__ import annotations

from collections.abc import Container

from dragoman.core.answers import Translation
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks import (
    completeness,
    coverage,
    empty,
    figures,
    injection,
    language,
    left_out,
    negation,
    quotes,
    shape,
    source_arithmetic,
    speakers,
)
from dragoman.evidence.checks.translation import check as check_translation


def check_source(source: Source, boilerplate: Container[int] = ()) -> list[Finding]:
    """All findings about the source itself. ``boilerplate`` has the numbers of paragraphs that are not part of the
    article."""
    return [
        *completeness.check_source(source),
        *injection.check_source(source, boilerplate),
        *source_arithmetic.check_source(source, boilerplate),
    ]


def check_answer(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """All findings about an answer in a stable order: by family of checks, then by place in the answer."""
    findings: list[Finding] = []
    if summary is not None:
        findings += quotes.check(source, summary)
        findings += figures.check(source, summary)
        findings += speakers.check(source, summary)
        omitted = left_out.check(source, summary)
        findings += omitted
        without_negation = {f.claim for f in omitted if f.claim and f.check == "quote.negation_left_out"}
        findings += negation.check(source, summary, without_negation)
        findings += empty.check(source, summary)
        findings += shape.check(source, summary)
        findings += coverage.check(source, summary)
    findings += language.check(source, summary, translation)
    if translation is not None:
        findings += check_translation(source, translation)
    findings += injection.check_answer(source, summary, translation)
    return findings
