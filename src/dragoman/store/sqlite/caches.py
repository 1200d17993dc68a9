"""The memos of a store: prepared sources and finished records. Both can always be made again: one that is damaged is
as good as none.

A memo goes along with the next commit of something else: one of its own would wait for the disk once more.
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

_MOST = 64
"""So many may wait for a commit."""

Ask = Callable[[str, Sequence[Any]], sqlite3.Row | None]
"""The first row of a query."""


class Caches:
    """Of one open store."""

    def __init__(self, ask: Ask, transaction: Transaction, *, kept: bool = True) -> None:
        """``transaction`` is to begin with `into`; not ``kept``, new memos are dropped: nothing can be written."""
        self._kept = kept
        self._ask = ask
        self._transaction = transaction
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, Sequence[Any]]] = []

    def source(self, article_sha256: str, media_type: str, recipe: str) -> Source | None:
        """A prepared article, when it was prepared by the same recipe."""
        self.write(article_sha256)
        row = self._ask(
            "SELECT CAST(source AS BLOB) AS source, checksum FROM sources "
            "WHERE sha256 = ? AND media_type = ? AND recipe = ?",
            (article_sha256, media_type, recipe),
        )
        if row is None or crc32(row["source"]) != row["checksum"]:
            return None  # never seen, of an earlier version, or damaged
        return Source.from_json(json.loads(row["source"]))

    def remember(self, article_sha256: str, media_type: str, recipe: str, source: Source) -> None:
        """Keep a prepared article, so that slow libraries are not asked again."""
        text = json.dumps(source.to_json(), ensure_ascii=False)
        values = (article_sha256, media_type, recipe, text, crc32(text.encode()))
        columns = "sha256, media_type, recipe, source, checksum"
        self._soon(f"INSERT OR REPLACE INTO sources ({columns}) VALUES (?, ?, ?, ?, ?)", values)

    def finished(self, digest: str) -> tuple[str, bytes] | None:
        """(state, record) of what `finish` kept under a digest."""
        self.write(digest)
        row = self._ask("SELECT CAST(state AS BLOB) AS state, record FROM finished WHERE digest = ?", (digest,))
        return None if row is None else (row["state"].decode("utf-8", "replace"), row["record"])

    def finish(self, digest: str, article_sha256: str, state: str, record: bytes) -> None:
        """Keep a finished record; ``state`` is that of the exchanges it rests on (see `Store.state`)."""
        columns, values = "digest, article_sha256, state, record", (digest, article_sha256, state, record)
        self._soon(f"INSERT OR REPLACE INTO finished ({columns}) VALUES (?, ?, ?, ?)", values)

    def into(self, db: sqlite3.Connection) -> None:
        """Write what waits, within a transaction."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for sql, values in waiting:
            db.execute(sql, values)

    def write(self, about: str | None = None) -> None:
        """Commit what waits; only if something waits for ``about``, where it is named."""
        with self._lock:
            due = bool(self._waiting) and (about is None or any(values[0] == about for _, values in self._waiting))
        if due:
            with self._transaction(durable=False):
                pass

    def _soon(self, sql: str, values: Sequence[Any]) -> None:
        if not self._kept:
            return
        with self._lock:
            self._waiting.append((sql, values))
            full = len(self._waiting) >= _MOST
        if full:
            self.write()
