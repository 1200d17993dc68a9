"""Look after a store: statistics, verification, export, import, pruning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.core.article import article_id
from dragoman.core.exchange import SERVICE_ORIGINS
from dragoman.core.prices import bill, decimal_string
from dragoman.errors import ConfigError, StoreError
from dragoman.store import recordings
from dragoman.store.protocol import ReplyStore
from dragoman.store.sqlite.pruned import FACT, Pruned
from dragoman.store.sqlite.rows import UNSEALED, exchange_of, select_by_id
from dragoman.store.sqlite.store import Store


def stats(store: Store) -> dict[str, Any]:
    """Counts and costs: in all, and by day, model, prompt and provider. Amounts are decimal strings."""
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
        "rejected_requests": store.rows("SELECT count(*) AS n FROM rejections")[0]["n"],
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
    """One sentence for each problem: checks the structure of the file, and derives every key again."""
    problems = [f"the file is damaged: {row[0]}" for row in store.rows("PRAGMA integrity_check") if row[0] != "ok"]
    for row in store.rows("SELECT id, key, article FROM exchanges ORDER BY id"):
        try:
            derived = exchange_of(next(iter(store.rows(select_by_id(), (row["id"],))))).key
        except StopIteration:
            problems.append(f"exchange {row['id']} is in an index, but its row cannot be found")
            continue
        except (TypeError, ValueError, StoreError) as error:
            problems.append(f"exchange {row['id']} of {row['article']} cannot be read: {error}")
            continue
        if derived != row["key"]:
            problems.append(
                f"exchange {row['id']} of {row['article']}: its key is {row['key']}, its request gives {derived}"
            )
    return problems


def count_exchanges(store: Store) -> tuple[int, int]:
    """How many exchanges the store has, and how many of them are settled."""
    ((count, settled),) = store.rows("SELECT count(*), coalesce(sum(settled > 0), 0) FROM exchanges")
    return count, settled


def unsealed(store: Store) -> tuple[int, int]:
    """How many rows of earlier versions have no checksum, and how many have one, but not over their price."""
    without_checksum, without_price_checksum = (
        store.rows(f"SELECT count(*) FROM exchanges WHERE {which}")[0][0] for which in UNSEALED
    )
    return without_checksum, without_price_checksum


def export(store: Store, folder: Path, *, article: str | None = None) -> int:
    """Write the newest exchange of every key as a recording, and return how many there are."""
    wanted = {row["id"] for row in _chosen(store, "exchanges", ("id",), article=article)}
    if article is not None and not wanted:
        raise _no_replies(store, article)
    # The last row of a key is taken: Claude's reply rather than a custom server's, settled rather than set aside.
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
    """What an import did: counts of exchanges, and an error for each file that could not be read."""

    taken: int
    skipped: int
    """Those that the store already has, and those that no service gave."""
    unreadable: tuple[ConfigError, ...] = ()
    unmarked: int = 0
    """Live ones that the store does not have, skipped because this store did not make their files."""


def import_recordings(
    store: ReplyStore, folder: Path, *, unsealed: bool = False, only_marked: bool = False
) -> Imported:
    """Save the live recordings of a folder that can be read. Raises `ConfigError` when the folder does not exist.

    ``unsealed`` also takes those without a checksum. ``only_marked`` takes only those that this store made itself, and
    counts the others; it looks only at files that are named like a recording.
    """
    taken = skipped = unmarked = 0
    places = [path for path in recordings.paths(folder) if not only_marked or recordings.is_named(path)]
    readable, unreadable = _readable(places, unsealed=unsealed or only_marked)
    for path in readable:
        try:
            exchange, marked = recordings.load(path, store.secret, unsealed=unsealed or only_marked)
        except ConfigError as error:  # it was readable a moment ago
            unreadable.append(error)
            continue
        stored = store.find_exact(exchange.key, exchange.endpoint, exchange.created_at, exchange.base_url)
        if exchange.origin not in SERVICE_ORIGINS or stored is not None:
            skipped += 1
        elif only_marked and not marked:
            unmarked += 1
        else:
            row = store.save(exchange)
            store.settle(row, exchange.cost_usd, exchange.price_table)
            taken += 1
    return Imported(taken, skipped, tuple(unreadable), unmarked)


def _readable(places: Sequence[Path], *, unsealed: bool) -> tuple[list[Path], list[ConfigError]]:
    """The recordings among some files, oldest first, and an error for each file that is not one.

    Only one is in memory at a time, because they may not all fit.
    """
    readable: list[tuple[str, Path]] = []
    unreadable: list[ConfigError] = []
    for path in places:
        try:
            readable.append((recordings.load(path, unsealed=unsealed).exchange.created_at, path))
        except ConfigError as error:
            unreadable.append(error)
    return [path for _, path in sorted(readable)], unreadable


@dataclass(frozen=True)
class Prunable:
    """What pruning would remove: exchanges by id, what they cost, and the bytes of their replies and requests; and the
    rejected requests that are remembered, by key and service."""

    ids: tuple[int, ...]
    articles: frozenset[str]
    cost_usd: Decimal
    unknown_cost: int
    bytes: int
    rejections: tuple[tuple[str, str], ...] = ()


def prunable(store: Store, *, article: str | None = None, before: str | None = None) -> Prunable:
    """What `prune` would remove: what is stored of one article (its id, name or digest), what is older than a day, or
    both."""
    sizes = ("id", "cost_usd", "length(body) + length(user) AS size")
    rows = _chosen(store, "exchanges", sizes, article=article, before=before)
    rejected = _chosen(store, "rejections", ("key", "service"), article=article, before=before)
    if article is not None and not rows and not rejected:
        raise _no_replies(store, article)
    known, unknown = bill(row["cost_usd"] for row in rows)
    return Prunable(
        ids=tuple(row["id"] for row in rows),
        articles=frozenset(row["article_sha256"] for row in rows),
        cost_usd=known,
        unknown_cost=unknown,
        bytes=sum(row["size"] for row in rows),
        rejections=tuple((row["key"], row["service"]) for row in rejected),
    )


def prune(store: Store, prunable: Prunable) -> None:
    """Remove exchanges, rejections and the sources of articles that have no other exchanges, and return the space to
    the file system."""
    statements: list[tuple[str, tuple[Any, ...]]] = [("DELETE FROM exchanges WHERE id = ?", (i,)) for i in prunable.ids]
    statements += [
        (
            "DELETE FROM sources WHERE sha256 = ? AND NOT EXISTS "
            "(SELECT 1 FROM exchanges WHERE article_sha256 = sources.sha256)",
            (digest,),
        )
        for digest in prunable.articles
    ]
    statements += [("DELETE FROM rejections WHERE key = ? AND service = ?", row) for row in prunable.rejections]
    statements += [("DELETE FROM finished WHERE article_sha256 = ?", (digest,)) for digest in prunable.articles]
    statements.append(
        (
            "DELETE FROM texts WHERE sha256 NOT IN "
            "(SELECT system_sha256 FROM exchanges UNION SELECT schema_sha256 FROM exchanges)",
            (),
        )
    )
    earlier = store.rows("SELECT value FROM facts WHERE name = ?", (FACT,))
    pruned = (Pruned.read(earlier[0]["value"]) if earlier else Pruned()).with_ids(prunable.ids)
    statements.append(("INSERT OR REPLACE INTO facts VALUES (?, ?)", (FACT, str(pruned))))
    store.change(statements)
    store.compact()


def _chosen(
    store: Store, stored_in: str, columns: Sequence[str], *, article: str | None, before: str | None = None
) -> list[Mapping[str, Any]]:
    """The rows of a table of the store that are about ``article`` and older than the day ``before``, with ``columns``
    and the digest of the article."""
    if before is not None:
        try:
            datetime.strptime(before, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise ConfigError(f"{before!r} is not a day such as 2026-11-21") from None
    rows = store.rows(
        f"SELECT article, article_sha256, {', '.join(columns)} FROM {stored_in} WHERE created_at < ? "
        "ORDER BY created_at",
        (before or "9999",),
    )
    if article is None:
        return [dict(row) for row in rows]
    # All rows with the same bytes: two names of one file share their replies.
    digests = {row["article_sha256"] for row in rows if _is_article(article, row["article"], row["article_sha256"])}
    return [dict(row) for row in rows if row["article_sha256"] in digests]


def _no_replies(store: Store, article: str) -> ConfigError:
    return ConfigError(f"the store {store.path} has no replies about article {article}")


def _is_article(wanted: str, name: str, digest: str) -> bool:
    return wanted in (name, digest, article_id(name, digest)) or wanted.rpartition("-")[2] == digest[:10]
