"""A file is written completely or not at all, and a failure at any step leaves the old file."""

from __future__ import annotations

import errno
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dragoman.core.files import replacing, write_whole
from dragoman.errors import StoreError


@settings(deadline=None, max_examples=30, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("line ends\r\nof every\rkind\n")
@example("NUL \0, mark \ufeff, emoji 🧭")
@given(st.text(st.characters(codec="utf-8")))
def test_a_file_contains_the_text_unchanged(tmp_path: Path, text: str) -> None:
    """UTF-8 without a byte order mark, line ends unchanged."""
    write_whole(tmp_path / "file", text)
    assert (tmp_path / "file").read_bytes() == text.encode()
    assert not write_whole(tmp_path / "file", text)


def test_a_file_with_the_same_text_is_not_written_again(tmp_path: Path) -> None:
    """The result is True when the file was written and False otherwise; then even its inode is the same."""
    path = tmp_path / "deep" / "er" / "file"
    assert write_whole(path, "one")
    before = path.stat()
    assert not write_whole(path, "one")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert write_whole(path, "two")
    assert [child.name for child in path.parent.iterdir()] == ["file"]


def test_an_error_in_the_block_leaves_the_old_file_and_no_temporary_file(tmp_path: Path) -> None:
    """The error itself is raised."""
    path = tmp_path / "file"
    write_whole(path, "old")

    def fail_halfway() -> None:
        with replacing(path) as handle:
            handle.write(b"half of the new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert path.read_text() == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


STEPS = ("open", "fdopen", "fsync", "replace")
"""The system calls of a write, made through ``os``."""


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, int], list[str]]]:
    """A function that makes the n-th system call fail and returns the list of calls."""

    def arrange(at: int, number: int) -> list[str]:
        made: list[str] = []

        def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                made.append(name)
                if len(made) == at:
                    raise OSError(number, os.strerror(number))
                return real(*arguments, **named)

            return call

        for name in STEPS:
            monkeypatch.setattr(f"dragoman.core.files.os.{name}", wrapped(name, getattr(os, name)))
        return made

    yield arrange
    monkeypatch.undo()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["disk full", "disk broken"])
def test_a_failure_of_any_system_call_leaves_a_complete_file(
    tmp_path: Path, failing: Callable[[int, int], list[str]], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Each call fails in turn. The result is a StoreError that names the file, the old or the new text, and no
    temporary file."""
    at = 0
    while True:
        at += 1
        folder = tmp_path / str(at)
        path = folder / "file"
        write_whole(path, "old")
        made = failing(at, number)
        error_text = None
        try:
            write_whole(path, "new text")
        except StoreError as error:
            error_text = str(error)
        monkeypatch.undo()
        if error_text is None:
            assert len(made) < at
            break
        assert str(path) in error_text
        assert os.strerror(number) in error_text
        assert path.read_text() in ("old", "new text")
        assert [child.name for child in folder.iterdir()] == ["file"]
    assert at > 4


def test_content_reaches_the_disk_before_the_name_does(
    tmp_path: Path, failing: Callable[[int, int], list[str]]
) -> None:
    """A rename before its content is synced leaves an empty file after a power loss. The folder is synced last."""
    made = failing(0, 0)
    write_whole(tmp_path / "file", "text")
    assert made.index("fsync") < made.index("replace") < len(made) - 1 - made[::-1].index("fsync")


def test_new_folders_are_synced_too(tmp_path: Path, failing: Callable[[int, int], list[str]]) -> None:
    """A power loss would otherwise remove the file together with its folder."""
    made = failing(0, 0)
    write_whole(tmp_path / "one" / "two" / "file", "text")
    assert made.count("fsync") == len(["one", "two", "content of the file", "name of the file"])


PLACES: dict[str, Callable[[Path], Path]] = {
    "a folder": lambda folder: folder,
    "below a file": lambda folder: folder.parent / "a file" / "file",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_path_that_cannot_be_written_is_a_store_error(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    """Nothing that exists changes."""
    (tmp_path / "a file").write_text("unchanged")
    folder = tmp_path / "a folder"
    folder.mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(place(folder), "text")
    assert sorted(child.name for child in tmp_path.iterdir()) == ["a file", "a folder"]
    assert list(folder.iterdir()) == []
    assert (tmp_path / "a file").read_text() == "unchanged"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_the_umask_is_respected_and_not_changed(tmp_path: Path, umask: int, mode: int) -> None:
    """Files have the permissions that the user wants."""
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "file", "text")
    finally:
        umask_after = os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode
    assert umask_after == umask


def test_concurrent_writes_do_not_change_the_umask(tmp_path: Path) -> None:
    """The umask belongs to the process: reading it means setting it, which all threads would see."""
    before = os.umask(0o022)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    modes: set[int] = set()

    def write(worker: int) -> None:
        for number in range(40):
            path = tmp_path / f"{worker}-{number}"
            write_whole(path, "text")
            modes.add(stat.S_IMODE(path.stat().st_mode))

    try:
        threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
        umask_after = os.umask(before)
    assert umask_after == 0o022
    assert modes == {0o644}
