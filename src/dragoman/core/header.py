"""RecordHeader: the fields of a record that suffice to count, list and merge records without parsing them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from pydantic_core import to_json

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import task_of
from dragoman.core.once import once
from dragoman.core.record import Record, Status
from dragoman.errors import ReasonCode

T = TypeVar("T", bound=tuple[object, ...])

_DONE: CheckName = "repair.done"
_FAILED: CheckName = "repair.failed"
_UNUSABLE: CheckName = "repair.unusable"
NO_CORRECTION = "without a usable correction"
"""State of items that were sent back and whose reply cannot be used. Only a retry sends them again."""
_REPAIR_OUTCOMES: Mapping[str, str] = {_DONE: "corrected", _FAILED: "still wrong", _UNUSABLE: NO_CORRECTION}


class ReasonLine(NamedTuple):
    """Why a record has no complete answer: the code and the message of its reason."""

    code: ReasonCode
    message: str


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """The header fields of one record. Counts are pairs of a name and a number; their order has no meaning."""

    id: str
    name: str
    status: Status
    reason: ReasonLine | None
    title: str | None
    """The English title, when there is a summary."""
    language: str | None
    tasks: tuple[str, ...]
    exchanges: tuple[tuple[str, str | None], ...]
    """Key and price in USD of each exchange."""
    cost_usd: str | None
    attempts: int
    """Attempts made for all its replies."""
    findings: tuple[tuple[str, int], ...]
    """Number of findings by severity."""
    repairs: tuple[tuple[str, int], ...]
    """Number of items that were sent back for correction, by outcome."""
    translation_errors: int
    """Number of error findings on its translation, which no repair corrects."""
    lacks_recording: bool
    """Whether replay had no recording for one of its tasks."""

    @property
    def correction_on_retry(self) -> bool:
        """Whether a retry would request a correction again, because the stored reply to it cannot be used."""
        return any(outcome == NO_CORRECTION for outcome, _ in self.repairs)

    def to_json(self) -> bytes:
        """One line, from which `from_json` gives an equal header."""
        return to_json([getattr(self, name) for name in self.__slots__])

    @classmethod
    def from_json(cls, line: str | bytes) -> RecordHeader:
        """The header that `to_json` wrote. Raises ValueError or TypeError for anything else."""
        id_, name, status, reason, title, language, tasks, exchanges, cost, attempts, *counts, wrong, lacks = (
            json.loads(line)
        )
        findings, repairs = (_shared(tuple((key, number) for key, number in pairs)) for pairs in counts)
        reason_line = ReasonLine(*reason) if reason else None
        priced = tuple((key, price) for key, price in exchanges)
        task_names = _shared(tuple(tasks))
        return cls(
            id_,
            name,
            status,
            reason_line,
            title,
            language,
            task_names,
            priced,
            cost,
            attempts,
            findings,
            repairs,
            wrong,
            lacks,
        )


@dataclass(frozen=True)
class StoredRecord:
    """A record stored as its line, which is parsed and validated on first use."""

    header: RecordHeader
    line: bytes

    @once
    def record(self) -> Record:
        """Raises pydantic's ValidationError when the line is not a record that Dragoman wrote."""
        return Record.model_validate_json(self.line)


def header_of(record: Record) -> RecordHeader:
    """The header of a record."""
    task_reasons = [task.reason.code for task in record.tasks.values() if task.reason is not None]
    return RecordHeader(
        id=record.article.id,
        name=record.article.name,
        status=record.status,
        reason=ReasonLine(record.reason.code, record.reason.message) if record.reason else None,
        title=record.summary.title_en if record.summary else None,
        language=record.source.language if record.source else None,
        tasks=_shared(tuple(record.tasks)),
        exchanges=tuple((exchange.key, exchange.cost_usd) for exchange in record.exchanges),
        cost_usd=record.cost_usd,
        attempts=sum(exchange.attempts for exchange in record.exchanges),
        findings=_counts(finding.severity for finding in record.findings),
        repairs=_repairs([finding.check for finding in record.findings]),
        translation_errors=sum(
            finding.severity == "error" and finding.task == "translation" for finding in record.findings
        ),
        lacks_recording="recording_missing" in task_reasons,
    )


def header_of_line(line: str | bytes) -> RecordHeader:
    """The header of a line of ``records.jsonl`` that Dragoman is known to have written."""
    record: Mapping[str, Any] = json.loads(line)
    task_reasons = [task["reason"] for task in record["tasks"].values() if task["reason"]]
    reason, summary, source = record["reason"], record["summary"], record["source"]
    return RecordHeader(
        id=record["article"]["id"],
        name=record["article"]["name"],
        status=record["status"],
        reason=ReasonLine(reason["code"], reason["message"]) if reason else None,
        title=summary["title_en"] if summary else None,
        language=source["language"] if source else None,
        tasks=_shared(tuple(record["tasks"])),
        exchanges=tuple((exchange["key"], exchange["cost_usd"]) for exchange in record["exchanges"]),
        cost_usd=record["cost_usd"],
        attempts=sum(exchange["attempts"] for exchange in record["exchanges"]),
        findings=_counts(finding["severity"] for finding in record["findings"]),
        repairs=_repairs([finding["check"] for finding in record["findings"]]),
        translation_errors=sum(
            finding["severity"] == "error" and task_of(finding["field"]) == "translation"
            for finding in record["findings"]
        ),
        lacks_recording=any(task_reason["code"] == "recording_missing" for task_reason in task_reasons),
    )


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts: tuple[tuple[str, int], ...] = _shared(tuple(Counter(names).items()))
    return counts


def _repairs(checks: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return _counts(_REPAIR_OUTCOMES[check] for check in checks if check in _REPAIR_OUTCOMES)


@lru_cache(maxsize=1024)
def _shared(small: T) -> T:
    """The same object for equal values. There may be millions of headers, and most of these values are equal."""
    return small
