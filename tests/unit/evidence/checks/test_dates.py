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


FAIR = ("de", "Das Festival läuft vom 5. bis 7. März 2024.")


@pytest.mark.parametrize(
    ("language", "source", "english"),
    [
        (*FAIR, "It opens on 5 March 2024."),
        (*FAIR, "It ends on 7 March."),
        (*FAIR, "It runs from 5 to 7 March 2024."),
        (*FAIR, "It runs March 5–7, 2024."),
        (*FAIR, "It takes place in March 2024."),
        ("ja", "展示会は3月5日から7日まで。", "It ends on 7 March 2024."),
        ("fr", "de janvier à mars 2024", "It rose from January to March 2024."),
        ("fr", "de janvier à mars 2024", "It rose in February 2024."),
        ("ru", "с 30 декабря по 3 января 2025 года", "It is closed from 30 December 2024 to 3 January 2025."),
        ("de", "in der Saison 2023/24", "It was best in the 2023/24 season."),
        ("de", "in den Jahren 2020–2023", "It grew in 2021."),
        ("th", "ประชุมเมื่อ 15 มี.ค. 2559", "They met on 15 March 2016."),
        ("th", "ประชุมเมื่อ 15 มี.ค. 2559", "They met on 15 March 2559 of the Buddhist calendar."),
        ("fa", "در سال ۱۴۰۲ ساخته شد", "It was built in 2023."),
    ],
)
def test_one_end_of_a_span_or_all_of_it_may_be_stated(language: str, source: str, english: str) -> None:
    """So may the month that the days share, and a month or a year inside a span."""
    assert list(check_date(read(english, "en"), read(source, language))) == []


@pytest.mark.parametrize(
    ("language", "source", "english"),
    [
        (*FAIR, "It opens on 6 March 2024."),
        (*FAIR, "It opens on 6 March."),
        (*FAIR, "It ends on 9 March 2024."),
        (*FAIR, "It runs from 6 to 8 March 2024."),
        (*FAIR, "It runs from 5 to 8 March 2024."),
        (*FAIR, "It runs from 5 to 7 March 2025."),
        ("ja", "展示会は3月5日から7日まで。", "It ends on 9 March 2024."),
        ("fr", "de janvier à mars 2024", "It rose in May 2024."),
        ("fr", "de janvier à mars 2024", "It rose from January to April 2024."),
        ("ru", "с 30 декабря по 3 января 2025 года", "It is closed from 31 December 2024 to 3 January 2025."),
        ("de", "in der Saison 2023/24", "It was best in the 2024/25 season."),
        ("de", "in den Jahren 2020–2023", "It grew in 2018."),
        ("th", "ประชุมเมื่อ 15 มี.ค. 2559", "They met on 15 March 2559."),
        ("th", "เปิดในปี 2567", "It opened in 2567."),
        ("fa", "در سال ۱۴۰۲ ساخته شد", "It was built in 1402."),
        ("ar", "في عام 1445 هـ", "It was built in 1445."),
        ("ne", "२०८० साल फागुन ३ गते", "It opened on 3 February 2080."),
    ],
)
def test_a_day_that_the_source_does_not_print_is_an_error(language: str, source: str, english: str) -> None:
    """It is neither end of a span. A year of another calendar is no Gregorian year either."""
    (found,) = check_date(read(english, "en"), read(source, language))
    assert (found.check, found.severity) == ("value.date", "error")


def test_the_message_about_a_span_has_both_ends() -> None:
    english = read("It opens on 6 March 2024.", "en")
    (found,) = check_date(english, read(FAIR[1], "de"))
    assert found.message == (
        "“6 March 2024” is 2024-03-06, but “5. bis 7. März 2024” in the source is 2024-03-05 and 2024-03-07"
    )


def test_a_year_of_another_calendar_that_is_also_an_amount_is_a_warning() -> None:
    """The English may mean the amount."""
    (found,) = check_date(read("In all, 2567 came.", "en"), read("ในปี 2567 มีคน 2567 คน", "th"))
    assert (found.check, found.severity) == ("value.date", "warning")


def test_the_days_of_two_sentences_are_no_span() -> None:
    """It is not certain of which day the English speaks."""
    quote = read("Am 5. März war es kalt. Der Schnee fiel am 7. März.", "de")
    assert list(check_date(read("It snowed on 9 March.", "en"), quote)) == []


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


@pytest.mark.parametrize(("stated", "is_reported"), [("2024-03-06", False), ("2024-05-20", True)])
def test_an_event_may_be_near_a_span_of_days(stated: str, is_reported: bool) -> None:
    quote = read(FAIR[1], "de")
    assert (check_event_date(stated, quote, quote) is not None) is is_reported


def test_a_date_of_publication_whose_year_is_printed_gives_no_finding() -> None:
    whole = read("18 ноября 2026 года завод открыли. © 2024", "ru")
    assert check_published("2024-11-18", whole) is None
    missing = check_published("2023-11-18", whole)
    assert missing is not None
    assert missing.message == "the date 2023-11-18 is not in the source"
