"""Join dates that share a month or a year: 5 to 7 March 2024, 30 December – 3 January 2025, January and March 2024."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from dragoman.evidence.figures.folding import GAP, gap_end
from dragoman.evidence.figures.grammar import DASHES, grammar
from dragoman.evidence.figures.named_dates import DateParts, day_ends, is_counted, year_of_run
from dragoman.evidence.figures.scan import Scan
from dragoman.evidence.figures.word_patterns import pattern

Join = Literal["dash", "to", "and", "comma", "stroke"]

_LAST_DAY = 31
_DAY = re.compile(r"\d{1,2}(?!\d|\.\d|,\d(?!\d{3}(?!\d)))")
_DIGITS = re.compile(r"\d{1,2}(?!\d)")
_SENTENCE_GOES_ON = re.compile(r"[^\W_]|[\d:%/]|[.,]\d")
"""After a day without its month that is joined by a word: something else may be counted."""


class JoinedDate(NamedTuple):
    """A date of a run: its offset, its parts, and how it is joined to the date before it (None for the first)."""

    at: int
    parts: DateParts
    join: Join | None = None


def join_after(scan: Scan, end: int) -> tuple[int, Join] | None:
    """Return where the date begins that is joined to one that ends at ``end``, and by what; None if nothing joins."""
    match = _join(scan.grammar.lexicon.language).match(scan.text, end)
    if match is None:
        return None
    kinds: dict[str | None, Join] = {"dash": "dash", "to": "to", "and": "and", "stroke": "stroke"}
    return match.end(), kinds.get(match.lastgroup, "comma")


def is_followed_by_date(scan: Scan, at: int) -> bool:
    """Whether more digits are joined to the digits at ``at``. It quickly rules out most digits."""
    return _joined_digits(scan.grammar.lexicon.language).match(scan.text, at) is not None


@lru_cache(maxsize=64)
def _joined_digits(tag: str) -> re.Pattern[str]:
    endings = pattern(grammar(tag).lexicon.place("ordinal-after"))
    return re.compile(rf"\d{{1,2}}(?:[./-]\d{{1,2}})?(?!\d)(?:{endings}|[.º°])?(?:{_join_source(tag)})\d")


@lru_cache(maxsize=64)
def _join(tag: str) -> re.Pattern[str]:
    return re.compile(_join_source(tag))


def _join_source(tag: str) -> str:
    """Return a pattern for what joins two dates, with a word for day before the second: bis, –, et le, đến ngày."""
    rules = grammar(tag)
    to, also = ([word for word, kind in rules.date_joins.items() if kind == wanted] for wanted in ("to", "and"))
    gap = f"{GAP}{{1,2}}" if rules.is_spaced else f"{GAP}{{0,2}}"
    day_word = f"(?:{pattern(rules.lexicon.place('day-before'))}{gap})?"
    words = rf"{gap}(?:(?P<to>{pattern(to)})|(?P<and>{pattern(also)})){GAP}{{0,2}}{day_word}(?=\w)"
    dash = rf"{GAP}{{0,2}}(?P<dash>[{DASHES}]){GAP}{{0,2}}"
    return rf"{dash}|(?P<stroke>/)|{words}|{GAP}?[,،、，]{GAP}{{0,2}}"


def leading_day(scan: Scan, at: int) -> list[DateParts]:
    """Return the day at ``at`` of which the month may follow with a later day: with its ending, and without."""
    day = _DAY.match(scan.text, at)
    if day is None or not 1 <= int(day[0]) <= _LAST_DAY:
        return []
    return [DateParts(end, day=int(day[0])) for end in day_ends(scan, day.end())]


def following_day(scan: Scan, at: int, last: DateParts, join: Join) -> DateParts | None:
    """Return the day at ``at`` that has the month of the date before it: March 5–7, 2024; 2024. március 5–7."""
    if not last.day_last or last.day is None:
        return None
    day = _DAY.match(scan.text, at)
    if day is None or not last.day < int(day[0]) <= _LAST_DAY:
        return None
    end = next(iter(day_ends(scan, day.end())))
    if is_counted(scan, end) or scan.text[end : end + 1] in (":", "%", "/"):
        return None
    parts = last._replace(end=end, day=int(day[0]))
    dated = year_of_run(scan, parts) if last.year is None else None
    is_open = last.signs or join in ("and", "comma")
    if dated is None and is_open and _SENTENCE_GOES_ON.match(scan.text, gap_end(scan.text, end)):
        return None
    return dated or parts


def share_month(text: str, run: Sequence[JoinedDate]) -> bool:
    """Whether days without a month belong to the date at the end of their run, which begins with its own day.

    They must come before it in time. A comma alone does not join them, because it also separates figures; a stroke
    between digits belongs to one date. A day and a month without a year (30.4.) need a date in digits at the end.
    """
    last = run[-1]
    digits = _DIGITS.match(text, last.at)
    if last.join == "comma" or any(joined.join == "stroke" and last.parts.signs for joined in run):
        return False
    if run[0].parts.month is not None:
        return last.parts.signs
    if digits is None or int(digits[0]) != last.parts.day:
        return False
    days = [joined.parts.day or 0 for joined in run]
    return all(first < second for first, second in pairwise(days))


def complete(run: Sequence[JoinedDate]) -> list[JoinedDate]:
    """Return the dates of a run, each with the month and the year that it shares with the date after or before it.

    A year is shared by a date that comes before it in the calendar. From one that comes after it, a range (30 December
    – 3 January 2025) began in the year before; in a list the year stays open.
    """
    dates = list(run)
    for index in range(len(dates) - 2, -1, -1):
        joined, following = dates[index], dates[index + 1]
        is_range = following.join in ("dash", "to")
        dates[index] = joined._replace(parts=_shared(joined.parts, following.parts, -1 if is_range else 0))
    for index in range(1, len(dates)):
        joined, previous = dates[index], dates[index - 1]
        if joined.join in ("dash", "to") or joined.parts.month is None:
            dates[index] = joined._replace(parts=_shared(joined.parts, previous.parts, 1))
    return dates


def _shared(parts: DateParts, other: DateParts, years: int) -> DateParts:
    """Complete a date with the parts of another; ``years`` is what is added to its year if the order requires it."""
    if parts.month is None:
        month = other.month if other.month is not None else None
        return parts._replace(month=month, year=other.year, calendar=other.calendar, era=other.era, signs=other.signs)
    if parts.year is not None or other.year is None or other.month is None or parts.calendar != other.calendar:
        return parts
    own, others = (parts.month, parts.day or 0), (other.month, other.day or 0)
    if (own > others) if years <= 0 else (own < others):
        return parts._replace(year=other.year + years, era=other.era) if years else parts
    return parts._replace(year=other.year, era=other.era)
