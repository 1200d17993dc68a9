"""Tables as CSV: RFC 4180 (commas, CRLF, quotes doubled), UTF-8 with a byte order mark, safe to open.

With the mark, because without it spreadsheet programs read the bytes in the system's old code page and show
rubbish for every script this is about; Python reads it as ``utf-8-sig``. Texts are made harmless (`text`);
numbers stay numbers. Lists are JSON, so that no separator in an item can be mistaken. Python's own writer is
not used: it takes longer over a row than all else that is done with it.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from dragoman.reports.tables.columns import Add, Row, Table, Value
from dragoman.reports.tables.notes import Notes
from dragoman.reports.tables.rows import TABLES
from dragoman.reports.tables.spool import spooled
from dragoman.reports.tables.text import harmless


@contextmanager
def open_csv(folder: Path, _: Notes) -> Iterator[Add]:
    """What adds rows to ``<folder>/<table>.csv``; the files are in place when the block ends."""
    with ExitStack() as stack:
        files = {table.name: stack.enter_context(spooled(folder / f"{table.name}.csv")) for table in TABLES}
        for table in TABLES:
            files[table.name].write(codecs.BOM_UTF8 + line([column.name for column in table.columns]).encode())

        def add(table: Table, rows: Iterable[Row]) -> None:
            files[table.name].write("".join(map(line, rows)).encode())

        yield add


def line(row: Iterable[Value]) -> str:
    """A row with its line end; a field that holds what parts fields or lines stands between quotation marks."""
    # Most cells are empty or one word, which needs no look.
    return ",".join(["" if v is None else v if type(v) is str and v.isalnum() else _field(v) for v in row]) + "\r\n"


def _field(value: Value) -> str:
    if type(value) is int:
        return str(value)
    text = cell(value)
    if '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return f'"{text}"' if "," in text or "\n" in text or "\r" in text else text


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
