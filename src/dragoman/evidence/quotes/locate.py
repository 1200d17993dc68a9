"""Locate a quote in a source → Span. Only whole quotes: one with a changed figure, letter or word is never located.

A quote is searched for letter for letter, then in its normal form (`normalise`), then, if it has an ellipsis, as
several pieces in order. A quote that is not found in this way is searched for without the mark-up that the model may
have added (`markup`). Any other quote is ``absent``. Offsets always refer to ``Source.text``.

A match that begins or ends inside a number or a word does not count: "5 %" is not located in "25 %", nor "legal" in
"illegal" (`boundaries`).
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from dragoman.core.source import Match, Source
from dragoman.evidence.quotes import boundaries
from dragoman.evidence.quotes.markup import Unmarked, unmarked
from dragoman.evidence.quotes.normalise import Normalised, cuts_cluster, normalise, simplified
from dragoman.evidence.quotes.quick_boundaries import has_clean_ends

_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.{3}|⋯)\s*\]|\(\s*(?:…|\.{3})\s*\)|…+|⋯+|\.{3,})\s*")

# A question, an exclamation or a sentence that breaks off does not end in a full stop.
_OTHER_END = re.compile(r"\s*(?:[!?…！？⋯؟]|\.{2,}|。。)")

MOST_OCCURRENCES = 1_000
"""Occurrences that are examined. A quote that occurs more often is no evidence of anything."""

MOST_OTHERS = 20
"""Further occurrences that a `Span` lists, so that a record stays small."""

MOST_GAPS = 8
"""Ellipses in one quote. An honest ellipsis leaves out a few words; a quote of more pieces is a collage."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a quote was located: half-open ranges of code points of ``Source.text``; -1 and -1 if absent.

    ``start`` and ``end`` cover the whole quote. ``parts`` are its pieces if an ellipsis splits it, else the one range.
    ``others`` are further occurrences of the whole quote, at most `MOST_OTHERS`.
    """

    match: Match
    start: int = -1
    end: int = -1
    parts: tuple[tuple[int, int], ...] = ()
    others: tuple[tuple[int, int], ...] = ()


ABSENT = Span("absent")


def occurs(quote: str, source: Source | str) -> bool:
    """Whether `locate` finds ``quote`` anywhere in ``source``."""
    text, breaks = _text_and_breaks(source)
    quote = quote.strip()
    is_exact = bool(quote) and bool(_exact(quote, text, breaks, most=1))
    return is_exact or locate(quote, source).match != "absent"


def locate(quote: str, source: Source | str, paragraph: int | None = None) -> Span:
    """The place of ``quote`` in ``source``. If it occurs several times, the occurrence in ``paragraph`` (from 1) is
    preferred. A plain text is searched like a source of one paragraph."""
    text, breaks = _text_and_breaks(source)
    preferred = _paragraph_range(source, paragraph)
    span = _locate(quote.strip(), text, breaks, preferred)
    if span.match != "absent":
        return span
    for form in unmarked(quote.strip()):
        span = _locate(form.text, text, breaks, preferred)
        if span.match != "absent" and _is_allowed(form, span, text, breaks):
            return replace(span, match="normalized")
    return ABSENT


def _is_allowed(form: Unmarked, span: Span, text: str, breaks: tuple[int, ...]) -> bool:
    """Whether the place of a quote without its mark-up fits what was taken off."""
    if form.starts_paragraph:
        before = bisect.bisect_right(breaks, span.start)
        if text[breaks[before - 1] if before else 0 : span.start].strip():
            return False
    return not (form.lost_full_stop and _OTHER_END.match(text, span.end))


def _locate(quote: str, text: str, breaks: tuple[int, ...], preferred: tuple[int, int] | None) -> Span:
    """The place of a quote as it is."""
    if not quote:
        return ABSENT
    if places := _exact(quote, text, breaks):
        return _span_of("exact", places, preferred)
    normal_quote = normalise(quote).text.strip()
    if not normal_quote:
        return ABSENT
    whole = normalise(text, breaks)
    for form in (_unchanged, simplified):
        # Traditional and simplified Chinese are compared only if the quote does not occur as it is.
        wanted, searched = form(normal_quote), Normalised(form(whole.text), whole.starts, whole.ends)
        places = [_source_range(place, searched) for place in islice(_occurrences(wanted, searched), MOST_OCCURRENCES)]
        if places:
            return _span_of("normalized", places, preferred)
        if wanted == normal_quote and searched.text == whole.text and form is not _unchanged:
            break
    return _with_gaps(quote, whole, preferred)


def _text_and_breaks(source: Source | str) -> tuple[str, tuple[int, ...]]:
    """The text and the ends of its paragraphs, which no quote may cross; a plain text is one paragraph."""
    return (source, ()) if isinstance(source, str) else (source.text, source.ends)


def _unchanged(text: str) -> str:
    return text


def _exact(quote: str, text: str, breaks: tuple[int, ...], most: int = MOST_OCCURRENCES) -> list[tuple[int, int]]:
    """At most ``most`` places of the very letters of ``quote``, each inside one paragraph. Only the surroundings of an
    occurrence are normalised, which is quick."""
    places: list[tuple[int, int]] = []
    core: str | None = None
    position = 0
    while len(places) < most and (start := text.find(quote, position)) >= 0:
        end = start + len(quote)
        crosses_break = bisect.bisect_right(breaks, start) < bisect.bisect_left(breaks, end)
        is_whole = has_clean_ends(text, start, end)
        if not crosses_break and not is_whole and not cuts_cluster(text, start, end):
            core = normalise(quote).text if core is None else core
            left, right = _around(text, start, end)
            is_whole = boundaries.is_whole(left, core, right)
        if is_whole and not crosses_break:
            places.append((start, end))
            position = end
        else:
            position = start + 1
    return places


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """The normal forms of the text before and after a range. All three are normalised together, because what becomes of
    white space depends on both of its sides."""
    first = max(0, start - boundaries.REACH)
    window = normalise(text[first : end + boundaries.REACH])
    before = bisect.bisect_left(window.starts, start - first)
    return window.text[:before], window.text[bisect.bisect_left(window.starts, end - first) :]


def _occurrences(wanted: str, whole: Normalised, position: int = 0) -> Iterator[tuple[int, int]]:
    """Places of ``wanted`` in a normal form, from ``position`` on, without overlap, that cut no word and no number."""
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
    """The place of a quote whose ellipses stand for omitted words: all pieces, in order, inside one paragraph."""
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
            candidates.append(tuple(_source_range(place, whole) for place in placed))
    if not candidates:
        return ABSENT
    best = next((c for c in candidates if preferred and _is_inside((c[0][0], c[-1][1]), preferred)), candidates[0])
    others = tuple((c[0][0], c[-1][1]) for c in candidates if c is not best)[:MOST_OTHERS]
    return Span("normalized", best[0][0], best[-1][1], best, others)


def _paragraph_range(source: Source | str, paragraph: int | None) -> tuple[int, int] | None:
    if isinstance(source, str) or paragraph is None or not 1 <= paragraph <= len(source.paragraphs):
        return None
    chosen = source.paragraphs[paragraph - 1]
    return chosen.start, chosen.end


def _span_of(match: Match, places: list[tuple[int, int]], preferred: tuple[int, int] | None) -> Span:
    if len(places) == 1:
        return Span(match, *places[0], parts=(places[0],))
    best = next((place for place in places if preferred and _is_inside(place, preferred)), places[0])
    others = tuple(place for place in places if place != best)[:MOST_OTHERS]
    return Span(match, *best, parts=(best,), others=others)


def _is_inside(place: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= place[0] and place[1] <= outer[1]


def _source_range(place: tuple[int, int], whole: Normalised) -> tuple[int, int]:
    return whole.starts[place[0]], whole.ends[place[1] - 1]
