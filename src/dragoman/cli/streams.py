"""The streams of a command: always open, always UTF-8, and without a traceback when they cannot be written.

Everything on stdout is data, help and version included: if its reader leaves, the command ends without a message; any
other failure is reported. Messages on stderr may get lost.

Everything that a command prints passes through these streams, also errors of arguments, warnings and tracebacks. Each
text is made visible (`make_visible`) before it is written, so that no character of an article, a file name, a service
or a model can control the terminal, or hide or reorder text. Colours and the progress bar go through `draw`.
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
"""What pages in the terminal may contain: colours, and isolates around right-to-left words."""
_MOVEMENT = r"\x1b\[[\d;?]*[A-Za-z]|\r"
"""What a progress bar may contain: any CSI sequence."""


def set_up() -> None:
    """Replace the streams of this process; streams that a test has put in their place stay."""
    _open_closed_streams()
    # UTF-8, whatever the locale of the terminal is.
    if isinstance(sys.stdout, io.TextIOWrapper):
        lines = sys.stdout.line_buffering
        sys.stdout = Data(_bytes_of(sys.stdout), encoding="utf-8", line_buffering=lines)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = Words(_bytes_of(sys.stderr), encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _bytes_of(stream: TextIO) -> BinaryIO:
    """A second stream to the same file, which leaves the first as Python made it."""
    return open(stream.fileno(), "wb", closefd=False)


class _Sink(io.TextIOWrapper):
    """A stream that makes control characters visible instead of writing them."""

    drawing = _COLOUR
    """What `draw` writes unchanged."""

    def write(self, text: str, /) -> int:
        self._put(make_visible(text))
        return len(text)

    def draw(self, text: str) -> None:
        """Write ``text`` with the sequences that Dragoman itself makes; everything else in it is made visible."""
        pieces = re.split(f"({self.drawing})", text)
        self._put("".join([piece if place % 2 else make_visible(piece) for place, piece in enumerate(pieces)]))

    def _put(self, text: str) -> None:
        super().write(text)


class Data(_Sink):
    """stdout. Raises `StoreError` when it cannot be written, `SystemExit` when its reader has left."""

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
        # Python flushes it once more at exit.
        _discard(self)
        if isinstance(error, BrokenPipeError):
            return SystemExit(0)
        if error.errno == errno.EBADF:
            return StoreError("stdout is closed. Redirect it, for example with > FILE")
        return StoreError(f"stdout cannot be written: {error.strerror or error}")


class Words(_Sink):
    """stderr. Accepts everything, also when it cannot be written."""

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
            # Python would end with an exit code of its own.
            _discard(self)


class Forwarding:
    """A stream for a library to write to: calls ``method`` of ``stream`` with each text, `write` if it has none."""

    def __init__(self, stream: TextIO, method: str) -> None:
        self._stream = stream
        self._forward = getattr(stream, method, stream.write)

    def write(self, text: str) -> int:
        self._forward(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class MadeVisible(Forwarding):
    """A stream in front of the one with which a library has replaced stderr: makes control characters visible."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream, "write")

    def write(self, text: str) -> int:
        super().write(make_visible(text))
        return len(text)


def _discard(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _open_closed_streams() -> None:
    """Open closed streams on the null device; otherwise the next file that is opened would get their number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is that of the closed stream. stdin is at its end and messages are lost, but stdout
            # cannot be written: lost data must be reported.
            os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
