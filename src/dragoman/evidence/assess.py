"""Compare an answer with its source: locate every quote and run every check. (Source, Answer) → Assessment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dragoman.core.answers import Summary, Translation
from dragoman.core.record import CheckedClaim, CheckedSummary, Evidence, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks import check_answer
from dragoman.evidence.quotes.locate import locate
from dragoman.evidence.stated_bounds import with_bounds


class Assessment(NamedTuple):
    """An answer as the record shows it, and what the checks found in it. One of ``summary`` and ``translation`` is
    set."""

    summary: CheckedSummary | None
    translation: Translation | None
    findings: tuple[Finding, ...]


def assess(source: Source, answer: Summary | Translation, numbers: Sequence[int] | None = None) -> Assessment:
    """Locate the quotes of ``answer`` in ``source`` and run all checks. The answer itself is never changed.

    ``numbers`` are those of its claims, when claims of the answer were left out.
    """
    summary = locate_quotes(answer, source, numbers) if isinstance(answer, Summary) else None
    translation = answer if isinstance(answer, Translation) else None
    return Assessment(summary, translation, tuple(check_answer(source, summary, translation)))


def locate_quotes(summary: Summary, source: Source, numbers: Sequence[int] | None = None) -> CheckedSummary:
    """The summary with an id for each claim (``c1``, ``c2``, … or by its number in ``numbers``) and the place of its
    quote in ``source``."""
    claims = []
    all_numbers = range(1, len(summary.claims) + 1)
    for number, claim in zip(all_numbers if numbers is None else numbers, summary.claims, strict=True):
        span = locate(claim.quote, source, claim.paragraph)
        is_located = span.match != "absent"
        evidence = Evidence(
            match=span.match,
            start=span.start if is_located else None,
            end=span.end if is_located else None,
            parts=list(span.parts),
            others=list(span.others),
        )
        quantities = with_bounds(claim.quantities, source, evidence.parts)
        facts = {**vars(claim), "quantities": quantities}
        claims.append(CheckedClaim(**facts, id=f"c{number}", evidence=evidence))
    return CheckedSummary(**{**vars(summary), "claims": claims})
