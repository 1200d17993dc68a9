"""Reading what can be read of a damaged store file, row by row, into a new one.

Where nothing can be read, it may be for want of the first page, which tells the page size and where each table begins.
Then a copy of the file gets that of a new store: every version of dragoman makes the tables in the same order, so they
begin on the same pages, also after a `VACUUM`. A row only counts when the key that is derived from its request is the
key that stands in it, and its checksum fits. The text of a prompt stands once for all its replies: each is looked up by
its digest among those that can be read, and those of the prompts at hand.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.errors import ReplyRejected
from dragoman.source import sha256
from dragoman.store_rows import exchange_of, insert, select_own_by_id

_SIZE_AT = slice(28, 32)
"""Where the header has the number of pages, big-endian (sqlite.org/fileformat2.html, read 2026-11-21)."""

_TABLES = ("SELECT seq FROM sqlite_sequence WHERE name = 'exchanges'", "SELECT max(id) FROM exchanges")
_INDEXES = ("SELECT max(id) FROM exchanges INDEXED BY exchanges_by_key",)
"""What tells of the highest id. A `VACUUM` moves indexes: by another file's first page they may be something else."""

MOST_TEXTS = 10_000
"""Rows of texts that are looked for: a store has two for each prompt version it was asked with."""

_SUFFIXES = ("", "-wal", "-shm")


@dataclass(frozen=True)
class Salvaged:
    """How many exchanges were read whole, and how many were not; ``lost`` is None where nobody can tell."""

    saved: int
    lost: int | None


def salvage(path: Path, new: Path, target: sqlite3.Connection, texts: Mapping[str, str]) -> Salvaged:
    """Copy what is readable at ``path`` into ``target``, the open and still empty store at ``new``.

    ``texts`` are those of prompts at hand, by digest.
    Raises `OSError` and `sqlite3.Error` for trouble with the new store, or with room for the copy beside it.
    """
    found = _copied(path, target, texts) if _knows_its_tables(path) else Salvaged(0, None)
    if found.saved:
        return found
    copy = new.with_name(f"{new.name}.first-page")
    try:
        if not _with_first_page(new, target, path, copy):
            return found
        again = _copied(copy, target, texts, _TABLES)
        # Where no row fits, the pages were not what they were taken for.
        return again if again.saved else found
    finally:
        remove(copy)


def remove(path: Path) -> None:
    """Remove a store file and what SQLite has beside it. Raises `OSError`."""
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _knows_its_tables(path: Path) -> bool:
    with closing(_opened(path)) as damaged:
        return bool(_columns(damaged))


def _with_first_page(new: Path, target: sqlite3.Connection, path: Path, copy: Path) -> bool:
    """Copy the file at ``path`` with the first page of ``new`` in place of its own; False when it has only that one."""
    target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    page: int = target.execute("PRAGMA page_size").fetchone()[0]
    pages = path.stat().st_size // page
    if pages < 2:
        return False
    shutil.copyfile(path, copy)
    copy.chmod(0o600)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
    with new.open("rb") as whole:
        first = bytearray(whole.read(page))
    first[_SIZE_AT] = pages.to_bytes(4, "big")
    with copy.open("r+b") as damaged:
        damaged.write(first)
    return True


def _opened(path: Path) -> sqlite3.Connection:
    damaged = sqlite3.connect(path)
    damaged.row_factory = sqlite3.Row
    # Without it SQLite refuses a file that is shorter than its header says.
    damaged.execute("PRAGMA writable_schema = ON")
    # Bytes that are no text must not stop the row from being looked at.
    damaged.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return damaged


def _copied(
    path: Path, target: sqlite3.Connection, texts: Mapping[str, str], ids: Sequence[str] = (*_TABLES, *_INDEXES)
) -> Salvaged:
    """Row by row, because one bad page must not hide the good ones. Rows that are not as they were are lost too."""
    saved = lost = 0
    with closing(_opened(path)) as damaged:
        last = _last_id(damaged, ids)
        texts = {**texts, **_texts(damaged)}
        select = select_own_by_id(_columns(damaged))
        for number in range(1, (last or 0) + 1):
            try:
                values = _whole(damaged, select, number, texts)
            except (sqlite3.Error, TypeError, ValueError, ReplyRejected):
                lost += 1
                continue
            if values is not None:
                insert(target, values, settled=values["settled"])
                saved += 1
    return Salvaged(saved, None if last is None else lost)


def _whole(damaged: sqlite3.Connection, select: str, number: int, texts: Mapping[str, str]) -> dict[str, Any] | None:
    """The values of one row and of the texts it shares with others; None when there is no such row. Raises when it is
    not as it was."""
    row = damaged.execute(select, (number,)).fetchone()
    if row is None:
        return None
    values = dict(zip(row.keys(), row, strict=True))
    values |= {name: texts.get(values[f"{name}_sha256"]) for name in ("system", "schema")}
    exchange = exchange_of(values)
    if exchange.key != values["key"]:
        raise ValueError("its key does not fit")
    if values["checksum"] is None:
        _ = exchange.reply  # a body that cannot be read may be the damage
    return values


def _texts(damaged: sqlite3.Connection) -> dict[str, str]:
    """The texts that can be read, by their digests."""
    found = []
    for number in range(1, MOST_TEXTS):
        with suppress(sqlite3.Error):
            found += [row[0] for row in damaged.execute("SELECT text FROM texts WHERE rowid = ?", (number,))]
    return {sha256(text): text for text in found if isinstance(text, str)}


def _columns(damaged: sqlite3.Connection) -> set[str]:
    """The columns of the file: one of an earlier version has fewer. Empty when even these cannot be read."""
    try:
        return {row["name"] for row in damaged.execute("PRAGMA table_info(exchanges)")}
    except (sqlite3.Error, UnicodeDecodeError):
        return set()


def _last_id(damaged: sqlite3.Connection, queries: Iterable[str]) -> int | None:
    """The highest id any readable part of the file tells of; None when no part can be read."""
    found = []
    for query in queries:
        try:
            row = damaged.execute(query).fetchone()
        except (sqlite3.Error, UnicodeDecodeError):
            continue
        # In a damaged file, anything may stand there; in a table that was never filled, nothing does.
        told = row[0] if row else None
        if told is None or isinstance(told, int):
            found.append(told or 0)
    return max(found, default=None)
