"""The streams of a command: open, UTF-8, and never a traceback when nobody can be told.

Whatever is written to stdout is data (help and the version too): a reader that leaves ends the command quietly, any
other trouble is said. What is said to people on stderr may get lost.

Both are the one sink of all that a command prints, by whatever way it comes here (messages, errors of arguments,
warnings, tracebacks): each text is made `visible` before it is written, so that no character of an article, a file
name, a service or a model can steer the terminal, or hide or reorder text. Colour and the bar go through `draw`.
"""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from typing import Any, BinaryIO, TextIO

from dragoman.core.visible import make_visible
from dragoman.errors import StoreError

_COLOUR = r"\x1b\[\d{1,2}m|[\u2067\u2069]"
"""What `show` makes itself: colours, and isolates around right-to-left words."""
_MOVEMENT = r"\x1b\[[\d;?]*[A-Za-z]|\r"
"""What a bar makes itself: any CSI sequence."""


def set_up() -> None:
    """Make the streams of this process what they are to be; what tests put in their place stays."""
    _open_what_is_closed()
    # Whatever the terminal is set to.
    if isinstance(sys.stdout, io.TextIOWrapper):
        lines = sys.stdout.line_buffering
        sys.stdout = Data(_bytes_of(sys.stdout), encoding="utf-8", line_buffering=lines)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = Words(_bytes_of(sys.stderr), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _bytes_of(stream: TextIO) -> BinaryIO:
    """A way to the same file that leaves the stream itself as Python made it."""
    return open(stream.fileno(), "wb", closefd=False)


class _Sink(io.TextIOWrapper):
    """A stream that shows what could steer a terminal instead of writing it."""

    drawing = _COLOUR
    """What `draw` lets pass."""

    def write(self, text: str, /) -> int:
        self._put(make_visible(text))
        return len(text)

    def draw(self, text: str) -> None:
        """As `write`, but for sequences that the product makes itself; the texts between are to be clean already."""
        pieces = re.split(f"({self.drawing})", text)
        self._put("".join([piece if place % 2 else make_visible(piece) for place, piece in enumerate(pieces)]))

    def _put(self, text: str) -> None:
        super().write(text)


class Data(_Sink):
    """stdout. Raises `StoreError` when it takes nothing, `SystemExit` when its reader has gone."""

    def _put(self, text: str) -> None:
        try:
            super()._put(text)
        except OSError as error:
            raise self._ended_by(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise self._ended_by(error) from error

    def _ended_by(self, error: OSError) -> BaseException:
        # It is flushed once more at exit.
        _discard(self)
        if isinstance(error, BrokenPipeError):
            return SystemExit(0)
        if error.errno == errno.EBADF:
            return StoreError("stdout is closed: give it somewhere to go, such as > FILE")
        return StoreError(f"stdout cannot be written: {error.strerror or error}")


class Words(_Sink):
    """stderr. Takes everything, also when it goes nowhere."""

    drawing = _MOVEMENT

    def _put(self, text: str) -> None:
        try:
            super()._put(text)
        except OSError:
            _discard(self)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            # Python would make it the exit code.
            _discard(self)


class Passing:
    """A stream in front of another one, for a library that writes to it: ``way`` is the other's method that takes the
    text."""

    def __init__(self, stream: TextIO, way: str) -> None:
        self._stream = stream
        self._way = getattr(stream, way, stream.write)

    def write(self, text: str) -> int:
        self._way(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Cleaned(Passing):
    """In front of a stream that a library has put in the place of stderr: what is written there is shown first."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream, "write")

    def write(self, text: str) -> int:
        super().write(make_visible(text))
        return len(text)


def _discard(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _open_what_is_closed() -> None:
    """A stream that was closed from the start is opened on nothing, or its number would go to the next file."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that was closed. Reading finds an end, words go nowhere; stdout cannot
            # be written, because data that nobody can get is trouble.
            os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
