"""Dates of other calendars become the Gregorian day, month or year that published tables give for them."""

from __future__ import annotations

import datetime

import pytest

from dragoman.evidence.figures.calendars import (
    bare_year,
    calendar_of_language,
    gregorian,
    iso,
    year_of_two_digits,
)


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (1300, 1, 1, "1921-03-21"),
        (1357, 11, 22, "1979-02-11"),  # the Iranian revolution
        (1400, 1, 1, "2021-03-21"),
        (1402, 11, 5, "2024-01-25"),
        (1403, 1, 1, "2024-03-20"),
        (1403, 12, 30, "2025-03-20"),  # a leap year
        (1404, 1, 1, "2025-03-21"),
    ],
)
def test_jalali_days_are_exact(year: int, month: int, day: int, expected: str) -> None:
    """Leap years follow one cycle of 33 years, before and after 1400."""
    assert gregorian("jalali", year, month, day) == (expected, False)


def test_jalali_years_outside_the_cycle_are_not_converted() -> None:
    """The cycle of 33 holds from 1244 to 1472 AP only."""
    assert gregorian("jalali", 1244, 1, 1) == ("1865-03-21", False)
    assert gregorian("jalali", 1472, 12, 1) == ("2094-02-19", False)
    assert gregorian("jalali", 1243, 1, 1) == gregorian("jalali", 1473, 1, 1) == (None, True)


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [(1400, 1, 1, "1979-11-21"), (1401, 1, 1, "1980-11-09"), (1431, 1, 1, "2009-12-18"), (1445, 9, 1, "2024-03-11")],
)
def test_hijri_days_follow_the_civil_calendar_and_are_vague(year: int, month: int, day: int, expected: str) -> None:
    """The sighting of the moon may move the day by one or two."""
    assert gregorian("hijri", year, month, day) == (expected, True)


def test_a_hijri_cycle_has_its_days() -> None:
    """30 years of 354 days, 11 of them with one day more, lie between the same day of two cycles."""
    first, last = (datetime.date.fromisoformat(gregorian("hijri", year, 1, 1)[0] or "") for year in (1401, 1431))
    assert (last - first).days == 30 * 354 + 11


def test_a_year_of_another_calendar_is_the_one_in_which_it_begins() -> None:
    """It overlaps two Gregorian years, so it is vague; so is a month."""
    assert gregorian("jalali", 1403, None, None) == ("2024", True)
    assert gregorian("jalali", 1403, 1, None) == ("2024-03", True)
    assert gregorian("bikram", 2080, 5, None) == ("2023-08", True)
    assert gregorian("bikram", 2080, None, None) == ("2023", True)
    assert gregorian("hijri", None, 9, 1) == (None, True)


def test_a_buddhist_year_is_543_ahead() -> None:
    """Papers print it without a word for the calendar."""
    assert calendar_of_language("th", None, 2567) == ("gregorian", 2024)
    assert calendar_of_language("th", "gregorian", 2024) == ("gregorian", 2024)


@pytest.mark.parametrize(
    ("year", "tag", "meaning"),
    [
        (0, "de", 2000), (24, "zh-Hans", 2024), (49, "fr", 2049), (50, "fr", 1950), (99, "ko", 1999),
        (40, "th", 2540), (67, "th", 2567), (99, "th", 2599), (39, "th", None), (24, "th", None), (24, "zh-Hant", None),
    ],
)  # fmt: skip
def test_two_digits_are_a_year_of_the_century_that_papers_drop(year: int, tag: str, meaning: int | None) -> None:
    """The century turns between 49 and 50.

    Thai papers mean Buddhist years; smaller numbers, and any in Taiwan, may be of another calendar.
    """
    assert year_of_two_digits(year, tag) == meaning


@pytest.mark.parametrize(
    ("bikram", "day"),
    [
        ((2000, 1, 1), "1943-04-14"), ((2056, 9, 17), "2000-01-01"), ((2072, 1, 12), "2015-04-25"),
        ((2080, 11, 3), "2024-02-15"), ((2081, 1, 1), "2024-04-13"), ((2086, 12, 30), "2030-04-13"),
    ],
)  # fmt: skip
def test_days_of_bikram_sambat_are_exact_in_the_years_of_the_table(bikram: tuple[int, int, int], day: str) -> None:
    """The earthquake of 25 April 2015 was on 12 Baishakh 2072."""
    assert gregorian("bikram", *bikram) == (day, False)


@pytest.mark.parametrize(
    ("bikram", "date"),
    [
        ((2062, 1, 5), ("2005-04-18", True)), ((1999, 5, 1), ("1942", True)), ((2087, 5, 1), ("2030", True)),
        ((2080, 1, 32), ("2023", True)), ((2080, 13, 1), ("2023", True)),
    ],
)  # fmt: skip
def test_a_day_of_bikram_sambat_that_is_not_settled_is_vague(
    bikram: tuple[int, int, int], date: tuple[str, bool]
) -> None:
    """The sources differ about a month, the year is outside the table, or the month has no such day."""
    assert gregorian("bikram", *bikram) == date


def test_four_digits_are_a_year_only_where_papers_print_years() -> None:
    """Elsewhere they are a count, unless a word for year stands before them."""
    assert [year for year in range(10_000) if bare_year(year, "en", has_cue=False)] == [*range(1900, 2100)]
    assert bare_year(1789, "vi", has_cue=True) == ("1789", False)
    assert bare_year(999, "vi", has_cue=True) is None
    assert bare_year(1402, "fa", has_cue=False) == ("2023", True)


def test_a_date_that_does_not_exist_has_no_iso_form() -> None:
    """29 February may be a day of an unknown year, but not of 2023."""
    assert iso(None, 2, 29) == "--02-29"
    assert iso(2023, 2, 29) is iso(2024, 13, 1) is iso(2024, None, 5) is None
