"""What a folder was built from: any change is seen, and the cost of a folder counts each exchange once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dragoman.core.header import RecordHeader
from dragoman.output import build_state
from dragoman.output.build_state import BuildState, FolderCost, file_digest, file_size


def header(*exchanges: tuple[str, str | None]) -> RecordHeader:
    return RecordHeader("a", "a", "ok", None, None, "vi", (), exchanges, None, 1, (), (), 0, False)


def test_the_cost_of_a_folder_counts_each_exchange_once() -> None:
    """Two articles with the same bytes share their exchanges; a price that is not known is counted apart."""
    cost = FolderCost.of([header(("k1", "0.5"), ("k2", None)), header(("k1", "0.5"), ("k3", "0.25"))])
    assert cost == FolderCost("0.75", 1)


def test_a_folder_without_exchanges_cost_nothing() -> None:
    """Zero, and not unknown."""
    assert FolderCost.of([]) == FolderCost("0", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    for name in ("records.jsonl", "index.md", "report.html", "tables/claims.csv"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_folder_that_did_not_change_is_current(folder: Path) -> None:
    """Also after its state went through ``run.json``."""
    state = BuildState.of_folder(folder, file_digest(folder / "decisions.json"))
    assert state.is_current(folder)
    assert BuildState.from_facts(state.to_facts()) == state
    assert set(state.files) == {"index.md", "report.html", "tables/claims.csv"}


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "index.md").write_text("another length"),
        lambda folder: os.utime(folder / "report.html", (1, 1)),
        lambda folder: (folder / "tables/claims.csv").unlink(),
        lambda folder: (folder / "report-1.html").write_text("new"),
        lambda folder: (folder / "decisions.json").write_text("{}"),
    ],
    ids=["size", "time", "a missing table", "a new part of the report", "decisions"],
)
def test_any_change_of_the_built_files_or_the_decisions_is_seen(change: object, folder: Path) -> None:
    """Then everything is built again."""
    state = BuildState.of_folder(folder, file_digest(folder / "decisions.json"))
    assert callable(change)
    change(folder)
    assert not state.is_current(folder)


def test_another_version_of_dragoman_builds_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pages may look different."""
    state = BuildState.of_folder(folder, None)
    monkeypatch.setattr(build_state, "program_digest", lambda: "another version")
    assert not state.is_current(folder)
    assert not state.is_by_this_program


def test_without_facts_nothing_is_current(folder: Path) -> None:
    """A killed run leaves no facts about what it built."""
    assert not BuildState.from_facts(None).is_current(folder)


def test_a_file_that_does_not_exist_has_neither_digest_nor_size(tmp_path: Path) -> None:
    """None, and not the digest of nothing."""
    assert file_digest(tmp_path / "none") is None
    assert file_size(tmp_path / "none") is None
