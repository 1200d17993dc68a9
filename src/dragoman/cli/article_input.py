"""The article of a command that takes one: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli.help import Panel
from dragoman.cli.options import flag

if TYPE_CHECKING:
    from dragoman.core.article import Article
    from dragoman.reading.discover import ArticleFile

ArticleArgument = Annotated[
    str, typer.Argument(metavar="FILE|-", help="A .txt, .md or .html file, or - for standard input.")
]
MediaType = Annotated[
    str | None,
    flag(
        "--type", panel=Panel.WHAT, metavar="txt|md|html",
        help="The format of standard input. Default: html if it looks like a web page, otherwise txt.",
    ),
]  # fmt: skip


def read_input(file: str, media_type: str | None, max_bytes: int) -> ArticleFile | Article:
    """The file with this name, which is not read yet, or for ``-`` the article on standard input.

    Reads no more than one byte over ``max_bytes``. Raises `ConfigError` for a file that does not exist, a closed
    standard input, and an unknown ``media_type``.
    """
    from dragoman.core.article import make_article
    from dragoman.errors import ConfigError
    from dragoman.reading.discover import named
    from dragoman.reading.formats import MEDIA_TYPES, guess_ending

    if file != "-":
        return named(Path(file))
    if sys.stdin is None:
        raise ConfigError("standard input is closed")
    # One byte more than the limit shows that the input is too large; an endless input is not read to its end.
    content = sys.stdin.buffer.read(max_bytes + 1)
    ending = guess_ending(content) if media_type is None else "." + media_type.lstrip(".")
    if ending not in MEDIA_TYPES:
        raise ConfigError(f"--type {media_type} is not one of {', '.join(sorted(k[1:] for k in MEDIA_TYPES))}")
    return make_article("stdin", content, MEDIA_TYPES[ending])
