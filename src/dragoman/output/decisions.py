"""``OUT/decisions.json``: what a person decided about claims and findings. Read and validated here, never written.

A decision is tied to the article's bytes, the words (a claim's quote; check, field and what a finding got) and
their span, not to a position in the record. `decisions.matching` finds what each is about.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dragoman.core import read_file
from dragoman.core.record import Finding
from dragoman.errors import ConfigError

MAX_DECISIONS_BYTES = 64_000_000
"""Of ``decisions.json``: some 40,000 decisions, with the words that they are on."""

DecisionKind = Literal["claim", "finding"]
Verdict = Literal["accepted", "edited", "rejected"]


def _moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be a moment with its offset from UTC, such as 2026-11-21T10:00:00Z")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Decision(_Part):
    """One verdict of a person on a claim or a finding."""

    article: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the article's bytes, as in the record."""
    kind: DecisionKind
    """claim or finding."""
    words: Annotated[str, Field(min_length=1)]
    """A claim's quote; for a finding ``check|field|got``, with nothing for a null."""
    text_en: str | None
    """English of the claim, or of the claim that the finding is on, when it was decided; null where there is none."""
    start: Annotated[int | None, Field(ge=0)]
    """Half-open range in the source text, in code points; null when it had none."""
    end: Annotated[int | None, Field(ge=0)]
    """End of the range."""
    verdict: Verdict
    """accepted, edited or rejected."""
    text: str | None
    """The edited English; null where nothing was edited."""
    note: str
    """What the person says about it; may be empty."""
    at: Annotated[str, AfterValidator(_moment)]
    """When, ISO 8601 UTC."""

    @model_validator(mode="after")
    def _holds_together(self) -> Decision:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end are both null or both numbers")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("end is before start")
        if self.verdict == "edited" and not (self.text and self.text.strip()):
            raise ValueError("verdict is edited, but text has no English")
        return self

    @property
    def moment(self) -> datetime:
        """`at` in UTC."""
        return datetime.fromisoformat(self.at).astimezone(UTC)

    @property
    def span(self) -> tuple[int, int] | None:
        return None if self.start is None or self.end is None else (self.start, self.end)

    @property
    def edited(self) -> str | None:
        """The English that the person put in the place of the model's; null for the other verdicts."""
        return self.text if self.verdict == "edited" else None


class DecisionsFile(_Part):
    """The whole of ``decisions.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    schema_name: Literal["dragoman.decisions/1"] = Field(alias="schema")
    decisions: tuple[Decision, ...]
    """In any order; the latest on the same claim or finding counts."""


def decisions_path(folder: Path) -> Path:
    """Where the decisions about ``OUT`` are."""
    return folder / "decisions.json"


def read_decisions(folder: Path) -> tuple[Decision, ...]:
    """The decisions about ``OUT``, as they stand in the file; none when there is no file.

    Raises `ConfigError` with the file, the entry and the field when it is not a decisions file of this version.
    """
    path = decisions_path(folder)
    try:
        value = read_file.json_value(read_file.read_whole(path, MAX_DECISIONS_BYTES))
        return DecisionsFile.model_validate(value).decisions
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first(error)}. {_REMEDY}") from error
    except ValueError as error:
        raise ConfigError(f"{path} cannot be used: {error}. {_REMEDY}") from error


_REMEDY = "Save it again from report.html, or mend or move the file"


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, with its place counted from 1, as people count."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = [f"entry {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"]]
    # A check of our own raises ValueError; pydantic puts words of its own before its message.
    said = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
    return f"{', '.join(place) or 'the file'}: {said}"


def finding_words(finding: Finding) -> str:
    """The words that a decision on a finding is tied to: ``check|field|got``."""
    return f"{finding.check}|{finding.field or ''}|{finding.got or ''}"


def same_form(words: str) -> str:
    """NFC: the form in which words are compared."""
    return unicodedata.normalize("NFC", words)
