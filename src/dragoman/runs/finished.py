"""A cache of finished records: a stored answer need not be parsed, located and checked again.

An entry is found by a digest of everything that makes a record: the article, its name, how it is asked about, and
Dragoman itself (its own files and the libraries that prepare articles). The entry is valid as long as the store has the
same exchanges for its request keys. Like a cached source, it can always be made again.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from dragoman.core.article import Article
from dragoman.core.header import RecordHeader, StoredRecord
from dragoman.core.program import program_digest
from dragoman.core.text import canonical_json, sha256
from dragoman.store.protocol import ReplyStore, Scope
from dragoman.tasks.requests import TaskSpec

_CHECKSUM = 4
"""Bytes of the checksum in front of an entry (a CRC-32): SQLite does not notice damage inside a value."""


class FinishedRecords:
    """The finished records of one way of asking: service, prompts, models and settings."""

    def __init__(self, store: ReplyStore, scope: Scope, specs: Sequence[TaskSpec], *settings: object) -> None:
        """``settings`` are the values besides ``specs`` that a record depends on."""
        self._store = store
        tasks = [
            [spec.prompt.sha256, spec.reask.sha256, spec.repair.sha256, spec.model.id, spec.prompt.name]
            for spec in specs
        ]
        values = [str(setting) for setting in settings]
        self._way_of_asking = sha256(canonical_json([program_digest(), scope.name, tasks, values]))

    def find(self, article: Article) -> StoredRecord | None:
        """The record of an article, if it is in the cache and nothing that it depends on has changed."""
        entry = self._store.caches.finished(self._digest(article))
        if entry is None:
            return None
        state, content = entry
        lines = content[_CHECKSUM:]
        if content[:_CHECKSUM] != _checksum(lines):
            return None  # the file is damaged
        try:
            header, _, line = lines.partition(b"\n")
            record = StoredRecord(RecordHeader.from_json(header), line)
        except (ValueError, TypeError):
            return None
        return record if self._store.state(_keys(record)) == state else None

    def save(self, article: Article, record: StoredRecord) -> None:
        """Put a record into the cache. It must be finished: asked again, it would be the same."""
        # Not compressed: that would take longer than all the rest, to make the store smaller by a third.
        lines = record.header.to_json() + b"\n" + record.line
        state = self._store.state(_keys(record))
        self._store.caches.save_finished(self._digest(article), article.sha256, state, _checksum(lines) + lines)

    def _digest(self, article: Article) -> str:
        return sha256(canonical_json([self._way_of_asking, article.sha256, article.name, article.media_type]))


def _checksum(lines: bytes) -> bytes:
    return zlib.crc32(lines).to_bytes(_CHECKSUM)


def _keys(record: StoredRecord) -> list[str]:
    return [key for key, _ in record.header.exchanges]
