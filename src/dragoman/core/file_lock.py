"""A folder that a command writes into: locked against other commands, and the same folder until the command ends.

The lock is the kernel's, on the folder itself. It leaves no file behind, and ends with its process, however that ends.
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
"""A temporary file or folder of this program; the folders of earlier versions have no ending."""


class Held(AbstractContextManager["Held"]):
    """One folder, open and locked by this process."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        """``shared`` lets others hold the folder too, as long as they share it.

        Raises `OSError` when the folder cannot be opened, `StoreError` while another command holds it.
        """
        self.folder = folder
        # The open descriptor also keeps the kernel from giving the number of a deleted folder to a new one.
        self._descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        self._identity = _identity(os.fstat(self._descriptor))
        self._alone = False
        try:
            self._lock(shared)
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._descriptor)

    def check(self) -> None:
        """Raises `StoreError` when another folder, or nothing, is now at the path. Takes microseconds."""
        try:
            there = _identity(os.stat(self.folder)) == self._identity
        except OSError:
            there = False
        if not there:
            raise StoreError(
                f"the folder {self.folder} was moved, deleted or replaced while it was being written into",
                "put it back, or leave it: what was paid for is in the store",
                "run again: files that are missing are made again, and no stored reply is paid for twice",
            )

    def clear(self, places: Iterable[Path]) -> None:
        """Remove the temporary files that killed commands left in ``places``, folders that this lock protects. Does
        nothing where another command may be at work there."""
        if not self._alone:
            return
        for place in places:
            with suppress(OSError):
                for entry in list(os.scandir(place)):
                    if _PART.fullmatch(entry.name) is None:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    else:
                        os.unlink(entry.path)

    def share(self) -> None:
        """Let others hold the folder too from now on."""
        self._alone = False
        with suppress(OSError):
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def _lock(self, shared: bool) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._alone = True
        except BlockingIOError as error:
            if not shared:
                raise StoreError(
                    f"another dragoman command is writing into {self.folder}",
                    "wait until it has ended, or choose another folder",
                ) from error
            self.share()
        except OSError:
            return  # no locks on this file system


def _identity(facts: os.stat_result) -> tuple[int, int]:
    return facts.st_dev, facts.st_ino
