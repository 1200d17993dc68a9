"""A row of the store: an Exchange with two checksums, and the texts that it shares with other rows.

SQLite does not notice damage inside a text; the checksums do. The first covers the exchange as it was saved, the second
its price and state, which come later (see `Store.settle`). The key needs none, because it is derived from the request.
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
    "prompt", "prompt_sha256", "structured", "model_sent", "attempts", "retries", "left_out", "created_at",
    "cost_usd", "price_table", "model", "system_sha256", "schema_sha256", "user", "effort", "thinking", "max_tokens",
    "body",
)  # fmt: skip
SELECT = (
    f"SELECT id, settled, {', '.join(_COLUMNS)}, checksum, settled_checksum, "
    "(SELECT text FROM texts WHERE sha256 = system_sha256) AS system, "
    "(SELECT text FROM texts WHERE sha256 = schema_sha256) AS schema FROM exchanges"
)
ASIDE = 2
"""In the column ``settled``: the reply is kept, but an older answer to the same request goes on serving. 0 means not
settled yet, 1 means settled."""
SERVES = f"id > :after AND settled >= :settled AND (settled <> {ASIDE} OR :after > 0)"

_CHECKED = tuple(name for name in _COLUMNS if name not in ("key", "cost_usd", "price_table", "left_out"))
"""The columns that the first checksum covers: those that never change. `settled_checksum` covers the others."""
_CHECKED_IF_SET = ("left_out",)
"""The same for columns that rows of earlier versions do not have: their checksum covers them only if they hold
something."""

UNSEALED = "checksum IS NULL", "checksum IS NOT NULL AND settled_checksum IS NULL"
"""SQL conditions for rows that earlier versions wrote: without any checksum, and without one over the price."""

Values = Mapping[str, Any] | sqlite3.Row
"""The values of one row, by column."""


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    """The digest of a text that many requests share."""
    return sha256(text)


def _checksum(values: Values) -> int:
    checked = (*_CHECKED, *(name for name in _CHECKED_IF_SET if values[name]))
    return crc32("\x1f".join([str(values[name]) for name in checked]).encode("utf-8", "surrogatepass"))


def settled_checksum(checksum: int | None, cost_usd: str | None, price_table: str | None, settled: int) -> int:
    """The checksum over the price and state of a row, and over its first ``checksum``, which ties them to the row."""
    return crc32("\x1f".join(map(str, (checksum, cost_usd, price_table, settled))).encode())


def exchange_of(row: Values) -> Exchange:
    """The exchange that was saved as this row, which has its system text and schema beside it.

    Raises ValueError or TypeError when the row is not as it was saved, as far as its checksums show: rows of earlier
    versions have none, or only the first.
    """
    if row["system"] is None or row["schema"] is None:
        raise ValueError("the text of its prompt is missing")
    if (_digest(row["system"]), _digest(row["schema"])) != (row["system_sha256"], row["schema_sha256"]):
        raise ValueError("the text of its prompt was changed")
    if row["checksum"] not in (None, _checksum(row)):
        raise ValueError("its checksum does not match")
    price = settled_checksum(row["checksum"], row["cost_usd"], row["price_table"], row["settled"])
    if row["settled_checksum"] not in (None, price):
        raise ValueError("the checksum of its price does not match")
    if row["cost_usd"] is not None and not is_decimal_string(row["cost_usd"]):
        raise ValueError("its price is not an amount")
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
    left_out = json.loads(fields.pop("left_out") or "[]")
    return Exchange(
        request=request, retries=tuple(map(Retry.from_json, retries)), left_out=tuple(map(str, left_out)), **fields
    )


def read_row(row: sqlite3.Row) -> Exchange:
    """As `exchange_of`, but raises `sqlite3.DatabaseError`: a row that is not valid is damage to the file."""
    try:
        return exchange_of(row)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"row {row['id']} is damaged ({error})") from error


def values_of(exchange: Exchange) -> dict[str, Any]:
    """The values of an exchange, for `insert`."""
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
        "left_out": json.dumps(exchange.left_out) if exchange.left_out else "",
        "body": storable(exchange.body),
    }


def insert(db: sqlite3.Connection, values: Mapping[str, Any]) -> int:
    """Insert one exchange, with the texts that it names, and return the id of its row.

    Values from another store file have their own id, state and checksums, and replace an earlier version of that row.
    A new row is not settled.
    """
    for name in ("system", "schema"):
        db.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (values[f"{name}_sha256"], values[name]))
    row: dict[str, Any] = {name: values[name] for name in ("id", *_COLUMNS) if name in values}
    row["settled"] = values.get("settled", 0)
    row["checksum"] = values["checksum"] if "checksum" in values else _checksum(values)
    price = settled_checksum(row["checksum"], row["cost_usd"], row["price_table"], row["settled"])
    row["settled_checksum"] = values.get("settled_checksum", price)
    sql = f"INSERT OR REPLACE INTO exchanges ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    row_id = db.execute(sql, list(row.values())).lastrowid
    assert row_id is not None
    return row_id


def settle(db: sqlite3.Connection, row: int, cost_usd: str | None, price_table: str | None, settled: int) -> None:
    """Record the price and state of a row; a row that another process pruned meanwhile stays away."""
    saved = db.execute("SELECT checksum FROM exchanges WHERE id = ?", (row,)).fetchone()
    if saved is not None:
        checksum = settled_checksum(saved["checksum"], cost_usd, price_table, settled)
        db.execute(
            "UPDATE exchanges SET cost_usd = ?, price_table = ?, settled = ?, settled_checksum = ? WHERE id = ?",
            (cost_usd, price_table, settled, checksum, row),
        )


def select_by_id() -> str:
    """The query for one whole exchange row by id."""
    return f"{SELECT} WHERE id = ?"
