"""A quick path for the common amount: digits alone between words, or digits with a unit that needs no second look.

It returns exactly what `amounts` would return. If anything else stands around the digits, it returns None and leaves
them to `amounts`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.cldr import CURRENCIES
from dragoman.evidence.figures.folding import gap_end
from dragoman.evidence.figures.grammar import DASHES
from dragoman.evidence.figures.hits import AfterHits
from dragoman.evidence.figures.numerals import LONGEST
from dragoman.evidence.figures.quantity import Kind, Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.surroundings import OPENING_BRACKETS, REACH, is_marker
from dragoman.evidence.figures.units import PERCENTS, PETABYTES, hedge_at, hedge_ending

_PERCENT: Kind = "percent"
_KINDS: dict[str, Kind] = {
    "noun": "count", "measure": "other", "time": "span", "times": "other", **dict.fromkeys(PERCENTS, _PERCENT)
}  # fmt: skip
"""Kinds of units that need no second look, and the kind of quantity that each makes."""

_UNITS = {**PERCENTS, "times": "×"}
_CUES = {"year-before": True, "year-cue": True, "ordinal-cue": False, "no-label": False}
"""Kinds of words before a figure that say nothing about it, and whether such a word makes a year of four digits."""

_GAPS = {" ", "\u2009"}
_ENDS = {"", " ", "\n", ",", "."}
_MORE = frozenset((*DASHES, "و"))
"""Signs after digits that may join them to a number word."""

_LETTER = re.compile("[\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1780-\u17d3\u3041-\u30fa\u3400-\u9fff\uac00-\ud7a3]")
"""Letters of scripts that have no spaces or that join figures to words."""


def read_bare_digits(scan: Scan, at: int, previous_end: int) -> FigureMatch | None:
    """Return the amount of the digits at ``at``, or None if there is more to look at.

    ``previous_end``: the end of the figure before.
    """
    text, rules = scan.text, scan.grammar
    digits = rules.number.match(text, at)
    if digits is None or not digits[0].isdecimal() or (has_cue := _year_cue(scan, at, previous_end)) is None:
        return None
    end = digits.end()
    begin = end + 1 if text[end : end + 1] == " " else end
    sign = text[begin : begin + 1]
    if sign in _GAPS or sign in _MORE or end - at > LONGEST:
        return None
    after_hits = rules.after_words.at(text, begin)
    if after_hits is not rules.after_words.nothing:
        return _with_unit(scan, at, begin, digits[0], after_hits)
    is_separate = text[end : end + 1] in _ENDS or _LETTER.match(sign)
    if not is_separate or (sign == "," and hedge_at(scan, begin)) or is_marker(scan, at, end):
        return None
    quantity = bare_quantity(digits[0], at, scan.language, has_cue=has_cue)
    return FigureMatch(quantity, bare=quantity.kind == "count")


def bare_quantity(digits: str, at: int, language: str, *, has_cue: bool = False) -> Quantity:
    """Return what digits without a unit are: a count, or a year if they are four. ``has_cue``: a word before says year."""
    end = at + len(digits)
    year = bare_year(int(digits), language, has_cue=has_cue) if len(digits) == 4 else None
    if year is not None:
        return Quantity("date", None, None, None, None, year[1], at, end, year[0])
    return Quantity("count", Decimal(digits), None, None, None, False, at, end)


def _year_cue(scan: Scan, at: int, previous_end: int) -> bool | None:
    """Return whether the word before ``at`` makes a year of four digits; None if anything before ``at`` says more.

    Only a line end, a space, or a letter of a script without spaces may stand directly before ``at``.
    """
    before = scan.text[max(0, at - 2) : at]
    if not before or before[-1] == "\n":
        return False
    end = at
    if before[-1] == " " and before[0] not in _GAPS and before[0] not in OPENING_BRACKETS:
        end -= 1
    elif not _LETTER.match(before, len(before) - 1):
        return False if at == previous_end and before[-1] == " " else None
    floor = previous_end if previous_end > at - REACH else at - REACH
    unit, word = scan.grammar.before_words.before(scan.text, end, floor)
    if unit is None and word is None:
        return False
    return _CUES.get(word[1].kind) if word and unit is None else None


def _with_unit(scan: Scan, at: int, begin: int, digits: str, after_hits: AfterHits) -> FigureMatch | None:
    """Return the amount with the unit at ``begin``; None if anything else stands there."""
    if after_hits.unit is None or after_hits.number or after_hits.link or after_hits.of or after_hits.abbreviation:
        return None
    length, entry = after_hits.unit
    end, kind = begin + length, _KINDS.get(entry.kind)
    after_unit = gap_end(scan.text, end)
    if kind is None or scan.text[end - 1] == "." or (kind == "other" and length == 1) or hedge_at(scan, after_unit):
        return None
    if scan.grammar.hedge_endings and hedge_ending(scan, end):
        return None
    printed = scan.printed(begin, end)
    unit = _UNITS.get(entry.kind) or printed
    if (
        printed == PETABYTES
        or printed in CURRENCIES  # SEK is not Sek
        or (kind == "count" and len(digits) == 4 and unit[0].isupper())
        or (kind == "span" and scan.grammar.halves.at(scan.text, after_unit))
    ):
        return None  # four digits may be a year, and a half may follow a time span
    return FigureMatch(Quantity(kind, Decimal(digits), None, None, unit, False, at, end), has_unit=True)
