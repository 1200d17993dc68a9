"""Which sentences with figures, a quotation or a denial does no claim and no key point touch? Ranked; a note, never an
error.

A claim touches the sentence that holds its quote. A key point or the abstract touches a sentence by its figures,
compared by value: 4,5 млрд is 4.5 billion. A year or a month is no figure here, a day is: most texts share a year.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import accumulate, islice
from operator import itemgetter
from typing import NamedTuple

from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.quantities import is_small, read, read_lines, same_value, values
from dragoman.evidence.figures import Quantity
from dragoman.evidence.sentences import CLOSING, MARKS, Figures, ParagraphParts, passages

MOST_SHOWN = 5
"""Sentences shown, the richest first; a summary is a choice, and most of what it leaves out is meant."""

LEAST_LENGTH = 12
LEAST_OPEN_LENGTH = 80
LEAST_GAP_LENGTH = 40
"""Characters of a sentence; of a line that does not end as one, since by-lines and dates are shorter; and of what
claims leave over in a language that writes no sentence ends."""

LEAST_SPEECH_WORDS = 3
LEAST_SPEECH_LETTERS = 8
"""Words within quotation marks, or letters where words are not spaced: less is a name or a title."""

LEAST_DISTINCT_DIGITS = 3
"""Digits but for the zeros at the end: 20 % may be said of two things, 12,345 is one."""

_BEHIND = CLOSING + " \u00a0\u202f"
_MARKS = frozenset(MARKS)
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")

_DENIALS = {
    "ar": "و?(?:نفى|نفت|نفوا|ينفي|تنفي)",
    "bn": "অস্বীকার|খণ্ডন",
    "cs": "popře|popír|dementova",
    "de": "bestritt|bestreite|dementier|(?:wies|weist|wiesen|weisen)\\b[^.]*\\bzurück",
    "en": "den(?:y|ie)|refut|rebut",
    "es": "desm[ie]+nt|nieg|neg[óa]|rechaz",
    "fa": "تکذیب|انکار",
    "fr": "dément|nié|nier|réfut",
    "he": "ה?כחיש|מכחיש",
    "hi": "खंडन|इनकार|इन्कार|नकार",
    "id": "membantah|dibantah|menyangkal|menepis",
    "it": "smenti|nega|respin",
    "ja": "否定し|否認し|事実無根",
    "ko": "부인[했하]|반박[했하]|사실무근",
    "ms": "menafikan|dinafikan|menyangkal",
    "ne": "खण्डन|अस्वीकार|इन्कार",
    "nl": "ontken",
    "pl": "zaprzecz|zdementowa|dementuj",
    "pt": "nega|negou|desment|rejeit",
    "ru": "опроверг|отрица",
    "ta": "மறுத்",
    "th": "ปฏิเสธ",
    "tr": "yalanla|reddet|inkâr|inkar",
    "uk": "спрост|запереч",
    "ur": "تردید|انکار",
    "vi": "phủ nhận|bác bỏ|bác tin",
    "zh": "否认|否認|驳斥|駁斥|辟谣|闢謠|澄清",
}
"""Beginnings of words that deny or reject, by language: a denial is news without a figure too."""


class _Piece(NamedTuple):
    """A sentence, or the untouched ones of one quotation together; half-open code points of the source."""

    passage: ParagraphParts
    start: int
    end: int
    text: str

    @property
    def is_ended(self) -> bool:
        """Whether it ends as a sentence does; a quotation alone on its line must do so within."""
        ended = self.text.rstrip(_BEHIND)
        if ended[-1:] in _MARKS or len(ended) == len(self.text):
            return ended[-1:] in _MARKS
        last = self.start + len(ended)
        return not any(low <= self.start and last <= high for low, high in self.passage.quotations)

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence and not a by-line, a caption, a cell or a heading that quotes."""
        if not self.passage.is_marked:
            return len(self.text) >= LEAST_GAP_LENGTH
        return len(self.text) >= (LEAST_LENGTH if self.is_ended else LEAST_OPEN_LENGTH)


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``coverage.sentence`` (note) for the richest sentences that the summary does not touch."""
    ranked = sorted(_weighed(source, summary), key=itemgetter(0, 1))
    # The richest come first, and only a few are shown: the others need not be looked for in the summary.
    points = [read(point, "en").quantities for point in (*summary.key_points, summary.abstract)] if ranked else []
    missed = (piece for _, _, piece, figures in ranked if not _is_told(figures, points))
    return [
        finding(
            "coverage.sentence",
            "note",
            "claims",
            "no claim and no key point touches this sentence with figures, a quotation or a denial",
            paragraph=piece.passage.paragraph.number,
            place=(piece.start, piece.end),
            expected=piece.text,
        )
        for piece in islice(missed, MOST_SHOWN)
    ]


def _weighed(source: Source, summary: CheckedSummary) -> Iterator[tuple[int, int, _Piece, list[Quantity]]]:
    """(less the weight, start, piece, its figures) of what no claim touches and has something to be told."""
    text, quantities, quoted = source.text, read_lines(source.text, source.language).quantities, _Quoted.of(summary)
    untold = [q for q in quantities if not quoted.hold(q.start) and _counts(q, text[q.start : q.end])]
    figures, denial = Figures.of(untold), _denial(source)
    for passage in passages(source, quantities):
        place = passage.paragraph
        speeches = [span for span in passage.quotations if _is_speech(text[slice(*span)]) and not quoted.touch(*span)]
        # Most paragraphs have nothing that is untold: they need not be split.
        if place.number in summary.boilerplate or not (denial or speeches or figures.between(place.start, place.end)):
            continue
        for piece in () if _is_headline(passage) else _untouched(passage, quoted):
            own = _figures(piece, figures)
            denies = denial is not None and bool(denial.search(piece.text))
            weight = len(own) + _overlapping(speeches, piece.start, piece.end) + denies
            if weight and piece.is_prose:
                yield -weight, piece.start, piece, own


def _is_headline(passage: ParagraphParts) -> bool:
    """Whether it is a first line of one sentence, which the title carries."""
    return passage.paragraph.number == 1 and (len(passage.sentences) <= 1 or not passage.is_marked)


def _untouched(passage: ParagraphParts, quoted: _Quoted) -> Iterator[_Piece]:
    """The sentences in which no claim has its quote. Neighbours are one piece where they are parts of one quotation,
    or no sentence ends are written."""
    start = end = None
    for low, high in passage.sentences:
        touched = quoted.touch(low, high)
        if start is not None and end is not None and (touched or not _is_one(passage, end, low)):
            yield _Piece(passage, start, end, passage.text[start:end])
            start = None
        if not touched:
            start, end = low if start is None else start, high
    if start is not None and end is not None:
        yield _Piece(passage, start, end, passage.text[start:end])


@dataclass(frozen=True, slots=True)
class _Quoted:
    """Where the quotes of claims stand: their pieces in order, and the other places of the same words."""

    starts: tuple[int, ...]
    reach: tuple[int, ...]
    """The farthest end of the pieces up to each."""
    others: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, summary: CheckedSummary) -> _Quoted:
        parts = sorted(part for claim in summary.claims for part in claim.evidence.parts)
        others = tuple(other for claim in summary.claims for other in claim.evidence.others)
        return cls(tuple(start for start, _ in parts), tuple(accumulate((end for _, end in parts), max)), others)

    def hold(self, at: int) -> bool:
        """Whether a character stands in a claim's quote."""
        return self._ends_behind(bisect_right(self.starts, at), at)

    def touch(self, low: int, high: int) -> bool:
        """Whether a claim's quote is between; where the same words stand again, only if they are most of it."""
        if self._ends_behind(bisect_left(self.starts, high), low):
            return True
        return bool(self.others) and any(
            2 * (min(end, high) - max(start, low)) >= high - low for start, end in self.others
        )

    def _ends_behind(self, count: int, place: int) -> bool:
        """Whether one of the first so many pieces ends behind a place."""
        return count > 0 and self.reach[count - 1] > place


def _is_one(passage: ParagraphParts, end: int, start: int) -> bool:
    """Whether what ends there and what starts there are in one quotation, or no sentence ends are written."""
    before = bisect_left(passage.quotations, (end,))
    return not passage.is_marked or (before > 0 and passage.quotations[before - 1][1] > start)


def _is_speech(text: str) -> bool:
    """Whether a quotation is more than a name."""
    return len(text.split()) >= LEAST_SPEECH_WORDS or len(_UNSPACED.findall(text)) >= LEAST_SPEECH_LETTERS


def _overlapping(spans: Sequence[tuple[int, int]], low: int, high: int) -> int:
    """How many of some spans, in order and apart from each other, share a letter with ``low`` to ``high``."""
    first, last = bisect_left(spans, (low,)), bisect_left(spans, (high,))
    return last - first + (first > 0 and spans[first - 1][1] > low)


def _denial(source: Source) -> re.Pattern[str] | None:
    """What finds a denial in a sentence of the source; None where there is none in all of it."""
    denials = _denials(source.language.split("-")[0])
    return denials[1] if denials and denials[0].search(source.caseless) else None


@cache
def _denials(language: str) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """(what finds the words anywhere in a caseless text, at little cost; what finds them where they begin)."""
    stems = _DENIALS.get(language)
    if stems is None:
        return None
    bounded = stems if language in ("zh", "ja", "ko", "th") else rf"(?<!\w)(?:{stems})"
    return re.compile(caseless(stems)), re.compile(bounded, re.IGNORECASE)


def _figures(piece: _Piece, figures: Figures) -> list[Quantity]:
    """Its amounts, and the days in a sentence that ends as one."""
    return [
        figure
        for figure in figures.between(piece.start, piece.end)
        if (figure.kind != "date" or piece.is_ended)
        and (figure.end <= piece.end or _counts(figure, piece.text[figure.start - piece.start :]))
    ]


def _counts(quantity: Quantity, printed: str) -> bool:
    """Whether it is an amount or, in digits, a day. Small numbers in words count for nothing."""
    if _is_large(quantity):
        return True
    if quantity.kind == "ordinal" or (quantity.kind == "date" and not _has_day(quantity)):
        return False
    return any(map(str.isdecimal, printed))


def _has_day(date: Quantity) -> bool:
    return date.date is not None and len(date.date) == len("--11-22" if date.date.startswith("--") else "2026-11-22")


def _is_large(quantity: Quantity) -> bool:
    """Whether it is a figure even in words, and known again by its value: a fraction too, but for the half of all."""
    if quantity.kind in ("date", "ordinal"):
        return False
    share = quantity.kind == "other" and quantity.value is not None and 0 < quantity.value < 1
    return not is_small(quantity) or (share and quantity.value != Decimal("0.5"))


def _is_told(figures: Sequence[Quantity], points: Sequence[Sequence[Quantity]]) -> bool:
    """Whether the points state a figure that hardly comes twice, or half of the others; where all are small or
    dates, one point must have them all."""
    large = [figure for figure in figures if _is_large(figure)]
    if not large:
        return bool(figures) and any(all(_states(point, figure) for figure in figures) for point in points)
    told = [figure for figure in large if any(_states(point, figure) for point in points)]
    return 2 * len(told) >= len(large) or any(_is_distinct(figure) for figure in told)


def _is_distinct(figure: Quantity) -> bool:
    return any(len(value.normalize().as_tuple().digits) >= LEAST_DISTINCT_DIGITS for value in values(figure))


def _states(point: Sequence[Quantity], figure: Quantity) -> bool:
    if figure.kind == "date":
        return any(ours.kind == "date" and ours.date and ours.date in (figure.date or "") for ours in point)
    return any(ours.kind != "date" and same_value(ours, figure) for ours in point)
