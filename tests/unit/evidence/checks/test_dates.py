"""Dates of an answer are compared with those of the source, as far as both state the same parts."""

from __future__ import annotations

import pytest

from dragoman.evidence.checks.dates import check_date, check_event_date, check_published, check_whole_dates, parts
from dragoman.evidence.checks.quantities import read


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-11-18", ("2026", "11", "18")),
        ("2026-11", ("2026", "11", "")),
        ("2026", ("2026", "", "")),
        ("--11-18", ("", "11", "18")),
        ("--11", ("", "11", "")),
    ],
)
def test_a_partial_date_has_three_parts(date: str, expected: tuple[str, str, str]) -> None:
    assert parts(date) == expected


def test_the_message_of_a_wrong_date_gives_both_dates() -> None:
    english, quote = read("It opens on 5 March 2027.", "en"), read("Le pont ouvrira le 3 mai 2027.", "fr")
    (found,) = check_date(english, quote)
    assert (found.check, found.severity) == ("value.date", "error")
    assert found.message == "“5 March 2027” is 2027-03-05, but “3 mai 2027” in the source is 2027-05-03"


def test_two_unmatched_dates_give_no_finding() -> None:
    """It is not certain which of them is which."""
    english = read("It opens on 5 March 2027 and closes on 7 April 2028.", "en")
    assert list(check_date(english, read("Le pont ouvrira le 3 mai 2027.", "fr"))) == []


@pytest.mark.parametrize(
    ("english", "count"),
    [("It opened on 18 November 2025.", 1), ("It opened on 18 December 2026.", 1), ("It opened on 17 May 2025.", 0)],
)
def test_a_title_with_one_wrong_part_of_a_date_is_a_warning(english: str, count: int) -> None:
    """A date that differs in more parts may be another date, resolved from words such as "yesterday"."""
    found = list(check_whole_dates(read(english, "en"), read("18 ноября 2026 года завод открыли.", "ru")))
    assert [(one.check, one.severity) for one in found] == [("value.date", "warning")] * count


@pytest.mark.parametrize(
    ("stated", "is_reported"),
    [
        ("2026-12-19", False),  # 31 days
        ("2026-12-20", True),
        ("2026-10-18", False),
        ("2026-10-17", True),
    ],
)
def test_an_event_may_be_a_month_away_from_the_printed_date(stated: str, is_reported: bool) -> None:
    """ "The day before" and "next Monday" are resolved against the printed date."""
    quote = read("18 ноября 2026 года завод открыли.", "ru")
    assert (check_event_date(stated, quote, quote) is not None) is is_reported


@pytest.mark.parametrize(("stated", "is_reported"), [("2025", False), ("2027", False), ("2024", True), ("2028", True)])
def test_an_event_may_be_a_year_away_from_a_printed_year(stated: str, is_reported: bool) -> None:
    quote = read("В 2026 году завод открыли.", "ru")
    assert (check_event_date(stated, quote, quote) is not None) is is_reported


def test_a_date_of_publication_whose_year_is_printed_gives_no_finding() -> None:
    whole = read("18 ноября 2026 года завод открыли. © 2024", "ru")
    assert check_published("2024-11-18", whole) is None
    missing = check_published("2023-11-18", whole)
    assert missing is not None
    assert missing.message == "the date 2023-11-18 is not in the source"
