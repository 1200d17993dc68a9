"""What an extraction gives, and how a parser's failure becomes the error of one article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dragoman.core.source import LeftOut
from dragoman.errors import ArticleError


@dataclass(frozen=True, slots=True)
class Extracted:
    """``text`` has one line per block. ``notes`` say what a reader of the result should know."""

    text: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Make whatever a parser raises on hostile input the error of one article, so that it cannot end a run."""
    try:
        yield
    except (ArticleError, ImportError, MemoryError):
        raise
    except Exception as error:
        message = f"the {what} cannot be read: {type(error).__name__}: {str(error)[:200]}"
        raise ArticleError("unreadable", message) from error
