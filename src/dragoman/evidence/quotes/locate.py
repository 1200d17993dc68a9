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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dragoman.core.source import Match, Source
from dragoman.evidence.quotes import boundaries
from dragoman.evidence.quotes.markup import Unmarked, unmarked
from dragoman.evidence.quotes.normalise import Normalised, cuts_cluster, normalise
from dragoman.evidence.quotes.quick_boundaries import has_clean_ends
from dragoman.evidence.quotes.searched import SearchedText, searched

_ELLIPSIS = re.compile(r"\[\s*(?:…|\.{3}|⋯)\s*\]|\(\s*(?:…|\.{3})\s*\)|…+|⋯+|\.{3,}")

# A question, an exclamation or a sentence that breaks off does not end in a full stop.
_OTHER_END = re.compile(r"\s*(?:[!?…！？⋯؟]|\.{2,}|。。)")

MOST_OCCURRENCES = 1_000
"""Occurrences that are examined. A quote that occurs more often is no evidence of anything."""

MOST_CUT = 1_000
"""Occurrences inside words or figures after which a quote counts as absent. A word that is so often only a part of
others is no evidence of anything either."""

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
    quote = quote.strip()
    is_exact = bool(quote) and bool(_exact(quote, searched(source), most=1))
    return is_exact or locate(quote, source).match != "absent"


def locate(quote: str, source: Source | str, paragraph: int | None = None) -> Span:
    """The place of ``quote`` in ``source``. If it occurs several times, the occurrence in ``paragraph`` (from 1) is
    preferred. A plain text is searched like a source of one paragraph."""
    text = searched(source)
    preferred = _paragraph_range(source, paragraph)
    span = _locate(quote.strip(), text, preferred)
    if span.match != "absent":
        return span
    for form in unmarked(quote.strip()):
        span = _locate(form.text, text, preferred)
        if span.match != "absent" and _is_allowed(form, span, text):
            return replace(span, match="normalized")
    return ABSENT


def _is_allowed(form: Unmarked, span: Span, text: SearchedText) -> bool:
    """Whether the place of a quote without its mark-up fits what was taken off."""
    if form.starts_paragraph:
        before = bisect.bisect_right(text.breaks, span.start)
        if text.text[text.breaks[before - 1] if before else 0 : span.start].strip():
            return False
    return not (form.lost_full_stop and _OTHER_END.match(text.text, span.end))


def _locate(quote: str, text: SearchedText, preferred: tuple[int, int] | None) -> Span:
    """The place of a quote as it is."""
    if not quote:
        return ABSENT
    if places := _exact(quote, text):
        return _span_of("exact", places, preferred)
    normal_quote = normalise(quote).text.strip()
    if not normal_quote:
        return ABSENT
    pieces = _pieces(quote)
    for find in (_whole, _with_gaps) if pieces else (_whole,):
        tried: set[tuple[str, str]] = set()
        for fold, form in text.forms():
            wanted = [fold(piece) for piece in (pieces if find is _with_gaps else (normal_quote,))]
            # The folds of most texts change neither the text nor the quote.
            attempt = ("\n".join(wanted), form.text)
            if attempt in tried:
                continue
            tried.add(attempt)
            if (span := find(wanted, form, preferred)) is not ABSENT:
                return span
    return ABSENT


def _whole(wanted: Sequence[str], form: Normalised, preferred: tuple[int, int] | None) -> Span:
    """The place of a quote in one piece."""
    places = [_source_range(place, form) for place in islice(_occurrences(wanted[0], form), MOST_OCCURRENCES)]
    return _span_of("normalized", places, preferred) if places else ABSENT


def _exact(quote: str, searched_text: SearchedText, most: int = MOST_OCCURRENCES) -> list[tuple[int, int]]:
    """At most ``most`` places of the very letters of ``quote``, each inside one paragraph. Only the surroundings of an
    occurrence are normalised, which is quick."""
    text, breaks = searched_text.text, searched_text.breaks
    places: list[tuple[int, int]] = []
    cuts = position = 0
    while len(places) < most and cuts < MOST_CUT and (start := text.find(quote, position)) >= 0:
        end = start + len(quote)
        crosses_break = bisect.bisect_right(breaks, start) < bisect.bisect_left(breaks, end)
        may_be_whole = not crosses_break and not boundaries.is_inside_word(text, start, end)
        is_whole = may_be_whole and has_clean_ends(text, start, end)
        if may_be_whole and not is_whole and not cuts_cluster(text, start, end):
            is_whole = boundaries.is_whole(*_around(text, start, end))
        if is_whole:
            places.append((start, end))
            position = end
        else:
            cuts += 1
            position = start + 1
    return places


def _around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """The normal forms of the text before, in and after a range. The text at each of its ends is normalised together,
    because what becomes of white space depends on both of its sides. The middle of a long range is left out."""
    reach = boundaries.REACH
    if end - start <= 2 * reach:
        return _split_around(text, max(0, start - reach), start, end, end + reach)
    left, first, _ = _split_around(text, max(0, start - reach), start, start + reach, start + 2 * reach)
    _, last, right = _split_around(text, end - 2 * reach, end - reach, end, end + reach)
    return left, first + last, right


def _split_around(text: str, first: int, start: int, end: int, last: int) -> tuple[str, str, str]:
    window = normalise(text[first:last])
    before, after = (bisect.bisect_left(window.starts, offset - first) for offset in (start, end))
    return window.text[:before], window.text[before:after], window.text[after:]


def _occurrences(
    wanted: str, whole: Normalised, position: int = 0, limit: int | None = None
) -> Iterator[tuple[int, int]]:
    """Places of ``wanted`` in a normal form, from ``position`` up to ``limit``, without overlap, that cut off no part
    of a word or a number."""
    text, starts, ends = whole.text, whole.starts, whole.ends
    limit = len(text) if limit is None else limit
    core = wanted if len(wanted) <= 2 * boundaries.REACH else wanted[: boundaries.REACH] + wanted[-boundaries.REACH :]
    cuts = 0
    while cuts < MOST_CUT and (start := text.find(wanted, position, limit)) >= 0:
        end = start + len(wanted)
        cut = (start > 0 and starts[start] == starts[start - 1]) or (end < len(text) and ends[end - 1] == ends[end])
        cut = cut or boundaries.is_inside_word(text, start, end)
        left = text[max(0, start - boundaries.REACH) : start]
        if not cut and boundaries.is_whole(left, core, text[end : end + boundaries.REACH]):
            yield start, end
            position = end
        else:
            cuts += 1
            position = start + 1


def _pieces(quote: str) -> Sequence[str]:
    """The normal forms of the text around the ellipses of a quote; none without an ellipsis, or with too many."""
    if not _ELLIPSIS.search(quote):
        return ()
    parts = [part for part in _ELLIPSIS.split(quote, MOST_GAPS + 3) if part.strip()]
    if len(parts) > MOST_GAPS + 1:
        return ()
    return tuple(piece for piece in (normalise(part).text.strip() for part in parts) if piece)


def _with_gaps(pieces: Sequence[str], whole: Normalised, preferred: tuple[int, int] | None) -> Span:
    """The place of a quote whose ellipses stand for omitted words: all pieces, in order, inside one paragraph."""
    candidates: list[tuple[tuple[int, int], ...]] = []
    paragraph_end = -1
    for first in islice(_occurrences(pieces[0], whole), MOST_OCCURRENCES):
        if first[0] < paragraph_end:
            continue  # a piece is missing in the rest of this paragraph
        limit = whole.text.find("\n", first[1])
        limit = len(whole.text) if limit < 0 else limit
        placed = [first]
        for piece in pieces[1:]:
            following = next(_occurrences(piece, whole, placed[-1][1], limit), None)
            if following is None:
                paragraph_end = limit
                break
            placed.append(following)
        else:
            candidates.append(tuple(_source_range(place, whole) for place in placed))
            is_preferred = preferred is None or candidates[-1][0][0] >= preferred[0]
            if len(candidates) > MOST_OTHERS and is_preferred:
                break
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
