"""Files written whole or not at all: temporary file, fsync, rename, fsync of the folder.

A name, of a file or of a folder, survives a loss of power only when the folder it stands in was synced too.
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
    """Make ``path`` hold ``text`` (UTF-8, line ends as they are); False when it already did.

    Whole or absent whatever happens to the process. Not ``durable``, a loss of power may leave it empty: for
    what can be made again, because waiting for the disk twice a file is what writing many small ones costs.
    Without ``new_folder``, a missing folder is trouble and not made: one that was deleted under a run stays deleted.
    Raises `StoreError` when the disk does not take it; then the old file is untouched.
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
    """A binary file to write into, that takes the place of ``path`` when the block ends without an error.

    A ``path`` that holds the same already is left as it is. ``new_folder`` as for `write_whole`.
    """
    with _beside(str(path), new_folder) as (temporary, descriptor):
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists() and filecmp.cmp(temporary, path, shallow=False):
            os.unlink(temporary)  # it holds this already
            return
        os.replace(temporary, path)
        sync_folder(path.parent)


def _holds(target: str, content: bytes) -> bool:
    try:
        there = os.lstat(target)
        # A link gives way to a file, whatever it leads to. Where the size differs, nothing need be opened.
        if not stat.S_ISREG(there.st_mode) or there.st_size != len(content):
            return False
        return read_file.read_whole(target, len(content)) == content
    except OSError:
        return False


@contextmanager
def _beside(target: str, new_folder: bool) -> Iterator[tuple[str, int]]:
    """Name and descriptor of a new file in the folder of ``target``; it goes when the block fails."""
    folder = os.path.dirname(target)
    temporary = os.path.join(folder, f".dragoman-{os.urandom(16).hex()}.part")
    # The kernel applies the umask here; asking for it would change it for all threads.
    how = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    try:
        try:
            descriptor = os.open(temporary, how, 0o666)
        except FileNotFoundError:
            if not new_folder:
                raise
            make_folder(Path(folder))
            descriptor = os.open(temporary, how, 0o666)
        try:
            yield temporary, descriptor
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror or error}") from error


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for good. Raises `OSError`."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in reversed(missing):
        sync_folder(place.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # what file systems say that know no such thing, some over a network
            raise
    finally:
        os.close(descriptor)


def exists(path: Path) -> bool:
    """Whether there is something at ``path``; False for what cannot be a path at all (too long, NUL)."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
