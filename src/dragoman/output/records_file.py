"""Read and write ``records.jsonl`` without holding it in memory: an index of where each line is, and its digest."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, NamedTuple

from pydantic import ValidationError

from dragoman.core import read_file
from dragoman.core.record import Record
from dragoman.errors import ConfigError, StoreError

_ID = re.compile(rb'\{"schema":"dragoman\.record/1","article":\{"id":"([a-z0-9-]+)"')
_BLOCK = 1 << 20
"""Bytes that are read at once to compute a digest."""

MAX_LINE_BYTES = 500_000_000
"""Size limit of one record, and of one source text. The largest article that is read by default (10 MB) can have a
preparation step for every second byte, and a step takes 85 bytes in its record."""


class LinePlace(NamedTuple):
    """Where a line is in its file, in bytes and without its line end, and its digest."""

    start: int
    length: int
    digest: bytes


class RecordLines:
    """Lines of records by article id, in order. If two lines have the same id, the later one counts, at the position of
    the first."""

    def __init__(self, handle: IO[bytes] | None = None) -> None:
        """Without ``handle`` there are no lines, and none can be added."""
        self._handle = handle
        self._end = 0
        self._moved = False
        """Whether the position in the file is not at its end, because a line was read."""
        self.places: dict[str, LinePlace] = {}
        self.trusted = False
        """Whether the file has the expected digest."""

    @classmethod
    def spool(cls, folder: Path) -> RecordLines:
        """An empty file without a name, to which lines are added. Raises OSError if it cannot be made."""
        # On some systems the file has a name for a moment, so the name says what it is.
        return cls(tempfile.TemporaryFile("w+b", dir=folder, prefix=".dragoman-", suffix=".part"))  # closed by `close`

    @classmethod
    def read(cls, path: Path, expected_digest: str | None = None) -> RecordLines:
        """Index the lines of a ``records.jsonl``. Every line is validated, unless the file has ``expected_digest``.

        Raises `ConfigError` with the number of a line that is not a record of this version.
        """
        lines = None
        try:
            lines = cls(read_file.open_regular(path))
            assert lines._handle is not None
            lines.trusted = expected_digest is not None and digest_of(lines._handle) == expected_digest
            lines._handle.seek(0)
            for number, line in numbered_lines(path, lines._handle):
                # Another program may have replaced records and digest together. File names are made of ids, so the form
                # of the id is checked even in a trusted file.
                id_ = _id_of(line) if lines.trusted else None
                lines._index(line, id_ or parse_record(path, number, line).article.id)
        except OSError as error:
            raise ConfigError(
                f"{path.parent} is not an output folder: {path.name}: {error.strerror or error}"
            ) from error
        except ConfigError:
            assert lines is not None
            lines.close()
            raise
        return lines

    def is_file_at(self, path: Path) -> bool:
        """Whether the file at ``path`` is still the file that was indexed."""
        try:
            return self._handle is not None and os.path.samestat(os.fstat(self._handle.fileno()), os.stat(path))
        except OSError:
            return False

    def close(self) -> None:
        if self._handle is not None:
            with suppress(OSError):  # what was not written yet is no longer needed
                self._handle.close()

    def add(self, id_: str, line: bytes) -> None:
        """Add a line at the end. Raises OSError."""
        assert self._handle is not None
        if self._moved:
            self._handle.seek(self._end)
            self._moved = False
        self._handle.write(line + b"\n")
        self._index(line + b"\n", id_)

    def line(self, id_: str) -> bytes:
        """The line of an article's record, without its line end.

        Raises `StoreError` if the line has changed since it was indexed: writing no new file is better than writing a
        file with other content.
        """
        assert self._handle is not None
        start, length, digest = self.places[id_]
        self._moved = True
        self._handle.seek(start)
        line = self._handle.read(length)
        if _line_digest(line) != digest:
            raise StoreError(f"the record of {id_} was changed during the run; run again")
        return line

    def has_line(self, id_: str, line: bytes) -> bool:
        """Whether ``line`` is exactly the record of this article."""
        place = self.places.get(id_)
        return place is not None and place.length == len(line) and place.digest == _line_digest(line)

    def _index(self, line: bytes, id_: str) -> None:
        content = line.rstrip(b"\n")
        self.places[id_] = LinePlace(self._end, len(content), _line_digest(content))
        self._end += len(line)


def numbered_lines(path: Path, handle: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of an open file with their line ends, numbered from 1. Raises `ConfigError` if a line is too long."""
    for number in count(1):
        line = handle.readline(MAX_LINE_BYTES + 1)
        if len(line) > MAX_LINE_BYTES:
            raise ConfigError(f"{path}, line {number}, is longer than {MAX_LINE_BYTES:,} bytes, so it is not a record")
        if not line:
            return
        yield number, line


def parse_record(path: Path, number: int, line: bytes | str) -> Record:
    """The record in a line. Raises `ConfigError` with the file and the number of the line."""
    try:
        return Record.model_validate_json(line)
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise ConfigError(f"{path}, line {number}, is not a record of this version: {what}") from error


def digest_of(handle: IO[bytes]) -> str:
    """Hex SHA-256 of a whole open file."""
    handle.seek(0)
    digest = hashlib.sha256()
    while block := handle.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _id_of(line: bytes) -> str | None:
    """The article id in a line as a run writes it; None for any other line."""
    match = _ID.match(line)
    return match[1].decode() if match else None


def _line_digest(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()[:16]
