"""The records of a folder as lines of a file: where each stands and its digest, while the lines stay on disk."""

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

MOST_LINE_BYTES = 500_000_000
"""Of one record, and of the text of one source. The largest article that is read by default (10 MB) can have a step of
preparation, 85 bytes long in its record, for every second byte."""


class Place(NamedTuple):
    """Where a line stands in its file, in bytes, without its end; and the digest of it."""

    start: int
    length: int
    digest: bytes


class Lines:
    """Records by article id, in order; of two with one id the later counts, in the place of the first."""

    def __init__(self, handle: IO[bytes] | None = None) -> None:
        """Lines of an open file that are yet to be told, or none."""
        self._handle = handle
        self._end = 0
        self._elsewhere = False
        """Whether the file stands where a line was read, and not at its end."""
        self.places: dict[str, Place] = {}
        self.trusted = False
        """Whether the file has the digest that was known."""

    @classmethod
    def spool(cls, folder: Path) -> Lines:
        """A file without a name, for lines to come. Raises OSError when there can be none."""
        # On some systems it has one for a moment: then one that says what it is.
        return cls(tempfile.TemporaryFile("w+b", dir=folder, prefix=".dragoman-", suffix=".part"))  # closed by `close`

    @classmethod
    def read(cls, path: Path, known: str | None = None) -> Lines:
        """The lines of a ``records.jsonl``; each is validated unless the file has the digest that is ``known``.

        Raises `ConfigError` with the number of a line that is no record of this version.
        """
        lines = None
        try:
            lines = cls(read_file.open_regular(path))
            assert lines._handle is not None
            lines.trusted = known is not None and digest_of(lines._handle) == known
            lines._handle.seek(0)
            for number, line in each_line(path, lines._handle):
                # The digest may be as foreign as the records: what gives file names their form is looked at always.
                id_ = _id_of(line) if lines.trusted else None
                lines._place(line, id_ or validated(path, number, line).article.id)
        except OSError as error:
            raise ConfigError(f"{path.parent} is no output folder: {path.name}: {error.strerror or error}") from error
        except ConfigError:
            assert lines is not None
            lines.close()
            raise
        return lines

    def is_of(self, path: Path) -> bool:
        """Whether the file at ``path`` is still the one that these lines are of."""
        try:
            return self._handle is not None and os.path.samestat(os.fstat(self._handle.fileno()), os.stat(path))
        except OSError:
            return False

    def close(self) -> None:
        if self._handle is not None:
            with suppress(OSError):  # what it still held is of no use any more
                self._handle.close()

    def add(self, id_: str, line: bytes) -> None:
        """One more line, at the end. Raises OSError."""
        assert self._handle is not None
        if self._elsewhere:
            self._handle.seek(self._end)
            self._elsewhere = False
        self._handle.write(line + b"\n")
        self._place(line + b"\n", id_)

    def line(self, id_: str) -> bytes:
        """The line of an article's record, without its end. Raises `StoreError` when it is not the one that was told:
        better no new file than one that holds something else."""
        assert self._handle is not None
        start, length, digest = self.places[id_]
        self._elsewhere = True
        self._handle.seek(start)
        line = self._handle.read(length)
        if _digest(line) != digest:
            raise StoreError(f"the record of {id_} was changed during the run; run again")
        return line

    def has(self, id_: str, line: bytes) -> bool:
        """Whether the record of an article is this very line."""
        place = self.places.get(id_)
        return place is not None and place.length == len(line) and place.digest == _digest(line)

    def _place(self, line: bytes, id_: str) -> None:
        bare = line.rstrip(b"\n")
        self.places[id_] = Place(self._end, len(bare), _digest(bare))
        self._end += len(line)


def each_line(path: Path, handle: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of an open file, with their ends, numbered from 1. Raises `ConfigError` for one that is too long."""
    for number in count(1):
        line = handle.readline(MOST_LINE_BYTES + 1)
        if len(line) > MOST_LINE_BYTES:
            raise ConfigError(f"{path}, line {number}, is longer than {MOST_LINE_BYTES:,} bytes, which no record is")
        if not line:
            return
        yield number, line


def validated(path: Path, number: int, line: bytes | str) -> Record:
    """The record in a line. Raises `ConfigError` that names the line."""
    try:
        return Record.model_validate_json(line)
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"]
        raise ConfigError(f"{path}, line {number}, is not a record of this version: {what}") from error


def digest_of(handle: IO[bytes]) -> str:
    """Hex SHA-256 of a file from its beginning."""
    handle.seek(0)
    digest = hashlib.sha256()
    for block in _blocks(handle):
        digest.update(block)
    return digest.hexdigest()


def _blocks(handle: IO[bytes]) -> Iterator[bytes]:
    while block := handle.read(_BLOCK):
        yield block


def _id_of(line: bytes) -> str | None:
    """The id in a line as a run writes it; None for any other line."""
    found = _ID.match(line)
    return found[1].decode() if found else None


def _digest(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()[:16]
