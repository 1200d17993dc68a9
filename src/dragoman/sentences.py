"""The sentences and the quotations of a source, paragraph by paragraph, as half-open code points of ``Source.text``.

A mark ends a sentence unless it stands within a figure (am 3. März), behind an abbreviation (Dr. Meier), or the
sentence goes on behind it («Ja!», sagte er; 「……。」と述べた). A sentence within a quotation is one of its own. Thai
and Lao write no ends: there every run between spaces is given. Nothing is dropped but white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dragoman.quantities import Quantity
from dragoman.source import Source

MARKS = ".!?…。！？｡।॥؟۔።။។։"
"""Signs that end a sentence."""

CLOSING = "\"'”’“»›」』"
"""Signs that close a quotation; German closes with “."""

_END = re.compile(rf"[{MARKS}]+(?:[{CLOSING})）］]|[ \u00a0\u202f]?»)*")
_SPACED_END = re.compile(r"[.!?…؟۔]")
_GOES_ON = re.compile(r"\s*[»”),;:،、，–—-]")
_TOLD_AFTER = re.compile("[とっなで]")
"""Letters with which a Japanese sentence goes on behind a quotation."""

_ABBREVIATED = re.compile(
    r"(?<!\w)(?:(?<!\d[ \u00a0])[^\W\d_]|[A-Z][b-df-hj-np-tv-z]{1,2}|[BCDFGHJ-NP-TV-Z]{2}"
    r"|Prof|Ing|Sra|Dra|Drs|ThS|Gen|Col|डॉ|डा)\.$"
)
"""An initial or a title: А. П. Луговой, PT. Bank, TS. Nguyễn. The letter behind a year (2026 г.) may end a sentence."""

_LONGEST_ABBREVIATION = 8

_QUOTATION = re.compile(
    r"„[^“”\"\n]+[“”\"]?|“[^”\n]+”?|«[^»\n]+»?|»[^«»\n]+«|「[^」\n]+」?|『[^』\n]+』?|(?<![\w\"])\"[^\"\n]+\"?|(?<!\w)”[^”\n]+”"
)
"""One that is not closed goes on to the end of its paragraph."""

_UNMARKED = re.compile("[\u0e00-\u0eff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph by its number, with its sentences and quotations, both in order and without overlap."""

    number: int
    sentences: tuple[tuple[int, int], ...]
    quotations: tuple[tuple[int, int], ...]
    """With their marks."""
    is_marked: bool
    """False where the ends of sentences are not written, and ``sentences`` are the runs between spaces."""


def passages(source: Source, quantities: Sequence[Quantity]) -> Iterator[Passage]:
    """Every paragraph of ``source``; ``quantities`` are what `quantities.find` reads in its text."""
    figures = frozenset(offset for quantity in quantities for offset in _within(quantity))
    for paragraph in source.paragraphs:
        start, end = paragraph.start, paragraph.end
        marked = 2 * len(_UNMARKED.findall(source.text, start, end)) <= end - start
        ends = _ends(source.text, start, end, figures) if marked else _spaces(source.text, start, end)
        yield Passage(
            paragraph.number,
            tuple(_between(source.text, start, (*ends, end))),
            tuple(found.span() for found in _QUOTATION.finditer(source.text, start, end)),
            marked,
        )


def _within(quantity: Quantity) -> range:
    """Where a mark belongs to a figure: 3. März, 4,5 млрд. рублей; with its end, am 3. Kreistag."""
    return range(quantity.start + 1, quantity.end + (quantity.kind == "ordinal"))


def _between(text: str, start: int, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    for end in ends:
        inner = text[start:end]
        if inner.strip():
            yield start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())
        start = end


def _spaces(text: str, start: int, end: int) -> Iterator[int]:
    return (found.end() for found in _SPACE.finditer(text, start, end))


def _ends(text: str, start: int, last: int, figures: frozenset[int]) -> Iterator[int]:
    for mark in _END.finditer(text, start, last):
        if mark.end() not in figures and not _goes_on(text, mark, last):
            yield mark.end()


def _goes_on(text: str, mark: re.Match[str], last: int) -> bool:
    """Whether the sentence goes on behind a mark."""
    end = mark.end()
    if end >= last or text[end] == "\n":
        return False
    if not _SPACED_END.match(mark[0]):
        return mark[0][-1] in CLOSING and bool(_TOLD_AFTER.match(text, end) or _GOES_ON.match(text, end))
    after = text[end : end + 2].lstrip()[:1]
    if not text[end].isspace() or after.islower() or _GOES_ON.match(text, end):
        return True
    return mark[0] == "." and bool(_ABBREVIATED.search(text, max(0, end - _LONGEST_ABBREVIATION), end))
