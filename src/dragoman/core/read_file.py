"""Opens all files that are read. A path → the bytes of a regular file, with a limit; bytes → a value of JSON or TOML.

A path is resolved first. Then every part of it is opened without following links, so that nothing that is swapped in
between is read. Refused, and never opened: folders, named pipes, sockets, devices, and whatever lies in ``/proc``,
``/sys`` or ``/dev``. Every refusal is an `OSError` whose ``strerror`` fits behind "cannot be read: ".
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NoReturn

_NEVER = ("/proc", "/sys", "/dev")
"""Places of the kernel. What lies there is no document: it may be secret, endless, or act when it is opened."""
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  # nothing is written there
"""Within `_NEVER`, but an ordinary place for temporary files."""

_KERNEL_TYPES = frozenset(
    {
        "proc", "sysfs", "devtmpfs", "devpts", "debugfs", "tracefs", "securityfs", "configfs", "cgroup", "cgroup2",
        "bpf", "efivarfs", "pstore", "fusectl", "binfmt_misc", "mqueue", "selinuxfs", "nsfs",
    }
)  # fmt: skip
"""File systems whose files the kernel makes up: refused wherever they are mounted."""

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
# Without O_NONBLOCK, opening a pipe waits for a writer; without O_NOCTTY, opening a terminal can make it ours.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY | getattr(os, "O_NOFOLLOW_ANY", 0)


class NotRead(OSError):
    """A file that Dragoman does not read, whatever its permissions. ``strerror`` says why."""

    def __init__(self, why: str, number: int = errno.EINVAL) -> None:
        super().__init__(number, why)


class TooLarge(NotRead):
    """A file with more bytes than the limit; ``size`` is what is known of it, at least one more than the limit."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"larger than {most:,} bytes, the most that is read of such a file", errno.EFBIG)
        self.size = size


PathCheck = Callable[[str], None]
"""Is given the resolved path of a file before it is opened; raises when that is not to be read."""


def read_whole(path: str | Path, most: int, *, allowed: PathCheck | None = None) -> bytes:
    """All bytes of a regular file. Raises `TooLarge` for more than ``most``, and what `open_regular` raises."""
    with open_regular(path, allowed=allowed) as handle:
        size = os.fstat(handle.fileno()).st_size
        if size > most:
            raise TooLarge(size, most)
        content = handle.read(size + 1)
        while size < len(content) <= most and (block := handle.read(_BLOCK)):
            content += block  # it has grown since
    if len(content) > most:
        raise TooLarge(len(content), most)
    return content


def read_head(path: str | Path, count: int) -> bytes:
    """The first ``count`` bytes of a regular file, or all that it has. Raises what `open_regular` raises."""
    with open_regular(path) as handle:
        return handle.read(count)


def open_regular(path: str | Path, *, allowed: PathCheck | None = None) -> IO[bytes]:
    """A regular file, open for reading.

    Raises `NotRead` for anything that is no regular file or lies in a place of the kernel, what ``allowed`` raises, and
    any other `OSError`.
    """
    try:
        resolved = real_path(path)
    except FileNotFoundError:
        _check_regular(os.stat(path))  # a pipe of a process has a link that leads to no path
        raise
    # What it is, is found out without opening it: opening a device can act on it.
    looked_at = os.stat(resolved, follow_symlinks=False)
    if allowed is not None:
        allowed(resolved)
    _check_regular(looked_at)
    if place := kernel_place(resolved):
        raise NotRead(f"in {place}, where nothing is read")
    try:
        descriptor = _open_without_links(resolved)
    except OSError as error:
        raise _replaced() if error.errno in (errno.ELOOP, errno.ENOTDIR) else error from None
    try:
        there = os.fstat(descriptor)
        if not stat.S_ISREG(there.st_mode) or (there.st_dev, there.st_ino) != (looked_at.st_dev, looked_at.st_ino):
            raise _replaced()
        if kind := _kernel_type(there.st_dev):
            raise NotRead(f"on a file system of type {kind}, where nothing is read")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def only_inside(folder: str | Path) -> PathCheck:
    """Allows what lies in a folder, at any depth. Raises OSError when there is no such folder."""
    there = real_path(folder)

    def check(resolved: str) -> None:
        if not is_inside(resolved, there):
            raise NotRead(f"a link to {resolved}, outside {there}; set follow_links to read it")

    return check


def real_path(path: str | Path) -> str:
    """Where a path leads, as an absolute path without links. Raises `OSError` when there is nothing there."""
    try:
        return os.path.realpath(path, strict=True)
    except ValueError as error:
        raise NotRead("no path at all: it holds a NUL character") from error


def is_inside(resolved: str, folder: str) -> bool:
    """Whether a resolved path lies below a resolved folder, at any depth."""
    return resolved.startswith(folder.rstrip("/") + "/")


def kernel_place(resolved: str) -> str | None:
    """The place of the kernel that a resolved path lies in, such as ``/proc``; None for all others."""
    if is_inside(resolved, _SHARED_MEMORY):
        return None
    return next((place for place in _NEVER if resolved == place or is_inside(resolved, place)), None)


def _open_without_links(resolved: str) -> int:
    """A descriptor of the file at an absolute path in which no part is a link."""
    if not hasattr(os, "O_PATH"):  # opening each folder would need the right to list it
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


def _check_regular(facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        kind = next((name for test, name in _KINDS if test(facts.st_mode)), "of an unknown kind")
        raise NotRead(f"not a regular file ({kind})")


def _replaced() -> NotRead:
    return NotRead("replaced by another file while it was opened; try again")


@lru_cache(maxsize=256)
def _kernel_type(device: int) -> str | None:
    """The type of a file system when it is one of `_KERNEL_TYPES`; ``device`` is the ``st_dev`` of a file on it."""
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes().decode("utf-8", "replace").splitlines()
    except OSError:
        return None  # not Linux, where these file systems are not mounted
    types = (line.partition(" - ")[2].split(" ", 1)[0] for line in mounts if line.split(" ", 3)[2] == number)
    return next((kind for kind in types if kind in _KERNEL_TYPES), None)


def json_value(content: bytes) -> Any:
    """The JSON value in UTF-8 bytes (a byte order mark is allowed).

    Raises ValueError that says what is wrong and where: also for a name that stands twice in one object, numbers that
    JSON or Python does not hold, half a surrogate pair, and nesting that is too deep.
    """
    import json

    try:
        text = content.decode("utf-8-sig")
        value = json.loads(
            text, object_pairs_hook=_without_twins, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
        )
        if "\\u" in text:
            # Only an escape can bring half a pair, and only if it can be written out again, it did not.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not text in UTF-8 (byte {error.start:,})") from error
    except UnicodeEncodeError as error:
        raise ValueError("it holds half of a surrogate pair, which is no character") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is cut off or is no JSON (line {error.lineno}, column {error.colno})") from error
    return value


def toml_table(content: bytes) -> dict[str, Any]:
    """The TOML table in UTF-8 bytes. Raises ValueError that says what is wrong and where."""
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not text in UTF-8 (byte {error.start:,})") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not TOML: {error}") from error
    except ValueError as error:
        raise ValueError(f"it holds a number that is too long: {error}") from error


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for name, item in pairs:
        if name in value:
            raise ValueError(f"the name {name[:100]!r} stands twice in one object")
        value[name] = item
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {digits[:20]}… is too large")
    return number


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError(f"the number {digits[:20]}… has {len(digits):,} digits, more than can be read") from None
