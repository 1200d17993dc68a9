"""Parquet: exact types and unchanged texts, read back by DuckDB."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dragoman.output.tables.columns import Value
from tests.unit.output.tables.readers import NAMES, parquet_rows, rows


@pytest.mark.parametrize("name", NAMES)
def test_parquet_reads_back_with_types(name: str, out: Path) -> None:
    """Exact decimals, dates, times, lists and nulls."""

    def typed(value: Value) -> Any:
        if isinstance(value, tuple):
            return list(value)
        return value.replace(tzinfo=None) if isinstance(value, datetime) else value

    expected = [{column: typed(value) for column, value in row.items()} for row in rows(out, name)]
    assert parquet_rows(out, name) == expected


@pytest.mark.parametrize("name", NAMES)
def test_parquet_keeps_hostile_text_letter_for_letter(name: str, hostile_out: Path) -> None:
    """No spreadsheet opens it by a double click, so nothing is disarmed."""
    table = parquet_rows(hostile_out, name)
    for row, expected in zip(table, rows(hostile_out, name), strict=True):
        for column, value in expected.items():
            assert row[column] == (value if isinstance(value, str | None) else row[column])
