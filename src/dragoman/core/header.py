"""Gist: the little of a Record that counting, listing and joining folders need, so that most records stay unread."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from pydantic_core import to_json

from dragoman.core.check_names import CheckName
from dragoman.core.once import once
from dragoman.core.record import Record, Status
from dragoman.errors import ReasonCode

T = TypeVar("T", bound=tuple[object, ...])

_DONE: CheckName = "repair.done"
_FAILED: CheckName = "repair.failed"
_REPAIRED: Mapping[str, str] = {_DONE: "corrected", _FAILED: "still wrong"}


class ReasonLine(NamedTuple):
    """Why there is no whole answer: a reason's code and message."""

    code: ReasonCode
    message: str


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """Of one record. Counts are pairs of a name and how many, in no order that means anything."""

    id: str
    name: str
    status: Status
    reason: ReasonLine | None
    title: str | None
    """English, where there is a summary."""
    language: str | None
    tasks: tuple[str, ...]
    exchanges: tuple[tuple[str, str | None], ...]
    """Key and price in USD of each exchange."""
    cost_usd: str | None
    attempts: int
    """Tries until all its replies were there."""
    findings: tuple[tuple[str, int], ...]
    """By severity."""
    repairs: tuple[tuple[str, int], ...]
    """Items sent back for correction, by what came of it."""
    lacks_recording: bool
    """Whether replay had no recording for one of its tasks."""

    def to_json(self) -> bytes:
        """One line; `from_json` gives the same gist back."""
        return to_json([getattr(self, name) for name in self.__slots__])

    @classmethod
    def from_json(cls, line: str | bytes) -> RecordHeader:
        """What `to_json` wrote. Raises ValueError or TypeError on anything else."""
        id_, name, status, reason, title, language, tasks, exchanges, cost, attempts, *counts, lacks = json.loads(line)
        findings, repairs = (_shared(tuple((key, many) for key, many in pairs)) for pairs in counts)
        said = ReasonLine(*reason) if reason else None
        paid = tuple((key, price) for key, price in exchanges)
        done = _shared(tuple(tasks))
        return cls(id_, name, status, said, title, language, done, paid, cost, attempts, findings, repairs, lacks)


@dataclass(frozen=True)
class StoredRecord:
    """A record that was kept as its line; it is read and validated only when somebody asks for it."""

    header: RecordHeader
    line: bytes

    @once
    def record(self) -> Record:
        """Raises pydantic's ValidationError when the line is none of ours."""
        return Record.model_validate_json(self.line)


def header_of(record: Record) -> RecordHeader:
    """The gist of a record that is at hand."""
    codes = [task.reason.code for task in record.tasks.values() if task.reason is not None]
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
        lacks_recording="recording_missing" in codes,
    )


def header_of_line(line: str | bytes) -> RecordHeader:
    """The gist of a record as it stands in ``records.jsonl``; the line is known to be one of ours."""
    record: Mapping[str, Any] = json.loads(line)
    reasons = [task["reason"] for task in record["tasks"].values() if task["reason"]]
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
        lacks_recording=any(one["code"] == "recording_missing" for one in reasons),
    )


def _counts(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts: tuple[tuple[str, int], ...] = _shared(tuple(Counter(names).items()))
    return counts


def _repairs(checks: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return _counts(_REPAIRED[check] for check in checks if check in _REPAIRED)


@lru_cache(maxsize=1024)
def _shared(small: T) -> T:
    """The same object for what is equal and in many gists: there may be very many of them."""
    return small
