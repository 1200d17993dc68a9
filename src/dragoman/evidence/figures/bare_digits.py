"""The common amount in fewer steps: digits alone between words, or with a unit that can be nothing else.

What is said here is what `amounts` says; where anything more stands around the digits, nothing is said here.
"""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.folding import gap_end
from dragoman.evidence.figures.grammar import DASHES, AfterHits
from dragoman.evidence.figures.numerals import LONGEST
from dragoman.evidence.figures.quantity import Kind, Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.surroundings import OPENING_BRACKETS, REACH, is_marker
from dragoman.evidence.figures.units import PERCENTS, hedge_at

_PERCENT: Kind = "percent"
_KINDS: dict[str, Kind] = {
    "noun": "count", "measure": "other", "time": "span", "times": "other", **dict.fromkeys(PERCENTS, _PERCENT)
}  # fmt: skip
"""Units that need no second look, and what they make of a figure."""

_UNITS = {**PERCENTS, "times": "×"}
_CUES = {"year-before": True, "year-cue": True, "ordinal-cue": False, "no-label": False}
"""Words in front that say nothing of a figure, but that some make a year of it."""

_GAPS = {" ", "\u2009"}
_ENDS = {"", " ", "\n", ",", "."}
_MORE = frozenset((*DASHES, "و"))
"""Behind digits, what may join them to a word of number."""

_LETTER = re.compile("[\u0e01-\u0e4e\u3041-\u30fa\u3400-\u9fff\uac00-\ud7a3]")
"""Of scripts without spaces, or that write figures together with words."""


def read_bare_digits(scan: Scan, at: int, previous_end: int) -> FigureMatch | None:
    """The amount of the digits at ``at``, or None where there is more to look at. ``previous_end``: the end of the one
    before."""
    text, rules = scan.text, scan.grammar
    shown = rules.number.match(text, at)
    if shown is None or not shown[0].isdecimal() or (has_cue := _year_cue(scan, at, previous_end)) is None:
        return None
    end = shown.end()
    begin = end + 1 if text[end : end + 1] == " " else end
    sign = text[begin : begin + 1]
    if sign in _GAPS or sign in _MORE or end - at > LONGEST:
        return None
    behind = rules.after_words.at(text, begin)
    if behind is not rules.after_words.nothing:
        return _with_unit(scan, at, begin, shown[0], behind)
    apart = text[end : end + 1] in _ENDS or _LETTER.match(sign)
    if not apart or (sign == "," and hedge_at(scan, begin)) or is_marker(scan, at, end):
        return None
    quantity = bare_quantity(shown[0], at, scan.language, has_cue=has_cue)
    return FigureMatch(quantity, bare=quantity.kind == "count")


def bare_quantity(digits: str, at: int, language: str, *, has_cue: bool = False) -> Quantity:
    """What digits without a unit are: a count, or four of them a year; ``has_cue``: the word in front says year."""
    end = at + len(digits)
    year = bare_year(int(digits), language, has_cue=has_cue) if len(digits) == 4 else None
    if year is not None:
        return Quantity("date", None, None, None, None, year[1], at, end, year[0])
    return Quantity("count", Decimal(digits), None, None, None, False, at, end)


def _year_cue(scan: Scan, at: int, previous_end: int) -> bool | None:
    """Whether the word in front makes a year of four digits; None where anything in front says more. There must be a
    line end, a space or a letter of a script without spaces."""
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


def _with_unit(scan: Scan, at: int, begin: int, shown: str, behind: AfterHits) -> FigureMatch | None:
    """With the unit that stands at ``begin``, if nothing else does."""
    if behind.unit is None or behind.number or behind.link or behind.of:
        return None
    length, entry = behind.unit
    end, kind = begin + length, _KINDS.get(entry.kind)
    after = gap_end(scan.text, end)
    if kind is None or scan.text[end - 1] == "." or (kind == "other" and length == 1) or hedge_at(scan, after):
        return None
    unit = _UNITS.get(entry.kind) or scan.printed(begin, end)
    if (kind == "count" and len(shown) == 4 and unit[0].isupper()) or (
        kind == "span" and scan.grammar.halves.at(scan.text, after)
    ):
        return None  # may be a year; may be more
    return FigureMatch(Quantity(kind, Decimal(shown), None, None, unit, False, at, end), has_unit=True)
