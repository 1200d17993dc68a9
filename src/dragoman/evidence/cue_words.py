"""Small lists of words that checks look for, by language: ``data/cues.tsv``, one row a word."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from dragoman.core.text import caseless

_UNSPACED = frozenset(("zh", "ja", "ko", "th", "bn"))
"""Languages whose cues are looked for inside words too: no spaces, or endings that grow onto them. The kind
``weak`` (parts of words that may deny something) is looked for inside words everywhere."""


@cache
def pattern(language: str, kind: str) -> re.Pattern[str] | None:
    """What finds any cue of a kind in a language (BCP-47; only its first part counts); None without cues."""
    code = language.split("-")[0]
    words = [word for row_language, row_kind, word in _rows() if (row_language, row_kind) == (code, kind)]
    if not words:
        return None
    found = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    inside = code in _UNSPACED or kind == "weak"
    # Most places of a text are passed over by their first letter: the same finds in half the time.
    first = "".join(sorted({re.escape(word[0]) for word in words}))
    bounded = f"(?:{found})" if inside else rf"(?<!\w)(?:{found})(?!\w)"
    return re.compile(f"(?=[{first}]){bounded}", re.IGNORECASE)


def may_have(text: str, language: str, *kinds: str) -> bool:
    """Whether a cue of some kinds may stand in a `caseless` text. False is sure, and much quicker than a search."""
    return any(map(text.__contains__, _roots(language, kinds)))


@cache
def _roots(language: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The caseless cues, without those that hold another."""
    code = language.split("-")[0]
    words = {caseless(word) for row_language, kind, word in _rows() if row_language == code and kind in kinds}
    return tuple(sorted(word for word in words if not any(other in word for other in words - {word})))


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    text = (files("dragoman") / "data" / "cues.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((language, kind, word) for language, kind, word in rows)
