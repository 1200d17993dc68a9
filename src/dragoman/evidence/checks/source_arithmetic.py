"""Check whether figures of the source contradict each other. Each contradiction is a note.

Only three forms are checked, in which nothing but known words are between the figures, so that the arithmetic is
certain: “rose by 25 % from 60 to 75”, “12 of 48 (25 %)” and “12 in all: 5 here, 4 there, 2 elsewhere”. The words are
in ``data/cues.tsv``; a language without them gives no finding. Every figure may have been rounded.
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
from dragoman.evidence.checks.percent_change import Discrepancy, ahead_of, changes, rest_of, windows
from dragoman.evidence.checks.quantities import TextQuantities, read_lines
from dragoman.evidence.checks.rounding import brief, is_exact_value, is_off, least, most, slack
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.figures import Quantity

_COLON = re.compile("[:：]")
_COMMA = re.compile("[,，、;；،]")
_CLOSED = re.compile(r"\s*[)）]")
_OPENED = re.compile(r"[^\d()（）.,;:。，、]{0,25}[(（]\s*")
_WIDEST_PART = 60
"""Characters between two parts of a list, and between a total and the colon before its parts."""

_COUNTED = ("count", "money")
_LEAST_PARTS = 3
_MOST_PARTS = 40


def check_source(source: Source, boilerplate: Container[int] = ()) -> list[Finding]:
    """``inside.change``, ``inside.share`` and ``inside.sum`` (notes), in the order of the source. ``boilerplate`` has
    numbers of paragraphs that are not part of the article."""
    if pattern(source.language, "grown") is None:
        return []
    article = read_lines(source.text, source.language)
    has_rates = any(quantity.unit in ("%", "pp") for quantity in article.quantities)
    discrepancies = [*changes(article), *_shares(article)] if has_rates else []
    discrepancies += _sums(article) if _COLON.search(source.text) else ()
    discrepancies.sort(key=lambda note: note[1])
    return [_note(source, *note) for note in discrepancies if source.paragraph_at(note[1]) not in boilerplate]


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


def _shares(article: TextQuantities) -> Iterator[Discrepancy]:
    """``inside.share``: A of B (C per cent); in languages that state the whole first: of B there are A (C per cent)."""
    of = pattern(article.language, "of")
    for first, second, rate in windows(article.quantities, 3) if of else ():
        text = article.text
        if (
            rate.kind != "percent"
            or rate.unit != "%"
            or not (is_exact_value(first) and is_exact_value(second) and is_exact_value(rate))
        ):
            continue
        between, opening = text[first.end : second.start].strip(), text[second.end : rate.start]
        is_one_unit = first.unit == second.unit or None in (first.unit, second.unit)
        are_alike = first.kind == second.kind == "count" and is_one_unit
        if not (
            are_alike and of and of.fullmatch(between) and _OPENED.fullmatch(opening) and _CLOSED.match(text, rate.end)
        ):
            continue
        part, whole = sorted((first.value or Decimal(0), second.value or Decimal(0)))
        low, high = least(part) / most(whole) * 100, most(part) / least(whole) * 100
        if rate.value is not None and is_off(rate.value, low, high):
            message = (
                f"“{article.printed(first)}” and “{article.printed(second)}” give {brief(part / whole * 100)} %, "
                f"but the article says “{article.printed(rate)}”"
            )
            yield "inside.share", first.start, rate.end, message


def _sums(article: TextQuantities) -> Iterator[Discrepancy]:
    """``inside.sum``: a total, a colon, and its parts up to the end of the sentence."""
    total, some = pattern(article.language, "total"), pattern(article.language, "some")
    text = article.text
    for at, whole in enumerate(article.quantities):
        if whole.kind not in _COUNTED or not _COLON.search(text, whole.end, whole.end + _WIDEST_PART):
            continue
        sentence = rest_of(text, whole.end)
        parts = [q for q in article.quantities[at + 1 : at + 1 + _MOST_PARTS] if q.end <= whole.end + len(sentence)]
        if total is None or not _is_list(text, whole, parts, sentence):
            continue
        ahead = ahead_of(text, whole.start)
        near = f"{ahead} {_COLON.split(sentence)[0]}"
        if not total.search(near) or (some and some.search(ahead + sentence)):
            continue
        added = sum((q.value or Decimal(0) for q in parts), Decimal(0))
        margin = sum((slack(q.value or Decimal(0)) for q in (whole, *parts)), Decimal(0))
        if whole.value is not None and abs(added - whole.value) > margin:
            shown = " + ".join(article.printed(q) for q in parts)
            message = f"“{shown}” is {added.normalize():,f}, but the article gives the total “{article.printed(whole)}”"
            yield "inside.sum", whole.start, parts[-1].end, message


def _is_list(text: str, whole: Quantity, parts: Sequence[Quantity], sentence: str) -> bool:
    """Whether a colon and a list of amounts of the same kind follow, each one figure and none larger than the whole."""
    if not _LEAST_PARTS <= len(parts) < _MOST_PARTS or whole.kind not in _COUNTED or not is_exact_value(whole):
        return False
    head = text[whole.end : parts[0].start]
    if len(_COLON.findall(sentence)) != 1 or not _COLON.search(head) or len(head) > _WIDEST_PART:
        return False
    are_alike = all(
        is_exact_value(q) and q.kind == whole.kind and (q.unit == whole.unit or q.kind == "count") for q in parts
    )
    gaps = [text[first.end : second.start] for first, second in pairwise(parts)]
    are_listed = all(len(gap) <= _WIDEST_PART for gap in gaps) and all(_COMMA.search(gap) for gap in gaps[:-1])
    are_smaller = all((q.value or Decimal(0)) <= (whole.value or Decimal(0)) for q in parts)
    return are_alike and are_listed and are_smaller
