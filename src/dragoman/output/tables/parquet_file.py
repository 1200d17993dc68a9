"""Write tables as Parquet: unchanged texts, typed columns, and the sentence of each column in the file's metadata.

Rows are written to disk as JSON lines, which DuckDB then converts with the types of `columns`. DuckDB is less than half
the size of pyarrow and streams. It may not load extensions from anywhere.
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
from dragoman.output.tables.columns import AddRows, Kind, Row, Table, Value
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import TABLES

DIGITS, SCALE = 38, 9
"""Digits of a decimal in total, and after the point: the largest type that all readers of Parquet support."""

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
def open_parquet(folder: Path, notes: Notes) -> Iterator[AddRows]:
    """Open ``<folder>/<table>.parquet`` for each table; the files are in place when the block ends.

    A number with more digits than the type holds becomes null, with a note.
    """
    try:
        temporary = tempfile.TemporaryDirectory(prefix=".dragoman-", suffix=".part", dir=folder)
        with temporary as folder_of_lines, ExitStack() as stack:
            lines = {
                table.name: stack.enter_context((Path(folder_of_lines) / table.name).open("w", encoding="utf-8"))
                for table in TABLES
            }

            def add(table: Table, rows: Iterable[Row]) -> None:
                for row in rows:
                    values = {
                        column.name: _json_value(value, f"{table.name}.{column.name} of {row[0]}", notes)
                        for column, value in zip(table.columns, row, strict=True)
                    }
                    lines[table.name].write(json.dumps(values, ensure_ascii=False) + "\n")

            yield add
            for table in TABLES:
                lines[table.name].close()
                _convert(table, Path(folder_of_lines) / table.name, folder / f"{table.name}.parquet")
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from error


def _json_value(value: Value, where: str, notes: Notes) -> str | int | bool | list[str] | None:
    match value:
        case Decimal():
            exponent = value.normalize().as_tuple().exponent
            assert isinstance(exponent, int)
            if value.adjusted() >= DIGITS - SCALE or exponent < -SCALE:
                notes.add(
                    f"Parquet: a number with more digits than {TYPES['decimal']} holds is left empty",
                    where,
                )
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
    types = ", ".join(f"{_sql_text(column.name)}: {_sql_text(TYPES[column.kind])}" for column in table.columns)
    about = ", ".join(f"{_sql_text(column.name)}: {_sql_text(column.about)}" for column in table.columns)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "threads": 1,
    }
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute(
                f"COPY (SELECT * FROM read_json({_sql_text(str(lines))}, format = 'newline_delimited', "  # noqa: S608  # no foreign text
                f"columns = {{{types}}})) TO {_sql_text(str(written))} "
                f"(FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{about}}})"
            )
    except duckdb.Error as error:
        raise StoreError(f"{target} cannot be written: {error}") from error
    with written.open("rb") as content, replacing(target, new_folder=False) as handle:
        shutil.copyfileobj(content, handle)


def _sql_text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
