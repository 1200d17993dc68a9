"""Tables as one workbook: a sheet a table, typed cells, filters, a frozen header, a last sheet that explains.

Text is written as text: nothing in it becomes a formula, a number or a link, and a cell that could become a
formula when a person edits it carries the program's own text mark. What the format cannot hold is noted.
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
from dragoman.output.tables.columns import Add, Column, Kind, Row, Table, Value
from dragoman.output.tables.csv_file import cell
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import TABLES
from dragoman.output.tables.sanitize import starts_formula, visible

MOST_CHARACTERS = 32_767
"""UTF-16 units of one cell (Excel specifications and limits, read 2026-11)."""
MOST_ROWS = 1_048_576
"""Rows of one sheet, the header included."""
MOST_DIGITS = 15
"""Significant digits of a number: cells hold doubles."""
FIRST_YEAR = 1901
"""Days before are kept as text: the calendar of spreadsheets starts in 1900, with a day that never was."""

_WIDTHS: dict[Kind, int] = {
    "text": 24, "texts": 40, "integer": 10, "decimal": 16, "flag": 12, "date": 12, "moment": 20,
}  # fmt: skip
_WIDE = {"text_en", "edited_en", "quote", "message", "abstract", "title_en", "claim_en", "expected", "got"}
# The same records give the same bytes.
_CREATED = datetime(2000, 1, 1)  # the format knows no zones


@contextmanager
def open_xlsx(folder: Path, notes: Notes, most_rows: int = MOST_ROWS) -> Iterator[Add]:
    """What adds rows to ``<folder>/tables.xlsx``; the file is in place when the block ends.

    A table of more than ``most_rows`` goes on in a second sheet; a longer text is cut; both are noted.
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
            sheets = {table.name: _Sheets(workbook, formats, table, notes, most_rows) for table in TABLES}
            try:
                yield lambda table, rows: sheets[table.name].add(rows)
                for sheet in sheets.values():
                    sheet.end()
                _explain(workbook, formats)
            finally:
                # After an error too, for its temporary files; what it writes then is not kept.
                workbook.close()
    except XlsxWriterException as error:
        raise StoreError(f"{folder / 'tables.xlsx'} cannot be written: {error}") from error


def _formats(workbook: Any) -> dict[str, Any]:
    return {
        "header": workbook.add_format({"bold": True, "bottom": 1}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        # As a typed apostrophe does: text it stays, even when a person edits the cell.
        "text": workbook.add_format({"quote_prefix": True}),
    }


class _Sheets:
    """The sheet of a table being written, and those it went on from."""

    def __init__(self, workbook: Any, formats: dict[str, Any], table: Table, notes: Notes, most_rows: int) -> None:
        self._workbook, self._formats, self._table, self._notes = workbook, formats, table, notes
        self._most_rows = most_rows
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
        if self._row + 1 >= self._most_rows:
            self.end()
            self._begin()
            note = f"XLSX: a sheet takes {self._most_rows:,} rows; more are in a further sheet"
            self._notes.add(note, f"{self._table.name} {self._count}")
        self._row += 1
        for number, (column, value) in enumerate(zip(self._table.columns, row, strict=True)):
            if value is not None:
                self._write(number, value, f"{self._table.name}.{column.name} of {row[0]}")

    def end(self) -> None:
        """The rows are all there: filters go over them."""
        self._sheet.autofilter(0, 0, self._row, len(self._table.columns) - 1)

    def _write(self, number: int, value: Value, where: str) -> None:
        match value:
            case bool():
                self._sheet.write_boolean(self._row, number, value)
            case datetime():
                self._sheet.write_datetime(self._row, number, value.replace(tzinfo=None), self._formats["moment"])
            case date() if value.year >= FIRST_YEAR:
                self._sheet.write_datetime(self._row, number, value, self._formats["date"])
            case int() | Decimal() if _digits(value) <= MOST_DIGITS:
                self._sheet.write_number(self._row, number, float(value))
            case str():
                self._text(number, value, where)
            case tuple():
                self._text(number, "\n".join(value), where)
            case _:
                self._notes.add("XLSX: a number or day that a cell cannot hold exactly is kept as text", where)
                self._text(number, cell(value), where)

    def _text(self, number: int, text: str, where: str) -> None:
        shown = visible(text).replace("\r\n", "\n").replace("\r", "\n")
        if _units(shown) > MOST_CHARACTERS:
            self._notes.add(f"XLSX: a text is cut to {MOST_CHARACTERS:,} characters; the CSV has it whole", where)
            shown = _cut(shown)
        self._sheet.write_string(self._row, number, shown, self._formats["text"] if starts_formula(shown) else None)


def _explain(workbook: Any, formats: dict[str, Any]) -> None:
    """The sheet ``columns``: what every column is."""
    sheet = workbook.add_worksheet("columns")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 2, 18)
    sheet.set_column(3, 3, 100)
    lines: list[tuple[str, ...]] = [("table", "column", "type", "what it is")]
    lines += [_line(table, column) for table in TABLES for column in table.columns]
    for number, line in enumerate(lines):
        for place, text in enumerate(line):
            sheet.write_string(number, place, text, None if number else formats["header"])
    sheet.autofilter(0, 0, len(lines) - 1, 3)


def _line(table: Table, column: Column) -> tuple[str, ...]:
    return table.name, column.name, column.kind, column.about


def _digits(value: int | Decimal) -> int:
    return len("".join(map(str, Decimal(value).as_tuple().digits)).strip("0"))


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str) -> str:
    """The start of a text, with a mark at its end, in as many UTF-16 units as a cell takes."""
    whole = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - 1)]
    return whole.decode("utf-16-le", "ignore") + "…"
