"""Whether the file of an open store is still the one at its path.

SQLite goes on with a file that was deleted, moved or replaced, and says nothing: what is committed then is lost when
the last process closes it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from dragoman.errors import StoreError


class StorePlace:
    """The path of a store that is open, and which file was there when it was opened."""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` when there is no file."""
        self._path = path
        self._file = _file_at(path)

    def check(self) -> None:
        """Raises `StoreError` when another file, or none, is there now. That is one look at the file system before each
        commit, which waits for the disk."""
        try:
            there = _file_at(self._path) == self._file
        except OSError:
            there = False
        if not there:
            raise self.trouble()

    def trouble(self) -> StoreError:
        """What it means for a command that the file is gone."""
        return StoreError(
            f"the store {self._path} was moved, deleted or replaced while this command used it",
            "if it was moved, put it back",
            "run again",
        )

    def missing(self, rows: Mapping[int, str]) -> set[int]:
        """Which of these rows of exchanges, with their request keys, nobody finds who opens the store now."""
        if not rows:
            return set()
        sql = "SELECT id, key FROM exchanges WHERE id BETWEEN ? AND ?"
        try:
            # Nothing is made by opening it; a folder or a pipe in its place is not waited for.
            if not self._path.is_file():
                return set(rows)
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                found = dict(db.execute(sql, (min(rows), max(rows))))
                return {row for row, key in rows.items() if found.get(row) != key}
        except (OSError, sqlite3.Error):
            return set(rows)


def _file_at(path: Path) -> tuple[int, int]:
    facts = os.stat(path)
    return facts.st_dev, facts.st_ino
