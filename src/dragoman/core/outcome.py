"""Outcome: the result for one article within a run."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.header import RecordHeader, StoredRecord, header_of
from dragoman.core.once import once
from dragoman.core.record import Record
from dragoman.core.source import Source
from dragoman.errors import ArticleError, DragomanError, Hint, ProviderError


@dataclass(frozen=True)
class Outcome:
    """A record, the source that it points into, and the error that left it pending, if any."""

    record_or_line: Record | StoredRecord
    """The record, or its stored line: usually the `RecordHeader` is enough, and the line is never parsed."""
    source: Source | None
    error: DragomanError | None = None
    finished: bool = False
    """Whether it has its final answer: asking again would give the same."""
    unanswered: ProviderError | None = None
    """Why a repair of the answer got no reply."""
    unread: ArticleError | None = None
    """Why the article was not asked about, if that is the fault of the article."""

    @property
    def hint(self) -> Hint | None:
        """What may help an article that has no answer."""
        error = self.error or self.unread
        return error.hint if error is not None else None

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
