"""What a run takes over from an earlier run into the same folder: an unfinished refresh, and paid replies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.config import Settings
from dragoman.core.run_report import RunReport
from dragoman.errors import RepliesElsewhere, RepliesRescued, StoreError
from dragoman.runs.resume import import_rescued, not_imported, refresh_start
from dragoman.store import recordings
from dragoman.store.maintenance import Imported
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, request_of

KILLED: dict[str, Any] = {"refreshed_after": 7, "exit_code": None, "ended_by": None}


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("facts", "start"),
    [
        (KILLED, 7),
        ({"refreshed_after": 7, "exit_code": 5, "ended_by": "the cap is reached"}, 7),
        ({"refreshed_after": 7, "exit_code": 0, "ended_by": None}, None),
        ({"refreshed_after": 7, "exit_code": 3, "ended_by": None}, None),
        ({}, None),
    ],
    ids=["killed", "ended by its budget", "complete", "complete, with failures", "no earlier run"],
)
def test_a_refresh_that_was_not_completed_goes_on(facts: dict[str, Any], start: int | None, store_path: Path) -> None:
    """What it has bought since it began is not bought again. A new refresh asks for everything."""
    assert refresh_start(RunReport(**facts), Settings(refresh=True, store=store_path)) == start


def test_a_refresh_goes_on_only_with_the_same_store(store_path: Path) -> None:
    """Numbers of rows mean nothing in another store. Without `refresh` there is nothing to continue."""
    refresh = Settings(refresh=True, store=store_path)
    assert refresh_start(RunReport(**KILLED, store=str(store_path.absolute())), refresh) == 7
    assert refresh_start(RunReport(**KILLED, store=str(store_path.with_name("other.sqlite"))), refresh) is None
    assert refresh_start(RunReport(**KILLED), Settings(store=store_path)) is None


def rescued(tmp_path: Path, secret: bytes | None, count: int = 1) -> RunReport:
    """The `run.json` of a run that saved paid replies in a folder, marked with the secret of a store."""
    folder = tmp_path / "rescued"
    for number in range(count):
        recordings.write(folder, exchange_of(request_of(f"{number}"), cost_usd="0.01"), secret)
    return RunReport(rescued_to=str(folder))


def test_replies_with_the_mark_of_this_store_are_imported_once(store: Store, tmp_path: Path) -> None:
    """They are in the store before anything is asked for."""
    earlier = rescued(tmp_path, store.secret, count=2)
    imported = import_rescued(store, earlier)
    assert (imported.taken, imported.unmarked, not_imported(imported, earlier)) == (2, 0, [])
    assert len(list(store.exchanges())) == 2
    assert import_rescued(store, earlier).taken == 0


@pytest.mark.parametrize("secret", [None, b"x" * 32], ids=["no mark", "the mark of another store"])
def test_other_recordings_end_the_run_unless_it_may_buy_their_replies_again(
    secret: bytes | None, store: Store, tmp_path: Path
) -> None:
    """Whoever wrote `run.json` may have named any folder: nothing in it is taken for a reply of the service."""
    earlier = rescued(tmp_path, secret)
    with pytest.raises(RepliesElsewhere, match=r"1 recording there was not imported, .* `dragoman store import "):
        import_rescued(store, earlier)
    imported = import_rescued(store, earlier, buy_again=True)
    assert not_imported(imported, earlier) == [
        f"1 paid reply in {earlier.rescued_to} was not imported, for lack of the mark of this store"
    ]
    assert list(store.exchanges()) == []


def test_several_recordings_are_counted_in_the_plural(store: Store, tmp_path: Path) -> None:
    """In the error and in `run.json`."""
    earlier = rescued(tmp_path, None, count=2)
    with pytest.raises(RepliesElsewhere, match="2 recordings there were not imported"):
        import_rescued(store, earlier)
    (sentence,) = not_imported(import_rescued(store, earlier, buy_again=True), earlier)
    assert sentence.startswith("2 paid replies in ")


def test_a_store_that_still_accepts_nothing_says_where_the_replies_are(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the folder and the command that imports it."""

    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    earlier = rescued(tmp_path, store.secret)
    monkeypatch.setattr(Store, "save", full)
    with pytest.raises(RepliesRescued, match="the disk is full") as caught:
        import_rescued(store, earlier)
    assert f"saved in {earlier.rescued_to}" in str(caught.value)
    assert f"`dragoman store import {earlier.rescued_to} --store {store.path}`" in str(caught.value)


def test_without_a_store_or_a_folder_nothing_is_imported(store: Store, tmp_path: Path) -> None:
    """Replay has no store, and a folder may have been removed since."""
    nothing = Imported(0, 0)
    assert import_rescued(None, rescued(tmp_path, None)) == nothing
    assert import_rescued(store, RunReport()) == nothing
    assert import_rescued(store, RunReport(rescued_to=str(tmp_path / "removed"))) == nothing
