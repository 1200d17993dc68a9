"""Pages of a database are read as SQLite reads them, but without SQLite."""

from __future__ import annotations

import random
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dragoman.store.sqlite.pages import INDEX_LEAF, TABLE_LEAF, open_pages

Row = tuple[int, list[Any]]

VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from([0, 1, 127, 128, -129, 2**31, -(2**47), 2**48])
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"), max_size=40)
    | st.binary(max_size=40)
    | st.integers(0, 20_000).map(lambda size: "đ" * (size // 2) + "x" * (size % 2))
)


def rows_of(path: Path) -> list[Row]:
    """The table's rows as the pages give them, in their newest versions."""
    rows: dict[int, list[Any]] = {}
    with ExitStack() as stack:
        for kind, cell in open_pages(path, log_of(path), stack)[0].cells():
            if kind == TABLE_LEAF and len(cell.types) == 3 and cell.version.committed:
                rows[cell.rowid] = cell.values()
    return sorted(rows.items())


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def database_with(path: Path, page_size: int, rows: list[tuple[Any, Any, Any]]) -> sqlite3.Connection:
    path.unlink(missing_ok=True)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size = {page_size}")
    db.execute("CREATE TABLE t (a, b, c)")
    db.execute("PRAGMA journal_mode = WAL")
    db.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    return db


def as_sqlite_reads(db: sqlite3.Connection) -> list[Row]:
    return [(row[0], list(row[1:])) for row in db.execute("SELECT rowid, a, b, c FROM t ORDER BY rowid")]


@settings(deadline=None, max_examples=40, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    page_size=4096, rows=[("x" * size, None, 1.0) for size in (4040, 4056, 4057, 4058, 8_000, 9_000)], closing_=True
)
@given(
    page_size=st.sampled_from([512, 1024, 4096, 65536]),
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12),
    closing_=st.booleans(),
)
def test_every_row_is_read_as_sqlite_reads_it(
    tmp_path: Path, page_size: int, rows: list[tuple[Any, Any, Any]], *, closing_: bool
) -> None:
    """For values of any type and length, pages of any size, in the file and in the log."""
    path = tmp_path / "db.sqlite"
    with closing(database_with(path, page_size, rows)) as db:
        expected = as_sqlite_reads(db)
        assert len(expected) == len(rows)
        if not closing_:
            assert rows_of(path) == expected
    assert rows_of(path) == expected


def test_the_newest_version_of_a_changed_row_is_read_last(tmp_path: Path) -> None:
    """Older versions are in the file and earlier in the log."""
    path = tmp_path / "db.sqlite"
    database_with(path, 4096, [("old" * 3000, number, None) for number in range(20)]).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for number in range(20):
            db.execute("UPDATE t SET a = ?, c = ? WHERE b = ?", (f"new {number}" * number * 200, "c", number))
        assert rows_of(path) == as_sqlite_reads(db)


def test_rows_that_were_never_committed_are_recognised(tmp_path: Path) -> None:
    """A transaction that was cut off leaves frames in the log after the last commit."""
    path = tmp_path / "db.sqlite"
    with closing(database_with(path, 512, [("committed", 1, None)])) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.executemany("INSERT INTO t VALUES (?, ?, ?)", [("cut off" * 100, n, None) for n in range(200)])
        with ExitStack() as stack:
            cells = [
                cell
                for kind, cell in open_pages(path, log_of(path), stack)[0].cells()
                if kind == TABLE_LEAF and len(cell.types) == 3
            ]
        assert not all(cell.version.committed for cell in cells)
        assert rows_of(path) == [(1, ["committed", 1, None])]


def test_index_entries_are_distinguished_from_rows(tmp_path: Path) -> None:
    """SQLite stores a table without row ids like an index."""
    path = tmp_path / "db.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        db.execute("INSERT INTO facts VALUES ('a', ?)", ("b" * 9_000,))
        db.commit()
    with ExitStack() as stack:
        (pages,) = open_pages(path, log_of(path), stack)
        entries = [cell.values() for kind, cell in pages.cells() if kind == INDEX_LEAF]
    assert entries == [["a", "b" * 9_000]]


@pytest.mark.parametrize("seed", range(30))
def test_random_bytes_are_read_without_a_crash(tmp_path: Path, seed: int) -> None:
    """Random pages that claim to be leaves may give wrong rows, but never an endless loop."""
    dice = random.Random(seed)
    pages = [bytearray(dice.randbytes(4096)) for _ in range(40)]
    for page in pages:
        page[0] = dice.choice([TABLE_LEAF, INDEX_LEAF])
        page[3:5] = dice.randrange(400).to_bytes(2)
    path = tmp_path / "noise.sqlite"
    path.write_bytes(b"".join(pages))
    path.with_name("noise.sqlite-wal").write_bytes(dice.randbytes(30_000))
    with ExitStack() as stack:
        for opened_as in open_pages(path, log_of(path), stack):
            for _, cell in opened_as.cells():
                try:
                    values = cell.values()
                except ValueError:
                    continue
                assert len(values) == len(cell.types)
