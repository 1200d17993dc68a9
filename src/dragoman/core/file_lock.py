"""Locks a folder that a command writes into against other commands, and notices when the folder is replaced.

The lock is the kernel's, on the folder itself. It leaves no file behind, and ends with its process however that ends.
On a file system without such locks, commands are not kept apart.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from dragoman.errors import StoreError

_PART = re.compile(r"\.dragoman-[a-z0-9_]+(\.part)?")
"""The name of a temporary file or folder of Dragoman. The folders of earlier versions have no ending."""


class FolderLock(AbstractContextManager["FolderLock"]):
    """A folder that this process has open and locked."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        """Open and lock ``folder``; with ``shared``, other processes can hold it too, as long as they share it.

        Raises `OSError` when the folder cannot be opened, and `StoreError` while another command holds it.
        """
        self.folder = folder
        # While the descriptor is open, the kernel cannot give the inode number of a deleted folder to a new one.
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._identity = _identity(os.fstat(self._descriptor))
        self._is_exclusive = False
        try:
            self._lock(shared)
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the lock."""
        os.close(self._descriptor)

    def check(self) -> None:
        """Raise `StoreError` when the path no longer leads to this folder. Takes microseconds."""
        try:
            is_same = _identity(os.stat(self.folder)) == self._identity
        except OSError:
            is_same = False
        if not is_same:
            raise StoreError(
                f"the folder {self.folder} was moved, deleted or replaced while Dragoman was writing into it",
                "put it back, or leave it: all paid replies are in the store",
                "run again: missing files are made again, and no stored reply is paid for twice",
            )

    def clear(self, folders: Iterable[Path]) -> None:
        """Remove the temporary files that killed commands left in ``folders``, which this lock must cover. Does nothing
        when another command may be writing there."""
        if not self._is_exclusive:
            return
        for folder in folders:
            with suppress(OSError):
                for entry in list(os.scandir(folder)):
                    if _PART.fullmatch(entry.name) is None:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    else:
                        os.unlink(entry.path)

    def share(self) -> None:
        """Let other processes hold the folder too from now on."""
        self._is_exclusive = False
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def _lock(self, shared: bool) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._is_exclusive = True
        except BlockingIOError as error:
            if not shared:
                raise StoreError(
                    f"another dragoman command is writing into {self.folder}",
                    "wait until it ends, or choose another folder",
                ) from error
            self.share()
        except OSError:
            return  # no locks on this file system


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
