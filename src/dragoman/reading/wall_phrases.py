"""The phrases of pages that stand before an article, by language (``data/walls.tsv``), and where a text has them.

A phrase inside quotation marks is not found: there an article reports what such a page says.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from dragoman.core.data_tables import table_rows
from dragoman.core.text import caseless

CUT = "cut"
"""The kind of the phrases that say of an article that the rest of it is for subscribers."""

COURTESY = "courtesy"
"""The kind of the phrases that walls have besides: "try again later". They make no wall by themselves."""

_UNSPACED = frozenset({"zh", "ja", "ko", "th"})
"""Languages in which a phrase is searched for inside words, because they write no spaces or attach endings."""

_QUOTED = re.compile(
    r"«[^«»]{1,300}»|“[^“”]{1,300}”|„[^„“”]{1,300}[“”]|「[^「」]{1,200}」|『[^『』]{1,200}』"
    r'|(?<![\w=])"[^"\n]{1,300}"(?!\w)'
)
_NUMBER = re.compile(r"(?<![\w.#:/-])(?!(?:4[0-5]\d|50\d|52\d)\b)\d+(?:[.,:]\d+)?(?![\w.]*[.:]\d)(?!\w)")
"""A number of a text: no HTTP status, address, version or identifier."""

_GAP = "[^.!?。！？।؟۔\n]{0,60}?"


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a text: its kind (a `WallKind`, `CUT` or `COURTESY`) and its place. ``is_strong`` if it is too long
    to be there by chance."""

    kind: str
    start: int
    end: int
    is_strong: bool


class _Phrase(NamedTuple):
    kind: str
    pieces: tuple[str, ...]
    """What is plain text in it, caseless: a text without one of them does not have the phrase. Much quicker to look for
    than the pattern."""
    pattern: str
    is_strong: bool


def phrases_in(text: str, language: str) -> list[Found]:
    """The phrases of all kinds in a text, in order; of overlapping ones the first and longest."""
    found: list[Found] = []
    for phrase in sorted(_search(text, language, None), key=lambda phrase: (phrase.start, -phrase.end)):
        if not found or phrase.start >= found[-1].end:
            found.append(phrase)
    return found


def phrases_of(kind: str, text: str, language: str) -> list[Found]:
    """The phrases of one kind in a text, in order."""
    return sorted(_search(text, language, {kind}), key=lambda phrase: (phrase.start, -phrase.end))


def reports(text: str, language: str) -> bool:
    """Whether a text says who said something, as news do and walls do not."""
    says = _says(language.split("-")[0])
    return says is not None and says.search(_without_phrases(text, language)) is not None


def has_facts(text: str, language: str) -> bool:
    """Whether a text has what news have and error pages lack: a name in quotation marks, or two numbers."""
    rest = _without_phrases(text, language)
    return _QUOTED.search(rest) is not None or len(_NUMBER.findall(rest)) >= 2


def _without_phrases(text: str, language: str) -> str:
    for found in phrases_in(text, language):
        text = text[: found.start] + " " * (found.end - found.start) + text[found.end :]
    return text


def _search(text: str, language: str, kinds: Collection[str] | None) -> Iterator[Found]:
    """The phrases of a language and the English ones, which pages in any language show; those of all languages where
    the language is not known."""
    unquoted = _QUOTED.sub(lambda match: " " * len(match[0]), text)
    composed = unicodedata.normalize("NFC", unquoted)
    folded = caseless(composed)
    code = language.split("-")[0]
    for owner in _languages() if code in ("", "und") else dict.fromkeys((code, "en")):
        for phrase in _phrases(owner):
            if (kinds is None or phrase.kind in kinds) and all(piece in folded for piece in phrase.pieces):
                for match in _compiled(phrase.pattern).finditer(composed):
                    start, end = (_place(unquoted, at) for at in match.span()) if composed != text else match.span()
                    yield Found(phrase.kind, start, end, phrase.is_strong)


def _place(text: str, position: int) -> int:
    """The offset in a text of a position in its composed form."""
    return bisect_left(range(len(text)), position, key=lambda at: len(unicodedata.normalize("NFC", text[:at])))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def _languages() -> tuple[str, ...]:
    return tuple(dict.fromkeys(language for language, _, _ in table_rows("walls.tsv")))


@cache
def _phrases(language: str) -> tuple[_Phrase, ...]:
    rows = [(kind, words) for owner, kind, words in table_rows("walls.tsv") if owner == language]
    return tuple(_phrase(kind, phrase, language) for kind, words in rows for phrase in words.split("|"))


def _phrase(kind: str, words: str, language: str) -> _Phrase:
    """A phrase of the table. At its end, ``…`` or ``...`` is an ellipsis that the page shows, not a gap."""
    text = unicodedata.normalize("NFC", words)
    shown = text.rstrip(".…")
    ellipsis = r"\s*(?:…|\.\.\.)" if shown != text else ""
    pattern = re.escape(shown).replace("…", _GAP).replace(r"\#", r"[\d.,\s]*\d").replace(r"\*", r"\w*")
    pattern = pattern.replace(r"\ ", r"\s+").replace("'", "['’‘ʼ]") + ellipsis
    if language not in _UNSPACED:
        pattern = rf"(?<!\w){pattern}" + (r"(?!\w)" if pattern[-1].isalnum() else "")
    pieces = tuple(caseless(piece.strip()) for piece in re.split("[…#*']", shown) if piece.strip())
    # Arabic and Hebrew words carry the articles and prepositions that are words elsewhere.
    least = 2 if language in ("ar", "he") and len(text) >= 13 else 3
    is_strong = len(text) >= 6 if language in _UNSPACED else len(text.split()) >= least
    return _Phrase(kind, pieces, pattern, is_strong)


@cache
def _says(language: str) -> re.Pattern[str] | None:
    """The words by which a language says who said something, from the table that the checks use."""
    is_unspaced = language in _UNSPACED
    # A single letter of Chinese or Japanese is part of too many words.
    words = [
        word
        for owner, kind, word in table_rows("cues.tsv")
        if owner == language and kind in ("says", "according") and len(word) > is_unspaced
    ]
    if not words:
        return None
    alternatives = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    # Past tenses of Slavic languages end in a vowel for gender or number, and the table has not all of them.
    ending = "[аои]?" if language in ("ru", "uk") else ""
    return _compiled(alternatives if is_unspaced else rf"(?<!\w)(?:{alternatives}){ending}(?!\w)")
