"""Compare the dates of an answer, in its English, in ``event_date`` and in ``published``, with those of the source.

A source states many dates in words that depend on its day of publication (yesterday, the month before), and a summary
may resolve them. Only larger differences are reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date as Date
from itertools import pairwise

from dragoman.evidence.checks.quantities import Observation, TextQuantities
from dragoman.evidence.figures import Quantity

NEAR_DAYS = 31
"""Within a month, a date may follow from a printed one by words such as "the day before" or "next Monday"."""

NEAR_YEARS = 1
"""Between dates without a month: "last year" and "next year" follow from a printed year."""

_RUN = re.compile(r"\d+")
_YEAR = re.compile(r"(?<![\d.,$€£¥])(\d{3,4})(?![\d%]|[.,]\d)")
OTHER_CALENDAR = re.compile(
    r"\b(?:B\.?E\.?|Buddhist|Thai (?:year|calendar)|Minguo|ROC|Republic of China|of the Republic"
    r"|Iranian|Persian|Jalali|Solar|Shamsi"
    r"|S\.?H\.?|Hijri|A\.?H\.?|Islamic|Reiwa|Heisei|Showa|B\.?S\.?|Bikram|Nepali|Bengali|Bangla|calendar)\b"
)
_JOINED = re.compile(r"\.?[^.!?;。\n\d]{0,24}")
"""What stands between two dates of a span or a list: a dash or a few words, the longest of them Indonesian with 24
letters (sampai dengan tanggal)."""


def check_date(english: TextQuantities, quote: TextQuantities) -> Iterator[Observation]:
    """``value.date`` for a claim: an error if either side has one date, or one span or list of dates, that the other
    side lacks, and both state the same parts (year, month, day); also a year of another calendar that was copied."""
    copied = next(_copied_years(english, quote), None)
    if copied is not None:
        yield copied
        return
    source_dates = quote.dates
    unmatched = _without(english.dates, source_dates)
    if not source_dates or not unmatched or not _is_run(english, unmatched):
        return
    missing = _without(source_dates, english.dates)
    if not missing or not _is_run(quote, missing) or len(unmatched) not in (1, len(missing)):
        return
    if not _contradict([quantity.date or "" for quantity in unmatched], [quantity.date or "" for quantity in missing]):
        return
    printed, source_words = _words(english, unmatched), _words(quote, missing)
    message = f"“{printed}” is {_shown(unmatched)}, but “{source_words}” in the source is {_shown(missing)}"
    yield Observation("value.date", "error", message, source_words, printed)


def _contradict(stated: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether dates state the same parts of a time as the printed ones, so that they cannot be other dates as well.

    A month or a year inside a span may be stated of it; a day may not.
    """
    pairs = (
        zip(stated, printed, strict=True) if len(stated) == len(printed) else ((stated[0], date) for date in printed)
    )
    if not all(_comparable(first, second) for first, second in pairs):
        return False
    is_span_without_days = len(printed) > len(stated) and not parts(printed[0])[2]
    return not (is_span_without_days and printed[0] < stated[0] < printed[-1])


def _comparable(first: str, second: str) -> bool:
    """Whether two dates state the same parts, or both state a day and only one of them its year."""
    return _same_parts(first, second) or all(month and day for _, month, day in (parts(first), parts(second)))


def _is_run(text: TextQuantities, dates: Sequence[Quantity]) -> bool:
    """Whether dates are joined in one span or list: 5. bis 7. März."""
    return all(_JOINED.fullmatch(text.text[first.end : second.start]) is not None for first, second in pairwise(dates))


def _words(text: TextQuantities, dates: Sequence[Quantity]) -> str:
    """The words of dates that are joined, as the text prints them."""
    return text.text[dates[0].start : dates[-1].end]


def _shown(dates: Sequence[Quantity]) -> str:
    return " and ".join(quantity.date or "" for quantity in dates)


def check_whole_dates(english: TextQuantities, whole: TextQuantities) -> Iterator[Observation]:
    """``value.date`` (warning) for a title, abstract or key point: a whole date that the source has with another year
    or another month; also a year of another calendar that was copied unchanged."""
    yield from _copied_years(english, whole)
    for date in _without(english.dates, whole.dates):
        similar = [d for d in _without(whole.dates, english.dates) if _is_slip(date.date or "", d.date or "")]
        if len(similar) == 1:
            printed, source_words = english.printed(date), whole.printed(similar[0])
            message = (
                f"“{printed}” is {date.date}, which is not in the source; the source has “{source_words}”, "
                f"which is {similar[0].date}"
            )
            yield Observation("value.date", "warning", message, source_words, printed)


def _is_slip(first: str, second: str) -> bool:
    """Whether two whole dates have the same day and either the same year or the same month."""
    a, b = parts(first), parts(second)
    return all(a) and all(b) and a[2] == b[2] and (a[0] == b[0]) != (a[1] == b[1])


def _copied_years(english: TextQuantities, source: TextQuantities) -> Iterator[Observation]:
    """``value.date`` for a year of the English that the source prints as a year of another calendar.

    A warning if the source has the same number as an amount too; otherwise an error.
    """
    dates = [quantity for quantity in source.quantities if quantity.kind == "date" and quantity.date]
    english_years = {parts(quantity.date)[0] for quantity in english.dates if quantity.date}
    for match in _YEAR.finditer(english.text) if dates else ():
        if OTHER_CALENDAR.search(english.text):
            return
        for date in dates:
            year = parts(date.date or "")[0]
            if match[1] == year or not year or year in english_years or not _prints(source.printed(date), match[1]):
                continue
            source_words = source.printed(date)
            is_amount = any(quantity.value == int(match[1]) for quantity in source.quantities)
            message = f"“{match[1]}” is a year of another calendar: “{source_words}” in the source is {date.date}"
            yield Observation("value.date", "warning" if is_amount else "error", message, source_words, match[1])
            return


def check_event_date(stated: str, quote: TextQuantities, whole: TextQuantities) -> Observation | None:
    """``value.event_date`` (warning): the only date of the quote, or its only span, has the same parts as the stated
    date and is far from it, and no date of the source is near the stated one."""
    dates = quote.dates
    if not dates or not _is_run(quote, dates) or not all(_same_parts(stated, one.date or "") for one in dates):
        return None
    if any(_near(stated, quantity.date) for quantity in whole.dates if quantity.date):
        return None
    source_words = _words(quote, dates)
    message = f"the claim is dated {stated}, but “{source_words}” in its quote is {_shown(dates)}"
    return Observation("value.event_date", "warning", message, source_words, stated)


def check_published(stated: str, whole: TextQuantities) -> Observation | None:
    """``value.published`` (warning): the source has whole dates, none of which agrees with the stated date, and does
    not print its year anywhere."""
    year, dates = parts(stated)[0], [quantity.date for quantity in whole.dates if quantity.date]
    if not year or not any(all(parts(date)) for date in dates) or any(_agree(stated, date) for date in dates):
        return None
    numbers = _numbers(whole.text)
    if year in numbers or year[2:] in numbers:
        return None
    return Observation("value.published", "warning", f"the date {stated} is not in the source", None, stated)


def parts(date: str) -> tuple[str, str, str]:
    """(year, month, day) of a partial date; a part that is not stated is ``""``."""
    if date.startswith("--"):
        month, _, day = date[2:].partition("-")
        return "", month, day
    year, month, day = (*date.split("-"), "", "")[:3]
    return year, month, day


def _without(dates: Sequence[Quantity], others: Sequence[Quantity]) -> list[Quantity]:
    """Those of ``dates`` that agree with none of ``others``."""
    equal = {quantity.date for quantity in others}
    return [
        date
        for date in dates
        if date.date not in equal and not any(_agree(date.date or "", quantity.date or "") for quantity in others)
    ]


def _agree(first: str, second: str) -> bool:
    """Whether two partial dates share a part and have no part that differs."""
    pairs = list(zip(parts(first), parts(second), strict=True))
    return all(a == b for a, b in pairs if a and b) and any(a and b for a, b in pairs)


def _same_parts(first: str, second: str) -> bool:
    """Whether two partial dates state the same of year, month and day."""
    return [bool(part) for part in parts(first)] == [bool(part) for part in parts(second)]


def _near(first: str, second: str) -> bool:
    """Whether one date may be derived from the other; only the parts that both state are compared."""
    if _agree(first, second):
        return True
    a, b = ([int(part or 0) for part in parts(date)] for date in (first, second))
    if not a[0] or not b[0]:
        return True  # without a year, December is near January
    if not a[1] or not b[1]:
        return abs(a[0] - b[0]) <= NEAR_YEARS
    days = [Date(year, month, min(day or 15, 28)).toordinal() for year, month, day in (a, b)]
    return abs(days[0] - days[1]) <= NEAR_DAYS


def _prints(text: str, number: str) -> bool:
    """Whether ``number``, in ASCII digits, is one of the numbers of ``text``, in any digits."""
    return not (text.isascii() and number not in text) and number in _numbers(text)


def _numbers(text: str) -> set[str]:
    """Every run of digits of ``text``, in ASCII."""
    return {run if run.isascii() else "".join(str(unicodedata.decimal(c)) for c in run) for run in _RUN.findall(text)}
