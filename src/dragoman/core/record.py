"""Record: the result for one article, as it stands in ``records.jsonl``. Its JSON Schema is `dragoman schema`.

A record holds no fact of the run: dates, attempts and money come from its exchanges, so the same exchanges
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from dragoman.core.answers import Claim, Summary, Translation
from dragoman.core.exchange import Endpoint, Origin, Role, Structured
from dragoman.core.field_paths import SOURCE, Task, claim_in, task_of
from dragoman.core.prices import bill, plain
from dragoman.core.source import Match
from dragoman.errors import ReasonCode

RECORD_SCHEMA: Literal["dragoman.record/1"] = "dragoman.record/1"

Status = Literal["ok", "flagged", "failed", "refused", "truncated", "skipped", "pending"]
Severity = Literal["error", "warning", "note"]

Plain = dict[str, Any]
"""A record as plain JSON values under the names of its schema: a line of ``records.jsonl`` that is read and not
validated, because it is known to be ours."""

WORST_FIRST: tuple[Status, ...] = ("pending", "failed", "refused", "truncated", "flagged", "ok", "skipped")
"""The status of a record is the worst of its tasks'."""

NEEDS_PERSON_FIRST: tuple[Status, ...] = ("failed", "refused", "truncated", "pending", "flagged", "ok", "skipped")
"""The order of lists for people. What is pending needs another run more than it needs a person."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Reason(_Part):
    code: ReasonCode
    """One of a closed list: what kind of thing happened."""
    message: str
    """What, which, why and what to do, in a sentence."""


class ArticleFacts(_Part):
    """The input as found. ``sha256`` and ``bytes`` are null for a file that could not be read."""

    id: Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    """A slug of the name and ten digits of the digest; file names in the output folder are made of it."""
    name: str
    """Path below the folder it was found in."""
    sha256: str | None
    """Digest of the bytes; null when they could not be read."""
    bytes: int | None
    """Size; null when it could not be read."""
    media_type: str | None
    """text/plain, text/markdown or text/html; null when it was not read."""


class StepFacts(_Part):
    """One change made while preparing; offsets count in the extracted text."""

    start: int
    """Half-open range in the extracted text, in code points."""
    end: int
    """End of the range."""
    replacement: str
    """What stands there now; empty when it was dropped."""
    reason: str
    """Why."""


class SourceFacts(_Part):
    """What was read. ``paragraphs`` are [start, end) offsets into the source text, in order from number 1.

    The text itself is in ``file`` (relative to the output folder), or inline in ``text`` where there is none.
    """

    language: str
    """BCP-47 tag such as vi or zh-Hant; und when it cannot be told."""
    script: str
    """ISO 15924 code such as Latn or Hant."""
    encoding: str
    """Charset the bytes were read in."""
    encoding_from: str
    """bom, utf-8, declared, guess or text (it came as text)."""
    characters: int
    """Code points of the source text."""
    sha256: str
    """Digest of the source text as UTF-8: tells whether offsets still fit."""
    paragraphs: list[tuple[int, int]]
    """[start, end) of each paragraph in the source text; number 1 is the first."""
    file: str | None = None
    """The source text, relative to the output folder; null where it is inline."""
    text: str | None = None
    """The source text itself where there is no folder to point into, else null."""
    steps: list[StepFacts]
    """Every change made while preparing; they replay from the extracted text."""
    notes: list[str]
    """What a reader should know about how it was read."""


class TaskFacts(_Part):
    status: Status
    """Outcome of this task alone."""
    reason: Reason | None
    """Why there is no answer; null when there is one."""
    prompt: str
    """Name of the wording, such as summary/v1."""
    prompt_sha256: str
    """Digest of wording and schema."""
    model: str
    """Model that was asked for."""
    cost_usd: str | None
    """Plain decimal, all its exchanges together; null when unknown."""


class Evidence(_Part):
    """Where the quote of a claim stands in the source text; offsets are null when it is absent."""

    match: Match
    """exact (letter for letter), normalized (equivalent forms), absent (not in the source)."""
    start: int | None
    """Half-open range of the whole quote in the source text, in code points; null when absent."""
    end: int | None
    """End of the range."""
    parts: list[tuple[int, int]]
    """[start, end) of its pieces: one, or more where an ellipsis leaves words out."""
    others: list[tuple[int, int]]
    """[start, end) of further places where the same words stand."""


class CheckedClaim(Claim):
    """A claim as the model returned it, with an id and the place of its quote."""

    id: str
    """c1, c2 … in the order of the answer; findings name it."""
    evidence: Evidence
    """Where the quote stands in the source."""


class CheckedSummary(Summary):
    claims: list[CheckedClaim]  # type: ignore[assignment]  # a claim with more to it


class Finding(_Part):
    """What a check saw. ``field`` is such as ``abstract`` or ``claims.c3.text_en``; offsets are of the source."""

    check: str
    """Name of the check, such as quote.absent."""
    severity: Severity
    """error flags the record; warning and note do not."""
    field: str | None
    """Path into the record, such as claims.c3.quote."""
    paragraph: int | None
    """Number of a source paragraph, from 1."""
    start: int | None
    """Half-open range in the source text, in code points."""
    end: int | None
    """End of the range."""
    expected: str | None
    """What the source has."""
    got: str | None
    """What the answer has."""
    message: str
    """A sentence for people."""

    @property
    def task(self) -> Task:
        """The task whose answer it is about, or that it goes with."""
        return task_of(self.field)

    @property
    def claim(self) -> str | None:
        """Id of the claim that it is about, such as c3; None when it is about no claim."""
        return claim_in(self.field)

    @property
    def is_on_source(self) -> bool:
        """Whether it is about the source itself, whatever the answer says."""
        return self.field == SOURCE


class RetryFacts(_Part):
    """A try that brought nothing."""

    why: str
    """The HTTP status, ``not reached``, ``timed out``, ``unreadable`` or ``broken off``."""
    waited: float
    """Seconds until the next try."""


class UsageFacts(_Part):
    input_tokens: int
    """Billed at the full input rate."""
    output_tokens: int
    """Thinking included."""
    cache_read_tokens: int
    """Read from the prompt cache."""
    cache_write_5m_tokens: int
    """Written to the cache for five minutes."""
    cache_write_1h_tokens: int
    """Written to the cache for an hour."""


class ExchangeFacts(_Part):
    """One exchange a record rests on. ``model`` was asked for, ``model_answered`` is what the reply names."""

    key: str
    """Digest of all of the request that can change the reply; the row of the store and the recording have it too."""
    task: str
    """summary or translation."""
    role: Role
    """ask (first request), reask (with errors or a higher limit), repair, part (of a long translation)."""
    origin: Origin
    """live, batch, altered, or handwritten: written by a person, not by a model."""
    endpoint: Endpoint
    """anthropic, bedrock, or custom for any other server."""
    model: str
    """Model that was asked for."""
    model_answered: str | None
    """Model that the reply names; null when it cannot be read."""
    stop_reason: str | None
    """Why the reply ended, as the service says."""
    structured: Structured
    """Whether the schema went natively or inside the prompt."""
    usage: UsageFacts | None
    """Tokens as the service counted them; null when it told none."""
    cost_usd: str | None
    """Plain decimal; null when unknown, never 0 for unknown."""
    price_table: str | None
    """Date of the price table."""
    attempts: int
    """Tries until this reply."""
    retries: list[RetryFacts] = []
    """What came of the tries before it."""
    created_at: str
    """UTC, ISO 8601."""


class Record(_Part):
    """The result for one article."""

    schema_name: Literal["dragoman.record/1"] = Field(default=RECORD_SCHEMA, alias="schema")
    article: ArticleFacts
    """The input as found."""
    source: SourceFacts | None
    """What was read of it; null when it could not be read."""
    status: Status
    """The worst of its tasks'; flagged when an answer has an error finding."""
    reason: Reason | None
    """Why there is no whole answer; null for ok and flagged."""
    tasks: dict[str, TaskFacts]
    """Task name to what became of it."""
    summary: CheckedSummary | None
    """The answer to the task summary, with evidence; null without one."""
    translation: Translation | None
    """One English text per source paragraph; null without one."""
    findings: list[Finding]
    """What local checks saw."""
    exchanges: list[ExchangeFacts]
    """The requests and replies the record rests on."""
    cost_usd: str | None
    """Plain decimal, all exchanges together; null when unknown."""
    dragoman: str
    """Version that wrote the record."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    def to_json(self) -> str:
        """One line of ``records.jsonl``, without the line end."""
        return self.to_line().decode()

    def to_line(self) -> bytes:
        """The same in UTF-8, as it stands in the file."""
        return to_json(self, by_alias=True)

    def plain(self) -> Plain:
        """The same as plain values."""
        return self.model_dump(mode="json", by_alias=True)


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": RECORD_SCHEMA,
        **Record.model_json_schema(by_alias=True, mode="serialization"),
    }


def assembled(
    *,
    article: ArticleFacts,
    source: SourceFacts,
    tasks: dict[str, TaskFacts],
    summary: CheckedSummary | None,
    translation: Translation | None,
    findings: Sequence[Finding],
    exchanges: Sequence[ExchangeFacts],
    dragoman: str,
) -> Record:
    """The record of an article that was asked about. Nothing else works out the status, the reason or the price of such
    a record: they follow from its tasks, findings and exchanges."""
    status = worst([facts.status for facts in tasks.values()])
    reason = next((facts.reason for facts in tasks.values() if facts.status == status), None)
    if status == "ok" and any(finding.severity == "error" for finding in findings):
        status = "flagged"
    return Record(
        article=article,
        source=source,
        status=status,
        reason=reason,
        tasks=tasks,
        summary=summary,
        translation=translation,
        findings=list(findings),
        exchanges=list(exchanges),
        cost_usd=price([exchange.cost_usd for exchange in exchanges]),
        dragoman=dragoman,
    )


def price(costs: Sequence[str | None]) -> str | None:
    """What a record or a task says of the price of its exchanges: None when one is unknown, or when there are none."""
    return plain(bill(costs).whole) if costs else None


def worst(statuses: list[Status]) -> Status:
    """The worst of several statuses; ``ok`` for none."""
    return min(statuses, key=WORST_FIRST.index, default="ok")


def status_of(code: ReasonCode) -> Status:
    """The status that a reason stands for, of a task or a record."""
    match code:
        case "empty" | "english" | "unsupported" | "link_not_followed":
            return "skipped"
        case "unreadable" | "binary" | "undecodable" | "too_large" | "too_long":
            return "failed"
        case "invalid" | "bad_response" | "rejected" | "provider_error":
            return "failed"
        case "refused":
            return "refused"
        case "truncated":
            return "truncated"
        case "budget" | "interrupted" | "provider_unusable" | "recording_missing" | "store_trouble":
            return "pending"
        case _:
            assert_never(code)


def is_unanswered(status: Status) -> bool:
    """Whether there is no whole answer where there should be one."""
    match status:
        case "failed" | "refused" | "truncated" | "pending":
            return True
        case "ok" | "flagged" | "skipped":
            return False
        case _:
            assert_never(status)
