"""Write tables as one workbook: one sheet per table with typed cells, filters and a frozen header, and a last sheet
that explains every column.

Texts are written as text: none of them becomes a formula, a number or a link. A cell that could become a formula when a
person edits it is marked as text. What the format cannot hold is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.core.files import replacing
from dragoman.errors import StoreError
from dragoman.output.tables.columns import AddRows, Column, Kind, Row, Table, Value
from dragoman.output.tables.csv_file import csv_text
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import TABLES
from dragoman.output.tables.sanitize import may_start_formula, show_hidden

MAX_CELL_UNITS = 32_767
"""UTF-16 units in one cell (Excel specifications and limits, read 2026-11)."""
MAX_ROWS = 1_048_576
"""Rows in one sheet, including the header (same source)."""
MAX_DIGITS = 15
"""Significant digits of a number, because cells hold IEEE doubles."""
FIRST_YEAR = 1901
"""Earlier dates are written as text: the calendar of spreadsheets starts in 1900, a year in which it counts a leap day
that did not exist."""

_WIDTHS: dict[Kind, int] = {
    "text": 24, "texts": 40, "integer": 10, "decimal": 16, "flag": 12, "date": 12, "moment": 20,
}  # fmt: skip
_WIDE = {"text_en", "edited_en", "quote", "message", "abstract", "title_en", "claim_en", "expected", "got"}
# A fixed time, so that the same records give the same bytes. The format has no time zones.
_CREATED = datetime(2000, 1, 1)


@contextmanager
def open_xlsx(folder: Path, notes: Notes, max_rows: int = MAX_ROWS) -> Iterator[AddRows]:
    """Open ``<folder>/tables.xlsx``; the file is in place when the block ends.

    A table with more than ``max_rows`` rows continues on another sheet, and a text that is too long for a cell is cut;
    a note says so.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    try:
        with replacing(folder / "tables.xlsx", new_folder=False) as handle:
            workbook = xlsxwriter.Workbook(handle, options)
            workbook.set_properties({"created": _CREATED})
            formats = _formats(workbook)
            sheets = {table.name: _Sheets(workbook, formats, table, notes, max_rows) for table in TABLES}
            try:
                yield lambda table, rows: sheets[table.name].add(rows)
                for sheet in sheets.values():
                    sheet.end()
                _write_explanations(workbook, formats)
            finally:
                # Also after an error, to remove its temporary files; what it writes then is discarded.
                workbook.close()
    except XlsxWriterException as error:
        raise StoreError(f"{folder / 'tables.xlsx'} cannot be written: {error}") from error


def _formats(workbook: Any) -> dict[str, Any]:
    return {
        "header": workbook.add_format({"bold": True, "bottom": 1}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        # Like a typed apostrophe: the cell stays text even when a person edits it.
        "text": workbook.add_format({"quote_prefix": True}),
    }


class _Sheets:
    """Writes one table to a sheet, and to further sheets when one is full."""

    def __init__(self, workbook: Any, formats: dict[str, Any], table: Table, notes: Notes, max_rows: int) -> None:
        self._workbook, self._formats, self._table, self._notes = workbook, formats, table, notes
        self._max_rows = max_rows
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        name = self._table.name if self._count == 1 else f"{self._table.name} {self._count}"
        self._sheet = self._workbook.add_worksheet(name)
        self._row = 0
        self._sheet.freeze_panes(1, 0)
        for number, column in enumerate(self._table.columns):
            self._sheet.set_column(number, number, 60 if column.name in _WIDE else _WIDTHS[column.kind])
            self._sheet.write_string(0, number, column.name, self._formats["header"])

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        if self._row + 1 >= self._max_rows:
            self.end()
            self._begin()
            note = f"XLSX: a sheet holds at most {self._max_rows:,} rows; the others are on another sheet"
            self._notes.add(note, f"{self._table.name} {self._count}")
        self._row += 1
        for number, (column, value) in enumerate(zip(self._table.columns, row, strict=True)):
            if value is not None:
                self._write(number, value, f"{self._table.name}.{column.name} of {row[0]}")

    def end(self) -> None:
        """Set the filters over all rows of the sheet; no row is added to it after that."""
        self._sheet.autofilter(0, 0, self._row, len(self._table.columns) - 1)

    def _write(self, number: int, value: Value, where: str) -> None:
        match value:
            case bool():
                self._sheet.write_boolean(self._row, number, value)
            case datetime():
                self._sheet.write_datetime(self._row, number, value.replace(tzinfo=None), self._formats["moment"])
            case date() if value.year >= FIRST_YEAR:
                self._sheet.write_datetime(self._row, number, value, self._formats["date"])
            case int() | Decimal() if _significant_digits(value) <= MAX_DIGITS:
                self._sheet.write_number(self._row, number, float(value))
            case str():
                self._text(number, value, where)
            case tuple():
                self._text(number, "\n".join(value), where)
            case _:
                self._notes.add("XLSX: a number or date that a cell cannot hold exactly is stored as text", where)
                self._text(number, csv_text(value), where)

    def _text(self, number: int, text: str, where: str) -> None:
        shown = show_hidden(text).replace("\r\n", "\n").replace("\r", "\n")
        if _units(shown) > MAX_CELL_UNITS:
            self._notes.add(f"XLSX: a text is cut to {MAX_CELL_UNITS:,} characters; the CSV has it in full", where)
            shown = _clip(shown)
        self._sheet.write_string(self._row, number, shown, self._formats["text"] if may_start_formula(shown) else None)


def _write_explanations(workbook: Any, formats: dict[str, Any]) -> None:
    """Write the sheet ``columns``, which explains every column."""
    sheet = workbook.add_worksheet("columns")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 2, 18)
    sheet.set_column(3, 3, 100)
    lines: list[tuple[str, ...]] = [("table", "column", "type", "meaning")]
    lines += [_line(table, column) for table in TABLES for column in table.columns]
    for number, line in enumerate(lines):
        for place, text in enumerate(line):
            sheet.write_string(number, place, text, None if number else formats["header"])
    sheet.autofilter(0, 0, len(lines) - 1, 3)


def _line(table: Table, column: Column) -> tuple[str, ...]:
    return table.name, column.name, column.kind, column.about


def _significant_digits(value: int | Decimal) -> int:
    return len("".join(map(str, Decimal(value).as_tuple().digits)).strip("0"))


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _clip(text: str) -> str:
    """The start of a text with an ellipsis, in as many UTF-16 units as a cell holds."""
    units = text.encode("utf-16-le")[: 2 * (MAX_CELL_UNITS - 1)]
    return units.decode("utf-16-le", "ignore") + "…"
