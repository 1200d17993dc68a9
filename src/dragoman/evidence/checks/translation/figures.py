"""Compare the figures of a paragraph with those of its English: changed, left out, added.

`checks.figures` compares scale, unit, currency and date where a figure of the source clearly corresponds. Here the
figures that have no counterpart at all are reported. A counterpart has the same value, the same digits, or the same
amount in another unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dragoman.core.field_paths import translation_path
from dragoman.core.record import Finding
from dragoman.evidence.checks.bounds import check_bounds
from dragoman.evidence.checks.figures import compare, reads
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.quantities import SMALL, TextQuantities, bounds, is_small, same_value, values
from dragoman.evidence.checks.translation.marks import digits_of, numerals, printed_digits
from dragoman.evidence.checks.translation.pairs import Pair
from dragoman.evidence.checks.units import is_converted
from dragoman.evidence.figures import Quantity

CERTAIN_DIGITS = 3
"""Significant digits from which a figure of the English that the source lacks is certain to be wrong. Shorter ones may
be in the source as words that Dragoman cannot read: sedmatřicetiletá (37 years old), 数十."""


_AFTERNOON = re.compile(r"\b(\d{1,2})(?:[:.]\d\d)? ?p\.?m\b", re.IGNORECASE)
_ROMAN = re.compile(r"\b[XVI]{2,}(?![A-Z])")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_DECADE = re.compile(r"\b\d\d(\d0)['’]?s\b")


def check(pair: Pair, whole: TextQuantities) -> Iterator[Finding]:
    """``value.*`` as `checks.figures` has them, ``value.missing`` and ``value.added``.

    ``whole`` is the source with its figures. A missing or added figure is a warning if it is a date, an ordinal or a
    measure, which people convert and put into words, unless the English has no figure at all.
    """
    source, english = pair.source.figures, pair.english.figures
    path = translation_path(pair.number)
    is_readable = reads(whole.language)
    observations = [*compare(english, [source, whole]), *check_bounds(english, [source])] if is_readable else []
    reported = [each for each in observations if each.severity != "note"]
    yield from (each.finding(path, pair.number, pair.place) for each in reported)
    explained_source = {each.expected for each in reported}
    explained_english = {each.got for each in reported}
    missing = [each for each in _without(source, english) if source.printed(each) not in explained_source]
    added = [each for each in _without(english, source) if english.printed(each) not in explained_english]
    has_none = not english.quantities and not printed_digits(english.text)
    for figure in missing:
        printed = source.printed(figure)
        is_certain = has_none or not (_is_doubtful(figure) or any(map(_is_measure, added)))
        yield finding(
            "value.missing",
            "error" if is_readable and is_certain else "warning",
            path,
            f"the source has “{printed}”, but the English of this paragraph has no such figure",
            paragraph=pair.number,
            place=(pair.place[0] + figure.start, pair.place[0] + figure.end),
            expected=printed,
        )
    for figure in added:
        printed = english.printed(figure)
        is_long = any(len(digits) >= CERTAIN_DIGITS for digits in printed_digits(printed))
        is_certain = (is_long or bool(missing)) and not (_is_doubtful(figure) or any(map(_is_measure, missing)))
        yield finding(
            "value.added",
            "error" if is_readable and is_certain else "warning",
            path,
            f"the English has “{printed}”, but this paragraph of the source has no such figure",
            paragraph=pair.number,
            place=pair.place,
            got=printed,
        )


def _without(text: TextQuantities, other: TextQuantities) -> Sequence[Quantity]:
    """The figures of ``text``, printed with digits, that have no counterpart in ``other``."""
    candidates = [each for each in text.quantities if _is_compared(each, text)]
    if not candidates:
        return ()
    known = digits_of(other) | printed_digits(other.text) | _other_forms(other.text)
    return [each for each in candidates if not _is_known(each, text, other, known)]


def _other_forms(text: str) -> set[str]:
    """The digits that another language may print for an hour, a decade or a century: 19 for 7 p.m., 80 for the 1980s,
    19 for XIX."""
    hours = {str(int(match[1]) % 12 + 12) for match in _AFTERNOON.finditer(text)}
    centuries = {str(value) for match in _ROMAN.finditer(text) if (value := _roman(match[0]))}
    return {digits.strip("0") for digits in hours | centuries | {match[1] for match in _DECADE.finditer(text)}}


def _roman(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < following else value for value, following in pairwise([*values, 0]))


def _is_compared(figure: Quantity, text: TextQuantities) -> bool:
    if figure.kind == "ordinal":
        return any(value > SMALL for value in values(figure)) and any(map(str.isdecimal, text.printed(figure)))
    if figure.kind != "date" and is_small(figure):
        return False
    return any(map(str.isdecimal, text.printed(figure)))


def _is_known(figure: Quantity, text: TextQuantities, other: TextQuantities, known: set[str]) -> bool:
    printed = numerals(text.printed(figure))
    if printed & known or is_converted(figure, [other]):
        return True
    if figure.kind == "date":
        # 1930s for '30, and a year of another calendar with the date that it is.
        parts = {part.strip("0") for part in (figure.date or "").split("-")} - {""}
        return bool(parts & known) or any(a.endswith(b) or b.endswith(a) for a in printed for b in known)
    return any(
        same_value(first, second) or same_value(second, first)
        for first in bounds(figure)
        for quantity in other.near(figure)
        for second in bounds(quantity)
    )


def _is_doubtful(figure: Quantity) -> bool:
    return figure.kind in ("date", "ordinal") or _is_measure(figure)


def _is_measure(figure: Quantity) -> bool:
    """Whether it is a measure or a time span."""
    return figure.kind in ("span", "other")
