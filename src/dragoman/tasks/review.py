"""A task's answer against its source: every quote located, every check run. Answer → Review."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.answers import Summary, Translation
from dragoman.core.record import CheckedClaim, CheckedSummary, Evidence, Finding
from dragoman.core.source import Source
from dragoman.errors import ProviderError
from dragoman.evidence.checks import check
from dragoman.evidence.quotes.locate import locate
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.requests import Call


@dataclass(frozen=True)
class Review:
    """The outcome of a task with the findings about its answer. Without an answer there are no findings."""

    outcome: TaskOutcome
    summary: CheckedSummary | None = None
    translation: Translation | None = None
    findings: tuple[Finding, ...] = ()
    unanswered: ProviderError | None = None
    """Why a repair got no reply. The next run sends it again."""
    unusable: Call | None = None
    """The repair whose reply could not be used. Only a retry sends it again."""

    @property
    def finished(self) -> bool:
        """Whether the answer is final: asking again would give the same."""
        return self.outcome.status == "ok" and self.unanswered is None


def review(source: Source, outcome: TaskOutcome) -> Review:
    """The outcome with its answer checked."""
    answer = outcome.answer
    summary = located(answer, source) if isinstance(answer, Summary) else None
    translation = answer if isinstance(answer, Translation) else None
    found = check(source, summary, translation) if answer is not None else []
    return Review(outcome, summary, translation, tuple(found))


def located(summary: Summary, source: Source) -> CheckedSummary:
    """The summary with an id for every claim and the place of its quote."""
    claims = []
    for number, claim in enumerate(summary.claims, start=1):
        span = locate(claim.quote, source, claim.paragraph)
        found = span.match != "absent"
        evidence = Evidence(
            match=span.match,
            start=span.start if found else None,
            end=span.end if found else None,
            parts=list(span.parts),
            others=list(span.others),
        )
        claims.append(CheckedClaim(**vars(claim), id=f"c{number}", evidence=evidence))
    return CheckedSummary(**{**vars(summary), "claims": claims})
