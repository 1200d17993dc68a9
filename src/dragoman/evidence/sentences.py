"""Split each paragraph of a source into sentences and find its quotations. Ranges are half-open code points of
``Source.text``.

A mark ends a sentence unless it is inside a figure (am 3. März), after an abbreviation (Dr. Meier), or the sentence
continues after it («Ja!», sagte er; 「……。」と述べた). A sentence inside a quotation counts as a sentence. Thai and Lao
do not mark the ends of sentences, so each run between spaces counts as one. Only white space is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dragoman.core.source import Paragraph, Source
from dragoman.evidence.figures import Quantity

MARKS = ".!?…。！？｡।॥؟۔።။។։"
"""Marks that end a sentence."""

CLOSING = "\"'”’“»›」』"
"""Marks that close a quotation; German closes with “."""

# Amharic also writes its full stop ። as two of its word separators.
_END_MARK = re.compile(rf"(?:[{MARKS}]|፡፡)[{MARKS}]*(?:[{CLOSING})）］]|[ \u00a0\u202f]?»)*")
_BEFORE_SPACE = ".!?…؟۔"
"""Those of `MARKS` that a space follows where they end a sentence."""

_CONTINUATION = re.compile(r"\s*[»”),;:،、，–—-]")
_JAPANESE_CONTINUATION = re.compile("[とっなで]")
"""Letters with which a Japanese sentence continues after a quotation."""

_ABBREVIATED = re.compile(
    r"(?<!\w)(?:(?<!\d[ \u00a0])[^\W\d_]|[A-Z][b-df-hj-np-tv-z]{1,2}|[BCDFGHJ-NP-TV-Z]{2}"
    r"|Prof|Ing|Sra|Dra|Drs|ThS|Gen|Col|डॉ|डा)\.$"
)
"""An initial or a title: А. П. Луговой, PT. Bank, TS. Nguyễn. The letter after a year (2026 г.) may end a sentence."""

_LONGEST_ABBREVIATION = 8
"""Characters before the end of a mark in which an abbreviation is searched for."""

_LONG_WORD = 5
"""Letters in a row that no abbreviation has. This quick check rules out most words."""


# Each pattern begins with its mark, which is quick to find, and then states what must not precede it.
_QUOTATION = re.compile(
    r"„[^“”\"\n]+[“”\"]?|“[^”\n]+”?|«[^»\n]+»?|»[^«»\n]+«|「[^」\n]+」?|『[^』\n]+』?|\"(?<![\w\"]\")[^\"\n]+\"?|”(?<!\w”)[^”\n]+”"
)
"""A quotation that is not closed extends to the end of its paragraph."""

_UNMARKED = re.compile("[\u0e00-\u0eff]")
"""Letters of Thai and Lao, which do not mark the ends of sentences."""

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class QuantityIndex:
    """The quantities of a text, in order and without overlap, for look-up by offset."""

    quantities: Sequence[Quantity]
    starts: Sequence[int]

    @classmethod
    def of(cls, quantities: Sequence[Quantity]) -> QuantityIndex:
        return cls(quantities, [quantity.start for quantity in quantities])

    def between(self, start: int, end: int) -> Sequence[Quantity]:
        """The quantities that begin at or after ``start`` and before ``end``."""
        return self.quantities[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def has_mark_at(self, end: int) -> bool:
        """Whether a mark that ends at ``end`` belongs to a figure (3. März, 4,5 млрд. рублей) or ends an ordinal (am 3.
        Kreistag)."""
        before = bisect_left(self.starts, end)
        if not before:
            return False
        quantity = self.quantities[before - 1]
        return end < quantity.end + (quantity.kind == "ordinal")


class ParagraphParts(NamedTuple):
    """The sentences and quotations of one paragraph. ``text`` is the whole text of the source."""

    text: str
    paragraph: Paragraph
    quantity_index: QuantityIndex
    quotations: tuple[tuple[int, int], ...]
    """Ranges that include the quotation marks, in order and without overlap."""
    is_marked: bool
    """False if the script does not mark the ends of sentences. Then ``sentences`` are the runs between spaces."""

    @property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Ranges in order and without overlap. They are computed at each access."""
        start, end = self.paragraph.start, self.paragraph.end
        if self.is_marked:
            ends = _sentence_ends(self.text, start, end, self.quantity_index)
        else:
            ends = _space_ends(self.text, start, end)
        return tuple(_split_at(self.text, start, [*ends, end]))


def split_paragraphs(source: Source, quantities: Sequence[Quantity]) -> Iterator[ParagraphParts]:
    """The parts of each paragraph of ``source``. ``quantities`` are those that `find_in_lines` returns for its text."""
    text, quantity_index = source.text, QuantityIndex.of(quantities)
    may_be_unmarked = _UNMARKED.search(text) is not None
    for paragraph in source.paragraphs:
        start, end = paragraph.start, paragraph.end
        is_marked = not may_be_unmarked or 2 * len(_UNMARKED.findall(text, start, end)) <= end - start
        quotations = tuple([match.span() for match in _QUOTATION.finditer(text, start, end)])
        yield ParagraphParts(text, paragraph, quantity_index, quotations, is_marked)


def _split_at(text: str, start: int, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    for end in ends:
        inner = text[start:end].lstrip()
        if inner:
            start = end - len(inner)
            yield start, start + len(inner.rstrip())
        start = end


def _space_ends(text: str, start: int, end: int) -> Iterator[int]:
    return (match.end() for match in _SPACE.finditer(text, start, end))


def _sentence_ends(text: str, start: int, last: int, quantity_index: QuantityIndex) -> Iterator[int]:
    for mark in _END_MARK.finditer(text, start, last):
        end = mark.end()
        if end < last and not quantity_index.has_mark_at(end) and not _continues(text, mark[0], end):
            yield end


def _continues(text: str, mark: str, end: int) -> bool:
    """Whether the sentence continues after a ``mark`` that ends at ``end``, inside a paragraph."""
    if text[end] == "\n":
        return False
    if mark[0] not in _BEFORE_SPACE:
        return mark[-1] in CLOSING and bool(_JAPANESE_CONTINUATION.match(text, end) or _CONTINUATION.match(text, end))
    after = text[end + 1 : end + 2]
    if not text[end].isspace() or after.islower() or (not after.isalpha() and _CONTINUATION.match(text, end)):
        return True
    word = text[max(0, end - 1 - _LONG_WORD) : end - 1]
    if mark != "." or (len(word) == _LONG_WORD and word.isalpha()):
        return False
    return bool(_ABBREVIATED.search(text, max(0, end - _LONGEST_ABBREVIATION), end))


def split_text(text: str, quantities: Sequence[Quantity]) -> tuple[tuple[int, int], ...]:
    """The sentences of a paragraph that is ``text`` by itself, as ranges of it: one range if its script does not mark
    the ends of sentences."""
    if 2 * len(_UNMARKED.findall(text)) > len(text):
        return ((0, len(text)),)
    return ParagraphParts(text, Paragraph(1, 0, len(text)), QuantityIndex.of(quantities), (), is_marked=True).sentences
