"""Small lists of words that checks look for (cues), by language: ``data/cues.tsv``, one row per word."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from dragoman.core.text import caseless

_UNSPACED = frozenset(("zh", "ja", "ko", "th", "bn"))
"""Languages whose cues are also found inside words, because they have no spaces or add endings to words. Cues of the
kind ``weak`` (parts of words that may deny something) are found inside words in every language."""


@cache
def pattern(language: str, kind: str) -> re.Pattern[str] | None:
    """Return what finds any cue of a kind in a language, or None if there are no such cues.

    ``language`` is a BCP-47 tag, of which only the first subtag counts.
    """
    code = language.split("-")[0]
    words = [word for row_language, row_kind, word in rows() if (row_language, row_kind) == (code, kind)]
    if not words:
        return None
    alternatives = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    inside = code in _UNSPACED or kind == "weak"
    # Testing the first letter first takes half the time, because it passes over most places of a text.
    first_letters = "".join(sorted({re.escape(word[0]) for word in words}))
    bounded = f"(?:{alternatives})" if inside else rf"(?<!\w)(?:{alternatives})(?!\w)"
    return re.compile(f"(?=[{first_letters}]){bounded}", re.IGNORECASE)


def may_have(text: str, language: str, *kinds: str) -> bool:
    """Whether a `caseless` text may have a cue of some kinds. False is certain, and far cheaper than a search."""
    return any(map(text.__contains__, _shortest_cues(language, kinds)))


@cache
def _shortest_cues(language: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the caseless cues, without those that contain another cue."""
    code = language.split("-")[0]
    words = {caseless(word) for row_language, kind, word in rows() if row_language == code and kind in kinds}
    return tuple(sorted(word for word in words if not any(part in word for part in words - {word})))


@cache
def rows() -> tuple[tuple[str, str, str], ...]:
    """Return (language, kind, word) for each row of the table."""
    text = (files("dragoman") / "data" / "cues.tsv").read_text("utf-8")
    cells = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return tuple((language, kind, word) for language, kind, word in cells)
