"""The language that a BCP-47 tag means for the tables of words: ``no`` for ``nb-NO``, ``zh`` for ``zh-Hant``."""

from __future__ import annotations

_SERVED_BY = {"nb": "no", "nn": "no", "tl": "fil"}
"""Tags of languages that share the tables of another: the two written standards of Norwegian, and Tagalog, of which
Filipino is the standard."""


def primary(tag: str) -> str:
    """The first subtag, or that of the language whose tables serve it. It names the files and rows of words."""
    first = tag.partition("-")[0].lower()
    return _SERVED_BY.get(first, first)
