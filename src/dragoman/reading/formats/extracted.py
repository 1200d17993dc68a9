"""The result of an extraction, and how a failure of a parser becomes the error of one article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dragoman.core.source import LeftOut
from dragoman.errors import ArticleError


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of an article, with one line per block; what was left out; notes for a reader of the result."""

    text: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@contextmanager
def parsing(what: str) -> Iterator[None]:
    """Turn whatever a parser raises on hostile input into the error of one article, so that it cannot end a run."""
    try:
        yield
    except (ArticleError, ImportError, MemoryError):
        raise
    except Exception as error:
        message = f"the {what} cannot be read: {type(error).__name__}: {str(error)[:200]}"
        raise ArticleError("unreadable", message) from error
