"""Outcome: what one article came to."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.header import RecordHeader, StoredRecord, header_of
from dragoman.core.once import once
from dragoman.core.record import Record
from dragoman.core.source import Source
from dragoman.errors import DragomanError, ProviderError


@dataclass(frozen=True)
class Outcome:
    """A record, the source it points into, and the error that left it pending, if one did."""

    record_or_line: Record | StoredRecord
    """The record, or the line that it was kept as: mostly a `RecordHeader` of it is enough."""
    source: Source | None
    error: DragomanError | None = None
    finished: bool = False
    """Answered to its end: asked again, it would come out the same."""
    unanswered: ProviderError | None = None
    """Why the repair of an answer was not answered."""

    @property
    def record(self) -> Record:
        held = self.record_or_line
        return held.record if isinstance(held, StoredRecord) else held

    @once
    def header(self) -> RecordHeader:
        held = self.record_or_line
        return held.header if isinstance(held, StoredRecord) else header_of(held)

    @once
    def line(self) -> bytes:
        """The record as it is in ``records.jsonl``, without the line end."""
        held = self.record_or_line
        return held.line if isinstance(held, StoredRecord) else held.to_line()
