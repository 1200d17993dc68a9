"""Tables: one definition, three formats, each read back by another library and compared with the records.

What articles and models say is text in all of them: no formula, no link, no broken row.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from dragoman.core.record import Record
from dragoman.errors import ConfigError, StoreError
from dragoman.output import tables
from dragoman.output.decision_matching import FolderDecisions
from dragoman.output.decisions import read_decisions
from dragoman.output.read import read_records
from dragoman.output.tables.columns import Value
from dragoman.output.tables.csv_file import csv_text
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.rows import CLAIMS, TABLES
from dragoman.output.tables.sanitize import _FORMULA, _INVISIBLE, disarm, may_start_formula, sanitize
from dragoman.output.tables.xlsx_file import MAX_CELL_UNITS, open_xlsx
from tests.support.commands import here
from tests.support.folders import HOSTILE, decide, hostile, sample_folder, save_decisions, write_records, write_tables

ALL = ("csv", "parquet", "xlsx")
NAMES = [table.name for table in TABLES]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples with a few decisions, and all tables."""
    folder = sample_folder(tmp_path_factory.mktemp("tables") / "out")
    flagged = next(record for record in read_records(folder) if record.status == "flagged")
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    save_decisions(
        folder,
        decide(flagged, "c1", "edited", text="Better English.", note="too strong"),
        decide(flagged, "c2", "accepted", text_en="Other English."),
        decide(flagged, error, "rejected"),
    )
    assert write_tables(folder, read_records(folder), ALL) == []
    return folder


@pytest.fixture
def sample(out: Path) -> Record:
    return next(record for record in read_records(out) if record.status == "flagged")


def rows(folder: Path, name: str) -> list[dict[str, Value]]:
    """What a table must hold, from the records and decisions."""
    decisions = FolderDecisions(read_decisions(folder))
    (table,) = (table for table in TABLES if table.name == name)
    names = [column.name for column in table.columns]
    return [
        dict(zip(names, row, strict=True))
        for record in read_records(folder)
        for row in table.rows(record.plain(), decisions.match(record))
    ]


def csv_rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"tables/{name}.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def parquet_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with duckdb.connect(":memory:") as database:
        found = database.execute("SELECT * FROM read_parquet(?)", [str(folder / f"tables/{name}.parquet")])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def sheet_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(folder / "tables/tables.xlsx")
    lines = [[one.value for one in line] for line in book[name].iter_rows()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_the_tables_hold_what_the_records_hold(out: Path, sample: Record) -> None:
    """One row an article, claim, name, figure and finding; values as in records.jsonl."""
    records = list(read_records(out))
    summaries = [record.summary for record in records if record.summary is not None]
    counts = {name: len(rows(out, name)) for name in NAMES}
    assert counts == {
        "articles": len(records),
        "claims": sum(len(summary.claims) for summary in summaries),
        "entities": sum(len(summary.entities) for summary in summaries),
        "quantities": sum(len(claim.quantities) for summary in summaries for claim in summary.claims),
        "findings": sum(len(record.findings) for record in records),
    }
    claims = iter(rows(out, "claims"))
    for record in records:
        for claim in record.summary.claims if record.summary else ():
            row = next(claims)
            assert (row["article_id"], row["claim"]) == (record.article.id, claim.id)
            for name in ("text_en", "quote", "kind", "modality", "speaker_en", "event_date", "paragraph"):
                assert row[name] == getattr(claim, name)
            assert (row["match"], row["start"]) == (claim.evidence.match, claim.evidence.start)


@pytest.mark.parametrize("name", NAMES)
def test_csv_reads_back(name: str, out: Path) -> None:
    """By Python's own reader: every value in its text form, nothing for null."""
    expected = [{column: csv_text(value) for column, value in row.items()} for row in rows(out, name)]
    assert csv_rows(out, name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_parquet_reads_back_with_types(name: str, out: Path) -> None:
    """Decimals are exact, days are days, moments moments, lists lists, null null."""

    def typed(value: Value) -> Any:
        if isinstance(value, tuple):
            return list(value)
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value

    expected = [{column: typed(value) for column, value in row.items()} for row in rows(out, name)]
    assert parquet_rows(out, name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_xlsx_reads_back_with_types(name: str, out: Path) -> None:
    """Numbers are numbers, days days; lists have an item a line."""

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


@pytest.mark.parametrize("name", ["claims", "quantities", "findings"])
def test_decisions_show_up_in_all_formats(name: str, out: Path) -> None:
    """Verdict, edited English, note, moment, and whether the English has changed since."""
    decided = [row for row in rows(out, name) if row["verdict"]]
    assert decided
    for found in (csv_rows(out, name), parquet_rows(out, name), sheet_rows(out, name)):
        assert [row["verdict"] for row in found if row["verdict"]] == [row["verdict"] for row in decided]
    (first, second) = [row for row in rows(out, "claims") if row["verdict"]]
    assert (first["verdict"], first["edited_en"], first["decision_note"], first["english_changed"]) == (
        "edited", "Better English.", "too strong", False,
    )  # fmt: skip
    assert first["decided_at"] == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert (second["verdict"], second["edited_en"], second["english_changed"]) == ("accepted", None, True)
    (article,) = (row for row in rows(out, "articles") if row["accepted"])
    assert [article[name] for name in ("accepted", "edited", "rejected", "open")] == [1, 1, 1, 0]


def test_every_column_says_what_it_is() -> None:
    """A sentence each, no name twice, and names that need no quoting anywhere."""
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        for column in table.columns:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
            assert column.about.endswith(".")


def test_parquet_and_workbook_carry_the_sentences(out: Path) -> None:
    """In the metadata of each Parquet file and on the last sheet."""
    with duckdb.connect(":memory:") as database:
        path = str(out / "tables/claims.parquet")
        found = database.execute("SELECT key, value FROM parquet_kv_metadata(?)", [path]).fetchall()
    about = {bytes(key).decode() if isinstance(key, bytes) else key: bytes(value).decode() for key, value in found}
    assert about.items() >= {column.name: column.about for column in CLAIMS.columns}.items()
    explained = sheet_rows(out, "columns")
    assert len(explained) == sum(len(table.columns) for table in TABLES)


def test_sheets_have_filters_and_a_header_that_stays(out: Path) -> None:
    """Over all rows and columns."""
    book = openpyxl.load_workbook(out / "tables/tables.xlsx")
    assert book.sheetnames == [*NAMES, "columns"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions


def test_csv_is_utf_8_with_a_mark_and_lines_as_the_standard_has_them(out: Path) -> None:
    """RFC 4180: CRLF at the ends of records, the last one too."""
    for name in NAMES:
        content = (out / f"tables/{name}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbfarticle_id,")
        assert content.endswith(b"\r\n")


def test_the_same_records_give_the_same_bytes_and_are_not_written_again(tmp_path: Path, sample: Record) -> None:
    """Time stamps stay, for every format, and no temporary file does."""
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


def test_no_file_is_left_of_other_records(tmp_path: Path, sample: Record) -> None:
    """Formats that were asked for once are kept up with the CSV."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    write_tables(folder, [])
    for name in NAMES:
        assert csv_rows(folder, name) == parquet_rows(folder, name) == sheet_rows(folder, name) == []


def test_an_article_without_a_summary_is_a_row_and_no_more(tmp_path: Path, sample: Record) -> None:
    """Failed, skipped, pending: the article's row has the reason, the other tables nothing."""
    failed = sample.model_copy(update={"summary": None, "source": None, "findings": [], "status": "failed"})
    folder = write_records(tmp_path / "out", [failed])
    write_tables(folder, [failed])
    assert [len(csv_rows(folder, name)) for name in NAMES] == [1, 0, 0, 0, 0]
    assert csv_rows(folder, "articles")[0]["claims"] == ""


# --- hostile text


def spreadsheet_cells(content: str, separator: str) -> Iterator[str]:
    """The cells of a CSV as a program takes them that parts at ``separator``."""
    for line in csv.reader(content.splitlines(keepends=True), delimiter=separator):
        yield from line


@pytest.fixture(scope="module")
def hostile_out(tmp_path_factory: pytest.TempPathFactory, out: Path) -> Path:
    """One record for each hostile text, with that text everywhere, and a decision that says it too."""
    sample = next(record for record in read_records(out) if record.status == "flagged")
    made = []
    for number, case in enumerate(HOSTILE):
        record = hostile(sample, case["text"])
        article = record.article.model_copy(update={"id": f"a{number}", "sha256": f"{number:064x}"})
        made.append(record.model_copy(update={"article": article}))
    folder = write_records(tmp_path_factory.mktemp("hostile") / "out", made)
    said = [
        decide(record, 0, "edited", text=case["text"], note=case["text"])
        for record, case in zip(made, HOSTILE, strict=True)
        if case["text"].strip()
    ]
    save_decisions(folder, *said)
    write_tables(folder, made, ALL)
    return folder


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_a_csv_starts_a_formula(name: str, separator: str, hostile_out: Path) -> None:
    """Whichever separator the program that opens it takes; numbers may be negative."""
    content = (hostile_out / f"tables/{name}.csv").read_text("utf-8-sig")
    for one in spreadsheet_cells(content, separator):
        assert one[:1] not in tuple("=+-@\t\r＝＋－＠") or re.fullmatch(r"-[0-9.]+", one), one


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_breaks_no_row_of_a_csv(name: str, hostile_out: Path) -> None:
    """As many rows as there are, each with all its columns, and no control character in the file."""
    found = csv_rows(hostile_out, name)
    assert len(found) == len(rows(hostile_out, name))
    assert all(None not in row and None not in row.values() for row in found)
    content = (hostile_out / f"tables/{name}.csv").read_text("utf-8-sig")
    assert re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", content) is None


@pytest.mark.parametrize("name", NAMES)
def test_parquet_keeps_hostile_text_letter_for_letter(name: str, hostile_out: Path) -> None:
    """Nothing opens it by a double click: there is nothing to disarm."""
    found = parquet_rows(hostile_out, name)
    for row, expected in zip(found, rows(hostile_out, name), strict=True):
        for column, value in expected.items():
            assert row[column] == (value if isinstance(value, str | None) else row[column])


def test_a_workbook_has_neither_formulas_nor_links(hostile_out: Path) -> None:
    """Text is typed as text; what could become a formula when edited is marked as text for good."""
    book = openpyxl.load_workbook(hostile_out / "tables/tables.xlsx")
    for sheet in book:
        for line in sheet.iter_rows():
            for one in line:
                assert one.data_type in ("s", "n", "b", "d"), one.coordinate
                assert one.hyperlink is None
                if isinstance(one.value, str) and one.value[:1] in tuple("=+-@"):
                    assert one.quotePrefix, one.coordinate
    titles = [row["title_en"] for row in sheet_rows(hostile_out, "articles")]
    for case, title in zip(HOSTILE, titles, strict=True):
        if case["text"].isprintable():
            shown = openpyxl.utils.escape.unescape(title) if "_x" in title else title
            assert shown == case["text"], case["label"]


def test_negative_numbers_stay_numbers(tmp_path: Path, sample: Record) -> None:
    """Only text is disarmed."""
    changed = with_value(sample, "-12.50")
    folder = write_records(tmp_path / "out", [changed])
    write_tables(folder, [changed], ALL)
    assert csv_rows(folder, "quantities")[0]["value"] == "-12.50"
    assert parquet_rows(folder, "quantities")[0]["value"] == Decimal("-12.50")
    assert sheet_rows(folder, "quantities")[0]["value"] == -12.5


def test_a_partial_date_is_disarmed() -> None:
    """A day of no year starts with two minus signs: a spreadsheet would reckon with it."""
    assert disarm("--11-05") == "'--11-05"
    assert disarm("2026-11-05 – 11") == "2026-11-05 – 11"


# --- limits


def with_value(record: Record, value: str) -> Record:
    """The record with this value in its first figure."""
    assert record.summary is not None
    number = next(n for n, claim in enumerate(record.summary.claims) if claim.quantities)
    claim = record.summary.claims[number]
    first = claim.quantities[0].model_copy(update={"value": value})
    claims = list(record.summary.claims)
    claims[number] = claim.model_copy(update={"quantities": [first, *claim.quantities[1:]]})
    return record.model_copy(update={"summary": record.summary.model_copy(update={"claims": claims})})


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
def test_a_number_that_does_not_fit_is_noted_and_whole_in_the_csv(
    value: str, in_parquet: Decimal | None, in_workbook: Any, notes: list[str], tmp_path: Path, sample: Record
) -> None:
    """Exact or not at all: no format rounds."""
    changed = with_value(sample, value)
    folder = write_records(tmp_path / "out", [changed])
    told = write_tables(folder, [changed], ALL)
    assert [note.split(":")[0] for note in told] == notes
    assert all("quantities.value of es-embalse" in note for note in told)
    assert csv_rows(folder, "quantities")[0]["value"] == value
    assert parquet_rows(folder, "quantities")[0]["value"] == in_parquet
    assert sheet_rows(folder, "quantities")[0]["value"] == in_workbook


@pytest.mark.parametrize("letter", ["é", "界", "𠀀"], ids=["Latin", "Han", "outside the BMP"])
def test_a_text_longer_than_a_cell_is_cut_with_a_note(letter: str, tmp_path: Path, sample: Record) -> None:
    """In the units that spreadsheets count; the other formats have it whole."""
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


def test_a_table_longer_than_a_sheet_goes_on_in_another(tmp_path: Path, out: Path) -> None:
    """No row is lost; every sheet has the header, and a note says so."""
    notes = Notes()
    expected = rows(out, "claims")
    (tmp_path / "tables").mkdir()
    with open_xlsx(tmp_path / "tables", notes, max_rows=51) as add:
        add(CLAIMS, [tuple(row.values()) for row in expected])
    book = openpyxl.load_workbook(tmp_path / "tables/tables.xlsx")
    sheets = [name for name in book.sheetnames if name.startswith("claims")]
    assert len(sheets) == -(-len(expected) // 50)
    found = [row["quote"] for name in sheets for row in sheet_rows(tmp_path, name)]
    assert found == [row["quote"] for row in expected]
    assert "51 rows" in notes.lines[0]


def test_old_days_are_text_in_a_workbook(tmp_path: Path, sample: Record) -> None:
    """Its calendar starts in 1900; the other formats have the day."""
    assert sample.summary is not None
    old = sample.model_copy(update={"summary": sample.summary.model_copy(update={"published": "1889-04-16"})})
    folder = write_records(tmp_path / "out", [old])
    write_tables(folder, [old], ALL)
    assert sheet_rows(folder, "articles")[0]["published_day"] == "1889-04-16"
    assert parquet_rows(folder, "articles")[0]["published_day"] == date(1889, 4, 16)


# --- choosing, and what can go wrong


@pytest.mark.parametrize(
    ("asked", "formats"),
    [("csv", ("csv",)), ("xlsx", ("csv", "xlsx")), (" Parquet, xlsx,", ALL), ("", ("csv",))],
)
def test_csv_is_always_written(asked: str, formats: tuple[str, ...]) -> None:
    """Others come on top."""
    assert tables.parse_formats(asked) == formats


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    """Exit 2."""
    with pytest.raises(ConfigError, match=r"ods. Choose from csv, parquet, xlsx"):
        tables.parse_formats("csv,ods")


@pytest.mark.parametrize(("name", "library"), [("parquet", "duckdb"), ("xlsx", "xlsxwriter")])
def test_a_missing_extra_is_named(
    name: str, library: str, tmp_path: Path, sample: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What to install; and files that can no longer be kept up are said to be old, not written over or removed."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    monkeypatch.setattr(tables, "find_spec", lambda wanted: None if wanted == library else True)
    with pytest.raises(ConfigError, match=rf"pip install 'dragoman\[{name}\]'"):
        tables.parse_formats(name)
    (note,) = write_tables(folder, [])
    assert f"the {name} tables are out of date" in note
    assert f"dragoman[{name}]" in note


def test_csv_loads_none_of_the_extras(tmp_path: Path, sample: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core works without them."""
    for library in ("duckdb", "xlsxwriter"):
        monkeypatch.setitem(sys.modules, library, None)
    folder = write_records(tmp_path / "out", [sample])
    assert write_tables(folder, [sample]) == []
    assert len(csv_rows(folder, "articles")) == 1


@pytest.mark.parametrize("formats", [("csv",), ("csv", "parquet"), ("csv", "xlsx")], ids=["csv", "parquet", "xlsx"])
def test_a_disk_that_takes_nothing_is_said_so(formats: tuple[str, ...], tmp_path: Path, sample: Record) -> None:
    """Exit 7, with the place."""
    folder = write_records(tmp_path / "out", [sample])
    (folder / "tables").write_text("a file in the way")
    with pytest.raises(StoreError, match="tables"):
        write_tables(folder, [sample], formats)


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, sample: Record) -> None:
    """Files are whole or as they were, and nothing temporary is left."""
    folder = write_records(tmp_path / "out", [sample])
    write_tables(folder, [sample], ALL)
    before = {path.name: path.read_bytes() for path in (folder / "tables").iterdir()}

    def broken() -> Iterator[Record]:
        yield sample
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        write_tables(folder, broken(), ALL)
    assert {path.name: path.read_bytes() for path in (folder / "tables").iterdir()} == before


def test_lists_in_a_csv_are_json(out: Path) -> None:
    """No separator inside an item can be mistaken for one between items."""
    for row, record in zip(csv_rows(out, "articles"), read_records(out), strict=True):
        assert record.summary is not None
        assert json.loads(row["key_points"]) == record.summary.key_points


def test_report_writes_the_formats_that_are_asked_for(tmp_path: Path) -> None:
    """`--tables`: CSV always, others on top; an unknown one is exit 2 and nothing is written."""
    folder = sample_folder(tmp_path / "out")
    assert here("report", folder, "--tables", "ods").code == 2
    assert not (folder / "tables").exists()
    assert here("report", folder, "--tables", "parquet,xlsx").code == 0
    assert {path.suffix for path in (folder / "tables").iterdir()} == {".csv", ".parquet", ".xlsx"}


UNSEEN = {
    "a space": " ", "spaces": "   ", "a no-break space": "\u00a0", "an ideographic space": "\u3000",
    "a thin space": "\u2009", "a byte order mark": "\ufeff", "a space of no width": "\u200b", "a joiner": "\u200d",
    "a mark of direction": "\u200f", "a word joiner": "\u2060", "a soft hyphen": "\u00ad", "a filler": "\u3164",
    "an empty pattern of Braille": "\u2800", "a selector": "\ufe0f", "a grapheme joiner": "\u034f",
    "a tag": "\U000e0020",
    "next line": "\x85", "a line separator": "\u2028", "many of them": " \u00a0\ufeff\u200b ",
}  # fmt: skip


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_what_nobody_sees_before_a_formula_does_not_hide_it(name: str, sign: str) -> None:
    """At the start of a cell, and behind whatever may part cells: an apostrophe stands before all of it."""
    hidden = f"{UNSEEN[name]}{sign}1+1"
    assert disarm(hidden) == f"'{hidden}"
    assert may_start_formula(hidden)
    assert disarm(f"a;{hidden}") == f"a;'{hidden}"
    assert disarm(f"a\n{hidden}").startswith("a\n'")
    # In the CSV hidden characters are shown; then they hide nothing, and white space stays what it is.
    cell = sanitize(hidden)
    assert cell.lstrip(" \u00a0")[0] in "'⟨"
    assert sanitize(f"x{hidden}")[0] == "x"


def test_ordinary_cells_are_left_alone() -> None:
    """Spaces, signs and hyphens inside a text start nothing."""
    for text in ("", " ", " a = b", "a - b", "\u00a0a", "a; b", "5 - 3", "x;y", "(=)", "e-mail", "\ufeffa"):
        assert disarm(text) == text


def test_disarming_takes_one_look_at_a_run_of_white_space() -> None:
    """A possessive run and no separators in it: a cell of line ends and spaces is not looked at again from each."""
    assert "*+[" in _FORMULA.pattern
    assert not re.compile(_INVISIBLE).search("\t\r\n;")


def test_a_hidden_formula_stays_text_in_a_workbook(tmp_path: Path, sample: Record) -> None:
    """Typed as text, with the program's own text mark."""
    assert sample.summary is not None
    changed = sample.model_copy(update={"summary": sample.summary.model_copy(update={"title_en": "\u00a0=1+1"})})
    folder = write_records(tmp_path / "out", [changed])
    write_tables(folder, [changed], ALL)
    book = openpyxl.load_workbook(folder / "tables/tables.xlsx")
    (cell,) = [one for line in book["articles"].iter_rows() for one in line if one.value == "\u00a0=1+1"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert csv_rows(folder, "articles")[0]["title_en"] == "'\u00a0=1+1"
