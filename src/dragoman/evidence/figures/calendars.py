"""Convert dates of other calendars to Gregorian ones, as far as that is possible.

* Buddhist, Minguo and Japanese years begin with the Gregorian year (since 1941, 1912 and 1873), so an offset is enough
  and they are exact.
* Jalali days are exact from 1244 to 1472 AP, where leap years follow one cycle of 33 years.
* Ethiopian days are exact: twelve months of 30 days and one of 5, or of 6 in each fourth year. A name of a month without
  a word for the calendar is not converted, because papers also use the names for Gregorian months.
* Hijri dates are computed by the civil (tabular) calendar. The sighting of the moon moves the true day by one or two
  days, so they are always vague.
* Days of Bikram Sambat (Nepal) are exact for the years of the table in `bikram`. Outside it only the year is given.
* A year or month that overlaps two Gregorian ones is given as the one in which it begins, and is vague.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from dragoman.core.language_tags import primary
from dragoman.evidence.figures import bikram

Calendar = Literal["gregorian", "jalali", "hijri", "bikram", "ethiopic", "unsettled"]

_JALALI_YEARS = range(1244, 1473)
_JALALI_LEAP = {1, 5, 9, 13, 17, 22, 26, 30}
"""Leap years, by their place in the cycle of 33."""
_NOWRUZ_1400 = date(2021, 3, 21)
_HIJRI_YEARS = range(1000, 1700)
_HIJRI_LEAP = {2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29}
"""Leap years, by their place in the cycle of 30."""
_HIJRI_CYCLE_DAYS = 10631
"""Days in 30 years: 19 of 354 days and 11 leap years of 355."""
_MUHARRAM_1401 = date(1980, 11, 9)
_MESKEREM_1 = date(7, 8, 28)
"""The first day of the Ethiopian year 0, in the proleptic Gregorian calendar."""
_ETHIOPIC_YEARS = range(1000, 2200)
_BUDDHIST_OFFSET = 543
"""Years by which the Buddhist year is ahead of the Gregorian one."""
_BUDDHIST_CENTURY = 2500
_FIRST_SHORT_BUDDHIST = 40
_LAST_OF_THIS_CENTURY = 49
_BIKRAM_OFFSET = 57
"""Years by which Bikram Sambat is ahead of the Gregorian year; from January to mid-April it is 56."""

# Years of these calendars that papers print without a word for the calendar.
_BUDDHIST = range(2400, 2700)
_JALALI = range(1250, 1470)
_BIKRAM = range(2045, 2110)
# Years that four digits alone mean, besides 1900 to 2099.
_BARE_YEARS = {"th": range(2540, 2600), "fa": range(1380, 1420), "ne": range(2060, 2100)}


def iso(year: int | None, month: int | None, day: int | None) -> str | None:
    """Return partial ISO for a Gregorian date; None if there is no such day, or if only a day is known."""
    if month is None:
        return None if year is None or day is not None else f"{year:04d}"
    if not 1 <= month <= 12:
        return None
    try:
        date(2024 if year is None else year, month, day or 1)
    except ValueError:
        return None
    return (f"{year:04d}-" if year is not None else "--") + f"{month:02d}" + ("" if day is None else f"-{day:02d}")


def gregorian(calendar: Calendar, year: int | None, month: int | None, day: int | None) -> tuple[str | None, bool]:
    """Return partial ISO and whether it is vague; (None, True) if the date cannot be converted."""
    if calendar == "gregorian":
        return iso(year, month, day), False
    if year is None or calendar == "unsettled":
        return None, True  # Nowruz moves by a day from year to year, and Hijri months move through all seasons
    first_day = _day(calendar, year, month or 1, day or 1)
    if first_day is None:
        return (f"{year - _BIKRAM_OFFSET:04d}" if calendar == "bikram" else None), True
    if month is None:
        return f"{first_day.year:04d}", True
    if day is None:
        return f"{first_day:%Y-%m}", True
    is_exact = calendar in ("jalali", "ethiopic") or (calendar == "bikram" and bikram.is_settled(year, month))
    return f"{first_day:%Y-%m-%d}", not is_exact


def _day(calendar: Calendar, year: int, month: int, day: int) -> date | None:
    if calendar == "ethiopic":
        return _ethiopic(year, month, day)
    if calendar == "bikram":
        return bikram.bikram_day(year, month, day)
    return _jalali(year, month, day) if calendar == "jalali" else _hijri(year, month, day)


def _ethiopic(year: int, month: int, day: int) -> date | None:
    longest = 30 if month <= 12 else 6 if year % 4 == 3 else 5
    if year not in _ETHIOPIC_YEARS or not 1 <= month <= 13 or not 1 <= day <= longest:
        return None
    return _MESKEREM_1 + timedelta(days=365 * year + year // 4 + 30 * (month - 1) + day - 1)


def _jalali(year: int, month: int, day: int) -> date | None:
    longest = 31 if month <= 6 else 30
    if year not in _JALALI_YEARS or not 1 <= month <= 12 or not 1 <= day <= longest:
        return None
    if year >= 1400:
        years = sum(366 if earlier % 33 in _JALALI_LEAP else 365 for earlier in range(1400, year))
    else:
        years = -sum(366 if earlier % 33 in _JALALI_LEAP else 365 for earlier in range(year, 1400))
    return _NOWRUZ_1400 + timedelta(days=years + 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1)


def _hijri(year: int, month: int, day: int) -> date | None:
    if year not in _HIJRI_YEARS or not 1 <= month <= 12 or not 1 <= day <= 30:
        return None
    cycles, years = divmod(year - 1401, 30)
    # 1401 is year 21 of its cycle.
    leap_years = sum((1401 + 30 * cycles + offset) % 30 in _HIJRI_LEAP for offset in range(years))
    days = cycles * _HIJRI_CYCLE_DAYS + years * 354 + leap_years + (month - 1) * 29 + month // 2 + day - 1
    return _MUHARRAM_1401 + timedelta(days=days)


def year_of_two_digits(year: int, tag: str) -> int | None:
    """Return the printed year with its century, of which only two digits stand beside a month; None where it is open.

    Papers drop the century of years that are near: up to 49 it is the 21st, from 50 on the 20th. Thai papers drop that
    of Buddhist years, of which 40 to 99 are 1997 to 2056; a smaller number may also be a Gregorian year. In Taiwan, two
    digits may also be a Minguo year.
    """
    language = primary(tag)
    if language == "th":
        return _BUDDHIST_CENTURY + year if year >= _FIRST_SHORT_BUDDHIST else None
    if tag == "zh-Hant":
        return None
    return (2000 if year <= _LAST_OF_THIS_CENTURY else 1900) + year


def calendar_of_language(
    language: str, calendar: Calendar | None, year: int | None, offset: int | None = None
) -> tuple[Calendar, int | None]:
    """Return the calendar of a year in a language, and the year in it. A Buddhist year is made Gregorian.

    ``calendar`` is that of the month name or of a word after the year; None if neither names one. ``offset`` is that of
    an era to the Gregorian year.
    """
    if year is not None and offset is not None:
        return "gregorian", year + offset
    if year is None or calendar is not None:
        return calendar or "gregorian", year
    if language == "th" and year in _BUDDHIST:
        return "gregorian", year - _BUDDHIST_OFFSET
    if language == "fa" and year in _JALALI:
        return "jalali", year
    if language == "ne" and year in _BIKRAM:
        return "bikram", year
    return "gregorian", year


def bare_year(year: int, language: str, *, has_cue: bool) -> tuple[str, bool] | None:
    """Return partial ISO for four digits that papers print for a year, and whether it is vague; None for a count."""
    usual = year in range(1900, 2100) or year in _BARE_YEARS.get(language, ())
    if not usual and not (has_cue and 1000 <= year < 2100):
        return None
    date, vague = gregorian(*calendar_of_language(language, None, year), None, None)
    return (date, vague) if date else None
