"""Opens all files that Dragoman reads: the bytes of a regular file up to a limit, and JSON or TOML values from bytes.

A path is resolved first. Then every part of it is opened without following links, so that nothing that is swapped in
meanwhile is read. Folders, named pipes, sockets, devices, and everything in ``/proc``, ``/sys`` or ``/dev`` are never
opened. Every such case is an `OSError` whose ``strerror`` fits after "cannot be read: ".
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NoReturn

_KERNEL_FOLDERS = ("/proc", "/sys", "/dev")
"""Folders of the kernel. Files in them are not documents: they may be secret, endless, or act when they are opened."""
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  # nothing is written there
"""Inside `_KERNEL_FOLDERS`, but a usual place for temporary files."""

_KERNEL_TYPES = frozenset(
    {
        "proc", "sysfs", "devtmpfs", "devpts", "debugfs", "tracefs", "securityfs", "configfs", "cgroup", "cgroup2",
        "bpf", "efivarfs", "pstore", "fusectl", "binfmt_misc", "mqueue", "selinuxfs", "nsfs",
    }
)  # fmt: skip
"""File systems whose files the kernel generates. Nothing on them is read, wherever they are mounted."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

_BLOCK = 1 << 20
_FOLDER = getattr(os, "O_PATH", 0) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe waits for a writer. Without O_NOCTTY, a terminal can become the controlling one.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY | getattr(os, "O_NOFOLLOW_ANY", 0)


class NotRead(OSError):
    """A file that Dragoman does not read, whatever its permissions. ``strerror`` says why."""

    def __init__(self, why: str, number: int = errno.EINVAL) -> None:
        super().__init__(number, why)


class TooLarge(NotRead):
    """A file with more bytes than the limit. ``size`` is at least one more than the limit, and may be less than the
    true size."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"larger than {most:,} bytes, the limit for such a file", errno.EFBIG)
        self.size = size


PathCheck = Callable[[str], None]
"""Called with the resolved path of a file before it is opened; raises when the file must not be read."""


def read_whole(path: str | Path, most: int, *, allowed: PathCheck | None = None) -> bytes:
    """All bytes of a regular file. Raises `TooLarge` for more than ``most``, and what `open_regular` raises."""
    with open_regular(path, allowed=allowed) as handle:
        size = os.fstat(handle.fileno()).st_size
        if size > most:
            raise TooLarge(size, most)
        content = handle.read(size + 1)
        while size < len(content) <= most and (block := handle.read(_BLOCK)):
            content += block  # the file has grown meanwhile
    if len(content) > most:
        raise TooLarge(len(content), most)
    return content


def read_head(path: str | Path, count: int) -> bytes:
    """The first ``count`` bytes of a regular file, or all when it is shorter. Raises what `open_regular` raises."""
    with open_regular(path) as handle:
        return handle.read(count)


def open_regular(path: str | Path, *, allowed: PathCheck | None = None) -> IO[bytes]:
    """Open a regular file for reading.

    Raises `NotRead` for anything else and for files of the kernel, what ``allowed`` raises, and any other `OSError`.
    """
    try:
        resolved = real_path(path)
    except FileNotFoundError:
        _check_regular(os.stat(path))  # the link of an anonymous pipe (/dev/fd/3) leads to no path
        raise
    # Look before opening: opening a device can make it act.
    expected = os.stat(resolved, follow_symlinks=False)
    if allowed is not None:
        allowed(resolved)
    _check_regular(expected)
    if place := kernel_place(resolved):
        raise NotRead(f"in {place}, where Dragoman reads nothing")
    try:
        descriptor = _open_without_links(resolved)
    except OSError as error:
        raise _replaced() if error.errno in (errno.ELOOP, errno.ENOTDIR) else error from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) != (expected.st_dev, expected.st_ino):
            raise _replaced()
        if kind := _kernel_type(status.st_dev):
            raise NotRead(f"on a file system of type {kind}, where Dragoman reads nothing")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def only_inside(folder: str | Path) -> PathCheck:
    """A check that allows only files inside a folder, at any depth. Raises OSError when the folder does not exist."""
    allowed_folder = real_path(folder)

    def check(resolved: str) -> None:
        if not is_inside(resolved, allowed_folder):
            raise NotRead(f"a link to {resolved}, outside {allowed_folder}; set follow_links to read it")

    return check


def real_path(path: str | Path) -> str:
    """The absolute path without links that a path leads to. Raises `OSError` when nothing exists there."""
    try:
        return os.path.realpath(path, strict=True)
    except ValueError as error:
        raise NotRead("not a path: it contains a NUL character") from error


def is_inside(resolved: str, folder: str) -> bool:
    """Whether a resolved path is inside a resolved folder, at any depth."""
    return resolved.startswith(folder.rstrip("/") + "/")


def kernel_place(resolved: str) -> str | None:
    """The kernel folder that contains a resolved path, such as ``/proc``; None for all other paths."""
    if is_inside(resolved, _SHARED_MEMORY):
        return None
    return next((place for place in _KERNEL_FOLDERS if resolved == place or is_inside(resolved, place)), None)


def _open_without_links(resolved: str) -> int:
    """A descriptor of the file at an absolute path, no part of which may be a link."""
    if not hasattr(os, "O_PATH"):  # without O_PATH, opening a folder needs permission to list it
        return os.open(resolved, _FILE)
    *folders, name = resolved.split("/")[1:]
    folder = os.open("/", _FOLDER)
    try:
        for part in folders:
            below = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(name, _FILE, dir_fd=folder)
    finally:
        os.close(folder)


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "of an unknown kind")
        raise NotRead(f"not a regular file ({kind})")


def _replaced() -> NotRead:
    return NotRead("replaced by another file while Dragoman opened it; try again")


@lru_cache(maxsize=256)
def _kernel_type(device: int) -> str | None:
    """The type of the file system when it is one of `_KERNEL_TYPES`, else None. ``device`` is the ``st_dev`` of a file
    on it."""
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        return None  # not Linux: these file systems do not exist there
    types = (line.partition(" - ")[2].split(" ", 1)[0] for line in mounts if line.split(" ", 3)[2] == number)
    return next((kind for kind in types if kind in _KERNEL_TYPES), None)


def json_value(content: bytes) -> Any:
    """The JSON value in UTF-8 bytes (a byte order mark is allowed).

    Raises ValueError that says what is wrong and where: also for a repeated name in an object, a number that JSON or
    Python cannot hold, half a surrogate pair, and nesting that is too deep.
    """
    import json

    try:
        text = content.decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=unique_names,
            parse_constant=_reject_constant,
            parse_float=_finite_number,
            parse_int=_integer,
        )
        if "\\u" in text:
            # Half a pair can only come from an escape, and cannot be encoded.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start:,})") from error
    except UnicodeEncodeError as error:
        raise ValueError("it contains half of a surrogate pair, which is not a character") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is cut off or is not JSON (line {error.lineno}, column {error.colno})") from error
    return value


def toml_table(content: bytes) -> dict[str, Any]:
    """The TOML table in UTF-8 bytes. Raises ValueError that says what is wrong and where."""
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 text (byte {error.start:,})") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not TOML: {error}") from error
    except ValueError as error:
        raise ValueError(f"it contains a number that is too long: {error}") from error


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object with these members, for `json.loads`. Raises ValueError for a name that occurs twice, of which the
    parser alone would keep the last without a word."""
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {repeated[:100]!r} occurs twice in one object")
    return value


def _reject_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


def _finite_number(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:20]}… is too large")
    return number


def _integer(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError(f"the number {digits[:20]}… has {len(digits):,} digits, which is too many") from None
