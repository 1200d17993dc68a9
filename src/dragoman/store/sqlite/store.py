"""The store in SQLite: every exchange as it came, committed before anything reads it, safe for many processes.

All SQL of Dragoman is in this package and in `maintenance`. It is plain SQL, so that a store in PostgreSQL can follow.
SQLite runs with a write-ahead log and ``synchronous=FULL``: what was committed survives a loss of power. The file has
mode 0600. Dragoman never overwrites a store that it cannot read, and never sets it aside unasked.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dragoman.core.exchange import Exchange, Role
from dragoman.errors import StoreError
from dragoman.store.owner import Clocks
from dragoman.store.protocol import EarlierAsk, Scope, StoredExchange
from dragoman.store.sqlite.caches import Caches
from dragoman.store.sqlite.file import (
    UnsuitableFile,
    check_and_migrate,
    connect,
    create,
    identity,
    is_read_only,
    store_error,
)
from dragoman.store.sqlite.leases import Leases
from dragoman.store.sqlite.location import StoreLocation
from dragoman.store.sqlite.rejections import Rejections
from dragoman.store.sqlite.rows import ASIDE, SELECT, SERVES, insert, read_row, select_by_id, settle, values_of

_MOST_BY_NAME = 60
"""Requests about one name: the parts of one long translation, or the versions of an article over two months of days.
A name that stands for any article, such as standard input, has no more of them read than that."""


def _served(scope: Scope) -> str:
    """The SQL condition for exchanges that may serve a scope; it refers to ``:base_url``."""
    if scope.base_url is None:
        return "origin IN ('live', 'batch') AND endpoint IN ('anthropic', 'bedrock')"
    return "origin IN ('live', 'batch') AND endpoint = 'custom' AND base_url = :base_url"


class Store:
    """One open store: a `ReplyStore`, whose docstrings say what its methods promise.

    All methods may be called from any thread; each commits before it returns.
    """

    def __init__(self, path: Path, clocks: Clocks | None = None) -> None:
        """Open the store, or create it. Raises `StoreError` when the file at ``path`` is not a readable store.

        On a read-only file system the store can be read, and methods that write raise `StoreError`. ``clocks`` date its
        leases.
        """
        self.path = path
        self.leases = Leases(self._transaction, clocks or Clocks())
        self.caches = Caches(self._first_row, self._transaction, writable=not is_read_only(path))
        self.rejections = Rejections(self._first_row, self._transaction)
        self.id: str | None = None
        self.secret: bytes | None = None
        self._lock = threading.RLock()
        self._durable = True
        if not path.exists():
            create(path)
        with self._locked():
            if not path.is_file():
                raise UnsuitableFile("it is not a regular file")
            if path.stat().st_size == 0:
                raise sqlite3.DatabaseError("the file is empty")
            self._db = connect(path)
            try:
                check_and_migrate(self._db)
                self.id, self.secret = identity(self._db)
                self._location = StoreLocation(path)
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Give the leases of this process back, end their heartbeat and close the file."""
        # Leases expire and caches can be computed again: neither is worth an error that hides an earlier one.
        with suppress(StoreError), self._locked():
            self.leases.end(self._db)
            self.caches.commit()
        with self._locked():
            self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Exchanges

    def find(self, key: str, scope: Scope, *, after: int = 0, settled: bool = False) -> StoredExchange | None:
        """The newest exchange with a request key that may serve ``scope``."""
        return self._newest(
            f"{SELECT} WHERE key = :key AND {SERVES} AND {_served(scope)}",
            scope, key=key, after=after, settled=int(settled),
        )  # fmt: skip

    def find_child(
        self,
        parent: str,
        role: Role,
        number: int,
        scope: Scope,
        *,
        items: str = "",
        after: int = 0,
        settled: bool = False,
    ) -> StoredExchange | None:
        """The newest re-ask, repair or part of a parent key."""
        return self._newest(
            f"{SELECT} WHERE parent = :parent AND role = :role AND round = :round AND items = :items "
            f"AND {SERVES} AND {_served(scope)}",
            scope, parent=parent, role=role, round=number, items=items, after=after, settled=int(settled),
        )  # fmt: skip

    def find_exact(self, key: str, endpoint: str, created_at: str, base_url: str | None) -> Exchange | None:
        """The very exchange that a record names, whatever its endpoint."""
        with self._locked():
            row = self._db.execute(
                f"{SELECT} WHERE key = ? AND endpoint = ? AND created_at = ? "
                "AND (? IS NULL OR base_url = ?) ORDER BY settled = 1 DESC, id DESC LIMIT 1",
                (key, endpoint, created_at, base_url, base_url),
            ).fetchone()
        with self._as_store_errors():
            return None if row is None else read_row(row)

    def save(self, exchange: Exchange) -> int:
        """Commit a reply as it came, and return the id of its row."""
        values = values_of(exchange)
        with self._transaction() as db:
            return insert(db, values)

    def settle(
        self,
        row: int,
        cost_usd: str | None,
        price_table: str | None,
        *,
        lease: tuple[str, Scope] | None = None,
        aside: bool = False,
    ) -> None:
        """Record what a saved reply cost, and give the lease back in the same commit."""
        with self._transaction(durable=False) as db:
            settle(db, row, cost_usd, price_table, ASIDE if aside else 1)
            if lease is not None:
                self.leases.give_back(db, lease[0], lease[1].name)
        if lease is not None:
            self.leases.forget(lease[0], lease[1].name)

    def unreachable(self, rows: Mapping[int, str]) -> Iterator[tuple[Exchange | None, StoreError]]:
        """Those of some saved rows that a process that opens the store now would not find."""
        for row in sorted(self._location.missing(rows)):
            try:
                with self._locked():
                    values = self._db.execute(select_by_id(), (row,)).fetchone()
                    exchange = None if values is None else read_row(values)
            except StoreError as error:
                yield None, error
                continue
            if exchange is not None:
                yield exchange, self._location.error()

    def newest_row(self) -> int:
        """The id of the newest row; 0 in an empty store."""
        with self._locked():
            return int(self._db.execute("SELECT coalesce(max(id), 0) FROM exchanges").fetchone()[0])

    def highest_row_ever(self) -> int:
        """The highest id that was ever given; 0 in a store that never had a row."""
        with self._locked():
            row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'exchanges'").fetchone()
            return int(row[0]) if row else 0

    def answered(self, keys: Collection[str], *, custom: bool) -> set[str]:
        """Those of some request keys that a service answered: a custom one, or Claude."""
        with self._locked():
            rows = self._db.execute(
                f"SELECT DISTINCT key FROM exchanges WHERE key IN ({', '.join('?' * len(keys))}) "
                "AND origin IN ('live', 'batch') AND (endpoint = 'custom') = ?",
                (*keys, custom),
            ).fetchall()
        return {row["key"] for row in rows}

    def earlier_asks(self, article_sha256: str, scope: Scope) -> list[EarlierAsk]:
        """The first requests about an article with these bytes, newest first."""
        with self._locked():
            rows = self._db.execute(
                "SELECT task, prompt, prompt_sha256, model, key FROM exchanges WHERE article_sha256 = :sha256 "
                f"AND parent IS NULL AND {_served(scope)} ORDER BY id DESC",
                {"sha256": article_sha256, "base_url": scope.base_url},
            ).fetchall()
        return [EarlierAsk(*row) for row in rows]

    def asks_by_name(self, article: str, scope: Scope) -> list[EarlierAsk]:
        """The newest first requests, and those for further parts, about articles of this name, with their user
        parts."""
        with self._locked():
            rows = self._db.execute(
                "SELECT task, prompt, prompt_sha256, model, key, article_sha256, created_at, user FROM exchanges "
                f"WHERE article = :article AND (parent IS NULL OR role = 'part') AND {_served(scope)} "
                "ORDER BY id DESC LIMIT :most",
                {"article": article, "base_url": scope.base_url, "most": _MOST_BY_NAME},
            ).fetchall()
        return [EarlierAsk(*row) for row in rows]

    def asked_elsewhere(self, article_sha256: str, task: str, scope: Scope) -> bool:
        """Whether a task was asked about these bytes on a server whose replies do not serve ``scope``."""
        with self._locked():
            row = self._db.execute(
                "SELECT 1 FROM exchanges WHERE article_sha256 = :sha256 AND task = :task AND parent IS NULL "
                f"AND NOT ({_served(scope)}) LIMIT 1",
                {"sha256": article_sha256, "task": task, "base_url": scope.base_url},
            ).fetchone()
        return row is not None

    def newest_first_asks(self, model: str, scope: Scope, limit: int) -> list[tuple[Exchange, str | None]]:
        """The newest first requests to a model, each with the language of its article, or None if it is unknown."""
        # A damaged source says nothing about the language.
        language = (
            "(SELECT CASE WHEN json_valid(source) THEN json_extract(source, '$.language') END FROM sources "
            "WHERE sha256 = article_sha256 LIMIT 1)"
        )
        with self._locked():
            rows = self._db.execute(
                f"SELECT *, {language} AS language FROM ({SELECT} WHERE model = :model AND role IN ('ask', 'part') "
                f"AND {_served(scope)} ORDER BY id DESC LIMIT :limit)",
                {"model": model, "limit": limit, "base_url": scope.base_url},
            ).fetchall()
        with self._as_store_errors():
            return [(read_row(row), row["language"]) for row in rows]

    def newest_answers(self, model: str, prompts: Sequence[str], scope: Scope, limit: int) -> list[Exchange]:
        """The newest replies of a model to prompts with these digests."""
        marks = ", ".join(f":p{number}" for number in range(len(prompts)))
        with self._locked():
            rows = self._db.execute(
                f"{SELECT} WHERE model = :model AND prompt_sha256 IN ({marks}) AND settled > 0 AND {_served(scope)} "
                "ORDER BY id DESC LIMIT :limit",
                {
                    "model": model,
                    "base_url": scope.base_url,
                    "limit": limit,
                    **{f"p{number}": digest for number, digest in enumerate(prompts)},
                },
            ).fetchall()
            return [read_row(row) for row in rows]

    def state(self, keys: Iterable[str]) -> str:
        """For each key, how many exchanges it and its children have, and the highest row among them."""
        count = "SELECT count(*), coalesce(max(id), 0) FROM exchanges WHERE"
        with self._locked():
            counts = [
                "{}:{}".format(*row)
                for key in sorted(set(keys))
                for row in self._db.execute(f"{count} key = :key UNION ALL {count} parent = :key", {"key": key})
            ]
        return " ".join(counts)

    # Leases

    def lease(self, key: str, scope: Scope) -> bool:
        """Take the right to ask for a key. False while a living owner, in this process or another, has it."""
        return self.leases.take(key, scope.name)

    def release(self, key: str, scope: Scope) -> None:
        """Give a lease back without a reply, unless `settle` already gave it back."""
        self.leases.release(key, scope.name)

    # The connection, for `maintenance`

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        self.caches.commit()
        with self._locked():
            return self._db.execute(sql, values).fetchall()

    def exchanges(self) -> Iterator[Exchange]:
        """All exchanges, oldest first, without holding them all in memory."""
        last = 0
        while True:
            rows = self.rows(f"{SELECT} WHERE id > ? ORDER BY id LIMIT 200", (last,))
            if not rows:
                return
            for row in rows:
                with self._as_store_errors():
                    exchange = read_row(row)
                yield exchange
            last = rows[-1]["id"]

    def change(self, statements: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Execute several statements and commit them together."""
        with self._transaction() as db:
            for sql, values in statements:
                db.execute(sql, values)

    def compact(self) -> None:
        """Return freed space to the file system."""
        with self._locked():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _first_row(self, sql: str, values: Sequence[Any]) -> sqlite3.Row | None:
        with self._locked():
            row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return row

    def _newest(self, sql: str, scope: Scope, **values: Any) -> StoredExchange | None:
        with self._locked():
            rows = self._db.execute(f"{sql} ORDER BY id DESC LIMIT 1", {**values, "base_url": scope.base_url})
            row = rows.fetchone()
        with self._as_store_errors():
            return None if row is None else StoredExchange(read_row(row), row["id"], bool(row["settled"]))

    @contextmanager
    def _transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Commit everything in the block together. Without ``durable``, the commit survives any end of the process, but
        a loss of power may undo it.

        Only paid replies have to wait for the disk. A durable commit makes all earlier commits durable too.
        """
        with self._locked():
            self._location.check()
            if durable is not self._durable:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self.caches.write_into(self._db)
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock on the connection. All threads wait for it, so a row is checked and parsed outside the lock: a
        long reply takes long."""
        with self._lock, self._as_store_errors():
            yield

    @contextmanager
    def _as_store_errors(self) -> Iterator[None]:
        """Raise the errors of SQLite and the disk, damaged rows among them, as `StoreError`."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise store_error(self.path, error) from error
