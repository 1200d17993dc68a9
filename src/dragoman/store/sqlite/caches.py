"""The caches of a store: prepared sources and finished records.

Both can always be computed again, so a damaged entry counts as absent. An entry is written with the next commit of
something else, because a commit of its own would wait for the disk once more.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

from dragoman.core.source import Source
from dragoman.store.sqlite.leases import Transaction

_MAX_QUEUED = 64
"""Entries that may wait for a commit. It bounds their memory, and what is lost when the process is killed."""

FirstRow = Callable[[str, Sequence[Any]], sqlite3.Row | None]
"""The first row of a query."""


class Caches:
    """The caches of one open store: a `ReplyCaches`."""

    def __init__(self, first_row: FirstRow, transaction: Transaction, *, writable: bool = True) -> None:
        """Each ``transaction`` must begin with `write_into`. Without ``writable``, new entries are dropped."""
        self._writable = writable
        self._first_row = first_row
        self._transaction = transaction
        self._lock = threading.Lock()
        self._queued: list[tuple[str, Sequence[Any]]] = []

    def source(self, article_sha256: str, media_type: str, recipe: str) -> Source | None:
        """The source of an article, if it was prepared by the same recipe."""
        self.commit(article_sha256)
        row = self._first_row(
            "SELECT CAST(source AS BLOB) AS source, checksum FROM sources "
            "WHERE sha256 = ? AND media_type = ? AND recipe = ?",
            (article_sha256, media_type, recipe),
        )
        if row is None or crc32(row["source"]) != row["checksum"]:
            return None  # absent, written by an earlier version, or damaged
        return Source.from_json(json.loads(row["source"]))

    def save_source(self, article_sha256: str, media_type: str, recipe: str, source: Source) -> None:
        """Keep a source, so that the slow libraries are not needed for it again."""
        text = json.dumps(source.to_json(), ensure_ascii=False)
        values = (article_sha256, media_type, recipe, text, crc32(text.encode()))
        columns = "sha256, media_type, recipe, source, checksum"
        self._queue(f"INSERT OR REPLACE INTO sources ({columns}) VALUES (?, ?, ?, ?, ?)", values)

    def finished(self, digest: str) -> tuple[str, bytes] | None:
        """(state, record) that `save_finished` kept under a digest."""
        self.commit(digest)
        row = self._first_row("SELECT CAST(state AS BLOB) AS state, record FROM finished WHERE digest = ?", (digest,))
        return None if row is None else (row["state"].decode("utf-8", "replace"), row["record"])

    def save_finished(self, digest: str, article_sha256: str, state: str, record: bytes) -> None:
        """Keep a finished record; ``state`` is that of the exchanges it was made from (see `Store.state`)."""
        columns, values = "digest, article_sha256, state, record", (digest, article_sha256, state, record)
        self._queue(f"INSERT OR REPLACE INTO finished ({columns}) VALUES (?, ?, ?, ?)", values)

    def write_into(self, db: sqlite3.Connection) -> None:
        """Write the queued entries, within a transaction."""
        with self._lock:
            entries, self._queued = self._queued, []
        for sql, values in entries:
            db.execute(sql, values)

    def commit(self, about: str | None = None) -> None:
        """Commit the queued entries; with ``about``, only if one of them has that digest."""
        with self._lock:
            due = bool(self._queued) and (about is None or any(values[0] == about for _, values in self._queued))
        if due:
            with self._transaction(durable=False):
                pass

    def _queue(self, sql: str, values: Sequence[Any]) -> None:
        if not self._writable:
            return
        with self._lock:
            self._queued.append((sql, values))
            full = len(self._queued) >= _MAX_QUEUED
        if full:
            self.commit()
