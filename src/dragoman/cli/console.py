"""Lines for people on stderr; stdout is for data and nothing else.

All that a command prints goes through here; the `streams` below make it visible, and hold for what libraries print too.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from dragoman.core.visible import escaped

if TYPE_CHECKING:
    from dragoman.output.terminal.pages import Paper

_NARROWEST, _WIDEST = 20, 100
"""Columns: narrower windows are not tried, longer lines are hard to read."""


def say(text: str) -> None:
    """A line for people, on stderr; a closed stderr is no reason to fail.

    It is one line whatever is in it, so that no error text of a service can add a line of its own.
    """
    _tell(" ".join(text.splitlines()) + "\n")


def say_json(line: str) -> None:
    """A JSON object for machines, on stderr: the same values, with characters escaped that `say` would show."""
    _tell(escaped(line) + "\n")


def say_trace(text: str) -> None:
    """The lines of a traceback, on stderr."""
    _tell(text)


def _tell(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def emit(text: str) -> None:
    """Data, on stdout. See `streams.Data` for what happens when it cannot be written."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def emit_json(text: str) -> None:
    """JSON, on stdout: the same values, with characters escaped that `emit` would show."""
    emit(escaped(text))


def draw(lines: Iterable[str]) -> None:
    """Lines with colour and isolates of our own on stdout; all other text in them is clean (`reports.cells`)."""
    for line in lines:
        getattr(sys.stdout, "draw", sys.stdout.write)(line + "\n")
        sys.stdout.flush()


def counted(number: int, noun: str) -> str:
    """``1 article``, ``2 articles``, ``3 replies``."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number:,} {noun if number == 1 else plural}"


def only_on_retry(articles: int) -> str:
    """How so many articles are asked again whose replies were of no use and are kept."""
    return f"{counted(articles, 'article')} without a usable answer: asked again only with --retry"


def kept_outside(folder: object, command: str) -> str:
    """The notice of paid replies that the store did not take."""
    return (
        f"the store does not take a paid reply: it is kept in {folder}, and so are those that follow. "
        f"When the store works again, `{command}` puts them back"
    )


def on_terminal() -> bool:
    """Whether stderr is a terminal that may be drawn on."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def paper(*, whole_lines: bool = False) -> Paper:
    """The terminal's width and colour; a pipe has no colour and, for lists, lines as long as they are."""
    from dragoman.output.terminal.pages import Paper

    tty = sys.stdout.isatty()
    if whole_lines and not tty and "COLUMNS" not in os.environ:
        return Paper(None)
    cells = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    return Paper(cells, tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
