"""One run into a folder: what it does when the folder cannot be written, and what it notes for the next run."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from dragoman import run
from dragoman.config import Settings
from dragoman.core.outcome import Outcome
from dragoman.errors import StoreError
from dragoman.output.folder import OutputFolder
from dragoman.runs.run import _ask_last
from tests.support.commands import articles, run_facts
from tests.support.service import Service


def test_a_folder_that_cannot_be_written_stops_the_run(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replies are in the store, so nothing is lost; but nothing more is paid for."""
    calls = itertools.count()
    add = OutputFolder.add

    def full(self: OutputFolder, outcome: Outcome, path: Path) -> None:
        if next(calls) == 1:
            raise StoreError("the disk is full")
        add(self, outcome, path)

    monkeypatch.setattr(OutputFolder, "add", full)
    with Service() as service:
        settings = Settings(base_url=service.url, store=store_path, concurrency=1)
        done = run(articles(tmp_path / "in", 30), tmp_path / "out", settings)
        assert service.paid < 30
    assert (done.exit_code, str(done.ended_by)) == (7, "the disk is full")
    assert done.counts.statuses["ok"] == service.paid
    assert done.counts.statuses["pending"] == 30 - service.paid == done.facts.left
    assert len(done.remaining) == min(10, done.facts.left)


def test_a_run_that_cannot_write_its_end_still_returns_a_result(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run.json` says that the run has no end; the result has exit code 7."""

    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(OutputFolder, "end", full)
    with Service() as service:
        settings = Settings(base_url=service.url, store=store_path)
        done = run(articles(tmp_path / "in", 2), tmp_path / "out", settings)
    assert (done.exit_code, str(done.ended_by), dict(done.counts.statuses)) == (7, "the disk is full", {"ok": 2})
    assert run_facts(tmp_path / "out")["exit_code"] is None


def test_the_next_run_asks_last_what_was_rejected_and_most_recently_rejected_last_of_all() -> None:
    """Only while the service is not known to answer any request."""
    assert _ask_last(["a", "b", "c"], ["b", "d"], lambda: False) == ["a", "c", "b", "d"]
    assert _ask_last(["a", "b", "c"], ["b", "d"], lambda: True) == []
    assert _ask_last([], [], lambda: False) == []
