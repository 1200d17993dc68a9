"""The formats that Dragoman reads: one row of `FORMATS` and one module for each.

A module has a function ``extract(text) -> Extracted``, which gives the article in a decoded file with the file's own
letters, what was left out and why. The module is imported when the first article of its format is read, because most
formats need slow libraries, and those the module imports inside its functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from dragoman.errors import ArticleError

if TYPE_CHECKING:
    from dragoman.reading.formats.extracted import Extracted


@dataclass(frozen=True, slots=True)
class Format:
    """One row of the table."""

    media_type: str
    endings: tuple[str, ...]
    """Of file names, in small letters, with the dot."""
    module: str
    """The module of this package that has the function ``extract``."""
    first_bytes: tuple[bytes, ...] = ()
    """What a file without a name (standard input) begins with, in small letters."""
    declares_charset: bool = False
    """Whether a file states its own charset, in a ``meta`` element or an XML declaration."""
    hard_wrapped: bool = False
    """Whether line breaks inside a paragraph are common, as in mail, so that lines may have to be joined."""
    extra: str | None = None
    """The extra of the package ``dragoman`` that installs the format's library; None where it is always installed."""


FORMATS: tuple[Format, ...] = (
    Format("text/plain", (".txt", ".text"), "plain_text", hard_wrapped=True),
    Format("text/markdown", (".md", ".markdown"), "markdown"),
    Format(
        "text/html",
        (".html", ".htm", ".xhtml"),
        "html",
        first_bytes=(b"<!doctype html", b"<html", b"<?xml"),
        declares_charset=True,
    ),
)
"""The first row is taken for a file without a name whose first bytes belong to no other format."""

BY_MEDIA_TYPE = {row.media_type: row for row in FORMATS}
MEDIA_TYPES = {ending: row.media_type for row in FORMATS for ending in row.endings}
"""File name ending to media type. A file with any other ending becomes an article that is skipped, with a reason."""


def endings() -> str:
    """All endings that are read, for messages: ``.htm, .html, …``."""
    return ", ".join(sorted(MEDIA_TYPES))


def not_read() -> str:
    """What is wrong with an article of another format, after its name."""
    return f"has a format that Dragoman does not read; it reads {endings()}"


def guess_ending(content: bytes) -> str:
    """The ending of the format that bytes without a file name have, by how they begin."""
    head = content[:500].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    row = next((row for row in FORMATS if row.first_bytes and head.startswith(row.first_bytes)), FORMATS[0])
    return row.endings[0]


def extract(text: str, media_type: str) -> Extracted:
    """The article in ``text``; ``media_type`` is one of the table's.

    Raises `ArticleError`: ``unreadable`` when the markup cannot be read, ``unsupported`` when the extra that the format
    needs is not installed.
    """
    row = BY_MEDIA_TYPE[media_type]
    try:
        return _extractor(row.module)(text)
    except ImportError as error:
        if row.extra is None:
            raise
        message = f"{', '.join(row.endings)} files need a library: pip install 'dragoman[{row.extra}]'"
        raise ArticleError("unsupported", message) from error


@cache
def _extractor(module: str) -> Callable[[str], Extracted]:
    function: Callable[[str], Extracted] = import_module(f"{__name__}.{module}").extract
    return function
