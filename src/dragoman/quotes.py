"""Locate a quote in a source → Span. Whole quotes only: a changed figure, letter or word is never located.

First letter for letter. Then *normalised*: canonical Unicode forms, widths, white space, quotation marks and
dashes, invisible characters, Arabic marks and tatweel, digits of any script, with a map back, so that a span
is always one of ``Source.text``. No compatibility folding: 10² never becomes 102. Then a quote with an
honest ellipsis, as several spans in order. Anything else is ``absent``.

An occurrence that begins or ends inside a number or a word is not one: "5 %" is not found in "25 %", nor
"legal" in "illegal".
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from dragoman.source import Source

Match = Literal["exact", "normalized", "absent"]

_QUOTES = {**dict.fromkeys("“”„‟«»〝〞〟″＂「」『』", '"'), **dict.fromkeys("‘’‚‛‹›′＇`´", "'")}
_DASHES = dict.fromkeys("‐‑‒–—―−－﹣﹘", "-")
_ALIKE = {**_QUOTES, **_DASHES}
# Vowel signs and other marks that Arabic print uses or leaves out at will, and the stretching stroke.
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3}|⋯)\s*\]|\(\s*(?:…|\.{3})\s*\)|…+|⋯+|\.{3,})\s*")
# Scripts written without spaces: there a line break or space inside a quote means nothing.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
# Scripts where a word may lose a joined particle without losing its sense.
_JOINED = re.compile("[\u0590-\u06ff\u0750-\u077f\u1100-\u11ff\uac00-\ud7af]")
# A Han word that loses one of these in front says the opposite.
_HAN_NEGATION = "不未没沒无無非勿別别莫否"
_LONGEST_CLUSTER = 16
"""Marks after one letter that are composed with it; longer runs are hostile, and normalising them is quadratic."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a quote stands: half-open, in code points of ``Source.text``; -1 and -1 when absent.

    ``start`` and ``end`` are of the whole, ``parts`` are the pieces where an ellipsis splits it (one piece
    otherwise), ``others`` are further occurrences of the whole.
    """

    match: Match
    start: int = -1
    end: int = -1
    parts: tuple[tuple[int, int], ...] = ()
    others: tuple[tuple[int, int], ...] = ()


ABSENT = Span("absent")


@dataclass(frozen=True)
class Normalised:
    """A text in normal form with the way back: character ``i`` stands for ``starts[i]`` to ``ends[i]``."""

    text: str
    starts: tuple[int, ...] = field(repr=False)
    ends: tuple[int, ...] = field(repr=False)


def locate(quote: str, source: Source | str, paragraph: int | None = None) -> Span:
    """Where ``quote`` stands in ``source``; the occurrence inside ``paragraph`` (from 1) is preferred."""
    text = source if isinstance(source, str) else source.text
    preferred = _range(source, paragraph)
    quote = quote.strip()
    if not quote:
        return ABSENT
    found = list(_occurrences(quote, text))
    if found:
        return _chosen("exact", found, preferred)
    breaks = () if isinstance(source, str) else tuple(p.end for p in source.paragraphs)
    whole = normalise(text, breaks)
    wanted = normalise(quote).text.strip()
    if not wanted:
        return ABSENT
    found = _in_source(_occurrences(wanted, whole.text), whole)
    if found:
        return _chosen("normalized", found, preferred)
    return _with_gaps(quote, whole, preferred)


def _with_gaps(quote: str, whole: Normalised, preferred: tuple[int, int] | None) -> Span:
    """A quote whose ellipsis stands for words left out: all pieces, in order, inside one paragraph."""
    pieces = [normalise(piece).text.strip() for piece in _ELLIPSIS.split(quote)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < 2:
        return ABSENT
    line_ends = _line_ends(whole)
    candidates: list[tuple[tuple[int, int], ...]] = []
    for first in _occurrences(pieces[0], whole.text):
        limit = line_ends[bisect.bisect_left(line_ends, first[1])]
        placed = [first]
        for piece in pieces[1:]:
            nxt = next((o for o in _occurrences(piece, whole.text, placed[-1][1]) if o[1] <= limit), None)
            if nxt is None:
                break
            placed.append(nxt)
        else:
            candidates.append(tuple(_in_source(placed, whole)))
    if not candidates:
        return ABSENT
    best = next((c for c in candidates if preferred and _inside((c[0][0], c[-1][1]), preferred)), candidates[0])
    others = tuple((c[0][0], c[-1][1]) for c in candidates if c is not best)
    return Span("normalized", best[0][0], best[-1][1], best, others)


def _line_ends(whole: Normalised) -> list[int]:
    return [i for i, character in enumerate(whole.text) if character == "\n"] + [len(whole.text)]


def _range(source: Source | str, paragraph: int | None) -> tuple[int, int] | None:
    if isinstance(source, str) or paragraph is None or not 1 <= paragraph <= len(source.paragraphs):
        return None
    chosen = source.paragraphs[paragraph - 1]
    return chosen.start, chosen.end


def _chosen(match: Match, found: list[tuple[int, int]], preferred: tuple[int, int] | None) -> Span:
    best = next((place for place in found if preferred and _inside(place, preferred)), found[0])
    return Span(match, *best, parts=(best,), others=tuple(place for place in found if place != best))


def _inside(place: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= place[0] and place[1] <= outer[1]


def _in_source(places: Iterable[tuple[int, int]], whole: Normalised) -> list[tuple[int, int]]:
    return [(whole.starts[start], whole.ends[end - 1]) for start, end in places]


def _occurrences(wanted: str, text: str, position: int = 0) -> Iterator[tuple[int, int]]:
    """Whole occurrences, not overlapping, from ``position`` on."""
    while (start := text.find(wanted, position)) >= 0:
        end = start + len(wanted)
        if _whole(text, start, end):
            yield start, end
            position = end
        else:
            position = start + 1


def _whole(text: str, start: int, end: int) -> bool:
    """Whether an occurrence begins and ends between words and numbers, not inside one."""
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    first, last = text[start], text[end - 1]
    if before and _same_word(before, first):
        return False
    if after and (_same_word(last, after) or unicodedata.category(after).startswith("M")):
        return False
    if before in _HAN_NEGATION and before and unicodedata.category(first) == "Lo":
        return False
    # 3 is not found in 3.5 or 1,3: a sign between digits belongs to the number.
    if first.isdecimal() and before and before in ".,٫٬" and start > 1 and text[start - 2].isdecimal():
        return False
    return not (last.isdecimal() and after and after in ".,٫٬" and end + 1 < len(text) and text[end + 1].isdecimal())


def _same_word(left: str, right: str) -> bool:
    if left.isdecimal() or right.isdecimal():
        return left.isdecimal() and right.isdecimal()
    if not (left.isalpha() or unicodedata.category(left).startswith("M")) or not right.isalpha():
        return False
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return False
    return not (_JOINED.match(left) and _JOINED.match(right))


@lru_cache(maxsize=64)
def normalise(text: str, breaks: tuple[int, ...] = ()) -> Normalised:
    """The normal form that quotes are compared in, with the map back to ``text``.

    White space that begins at one of ``breaks`` (the ends of paragraphs) stays a line break: no quote and no
    ellipsis reaches over it. Other white space is one space, or nothing beside a letter of a script that is
    written without spaces; between digits it is never dropped.
    """
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    ends_paragraph = frozenset(breaks)
    position = 0
    while position < len(text):
        end = _cluster_end(text, position)
        cluster = text[position:end]
        if not cluster.isspace():
            normal = _normal(cluster)
        elif position in ends_paragraph:
            normal = "\n"
        else:
            before = characters[-1] if characters else ""
            after = text[end] if end < len(text) else ""
            unspaced = before and after and (_UNSPACED.match(before) or _UNSPACED.match(after))
            normal = "" if unspaced and not (before.isdecimal() and after.isdecimal()) else " "
        characters += normal
        starts += [position] * len(normal)
        ends += [end] * len(normal)
        position = end
    return Normalised("".join(characters), tuple(starts), tuple(ends))


def _cluster_end(text: str, start: int) -> int:
    """The end of what is normalised together: a run of space, a letter with its marks, a run of jamo."""
    end = start + 1
    if text[start].isspace():
        while end < len(text) and text[end].isspace():
            end += 1
    elif "\u1100" <= text[start] <= "\u11ff":
        while end < len(text) and "\u1100" <= text[end] <= "\u11ff":
            end += 1
    else:
        while end < len(text) and end - start <= _LONGEST_CLUSTER and _continues(text[end]):
            end += 1
    return end


def _continues(character: str) -> bool:
    if character < "\u0300":
        return False
    # Half-width voicing marks belong to the kana before them.
    return unicodedata.category(character).startswith("M") or character in "ﾞﾟ"


def _normal(cluster: str) -> str:
    first = cluster[0]
    if len(cluster) == 1:
        if first < "\x7f":
            return "'" if first == "`" else first
        if first in _ALIKE:
            return _ALIKE[first]
        if first == "…":
            return "..."
    if "\uff01" <= first <= "\uffee":  # width forms only: their compatibility form is the same letter
        cluster = unicodedata.normalize("NFKC", cluster)
    kept = [
        c for c in _ARABIC_MARKS.sub("", cluster) if unicodedata.category(c) != "Cf" and not "\ufe00" <= c <= "\ufe0f"
    ]
    composed = unicodedata.normalize("NFC", "".join(kept))
    return "".join(_ALIKE.get(c) or _digit(c) for c in composed)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
