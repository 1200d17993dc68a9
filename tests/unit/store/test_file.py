"""The file of a store: how it is opened, and names for the files beside it."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from dragoman.store.owner import mark_of_this_process
from dragoman.store.sqlite.file import check_closed, clear_leftovers, connect, create, temporary_beside


def test_opening_waits_up_to_a_minute_for_a_commit_of_another_process(store_path: Path) -> None:
    """Its disk may be slow; after that the store is reported as locked."""
    create(store_path)
    with closing(connect(store_path)) as db:
        assert db.execute("PRAGMA busy_timeout").fetchone()[0] == 60_000


def test_files_that_a_killed_process_left_are_removed_and_those_of_living_processes_stay(store_path: Path) -> None:
    """Their names say which process made them; other files beside the store are never touched."""
    machine = mark_of_this_process().partition("-")[0]
    dead = store_path.with_name(f".{store_path.name}-{machine}-{2**22 + 1}-0123456789ab.repair-wal")
    own = temporary_beside(store_path, ".repair")
    other_files = [store_path.with_name(name) for name in ("other.sqlite", f".{store_path.name}-backup")]
    for path in (dead, own, *other_files):
        path.touch()
    clear_leftovers(store_path)
    assert not dead.exists()
    assert all(path.exists() for path in (own, *other_files))


@pytest.mark.parametrize(("content", "complete"), [(None, True), (b"", True), (b"frames", False)])
def test_a_closed_store_with_a_log_is_not_complete(content: bytes | None, complete: bool, store_path: Path) -> None:
    """SQLite reports nothing when the disk is too full to move the log into the file."""
    if content is not None:
        Path(f"{store_path}-wal").write_bytes(content)
    if complete:
        check_closed(store_path)
    else:
        with pytest.raises(OSError, match=os.strerror(28)):
            check_closed(store_path)
