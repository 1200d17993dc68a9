"""Whether the file of an open store is still the one at its path.

SQLite goes on writing into a file that was deleted, moved or replaced, without an error. What is committed then is lost
when the last process closes the file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from dragoman.errors import StoreError


class StoreLocation:
    """The path of an open store, and which file was at that path when the store was opened."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` when there is no file."""
        self._path = path
        self._file = _file_at(path)

    def check(self) -> None:
        """Raises `StoreError` when another file, or none, is at the path now. One look at the file system before each
        commit costs little, because a commit waits for the disk."""
        try:
            unchanged = _file_at(self._path) == self._file
        except OSError:
            unchanged = False
        if not unchanged:
            raise self.error()

    def error(self) -> StoreError:
        """The error that says that the file of the store is gone."""
        return StoreError(
            f"the store {self._path} was moved, deleted or replaced while this command used it",
            "if it was moved, put it back",
            "run again",
        )

    def missing(self, rows: Mapping[int, str]) -> set[int]:
        """Those of some rows, given with their request keys, that a process that opens the store now would not find."""
        if not rows:
            return set()
        sql = "SELECT id, key FROM exchanges WHERE id BETWEEN ? AND ?"
        try:
            # Opened read-only, so that no file is created. A pipe at that path would block.
            if not self._path.is_file():
                return set(rows)
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                keys = dict(db.execute(sql, (min(rows), max(rows))))
                return {row for row, key in rows.items() if keys.get(row) != key}
        except (OSError, sqlite3.Error):
            return set(rows)


def _file_at(path: Path) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino
