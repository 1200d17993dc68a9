"""Read records from the single pages of an SQLite file and its log, whatever the state of the rest of the file.

No page is found through another page, except the overflow pages of a record, so a lost root page, table of contents or
index hides nothing. All versions of a page are read: the one in the file and those in the log. Whatever is read here is
only a candidate: its checksum shows whether a row is complete (see `salvage`).

The formats are described in sqlite.org/fileformat2.html (sections 1.6, 2.1 and 4), read 2026-11-30.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

TABLE_LEAF, INDEX_LEAF = 0x0D, 0x0A
_PAGE_SIZES = tuple(2**power for power in range(9, 17))
_USUAL_SIZE = 4096
"""SQLite's default, and so the page size of every store."""
_LOG_HEADER, _FRAME_HEADER = 32, 24
_MAGIC = (0x377F0682, 0x377F0683)
"""The first four bytes of a log."""

Value = int | float | str | bytes | None
Bytes = bytes | mmap.mmap


class Version(NamedTuple):
    """One version of one page.

    ``at`` is the number of its frame in the log, counted from 1; 0 means the file itself. ``until`` is the frame that
    ends its transaction; only at that frame do all pages belong together. ``committed`` says whether the log has that
    end.
    """

    at: int
    until: int
    committed: bool
    content: bytes


class _Frame(NamedTuple):
    """One page in the log: the number of its frame, the frame that ends its transaction, the number of the page, and
    the offset of the page in the log."""

    at: int
    until: int
    page: int
    begins: int
    committed: bool


@dataclass(frozen=True)
class Cell:
    """A record on a leaf page. ``types`` are its serial types; `values` follows the overflow pages."""

    pages: Pages
    version: Version
    rowid: int
    """0 on a page of an index."""
    size: int
    local: bytes
    overflow: int
    types: Sequence[int]
    begins: int
    """Offset of the values in the payload."""

    def values(self) -> list[Value]:
        """All values of the record. Raises ValueError when they cannot be read."""
        payload = self.local
        following = self.overflow
        while len(payload) < self.size:
            page = self.pages.page(following, self.version.until)
            payload += page[4 : 4 + self.size - len(payload)]
            following = int.from_bytes(page[:4])
        values, at = [], self.begins
        for kind in self.types:
            length = _length(kind)
            values.append(_value(kind, payload[at : at + length]))
            at += length
        if at != self.size:
            raise ValueError("a record is longer or shorter than its header says")
        return values

    def first_text(self) -> str:
        """The first value that is a text, as far as it is on the page itself; empty if there is none."""
        at = self.begins
        for kind in self.types:
            if kind >= 13 and kind % 2:
                return self.local[at : at + _length(kind)].decode("utf-8", "replace")
            at += _length(kind)
        return ""


class Pages:
    """The pages of a file and its log, on the assumption that they have the given ``size``."""

    def __init__(self, file: Bytes, log: Bytes, size: int) -> None:
        self.size = size
        self.bytes = len(file) + len(log)
        self._file = file
        self._log = log
        self._frames = _frames(log, size)
        self._of_page: dict[int, list[_Frame]] = {}
        for frame in self._frames:
            self._of_page.setdefault(frame.page, []).append(frame)

    def cells(self) -> Iterator[tuple[int, Cell]]:
        """Each cell that can be read, with the kind of its page (`TABLE_LEAF`, `INDEX_LEAF`), oldest versions first."""
        for version in self._versions():
            content = version.content
            if content[:1] and content[0] in (TABLE_LEAF, INDEX_LEAF):
                yield from ((content[0], cell) for cell in self._cells(version))

    def page(self, number: int, at: int) -> bytes:
        """A page as it was when the log had ``at`` frames. Raises ValueError when the page does not exist."""
        for frame in reversed(self._of_page.get(number, [])):
            if frame.at <= at:
                return self._logged(frame)
        page = bytes(self._file[(number - 1) * self.size : number * self.size]) if number > 0 else b""
        if not page:
            raise ValueError("an overflow page is missing")
        return page.ljust(self.size, b"\0")

    def _versions(self) -> Iterator[Version]:
        for begins in range(0, len(self._file), self.size):
            # Most pages are overflow pages. Their first byte shows that, so they are not copied.
            if self._file[begins] in (TABLE_LEAF, INDEX_LEAF):
                page = bytes(self._file[begins : begins + self.size])
                yield Version(0, 0, True, page.ljust(self.size, b"\0"))
        for frame in self._frames:
            yield Version(frame.at, frame.until, frame.committed, self._logged(frame))

    def _logged(self, frame: _Frame) -> bytes:
        return bytes(self._log[frame.begins : frame.begins + self.size])

    def _cells(self, version: Version) -> Iterator[Cell]:
        page = version.content
        count = min(int.from_bytes(page[3:5]), (self.size - 8) // 2)
        for place in range(count):
            start = int.from_bytes(page[8 + 2 * place : 10 + 2 * place])
            try:
                yield self._cell(version, start)
            except (ValueError, IndexError):
                continue  # damage to one cell must not hide the others

    def _cell(self, version: Version, start: int) -> Cell:
        page, rowid = version.content, 0
        size, at = _varint(page, start)
        of_table = page[0] == TABLE_LEAF
        if of_table:
            rowid, at = _varint(page, at)
        if size > self.bytes:
            raise ValueError("a record is longer than the file")
        length = self._local_length(size, of_table=of_table)
        local = page[at : at + length]
        overflow = int.from_bytes(page[at + length : at + length + 4]) if length < size else 0
        header, begins = _varint(local, 0)
        types = []
        while begins < header:
            kind, begins = _varint(local, begins)
            types.append(kind)
        if begins != header or len(local) != length:
            raise ValueError("the header of a record does not match its length")
        return Cell(self, version, rowid, size, local, overflow, types, begins)

    def _local_length(self, size: int, *, of_table: bool) -> int:
        """How many bytes of a payload of ``size`` bytes are on the leaf itself (section 1.6)."""
        most = self.size - 35 if of_table else (self.size - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (self.size - 12) * 32 // 255 - 23
        rest = least + (size - least) % (self.size - 4)
        return rest if rest <= most else least


def open_pages(path: Path, log: Path, stack: ExitStack) -> list[Pages]:
    """The pages of the file at ``path`` and of its ``log``, once for each page size that they may have.

    Either file may be missing. Raises `OSError`.
    """
    file, logged = _mapped(path, stack), _mapped(log, stack)
    stated = [int.from_bytes(file[16:18]), int.from_bytes(logged[8:12])]
    sizes = [size for size in (65536 if size == 1 else size for size in stated) if size in _PAGE_SIZES]
    return [Pages(file, logged, size) for size in dict.fromkeys((*sizes, _USUAL_SIZE))]


def _mapped(path: Path, stack: ExitStack) -> Bytes:
    if not path.exists() or path.stat().st_size == 0:
        return b""
    with path.open("rb") as handle:
        return stack.enter_context(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))


def _frames(log: Bytes, size: int) -> list[_Frame]:
    """The frames of a log (section 4) in order. Their checksums are ignored: SQLite reads no frame after a damaged one.

    SQLite writes the log from its beginning again and again. Frames of an earlier round, which follow the newer ones,
    are left out if the header of the log is readable.
    """
    header = bytes(log[:_LOG_HEADER])
    has_header = len(header) == _LOG_HEADER and int.from_bytes(header[:4]) in _MAGIC
    pages: list[tuple[int, int]] = []
    ends: list[int] = []
    for begins in range(_LOG_HEADER, len(log) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        frame = bytes(log[begins : begins + _FRAME_HEADER])
        if has_header and frame[8:16] != header[16:24]:
            continue
        pages.append((int.from_bytes(frame[:4]), begins + _FRAME_HEADER))
        if frame[4:8] != bytes(4):
            ends.append(len(pages))
    committed = ends[-1] if ends else 0
    ends.append(len(pages))
    return [
        _Frame(at, ends[bisect_left(ends, at)], page, begins, at <= committed)
        for at, (page, begins) in enumerate(pages, start=1)
    ]


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A variable-length integer and where the next value begins. Raises IndexError at the end."""
    value = 0
    for _ in range(8):
        byte = content[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    return value << 8 | content[at], at + 1


_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)


def _length(kind: int) -> int:
    """Bytes of a value of a serial type. Raises ValueError for the two that mean nothing."""
    if kind < len(_LENGTHS):
        return _LENGTHS[kind]
    if kind < 12:
        raise ValueError("a value has a type that does not exist")
    return (kind - 12) // 2


def _value(kind: int, content: bytes) -> Value:
    """Raises ValueError for a text that is not UTF-8, or a number that is cut off."""
    match kind:
        case 0:
            return None
        case 7:
            number: float = struct.unpack(">d", content.rjust(8, b"\0"))[0]
            return number
        case 8 | 9:
            return kind - 8
        case _ if kind < 7:
            return int.from_bytes(content, signed=True)
    return content.decode() if kind % 2 else content
