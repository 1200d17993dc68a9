"""The result of an extraction, and how a failure of a parser becomes the error of one article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dragoman.core.source import LeftOut
from dragoman.errors import ArticleError


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows and says besides its text, from which `walls` sees whether it is an article at all."""

    title: str = ""
    beside: tuple[str, ...] = ()
    """The lines that are shown outside the article and are not links."""
    links: int = 0
    """The number of lines that are links."""
    without_scripts: str = ""
    """What the page says to a reader whose browser runs no scripts (noscript)."""
    is_marked_as_article: bool = False
    """Whether the page states that it is an article, or when it was published."""
    is_marked_as_paid: bool = False
    """Whether the page states that its article is not free."""
    is_challenge: bool = False
    """Whether the page has the scripts of a service that checks visitors."""
    redirects: bool = False
    """Whether the page sends its reader to another one within seconds."""
    is_empty: bool = False
    """Whether no article was found in it, so that all its lines were kept."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of an article, with one line per block; what was left out; notes for a reader of the result; and what
    its page says about itself, which is empty for a format without pages."""

    text: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    page: Page = field(default_factory=Page)


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
