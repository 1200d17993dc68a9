"""Read dates in running text → Quantity of kind ``date``, in the Gregorian calendar, as complete as they are printed.

Dates that are joined (5 to 7 March 2024, 3月5日至7日) are read together: each is a date of its own, with the month and
the year that it shares with the others (`date_runs`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from dragoman.evidence.figures.calendars import bare_year, calendar_of_language, gregorian
from dragoman.evidence.figures.date_forms import DateForms, date_forms, matching
from dragoman.evidence.figures.date_runs import (
    JoinedDate,
    complete,
    following_day,
    is_followed_by_date,
    join_after,
    leading_day,
    share_month,
)
from dragoman.evidence.figures.folding import gap_end, gap_start
from dragoman.evidence.figures.grammar import DASHES
from dragoman.evidence.figures.named_dates import (
    DateParts,
    dates_at_digits,
    dates_at_word,
    month_alone,
    year_before_days,
)
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan

_SIGN = re.compile(r"\d{1,4} ?[-/.] {0,2}\d")
"""What a date in digits begins with, even if direction marks stand between its parts."""
_LAST_YEAR = 2200
"""The last Gregorian year that a date may have. A greater number is not a year."""
_LONGEST_RUN = 8
"""Dates that are read together. A longer run is no enumeration of days, and reading it from each of its days would take
quadratic time."""
_OPEN_ORDER = {"en", "zh", "ja", "ko"}
"""Languages in which it is open whether 3/5/2024 is the third of May or the fifth of March."""
_MONTH_FIRST = {"en-US", "fil"}
"""Tags of which papers print the month first in digits."""
_DAY_AND_MONTH = re.compile(r"(?P<d>\d{1,2})(?P<s>[./-])(?P<m>\d{1,2})\.?(?![\d/]|[.,-]\d)")

_YEARS = re.compile(rf"(?P<first>\d{{4}})[{DASHES}/](?P<last>\d{{4}}|\d{{2}})(?![{DASHES}\d/%]|[.,]\d)")

DateMatch = tuple[FigureMatch | None, int]
DateRead = tuple[Quantity | None, int]
"""A date and where it ends; None instead of the date if it cannot be expressed."""


def read_date(scan: Scan, at: int) -> DateMatch | None:
    """Return the date that begins with a listed word at ``at``, and where to continue; None if there is no date.

    The match has the dates that are joined to it (``more``). (None, end) stands for a date that cannot be expressed,
    such as a day without its month.
    """
    first = _first(scan, at, _at_word(scan, at))
    if first is None:
        month = month_alone(scan, at)
        run = _with_joined(scan, at, (month, (None, month.end))) if month else None
        return run if run and run[0] and run[0].more else None
    parts = first[0]
    if parts.day and not parts.month and (days := _days_before_date(scan, at, parts)):
        return _joined(scan, days)  # ngày 5 đến 7/3
    return _with_joined(scan, at, first)


def read_numeric_date(scan: Scan, at: int) -> DateMatch | None:
    """Return the date that begins with digits at ``at``, Han digits included, as `read_date` does."""
    first = _first(scan, at, _at_digits(scan, at))
    if first is None or first[0].month is None:
        is_year = scan.text[at : at + 4].isdecimal() and len(scan.text) >= at + 4
        days = _days_after_year(scan, at) if is_year else _days_before_date(scan, at)
        if days:
            return _joined(scan, days)
        if first is None and is_year and (years := _YEARS.match(scan.text, at)):
            return _years(scan, at, years)
        if first is None and _forms(scan).after_day and _follows_day(scan, at):
            first = _first(scan, at, _after_day(scan, at))
    return _with_joined(scan, at, first)


def _years(scan: Scan, at: int, match: re.Match[str]) -> DateMatch | None:
    """Return two years of which the second is later: 2023/24, 1950–53, 2023/2024. Each must be one that papers print."""
    first, last = match["first"], match["last"]
    last = first[: 4 - len(last)] + last
    dates = [bare_year(int(year), scan.language, has_cue=False) for year in (first, last)]
    if int(last) <= int(first) or dates[0] is None or dates[1] is None:
        return None
    matches = [
        FigureMatch(Quantity("date", None, None, None, None, date[1], *span, date[0]), standalone=True)
        for date, span in zip((dates[0], dates[1]), (match.span("first"), match.span("last")), strict=True)
    ]
    return matches[0]._replace(more=(matches[1],)), match.end()


def _at_word(scan: Scan, at: int) -> Iterator[DateParts]:
    return chain(matching(scan, at, _forms(scan).asian), dates_at_word(scan, at))


def _at_digits(scan: Scan, at: int) -> Iterator[DateParts]:
    text, forms = scan.text, _forms(scan)
    sign = forms.sign.match(text, at)
    candidates = forms.after_sign[sign[1]] if sign else ()
    if _SIGN.match(text, at):
        candidates = (*candidates, *forms.numeric)
    return chain(matching(scan, at, candidates), dates_at_digits(scan, at)) if candidates else dates_at_digits(scan, at)


def _after_day(scan: Scan, at: int) -> Iterator[DateParts]:
    """Yield 14/8 as a day, unless a month follows it (5-7 March)."""
    for parts in matching(scan, at, _forms(scan).after_day):
        if not scan.grammar.months.at(scan.text, gap_end(scan.text, parts.end)):
            yield parts


def _forms(scan: Scan) -> DateForms:
    return date_forms(scan.grammar.lexicon.language)


def _first(scan: Scan, at: int, candidates: Iterable[DateParts]) -> tuple[DateParts, DateRead] | None:
    """Return the first candidate that is a date or a part of one; the most certain form comes first."""
    for parts in candidates:
        if (read := _read(scan, at, parts)) is not None:
            return parts, read
    return None


def _with_joined(scan: Scan, at: int, first: tuple[DateParts, DateRead] | None) -> DateMatch | None:
    """Return a date with those that are joined to it."""
    if first is None:
        return None
    parts, (quantity, end) = first
    following = _following(scan, parts) if parts.month else None
    run = _joined(scan, [JoinedDate(at, parts), following]) if following else None
    return run or ((None if quantity is None else FigureMatch(quantity, standalone=True)), end)


def _joined(scan: Scan, run: list[JoinedDate]) -> DateMatch | None:
    """Return the dates of a run with those that are joined to its last; None if it is no run."""
    longer = list(run)
    while len(longer) < _LONGEST_RUN and (following := _following(scan, longer[-1].parts)):
        longer.append(following)
    return _matches(scan, longer) or _matches(scan, run)


def _following(scan: Scan, last: DateParts) -> JoinedDate | None:
    """Return the date that is joined to a date: a whole one, or only the day or the month that differs."""
    joint = join_after(scan, last.end)
    if joint is None:
        return None
    at, join = joint
    if at >= len(scan.text):
        return None
    is_digit = scan.text[at].isdecimal()
    candidates = chain(_at_digits(scan, at), _after_day(scan, at)) if is_digit else _at_word(scan, at)
    if not is_digit and last.day is None and (month := month_alone(scan, at)):
        candidates = chain(candidates, (month,))
    for parts in candidates:
        if _read(scan, at, parts) is None:
            continue
        if parts.month and (parts.day is None) == (last.day is None) and (join != "stroke" or parts.year):
            return JoinedDate(at, parts, join)
        if parts.day and not parts.month and not parts.year and last.day and parts.day > last.day:
            return JoinedDate(at, last._replace(end=parts.end, day=parts.day), join)  # 3月5日至7日
    day = following_day(scan, at, last, join) if is_digit and join != "stroke" else None
    return JoinedDate(at, day, join) if day else None


def _days_after_year(scan: Scan, at: int) -> list[JoinedDate] | None:
    """Read days that share the month after them and the year before them: 2024. gada 5.–7. martā."""
    year = year_before_days(scan, at)
    days = _days_before_date(scan, year.end) if year else None
    if days is None or year is None or any(joined.parts.year for joined in days):
        return None
    dated = [joined._replace(parts=joined.parts._replace(year=year.year, calendar=year.calendar)) for joined in days]
    return [dated[0]._replace(at=at), *dated[1:]]


def _days_before_date(scan: Scan, at: int, first: DateParts | None = None) -> list[JoinedDate] | None:
    """Read days that share the month of a date after them: 5., 6. and 7. März; 30.4. bis 3.5.2024.

    ``first``: the first day, if it is known.
    """
    run: list[JoinedDate] = []
    position, join = at, None
    if first is None and not is_followed_by_date(scan, at):
        return None
    while len(run) < _LONGEST_RUN:
        days = [first] if first and not run else _days(scan, position, is_first=not run)
        joint = next(((day, *joint) for day in days if (joint := join_after(scan, day.end))), None)
        if joint is None or (run and not _is_later(joint[0], run[-1].parts)):
            return None
        run.append(JoinedDate(position, joint[0], join))
        _, position, join = joint
        if not scan.text[position : position + 1].isdecimal():
            return None
        last = _first(scan, position, chain(_at_digits(scan, position), _after_day(scan, position)))
        if last and last[0].month and last[0].day:
            run.append(JoinedDate(position, last[0], join))
            return run if share_month(scan.text, run) else None
        if last and last[0].year is not None:
            return None
    return None


def _is_later(day: DateParts, other: DateParts) -> bool:
    """Whether the days of a list without their month come in order."""
    return (day.day or 0) > (other.day or 0)


def _days(scan: Scan, at: int, *, is_first: bool) -> Iterator[DateParts]:
    """Yield the day at ``at`` without a month; the first of a run may also be a day and a month without a year."""
    if is_first and (match := _DAY_AND_MONTH.match(scan.text, at)):
        yield DateParts(match.end(), None, int(match["m"]), int(match["d"]), signs=True)
    yield from leading_day(scan, at)


def _matches(scan: Scan, run: Sequence[JoinedDate]) -> DateMatch | None:
    """Return the dates of a run, each completed; None if one of them is no date."""
    matches: list[FigureMatch] = []
    end = run[-1].parts.end
    for at, parts, _ in complete(run):
        read = _read(scan, at, parts)
        if read is None or read[0] is None:
            return None
        matches.append(FigureMatch(read[0], standalone=True))
        end = read[1]
    return matches[0]._replace(more=tuple(matches[1:])), end


def _follows_day(scan: Scan, at: int) -> bool:
    end = gap_start(scan.text, at)
    return scan.text[end - 1 : end] == "(" or scan.grammar.days_before.before(scan.text, end) is not None


def _read(scan: Scan, at: int, parts: DateParts) -> tuple[Quantity | None, int] | None:
    end, month, day = parts.end, parts.month, parts.day
    if parts.year is None and (day is None or month is None):
        return None, end  # a month or a day alone
    tag, printed = scan.grammar.lexicon.language, scan.text[at:end]
    calendar, year = calendar_of_language(scan.language, parts.calendar, parts.year, parts.era)
    if calendar == "gregorian" and year is not None and year > _LAST_YEAR:
        return None
    is_open = parts.signs and tag not in _MONTH_FIRST and scan.language in _OPEN_ORDER and _is_open(printed, month, day)
    if parts.signs and month and day and _is_month_first(tag, month, day):
        month, day = day, month
    date, vague = gregorian(calendar, year, None, None) if is_open else gregorian(calendar, year, month, day)
    if date is None:
        return (None, end) if vague or is_open else None
    if year is None and printed.endswith("."):
        end -= 1  # a full stop after a month name
    return Quantity("date", None, None, None, None, vague or is_open, at, end, date), end


def _is_open(printed: str, month: int | None, day: int | None) -> bool:
    """Whether it is open which number is the month, as in 04/07/2024 in English of an unknown region."""
    return (
        not printed[:4].isdecimal() and month is not None and day is not None and month != day and max(month, day) <= 12
    )


def _is_month_first(tag: str, month: int, day: int) -> bool:
    return (tag == "en" and month > 12 >= day) or (tag in _MONTH_FIRST and day <= 12)
