"""Note sentences with a figure, a quotation or a denial that no claim and no key point covers, ranked by weight.

A claim covers the sentence that contains its quote. A key point or the abstract covers a sentence by its figures,
compared by value: 4,5 млрд is 4.5 billion. Years and months do not count as figures here, because most texts repeat
them; days do.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import accumulate, islice
from operator import and_, itemgetter
from typing import NamedTuple

from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.quantities import is_small, read, read_lines, values
from dragoman.evidence.checks.stated_figures import StatedFigures
from dragoman.evidence.cue_words import denials
from dragoman.evidence.figures import Quantity
from dragoman.evidence.sentences import CLOSING, MARKS, ParagraphParts, QuantityIndex, split_paragraphs

MOST_SHOWN = 5
"""Sentences shown, those with the most weight first. A summary is a choice, and most omissions are intended."""

LEAST_LENGTH = 12
"""Characters of a sentence."""

LEAST_OPEN_LENGTH = 80
"""Characters of a line without an end mark. Bylines and dates are shorter."""

LEAST_GAP_LENGTH = 40
"""Characters between the quotes of claims, in a script that does not mark the ends of sentences."""

LEAST_SPEECH_WORDS = 3
"""Words in quotation marks; fewer are a name or a title."""

LEAST_SPEECH_LETTERS = 8
"""Letters in quotation marks where words are not spaced; fewer are a name or a title."""

LEAST_DISTINCT_DIGITS = 3
"""Digits, without zeros at the end, that identify a figure: two things may be 20 %, but 12,345 is one thing."""

_AFTER_MARK = CLOSING + " \u00a0\u202f"
_MARKS = frozenset(MARKS)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


class _Piece(NamedTuple):
    """A sentence, or several uncovered sentences of one quotation; a half-open range of code points of the source."""

    parts: ParagraphParts
    start: int
    end: int
    text: str

    @property
    def is_ended(self) -> bool:
        """Whether it ends as a sentence does. A quotation alone on its line must end so inside its marks."""
        ended = self.text.rstrip(_AFTER_MARK)
        if ended[-1:] in _MARKS or len(ended) == len(self.text):
            return ended[-1:] in _MARKS
        last = self.start + len(ended)
        return not any(low <= self.start and last <= high for low, high in self.parts.quotations)

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence, and not a byline, a caption, a table cell or a heading with a quotation."""
        if not self.parts.is_marked:
            return len(self.text) >= LEAST_GAP_LENGTH
        return len(self.text) >= (LEAST_LENGTH if self.is_ended else LEAST_OPEN_LENGTH)


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``coverage.sentence`` (note) for the uncovered sentences with the most weight."""
    ranked = sorted(_ranked_pieces(source, summary), key=itemgetter(0, 1))
    # Only the first few are shown, so the figures of the others are never compared with the summary.
    points = [read(point, "en").quantities for point in (*summary.key_points, summary.abstract)] if ranked else []
    stated = StatedFigures.of(points)
    uncovered = (piece for _, _, piece, figures in ranked if not _is_covered(figures, stated))
    return [
        finding(
            "coverage.sentence",
            "note",
            "claims",
            "no claim or key point covers this sentence, which contains a figure, a quotation or a denial",
            paragraph=piece.parts.paragraph.number,
            place=(piece.start, piece.end),
            expected=piece.text,
        )
        for piece in islice(uncovered, MOST_SHOWN)
    ]


def has_statements(source: Source, summary: CheckedSummary) -> bool:
    """Whether a sentence outside ``boilerplate`` has a figure, a quotation or a denial that no claim covers."""
    return next(_ranked_pieces(source, summary), None) is not None


def _ranked_pieces(source: Source, summary: CheckedSummary) -> Iterator[tuple[int, int, _Piece, list[Quantity]]]:
    """(negative weight, start, piece, its figures) for each piece that no claim covers and that has weight."""
    text, quantities = source.text, read_lines(source.text, source.language).quantities
    quoted = _QuotedRanges.of(summary)
    unquoted = [q for q in quantities if not quoted.contains(q.start) and _has_weight(q, text[q.start : q.end])]
    index, denial = QuantityIndex.of(unquoted), _denial_pattern(source)
    for parts in split_paragraphs(source, quantities):
        paragraph = parts.paragraph
        speeches = [span for span in parts.quotations if _is_speech(text[slice(*span)]) and not quoted.touches(*span)]
        if paragraph.number in summary.boilerplate:
            continue
        # Most paragraphs have nothing of weight and need not be split into sentences.
        if not (denial or speeches or index.between(paragraph.start, paragraph.end)):
            continue
        for piece in () if _is_headline(parts) else _unquoted_pieces(parts, quoted):
            figures = _figures_of(piece, index)
            is_denial = denial is not None and bool(denial.search(piece.text))
            weight = len(figures) + _overlapping(speeches, piece.start, piece.end) + is_denial
            if weight and piece.is_prose:
                yield -weight, piece.start, piece, figures


def _is_headline(parts: ParagraphParts) -> bool:
    """Whether it is a first paragraph of one sentence, which the title of the summary covers."""
    return parts.paragraph.number == 1 and (len(parts.sentences) <= 1 or not parts.is_marked)


def _unquoted_pieces(parts: ParagraphParts, quoted: _QuotedRanges) -> Iterator[_Piece]:
    """The sentences that contain no quote of a claim. Neighbours form one piece if they are in one quotation, or if the
    script does not mark the ends of sentences."""
    start = end = None
    for low, high in parts.sentences:
        is_touched = quoted.touches(low, high)
        if start is not None and end is not None and (is_touched or not _belong_together(parts, end, low)):
            yield _Piece(parts, start, end, parts.text[start:end])
            start = None
        if not is_touched:
            start, end = low if start is None else start, high
    if start is not None and end is not None:
        yield _Piece(parts, start, end, parts.text[start:end])


@dataclass(frozen=True, slots=True)
class _QuotedRanges:
    """The ranges of all quotes of claims, in order, and the other occurrences of the same words."""

    starts: tuple[int, ...]
    reach: tuple[int, ...]
    """For each range, the largest end of all ranges up to it."""
    others: tuple[tuple[int, int], ...]
    other_reach: tuple[int, ...]

    @classmethod
    def of(cls, summary: CheckedSummary) -> _QuotedRanges:
        parts = sorted(part for claim in summary.claims for part in claim.evidence.parts)
        others = sorted({other for claim in summary.claims for other in claim.evidence.others})
        reach, other_reach = (tuple(accumulate((end for _, end in ranges), max)) for ranges in (parts, others))
        return cls(tuple(start for start, _ in parts), reach, tuple(others), other_reach)

    def contains(self, offset: int) -> bool:
        """Whether the character at ``offset`` is inside a quote."""
        return self._reaches_past(bisect_right(self.starts, offset), offset)

    def touches(self, low: int, high: int) -> bool:
        """Whether a quote overlaps the range. Another occurrence of its words counts if it covers at least half of the
        range."""
        if self._reaches_past(bisect_left(self.starts, high), low):
            return True
        position = bisect_left(self.others, (high,)) - 1
        while position >= 0 and self.other_reach[position] > low:
            start, end = self.others[position]
            if 2 * (min(end, high) - max(start, low)) >= high - low:
                return True
            position -= 1
        return False

    def _reaches_past(self, count: int, offset: int) -> bool:
        """Whether one of the first ``count`` ranges ends after ``offset``."""
        return count > 0 and self.reach[count - 1] > offset


def _belong_together(parts: ParagraphParts, end: int, start: int) -> bool:
    """Whether a sentence that ends at ``end`` and one that begins at ``start`` are in one quotation, or the script does
    not mark the ends of sentences."""
    before = bisect_left(parts.quotations, (end,))
    return not parts.is_marked or (before > 0 and parts.quotations[before - 1][1] > start)


def _is_speech(text: str) -> bool:
    """Whether a quotation is longer than a name."""
    return len(text.split()) >= LEAST_SPEECH_WORDS or len(_UNSPACED.findall(text)) >= LEAST_SPEECH_LETTERS


def _overlapping(spans: Sequence[tuple[int, int]], low: int, high: int) -> int:
    """How many of ``spans``, which are in order and apart, overlap the range from ``low`` to ``high``."""
    first, last = bisect_left(spans, (low,)), bisect_left(spans, (high,))
    return last - first + (first > 0 and spans[first - 1][1] > low)


def _denial_pattern(source: Source) -> re.Pattern[str] | None:
    """The pattern that finds a denial in a sentence; None if the source has no word of denial at all."""
    patterns = denials(source.language)
    return patterns.at_word_start if patterns and patterns.anywhere.search(source.caseless) else None


def _figures_of(piece: _Piece, index: QuantityIndex) -> list[Quantity]:
    """The amounts of a piece and, if it ends as a sentence does, its days."""
    return [
        figure
        for figure in index.between(piece.start, piece.end)
        if (figure.kind != "date" or piece.is_ended)
        and (figure.end <= piece.end or _has_weight(figure, piece.text[figure.start - piece.start :]))
    ]


def _has_weight(quantity: Quantity, printed: str) -> bool:
    """Whether a quantity is an amount, or a day in digits. Small numbers in words have no weight."""
    if _is_large(quantity):
        return True
    if quantity.kind == "ordinal" or (quantity.kind == "date" and not _has_day(quantity)):
        return False
    return any(map(str.isdecimal, printed))


def _has_day(date: Quantity) -> bool:
    return date.date is not None and len(date.date) == len("--11-22" if date.date.startswith("--") else "2026-11-22")


def _is_large(quantity: Quantity) -> bool:
    """Whether a quantity has weight even in words and can be identified by its value: no small number, or a fraction
    other than a half."""
    if quantity.kind in ("date", "ordinal"):
        return False
    is_fraction = quantity.kind == "other" and quantity.value is not None and 0 < quantity.value < 1
    return not is_small(quantity) or (is_fraction and quantity.value != Decimal("0.5"))


def _is_covered(figures: Sequence[Quantity], points: StatedFigures) -> bool:
    """Whether the key points state one of ``figures`` that identifies the sentence, or half of the large ones. If all
    are small or dates, one point must state them all."""
    large = [figure for figure in figures if _is_large(figure)]
    if not large:
        return bool(figures) and reduce(and_, map(points.texts_with, figures)) > 0
    stated = [figure for figure in large if points.texts_with(figure)]
    return 2 * len(stated) >= len(large) or any(_is_distinct(figure) for figure in stated)


def _is_distinct(figure: Quantity) -> bool:
    return any(len(value.normalize().as_tuple().digits) >= LEAST_DISTINCT_DIGITS for value in values(figure))
