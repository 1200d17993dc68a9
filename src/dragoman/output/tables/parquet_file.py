"""Tables as Parquet: texts letter for letter, typed columns, each column's sentence in the file's metadata.

Rows wait as JSON lines on disk and go through DuckDB, which is a third of pyarrow's size, streams, and takes
the types from `columns`. It is told to load nothing from anywhere.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from dragoman.core.files import replacing
from dragoman.errors import StoreError
from dragoman.output.tables.columns import Add, Kind, Row, Table, Value
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import TABLES

DIGITS, SCALE = 38, 9
"""Of a decimal, before and after the point together, and after it: the most that Parquet readers share."""

TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "texts": "VARCHAR[]",
    "integer": "BIGINT",
    "decimal": f"DECIMAL({DIGITS}, {SCALE})",
    "flag": "BOOLEAN",
    "date": "DATE",
    "moment": "TIMESTAMP",
}


@contextmanager
def open_parquet(folder: Path, notes: Notes) -> Iterator[Add]:
    """What adds rows to ``<folder>/<table>.parquet``; the files are in place when the block ends.

    A number with more digits than the type takes is null there, and noted.
    """
    try:
        temporary = tempfile.TemporaryDirectory(prefix=".dragoman-", suffix=".part", dir=folder)
        with temporary as waiting, ExitStack() as stack:
            lines = {
                table.name: stack.enter_context((Path(waiting) / table.name).open("w", encoding="utf-8"))
                for table in TABLES
            }

            def add(table: Table, rows: Iterable[Row]) -> None:
                for row in rows:
                    fitting = {
                        column.name: _fitting(value, f"{table.name}.{column.name} of {row[0]}", notes)
                        for column, value in zip(table.columns, row, strict=True)
                    }
                    lines[table.name].write(json.dumps(fitting, ensure_ascii=False) + "\n")

            yield add
            for table in TABLES:
                lines[table.name].close()
                _convert(table, Path(waiting) / table.name, folder / f"{table.name}.parquet")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from error


def _fitting(value: Value, where: str, notes: Notes) -> str | int | bool | list[str] | None:
    match value:
        case Decimal():
            exponent = value.normalize().as_tuple().exponent
            assert isinstance(exponent, int)
            if value.adjusted() >= DIGITS - SCALE or exponent < -SCALE:
                notes.add(f"Parquet: a number with more digits than {TYPES['decimal']} takes is left empty", where)
                return None
            return f"{value:f}"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _convert(table: Table, lines: Path, target: Path) -> None:
    import duckdb

    written = lines.with_suffix(".parquet")
    types = ", ".join(f"{_text(column.name)}: {_text(TYPES[column.kind])}" for column in table.columns)
    about = ", ".join(f"{_text(column.name)}: {_text(column.about)}" for column in table.columns)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "threads": 1,
    }
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(
                f"COPY (SELECT * FROM read_json({_text(str(lines))}, format = 'newline_delimited', "  # noqa: S608  # ours
                f"columns = {{{types}}})) TO {_text(str(written))} "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{about}}})"
            )
    except duckdb.Error as error:
        raise StoreError(f"{target} cannot be written: {error}") from error
    with written.open("rb") as content, replacing(target, new_folder=False) as handle:
        shutil.copyfileobj(content, handle)


def _text(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"
