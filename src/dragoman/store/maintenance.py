"""Looking after the store: stats, verify, export, prune, repair."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from dragoman.core.article import article_id
from dragoman.core.files import sync_folder
from dragoman.core.prices import bill, decimal_string
from dragoman.core.text import sha256
from dragoman.errors import ConfigError, StoreError
from dragoman.store import recordings
from dragoman.store.sqlite.file import NotOurs, check_closed, clear_leftovers, connect_new, temporary_beside, trouble
from dragoman.store.sqlite.pruned import FACT, Pruned
from dragoman.store.sqlite.rows import UNSEALED, exchange_of, select_by_id
from dragoman.store.sqlite.salvage import remove, salvage
from dragoman.store.sqlite.store import Store


def stats(store: Store) -> dict[str, Any]:
    """Counts and money: in all, and by day, model, prompt and provider. Amounts are plain decimal strings."""
    groups: dict[str, dict[str, list[Decimal | int]]] = {"day": {}, "model": {}, "prompt": {}, "provider": {}}
    total, unknown, exchanges = Decimal(0), 0, 0
    for row in store.rows("SELECT created_at, model, prompt, endpoint, cost_usd FROM exchanges"):
        exchanges += 1
        cost = Decimal(row["cost_usd"]) if row["cost_usd"] is not None else None
        total += cost or 0
        unknown += cost is None
        names = (row["created_at"][:10], row["model"], row["prompt"], row["endpoint"])
        for group, name in zip(groups.values(), names, strict=True):
            entry = group.setdefault(name, [0, Decimal(0), 0])
            entry[0] += 1
            entry[1] += cost or 0
            entry[2] += cost is None
    articles = store.rows("SELECT count(DISTINCT article_sha256) AS n FROM exchanges")[0]["n"]
    return {
        "store": str(store.path),
        "bytes": store.path.stat().st_size,
        "exchanges": exchanges,
        "articles": articles,
        "prepared_sources": store.rows("SELECT count(*) AS n FROM sources")[0]["n"],
        "cost_usd": decimal_string(total),
        "unknown_cost": unknown,
        **{
            f"by_{name}": {
                key: {"exchanges": entry[0], "cost_usd": decimal_string(Decimal(entry[1])), "unknown_cost": entry[2]}
                for key, entry in sorted(group.items())
            }
            for name, group in groups.items()
        },
    }


def verify(store: Store) -> list[str]:
    """What is wrong with the store, one sentence each: file structure, and every key derived again."""
    problems = [f"the file is damaged: {row[0]}" for row in store.rows("PRAGMA integrity_check") if row[0] != "ok"]
    for row in store.rows("SELECT id, key, article FROM exchanges ORDER BY id"):
        try:
            derived = exchange_of(next(iter(store.rows(select_by_id(), (row["id"],))))).key
        except StopIteration:
            problems.append(f"exchange {row['id']} is in an index and cannot be found itself")
            continue
        except (TypeError, ValueError, StoreError) as error:
            problems.append(f"exchange {row['id']} of {row['article']} cannot be read: {error}")
            continue
        if derived != row["key"]:
            problems.append(
                f"exchange {row['id']} of {row['article']}: its key is {row['key']}, its request gives {derived}"
            )
    return problems


def count_exchanges(store: Store) -> int:
    """How many exchanges the store has."""
    count: int = store.rows("SELECT count(*) FROM exchanges")[0][0]
    return count


def unsealed(store: Store) -> tuple[int, int]:
    """How many rows of earlier versions have no checksum, and how many have none over their price."""
    neither, price = (store.rows(f"SELECT count(*) FROM exchanges WHERE {which}")[0][0] for which in UNSEALED)
    return neither, price


def export(store: Store, folder: Path, *, article: str | None = None) -> int:
    """Write the newest exchange of every key as a recording; returns how many."""
    wanted = {row["id"] for row in _chosen(store, article=article)}
    # Claude's own replies come before those of a custom server that was asked the same; what was set aside comes last.
    newest: dict[str, int] = {
        row["key"]: row["id"]
        for row in store.rows("SELECT id, key FROM exchanges ORDER BY endpoint <> 'custom', settled = 1, id")
        if row["id"] in wanted
    }
    for row_id in newest.values():
        recordings.write(folder, exchange_of(store.rows(select_by_id(), (row_id,))[0]))
    return len(newest)


@dataclass(frozen=True)
class Imported:
    """What an import did: how many exchanges were ``taken``, how many ``left``, for they are there or no service gave
    them, and for each file that could not be read, which and why."""

    taken: int
    left: int
    unreadable: tuple[str, ...] = ()
    unmarked: int = 0
    """Live ones, not in the store, that were left because this store did not make them."""


def import_recordings(store: Store, folder: Path, *, unsealed: bool = False, only_marked: bool = False) -> Imported:
    """Put live recordings into the store, as many as can be read. Raises `ConfigError` when there is no folder.

    ``unsealed`` also takes those without a checksum. ``only_marked`` takes those that this store made itself and
    counts the others; it looks at no files but those with the name of a recording.
    """
    taken = left = unmarked = 0
    places = [path for path in recordings.paths(folder) if not only_marked or recordings.is_named(path)]
    readable, unreadable = _readable(places, unsealed=unsealed or only_marked)
    for path in readable:
        try:
            exchange, marked = recordings.load(path, store.secret, unsealed=unsealed or only_marked)
        except ConfigError as error:  # it was whole when it was looked at
            unreadable.append(str(error))
            continue
        there = store.same(exchange.key, exchange.endpoint, exchange.created_at, exchange.base_url)
        if exchange.origin not in ("live", "batch") or there is not None:
            left += 1
        elif only_marked and not marked:
            unmarked += 1
        else:
            row = store.save(exchange)
            store.settle(row, exchange.cost_usd, exchange.price_table)
            taken += 1
    return Imported(taken, left, tuple(unreadable), unmarked)


def _readable(places: Sequence[Path], *, unsealed: bool) -> tuple[list[Path], list[str]]:
    """The recordings among some files, oldest first, and a sentence for each file that is none.

    Only one is in memory at a time: there may be more of them than fit.
    """
    readable: list[tuple[str, Path]] = []
    unreadable: list[str] = []
    for path in places:
        try:
            readable.append((recordings.load(path, unsealed=unsealed).exchange.created_at, path))
        except ConfigError as error:
            unreadable.append(str(error))
    return [path for _, path in sorted(readable)], unreadable


@dataclass(frozen=True)
class Prunable:
    """What a prune would free: exchanges by id, what they cost, and the bytes of their replies and requests."""

    ids: tuple[int, ...]
    articles: frozenset[str]
    cost_usd: Decimal
    unknown_cost: int
    bytes: int


def prunable(store: Store, *, article: str | None = None, before: str | None = None) -> Prunable:
    """What `prune` would remove: of one article (its id, name or digest), asked before a day, or both."""
    rows = _chosen(store, article=article, before=before)
    known, unknown = bill(row["cost_usd"] for row in rows)
    return Prunable(
        ids=tuple(row["id"] for row in rows),
        articles=frozenset(row["article_sha256"] for row in rows),
        cost_usd=known,
        unknown_cost=unknown,
        bytes=sum(row["size"] for row in rows),
    )


def prune(store: Store, what: Prunable) -> None:
    """Remove exchanges and what was prepared of their articles, and give the space back."""
    statements: list[tuple[str, tuple[Any, ...]]] = [("DELETE FROM exchanges WHERE id = ?", (i,)) for i in what.ids]
    statements += [
        (
            "DELETE FROM sources WHERE sha256 = ? AND NOT EXISTS "
            "(SELECT 1 FROM exchanges WHERE article_sha256 = sources.sha256)",
            (digest,),
        )
        for digest in what.articles
    ]
    statements += [("DELETE FROM finished WHERE article_sha256 = ?", (digest,)) for digest in what.articles]
    statements.append(
        (
            "DELETE FROM texts WHERE sha256 NOT IN "
            "(SELECT system_sha256 FROM exchanges UNION SELECT schema_sha256 FROM exchanges)",
            (),
        )
    )
    before = store.rows("SELECT value FROM facts WHERE name = ?", (FACT,))
    pruned = (Pruned.read(before[0]["value"]) if before else Pruned()).also(what.ids)
    statements.append(("INSERT OR REPLACE INTO facts VALUES (?, ?)", (FACT, str(pruned))))
    store.change(statements)
    store.compact()


def _chosen(store: Store, *, article: str | None = None, before: str | None = None) -> list[Mapping[str, Any]]:
    if before is not None:
        try:
            datetime.strptime(before, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise ConfigError(f"{before!r} is not a day such as 2026-11-21") from None
    rows = store.rows(
        "SELECT id, article, article_sha256, cost_usd, length(body) + length(user) AS size FROM exchanges "
        "WHERE created_at < ? ORDER BY id",
        (before or "9999",),
    )
    if article is None:
        return [dict(row) for row in rows]
    names = {row["article_sha256"]: row for row in rows if _is(article, row["article"], row["article_sha256"])}
    if not names:
        raise ConfigError(f"the store {store.path} has nothing of the article {article}")
    # All rows of the same bytes: two names of one file share their replies.
    return [dict(row) for row in rows if row["article_sha256"] in names]


def _is(wanted: str, name: str, digest: str) -> bool:
    return wanted in (name, digest, article_id(name, digest)) or wanted.rpartition("-")[2] == digest[:10]


@dataclass(frozen=True)
class Repaired:
    """What `repair` did: where the damaged file is now, how many exchanges were saved, how many were not.

    ``lost`` is None when so little can be read that nobody can tell.
    """

    damaged: Path
    saved: int
    lost: int | None

    @property
    def saved_nothing(self) -> bool:
        """Whether there were replies and none was saved: a run would buy everything again."""
        return not self.saved and self.lost != 0


def repair(path: Path, texts: Iterable[str] = ()) -> Repaired:
    """Copy what is readable into a new store and put the damaged file aside, under a name that says so.

    Of ``texts`` (system texts, schemas), those that are damaged in the store are taken.
    Raises `ConfigError` when there is no file, or nothing wrong with it, and `StoreError` when there is no room or
    right to make the new store; then the damaged one is where it was.
    """
    if not path.exists():
        raise ConfigError(f"there is no store at {path}")
    if not path.is_file():
        raise ConfigError(f"{path} is no regular file, and so no store; nothing was changed")
    fresh = temporary_beside(path, ".repair")
    log = fresh.with_name(f"{fresh.name}.log")
    begun = _begun(path)
    aside = begun or _unused(path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    try:
        clear_leftovers(path)
        # SQLite drops all of a damaged log that is behind the damage, as soon as somebody opens the store.
        _copy_log([path, *([begun] if begun else [])], log)
        sound = _counts_if_sound(path)
        if sound is not None and not log.exists():
            raise ConfigError(f"nothing is wrong with the store {path}; nothing was changed")
        with closing(connect_new(fresh)) as target:
            salvaged = salvage(path, log, target, {sha256(text): text for text in texts})
        if sound is not None and salvaged.saved <= sound[0] and salvaged.settled <= sound[1]:
            raise ConfigError(f"nothing is wrong with the store {path}; nothing was changed")
        check_closed(fresh)
        _put_in_place(fresh, path, aside, log)
    except (OSError, sqlite3.Error) as error:
        raise trouble(path, error) from error
    finally:
        with suppress(OSError):  # where nothing can be removed, nothing could be made
            remove(fresh)
            log.unlink(missing_ok=True)
    return Repaired(aside, salvaged.saved, salvaged.lost)


def _begun(path: Path) -> Path | None:
    """Where a repair that was killed had put the damaged file aside, which is still in its place too; its log may
    already be gone from there."""
    names = path.parent.glob(f"{path.name}.damaged-*")
    return next((place for place in names if place.samefile(path)), None)


def _unused(path: Path) -> Path:
    """``path``, or else the first of ``path-2``, ``path-3`` … that is not there."""
    return next(
        place
        for number in count(1)
        if not (place := path if number == 1 else path.with_name(f"{path.name}-{number}")).exists()
    )


def _copy_log(stores: Sequence[Path], log: Path) -> None:
    """Copy the log of the first of these stores that has one."""
    logs = [path.with_name(f"{path.name}-wal") for path in stores]
    beside = next((place for place in logs if place.exists() and place.stat().st_size), None)
    if beside is not None:
        descriptor = os.open(log, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as copy, beside.open("rb") as whole:
            shutil.copyfileobj(whole, copy)
            copy.flush()
            os.fsync(copy.fileno())


def _put_in_place(fresh: Path, path: Path, aside: Path, log: Path) -> None:
    """Change one store for the other. At no moment is there none: the next run would make one and buy all again."""
    if not aside.exists():
        os.link(path, aside)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    if log.exists():
        log.rename(aside.with_name(f"{aside.name}-wal"))
    sync_folder(path.parent)
    fresh.rename(path)
    sync_folder(path.parent)


def _counts_if_sound(path: Path) -> tuple[int, int] | None:
    """How many exchanges, and how many settled ones, a store has with which nothing is wrong; None for another."""
    try:
        with Store(path) as store:
            counts = store.rows("SELECT count(*), coalesce(sum(settled > 0), 0) FROM exchanges")
            return None if verify(store) else tuple(counts[0])
    except StoreError as error:
        if isinstance(error.__cause__, NotOurs):
            raise
        return None
