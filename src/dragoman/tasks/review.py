"""A task's answer against its source: every quote located, every check run. Answer → Review."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.answers import Summary, Translation
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.errors import ProviderError
from dragoman.evidence.assess import assess
from dragoman.evidence.checks.finding import finding
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.items import InvalidItem, as_json, numbers_of, one_line, path_of
from dragoman.tasks.requests import Call

MOST_SHOWN = 2_000
"""Characters of an invalid item that its finding shows: several times the longest claims of the samples, and no whole
article that the model wrote into a field."""

MOST_SAID = 300
"""Characters of the English of a claim that is left out in the message of its finding: more than nearly all claims of
the samples have, and not a page of text."""


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
    answer = outcome.answer
    if answer is None:
        return Review(outcome)
    numbers = numbers_of("claims", len(answer.claims), outcome.invalid) if isinstance(answer, Summary) else None
    assessment = assess(source, answer, numbers)
    left_out = tuple(_left_out(source, outcome, item) for item in outcome.invalid)
    return Review(outcome, assessment.summary, assessment.translation, (*left_out, *assessment.findings))


def _left_out(source: Source, outcome: TaskOutcome, item: InvalidItem) -> Finding:
    """The finding about an item that is not valid: what it was, and why it is not in the summary."""
    assert isinstance(outcome.answer, Summary)
    place = item.content.get("paragraph") if isinstance(item.content, dict) else None
    is_paragraph = isinstance(place, int) and 1 <= place <= len(source.paragraphs)
    text = item.content.get("text_en") if isinstance(item.content, dict) else None
    said = f". It said: “{_cut(text.strip(), MOST_SAID)}”" if isinstance(text, str) and text.strip() else ""
    return finding(
        "shape.invalid",
        "error",
        path_of(item.place, outcome.answer, outcome.invalid),
        f"{one_line(item.place.name)} of the answer is not valid and is left out: {'; '.join(item.problems)}{said}",
        paragraph=place if is_paragraph else None,
        got=None if item.is_missing else _cut(as_json(item.content), MOST_SHOWN),
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
