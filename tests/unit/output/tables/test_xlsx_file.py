"""XLSX: typed cells, no formulas, and a note for everything that a cell or a sheet cannot hold."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from dragoman.core.record import Record
from dragoman.output.tables.columns import Value
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import CLAIMS
from dragoman.output.tables.xlsx_file import MAX_CELL_UNITS, MAX_ROWS, open_xlsx
from tests.support.folders import HOSTILE, hostile, write_records, write_tables
from tests.unit.output.tables.readers import ALL, NAMES, csv_rows, parquet_rows, rows, sheet_rows


@pytest.mark.parametrize("name", NAMES)
def test_xlsx_reads_back_with_types(name: str, out: Path) -> None:
    """Numbers are numbers and dates are dates; lists have one item per line."""

    def typed(value: Value) -> Any:
        match value:
            case tuple():
                return "\n".join(value) or None
            case Decimal():
                return float(value)
            case datetime():
                return value.replace(tzinfo=None)
            case date():
                return datetime(value.year, value.month, value.day)
            case _:
                return value or None if isinstance(value, str) else value

    expected = [{column: typed(value) for column, value in row.items()} for row in rows(out, name)]
    assert sheet_rows(out, name) == expected


def test_sheets_have_filters_and_a_frozen_header(out: Path) -> None:
    """The filter covers all rows and columns."""
    book = openpyxl.load_workbook(out / "tables/tables.xlsx")
    assert book.sheetnames == [*NAMES, "columns"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions


def test_a_workbook_has_neither_formulas_nor_links(hostile_out: Path) -> None:
    """Text has the type text, and what could become a formula when it is edited is marked as text."""
    book = openpyxl.load_workbook(hostile_out / "tables/tables.xlsx")
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type in ("s", "n", "b", "d"), cell.coordinate
                assert cell.hyperlink is None
                if isinstance(cell.value, str) and cell.value[:1] in tuple("=+-@"):
                    assert cell.quotePrefix, cell.coordinate
    titles = [row["title_en"] for row in sheet_rows(hostile_out, "articles")]
    for case, title in zip(HOSTILE, titles, strict=True):
        if case["text"].isprintable():
            shown = openpyxl.utils.escape.unescape(title) if "_x" in title else title
            assert shown == case["text"], case["label"]


@pytest.mark.parametrize("letter", ["é", "界", "𠀀"], ids=["Latin", "Han", "outside the BMP"])
def test_a_text_longer_than_a_cell_is_cut_with_a_note(letter: str, tmp_path: Path, sample: Record) -> None:
    """In the units that spreadsheets count; the other formats have it in full."""
    long = hostile(sample, letter * 40_000)
    folder = write_records(tmp_path / "out", [long])
    (note,) = write_tables(folder, [long], ALL)
    assert "32,767" in note
    assert "and " in note
    shown = sheet_rows(folder, "claims")[0]["quote"]
    assert shown.endswith("…")
    assert MAX_CELL_UNITS - 1 <= len(shown.encode("utf-16-le")) // 2 <= MAX_CELL_UNITS
    assert csv_rows(folder, "claims")[0]["quote"] == letter * 40_000
    assert parquet_rows(folder, "claims")[0]["quote"] == letter * 40_000


def test_a_table_longer_than_a_sheet_continues_on_another(tmp_path: Path, out: Path) -> None:
    """No row is lost, every sheet has the header, and a note says so."""
    notes = Notes()
    expected = rows(out, "claims")
    (tmp_path / "tables").mkdir()
    with open_xlsx(tmp_path / "tables", notes, max_rows=51) as add:
        add(CLAIMS, [tuple(row.values()) for row in expected])
    book = openpyxl.load_workbook(tmp_path / "tables/tables.xlsx")
    sheets = [name for name in book.sheetnames if name.startswith("claims")]
    assert len(sheets) == -(-len(expected) // 50)
    quotes = [row["quote"] for name in sheets for row in sheet_rows(tmp_path, name)]
    assert quotes == [row["quote"] for row in expected]
    assert "51 rows" in notes.lines[0]


def test_dates_before_1901_are_text_in_a_workbook(tmp_path: Path, sample: Record) -> None:
    """Its calendar starts in 1900; the other formats have the date."""
    assert sample.summary is not None
    old = sample.model_copy(update={"summary": sample.summary.model_copy(update={"published": "1889-04-16"})})
    folder = write_records(tmp_path / "out", [old])
    write_tables(folder, [old], ALL)
    assert sheet_rows(folder, "articles")[0]["published_day"] == "1889-04-16"
    assert parquet_rows(folder, "articles")[0]["published_day"] == date(1889, 4, 16)


def test_a_hidden_formula_stays_text_in_a_workbook(tmp_path: Path, sample: Record) -> None:
    """It has the type text and the text mark of spreadsheets."""
    assert sample.summary is not None
    changed = sample.model_copy(update={"summary": sample.summary.model_copy(update={"title_en": "\u00a0=1+1"})})
    folder = write_records(tmp_path / "out", [changed])
    write_tables(folder, [changed], ALL)
    book = openpyxl.load_workbook(folder / "tables/tables.xlsx")
    (cell,) = [each for line in book["articles"].iter_rows() for each in line if each.value == "\u00a0=1+1"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert csv_rows(folder, "articles")[0]["title_en"] == "'\u00a0=1+1"


def test_the_limit_of_rows_is_that_of_the_format() -> None:
    """As the library that writes the sheets knows it."""
    assert xlsxwriter.Workbook().add_worksheet().xls_rowmax == MAX_ROWS


def test_dates_are_dates_from_1901_on(tmp_path: Path, sample: Record) -> None:
    """In 1900 spreadsheets count a 29 February that did not exist, so the whole year is text."""
    assert sample.summary is not None
    folder = write_records(tmp_path / "out", [])
    made = [
        sample.model_copy(update={"summary": sample.summary.model_copy(update={"published": day})})
        for day in ("1900-12-31", "1901-01-01")
    ]
    write_tables(folder, made, ALL)
    days = [row["published_day"] for row in sheet_rows(folder, "articles")]
    assert days == ["1900-12-31", datetime(1901, 1, 1)]
