"""A command at a pseudo-terminal, and the raw control characters that the terminal gets from it."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.commands import environment

# What the progress bar and the colours of `show` are drawn with: colours, the cursor, one line emptied.
_OWN = re.compile(rb"\x1b\[(?:[0-9;]*m|\?25[lh]|[0-9]*[ABCDK]|2K)|\r\n|\r|\n")
_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Seen:
    """Exit code, and all that a terminal got on stdout and stderr."""

    code: int
    screen: bytes

    @property
    def hostile(self) -> list[str]:
        """The control characters and bidi marks that are no part of the bar, with some of what stands around them."""
        text = _OWN.sub(b"", self.screen).decode("utf-8", "backslashreplace")
        return [text[max(0, at.start() - 30) : at.end() + 20] for at in _HOSTILE.finditer(text)]


def on_a_terminal(
    words: Sequence[object], *, home: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Seen:
    """Give a command whose stdout and stderr are a terminal, and read all that the terminal gets."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals are of POSIX")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", *map(str, words)],
        env=environment(home, {"TERM": "xterm-256color", "COLUMNS": "100", **(env or {})}),
        cwd=cwd or home,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen, end = b"", time.monotonic() + 180
    while time.monotonic() < end:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # nobody has the other side open any more
                break
            if not piece:
                break
            seen += piece
    os.close(ours)
    return Seen(process.wait(timeout=60), seen)
