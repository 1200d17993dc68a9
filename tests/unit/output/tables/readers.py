"""Read tables back, each format with another library, and derive what they must hold from the records."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from dragoman.core.record import Record
from dragoman.output.decision_matching import FolderDecisions
from dragoman.output.decisions import read_decisions
from dragoman.output.read import read_records
from dragoman.output.tables.columns import Value
from dragoman.output.tables.rows import TABLES

ALL = ("csv", "parquet", "xlsx")


NAMES = [table.name for table in TABLES]


def rows(folder: Path, name: str) -> list[dict[str, Value]]:
    """What a table must hold, from the records and decisions."""
    decisions = FolderDecisions(read_decisions(folder))
    (table,) = (table for table in TABLES if table.name == name)
    names = [column.name for column in table.columns]
    return [
        dict(zip(names, row, strict=True))
        for record in read_records(folder)
        for row in table.rows(record.to_dict(), decisions.match(record))
    ]


def csv_rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"tables/{name}.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, strict=True))


def parquet_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with duckdb.connect(":memory:") as database:
        cursor = database.execute("SELECT * FROM read_parquet(?)", [str(folder / f"tables/{name}.parquet")])
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def sheet_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(folder / "tables/tables.xlsx")
    lines = [[one.value for one in line] for line in book[name].iter_rows()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def with_value(record: Record, value: str) -> Record:
    """The record with this value in its first figure."""
    assert record.summary is not None
    number = next(n for n, claim in enumerate(record.summary.claims) if claim.quantities)
    claim = record.summary.claims[number]
    first = claim.quantities[0].model_copy(update={"value": value})
    claims = list(record.summary.claims)
    claims[number] = claim.model_copy(update={"quantities": [first, *claim.quantities[1:]]})
    return record.model_copy(update={"summary": record.summary.model_copy(update={"claims": claims})})
