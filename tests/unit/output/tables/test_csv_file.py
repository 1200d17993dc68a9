"""CSV: RFC 4180, read back by Python's own reader, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.core.record import Record
from dragoman.output.read import read_records
from dragoman.output.tables.csv_file import csv_text
from tests.support.folders import write_records, write_tables
from tests.unit.output.tables.readers import NAMES, csv_rows, rows


@pytest.mark.parametrize("name", NAMES)
def test_csv_reads_back(name: str, out: Path) -> None:
    """By Python's own reader: every value in its text form, and nothing for null."""
    expected = [{column: csv_text(value) for column, value in row.items()} for row in rows(out, name)]
    assert csv_rows(out, name) == expected


def test_csv_is_utf_8_with_a_byte_order_mark_and_crlf(out: Path) -> None:
    """RFC 4180: CRLF after every record, including the last one."""
    for name in NAMES:
        content = (out / f"tables/{name}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbfarticle_id,")
        assert content.endswith(b"\r\n")


def spreadsheet_cells(content: str, separator: str) -> Iterator[str]:
    """The cells of a CSV as a program takes them that parts at ``separator``."""
    for line in csv.reader(content.splitlines(keepends=True), delimiter=separator):
        yield from line


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_a_csv_starts_a_formula(name: str, separator: str, hostile_out: Path) -> None:
    """With any separator that a program may use to open the file. Numbers may be negative."""
    content = (hostile_out / f"tables/{name}.csv").read_text("utf-8-sig")
    for one in spreadsheet_cells(content, separator):
        assert one[:1] not in tuple("=+-@\t\r＝＋－＠") or re.fullmatch(r"-[0-9.]+", one), one


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_breaks_no_row_of_a_csv(name: str, hostile_out: Path) -> None:
    """The number of rows is right, each row has all columns, and the file has no control character."""
    table = csv_rows(hostile_out, name)
    assert len(table) == len(rows(hostile_out, name))
    assert all(None not in row and None not in row.values() for row in table)
    content = (hostile_out / f"tables/{name}.csv").read_text("utf-8-sig")
    assert re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", content) is None


def test_csv_loads_none_of_the_extras(tmp_path: Path, sample: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV works without the libraries of the extras."""
    for library in ("duckdb", "xlsxwriter"):
        monkeypatch.setitem(sys.modules, library, None)
    folder = write_records(tmp_path / "out", [sample])
    assert write_tables(folder, [sample]) == []
    assert len(csv_rows(folder, "articles")) == 1


def test_lists_in_a_csv_are_json(out: Path) -> None:
    """No separator inside an item can be mistaken for one between items."""
    for row, record in zip(csv_rows(out, "articles"), read_records(out), strict=True):
        assert record.summary is not None
        assert json.loads(row["key_points"]) == record.summary.key_points
