"""Reading what can be read of a damaged store file into a new one.

Every leaf page of the file and of its log is read by itself (see `store_pages`), so a whole reply is saved whatever
else is damaged. A row only counts when the key that is derived from its request is the key that stands in it, and its
checksums fit. The text of a prompt stands once for all its replies: each is looked up by its digest among those that
can be read, and those of the prompts at hand. A page may be an old one that SQLite no longer uses: of several versions
of a row the newest is taken, and a row that was pruned is never taken (see `store_pruned`).
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
from dragoman.store.sqlite.pages import TABLE_LEAF, Cell, Pages, Version, opened
from dragoman.store.sqlite.pruned import FACT, Pruned
from dragoman.store.sqlite.rows import exchange_of, insert

_SUFFIXES = ("", "-wal", "-shm")

_FEWEST_BYTES = 323
"""Of a row: its key and four digests alone. Ids that would need more rows than fit into the file are damage."""

_FACTS = {"store_id": re.compile("[0-9a-f]{32}"), "secret": re.compile("[0-9a-f]{64}")}
"""The facts of a store that are saved, and what each looks like. What was pruned is used and not saved: the pages that
must not come back stay behind, with the damaged file."""

_ADDED: Mapping[str, Any] = {"items": "", "retries": "", "checksum": None, "settled_checksum": None}
"""Columns that the first version did not have, in their order, and what stands for them in its rows."""


@dataclass(frozen=True)
class Salvaged:
    """How many exchanges were read whole, how many of these were settled, and how many were not read; ``lost`` is None
    where nobody can tell."""

    saved: int
    lost: int | None
    settled: int = 0


def salvage(path: Path, log: Path, target: sqlite3.Connection, texts: Mapping[str, str]) -> Salvaged:
    """Copy what is readable at ``path`` and in its ``log`` into ``target``, an open and still empty store.

    ``texts`` are those of prompts at hand, by digest. Ids stay as they are, and so do the store's own id and its secret
    where they can be read. Raises `OSError` and `sqlite3.Error` for trouble with the new store.
    """
    with ExitStack() as stack:
        sizes = opened(path, log, stack)
        beside = _Beside(dict(texts))
        for pages in sizes:
            _each(pages, beside.look)
        target.execute("BEGIN")
        rows = _Rows(target, beside)
        for pages in sizes:
            _each(pages, rows.look)
        last = beside.last(max(rows.taken, default=0), max(pages.bytes for pages in sizes))
        _keep(target, beside.facts, last)
        target.execute("COMMIT")
    saved = len(rows.taken)
    lost = None if last is None else last - saved - beside.pruned.count(last)
    return Salvaged(saved, lost, sum(row.settled for row in rows.taken.values()))


def remove(path: Path) -> None:
    """Remove a store file and what SQLite has beside it. Raises `OSError`."""
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@dataclass
class _Beside:
    """What is in a store beside its exchanges, as far as pages tell of it."""

    texts: dict[str, str]
    """By digest."""
    facts: dict[str, str] = field(default_factory=dict)
    pruned: Pruned = field(default_factory=Pruned)
    ids: list[int] = field(default_factory=list)
    """Ids beside keys in an index."""
    highest: list[int] = field(default_factory=list)
    """The highest id so far, as SQLite notes it."""

    def look(self, kind: int, cell: Cell) -> None:
        """Take what a cell has to tell. Raises ValueError when it cannot be read."""
        if len(cell.types) != 2:
            return
        name, value = cell.values()
        if isinstance(name, str) and isinstance(value, int):
            # The highest id so far, or the id beside a key in an index.
            if kind == TABLE_LEAF and name == "exchanges":
                self.highest.append(value)
            elif kind != TABLE_LEAF and name.startswith(KEY_TAG):
                self.ids.append(value)
        elif not isinstance(name, str) or not isinstance(value, str):
            return
        elif kind == TABLE_LEAF and sha256(value) == name:
            self.texts[name] = value
        elif name == FACT and cell.version.committed:
            # Of all versions together: within one file this only grows.
            self.pruned = self.pruned.and_those_of(Pruned.read(value))
        elif name in _FACTS and _FACTS[name].fullmatch(value):
            self.facts[name] = value

    def last(self, newest: int, size: int) -> int | None:
        """The highest id that was ever given, in a file of ``size`` bytes whose ``newest`` whole row is that; None when
        nothing tells."""
        known = max([newest, *(last for _, last in self.pruned.ranges)])
        most = known + size // _FEWEST_BYTES
        highest = [number for number in self.highest if known <= number <= most]
        # Ids are given one after the other: one far behind all others is noise in a damaged page.
        beside = sorted({number for number in self.ids if known < number <= most})
        told = [number for place, number in enumerate(beside, start=1) if 2 * place >= number - known]
        return max([*highest, *told, *([known] if known else [])], default=None)


class _Taken(NamedTuple):
    """The version of a row that was taken; ``same`` tells whether another is the same reply."""

    same: int | str
    settled: bool
    committed: bool
    at: int

    def worse_than(self, other: _Taken) -> bool:
        if self.same != other.same:
            # Another reply under the same id: one of the two was never committed.
            return (self.committed, self.at) <= (other.committed, other.at)
        return (self.settled, self.at) <= (other.settled, other.at)


class _Rows:
    """Puts the exchanges that are whole into the new store, each in its newest version."""

    def __init__(self, target: sqlite3.Connection, beside: _Beside) -> None:
        self.taken: dict[int, _Taken] = {}
        self._target = target
        self._texts = beside.texts
        self._pruned = beside.pruned
        self._columns = [row["name"] for row in target.execute("PRAGMA table_info(exchanges)")]
        self._fewest = len(self._columns) - len(_ADDED)

    def look(self, kind: int, cell: Cell) -> None:
        """Take the row of a cell. Raises ValueError or TypeError when it holds none, or not a whole one."""
        of_exchanges = kind == TABLE_LEAF and self._fewest <= len(cell.types) <= len(self._columns)
        if not of_exchanges or not cell.first_text().startswith(KEY_TAG) or cell.rowid in self._pruned:
            return
        values = {**_ADDED, **dict(zip(self._columns, cell.values(), strict=False)), "id": cell.rowid}
        values |= {name: self._texts.get(values[f"{name}_sha256"]) for name in ("system", "schema")}
        self._verify(values)
        mine = self._as_taken(values, cell.version)
        if cell.rowid not in self.taken or self.taken[cell.rowid].worse_than(mine):
            with suppress(sqlite3.IntegrityError, OverflowError):  # a row without checksum may be damaged all the same
                insert(self._target, values)
                self.taken[cell.rowid] = mine

    @staticmethod
    def _verify(values: Mapping[str, Any]) -> None:
        exchange = exchange_of(values)
        if exchange.key != values["key"]:
            raise ValueError("its key does not fit")
        if values["checksum"] is None:
            _ = exchange.reply  # a body that cannot be read may be the damage

    @staticmethod
    def _as_taken(values: Mapping[str, Any], version: Version) -> _Taken:
        same = values["checksum"] if values["checksum"] is not None else values["key"]
        return _Taken(same, values["settled"] > 0, version.committed, version.at)


def _each(pages: Pages, look: Callable[[int, Cell], None]) -> None:
    """Show each cell to ``look``; one that cannot be read is passed over."""
    for kind, cell in pages.cells():
        with suppress(ValueError, TypeError, KeyError, RecursionError, ReplyRejected):
            look(kind, cell)


def _keep(target: sqlite3.Connection, facts: Mapping[str, str], last: int | None) -> None:
    """Give the new store the id and the secret of the old one, and let no id be given twice."""
    for name in facts:
        target.execute("UPDATE facts SET value = ? WHERE name = ?", (facts[name], name))
    if last is not None:
        target.execute("DELETE FROM sqlite_sequence WHERE name = 'exchanges'")
        target.execute("INSERT INTO sqlite_sequence VALUES ('exchanges', ?)", (last,))
