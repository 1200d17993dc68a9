"""A file written bit by bit that takes its place at the end, and only when it differs from what is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dragoman.errors import StoreError
from dragoman.files import replacing

_BLOCK = 1 << 20


@contextmanager
def spooled(path: Path) -> Iterator[IO[bytes]]:
    """A binary file whose content takes the place of ``path`` when the block ends without an error.

    Raises `StoreError` when the disk does not take it; then the old file is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile("w+b", dir=path.parent) as spool:
            yield spool
            spool.flush()
            if not _same(spool, path):
                spool.seek(0)
                with replacing(path) as handle:
                    shutil.copyfileobj(spool, handle, _BLOCK)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}") from error


def _same(spool: IO[bytes], path: Path) -> bool:
    """Whether the file is there and holds the same bytes: then its time stamp stays as it is."""
    spool.seek(0)
    try:
        with path.open("rb") as there:
            while block := spool.read(_BLOCK):
                if block != there.read(_BLOCK):
                    return False
            return not there.read(1)
    except OSError:
        return False
