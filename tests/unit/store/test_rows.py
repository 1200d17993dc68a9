"""A row of the store gives back the exchange that was saved, or says that it is damaged."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.exchange import Retry
from dragoman.core.text import sha256
from dragoman.store.sqlite.file import connect_new
from dragoman.store.sqlite.rows import ASIDE, exchange_of, insert, read_row, select_by_id, settle, values_of
from tests.support.builders import exchange_of as an_exchange
from tests.support.builders import request_of

EXCHANGE = an_exchange(cost_usd="0.10", price_table="2025-01-01", retries=(Retry("429", 1.5),), items="c1")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect_new(tmp_path / "new.sqlite")) as db:
        yield db


def row_of(db: sqlite3.Connection, row: int) -> sqlite3.Row:
    stored: sqlite3.Row = db.execute(select_by_id(), (row,)).fetchone()
    return stored


def test_an_exchange_is_read_as_it_was_inserted(db: sqlite3.Connection) -> None:
    """With its request, its retries and its price."""
    row = row_of(db, insert(db, values_of(EXCHANGE)))
    assert read_row(row) == EXCHANGE
    assert row["settled"] == 0


def test_texts_that_exchanges_share_are_stored_once(db: sqlite3.Connection) -> None:
    """A system text can be a hundred times as long as its article."""
    for number in range(3):
        insert(db, values_of(an_exchange(request_of(str(number)))))
    assert db.execute("SELECT count(*) FROM texts").fetchone()[0] == 2


CHANGES = {
    "the reply": ("body", "{}"),
    "the article": ("article", "b.txt"),
    "the key": ("user", "read that"),
    "the price": ("cost_usd", "0.20"),
    "the price table": ("price_table", "2026-01-01"),
    "the state": ("settled", 1),
    "the first checksum": ("checksum", 1),
    "the second checksum": ("settled_checksum", 1),
    "the system text": ("system_sha256", sha256("another text")),
}


@pytest.mark.parametrize(("column", "value"), CHANGES.values(), ids=CHANGES)
def test_a_change_to_any_column_is_damage(column: str, value: object, db: sqlite3.Connection) -> None:
    """SQLite does not notice a changed letter; a reply from a damaged row must not become evidence."""
    row = insert(db, values_of(EXCHANGE))
    db.execute(f"UPDATE exchanges SET {column} = ? WHERE id = ?", (value, row))
    with pytest.raises(sqlite3.DatabaseError, match=rf"row {row} is damaged"):
        read_row(row_of(db, row))


def test_a_changed_text_is_damage_to_all_rows_that_share_it(db: sqlite3.Connection) -> None:
    """Their requests were not made with it."""
    row = insert(db, values_of(EXCHANGE))
    db.execute("UPDATE texts SET text = text || '.'")
    with pytest.raises(ValueError, match="the text of its prompt was changed"):
        exchange_of(row_of(db, row))
    db.execute("DELETE FROM texts")
    with pytest.raises(ValueError, match="the text of its prompt is missing"):
        exchange_of(row_of(db, row))


@pytest.mark.parametrize("missing", [("checksum", "settled_checksum"), ("settled_checksum",)], ids=str)
def test_a_row_of_an_earlier_version_is_read_without_its_checksums(
    missing: tuple[str, ...], db: sqlite3.Connection
) -> None:
    """Such a row has no checksum, or only the first."""
    row = insert(db, {**values_of(EXCHANGE), **dict.fromkeys(missing)})
    assert read_row(row_of(db, row)) == EXCHANGE


def test_a_price_that_is_not_an_amount_is_damage_even_without_a_checksum(db: sqlite3.Connection) -> None:
    """Totals are computed from it."""
    values: dict[str, Any] = {**values_of(EXCHANGE), "cost_usd": "much", "checksum": None, "settled_checksum": None}
    with pytest.raises(ValueError, match="its price is not an amount"):
        exchange_of(row_of(db, insert(db, values)))


@pytest.mark.parametrize("state", [1, ASIDE], ids=["settled", "set aside"])
def test_settling_changes_price_and_state_and_nothing_else(state: int, db: sqlite3.Connection) -> None:
    """The row is whole before and after."""
    row = insert(db, values_of(EXCHANGE))
    settle(db, row, "0.30", "2026-01-01", state)
    settled = row_of(db, row)
    assert settled["settled"] == state
    exchange = read_row(settled)
    assert (exchange.cost_usd, exchange.price_table, exchange.key) == ("0.30", "2026-01-01", EXCHANGE.key)
    assert json.loads(exchange.body) == json.loads(EXCHANGE.body)


def test_settling_a_row_that_was_pruned_meanwhile_does_nothing(db: sqlite3.Connection) -> None:
    """Another process may have removed it."""
    settle(db, 7, "0.30", None, 1)
    assert db.execute("SELECT count(*) FROM exchanges").fetchone()[0] == 0


def test_a_row_from_another_file_keeps_its_id_and_checksums_and_replaces_an_older_version(
    db: sqlite3.Connection,
) -> None:
    """Salvaging reads several versions of one row."""
    row = row_of(db, insert(db, {**values_of(EXCHANGE), "id": 41}))
    settle(db, 41, "0.30", None, 1)
    newer = dict(row_of(db, 41))
    insert(db, dict(row))
    assert read_row(row_of(db, 41)) == EXCHANGE
    assert insert(db, newer) == 41
    assert read_row(row_of(db, 41)).cost_usd == "0.30"
