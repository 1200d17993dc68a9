"""Files written whole or not at all: temporary file, fsync, rename, fsync of the folder.

A name, of a file or of a folder, survives a loss of power only when the folder it stands in was synced too.
"""

from __future__ import annotations

import errno
import filecmp
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from dragoman.errors import StoreError


def write_whole(path: Path, text: str, *, durable: bool = True) -> bool:
    """Make ``path`` hold ``text`` (UTF-8, line ends as they are); False when it already did.

    Whole or absent whatever happens to the process. Not ``durable``, a loss of power may leave it empty: for
    what can be made again, because waiting for the disk twice a file is what writing many small ones costs.
    Raises `StoreError` when the disk does not take it; then the old file is untouched.
    """
    content = text.encode()
    try:
        if path.stat().st_size == len(content) and path.read_bytes() == content:
            return False
    except OSError:
        pass
    with replacing(path, durable=durable) as handle:
        handle.write(content)
    return True


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A binary file to write into, that takes the place of ``path`` when the block ends without an error.

    A ``path`` that holds the same already is left as it is.
    """
    temporary: str | None = None
    try:
        name = os.path.join(path.parent, f".dragoman-{uuid.uuid4().hex}.part")
        try:
            # The kernel applies the umask here; asking for it would change it for all threads.
            descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileNotFoundError:
            make_folder(path.parent)
            descriptor = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        temporary = name
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            handle.flush()
            if durable:
                os.fsync(handle.fileno())
        if path.exists() and filecmp.cmp(temporary, path, shallow=False):
            return  # it holds this already
        os.replace(temporary, path)
        temporary = None
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


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
