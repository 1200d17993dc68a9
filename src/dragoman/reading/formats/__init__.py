"""Article text out of plain text, Markdown and HTML; what was left out, and why. Letters are the page's own."""

from __future__ import annotations

from dragoman.reading.formats.extracted import Extracted
from dragoman.reading.formats.html import extract_html
from dragoman.reading.formats.markdown import extract_markdown

__all__ = ["Extracted", "extract"]


def extract(text: str, media_type: str) -> Extracted:
    """The article in ``text``. Raises `ArticleError` (``unreadable``) when the markup cannot be read.

    ``media_type`` is ``text/plain`` (given back unchanged), ``text/markdown`` or ``text/html``.
    """
    match media_type:
        case "text/html":
            return extract_html(text)
        case "text/markdown":
            return extract_markdown(text)
        case _:
            return Extracted(text)
