"""Rebuilding a folder: everything is made again from records, and an interruption is noticed by the next run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dragoman.core.file_lock import FolderLock
from dragoman.core.outcome import Outcome
from dragoman.core.run_report import RunReport
from dragoman.errors import ConfigError, StoreError
from dragoman.output import rebuild as module
from dragoman.output.read import read_records
from dragoman.output.rebuild import locked, rebuild, replace_records
from dragoman.output.run_file import read_run, write_run
from tests.support.folders import sample_folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = sample_folder(tmp_path / "out")
    (folder / "articles").mkdir()
    write_run(folder, RunReport(dragoman="0.1.0"))
    return folder


def test_everything_is_rebuilt_from_the_records(out: Path) -> None:
    """Index, pages, report and tables; ``run.json`` says what they were built from."""
    with locked(out):
        records, notes = rebuild(out)
    assert len(records) == 7
    assert notes == []
    assert {path.stem for path in (out / "articles").iterdir()} == {record.article.id for record in records}
    for name in ("index.md", "report.html", "tables/claims.csv"):
        assert (out / name).exists()
    assert read_run(out).built is not None


def test_an_interrupted_rebuild_is_noticed_by_the_next_run(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``built`` is null from the first change to the last."""
    with locked(out):
        rebuild(out)

    def killed(*_: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_tables_and_report", killed)
    with pytest.raises(KeyboardInterrupt), locked(out):
        rebuild(out)
    assert read_run(out).built is None


def test_a_changed_source_is_refused_before_anything_is_written(out: Path) -> None:
    """No page and no table is made from a text that does not fit its record."""
    source = next((out / "sources").iterdir())
    source.write_bytes(source.read_bytes() + b"x")
    with pytest.raises(ConfigError, match="was changed"), locked(out):
        rebuild(out)
    assert not (out / "index.md").exists()


def test_records_are_replaced_together_with_everything_made_from_them(out: Path) -> None:
    """Two of seven records: the index and the tables show these two."""
    records = list(read_records(out))[:2]
    with locked(out):
        replace_records(out, [Outcome(record, None) for record in records])
    assert list(read_records(out)) == records
    assert (out / "tables/articles.csv").read_bytes().count(b"\r\n") == 3
    assert (out / "index.md").read_text("utf-8").count("](articles/") == 2


def test_a_folder_that_another_command_writes_into_is_refused(out: Path) -> None:
    """Two commands never write into one folder at once."""
    with FolderLock(out), pytest.raises(StoreError), locked(out):
        pass


def test_a_folder_that_does_not_exist_is_not_an_output_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"), locked(tmp_path / "none"):
        pass


def test_a_disk_error_is_a_store_error_with_the_folder(out: Path) -> None:
    """Exit 7 and not a traceback."""
    with pytest.raises(StoreError, match="cannot be written: No space left on device"), locked(out):
        raise OSError(28, os.strerror(28))
