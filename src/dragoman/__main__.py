"""The process of a command (``dragoman``, ``python -m dragoman``): mostly short, so it starts and ends lightly."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress

from dragoman.cli import main as command

YOUNG = 50_000
"""New objects after which Python looks for cycles among them; its own 700 is for programs whose modules are few. While
the thousands of modules of an SDK come in, nothing is garbage, and looking takes a fifth of their time."""


def main() -> None:
    """Do what the command line says, and end with its exit code."""
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    try:
        command()
    except SystemExit as ended:
        leave(ended.code if isinstance(ended.code, int) else 0)


def leave(code: int) -> None:
    """End this process as Python would, but for taking all modules apart: that takes as long as a stored answer."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # what was written is flushed already; see `cli.streams`
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
