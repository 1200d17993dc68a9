"""Tables and report come from one pass over the records, with the decisions that are in the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.errors import StoreError
from dragoman.output.read import read_records
from dragoman.output.tables_and_report import write_tables_and_report
from tests.support.folders import decide, sample_folder, save_decisions


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return sample_folder(tmp_path / "out")


def test_records_are_taken_once(out: Path) -> None:
    """An iterator is enough for both."""
    records = list(read_records(out))
    save_decisions(out, decide(records[0], "c1", "rejected"))
    assert write_tables_and_report(out, (record.to_dict() for record in records)) == []
    assert (out / "report.html").exists()
    assert b"rejected" in (out / "tables/claims.csv").read_bytes()


def test_a_source_text_that_is_gone_leaves_the_rest_of_the_report(out: Path) -> None:
    """An earlier article may have lost its text; its record is still worth reading."""
    for path in (out / "sources").iterdir():
        path.unlink()
    write_tables_and_report(out, (record.to_dict() for record in read_records(out)))
    assert (out / "report.html").exists()


def test_decisions_that_became_unreadable_are_a_store_error(out: Path) -> None:
    """The records are in place by then: exit 7, and running again completes the folder."""
    (out / "decisions.json").write_text("{")
    with pytest.raises(StoreError, match=r"could not be updated: .*decisions\.json.*run again"):
        write_tables_and_report(out, [])
    assert not (out / "report.html").exists()
