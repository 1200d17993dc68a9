"""A row of the store: an Exchange with two checksums, and the texts it shares with others.

SQLite does not see damage inside a text; the checksums do. One covers the exchange as it was saved, the other its price
and state, which come later (see `Store.settle`). A request tells its key by itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zlib import crc32

from dragoman.core.exchange import Exchange, Retry, is_decimal_string, storable
from dragoman.core.request import JsonSchema, Request
from dragoman.core.text import sha256

_COLUMNS = (
    "key", "origin", "endpoint", "base_url", "article", "article_sha256", "task", "role", "parent", "round", "items",
    "prompt", "prompt_sha256", "structured", "model_sent", "attempts", "retries", "created_at", "cost_usd",
    "price_table", "model", "system_sha256", "schema_sha256", "user", "effort", "thinking", "max_tokens", "body",
)  # fmt: skip
SELECT = (
    f"SELECT id, settled, {', '.join(_COLUMNS)}, checksum, settled_checksum, "
    "(SELECT text FROM texts WHERE sha256 = system_sha256) AS system, "
    "(SELECT text FROM texts WHERE sha256 = schema_sha256) AS schema FROM exchanges"
)
ASIDE = 2
"""In the column ``settled``: kept, but an older answer goes on serving. 0 is not settled yet, 1 is settled."""
SERVES = f"id > :after AND settled >= :settled AND (settled <> {ASIDE} OR :after > 0)"

_SUMMED = tuple(name for name in _COLUMNS if name not in ("key", "cost_usd", "price_table"))
"""Columns that the first checksum of a row covers: all that never change. `settled_checksum` covers the others."""

UNSEALED = "checksum IS NULL", "checksum IS NOT NULL AND settled_checksum IS NULL"
"""SQL conditions for rows that earlier versions wrote: without any checksum, and with none over their price."""


Values = Mapping[str, Any] | sqlite3.Row
"""Of one row, by column."""


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    """Of what many requests share."""
    return sha256(text)


def _checksum(values: Values) -> int:
    return crc32("\x1f".join([str(values[name]) for name in _SUMMED]).encode("utf-8", "surrogatepass"))


def settled_checksum(checksum: int | None, cost_usd: str | None, price_table: str | None, settled: int) -> int:
    """Covers the price and state of a row, and ties them to its first ``checksum``."""
    return crc32("\x1f".join(map(str, (checksum, cost_usd, price_table, settled))).encode())


def exchange_of(row: Values) -> Exchange:
    """A row, with its system text and schema, as the Exchange that was saved. Raises ValueError or TypeError when it is
    not as it was saved, as far as that can be told: rows of earlier versions have no checksum, or one less."""
    if row["system"] is None or row["schema"] is None:
        raise ValueError("the text of its prompt is gone")
    if (_digest(row["system"]), _digest(row["schema"])) != (row["system_sha256"], row["schema_sha256"]):
        raise ValueError("the text of its prompt is not what it was")
    if row["checksum"] not in (None, _checksum(row)):
        raise ValueError("its checksum does not fit")
    price = settled_checksum(row["checksum"], row["cost_usd"], row["price_table"], row["settled"])
    if row["settled_checksum"] not in (None, price):
        raise ValueError("the checksum of its price does not fit")
    if row["cost_usd"] is not None and not is_decimal_string(row["cost_usd"]):
        raise ValueError("its price is no amount")
    request = Request(
        model=row["model"],
        system=row["system"],
        user=row["user"],
        schema=JsonSchema(json.loads(row["schema"])),
        max_tokens=row["max_tokens"],
        effort=row["effort"],
        thinking=row["thinking"],
    )
    fields = {name: row[name] for name in Exchange.__dataclass_fields__ if name != "request"}
    retries = json.loads(fields.pop("retries") or "[]")
    return Exchange(request=request, retries=tuple(map(Retry.from_json, retries)), **fields)


def whole(row: sqlite3.Row) -> Exchange:
    """As `exchange_of`; a row that holds no exchange is damage to the file."""
    try:
        return exchange_of(row)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"row {row['id']} is damaged ({error})") from error


def values_of(exchange: Exchange) -> dict[str, Any]:
    """What `insert` takes of an exchange."""
    request = exchange.request
    system, schema = request.system, request.schema.canonical
    return {
        **{name: getattr(exchange, name, None) for name in _COLUMNS},
        **{name: getattr(request, name) for name in ("model", "user", "effort", "thinking", "max_tokens")},
        "system": system,
        "schema": schema,
        "system_sha256": _digest(system),
        "schema_sha256": _digest(schema),
        "retries": json.dumps([retry.to_json() for retry in exchange.retries]) if exchange.retries else "",
        "body": storable(exchange.body),
    }


def insert(db: sqlite3.Connection, values: Mapping[str, Any]) -> int:
    """Put one exchange, with the texts it names, into a store file; returns the id of its row.

    Values that come from another store file bring along their id, state and checksums; an earlier version of that row
    is replaced. A new row is not settled.
    """
    for name in ("system", "schema"):
        db.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (values[f"{name}_sha256"], values[name]))
    own: dict[str, Any] = {name: values[name] for name in ("id", *_COLUMNS) if name in values}
    own["settled"] = values.get("settled", 0)
    own["checksum"] = values["checksum"] if "checksum" in values else _checksum(values)
    price = settled_checksum(own["checksum"], own["cost_usd"], own["price_table"], own["settled"])
    own["settled_checksum"] = values.get("settled_checksum", price)
    sql = f"INSERT OR REPLACE INTO exchanges ({', '.join(own)}) VALUES ({', '.join('?' * len(own))})"
    row = db.execute(sql, list(own.values())).lastrowid
    assert row is not None
    return row


def settle(db: sqlite3.Connection, row: int, cost_usd: str | None, price_table: str | None, settled: int) -> None:
    """Put the price and state of a row into a store file."""
    there = db.execute("SELECT checksum FROM exchanges WHERE id = ?", (row,)).fetchone()
    if there is not None:  # another process may have pruned it
        summed = settled_checksum(there["checksum"], cost_usd, price_table, settled)
        db.execute(
            "UPDATE exchanges SET cost_usd = ?, price_table = ?, settled = ?, settled_checksum = ? WHERE id = ?",
            (cost_usd, price_table, settled, summed, row),
        )


def select_by_id() -> str:
    """The query for one whole exchange row by id."""
    return f"{SELECT} WHERE id = ?"
