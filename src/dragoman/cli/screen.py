"""Lines for people on stderr; stdout is for data and nothing else."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from dragoman.errors import StoreError


def say(text: str) -> None:
    """A line for people, on stderr; a closed stderr is no reason to fail."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:
        # Python flushes stderr once more at exit, and would make that the exit code.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    except ValueError:
        pass


def emit(text: str) -> None:
    """Data, on stdout. A reader that has closed it ends the command quietly."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit; give it somewhere to go.
        _discard_stdout()
        raise SystemExit(0) from None
    except OSError as error:
        _discard_stdout()
        raise StoreError(f"stdout cannot be written: {error.strerror or error}") from error


def _discard_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def counted(number: int, noun: str) -> str:
    """``1 article``, ``2 articles``, ``3 replies``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def on_terminal() -> bool:
    """Whether stderr is a terminal that may be drawn on."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
