"""Record: the result for one article, as in ``records.jsonl``. `dragoman schema` prints its JSON Schema.

A record contains no fact about the run: dates, attempts and money come from its exchanges, so the same exchanges give
the same bytes.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from dragoman.core.answers import Claim, PlainDecimal, StatedQuantity, Summary, Translation
from dragoman.core.bounds import Bound
from dragoman.core.exchange import Endpoint, Origin, Role, Structured
from dragoman.core.field_paths import SOURCE, Task, claim_in, task_of, translated_in
from dragoman.core.source import Match
from dragoman.errors import ReasonCode

RECORD_SCHEMA: Literal["dragoman.record/1"] = "dragoman.record/1"

Status = Literal["ok", "flagged", "failed", "refused", "truncated", "skipped", "pending"]
Severity = Literal["error", "warning", "note"]

RecordDict = dict[str, Any]
"""A record as JSON values under the names of its schema: a parsed line of ``records.jsonl`` that is not validated,
because Dragoman is known to have written it."""


NEEDS_PERSON_FIRST: tuple[Status, ...] = ("failed", "refused", "truncated", "pending", "flagged", "ok", "skipped")
"""The order of lists for people. A pending article needs another run more than it needs a person."""


def span(start: int | None, end: int | None) -> tuple[int, int] | None:
    """A half-open range of code points, or None when one of its ends is missing."""
    return None if start is None or end is None else (start, end)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Reason(_Part):
    code: ReasonCode
    """Code of the reason, from a fixed list."""
    message: str
    """What happened, to what, why, and what to do, in a sentence."""


class ArticleFacts(_Part):
    """The input. ``sha256`` and ``bytes`` are null for a file that could not be read."""

    id: Annotated[str, Field(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    """A slug of the name and ten hexadecimal digits of the digest of the bytes. Where the slug loses a part of the
    name, four digits of the digest of the name come between them. File names in the output folder are made from it."""
    name: str
    """Path relative to the folder in which it was found."""
    sha256: str | None
    """Digest of the bytes; null when they could not be read."""
    bytes: int | None
    """Size in bytes; null when it could not be read."""
    media_type: str | None
    """text/plain, text/markdown or text/html; null when it was not read."""


class StepFacts(_Part):
    """One change made by the preparation. Offsets count in the extracted text."""

    start: int
    """Start of the half-open range in the extracted text, in code points."""
    end: int
    """End of the half-open range: the offset after its last character."""
    replacement: str
    """The text that replaced the range; empty when it was removed."""
    reason: str
    """Why it was changed."""


class SourceFacts(_Part):
    """The source text. ``paragraphs`` are [start, end) offsets into it, in order from number 1.

    The text itself is in ``file`` (relative to the output folder), or in ``text`` when there is no such file.
    """

    language: str
    """BCP-47 tag such as vi or zh-Hant; und when it is unknown."""
    script: str
    """ISO 15924 code such as Latn or Hant."""
    encoding: str
    """Charset in which the bytes were read."""
    encoding_from: str
    """bom, utf-8, declared, guess or text (given as text)."""
    characters: int
    """Code points of the source text."""
    sha256: str
    """Digest of the source text as UTF-8; shows whether offsets still fit."""
    paragraphs: list[tuple[int, int]]
    """[start, end) of each paragraph in the source text; the first is number 1."""
    file: str | None = None
    """File with the source text, relative to the output folder; null when the text is inline."""
    text: str | None = None
    """The source text when there is no output folder, else null."""
    steps: list[StepFacts]
    """Every change made by the preparation; applied in order to the extracted text they give the source text."""
    notes: list[str]
    """What a reader should know about how the source was read."""


class TaskFacts(_Part):
    status: Status
    """Outcome of this task alone."""
    reason: Reason | None
    """Why there is no answer; null when there is one."""
    prompt: str
    """Name of the prompt, such as summary/v1."""
    prompt_sha256: str
    """Digest of prompt and schema."""
    model: str
    """Model that was requested."""
    cost_usd: str | None
    """Price of all exchanges of the task, as a decimal string; null when unknown."""


class Evidence(_Part):
    """The place of the quote of a claim in the source text. Offsets are null when the quote is absent."""

    match: Match
    """exact (letter for letter), normalized (equivalent forms), absent (not in the source)."""
    start: int | None
    """Start of the half-open range of the whole quote in the source text, in code points; null when absent."""
    end: int | None
    """End of the half-open range: the offset after its last character."""
    parts: list[tuple[int, int]]
    """[start, end) of each piece of the quote: one, or more when an ellipsis leaves words out."""
    others: list[tuple[int, int]]
    """[start, end) of other places with the same words."""

    @property
    def span(self) -> tuple[int, int] | None:
        """``start`` and ``end``; None when the quote is absent."""
        return span(self.start, self.end)


class CheckedQuantity(StatedQuantity):
    """A figure as the model read it, with what Dragoman itself reads in its words. All three fields are null where
    Dragoman reads no figure or several ones, and in records of earlier versions."""

    bound: Annotated[
        Bound | None,
        Field(
            description="What the words around the figure say: exact (nothing), about, at_least, more_than, at_most or "
            "less_than."
        ),
    ] = None
    low: Annotated[
        PlainDecimal,
        Field(description="The lower bound as a plain decimal string, if one is printed, or the lower end of a range."),
    ] = None
    high: Annotated[
        PlainDecimal,
        Field(description="The upper bound as a plain decimal string, if one is printed, or the upper end of a range."),
    ] = None


class CheckedClaim(Claim):
    """A claim as the model returned it, with an id, the place of its quote and the bounds of its figures."""

    quantities: Annotated[  # type: ignore[assignment]  # figures with their bounds
        list[CheckedQuantity], Field(description="Every figure of the claim.")
    ]

    id: Annotated[
        str,
        Field(
            description="c1, c2 … in the order of the answer; findings refer to it. The number of a claim that was not "
            "valid is left out."
        ),
    ]
    evidence: Annotated[Evidence, Field(description="The place of the quote in the source.")]


class CheckedSummary(Summary):
    """A summary as the model returned it, with checked claims. A title or abstract that was not valid is empty."""

    title_en: str
    abstract: Annotated[str, Field(description="2 to 4 English sentences.")]
    claims: Annotated[  # type: ignore[assignment]  # a claim with an id and evidence
        list[CheckedClaim], Field(description="The statements that a careful reader would want to see checked.")
    ]


class Finding(_Part):
    """What a check reports. ``field`` is a path such as ``abstract`` or ``claims.c3.text_en``; offsets are in the
    source."""

    check: str
    """Name of the check, such as quote.absent."""
    severity: Severity
    """An error flags the record; a warning or a note does not."""
    field: str | None
    """Path into the record, such as claims.c3.quote."""
    paragraph: int | None
    """Number of a source paragraph, from 1."""
    start: int | None
    """Start of the half-open range in the source text, in code points; null when the finding has no place there."""
    end: int | None
    """End of the half-open range: the offset after its last character."""
    expected: str | None
    """What the source says."""
    got: str | None
    """What the answer says."""
    message: str
    """The finding in a sentence."""

    @property
    def task(self) -> Task:
        """The task whose answer the finding is about, or belongs to."""
        return task_of(self.field)

    @property
    def claim(self) -> str | None:
        """Id of the claim that the finding is about, such as c3; None when it is about no claim."""
        return claim_in(self.field)

    @property
    def translated(self) -> int | None:
        """Number of the paragraph whose translation the finding is about; None when it is about none."""
        return translated_in(self.field)

    @property
    def span(self) -> tuple[int, int] | None:
        """``start`` and ``end``; None when the finding has no place in the source."""
        return span(self.start, self.end)

    @property
    def is_on_source(self) -> bool:
        """Whether the finding is about the source itself and does not depend on the answer."""
        return self.field == SOURCE


class RetryFacts(_Part):
    """A failed attempt."""

    why: str
    """Why the attempt failed: the HTTP status, ``not reached``, ``timed out``, ``unreadable`` or ``broken off``."""
    waited: float
    """Seconds until the next attempt."""


class UsageFacts(_Part):
    input_tokens: int
    """Billed at the full input rate."""
    output_tokens: int
    """Includes thinking."""
    cache_read_tokens: int
    """Read from the prompt cache."""
    cache_write_5m_tokens: int
    """Written to the cache for five minutes."""
    cache_write_1h_tokens: int
    """Written to the cache for an hour."""


class ExchangeFacts(_Part):
    """An exchange that the record is based on. ``model`` was requested; ``model_answered`` is the one that the reply
    names."""

    key: str
    """Digest of everything in the request that can change the reply; the row of the store and the recording have the
    same key."""
    task: str
    """summary or translation."""
    role: Role
    """ask (first request), reask (with errors or a higher limit), repair, part (of a long translation)."""
    origin: Origin
    """live, batch, altered, or handwritten: written by a person and not by a model."""
    endpoint: Endpoint
    """anthropic, bedrock, or custom for any other server."""
    model: str
    """Model that was requested."""
    model_answered: str | None
    """Model that the reply names; null when the reply cannot be read."""
    stop_reason: str | None
    """Why the reply ended, in the words of the service."""
    structured: Structured
    """Whether the schema was sent natively or inside the prompt."""
    usage: UsageFacts | None
    """Tokens as the service counted them; null when it reported none."""
    cost_usd: str | None
    """Decimal string; null when unknown, never 0 for unknown."""
    price_table: str | None
    """Date of the price table."""
    attempts: int
    """Attempts made for this reply."""
    retries: list[RetryFacts] = []
    """The failed attempts before it."""
    created_at: str
    """UTC, ISO 8601."""


class Record(_Part):
    """The result for one article."""

    schema_name: Literal["dragoman.record/1"] = Field(
        default=RECORD_SCHEMA, alias="schema", description="Name and version of this schema."
    )
    article: ArticleFacts
    """The input."""
    source: SourceFacts | None
    """The source text; null when the input could not be read."""
    status: Status
    """The worst status of its tasks; flagged when an answer has an error finding."""
    reason: Reason | None
    """Why there is no complete answer; null for ok and flagged."""
    tasks: dict[str, TaskFacts]
    """Outcome of each task, by name."""
    summary: CheckedSummary | None
    """The answer to the task summary, with evidence; null when there is none."""
    translation: Translation | None
    """One English text per source paragraph; null when there is none."""
    findings: list[Finding]
    """What the local checks report."""
    exchanges: list[ExchangeFacts]
    """The requests and replies that the record is based on."""
    cost_usd: str | None
    """Price of all exchanges, as a decimal string; null when unknown."""
    dragoman: str
    """Version of Dragoman that wrote the record."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    def to_json(self) -> str:
        """One line of ``records.jsonl``, without the line end."""
        return self.to_line().decode()

    def to_line(self) -> bytes:
        """The same in UTF-8, as in the file."""
        return to_json(self, by_alias=True)

    def to_dict(self) -> RecordDict:
        """The same as JSON values."""
        return self.model_dump(mode="json", by_alias=True)
