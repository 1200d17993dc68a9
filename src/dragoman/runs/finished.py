"""Finished records, kept in the store: what is known is neither parsed, located nor checked again.

A memo is found under a digest of all that makes a record: the article, its name, how it is asked, and this
very program (its files, and the libraries that prepare). It holds as long as the store has the same
exchanges for its request keys. Like a prepared source it can always be made again.
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
"""Bytes of the checksum in front of a memo: SQLite does not see damage inside a text."""


class FinishedRecords:
    """The finished records of one way of asking."""

    def __init__(self, store: ReplyStore, scope: Scope, specs: Sequence[TaskSpec], *others: object) -> None:
        """``others`` are the settings that a record depends on besides its wordings."""
        self._store = store
        asked = [[w.prompt.sha256, w.reask.sha256, w.repair.sha256, w.model.id, w.prompt.name] for w in specs]
        self._about = sha256(canonical_json([program_digest(), scope.name, asked, [str(other) for other in others]]))

    def recall(self, article: Article) -> StoredRecord | None:
        """The record of an article when it was finished before and nothing it rests on has changed."""
        kept = self._store.caches.finished(self._digest(article))
        if kept is None:
            return None
        state, lines = kept[0], kept[1][_CHECKSUM:]
        if kept[1][:_CHECKSUM] != _checksum(lines):
            return None  # damage to the file
        try:
            header, _, line = lines.partition(b"\n")
            known = StoredRecord(RecordHeader.from_json(header), line)
        except (ValueError, TypeError):
            return None
        return known if self._store.state(_keys(known)) == state else None

    def keep(self, article: Article, known: StoredRecord) -> None:
        """Keep a record that is answered to its end."""
        # Not compressed: that would take longer than the rest of it, for a third less of a store.
        lines = known.header.to_json() + b"\n" + known.line
        state = self._store.state(_keys(known))
        self._store.caches.save_finished(self._digest(article), article.sha256, state, _checksum(lines) + lines)

    def _digest(self, article: Article) -> str:
        return sha256(canonical_json([self._about, article.sha256, article.name, article.media_type]))


def _checksum(lines: bytes) -> bytes:
    return zlib.crc32(lines).to_bytes(_CHECKSUM)


def _keys(known: StoredRecord) -> list[str]:
    return [key for key, _ in known.header.exchanges]
