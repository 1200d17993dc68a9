"""Dates with the name of a month or a word for year, in any calendar: 14 August 2023, 5 بهمن 1402, năm 1789."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dragoman.evidence.figures.calendars import Calendar
from dragoman.evidence.figures.folding import gap_end
from dragoman.evidence.figures.grammar import MONTH_CLITICS
from dragoman.evidence.figures.hits import DateHits
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.scan import Scan

# Languages whose papers put the month first: August 14, 2023.
_MONTH_FIRST = {"en", "hi", "bn", "ta", "ne", "sw", "ur"}
_COUNTED = {"percent", "money", "noun", "time"}
"""Kinds of units behind which "March 5 people" has no day."""

_DAY = re.compile(r"\d{1,2}")
_DIGITS = re.compile(r"\d+")
_ENDINGS = {".", "º", "°"}
_COMMAS = {",", "،"}
_NO_MORE_DIGITS = r"(?!\d|[.,]\d)"
_YEAR = re.compile(rf"\d{{4}}{_NO_MORE_DIGITS}")
_SHORT_YEAR = re.compile(rf"(?<=\.) {{0,2}}\d{{2}}{_NO_MORE_DIGITS}")
_DECIMALS = re.compile(r"[.,]\d")
_ANY_YEAR = re.compile(rf"\d{{3,4}}{_NO_MORE_DIGITS}")
_NOT_BEHIND_DAY = re.compile(r"[\d:%]|[.,]\d")
_CALENDARS: dict[str, Calendar] = {"jalali": "jalali", "hijri": "hijri", "bikram": "bikram", "gregorian": "gregorian"}


class DateParts(NamedTuple):
    """A date as printed, up to ``end``."""

    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    calendar: Calendar | None = None
    era: int | None = None
    """Years to add to those of an era."""
    signs: bool = False
    """Written with strokes, points or hyphens."""


def dates_at_word(scan: Scan, at: int) -> Iterator[DateParts]:
    """What may be a date with a word at ``at``, the surest form first."""
    yield from _month_first(scan, at)
    yield from _year_behind(scan, at)


def dates_at_digits(scan: Scan, at: int) -> Iterator[DateParts]:
    """What may be a date with digits at ``at``, the surest form first."""
    digits = _DIGITS.match(scan.text, at)
    if digits is None:
        return
    end = digits.end()
    behind = scan.grammar.date_words.at(scan.text, gap_end(scan.text, end))
    if end - at <= 2:
        if any(behind) or scan.language in MONTH_CLITICS or _has_ending(scan, end):
            yield from _day_first(scan, at, end)
    elif end - at <= 4 and not _DECIMALS.match(scan.text, end):
        if end - at == 4 and (behind.month or behind.of or scan.language in MONTH_CLITICS):
            yield from _year_first(scan, at, end)
        yield from _year_alone(scan, digits[0], end, behind)


def _has_ending(scan: Scan, end: int) -> bool:
    return scan.text[end : end + 1] in _ENDINGS or scan.grammar.ordinals_after.at(scan.text, end) is not None


def _day_first(scan: Scan, at: int, end: int) -> Iterator[DateParts]:
    """14 August 2023, 14. August, 5 de mayo de 2024."""
    for begin in _past_ending(scan, end):
        clitics = MONTH_CLITICS.get(scan.language, "")
        month = _month(scan, _past_of(scan, gap_end(scan.text, begin)), clitics)
        if month:
            yield _with_year(scan, month._replace(day=int(scan.text[at:end])))
            return


def _past_ending(scan: Scan, at: int) -> Iterator[int]:
    """Behind the ending of an ordinal (5th, 5.), and without it."""
    ending = scan.grammar.ordinals_after.at(scan.text, at)
    if ending:
        yield ending[0]
    elif scan.text[at : at + 1] in _ENDINGS:
        yield at + 1
    yield at


def _month_first(scan: Scan, at: int) -> Iterator[DateParts]:
    """August 14, 2023; August 2023; August alone."""
    text = scan.text
    month = _month(scan, at)
    if month is None:
        return
    if scan.language in _MONTH_FIRST and gap_end(text, month.end) > month.end:
        yield from _day_behind(scan, month)
    begin = gap_end(text, month.end)
    begin = gap_end(text, begin + 1) if text[begin : begin + 1] in _COMMAS else begin
    dated = _year(scan, month, _past_of(scan, gap_end(text, begin)))
    if dated:
        yield dated
    full = scan.grammar.full_months.at(text, at)
    if full:
        yield DateParts(full[0], month=month.month, calendar=month.calendar)


def _day_behind(scan: Scan, month: DateParts) -> Iterator[DateParts]:
    text = scan.text
    day = _DAY.match(text, gap_end(text, month.end))
    if day is None:
        return
    for end in _past_ending(scan, day.end()):
        if not _NOT_BEHIND_DAY.match(text, end) and not _is_counted(scan, end):
            comma = end + 1 if text[end : end + 1] in _COMMAS else end
            begin = gap_end(text, comma)
            dated = month._replace(end=end, day=int(day[0]))
            yield (_year(scan, dated, begin) if begin > comma else None) or dated
            return


def _is_counted(scan: Scan, end: int) -> bool:
    begin = gap_end(scan.text, end)
    if begin == end:
        return False
    behind = scan.grammar.after_words.at(scan.text, begin)
    if behind.unit and behind.unit[1].kind in _COUNTED:
        return True
    return scan.grammar.scales.at(scan.text, begin) is not None


def _year_first(scan: Scan, at: int, end: int) -> Iterator[DateParts]:
    """2023 August 14."""
    text = scan.text
    begin = gap_end(text, end)
    month = _month(scan, _past_of(scan, begin), MONTH_CLITICS.get(scan.language, "")) if begin > end else None
    if month is None:
        return
    month = month._replace(year=int(text[at:end]))
    begin = gap_end(text, month.end)
    day = _DAY.match(text, begin) if begin > month.end else None
    if day and not text[day.end() : day.end() + 1].isdecimal() and text[day.end() : day.end() + 1] not in (".", ","):
        month = month._replace(day=int(day[0]), end=day.end())
    yield month


def _year_behind(scan: Scan, at: int) -> Iterator[DateParts]:
    """A year behind a word that says so: năm 1789, พ.ศ. 2562."""
    text, rules = scan.text, scan.grammar
    ahead = rules.years_before.at(text, at)
    year = _ANY_YEAR.match(text, gap_end(text, ahead[0])) if ahead else None
    if year is None or ahead is None:
        return
    gap = gap_end(text, year.end())
    yield from _year_alone(scan, year[0], year.end(), rules.date_words.at(text, gap))
    if len(year[0]) == 4 and text[gap : gap + 1] != "%":
        yield DateParts(year.end(), int(year[0]), era=_offset(ahead[1]))


def _year_alone(scan: Scan, year: str, end: int, behind: DateHits) -> Iterator[DateParts]:
    """A year in front of a word that says so: 2019 году, 1446 هـ."""
    begin = gap_end(scan.text, end)
    if behind.calendar:
        yield DateParts(begin + behind.calendar[0], int(year), calendar=_CALENDARS[behind.calendar[1].meaning])
    if behind.year and len(year) == 4:
        yield DateParts(begin + behind.year[0], int(year))


def _month(scan: Scan, at: int, clitics: str = "") -> DateParts | None:
    """The name of a month, with a full stop behind and the name in another calendar: كانون الثاني/يناير."""
    text, rules = scan.text, scan.grammar
    found = rules.months.at(text, at)
    if found is None and text[at : at + 1] in clitics and text[at : at + 1]:
        found = rules.months.at(text, at + 1)
    if found is None:
        return None
    end, entry = found
    end += text[end : end + 1] == "."
    begin = gap_end(text, end)
    if text[begin : begin + 1] in ("/", "("):
        other = rules.full_months.at(text, gap_end(text, begin + 1))
        if other:
            end = other[0] + (text[other[0] : other[0] + 1] == ")")
    # Thai names of months serve for Buddhist years as well.
    dates_at_word = None if scan.language == "th" else _CALENDARS.get(entry.kind, "gregorian")
    return DateParts(end, month=int(entry.meaning), calendar=dates_at_word)


def _past_of(scan: Scan, at: int) -> int:
    of = scan.grammar.date_words.at(scan.text, at).of
    return gap_end(scan.text, at + of[0]) if of else at


def _with_year(scan: Scan, parts: DateParts) -> DateParts:
    begin = gap_end(scan.text, parts.end)
    begin = begin + 1 if scan.text[begin : begin + 1] in _COMMAS else begin
    return _year(scan, parts, _past_of(scan, gap_end(scan.text, begin))) or parts


def _year(scan: Scan, parts: DateParts, at: int) -> DateParts | None:
    """With the year at ``at``, and what says which calendar it is of."""
    text, rules = scan.text, scan.grammar
    ahead = rules.years_before.at(text, at)
    begin = gap_end(text, ahead[0]) if ahead else at
    year = _YEAR.match(text, begin) or _SHORT_YEAR.match(text, parts.end)
    behind = gap_end(text, year.end()) if year else at
    if year is None or text[behind : behind + 1] == "%":
        return None
    # Two digits are of this century; what Thai ones mean is for `calendars` to say.
    shown = int(year[0]) + (2000 if len(year[0].strip()) == 2 and scan.language != "th" else 0)
    dated = parts._replace(end=year.end(), year=shown, era=_offset(ahead[1]) if ahead else None)
    mark, after = rules.calendars.at(text, behind), rules.years_after.at(text, behind)
    if mark:
        return dated._replace(end=mark[0], calendar=_CALENDARS[mark[1].meaning])
    return dated._replace(end=after[0]) if after else dated


def _offset(entry: Entry) -> int | None:
    """Years of an era to the Gregorian one; None for a mere word for year."""
    return None if entry.kind == "year-before" else int(entry.meaning)
