"""The requests that a service rejected for good, so that no run sends them again unasked.

The service would reject the request again at no cost, so a damaged rejection counts as absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from dragoman.store.protocol import Rejection
from dragoman.store.sqlite.caches import FirstRow
from dragoman.store.sqlite.leases import Transaction

_COLUMNS = ("article", "article_sha256", "status", "message", "created_at")


class Rejections:
    """The rejections in one open store: a `ReplyRejections`."""

    def __init__(self, first_row: FirstRow, transaction: Transaction) -> None:
        self._first_row = first_row
        self._transaction = transaction

    def find(self, key: str, service: str) -> Rejection | None:
        """The rejection of a request key by a service, if there was one."""
        names = ", ".join(f"CAST({name} AS BLOB) AS {name}" if name != "status" else name for name in _COLUMNS)
        row = self._first_row(f"SELECT {names}, checksum FROM rejections WHERE key = ? AND service = ?", (key, service))
        if row is None:
            return None
        try:
            values = [row[name] if name == "status" else row[name].decode() for name in _COLUMNS]
        except UnicodeDecodeError:
            return None
        return Rejection(*values) if _checksum(values) == row["checksum"] else None

    def save(self, key: str, service: str, rejection: Rejection) -> None:
        """Remember that a service rejected a request key. The latest rejection of a key counts."""
        values = [getattr(rejection, name) for name in _COLUMNS]
        row = {
            "key": key,
            "service": service,
            **dict(zip(_COLUMNS, values, strict=True)),
            "checksum": _checksum(values),
        }
        marks = ", ".join(f":{name}" for name in row)
        with self._transaction(durable=False) as db:
            db.execute(f"INSERT OR REPLACE INTO rejections ({', '.join(row)}) VALUES ({marks})", row)


def _checksum(values: Sequence[Any]) -> int:
    return crc32("\x1f".join(map(str, values)).encode())
