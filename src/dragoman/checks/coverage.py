"""Which sentences with figures or quotations does no claim and no key point touch? Ranked; a note, never an error."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from dragoman.checks.findings import finding
from dragoman.records import CheckedSummary, Finding
from dragoman.source import Source

MOST_SHOWN = 5
"""Sentences shown, the richest first; a summary is a choice, and most of what it leaves out is meant."""

LEAST_LENGTH = 12
LEAST_OPEN_LENGTH = 80
"""Characters of a sentence, and of a line that does not end as one: by-lines and dates are shorter."""

_END = tuple(".!?…。！？।؟۔\"'”’»」』")

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？।؟۔]+[\"'”’」』»)）]*|(?=\n)|\Z)")
_FIGURE = re.compile(r"\d[\d.,٫٬ \u00a0\u202f]*\d|\d|[%％٪]")
_QUOTED = re.compile("[“„«「『]")


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``coverage.sentence`` (note) for the richest sentences that the summary does not touch."""
    aside = set(summary.boilerplate)
    spans = [part for claim in summary.claims for part in (*claim.evidence.parts, *claim.evidence.others)]
    told = {number for point in (*summary.key_points, summary.abstract) for number in _numbers(point)}
    missed: list[tuple[int, int, int, int]] = []
    for paragraph in source.paragraphs[1:]:  # the first is the headline, which the title carries
        if paragraph.number in aside:
            continue
        for start, end in _sentences(source.text, paragraph.start, paragraph.end):
            text = source.text[start:end]
            weight = len(_FIGURE.findall(text)) + len(_QUOTED.findall(text))
            touched = any(low < end and start < high for low, high in spans) or not told.isdisjoint(_numbers(text))
            if weight and not touched and _is_prose(text):
                missed.append((-weight, paragraph.number, start, end))
    return [
        finding(
            "coverage.sentence",
            "note",
            "claims",
            "no claim and no key point touches this sentence with figures or a quotation",
            paragraph=number,
            place=(start, end),
            expected=source.text[start:end],
        )
        for _, number, start, end in sorted(missed)[:MOST_SHOWN]
    ]


def _is_prose(text: str) -> bool:
    """Whether a line is a sentence and not a by-line, a caption or a cell."""
    return len(text) >= (LEAST_LENGTH if text.endswith(_END) else LEAST_OPEN_LENGTH)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in _SENTENCE.finditer(text, start, end):
        sentence = found[0]
        left = len(sentence) - len(sentence.lstrip())
        yield found.start() + left, found.start() + len(sentence.rstrip())


def _numbers(text: str) -> set[str]:
    """Digits of every figure of two digits and more, without separators, in ASCII."""
    figures = ("".join(str(unicodedata.decimal(c)) for c in f if c.isdecimal()) for f in _FIGURE.findall(text))
    return {figure.strip("0") for figure in figures if len(figure) > 1}
