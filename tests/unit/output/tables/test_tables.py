"""Tables: one definition, three formats, each read back by another library and compared with the records.

Texts of articles and models are plain text in all of them: no formula, no link, no broken row.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dragoman.core.record import Record
from dragoman.errors import ConfigError, StoreError
from dragoman.output import tables
from dragoman.output.tables.rows import CLAIMS, TABLES
from tests.support.commands import here
from tests.support.folders import sample_folder, write_records, write_tables
from tests.unit.output.tables.readers import ALL, NAMES, csv_rows, parquet_rows, rows, sheet_rows, with_value


@pytest.mark.parametrize("name", ["claims", "quantities", "findings"])
def test_decisions_are_in_all_formats(name: str, out: Path) -> None:
    """Verdict, edited English, note, time, and whether the English has changed since."""
    decided = [row for row in rows(out, name) if row["verdict"]]
    assert decided
    for read in (csv_rows(out, name), parquet_rows(out, name), sheet_rows(out, name)):
        assert [row["verdict"] for row in read if row["verdict"]] == [row["verdict"] for row in decided]
    (first, second) = [row for row in rows(out, "claims") if row["verdict"]]
    assert (first["verdict"], first["edited_en"], first["decision_note"], first["english_changed"]) == (
        "edited", "Better English.", "too strong", False,
    )  # fmt: skip
    assert first["decided_at"] == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert (second["verdict"], second["edited_en"], second["english_changed"]) == ("accepted", None, True)
    (article,) = (row for row in rows(out, "articles") if row["accepted"])
    assert [article[name] for name in ("accepted", "edited", "rejected", "open")] == [1, 1, 1, 0]


def test_parquet_and_workbook_explain_every_column(out: Path) -> None:
    """In the metadata of each Parquet file and on the last sheet."""
    with duckdb.connect(":memory:") as database:
        path = str(out / "tables/claims.parquet")
        pairs = database.execute("SELECT key, value FROM parquet_kv_metadata(?)", [path]).fetchall()
    about = {bytes(key).decode() if isinstance(key, bytes) else key: bytes(value).decode() for key, value in pairs}
    assert about.items() >= {column.name: column.about for column in CLAIMS.columns}.items()
    explained = sheet_rows(out, "columns")
    assert len(explained) == sum(len(table.columns) for table in TABLES)


def test_the_same_records_give_the_same_bytes_and_are_not_written_again(tmp_path: Path, sample: Record) -> None:
    """Time stamps stay for every format, and no temporary file does."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    files = sorted((folder / "tables").iterdir())
    assert len(files) == 2 * len(TABLES) + 1
    for path in files:
        os.utime(path, (1, 1))
    write_tables(folder, [sample], ALL)
    assert {path.name: path.stat().st_mtime for path in sorted((folder / "tables").iterdir())} == {
        path.name: 1 for path in files
    }


def test_formats_of_an_earlier_call_are_updated_too(tmp_path: Path, sample: Record) -> None:
    """No file shows other records than the rest."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    write_tables(folder, [])
    for name in NAMES:
        assert csv_rows(folder, name) == parquet_rows(folder, name) == sheet_rows(folder, name) == []


def test_negative_numbers_stay_numbers(tmp_path: Path, sample: Record) -> None:
    """Only text is disarmed."""
    changed = with_value(sample, "-12.50")
    folder = write_records(tmp_path / "out", [changed])
    write_tables(folder, [changed], ALL)
    assert csv_rows(folder, "quantities")[0]["value"] == "-12.50"
    assert parquet_rows(folder, "quantities")[0]["value"] == Decimal("-12.50")
    assert sheet_rows(folder, "quantities")[0]["value"] == -12.5


@pytest.mark.parametrize(
    ("value", "in_parquet", "in_workbook", "notes"),
    [
        ("123456789012345", Decimal("123456789012345"), 123456789012345, []),
        ("1234567890123456", Decimal("1234567890123456"), "1234567890123456", ["XLSX"]),
        ("0.123456789", Decimal("0.123456789"), 0.123456789, []),
        ("0.1234567891", None, 0.1234567891, ["Parquet"]),
        ("9" * 29, Decimal("9" * 29), "9" * 29, ["XLSX"]),
        ("1" + "0" * 29, None, 1e29, ["Parquet"]),
        ("1.0000000000", Decimal(1), 1, []),
        ("7" * 400, None, "7" * 400, ["Parquet", "XLSX"]),
    ],
    ids=["15 digits", "16 digits", "9 places", "10 places", "29 digits", "30 digits", "zeros", "400 digits"],
)
def test_a_number_that_does_not_fit_is_noted_and_complete_in_the_csv(
    value: str, in_parquet: Decimal | None, in_workbook: Any, notes: list[str], tmp_path: Path, sample: Record
) -> None:
    """No format rounds: a number is exact or missing."""
    changed = with_value(sample, value)
    folder = write_records(tmp_path / "out", [changed])
    table_notes = write_tables(folder, [changed], ALL)
    assert [note.split(":")[0] for note in table_notes] == notes
    assert all("quantities.value of es-embalse" in note for note in table_notes)
    assert csv_rows(folder, "quantities")[0]["value"] == value
    assert parquet_rows(folder, "quantities")[0]["value"] == in_parquet
    assert sheet_rows(folder, "quantities")[0]["value"] == in_workbook


@pytest.mark.parametrize(
    ("option", "formats"),
    [("csv", ("csv",)), ("xlsx", ("csv", "xlsx")), (" Parquet, xlsx,", ALL), ("", ("csv",))],
)
def test_csv_is_always_written(option: str, formats: tuple[str, ...]) -> None:
    """Other formats are added to it."""
    assert tables.parse_formats(option) == formats


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    """The command exits with 2."""
    with pytest.raises(ConfigError, match=r"ods. Choose from csv, parquet, xlsx"):
        tables.parse_formats("csv,ods")


@pytest.mark.parametrize(("name", "library"), [("parquet", "duckdb"), ("xlsx", "xlsxwriter")])
def test_a_missing_extra_is_named(
    name: str, library: str, tmp_path: Path, sample: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to install. Files that can no longer be updated stay, with a note."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    monkeypatch.setattr(tables, "find_spec", lambda wanted: None if wanted == library else True)
    with pytest.raises(ConfigError, match=rf"^{name} tables need {library}\. .*'\.\[{name}\]'`"):
        tables.parse_formats(name)
    (note,) = write_tables(folder, [])
    assert f"the {name} tables are out of date" in note
    assert f"pip install -c constraints.txt '.[{name}]'" in note


def test_all_missing_extras_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that the documentation gives for them."""
    monkeypatch.setattr(tables, "find_spec", lambda wanted: None)
    with pytest.raises(ConfigError) as caught:
        tables.parse_formats("xlsx,parquet")
    assert str(caught.value) == (
        "parquet and xlsx tables need duckdb and xlsxwriter. Install what is missing with `pip install -c "
        "constraints.txt '.[parquet,xlsx]'`, in the checkout of Dragoman, or leave the format out"
    )


@pytest.mark.parametrize("formats", [("csv",), ("csv", "parquet"), ("csv", "xlsx")], ids=["csv", "parquet", "xlsx"])
def test_a_disk_error_names_the_path(formats: tuple[str, ...], tmp_path: Path, sample: Record) -> None:
    """The command exits with 7."""
    folder = write_records(tmp_path / "out", [sample])
    (folder / "tables").write_text("a file in the way")
    with pytest.raises(StoreError, match="tables"):
        write_tables(folder, [sample], formats)


def test_existing_files_stay_when_writing_fails(tmp_path: Path, sample: Record) -> None:
    """Files are whole or unchanged, and no temporary file stays."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    before = {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}

    def broken() -> Iterator[Record]:
        yield sample
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        write_tables(folder, broken(), ALL)
    assert {path.name: path.read_bytes() for path in (folder / "tables").iterdir()} == before


def test_report_writes_the_requested_formats(tmp_path: Path) -> None:
    """`--tables` adds to CSV; an unknown format is exit 2 and nothing is written."""
    folder = sample_folder(tmp_path / "out")
    assert here("report", folder, "--tables", "ods").code == 2
    assert not (folder / "tables").exists()
    assert here("report", folder, "--tables", "parquet,xlsx").code == 0
    assert {path.suffix for path in (folder / "tables").iterdir()} == {".csv", ".parquet", ".xlsx"}
