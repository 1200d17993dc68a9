"""Write tables as CSV after RFC 4180 (commas, CRLF, doubled quotes) in UTF-8 with a byte order mark.

Without the mark, spreadsheet programs read the bytes in the system's old code page and garble every other script than
Latin; Python reads the file with ``utf-8-sig``. Texts are sanitized (`sanitize`), so that the file is safe to open.
Numbers stay numbers. Lists are JSON, so that a separator inside an item cannot be mistaken for one between items.
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
from dragoman.output.tables.columns import AddRows, Row, Table, Value
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import TABLES
from dragoman.output.tables.sanitize import sanitize


@contextmanager
def open_csv(folder: Path, _: Notes) -> Iterator[AddRows]:
    """Open ``<folder>/<table>.csv`` for each table; the files are in place when the block ends."""
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
                [[value if value is None or type(value) is int else csv_text(value) for value in row] for row in rows]
            )

        yield add


def csv_text(value: Value) -> str:
    """A value as CSV has it; the empty string for None."""
    if type(value) is str:  # true of most values, and quicker
        return sanitize(value)
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
            return sanitize(json.dumps(value, ensure_ascii=False))
        case _:
            return sanitize(str(value))
