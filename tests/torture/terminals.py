"""Run a command at a pseudo-terminal, and find the raw control characters that the terminal receives."""

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

# Sequences of the progress bar and of `show`: colours, the cursor, and clearing one line.
_OWN = re.compile(rb"\x1b\[(?:[0-9;]*m|\?25[lh]|[0-9]*[ABCDK]|2K)|\r\n|\r|\n")
_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Seen:
    """The exit code of a command, and everything that the terminal received on stdout and stderr."""

    code: int
    screen: bytes

    @property
    def hostile(self) -> list[str]:
        """Control characters and bidi marks that do not belong to the bar, each with some context."""
        text = _OWN.sub(b"", self.screen).decode("utf-8", "backslashreplace")
        return [text[max(0, at.start() - 30) : at.end() + 20] for at in _HOSTILE.finditer(text)]


def on_a_terminal(
    words: Sequence[object], *, home: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Seen:
    """Run a command whose stdout and stderr are a terminal, and read everything that the terminal receives."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals are of POSIX")
    controller, screen_side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", *map(str, words)],
        env=environment(home, {"TERM": "xterm-256color", "COLUMNS": "100", **(env or {})}),
        cwd=cwd or home,
        stdin=subprocess.DEVNULL,
        stdout=screen_side,
        stderr=screen_side,
    )
    os.close(screen_side)
    seen, end = b"", time.monotonic() + 180
    while time.monotonic() < end:
        if select.select([controller], [], [], 0.1)[0]:
            try:
                piece = os.read(controller, 65_536)
            except OSError:  # no process has the other side open any more
                break
            if not piece:
                break
            seen += piece
    os.close(controller)
    return Seen(process.wait(timeout=60), seen)
