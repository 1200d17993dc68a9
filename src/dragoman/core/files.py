"""Writes a file completely or not at all: temporary file, fsync, rename, fsync of the folder.

After a power loss, a new name (of a file or a folder) exists only when the folder that contains it was synced too.
"""

from __future__ import annotations

import errno
import filecmp
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dragoman.core import read_file
from dragoman.errors import StoreError


def write_whole(path: Path, text: str, *, durable: bool = True, new_folder: bool = True) -> bool:
    """Make ``path`` contain ``text`` (UTF-8, line ends unchanged); False when it already did.

    The file is complete or unchanged, whatever happens to the process. Without ``durable``, a power loss may leave it
    empty: for files that can be made again, because waiting for the disk twice per file is most of the cost of writing
    many small ones. Without ``new_folder``, a missing folder is an error and is not made: a folder that was deleted
    during a run stays deleted. Raises `StoreError` when the file cannot be written; then the old file is unchanged.
    """
    content = text.encode()
    target = str(path)
    if _holds(target, content):
        return False
    with _beside(target, new_folder) as (temporary, descriptor):
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, target)
        if durable:
            sync_folder(path.parent)
    return True


@contextmanager
def replacing(path: Path, *, new_folder: bool = True) -> Iterator[IO[bytes]]:
    """A binary file to write to, which replaces ``path`` when the block ends without an error.

    ``path`` is left as it is when it has the same content already. ``new_folder`` is as for `write_whole`.
    """
    with _beside(str(path), new_folder) as (temporary, descriptor):
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists() and filecmp.cmp(temporary, path, shallow=False):
            os.unlink(temporary)
            return
        os.replace(temporary, path)
        sync_folder(path.parent)


def _holds(target: str, content: bytes) -> bool:
    try:
        status = os.lstat(target)
        # A link is replaced by a file, wherever it leads. When the size differs, the file need not be opened.
        if not stat.S_ISREG(status.st_mode) or status.st_size != len(content):
            return False
        return read_file.read_whole(target, len(content)) == content
    except OSError:
        return False


@contextmanager
def _beside(target: str, new_folder: bool) -> Iterator[tuple[str, int]]:
    """The path and descriptor of a new temporary file in the folder of ``target``; it is removed when the block
    fails."""
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".dragoman-{os.urandom(16).hex()}.part")
    # The kernel applies the umask here. Reading the umask would change it for all threads.
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    try:
        try:
            descriptor = os.open(temporary, flags, 0o666)
        except FileNotFoundError:
            if not new_folder:
                raise
            make_folder(Path(folder))
            descriptor = os.open(temporary, flags, 0o666)
        try:
            yield temporary, descriptor
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}") from error


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, durably. Raises `OSError`."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(missing):
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)


def exists(path: Path) -> bool:
    """Whether something exists at ``path``; False for a text that cannot be a path (too long, with NUL)."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
