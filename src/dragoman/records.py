"""Record: the result for one article, as it stands in ``records.jsonl``. Its JSON Schema is `dragoman schema`.

A record holds no fact of the run: dates, attempts and money come from its exchanges, so the same exchanges
give the same bytes.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dragoman.exchange import Endpoint, Origin, Role, Structured
from dragoman.quotes import Match
from dragoman.schemas import Claim, Summary, Translation

RECORD_SCHEMA: Literal["dragoman.record/1"] = "dragoman.record/1"

Status = Literal["ok", "flagged", "failed", "refused", "truncated", "skipped", "pending"]
Severity = Literal["error", "warning", "note"]
ReasonCode = Literal[
    "empty",  # skipped: no text in it
    "english",  # skipped: nothing to translate
    "unsupported",  # skipped: not a kind of file that is read
    "unreadable",  # failed: the file cannot be opened or taken apart
    "binary",  # failed: not text
    "undecodable",  # failed: text in an encoding that cannot be told
    "too_large",  # failed: more bytes than the limit
    "too_long",  # failed: more tokens than the limit or the model takes
    "invalid",  # failed: the answer did not fit the schema, twice
    "bad_response",  # failed: the service's replies were not Messages bodies
    "rejected",  # failed: the service does not take this request
    "provider_error",  # failed: the service kept failing for this article
    "refused",  # refused: the model would not answer
    "truncated",  # truncated: cut off by the output limit, twice
    "budget",  # pending: --max-cost was reached
    "interrupted",  # pending: the run was stopped
    "provider_unusable",  # pending: the provider could not be used
    "recording_missing",  # pending: replay has no recording of it
    "store_trouble",  # pending: the store could not be written
]

WORST_FIRST: tuple[Status, ...] = ("pending", "failed", "refused", "truncated", "flagged", "ok", "skipped")
"""The status of a record is the worst of its tasks'."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(_Part):
    code: ReasonCode
    message: str


class ArticleFacts(_Part):
    """The input as found. ``sha256`` and ``bytes`` are null for a file that could not be read."""

    id: str
    name: str
    sha256: str | None
    bytes: int | None
    media_type: str | None


class StepFacts(_Part):
    """One change made while preparing; offsets count in the extracted text."""

    start: int
    end: int
    replacement: str
    reason: str


class SourceFacts(_Part):
    """What was read. ``paragraphs`` are [start, end) offsets into the source text, in order from number 1.

    The text itself is in ``file`` (relative to the output folder), or inline in ``text`` where there is none.
    """

    language: str
    script: str
    encoding: str
    encoding_from: str
    characters: int
    sha256: str
    paragraphs: list[tuple[int, int]]
    file: str | None = None
    text: str | None = None
    steps: list[StepFacts]
    notes: list[str]


class TaskFacts(_Part):
    status: Status
    reason: Reason | None
    prompt: str
    prompt_sha256: str
    model: str
    cost_usd: str | None


class Evidence(_Part):
    """Where the quote of a claim stands in the source text; offsets are null when it is absent."""

    match: Match
    start: int | None
    end: int | None
    parts: list[tuple[int, int]]
    others: list[tuple[int, int]]


class CheckedClaim(Claim):
    """A claim as the model returned it, with an id and the place of its quote."""

    id: str
    evidence: Evidence


class CheckedSummary(Summary):
    claims: list[CheckedClaim]  # type: ignore[assignment]  # a claim with more to it


class Finding(_Part):
    """What a check saw. ``field`` is such as ``abstract`` or ``claims.c3.text_en``; offsets are of the source."""

    check: str
    severity: Severity
    field: str | None
    paragraph: int | None
    start: int | None
    end: int | None
    expected: str | None
    got: str | None
    message: str


class UsageFacts(_Part):
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int


class ExchangeFacts(_Part):
    """One exchange a record rests on. ``model`` was asked for, ``model_answered`` is what the reply names."""

    key: str
    task: str
    role: Role
    origin: Origin
    endpoint: Endpoint
    model: str
    model_answered: str | None
    stop_reason: str | None
    structured: Structured
    usage: UsageFacts | None
    cost_usd: str | None
    price_table: str | None
    attempts: int
    created_at: str


class Record(_Part):
    """The result for one article."""

    schema_name: Literal["dragoman.record/1"] = Field(default=RECORD_SCHEMA, alias="schema")
    article: ArticleFacts
    source: SourceFacts | None
    status: Status
    reason: Reason | None
    tasks: dict[str, TaskFacts]
    summary: CheckedSummary | None
    translation: Translation | None
    findings: list[Finding]
    exchanges: list[ExchangeFacts]
    cost_usd: str | None
    dragoman: str

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def to_json(self) -> str:
        """One line of ``records.jsonl``, without the line end."""
        return self.model_dump_json(by_alias=True)


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": RECORD_SCHEMA,
        **Record.model_json_schema(by_alias=True, mode="serialization"),
    }


def worst(statuses: list[Status]) -> Status:
    """The worst of several statuses; ``ok`` for none."""
    return min(statuses, key=WORST_FIRST.index, default="ok")
