"""Tables as CSV: RFC 4180 (commas, CRLF, quotes doubled), UTF-8 with a byte order mark, safe to open.

With the mark, because without it spreadsheet programs read the bytes in the system's old code page and show
rubbish for every script this is about; Python reads it as ``utf-8-sig``. Texts are made harmless (`text`);
numbers stay numbers. Lists are JSON, so that no separator in an item can be mistaken.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from dragoman.core.files import replacing
from dragoman.output.tables.columns import Add, Row, Table, Value
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import TABLES
from dragoman.output.tables.sanitize import harmless


@contextmanager
def open_csv(folder: Path, _: Notes) -> Iterator[Add]:
    """What adds rows to ``<folder>/<table>.csv``; the files are in place when the block ends."""
    with ExitStack() as stack:
        writers = {}
        for table in TABLES:
            handle = stack.enter_context(replacing(folder / f"{table.name}.csv", new_folder=False))
            text = io.TextIOWrapper(handle, "utf-8-sig", newline="")
            stack.callback(text.detach)
            writers[table.name] = csv.writer(text)
            writers[table.name].writerow([column.name for column in table.columns])

        def add(table: Table, rows: Iterable[Row]) -> None:
            writers[table.name].writerows(
                [[value if value is None or type(value) is int else cell(value) for value in row] for row in rows]
            )

        yield add


def cell(value: Value) -> str:
    """A value as it stands in CSV; nothing for none."""
    if type(value) is str:  # most are
        return harmless(value)
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case tuple():
            return harmless(json.dumps(value, ensure_ascii=False))
        case _:
            return harmless(str(value))
