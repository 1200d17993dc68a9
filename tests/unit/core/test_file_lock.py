"""A folder lock keeps other commands out, and notices when the folder is no longer the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dragoman.core.file_lock import FolderLock
from dragoman.errors import StoreError


def test_a_locked_folder_cannot_be_locked_again(tmp_path: Path) -> None:
    """Until the lock is released. The message names the folder."""
    with FolderLock(tmp_path), pytest.raises(StoreError, match=f"another dragoman command is writing into {tmp_path}"):
        FolderLock(tmp_path)
    FolderLock(tmp_path).close()


def test_shared_locks_exclude_only_exclusive_ones(tmp_path: Path) -> None:
    """Several commands may share a folder. None of them may be alone in it."""
    with FolderLock(tmp_path, shared=True) as first:
        first.share()
        with FolderLock(tmp_path, shared=True), pytest.raises(StoreError):
            FolderLock(tmp_path)


def test_a_missing_folder_cannot_be_locked(tmp_path: Path) -> None:
    """The caller decides what to say about it."""
    with pytest.raises(OSError, match="No such file"):
        FolderLock(tmp_path / "missing")


@pytest.mark.parametrize("change", ["deleted", "replaced", "moved"])
def test_a_folder_that_is_no_longer_the_same_is_an_error(tmp_path: Path, change: str) -> None:
    """Also when a new folder has its path."""
    folder = tmp_path / "out"
    folder.mkdir()
    with FolderLock(folder) as lock:
        lock.check()
        if change == "moved":
            folder.rename(tmp_path / "elsewhere")
        else:
            shutil.rmtree(folder)
        if change == "replaced":
            folder.mkdir()
        with pytest.raises(StoreError, match="was moved, deleted or replaced"):
            lock.check()


NAMES = (".dragoman-0a1b.part", ".dragoman-table_x")


def test_only_temporary_files_of_killed_commands_are_removed(tmp_path: Path) -> None:
    """Files and folders with the names that Dragoman gives to temporary ones, and nothing else."""
    (tmp_path / NAMES[0]).write_text("x", "utf-8")
    (tmp_path / NAMES[1]).mkdir()
    (tmp_path / "records.jsonl").write_text("x", "utf-8")
    (tmp_path / ".dragoman-notes.txt").write_text("x", "utf-8")
    with FolderLock(tmp_path) as lock:
        lock.clear([tmp_path, tmp_path / "missing"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".dragoman-notes.txt", "records.jsonl"]


def test_nothing_is_removed_from_a_folder_that_others_may_use(tmp_path: Path) -> None:
    """The temporary file may be in use by another command."""
    (tmp_path / NAMES[0]).write_text("x", "utf-8")
    with FolderLock(tmp_path, shared=True) as lock:
        lock.share()
        lock.clear([tmp_path])
    assert (tmp_path / NAMES[0]).exists()
