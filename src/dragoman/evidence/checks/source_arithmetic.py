"""Do figures of the source disagree with each other? Only where the arithmetic is certain, so a note.

Three forms are read, and only with nothing but known words between their figures: “rose by 25 % from 60 to 75”,
“12 of 48 (25 %)”, “12 in all: 5 here, 4 there, 2 elsewhere”. Words are in ``data/cues.tsv``; a language without
them stays silent. Rounding is granted to every figure.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import SOURCE
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.percent_change import Note, ahead_of, changes, rest_of, windows
from dragoman.evidence.checks.quantities import TextQuantities, read_lines
from dragoman.evidence.checks.rounding import brief, is_off, is_plain, least, most, slack
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.figures import Quantity

_COLON = re.compile("[:：]")
_COMMA = re.compile("[,，、;；،]")
_CLOSED = re.compile(r"\s*[)）]")
_OPENED = re.compile(r"[^\d()（）.,;:。，、]{0,25}[(（]\s*")
_WIDEST_PART = 60
"""Characters between two parts of a list."""

_COUNTED = ("count", "money")
_LEAST_PARTS = 3
_MOST_PARTS = 40


def check_source(source: Source, aside: Container[int] = ()) -> list[Finding]:
    """``inside.change``, ``inside.share`` and ``inside.sum`` (notes), in the order of the source; ``aside`` are numbers
    of paragraphs that are not the article."""
    if pattern(source.language, "grown") is None:
        return []
    reading = read_lines(source.text, source.language)
    rates = any(quantity.unit in ("%", "pp") for quantity in reading.found)
    told = [*changes(reading), *_shares(reading)] if rates else []
    told += _sums(reading) if _COLON.search(source.text) else ()
    told.sort(key=lambda note: note[1])
    return [_note(source, *note) for note in told if source.paragraph_at(note[1]) not in aside]


def _note(source: Source, check: CheckName, start: int, end: int, message: str) -> Finding:
    return finding(
        check,
        "note",
        SOURCE,
        message,
        paragraph=source.paragraph_at(start),
        place=(start, end),
        got=source.text[start:end],
    )


def _shares(reading: TextQuantities) -> Iterator[Note]:
    """A of B (C per cent); in languages that say the whole first, of B there are A (C per cent)."""
    of = pattern(reading.language, "of")
    for one, other, rate in windows(reading.found, 3) if of else ():
        text = reading.text
        if rate.kind != "percent" or rate.unit != "%" or not (is_plain(one) and is_plain(other) and is_plain(rate)):
            continue
        between, opening = text[one.end : other.start].strip(), text[other.end : rate.start]
        counts = one.kind == other.kind == "count" and (one.unit == other.unit or None in (one.unit, other.unit))
        if not (
            counts and of and of.fullmatch(between) and _OPENED.fullmatch(opening) and _CLOSED.match(text, rate.end)
        ):
            continue
        part, whole = sorted((one.value or Decimal(0), other.value or Decimal(0)))
        low, high = least(part) / most(whole) * 100, most(part) / least(whole) * 100
        if rate.value is not None and is_off(rate.value, low, high):
            message = (
                f"“{reading.printed(one)}” and “{reading.printed(other)}” make {brief(part / whole * 100)} %; "
                f"the article says “{reading.printed(rate)}”"
            )
            yield "inside.share", one.start, rate.end, message


def _sums(reading: TextQuantities) -> Iterator[Note]:
    """A total, a colon, and parts to the end of the sentence."""
    total, some = pattern(reading.language, "total"), pattern(reading.language, "some")
    text = reading.text
    for at, whole in enumerate(reading.found):
        if whole.kind not in _COUNTED or not _COLON.search(text, whole.end, whole.end + _WIDEST_PART):
            continue
        sentence = rest_of(text, whole.end)
        parts = [q for q in reading.found[at + 1 : at + 1 + _MOST_PARTS] if q.end <= whole.end + len(sentence)]
        if total is None or not _is_list(text, whole, parts, sentence):
            continue
        ahead = ahead_of(text, whole.start)
        near = f"{ahead} {_COLON.split(sentence)[0]}"
        if not total.search(near) or (some and some.search(ahead + sentence)):
            continue
        added = sum((q.value or Decimal(0) for q in parts), Decimal(0))
        margin = sum((slack(q.value or Decimal(0)) for q in (whole, *parts)), Decimal(0))
        if whole.value is not None and abs(added - whole.value) > margin:
            shown = " + ".join(reading.printed(q) for q in parts)
            message = f"“{shown}” make {added.normalize():,f}; the article says “{reading.printed(whole)}” in all"
            yield "inside.sum", whole.start, parts[-1].end, message


def _is_list(text: str, whole: Quantity, parts: Sequence[Quantity], sentence: str) -> bool:
    """Whether a colon and a list of like amounts follow, each part one figure, none larger than the whole."""
    if not _LEAST_PARTS <= len(parts) < _MOST_PARTS or whole.kind not in _COUNTED or not is_plain(whole):
        return False
    head = text[whole.end : parts[0].start]
    if len(_COLON.findall(sentence)) != 1 or not _COLON.search(head) or len(head) > _WIDEST_PART:
        return False
    alike = all(is_plain(q) and q.kind == whole.kind and (q.unit == whole.unit or q.kind == "count") for q in parts)
    gaps = [text[one.end : other.start] for one, other in pairwise(parts)]
    listed = all(len(gap) <= _WIDEST_PART for gap in gaps) and all(_COMMA.search(gap) for gap in gaps[:-1])
    smaller = all((q.value or Decimal(0)) <= (whole.value or Decimal(0)) for q in parts)
    return alike and listed and smaller
