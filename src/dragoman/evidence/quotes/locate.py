"""Locate a quote in a source → Span. Whole quotes only: a changed figure, letter or word is never located.

First letter for letter. Then *normalised*: canonical Unicode forms, widths, white space, quotation marks and
dashes, invisible characters, Arabic marks and tatweel, digits of any script, with a map back, so that a span
is always one of ``Source.text``. No compatibility folding: 10² never becomes 102. Then a quote with an
honest ellipsis, as several spans in order. Anything else is ``absent``.

An occurrence that begins or ends inside a number or a word is not one: "5 %" is not found in "25 %", nor
"legal" in "illegal" (`boundaries`).
"""

from __future__ import annotations

import bisect
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from dragoman.core.source import Match, Source
from dragoman.evidence.quotes import boundaries
from dragoman.evidence.quotes.quick_boundaries import SPACED, UNSPACED, has_clean_ends

_QUOTES = {**dict.fromkeys("“”„‟«»〝〞〟″＂「」『』", '"'), **dict.fromkeys("‘’‚‛‹›′＇`´", "'")}
_DASHES = dict.fromkeys("‐‑‒–—―−－﹣﹘", "-")
# The same sign or letter at another code point: Hebrew and Ukrainian marks, Arabic signs, Persian letters, dots.
_SAME = {"״": '"', "׳": "'", "ʼ": "'", "٪": "%", "٫": ".", "٬": ",", "ی": "ي", "ک": "ك", "〜": "~", "～": "~"}
_ALIKE = {**_QUOTES, **_DASHES, **_SAME, **dict.fromkeys("•・‧∙", "·")}
# Vowel signs and other marks that Arabic print uses or leaves out at will, and the stretching stroke.
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
# Choose between drawings of the same letter.
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3}|⋯)\s*\]|\(\s*(?:…|\.{3})\s*\)|…+|⋯+|\.{3,})\s*")
# Scripts written without spaces: there a line break or space inside a quote means nothing.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_GLOSS = re.compile("[(（](?<=[\u3400-\u9fff].)[a-zü\u00e0-\u01dc]{1,7}[)）]")
_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_LOST_REFERENCE = re.compile("(?<=[\u3400-\u9fff])(\\d{5});(?=[\u3400-\u9fff])")
_LONGEST_CLUSTER = 16
"""Marks after one letter that are composed with it; longer runs are hostile, and normalising them is quadratic."""

MOST_OCCURRENCES = 1_000
"""Occurrences that are looked at; a quote found more often is no evidence of anything."""

MOST_OTHERS = 20

MOST_GAPS = 8
"""An honest ellipsis leaves out a few words; a quote of more pieces is a collage."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a quote stands: half-open, in code points of ``Source.text``; -1 and -1 when absent.

    ``start`` and ``end`` are of the whole, ``parts`` are the pieces where an ellipsis splits it (one piece
    otherwise), ``others`` are further occurrences of the whole, at most `MOST_OTHERS`.
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
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)


def stands(quote: str, source: Source | str) -> bool:
    """Whether ``quote`` stands anywhere in ``source``, as `locate` sees it."""
    text, breaks = _text_of(source)
    quote = quote.strip()
    found = bool(quote) and bool(_exact(quote, text, breaks, most=1))
    return found or locate(quote, source).match != "absent"


def locate(quote: str, source: Source | str, paragraph: int | None = None) -> Span:
    """Where ``quote`` stands in ``source``; the occurrence inside ``paragraph`` (from 1) is preferred."""
    text, breaks = _text_of(source)
    preferred = _range(source, paragraph)
    quote = quote.strip()
    if not quote:
        return ABSENT
    if found := _exact(quote, text, breaks):
        return _chosen("exact", found, preferred)
    wanted = normalise(quote).text.strip()
    if not wanted:
        return ABSENT
    whole = normalise(text, breaks)
    for form in (_as_it_is, simplified):
        # Traditional and simplified Chinese are compared only when the quote is not there as it is.
        changed, same = form(wanted), Normalised(form(whole.text), whole.starts, whole.ends)
        found = [_in_source(place, same) for place in islice(_occurrences(changed, same), MOST_OCCURRENCES)]
        if found:
            return _chosen("normalized", found, preferred)
        if changed == wanted and same.text == whole.text and form is not _as_it_is:
            break
    return _with_gaps(quote, whole, preferred)


def _text_of(source: Source | str) -> tuple[str, tuple[int, ...]]:
    """The text, and the ends of its paragraphs, over which no quote reaches; a plain text is one paragraph."""
    return (source, ()) if isinstance(source, str) else (source.text, source.ends)


def _as_it_is(text: str) -> str:
    return text


@lru_cache(maxsize=64)
def simplified(text: str) -> str:
    """``text`` with every traditional Han character in its simplified form, one for one."""
    han = "".join(sorted(set(_HAN.findall(text))))
    if not han:
        return text
    # Character by character: phrases would be converted to other words, and to other lengths.
    converted = _simplifier().convert("\n".join(han)).split("\n")
    table = {ord(old): new for old, new in zip(han, converted, strict=True) if len(new) == 1}
    return text.translate(table)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _exact(quote: str, text: str, breaks: tuple[int, ...], most: int = MOST_OCCURRENCES) -> list[tuple[int, int]]:
    """Letter for letter, inside one paragraph. Only what is around each occurrence is normalised: it is quick."""
    found: list[tuple[int, int]] = []
    core: str | None = None
    position = 0
    while len(found) < most and (start := text.find(quote, position)) >= 0:
        end = start + len(quote)
        over = bisect.bisect_right(breaks, start) < bisect.bisect_left(breaks, end)
        whole = has_clean_ends(text, start, end)
        if not over and not whole and not _cuts_cluster(text, start, end):
            core = normalise(quote).text if core is None else core
            left, right = _around(text, start, end)
            whole = boundaries.is_whole(left, core, right)
        if whole and not over:
            found.append((start, end))
            position = end
        else:
            position = start + 1
    return found


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The normal form of what stands before and after; normalised with it, for white space depends on both sides."""
    first = max(0, start - boundaries.REACH)
    window = normalise(text[first : end + boundaries.REACH])
    before = bisect.bisect_left(window.starts, start - first)
    return window.text[:before], window.text[bisect.bisect_left(window.starts, end - first) :]


def _cuts_cluster(text: str, start: int, end: int) -> bool:
    """Whether a mark that belongs to the last letter, or the letter of a first mark, stays outside."""
    return _continues(text[start]) or (end < len(text) and _continues(text[end]))


def _occurrences(wanted: str, whole: Normalised, position: int = 0) -> Iterator[tuple[int, int]]:
    """Whole occurrences in a normal form, not overlapping, from ``position`` on."""
    text, starts, ends = whole.text, whole.starts, whole.ends
    while (start := text.find(wanted, position)) >= 0:
        end = start + len(wanted)
        cut = (start > 0 and starts[start] == starts[start - 1]) or (end < len(text) and ends[end - 1] == ends[end])
        left = text[max(0, start - boundaries.REACH) : start]
        if not cut and boundaries.is_whole(left, wanted, text[end : end + boundaries.REACH]):
            yield start, end
            position = end
        else:
            position = start + 1


def _with_gaps(quote: str, whole: Normalised, preferred: tuple[int, int] | None) -> Span:
    """A quote whose ellipsis stands for words left out: all pieces, in order, inside one paragraph."""
    if not _ELLIPSIS.search(quote):
        return ABSENT
    pieces = [normalise(piece).text.strip() for piece in _ELLIPSIS.split(quote)]
    pieces = [piece for piece in pieces if piece]
    if not 1 <= len(pieces) <= MOST_GAPS + 1:
        return ABSENT
    candidates: list[tuple[tuple[int, int], ...]] = []
    for first in _occurrences(pieces[0], whole):
        limit = whole.text.find("\n", first[1])
        placed = [first]
        if len(candidates) > MOST_OTHERS and preferred is None:
            break
        for piece in pieces[1:]:
            following = next(_occurrences(piece, whole, placed[-1][1]), None)
            if following is None or (0 <= limit < following[1]):
                break
            placed.append(following)
        else:
            candidates.append(tuple(_in_source(place, whole) for place in placed))
    if not candidates:
        return ABSENT
    best = next((c for c in candidates if preferred and _inside((c[0][0], c[-1][1]), preferred)), candidates[0])
    others = tuple((c[0][0], c[-1][1]) for c in candidates if c is not best)[:MOST_OTHERS]
    return Span("normalized", best[0][0], best[-1][1], best, others)


def _range(source: Source | str, paragraph: int | None) -> tuple[int, int] | None:
    if isinstance(source, str) or paragraph is None or not 1 <= paragraph <= len(source.paragraphs):
        return None
    chosen = source.paragraphs[paragraph - 1]
    return chosen.start, chosen.end


def _chosen(match: Match, found: list[tuple[int, int]], preferred: tuple[int, int] | None) -> Span:
    if len(found) == 1:
        return Span(match, *found[0], parts=(found[0],))
    best = next((place for place in found if preferred and _inside(place, preferred)), found[0])
    others = tuple(place for place in found if place != best)[:MOST_OTHERS]
    return Span(match, *best, parts=(best,), others=others)


def _inside(place: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= place[0] and place[1] <= outer[1]


def _in_source(place: tuple[int, int], whole: Normalised) -> tuple[int, int]:
    return whole.starts[place[0]], whole.ends[place[1] - 1]


# Longest runs of letters that are their own normal form, single spaces between spaced ones included. The last
# letter before anything else stays out, for a mark may follow.
_PLAIN_RUN = re.compile(f"(?:[{SPACED}{UNSPACED}]+|(?<=[{SPACED}]) (?=[{SPACED}]))+(?=[{SPACED}{UNSPACED}\\s]|\\Z)")


@lru_cache(maxsize=64)
def normalise(text: str, breaks: tuple[int, ...] = ()) -> Normalised:
    """The normal form that quotes are compared in, with the map back to ``text``.

    White space that begins at one of ``breaks`` (the ends of paragraphs) stays a line break: no quote and no
    ellipsis reaches over it. Other white space is one space, or nothing beside a letter of a script that is
    written without spaces; between digits it is never dropped.
    """
    damaged = _may_be_damaged(text)
    # Known damage, and a paragraph that ends at a plain space, are rare: then every letter is looked at.
    letter_by_letter = damaged or any(text[b : b + 1] == " " for b in breaks)
    if not letter_by_letter and (run := _PLAIN_RUN.match(text)) and run.end() == len(text):
        return Normalised(text, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    ends_paragraph = frozenset(breaks)
    position = 0
    while position < len(text):
        if not letter_by_letter and (run := _PLAIN_RUN.match(text, position)):
            end = run.end()
            pieces.append(run[0])
            starts += range(position, end)
            ends += range(position + 1, end + 1)
            position = end
            continue
        end = _cluster_end(text, position)
        cluster = text[position:end]
        if damaged and (damage := _damaged(text, position)) is not None:
            normal, end = damage
        elif not cluster.isspace():
            normal = _normal(cluster)
        elif position in ends_paragraph:
            normal = "\n"
        else:
            normal = _space(pieces[-1][-1] if pieces else "", _next_visible(text, end))
        if normal:
            pieces.append(normal)
            starts += [position] * len(normal)
            ends += [end] * len(normal)
        position = end
    return Normalised("".join(pieces), tuple(starts), tuple(ends))


def _may_be_damaged(text: str) -> bool:
    """Whether there may be damage in a text, by its signs."""
    if "&" in text or (";" in text and _LOST_REFERENCE.search(text)):
        return True
    return ("(" in text or "（" in text) and _GLOSS.search(text) is not None


def _damaged(text: str, position: int) -> tuple[str, int] | None:
    """(what was meant, end) of known damage at ``position``: what pages have where a character should be.

    A reading in brackets behind a Han character (``規(guī)模``), which copy protection inserts; a character
    reference that lost its ``&#`` among Han characters (``谷歌20250;将``); one that was left undecoded.
    """
    character = text[position]
    if character in "(（" and (found := _GLOSS.match(text, position)) and _TONE.search(found[0]):
        return "", found.end()
    if character == "&" and (found := _REFERENCE.match(text, position)):
        meant = html.unescape(found[0])
        return ("".join(map(_normal, meant)) if meant != found[0] else "&"), (
            found.end() if meant != found[0] else position + 1
        )
    if character.isdecimal() and (found := _LOST_REFERENCE.match(text, position)) and int(found[1]) < 0x110000:
        meant = chr(int(found[1]))
        return (meant, found.end()) if _HAN.match(meant) else None
    return None


def _space(before: str, after: str) -> str:
    if before.isspace():
        return ""  # the space on the other side of something invisible
    unspaced = before and after and (_UNSPACED.match(before) or _UNSPACED.match(after))
    return "" if unspaced and not (before.isdecimal() and after.isdecimal()) else " "


def _next_visible(text: str, position: int) -> str:
    while position < len(text) and unicodedata.category(text[position]) == "Cf":
        position += 1
    return _normal(text[position])[:1] if position < len(text) else ""


def _cluster_end(text: str, start: int) -> int:
    """The end of what is normalised together: a run of space, or a letter with its marks."""
    end = start + 1
    if text[start].isspace():
        while end < len(text) and text[end].isspace():
            end += 1
    else:
        while end < len(text) and end - start <= _LONGEST_CLUSTER and _continues(text[end]):
            end += 1
    return end


def _continues(character: str) -> bool:
    """Whether a character belongs to the letter before it: marks, the vowels and finals of Korean jamo."""
    if character < "\u0300":
        return False
    # Half-width voicing marks belong to the kana before them.
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff" or character in "ﾞﾟ"


@lru_cache(maxsize=4096)
def _normal(cluster: str) -> str:
    first = cluster[0]
    if len(cluster) == 1:
        if first < "\x7f":
            return "'" if first == "`" else first
        if first in _ALIKE:
            return _ALIKE[first]
        if first == "…":
            return "..."
    if "\uff01" <= first <= "\uffee" or "\ufb00" <= first <= "\ufb06":
        # Widths and Latin ligatures only: their compatibility form is the same letters.
        cluster = unicodedata.normalize("NFKC", cluster)
    visible = "".join(c for c in _VARIATION.sub("", cluster) if unicodedata.category(c) != "Cf")
    # Compose before marks go: the hamza of a decomposed letter is part of it.
    composed = _ARABIC_MARKS.sub("", unicodedata.normalize("NFC", visible))
    return "".join(_ALIKE.get(c) or _digit(c) for c in composed)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
