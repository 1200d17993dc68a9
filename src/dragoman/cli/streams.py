"""The streams of a command: open, UTF-8, and never a traceback when nobody can be told.

Whatever is written to stdout is data (help and the version too): a reader that leaves ends the command quietly, any
other trouble is said. What is said to people on stderr may get lost.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import BinaryIO, TextIO

from dragoman.errors import StoreError


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


class Data(io.TextIOWrapper):
    """stdout. Raises `StoreError` when it takes nothing, `SystemExit` when its reader has gone."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
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


class Words(io.TextIOWrapper):
    """stderr. Takes everything, also when it goes nowhere."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            _discard(self)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            # Python would make it the exit code.
            _discard(self)


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
