"""Check the answer of a language detector by the words of the text.

A detector takes a language that it does not know for its nearest neighbour: Yoruba for Vietnamese, Turkmen for Turkish,
Serbian in Latin letters for Bosnian. A text with hardly any common word of a language is not in that language, and
words that only one of close relatives has tell these apart. The words are in ``data/telling_words.tsv``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from dragoman.core.data_tables import table_rows

GROUPS = (("hr", "bs", "sr-Latn"), ("id", "ms"), ("no", "nn", "da"), ("mk", "sr"), ("ar", "fa"))
"""Close relatives, or languages that are written with each other's letters."""

_FEWEST = 1.0
"""Common words that a text of its length must have at least in a language, for their absence to say anything."""

_LONG = 100
"""Words from which a text must have the least share of common words. A shorter one may have half of it by chance."""

_USUAL = {"ms": "id"}
"""gcld3 takes most short Indonesian texts for Malay, so without a telling word its Malay is Indonesian."""

_LEGACY_WORDS = 0.08
"""Share of the words that are common ones of a legacy font. Running text has 15 % and more, any other text none."""

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f'’‘ʻʼ-]+[^\W\d_]*)*")
_APOSTROPHES = str.maketrans("’ʼʻ‘", "''''")
_PERSIAN = str.maketrans("يىك", "ییک")


class _Words(NamedTuple):
    """The words of one row: whole ones, and beginnings of others."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]
    least: float
    """The least share of common words, or the most of foreign letters."""

    @property
    def letters(self) -> str:
        return "".join(self.whole)

    def count(self, words: Sequence[str]) -> int:
        return sum(word in self.whole or word.startswith(self.beginnings) for word in words)


def words_of(text: str) -> list[str]:
    """The words of ``text`` in small letters, with one form of the apostrophe."""
    return [word.translate(_APOSTROPHES) for word in _WORD.findall(text.lower())]


def is_plausible(language: str, words: Sequence[str]) -> bool:
    """Whether the text has as many common words of ``language`` as any text in it; True if its words are not listed or
    the text is too short to tell."""
    foreign = _table().get((language, "foreign"))
    if foreign is not None:
        letters = "".join(words)
        if sum(letters.count(letter) for letter in foreign.letters) > foreign.least * len(letters):
            return False
    common = _table().get((language, "common"))
    if common is None or len(words) * common.least < _FEWEST:
        return True
    return common.count(words) >= len(words) * common.least * (1 if len(words) >= _LONG else 0.5)


def nearest(language: str, words: Sequence[str]) -> str:
    """The language among the relatives of ``language`` whose telling words the text has most of."""
    for group in GROUPS:
        if language in group:
            counts = {each: _table()[each, "telling"].count(_spelled(words, each)) for each in group}
            preferred = _USUAL.get(language, language)
            return max(counts, key=lambda each: (counts[each], each == preferred))
    return language


def legacy_font(text: str) -> str | None:
    """The font whose spelling ``text`` has: Latin letters and signs that are another script only in this font."""
    words = text.split()
    for (font, kind), row in _table().items():
        if kind == "font" and row.count(words) >= max(2, _LEGACY_WORDS * len(words)):
            return font
    return None


def _spelled(words: Sequence[str], language: str) -> Sequence[str]:
    """The words in the usual letters of a language: Persian is also typed with those of Arabic."""
    return [word.translate(_PERSIAN) for word in words] if language == "fa" else words


@lru_cache(maxsize=1)
def _table() -> Mapping[tuple[str, str], _Words]:
    table = {}
    for language, kind, least, listed in table_rows("telling_words.tsv"):
        words = listed.split() if kind == "font" else listed.translate(_APOSTROPHES).split()
        whole = frozenset(word for word in words if kind == "font" or not word.endswith("*"))
        beginnings = tuple(word[:-1] for word in words if kind != "font" and word.endswith("*"))
        table[language, kind] = _Words(whole, beginnings, float(least or 0))
    return table
