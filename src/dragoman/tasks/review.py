"""A task's answer against its source: every quote located, every check run. Answer → Review."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.answers import Translation
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.errors import ProviderError
from dragoman.evidence.assess import assess
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
    unusable_because: str = ""
    """Why that reply could not be used."""

    @property
    def finished(self) -> bool:
        """Whether the answer is final: asking again would give the same."""
        return self.outcome.status == "ok" and self.unanswered is None


def review(source: Source, outcome: TaskOutcome) -> Review:
    """The outcome with its answer assessed; without an answer, the outcome alone."""
    if outcome.answer is None:
        return Review(outcome)
    return Review(outcome, *assess(source, outcome.answer))
