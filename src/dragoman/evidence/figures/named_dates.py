"""Read dates with a month name or a word for year, in any calendar: 14 August 2023, 5 بهمن 1402, năm 1789."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from dragoman.evidence.figures.calendars import Calendar, bare_year, year_of_two_digits
from dragoman.evidence.figures.folding import gap_end
from dragoman.evidence.figures.grammar import MONTH_CLITICS
from dragoman.evidence.figures.hits import DateHits
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.scan import Scan

# Languages whose papers print the month first: August 14, 2023.
_MONTH_FIRST = {
    "en", "hi", "bn", "ta", "ne", "sw", "ur", "te", "kn", "ml", "mr", "gu", "pa", "si", "my", "am", "mn",
    "fil", "af", "az", "hy", "kk", "uz",
}  # fmt: skip
_YEAR_FIRST = {"ka", "hy", "az", "kk", "uz"}
"""Languages whose papers print the year first, with a word for year: 2024 жылғы 5 наурыз, 2024 թվականի մարտի 5-ին."""
_COUNTED = {"percent", "money", "noun", "time"}
"""Kinds of units after which there is no day in "March 5 people"."""

_DAY = re.compile(r"\d{1,2}")
_DAY_AND_YEAR = re.compile(r" {0,2}\d{1,2}, ?\d{4}(?!\d)")
_YEAR_START = re.compile(r"\d{4}(?=[. ])")
_DIGITS = re.compile(r"\d+")
_CASE = re.compile(r"-[^\W\d_]{1,4}(?!\w)")
"""The ending of a case after a day: sentyabrın 29-u."""
_ENDINGS = {".", "º", "°"}
_COMMAS = {",", "،", "၊", "፣"}
_YEAR_ENDS = {".", *_COMMAS}
_NO_MORE_DIGITS = r"(?!\d|[.,]\d)"
_YEAR = re.compile(rf"\d{{4}}{_NO_MORE_DIGITS}")
_SHORT_YEAR = re.compile(rf"(?:(?<=\.)| {{0,2}}') {{0,2}}(\d{{2}}){_NO_MORE_DIGITS}")
_SHORT_YEAR_BEFORE_WORD = re.compile(rf" (\d{{2}}){_NO_MORE_DIGITS}")
_DECIMALS = re.compile(r"[.,]\d")
_ANY_YEAR = re.compile(rf"\d{{3,4}}{_NO_MORE_DIGITS}")
_LAST_DAY = 31
_NOT_AFTER_DAY = re.compile(r"[\d:%]|[.,]\d")
_CALENDARS: dict[str, Calendar] = {
    "jalali": "jalali",
    "hijri": "hijri",
    "bikram": "bikram",
    "gregorian": "gregorian",
    "ethiopic": "unsettled",
    "ethiopian": "ethiopic",
}
"""The calendar of each kind of month name, and of each meaning of a word after the year. An Ethiopian month name is
also used for a Gregorian month, so only the word after the year settles the calendar."""


class DateParts(NamedTuple):
    """A date as printed, up to ``end``."""

    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    calendar: Calendar | None = None
    era: int | None = None
    """Years to add to a year of an era to get the Gregorian one."""
    signs: bool = False
    """Whether it is written with strokes, points or hyphens."""
    day_last: bool = False
    """Whether the day is printed last, so that another day may follow: March 5–7."""


def dates_at_word(scan: Scan, at: int) -> Iterator[DateParts]:
    """Yield what may be a date that begins with a word at ``at``, the most certain form first."""
    yield from _month_first(scan, at)
    yield from _year_after_word(scan, at)
    if scan.language == "fil" and (prefix := scan.grammar.days_before.at(scan.text, at)):  # ika-5 ng Marso
        day = _DAY.match(scan.text, gap_end(scan.text, prefix[0]))
        if day:
            yield from _day_first(scan, day.start(), day.end())


def dates_at_digits(scan: Scan, at: int) -> Iterator[DateParts]:
    """Yield what may be a date that begins with digits at ``at``, the most certain form first."""
    digits = _DIGITS.match(scan.text, at)
    if digits is None:
        return
    if scan.grammar.months.at(scan.text, at):
        yield from _month_first(scan, at)  # 3 дугаар сарын 5
    end = digits.end()
    date_hits = scan.grammar.date_words.at(scan.text, gap_end(scan.text, end))
    if end - at <= 2:
        if (
            any(date_hits)
            or scan.language in MONTH_CLITICS
            or _has_ending(scan, end)
            or scan.text[end : end + 1] in scan.grammar.day_signs
        ):
            yield from _day_first(scan, at, end)
    elif end - at <= 4 and not _DECIMALS.match(scan.text, end):
        if end - at == 4 and (
            any(date_hits) or scan.language in MONTH_CLITICS or scan.text[end : end + 1] in _YEAR_ENDS
        ):
            yield from _year_first(scan, at, end)
        yield from _year_before_word(scan, digits[0], end, date_hits)


def year_before_days(scan: Scan, at: int) -> DateParts | None:
    """Return the year at ``at`` with its word, up to where its days begin: 2024. gada 5.–7. martā; 2024 ж. 5–7 наурыз."""
    year = _YEAR_START.match(scan.text, at)
    if year is None:
        return None
    end, calendar = _year_end(scan, year.end())
    return DateParts(end, int(year[0]), calendar=calendar) if _DAY.match(scan.text, end) else None


def _has_ending(scan: Scan, end: int) -> bool:
    return scan.text[end : end + 1] in _ENDINGS or scan.grammar.ordinals_after.at(scan.text, end) is not None


def _day_first(scan: Scan, at: int, end: int) -> Iterator[DateParts]:
    """Read 14 August 2023, 14. August, 5 de mayo de 2024."""
    for begin in day_ends(scan, end):
        clitics = MONTH_CLITICS.get(scan.language, "")
        month = _month(scan, _of_end(scan, gap_end(scan.text, begin)), clitics)
        if month is None and scan.text[begin : begin + 1] in scan.grammar.day_signs:
            month = _month(scan, gap_end(scan.text, begin + 1))
        if month:
            if _DAY_AND_YEAR.match(scan.text, month.end):
                return  # 12 January 1, 2000: the month belongs to the day after it
            yield _with_year(scan, month._replace(day=int(scan.text[at:end])))
            return


def day_ends(scan: Scan, at: int) -> Iterator[int]:
    """Yield where a day ends with the ending of an ordinal (5th, 5.), and where it ends without."""
    ending = scan.grammar.ordinals_after.at(scan.text, at)
    if ending:
        yield ending[0]
    elif scan.text[at : at + 1] in _ENDINGS:
        yield at + 1
    yield at


def _month_first(scan: Scan, at: int) -> Iterator[DateParts]:
    """Read August 14, 2023; August 2023; August alone."""
    text = scan.text
    month = _month(scan, at)
    if month is None:
        return
    if gap_end(text, month.end) > month.end:
        yield from _day_after(
            scan, month, needs_year=not (scan.language in _MONTH_FIRST or scan.grammar.has_month_first)
        )
    begin = gap_end(text, month.end)
    begin = gap_end(text, begin + 1) if text[begin : begin + 1] in _COMMAS else begin
    with_year = _year(scan, month, _of_end(scan, gap_end(text, begin)))
    if with_year:
        yield with_year
    full_name = scan.grammar.full_months.at(text, at)
    if full_name:
        yield DateParts(full_name[0], month=month.month, calendar=month.calendar)


def month_alone(scan: Scan, at: int) -> DateParts | None:
    """Return the name or the abbreviation of a month at ``at``, which is a date only if it is joined to another.

    The English words "may" and "march" are months only with a capital.
    """
    month = _month(scan, at)
    if (
        month
        and scan.language == "en"
        and scan.printed(at, at + 1).islower()
        and not scan.grammar.full_months.at(scan.text, at)
    ):
        return None
    return month


def _day_after(scan: Scan, month: DateParts, *, needs_year: bool) -> Iterator[DateParts]:
    """Read the day after a month, and the year after it. Where the day comes first, only March 5, 2024 is certain."""
    text = scan.text
    day = _DAY.match(text, gap_end(text, month.end))
    if day is None:
        return
    for end in day_ends(scan, day.end()):
        if not _NOT_AFTER_DAY.match(text, end) and not is_counted(scan, end):
            with_day = month._replace(end=end, day=int(day[0]), day_last=True)
            dated = year_of_run(scan, with_day)
            if dated or not needs_year:
                yield dated or with_day
            return


def year_of_run(scan: Scan, parts: DateParts) -> DateParts | None:
    """Return the date with the year after its day: March 5, 2024; March 5–7, 2024."""
    text = scan.text
    case = _CASE.match(text, parts.end) if scan.language in _YEAR_FIRST else None
    end = case.end() if case else parts.end
    comma = end + 1 if text[end : end + 1] in _COMMAS else end
    begin = gap_end(text, comma)
    if parts.year is not None or begin == end:
        return None
    return _year(scan, parts, _of_end(scan, begin))


def is_counted(scan: Scan, end: int) -> bool:
    begin = gap_end(scan.text, end)
    if begin == end:
        return False
    after_hits = scan.grammar.after_words.at(scan.text, begin)
    if after_hits.unit and after_hits.unit[1].kind in _COUNTED:
        return True
    return scan.grammar.scales.at(scan.text, begin) is not None


def _year_first(scan: Scan, at: int, end: int) -> Iterator[DateParts]:
    """Read 2023 August 14; 2024. március 5.; २०८० साल फागुन ३; 2024. gada 5. martā."""
    text, clitics = scan.text, MONTH_CLITICS.get(scan.language, "")
    begin, calendar = _year_end(scan, end)
    if begin == end:
        return
    year = int(text[at:end])
    month = _month(scan, _of_end(scan, begin), clitics)
    if month is None:
        if begin > end + 2 and (day := _DAY.match(text, begin)):
            yield from (
                dated._replace(year=year, calendar=calendar or dated.calendar)
                for dated in _day_first(scan, begin, day.end())
                if dated.year is None
            )
        return
    month = month._replace(year=year, calendar=calendar or month.calendar)
    begin = gap_end(text, month.end)
    day = _DAY.match(text, begin) if begin > month.end else None
    if day and not _DECIMALS.match(text, day.end()) and not text[day.end() : day.end() + 1].isdecimal():
        after = next(iter(day_ends(scan, day.end())))
        yield month._replace(day=int(day[0]), end=after, day_last=True)
    yield month


def _year_end(scan: Scan, end: int) -> tuple[int, Calendar | None]:
    """Return where a year ends that a month follows, with its point, comma or word, and its calendar."""
    text, rules = scan.text, scan.grammar
    begin = gap_end(text, end)
    calendar = rules.calendars.at(text, begin)
    if calendar:
        return gap_end(text, calendar[0]), _CALENDARS[calendar[1].meaning]
    year_word = rules.years_after.at(text, begin)
    if year_word:
        comma = year_word[0] + (text[year_word[0] : year_word[0] + 1] in _COMMAS)
        return gap_end(text, comma), None
    if text[end : end + 1] == "." or text[end : end + 1] in _COMMAS:
        begin = gap_end(text, end + 1)
        return (begin if begin > end + 1 else end), None
    return begin, None


def _year_after_word(scan: Scan, at: int) -> Iterator[DateParts]:
    """Read a year after a word for year or an era: năm 1789, พ.ศ. 2562."""
    text, rules = scan.text, scan.grammar
    year_word = rules.years_before.at(text, at)
    year = _ANY_YEAR.match(text, gap_end(text, year_word[0])) if year_word else None
    if year is None or year_word is None:
        return
    gap = gap_end(text, year.end())
    yield from (dated._replace(era=_offset(year_word[1])) for dated in _year_first(scan, year.start(), year.end()))
    yield from _year_before_word(scan, year[0], year.end(), rules.date_words.at(text, gap))
    if len(year[0]) == 4 and text[gap : gap + 1] != "%":
        yield DateParts(year.end(), int(year[0]), era=_offset(year_word[1]))


def _year_before_word(scan: Scan, year: str, end: int, date_hits: DateHits) -> Iterator[DateParts]:
    """Read a year before a word for year or a calendar: 2019 году, 1446 هـ."""
    begin = gap_end(scan.text, end)
    if date_hits.calendar:
        yield DateParts(begin + date_hits.calendar[0], int(year), calendar=_CALENDARS[date_hits.calendar[1].meaning])
    if date_hits.year and len(year) == 4 and not _counts_years(scan, int(year), begin):
        yield DateParts(begin + date_hits.year[0], int(year))


def _counts_years(scan: Scan, years: int, at: int) -> bool:
    """Whether the word for year at ``at`` also counts years, and the number is no usual year: 1500 жылдан астам."""
    if scan.language not in _YEAR_FIRST or bare_year(years, scan.language, has_cue=False):
        return False
    unit = scan.grammar.after_words.at(scan.text, at).unit
    return unit is not None and unit[1].kind == "time"


def _month(scan: Scan, at: int, clitics: str = "") -> DateParts | None:
    """Return the month name at ``at``, with its full stop and its name in another calendar: كانون الثاني/يناير."""
    text, rules = scan.text, scan.grammar
    hit = rules.months.at(text, at)
    if hit is None and text[at : at + 1] in clitics and text[at : at + 1]:
        hit = rules.months.at(text, at + 1)
    if hit is None:
        return None
    end, entry = hit
    end += text[end : end + 1] == "."
    begin = gap_end(text, end)
    if text[begin : begin + 1] in ("/", "("):
        second_name = rules.full_months.at(text, gap_end(text, begin + 1))
        if second_name and second_name[1].meaning == entry.meaning:
            end = second_name[0] + (text[second_name[0] : second_name[0] + 1] == ")")
    # Thai month names are used with Buddhist years as well.
    calendar = None if scan.language == "th" else _CALENDARS.get(entry.kind, "gregorian")
    return DateParts(end, month=int(entry.meaning), calendar=calendar)


def _of_end(scan: Scan, at: int) -> int:
    """Return where an "of" at ``at`` and its gap end; ``at`` if there is none."""
    of = scan.grammar.date_words.at(scan.text, at).of
    return gap_end(scan.text, at + of[0]) if of else at


def _with_year(scan: Scan, parts: DateParts) -> DateParts:
    begin = gap_end(scan.text, parts.end)
    begin = begin + 1 if scan.text[begin : begin + 1] in _COMMAS else begin
    return _year(scan, parts, _of_end(scan, gap_end(scan.text, begin))) or parts


def _year(scan: Scan, parts: DateParts, at: int) -> DateParts | None:
    """Return the date with the year at ``at`` and the calendar that is named before or after it; None without a year."""
    text, rules = scan.text, scan.grammar
    year_word = rules.years_before.at(text, at)
    begin = gap_end(text, year_word[0]) if year_word else at
    printed = _YEAR.match(text, begin)
    if printed:
        end, year = printed.end(), int(printed[0])
    elif (short := _short_year(scan, parts)) is not None:
        end, year = short
    else:
        return None
    after_year = gap_end(text, end)
    if text[after_year : after_year + 1] == "%":
        return None
    dated = parts._replace(end=end, year=year, era=_offset(year_word[1]) if year_word else None)
    calendar, year_suffix = rules.calendars.at(text, after_year), rules.years_after.at(text, after_year)
    if calendar:
        return dated._replace(end=calendar[0], calendar=_CALENDARS[calendar[1].meaning])
    return dated._replace(end=year_suffix[0]) if year_suffix else dated


def _short_year(scan: Scan, parts: DateParts) -> tuple[int, int] | None:
    """Return where a year of two digits ends, and the year; None where there is none, or where its century is open.

    Before it stands the point of a month's abbreviation or an apostrophe, or after it a word for year (5 марта 24 г.).
    """
    text = scan.text
    match = _SHORT_YEAR.match(text, parts.end)
    if match is None:
        match = _SHORT_YEAR_BEFORE_WORD.match(text, parts.end)
        if match is None or not scan.grammar.years_after.at(text, gap_end(text, match.end())):
            return None
    if parts.day is None and int(match[1]) <= _LAST_DAY and "'" not in match[0]:
        return None  # Mar. 12
    year = year_of_two_digits(int(match[1]), scan.grammar.lexicon.language)
    return None if year is None else (match.end(), year)


def _offset(entry: Entry) -> int | None:
    """Return the years from an era to the Gregorian year; None for a mere word for year."""
    return None if entry.kind == "year-before" else int(entry.meaning)
