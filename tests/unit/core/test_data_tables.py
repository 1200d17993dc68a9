"""The tables among the package's data are read without their comments."""

from __future__ import annotations

import pytest

from dragoman.core.data_tables import table_rows

CELLS = {"cues.tsv": 3, "walls.tsv": 3, "units.tsv": 3, "unit_words.tsv": 3, "lookalikes.tsv": 3, "top_labels.txt": 1}


@pytest.mark.parametrize(("name", "cells"), CELLS.items(), ids=CELLS)
def test_every_row_of_a_table_has_all_its_cells(name: str, cells: int) -> None:
    """None is empty, and none is a comment."""
    rows = table_rows(name)
    assert len(rows) > 10
    for row in rows:
        assert len(row) == cells
        assert all(cell.strip() for cell in row)
        assert not row[0].startswith("#")
