"""``run.json`` is read with caution, because another program or version may have written it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.core.run_report import RunReport
from dragoman.errors import ConfigError
from dragoman.output.run_file import read_run, write_run


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    """All facts that were noted come back."""
    report = RunReport(dragoman="0.1.0", articles=3, inputs={"a": "/in/a.txt"}, notes=["a note"])
    write_run(tmp_path, report)
    assert read_run(tmp_path).to_json() == report.to_json()


def test_a_missing_file_gives_an_empty_report(tmp_path: Path) -> None:
    """A folder without a run is nothing unusual."""
    assert not read_run(tmp_path).is_written


@pytest.mark.parametrize("content", [b"", b"not JSON", b"\xff\xfe", b"[]"])
def test_a_file_that_is_no_report_gives_an_empty_report(content: bytes, tmp_path: Path) -> None:
    """What it holds does not matter; `ownership` decides whether it may be overwritten."""
    (tmp_path / "run.json").write_bytes(content)
    assert not read_run(tmp_path).is_written


def test_a_folder_in_its_place_is_refused_by_name(tmp_path: Path) -> None:
    """No run leaves such a thing, so a person has to look at it."""
    (tmp_path / "run.json").mkdir()
    with pytest.raises(ConfigError, match=r"run\.json cannot be read"):
        read_run(tmp_path)
