"""One module reads every file: only regular files, only up to a limit, and never a file that was swapped in."""

from __future__ import annotations

import ast
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core import read_file
from dragoman.core.read_file import NotRead, TooLarge, json_value, open_regular, read_head, read_whole, toml_table
from tests.support import paths

SOURCES = paths.SOURCES


def why(path: Path | str, most: int = 100) -> str:
    """Why a file is not read."""
    with pytest.raises(OSError) as caught:  # noqa: PT011  # the text is what the callers assert
        read_whole(path, most)
    assert caught.value.strerror
    return caught.value.strerror


@settings(deadline=None, max_examples=30, database=None)
@given(content=st.binary(max_size=300))
def test_a_regular_file_is_read_completely(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("whole") / "file"
    path.write_bytes(content)
    assert read_whole(path, len(content)) == content
    assert read_head(path, 5) == content[:5]


def test_a_file_over_the_limit_is_rejected_with_both_sizes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert "larger than 4 bytes" in why(tmp_path / "file", 4)
    with pytest.raises(TooLarge) as caught:
        read_whole(tmp_path / "file", 4)
    assert caught.value.size == 5


def test_the_limit_holds_for_a_file_that_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The size that the file system reports is not trusted: a log may grow, and some files report none."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 5_000_000)
    real = os.fstat

    class Small:
        st_size = 10

        def __init__(self, descriptor: int) -> None:
            facts = real(descriptor)
            self.st_mode, self.st_dev, self.st_ino = facts.st_mode, facts.st_dev, facts.st_ino

    monkeypatch.setattr("dragoman.core.read_file.os.fstat", Small)
    assert len(read_whole(path, 5_000_000)) == 5_000_000
    with pytest.raises(TooLarge):
        read_whole(path, 4_999_999)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "a named pipe": (pipe, "not a regular file (a named pipe)"),
    "a folder": (Path.mkdir, "not a regular file (a folder)"),
    "a socket": (listening, "not a regular file (a socket)"),
    "an endless device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file (a device)"),
    "a terminal": (lambda path: path.symlink_to("/dev/tty"), "not a regular file (a device)"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "No such file or directory"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "Too many levels of symbolic links"),
    "the environment": (lambda path: path.symlink_to("/proc/self/environ"), "in /proc, where Dragoman reads nothing"),
    "nothing": (lambda path: None, "No such file or directory"),
}


@pytest.mark.parametrize(("make", "says"), ODD.values(), ids=ODD)
def test_anything_but_a_regular_file_is_rejected_without_opening_it(
    tmp_path: Path, make: Callable[[Path], object], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening a pipe would wait for a writer, and a device may act when it is opened."""
    place = Path(os.path.realpath(tmp_path)) / "odd"
    make(place)
    names: list[object] = []
    real = os.open

    def watched(name: Any, flags: int, *rest: Any, **more: Any) -> int:
        names.append(name)
        return real(name, flags, *rest, **more)

    monkeypatch.setattr("dragoman.core.read_file.os.open", watched)
    assert says in why(place)
    assert "odd" not in names


def test_a_kernel_file_system_is_recognised_by_its_type() -> None:
    """Wherever it is mounted: a container may have a second one."""
    assert read_file._kernel_type(os.stat("/proc").st_dev) == "proc"
    assert read_file._kernel_type(os.stat("/sys").st_dev) in ("sysfs", None)
    assert read_file._kernel_type(os.stat(__file__).st_dev) is None


MOUNT_AND_READ = """
import subprocess, sys
from dragoman.core.read_file import read_whole
subprocess.run(["mount", "-t", "proc", "proc", sys.argv[1]], check=True)
try:
    read_whole(sys.argv[1] + "/self/environ", 10**6)
except OSError as error:
    print(error.strerror)
"""


def test_a_second_proc_is_not_read(tmp_path: Path) -> None:
    """It is mounted in a folder of articles, in a namespace of its own. Needs permission to mount."""
    command = ["unshare", "-m", sys.executable, "-c", MOUNT_AND_READ, str(tmp_path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("unshare is not installed")
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    assert done.stdout.strip() == "on a file system of type proc, where Dragoman reads nothing"


@contextmanager
def swapping(monkeypatch: pytest.MonkeyPatch, swap: Callable[[], object]) -> Iterator[None]:
    """Runs ``swap`` after a path was resolved and examined, and before it is opened."""
    real = read_file._open_without_links

    def open_after_swap(resolved: str) -> int:
        swap()
        return real(resolved)

    with monkeypatch.context() as patched:
        patched.setattr(read_file, "_open_without_links", open_after_swap)
        yield


@pytest.mark.parametrize("swapped", ["the file", "its folder", "a folder far above", "a pipe", "another file"])
def test_a_file_swapped_in_before_opening_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swapped: str
) -> None:
    """Otherwise anyone who can write into the folder could have any file read. No part of the path is followed as a
    link, and the opened file must be the examined one."""
    (tmp_path / "above" / "in").mkdir(parents=True)
    (tmp_path / "secret" / "in").mkdir(parents=True)
    file = tmp_path / "above" / "in" / "file"
    file.write_text("harmless")
    (tmp_path / "secret" / "in" / "file").write_text("secret")
    place = {"its folder": file.parent, "a folder far above": tmp_path / "above"}.get(swapped, file)

    def swap() -> None:
        place.rename(tmp_path / "aside")
        match swapped:
            case "a pipe":
                os.mkfifo(place)
            case "another file":
                place.write_text("secret")
            case "the file":
                place.symlink_to(tmp_path / "secret" / "in" / "file")
            case "its folder":
                place.symlink_to(tmp_path / "secret" / "in")
            case _:
                place.symlink_to(tmp_path / "secret")

    with swapping(monkeypatch, swap):
        assert "replaced by another file" in why(file)


def test_only_allowed_paths_are_opened(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "outside").write_text("outside")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "file").write_text("inside")
    allowed = read_file.only_inside(tmp_path / "in")
    assert read_whole(tmp_path / "in" / "file", 10, allowed=allowed) == b"inside"
    with pytest.raises(NotRead, match="outside"):
        read_whole(tmp_path / "in" / "link", 10, allowed=allowed)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_folders_need_no_permission_to_list_them(tmp_path: Path) -> None:
    """Reading a file does not need permission to list the folders above it."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_text("text")
    (tmp_path / "deep").chmod(stat.S_IXUSR)
    try:
        assert read_whole(tmp_path / "deep" / "file", 10) == b"text"
    finally:
        (tmp_path / "deep").chmod(0o700)


BAD_JSON: dict[str, tuple[bytes, str]] = {
    "cut off": (b'{"a": [1, 2', "cut off or is not JSON (line 1, column 12"),
    "nothing": (b"", "cut off or is not JSON"),
    "not UTF-8": (b'"\xff"', "not UTF-8 text (byte 1)"),
    "nested too deeply": (b"[" * 200_000, "nested too deeply"),
    "a number that is too long": (b"[" + b"9" * 5000 + b"]", "has 5,000 digits"),
    "a number that is too large": (b"[1e999]", "is too large"),
    "no number": (b"[NaN]", "NaN is not a number in JSON"),
    "a name twice": (b'{"verdict": 1, "b": {"a": 1, "a": 2}}', "the name 'a' occurs twice"),
    "half a pair": (rb'{"a": ["\ud83d"]}', "half of a surrogate pair"),
    "half a pair in a name": (rb'{"\udc00": 1}', "half of a surrogate pair"),
}


@pytest.mark.parametrize(("content", "says"), BAD_JSON.values(), ids=BAD_JSON)
def test_invalid_json_is_a_value_error_that_says_why(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        json_value(content)
    assert says in str(caught.value)


def test_valid_json_is_read() -> None:
    """A byte order mark, which some editors write, is allowed; a complete surrogate pair is a character."""
    assert json_value(b"\xef\xbb\xbf" + rb'{"a": "\ud83d\ude00", "b": [1, 1.5, -0.0, 1e3, true, null]}') == {
        "a": "😀", "b": [1, 1.5, 0.0, 1000.0, True, None],
    }  # fmt: skip


BAD_TOML: dict[str, tuple[bytes, str]] = {
    "not TOML": (b"a = ", "not TOML: Invalid value"),
    "not UTF-8": (b'a = "\xff"', "not UTF-8 text (byte 5)"),
    "nested too deeply": (b"a = " + b"[" * 200_000, "nested too deeply"),
    "a number that is too long": (b"a = " + b"9" * 5000, "a number that is too long"),
    "a name twice": (b"a = 1\na = 2", "not TOML: Cannot overwrite a value"),
    "half a pair": (rb'a = "\ud83d"', "not TOML"),
}


@pytest.mark.parametrize(("content", "says"), BAD_TOML.values(), ids=BAD_TOML)
def test_invalid_toml_is_a_value_error_that_says_why(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        toml_table(content)
    assert says in str(caught.value)


READERS = {
    "cli/streams.py": "the standard streams, by their numbers, and /dev/null in their place",
    "core/files.py": "opens what it has made itself, to write, and folders, to sync them",
    "core/read_file.py": "the one that opens files",
    "store/owner.py": "two files of the kernel, by fixed names: the boot and the age of a process",
    "core/data_tables.py": "tables that are installed with the program",
    "core/models.py": "the table that is installed with the program",
    "evidence/figures/lexicon.py": "tables that are installed with the program",
    "output/html/report.py": "scripts and styles that are installed with the program",
    "store/sqlite/file.py": "makes the file of a new store",
    "core/file_lock.py": "a folder, to lock it",
    "store/salvage.py": "the log beside a damaged store, and the copy it makes of it",
    "store/sqlite/salvage.py": "the file of a damaged store, for signs that it is one",
    "store/sqlite/pages.py": "the file of a damaged store",
    "output/tables/parquet_file.py": "files that it has made itself, in a temporary folder",
}
"""Modules that may open files by other means than `reading`, and what they open."""

OPENING = {"open", "read_text", "read_bytes", "fdopen"}


def opening_calls(tree: ast.AST) -> Iterator[str]:
    """Names of calls that open a file, on any object."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if name in OPENING and owner != "decided":  # decisions have open claims
                yield name


def test_no_other_module_opens_files() -> None:
    """Code that opens a file itself can hang on a pipe, or fill the memory from a device."""
    opens = {
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("*.py")
        if any(opening_calls(ast.parse(path.read_text("utf-8"))))
    }
    assert opens == set(READERS)


def test_a_pipe_of_another_process_is_named_a_pipe() -> None:
    """The shell passes ``<(command)`` as a link that leads to no path."""
    reader, writer = os.pipe()
    try:
        with pytest.raises(NotRead, match="a named pipe"):
            open_regular(f"/dev/fd/{reader}")
    finally:
        os.close(reader)
        os.close(writer)
