"""Read ``decisions.json``: what people decided about claims and findings. Dragoman never writes this file.

A decision is tied to the bytes of the article, to words (the quote of a claim; check, field and ``got`` of a finding)
and to their span, but not to a position in the record. `decision_matching` finds the claim or finding of each decision.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dragoman.core import read_file
from dragoman.core.record import Finding, span
from dragoman.errors import ConfigError

MAX_DECISIONS_BYTES = 64_000_000
"""Size limit of ``decisions.json``: enough for about 40,000 decisions, with the words that they are tied to."""

DecisionKind = Literal["claim", "finding"]
Verdict = Literal["accepted", "edited", "rejected"]


def _check_moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be a time with its offset from UTC, such as 2026-11-21T10:00:00Z")
    return value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Decision(_Part):
    """What a person decided about one claim or finding."""

    article: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the article's bytes, as in the record."""
    kind: DecisionKind
    """claim or finding."""
    words: Annotated[str, Field(min_length=1)]
    """The quote of a claim; for a finding ``check|field|got``, in which null is empty."""
    text_en: str | None
    """English of the claim, or of the claim that the finding is about, as the person saw it; null if there is none."""
    start: Annotated[int | None, Field(ge=0)]
    """Start of the half-open range in the source text, in code points; null if there is no range."""
    end: Annotated[int | None, Field(ge=0)]
    """End of the range."""
    verdict: Verdict
    """accepted, edited or rejected."""
    text: str | None
    """The edited English; null if nothing was edited."""
    note: str
    """The person's note; may be empty."""
    at: Annotated[str, AfterValidator(_check_moment)]
    """When it was decided, ISO 8601 with the offset from UTC."""

    @model_validator(mode="after")
    def _check_consistency(self) -> Decision:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end must be both null or both numbers")
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
        return span(self.start, self.end)

    @property
    def edited(self) -> str | None:
        """The English that replaces the model's; None for other verdicts than edited."""
        return self.text if self.verdict == "edited" else None


class DecisionsFile(_Part):
    """The whole of ``decisions.json``."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    schema_name: Literal["dragoman.decisions/1"] = Field(alias="schema")
    decisions: tuple[Decision, ...]
    """In any order; of several decisions on the same claim or finding, the latest counts."""


def decisions_path(folder: Path) -> Path:
    """Path of the decisions about an output folder."""
    return folder / "decisions.json"


def read_decisions(folder: Path) -> tuple[Decision, ...]:
    """The decisions about an output folder, in the order of the file; empty if there is no file.

    Raises `ConfigError` with the file, the entry and the field if it is not a decisions file of this version.
    """
    path = decisions_path(folder)
    try:
        value = read_file.json_value(read_file.read_whole(path, MAX_DECISIONS_BYTES))
        return DecisionsFile.model_validate(value).decisions
    except FileNotFoundError:
        return ()
    except NotADirectoryError as error:
        raise ConfigError(f"{folder} is a file, not a folder") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error)}. {_REMEDY}") from error
    except ValueError as error:
        raise ConfigError(f"{path} cannot be used: {error}. {_REMEDY}") from error


_REMEDY = "Save it again from report.html, correct it, or move it away"


def _first_problem(error: ValidationError) -> str:
    """The first problem and its place; entries are counted from 1."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = [f"entry {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"]]
    # pydantic puts "Value error, " before the message of a ValueError that a validator above raises.
    message = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"]
    return f"{', '.join(place) or 'the file'}: {message}"


def finding_words(finding: Finding) -> str:
    """The words that a decision about a finding is tied to: ``check|field|got``."""
    return f"{finding.check}|{finding.field or ''}|{finding.got or ''}"


def to_nfc(words: str) -> str:
    """The words in Unicode form NFC, in which they are compared."""
    return unicodedata.normalize("NFC", words)
