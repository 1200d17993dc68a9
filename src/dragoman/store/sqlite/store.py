"""The store: every exchange, raw, committed before anything reads it. SQLite, safe for many processes.

All SQL of dragoman is in this module and its neighbours (`store_file`, `store_place`, `store_rows`, `store_leases`,
`store_memos`, `store_care`, `store_salvage`), and plain, so that a fleet can later meet in PostgreSQL. Write-ahead log
with ``synchronous=FULL``: what was committed survives loss of power. The file has mode 0600. A store that cannot be
read is never overwritten and never set aside by itself.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.core.exchange import Exchange, Role
from dragoman.errors import StoreError
from dragoman.store.owner import Clocks
from dragoman.store.sqlite.caches import Caches
from dragoman.store.sqlite.file import NotOurs, check_and_migrate, connect, create, identity, is_read_only, trouble
from dragoman.store.sqlite.leases import Leases
from dragoman.store.sqlite.location import StorePlace
from dragoman.store.sqlite.rows import ASIDE, SELECT, SERVES, insert, select_by_id, settle, values_of, whole


@dataclass(frozen=True, slots=True)
class Scope:
    """Which exchanges may serve a run: real endpoints share theirs, a custom one has only its own."""

    base_url: str | None = None
    """None for the real services; otherwise the address of the custom server."""

    @property
    def name(self) -> str:
        return self.base_url or "claude"

    @property
    def sql(self) -> str:
        if self.base_url is None:
            return "origin IN ('live', 'batch') AND endpoint IN ('anthropic', 'bedrock')"
        return "origin IN ('live', 'batch') AND endpoint = 'custom' AND base_url = :base_url"


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """An exchange with its row; not ``settled`` while its buyer is still at it, or when that one died."""

    exchange: Exchange
    row: int
    settled: bool


@dataclass(frozen=True, slots=True)
class EarlierAsk:
    """What the store knows of an earlier first ask of an article: enough to say why it is asked again."""

    task: str
    prompt: str
    prompt_sha256: str
    model: str
    key: str


class Store:
    """One open store. All methods may be called from any thread; each commits before it returns."""

    def __init__(self, path: Path, clocks: Clocks | None = None) -> None:
        """Opens, or creates, the store. Raises `StoreError` when what is there is not a readable store.

        On a read-only file system it can be read; what would write raises `StoreError`. ``clocks`` date its leases.
        """
        self.path = path
        self.leases = Leases(self._transaction, clocks or Clocks())
        self.caches = Caches(self._first, self._transaction, kept=not is_read_only(path))
        self.id: str | None = None
        """Tells one store from another; a copy of a store has the same."""
        self.secret: bytes | None = None
        """Marks recordings of replies that this store did not take (see `seals`); it never leaves the file."""
        self._lock = threading.RLock()
        self._durable = True
        if not path.exists():
            create(path)
        with self._guarded():
            if not path.is_file():
                raise NotOurs("it is no regular file", "name another place with --store")
            if path.stat().st_size == 0:
                raise sqlite3.DatabaseError("the file is empty")
            self._db = connect(path)
            try:
                check_and_migrate(self._db)
                self.id, self.secret = identity(self._db)
                self._place = StorePlace(path)
            except BaseException:
                self._db.close()
                raise

    def close(self) -> None:
        """Ends the heartbeat and closes the file; leases of this process are given back."""
        # Leases expire and memos can be made again: neither is worth an error that hides what went before.
        with suppress(StoreError), self._guarded():
            self.leases.end(self._db)
            self.caches.write()
        with self._guarded():
            self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Exchanges

    def find(self, key: str, scope: Scope, *, after: int = 0, settled: bool = False) -> StoredExchange | None:
        """The newest exchange of a request key that may serve ``scope``; only rows with an id over ``after``.

        With ``settled``, only what its buyer is done with (see `settle`). What was set aside serves those only who say
        after which row.
        """
        return self._one(
            f"{SELECT} WHERE key = :key AND {SERVES} AND {scope.sql}",
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
        """The newest re-ask, repair or part of a parent key, by role, round and items, whatever its wording."""
        return self._one(
            f"{SELECT} WHERE parent = :parent AND role = :role AND round = :round AND items = :items "
            f"AND {SERVES} AND {scope.sql}",
            scope, parent=parent, role=role, round=number, items=items, after=after, settled=int(settled),
        )  # fmt: skip

    def same(self, key: str, endpoint: str, created_at: str, base_url: str | None) -> Exchange | None:
        """The very exchange that a record names, from any endpoint: for reading again, never for a run.

        ``base_url`` tells custom servers apart, where it is known.
        """
        with self._guarded():
            row = self._db.execute(
                f"{SELECT} WHERE key = ? AND endpoint = ? AND created_at = ? "
                "AND (? IS NULL OR base_url = ?) ORDER BY settled = 1 DESC, id DESC LIMIT 1",
                (key, endpoint, created_at, base_url, base_url),
            ).fetchone()
        with self._as_trouble():
            return None if row is None else whole(row)

    def save(self, exchange: Exchange) -> int:
        """Commit a reply as it came; returns the row's id. It serves others when it is settled."""
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
        """Record what a saved reply cost, once it has been read: from now on it serves others.

        The ``lease`` under which it was bought is given back along with it. One that is set ``aside`` does not take the
        place of the older answer to the same request.
        """
        with self._transaction(durable=False) as db:
            settle(db, row, cost_usd, price_table, ASIDE if aside else 1)
            if lease is not None:
                self.leases.give_back(db, lease[0], lease[1].name)
        if lease is not None:
            self.leases.forget(lease[0], lease[1].name)

    def unreachable(self, rows: Mapping[int, str]) -> Iterator[tuple[Exchange | None, StoreError]]:
        """Those of some saved rows that nobody finds who opens the store now: its file is gone or was replaced.

        ``rows`` are ids with their request keys. Each comes with what is the matter; the exchange is None where it
        cannot be read here either. A row that was removed on purpose does not come.
        """
        for row in sorted(self._place.missing(rows)):
            try:
                with self._guarded():
                    found = self._db.execute(select_by_id(), (row,)).fetchone()
                    exchange = None if found is None else whole(found)
            except StoreError as error:
                yield None, error
                continue
            if exchange is not None:
                yield exchange, self._place.trouble()

    def high_water(self) -> int:
        """The id of the newest row: what is asked from now on is over it."""
        with self._guarded():
            return int(self._db.execute("SELECT coalesce(max(id), 0) FROM exchanges").fetchone()[0])

    def newest_ever(self) -> int:
        """The highest id that was ever given. A prune does not lower it; in an older copy of the store it is lower."""
        with self._guarded():
            row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'exchanges'").fetchone()
            return int(row[0]) if row else 0

    def has(self, keys: Collection[str], *, custom: bool) -> set[str]:
        """Those of some request keys that a service has answered: a custom one, or Claude."""
        with self._guarded():
            rows = self._db.execute(
                f"SELECT DISTINCT key FROM exchanges WHERE key IN ({', '.join('?' * len(keys))}) "
                "AND origin IN ('live', 'batch') AND (endpoint = 'custom') = ?",
                (*keys, custom),
            ).fetchall()
        return {row["key"] for row in rows}

    def known(self, article_sha256: str, scope: Scope) -> list[EarlierAsk]:
        """The first asks of an article's bytes, newest first."""
        with self._guarded():
            rows = self._db.execute(
                "SELECT task, prompt, prompt_sha256, model, key FROM exchanges WHERE article_sha256 = :sha256 "
                f"AND parent IS NULL AND {scope.sql} ORDER BY id DESC",
                {"sha256": article_sha256, "base_url": scope.base_url},
            ).fetchall()
        return [EarlierAsk(*row) for row in rows]

    def known_elsewhere(self, article_sha256: str, task: str, scope: Scope) -> bool:
        """Whether a task was asked of an article's bytes on a server whose replies do not serve ``scope``."""
        with self._guarded():
            row = self._db.execute(
                "SELECT 1 FROM exchanges WHERE article_sha256 = :sha256 AND task = :task AND parent IS NULL "
                f"AND NOT ({scope.sql}) LIMIT 1",
                {"sha256": article_sha256, "task": task, "base_url": scope.base_url},
            ).fetchone()
        return row is not None

    def measured(self, model: str, scope: Scope, most: int) -> list[tuple[Exchange, str | None]]:
        """The newest ``most`` first asks of a model, each with the language of its article, where that is known."""
        # One that is damaged says nothing.
        language = (
            "(SELECT CASE WHEN json_valid(source) THEN json_extract(source, '$.language') END FROM sources "
            "WHERE sha256 = article_sha256 LIMIT 1)"
        )
        with self._guarded():
            rows = self._db.execute(
                f"SELECT *, {language} AS language FROM ({SELECT} WHERE model = :model AND role IN ('ask', 'part') "
                f"AND {scope.sql} ORDER BY id DESC LIMIT :most)",
                {"model": model, "most": most, "base_url": scope.base_url},
            ).fetchall()
        with self._as_trouble():
            return [(whole(row), row["language"]) for row in rows]

    def answers_of(self, model: str, prompts: Sequence[str], scope: Scope, most: int) -> list[Exchange]:
        """The newest ``most`` replies of a model to prompts with these digests."""
        marks = ", ".join(f":p{number}" for number in range(len(prompts)))
        with self._guarded():
            rows = self._db.execute(
                f"{SELECT} WHERE model = :model AND prompt_sha256 IN ({marks}) AND settled > 0 AND {scope.sql} "
                "ORDER BY id DESC LIMIT :most",
                {
                    "model": model,
                    "base_url": scope.base_url,
                    "most": most,
                    **{f"p{number}": digest for number, digest in enumerate(prompts)},
                },
            ).fetchall()
            return [whole(row) for row in rows]

    def state(self, keys: Iterable[str]) -> str:
        """What there is of some request keys and their children: changes with every exchange added or removed."""
        count = "SELECT count(*), coalesce(max(id), 0) FROM exchanges WHERE"
        with self._guarded():
            found = [
                "{}:{}".format(*row)
                for key in sorted(set(keys))
                for row in self._db.execute(f"{count} key = :key UNION ALL {count} parent = :key", {"key": key})
            ]
        return " ".join(found)

    # Leases

    def lease(self, key: str, scope: Scope) -> bool:
        """Take the right to ask for a key; False while a living owner, here or elsewhere, has it."""
        return self.leases.take(key, scope.name)

    def release(self, key: str, scope: Scope) -> None:
        """Give a lease back without a reply, unless it was given back with one (see `settle`)."""
        self.leases.release(key, scope.name)

    # The connection, for `store_care`

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        self.caches.write()
        with self._guarded():
            return self._db.execute(sql, values).fetchall()

    def exchanges(self) -> Iterator[Exchange]:
        """All exchanges, oldest first, without holding them all in memory."""
        last = 0
        while True:
            rows = self.rows(f"{SELECT} WHERE id > ? ORDER BY id LIMIT 200", (last,))
            if not rows:
                return
            for row in rows:
                with self._as_trouble():
                    exchange = whole(row)
                yield exchange
            last = rows[-1]["id"]

    def change(self, statements: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Several statements, committed together."""
        with self._transaction() as db:
            for sql, values in statements:
                db.execute(sql, values)

    def compact(self) -> None:
        """Give freed space back to the file system."""
        with self._guarded():
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _first(self, sql: str, values: Sequence[Any]) -> sqlite3.Row | None:
        with self._guarded():
            row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
            return row

    def _one(self, sql: str, scope: Scope, **values: Any) -> StoredExchange | None:
        with self._guarded():
            found = self._db.execute(f"{sql} ORDER BY id DESC LIMIT 1", {**values, "base_url": scope.base_url})
            row = found.fetchone()
        with self._as_trouble():
            return None if row is None else StoredExchange(whole(row), row["id"], bool(row["settled"]))

    @contextmanager
    def _transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Committed together. Not ``durable``: safe from any end of the process, but a loss of power may undo it.

        Only what is paid for must wait for the disk; its commit takes all earlier ones along.
        """
        with self._guarded():
            self._place.check()
            if durable is not self._durable:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self.caches.into(self._db)
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """For what needs the connection, and only for that: all threads wait for it. A row is read, checked and parsed
        outside (`_as_trouble`), because a reply can make it long."""
        with self._lock, self._as_trouble():
            yield

    @contextmanager
    def _as_trouble(self) -> Iterator[None]:
        """What SQLite and the disk raise, and rows that are damaged, as `StoreError`."""
        try:
            yield
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise trouble(self.path, error) from error
