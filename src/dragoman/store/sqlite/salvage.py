"""Copy whatever is readable in a damaged store file into a new one.

Every leaf page of the file and of its log is read by itself (see `pages`), so a complete reply is saved whatever else
is damaged. A row counts only if the key derived from its request equals the key in the row, and its checksums match.
The text of a prompt is stored once for all its replies; each is looked up by its digest among the texts that can be
read and those of the prompts at hand. A page may be an old one that SQLite no longer uses, so of several versions of a
row the newest is taken, and a row that was pruned is never taken (see `pruned`).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from dragoman.core.request import KEY_TAG
from dragoman.core.text import sha256
from dragoman.errors import ReplyRejected
from dragoman.store.sqlite.file import APPLICATION_ID
from dragoman.store.sqlite.pages import TABLE_LEAF, Cell, Pages, Version, open_pages
from dragoman.store.sqlite.pruned import FACT, Pruned
from dragoman.store.sqlite.rows import exchange_of, insert

_SUFFIXES = ("", "-wal", "-shm")

_MIN_ROW_BYTES = 323
"""The smallest row: its key and four digests alone. Ids that need more rows than fit into the file are damage."""

_FACTS = {"store_id": re.compile("[0-9a-f]{32}"), "secret": re.compile("[0-9a-f]{64}")}
"""The facts of a store that are saved, and what each looks like. The pruned ids are used but not saved: the old pages
with those rows stay behind in the damaged file."""

_SQLITE, _APPLICATION_ID_AT = b"SQLite format 3\0", 68
"""How every SQLite file begins, and where its header has the application id."""

_ADDED: Mapping[str, Any] = {
    "items": "", "retries": "", "checksum": None, "settled_checksum": None, "left_out": "",
}  # fmt: skip
"""Columns that the first version did not have, in their order, with the values that its rows get."""


@dataclass(frozen=True)
class CopiedExchanges:
    """How many exchanges were saved, how many of them were settled, and how many were ``lost``: None if too little is
    readable to know. ``is_store`` is false if nothing in the file or its log shows that it is a store."""

    saved: int
    lost: int | None
    settled: int = 0
    is_store: bool = True


def copy_readable(path: Path, log: Path, target: sqlite3.Connection, texts: Mapping[str, str]) -> CopiedExchanges:
    """Copy what is readable at ``path`` and in its ``log`` into ``target``, an open and still empty store.

    ``texts`` are the texts of the prompts at hand, by digest. The ids stay the same, and so do the id and the secret of
    the store if they are readable. Raises `OSError` and `sqlite3.Error` when the new store cannot be written.
    """
    with ExitStack() as stack:
        sizes = open_pages(path, log, stack)
        context = _Context(dict(texts))
        for pages in sizes:
            _each(pages, context.look)
        target.execute("BEGIN")
        rows = _Rows(target, context)
        for pages in sizes:
            _each(pages, rows.look)
        last = context.last(max(rows.taken, default=0), max(pages.bytes for pages in sizes))
        _carry_over(target, context.facts, last)
        target.execute("COMMIT")
    saved = len(rows.taken)
    lost = None if last is None else last - saved - context.pruned.count(last)
    is_store = bool(saved) or context.shows_a_store or _has_header_of_a_store(path)
    return CopiedExchanges(saved, lost, sum(row.settled for row in rows.taken.values()), is_store)


def _has_header_of_a_store(path: Path) -> bool:
    """Whether the first bytes of a file are those of a store, as SQLite writes them."""
    with path.open("rb") as file:
        header = file.read(_APPLICATION_ID_AT + 4)
    return header.startswith(_SQLITE) and header[_APPLICATION_ID_AT:] == APPLICATION_ID.to_bytes(4)


def remove(path: Path) -> None:
    """Remove a store file and the files that SQLite keeps beside it. Raises `OSError`."""
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@dataclass
class _Context:
    """Everything in a store except its exchanges, as far as its pages are readable."""

    texts: dict[str, str]
    """By digest."""
    facts: dict[str, str] = field(default_factory=dict)
    pruned: Pruned = field(default_factory=Pruned)
    ids: list[int] = field(default_factory=list)
    """The ids that an index has beside its keys."""
    highest: list[int] = field(default_factory=list)
    """The highest id so far, as SQLite records it."""

    def look(self, kind: int, cell: Cell) -> None:
        """Take what a cell contains. Raises ValueError when it cannot be read."""
        if len(cell.types) != 2:
            return
        name, value = cell.values()
        if isinstance(name, str) and isinstance(value, int):
            # Either the highest id so far, or the id beside a key in an index.
            if kind == TABLE_LEAF and name == "exchanges":
                self.highest.append(value)
            elif kind != TABLE_LEAF and name.startswith(KEY_TAG):
                self.ids.append(value)
        elif not isinstance(name, str) or not isinstance(value, str):
            return
        elif kind == TABLE_LEAF and sha256(value) == name:
            self.texts[name] = value
        elif name == FACT and cell.version.committed:
            # All versions are combined, because the set only grows within one file.
            self.pruned = self.pruned.union(Pruned.read(value))
        elif name in _FACTS and _FACTS[name].fullmatch(value):
            self.facts[name] = value

    @property
    def shows_a_store(self) -> bool:
        """Whether anything that was read occurs only in stores: the facts, the ids of pruned replies, request keys."""
        return bool(self.facts or self.pruned.ranges or self.ids)

    def last(self, newest: int, size: int) -> int | None:
        """The highest id that was ever given, or None if nothing readable shows it.

        ``newest`` is the highest id of a saved row, ``size`` the bytes of the file and its log.
        """
        least = max([newest, *(last for _, last in self.pruned.ranges)])
        most = least + size // _MIN_ROW_BYTES
        highest = [number for number in self.highest if least <= number <= most]
        # Ids are given one after the other, so one that is far above all others is noise from a damaged page.
        indexed = sorted({number for number in self.ids if least < number <= most})
        likely = [number for place, number in enumerate(indexed, start=1) if 2 * place >= number - least]
        return max([*highest, *likely, *([least] if least else [])], default=None)


class _Taken(NamedTuple):
    """The version of a row that was taken. Two versions with equal ``same`` are the same reply."""

    same: int | str
    settled: bool
    committed: bool
    at: int

    def worse_than(self, other: _Taken) -> bool:
        if self.same != other.same:
            # Two replies under the same id: one of them was never committed.
            return (self.committed, self.at) <= (other.committed, other.at)
        return (self.settled, self.at) <= (other.settled, other.at)


class _Rows:
    """Inserts the complete exchanges into the new store, each in its newest version."""

    def __init__(self, target: sqlite3.Connection, context: _Context) -> None:
        self.taken: dict[int, _Taken] = {}
        self._target = target
        self._texts = context.texts
        self._pruned = context.pruned
        self._columns = [row["name"] for row in target.execute("PRAGMA table_info(exchanges)")]
        self._fewest = len(self._columns) - len(_ADDED)

    def look(self, kind: int, cell: Cell) -> None:
        """Take the row of a cell. Raises ValueError or TypeError when the cell has no complete row."""
        of_exchanges = kind == TABLE_LEAF and self._fewest <= len(cell.types) <= len(self._columns)
        if not of_exchanges or not cell.first_text().startswith(KEY_TAG) or cell.rowid in self._pruned:
            return
        values = {**_ADDED, **dict(zip(self._columns, cell.values(), strict=False)), "id": cell.rowid}
        values |= {name: self._texts.get(values[f"{name}_sha256"]) for name in ("system", "schema")}
        self._verify(values)
        candidate = self._as_taken(values, cell.version)
        if cell.rowid not in self.taken or self.taken[cell.rowid].worse_than(candidate):
            with suppress(sqlite3.IntegrityError, OverflowError):  # a row without a checksum may still be damaged
                insert(self._target, values)
                self.taken[cell.rowid] = candidate

    @staticmethod
    def _verify(values: Mapping[str, Any]) -> None:
        exchange = exchange_of(values)
        if exchange.key != values["key"]:
            raise ValueError("its key does not match its request")
        if values["checksum"] is None:
            _ = exchange.reply  # without a checksum, damage to the body shows only here

    @staticmethod
    def _as_taken(values: Mapping[str, Any], version: Version) -> _Taken:
        same = values["checksum"] if values["checksum"] is not None else values["key"]
        return _Taken(same, values["settled"] > 0, version.committed, version.at)


def _each(pages: Pages, look: Callable[[int, Cell], None]) -> None:
    """Call ``look`` with each cell, and skip those that cannot be read."""
    for kind, cell in pages.cells():
        with suppress(ValueError, TypeError, KeyError, RecursionError, ReplyRejected):
            look(kind, cell)


def _carry_over(target: sqlite3.Connection, facts: Mapping[str, str], last: int | None) -> None:
    """Give the new store the id and the secret of the old one, and make sure that no id is given twice."""
    for name in facts:
        target.execute("UPDATE facts SET value = ? WHERE name = ?", (facts[name], name))
    if last is not None:
        target.execute("DELETE FROM sqlite_sequence WHERE name = 'exchanges'")
        target.execute("INSERT INTO sqlite_sequence VALUES ('exchanges', ?)", (last,))
