"""The sentences and the quotations of a source, paragraph by paragraph, as half-open code points of ``Source.text``.

A mark ends a sentence unless it stands within a figure (am 3. März), behind an abbreviation (Dr. Meier), or the
sentence goes on behind it («Ja!», sagte er; 「……。」と述べた). A sentence within a quotation is one of its own. Thai
and Lao write no ends: there every run between spaces is given. Nothing is dropped but white space.
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
"""Signs that end a sentence."""

CLOSING = "\"'”’“»›」』"
"""Signs that close a quotation; German closes with “."""

_END = re.compile(rf"[{MARKS}][{MARKS}]*(?:[{CLOSING})）］]|[ \u00a0\u202f]?»)*")
_SPACED = ".!?…؟۔"
"""Of these, those with a space behind them where they end a sentence."""

_GOES_ON = re.compile(r"\s*[»”),;:،、，–—-]")
_TOLD_AFTER = re.compile("[とっなで]")
"""Letters with which a Japanese sentence goes on behind a quotation."""

_ABBREVIATED = re.compile(
    r"(?<!\w)(?:(?<!\d[ \u00a0])[^\W\d_]|[A-Z][b-df-hj-np-tv-z]{1,2}|[BCDFGHJ-NP-TV-Z]{2}"
    r"|Prof|Ing|Sra|Dra|Drs|ThS|Gen|Col|डॉ|डा)\.$"
)
"""An initial or a title: А. П. Луговой, PT. Bank, TS. Nguyễn. The letter behind a year (2026 г.) may end a sentence."""

_LONGEST_ABBREVIATION = 8
_WORD = 5
"""Letters that no abbreviation has, so that most words are seen to be none at once."""


# Each begins with its mark, which is quick to find; then what may not stand in front of it.
_QUOTATION = re.compile(
    r"„[^“”\"\n]+[“”\"]?|“[^”\n]+”?|«[^»\n]+»?|»[^«»\n]+«|「[^」\n]+」?|『[^』\n]+』?|\"(?<![\w\"]\")[^\"\n]+\"?|”(?<!\w”)[^”\n]+”"
)
"""One that is not closed goes on to the end of its paragraph."""

_UNMARKED = re.compile("[\u0e00-\u0eff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Figures:
    """Quantities of a text, in order and without overlap."""

    quantities: Sequence[Quantity]
    starts: Sequence[int]

    @classmethod
    def of(cls, quantities: Sequence[Quantity]) -> Figures:
        return cls(quantities, [quantity.start for quantity in quantities])

    def between(self, start: int, end: int) -> Sequence[Quantity]:
        """Those that begin between."""
        return self.quantities[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def hold(self, end: int) -> bool:
        """Whether a mark that ends there belongs to a figure: 3. März, 4,5 млрд. рублей; at its end, am 3. Kreistag."""
        before = bisect_left(self.starts, end)
        if not before:
            return False
        quantity = self.quantities[before - 1]
        return end < quantity.end + (quantity.kind == "ordinal")


class ParagraphParts(NamedTuple):
    """A paragraph of ``text``, which is all of a source."""

    text: str
    paragraph: Paragraph
    figures: Figures
    quotations: tuple[tuple[int, int], ...]
    """With their marks; in order and without overlap."""
    is_marked: bool
    """False where the ends of sentences are not written, and ``sentences`` are the runs between spaces."""

    @property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """In order and without overlap; split each time it is asked for."""
        start, end = self.paragraph.start, self.paragraph.end
        ends = _ends(self.text, start, end, self.figures) if self.is_marked else _spaces(self.text, start, end)
        return tuple(_between(self.text, start, [*ends, end]))


def passages(source: Source, quantities: Sequence[Quantity]) -> Iterator[ParagraphParts]:
    """Every paragraph of ``source``; ``quantities`` are what `quantities.find` reads in its text."""
    text, figures = source.text, Figures.of(quantities)
    unmarked = _UNMARKED.search(text) is not None
    for paragraph in source.paragraphs:
        start, end = paragraph.start, paragraph.end
        marked = not unmarked or 2 * len(_UNMARKED.findall(text, start, end)) <= end - start
        quotations = tuple([found.span() for found in _QUOTATION.finditer(text, start, end)])
        yield ParagraphParts(text, paragraph, figures, quotations, marked)


def _between(text: str, start: int, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    for end in ends:
        inner = text[start:end].lstrip()
        if inner:
            start = end - len(inner)
            yield start, start + len(inner.rstrip())
        start = end


def _spaces(text: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _SPACE.finditer(text, start, end))


def _ends(text: str, start: int, last: int, figures: Figures) -> Iterator[int]:
    for mark in _END.finditer(text, start, last):
        end = mark.end()
        if end < last and not figures.hold(end) and not _goes_on(text, mark[0], end):
            yield end


def _goes_on(text: str, mark: str, end: int) -> bool:
    """Whether the sentence goes on behind a mark that ends there, within a paragraph."""
    if text[end] == "\n":
        return False
    if mark[0] not in _SPACED:
        return mark[-1] in CLOSING and bool(_TOLD_AFTER.match(text, end) or _GOES_ON.match(text, end))
    after = text[end + 1 : end + 2]
    if not text[end].isspace() or after.islower() or (not after.isalpha() and _GOES_ON.match(text, end)):
        return True
    word = text[max(0, end - 1 - _WORD) : end - 1]
    if mark != "." or (len(word) == _WORD and word.isalpha()):
        return False
    return bool(_ABBREVIATED.search(text, max(0, end - _LONGEST_ABBREVIATION), end))
