"""A file is written whole or not at all, and a failure at any step leaves the old one."""

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
def test_a_file_holds_the_text_letter_for_letter(tmp_path: Path, text: str) -> None:
    """UTF-8 without a mark, line ends as they are."""
    write_whole(tmp_path / "file", text)
    assert (tmp_path / "file").read_bytes() == text.encode()
    assert not write_whole(tmp_path / "file", text)


def test_a_file_that_holds_the_text_already_is_left_alone(tmp_path: Path) -> None:
    """True when something was written, False when there was nothing to do: not even the file's number changes."""
    path = tmp_path / "deep" / "er" / "file"
    assert write_whole(path, "one")
    before = path.stat()
    assert not write_whole(path, "one")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert write_whole(path, "two")
    assert [child.name for child in path.parent.iterdir()] == ["file"]


def test_a_writer_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    """Whatever the writer raises is raised, and nothing else happens."""
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
"""The calls of the system that a write needs, made through ``os``."""


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, int], list[str]]]:
    """Lets the n-th call of the system fail; gives the list of calls made."""

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
def test_a_failure_at_any_step_leaves_a_whole_file(
    tmp_path: Path, failing: Callable[[int, int], list[str]], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Each call of the system fails in turn: a StoreError that names the file, the old text or the new one, no rest."""
    at = 0
    while True:
        at += 1
        folder = tmp_path / str(at)
        path = folder / "file"
        write_whole(path, "old")
        made = failing(at, number)
        told = None
        try:
            write_whole(path, "new text")
        except StoreError as error:
            told = str(error)
        monkeypatch.undo()
        if told is None:
            assert len(made) < at
            break
        assert str(path) in told
        assert os.strerror(number) in told
        assert path.read_text() in ("old", "new text")
        assert [child.name for child in folder.iterdir()] == ["file"]
    assert at > 4


def test_content_reaches_the_disk_before_the_name_does(
    tmp_path: Path, failing: Callable[[int, int], list[str]]
) -> None:
    """A rename that overtakes its content leaves an empty file after loss of power; the folder comes last."""
    made = failing(0, 0)
    write_whole(tmp_path / "file", "text")
    assert made.index("fsync") < made.index("replace") < len(made) - 1 - made[::-1].index("fsync")


def test_folders_that_are_made_for_a_file_reach_the_disk_too(
    tmp_path: Path, failing: Callable[[int, int], list[str]]
) -> None:
    """Each is a name in the folder above it; a loss of power takes a file away with the folder it is in."""
    made = failing(0, 0)
    write_whole(tmp_path / "one" / "two" / "file", "text")
    assert made.count("fsync") == len(["one", "two", "content of the file", "name of the file"])


PLACES: dict[str, Callable[[Path], Path]] = {
    "a folder": lambda folder: folder,
    "below a file": lambda folder: folder.parent / "a file" / "file",
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_place_that_takes_no_file_is_a_store_error(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    """Nothing that was there changes."""
    (tmp_path / "a file").write_text("kept")
    folder = tmp_path / "a folder"
    folder.mkdir()
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(place(folder), "text")
    assert sorted(child.name for child in tmp_path.iterdir()) == ["a file", "a folder"]
    assert list(folder.iterdir()) == []
    assert (tmp_path / "a file").read_text() == "kept"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_the_umask_is_honoured_and_kept(tmp_path: Path, umask: int, mode: int) -> None:
    """A person who hides their files finds these hidden too."""
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "file", "text")
    finally:
        left = os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode
    assert left == umask


def test_threads_that_write_at_once_leave_the_umask_as_it_was(tmp_path: Path) -> None:
    """The umask belongs to the process: reading it by setting it is seen by every other thread."""
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
        left = os.umask(before)
    assert left == 0o022
    assert modes == {0o644}
