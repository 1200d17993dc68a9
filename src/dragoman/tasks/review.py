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
    """What became of a task, with what the checks saw in its answer. Without an answer there is neither."""

    outcome: TaskOutcome
    summary: CheckedSummary | None = None
    translation: Translation | None = None
    findings: tuple[Finding, ...] = ()
    unanswered: ProviderError | None = None
    """Why a repair got no answer; it is to be asked again next time."""
    unusable: Call | None = None
    """The repair whose reply is of no use; it is asked again on ``--retry`` only."""
    unusable_because: str = ""
    """Why that reply is of no use."""

    @property
    def finished(self) -> bool:
        """Whether there is an answer that asking again would not change."""
        return self.outcome.status == "ok" and self.unanswered is None


def review(source: Source, outcome: TaskOutcome) -> Review:
    """The outcome with its answer assessed; without an answer, the outcome alone."""
    if outcome.answer is None:
        return Review(outcome)
    return Review(outcome, *assess(source, outcome.answer))
