"""Everything that a command prints: data on stdout, lines for people on stderr.

The streams in `streams` make control characters visible, also in what libraries print.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from dragoman.core.visible import escape_hidden

if TYPE_CHECKING:
    from dragoman.output.terminal.pages import Terminal

_NARROWEST, _WIDEST = 20, 100
"""Columns of a page: narrower pages break every word, longer lines are hard to read."""


def say(text: str) -> None:
    """Write one line for people to stderr; a closed stderr is no error.

    Line breaks in ``text`` become spaces, so that no error text of a service can add a line of its own.
    """
    _write_stderr(" ".join(text.splitlines()) + "\n")


def say_json(line: str) -> None:
    """Write one JSON object to stderr. Characters that `say` would make visible are escaped, so the values are the
    same."""
    _write_stderr(escape_hidden(line) + "\n")


def say_trace(text: str) -> None:
    """Write a traceback to stderr, with its line breaks."""
    _write_stderr(text)


def _write_stderr(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


def emit(text: str) -> None:
    """Write data to stdout. `streams.Data` defines what happens when stdout cannot be written."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def emit_json(text: str) -> None:
    """Write JSON to stdout. Characters that `emit` would make visible are escaped, so the values are the same."""
    emit(escape_hidden(text))


def draw(lines: Iterable[str]) -> None:
    """Write lines to stdout that contain Dragoman's own colours and isolates; `output.terminal.cells` has cleaned
    everything else in them."""
    for line in lines:
        getattr(sys.stdout, "draw", sys.stdout.write)(line + "\n")
        sys.stdout.flush()


def noun(number: int, singular: str) -> str:
    """The noun for this number: ``article`` for 1, otherwise ``articles``; ``replies`` for ``reply``."""
    plural = singular[:-1] + "ies" if singular.endswith("y") else singular + "s"
    return singular if number == 1 else plural


def counted(number: int, singular: str) -> str:
    """``1 article``, ``2 articles``, ``3,000 replies``."""
    return f"{number:,} {noun(number, singular)}"


def only_on_retry(articles: int) -> str:
    """Says that the replies to this many articles are unusable and will not be requested again by themselves."""
    return f"{counted(articles, 'article')} without a usable answer: requested again only with --retry"


def corrections_only_on_retry(articles: int) -> str:
    """Says of how many articles only --retry would request a correction again; their answers are unchanged."""
    return f"{counted(articles, 'article')} with a correction that could not be used: requested again only with --retry"


def rescue_notice(folder: object, command: str) -> str:
    """Says that the store cannot take paid replies, where they are saved, and which command imports them."""
    return (
        f"the store cannot take a paid reply. It is saved in {folder}, and so are those that follow. "
        f"When the store works again, `{command}` imports them"
    )


def on_terminal() -> bool:
    """Whether stderr is a terminal that can move its cursor."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def paper(*, whole_lines: bool = False) -> Terminal:
    """The width and colour of stdout. A pipe has no colour; with ``whole_lines`` its lines are not cut either."""
    from dragoman.output.terminal.pages import Terminal

    is_terminal = sys.stdout.isatty()
    if whole_lines and not is_terminal and "COLUMNS" not in os.environ:
        return Terminal(None)
    cells = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    return Terminal(cells, is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
