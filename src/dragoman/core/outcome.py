"""Outcome: what one article came to."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.header import RecordHeader, StoredRecord, header_of
from dragoman.core.once import once
from dragoman.core.record import Record
from dragoman.core.source import Source
from dragoman.errors import ArticleError, DragomanError, ProviderError


@dataclass(frozen=True)
class Outcome:
    """A record, the source it points into, and the error that left it pending, if one did."""

    known: Record | StoredRecord
    """The record, or the line that it was kept as: mostly a `RecordHeader` of it is enough."""
    source: Source | None
    error: DragomanError | None = None
    finished: bool = False
    """Answered to its end: asked again, it would come out the same."""
    unanswered: ProviderError | None = None
    """Why the repair of an answer was not answered."""
    unread: ArticleError | None = None
    """Why the article was not asked about, if that is the article's own fault."""

    @property
    def record(self) -> Record:
        return self.known.record if isinstance(self.known, StoredRecord) else self.known

    @once
    def header(self) -> RecordHeader:
        return self.known.header if isinstance(self.known, StoredRecord) else header_of(self.known)

    @once
    def line(self) -> bytes:
        """The record as it stands in ``records.jsonl``, without the line end."""
        return self.known.line if isinstance(self.known, StoredRecord) else self.known.to_line()
