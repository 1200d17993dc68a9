"""Dates of an answer against the dates that the source prints: in its English, in ``event_date`` and ``published``.

A source says much of when in words that depend on its day (yesterday, the month before), and a summary may work
them out; so only what differs by more than that is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date as Date

from dragoman.evidence.checks.quantities import Observation, TextQuantities
from dragoman.evidence.figures import Quantity

_NEAR_DAYS = 31
"""Within a month, what is not printed may be reckoned from what is: the day before, next Monday."""

_NEAR_YEARS = 1
_RUN = re.compile(r"\d+")
_YEAR = re.compile(r"(?<![\d.,$€£¥])(\d{4})(?![\d%]|[.,]\d)")
_OTHER_CALENDAR = re.compile(
    r"\b(?:B\.?E\.?|Buddhist|Thai (?:year|calendar)|Minguo|ROC|Republic of China|Iranian|Persian|Jalali|Solar|Shamsi"
    r"|S\.?H\.?|Hijri|A\.?H\.?|Islamic|Reiwa|Heisei|Showa|B\.?S\.?|Bikram|Nepali|Bengali|Bangla|calendar)\b"
)
_COMMON_ERA = re.compile(r"\b(?:AD|A\.D\.|CE|C\.E\.)\b")


def between_texts(english: TextQuantities, quoted: TextQuantities) -> Iterator[Observation]:
    """``value.date``: an error between the one date of either side that the other has not, of the same parts; and
    a year of another calendar that was taken over as it is."""
    ours, theirs = english.dates, quoted.dates
    if not theirs:
        return
    yield from _taken_over(english, theirs, quoted)
    alone = _without(ours, theirs)
    missing = _without(theirs, ours) if len(alone) == 1 else []
    if len(missing) != 1 or not _same_parts(alone[0].date or "", missing[0].date or ""):
        return
    printed, there = english.printed(alone[0]), quoted.printed(missing[0])
    message = f"“{printed}” is {alone[0].date}; the source has “{there}”, which is {missing[0].date}"
    yield Observation("value.date", "error", message, there, printed)


def slipped(english: TextQuantities, whole: TextQuantities) -> Iterator[Observation]:
    """``value.date`` (warning) for a whole date of a title, abstract or key point that the source has with another
    year or another month; and a year of another calendar."""
    ours, theirs = english.dates, whole.dates
    yield from _taken_over(english, theirs, whole)
    for one in _without(ours, theirs):
        near = [other for other in _without(theirs, ours) if _is_slip(one.date or "", other.date or "")]
        if len(near) == 1:
            printed, there = english.printed(one), whole.printed(near[0])
            message = f"“{printed}” is {one.date} and not in the source; it has “{there}”, which is {near[0].date}"
            yield Observation("value.date", "warning", message, there, printed)


def _is_slip(one: str, other: str) -> bool:
    """Whether two whole dates have the day in common, and the year or the month."""
    ours, theirs = parts(one), parts(other)
    return all(ours) and all(theirs) and ours[2] == theirs[2] and (ours[0] == theirs[0]) != (ours[1] == theirs[1])


def _taken_over(english: TextQuantities, dates: Sequence[Quantity], quoted: TextQuantities) -> Iterator[Observation]:
    """Years of the English that are printed in the source as years of another calendar."""
    told = {parts(quantity.date)[0] for quantity in english.dates if quantity.date}
    for found in _YEAR.finditer(english.text):
        for theirs in dates:
            year = parts(theirs.date or "")[0]
            if found[1] in (year, "") or not year or year in told or not _prints(quoted.printed(theirs), found[1]):
                continue
            if _OTHER_CALENDAR.search(english.text):
                continue
            sure = bool(_COMMON_ERA.search(english.text))
            message = (
                f"“{found[1]}” is a year of another calendar: the source's “{quoted.printed(theirs)}” is {theirs.date}"
            )
            yield Observation("value.date", "error" if sure else "warning", message, quoted.printed(theirs), found[1])
            return


def event(stated: str, quoted: TextQuantities, whole: TextQuantities) -> Observation | None:
    """``value.event_date`` (warning): the one date of the quote has the same parts and is far from the stated one,
    which agrees with no date of the source."""
    dates = quoted.dates
    if len(dates) != 1 or not dates[0].date or not _same_parts(stated, dates[0].date):
        return None
    if any(_near(stated, quantity.date) for quantity in whole.dates if quantity.date):
        return None
    printed = quoted.printed(dates[0])
    message = f"the claim is dated {stated}; its quote has “{printed}”, which is {dates[0].date}"
    return Observation("value.event_date", "warning", message, printed, stated)


def published(stated: str, whole: TextQuantities) -> Observation | None:
    """``value.published`` (warning): the source has whole dates, and nowhere the year of the stated one."""
    year, dates = parts(stated)[0], [quantity.date for quantity in whole.dates if quantity.date]
    if not year or not any(all(parts(date)) for date in dates) or any(_agree(stated, date) for date in dates):
        return None
    numbers = _numbers(whole.text)
    if year in numbers or year[2:] in numbers:
        return None
    return Observation("value.published", "warning", f"the source nowhere prints the date {stated}", None, stated)


def parts(date: str) -> tuple[str, str, str]:
    """(year, month, day) of a partial date, with "" for what is not stated."""
    if date.startswith("--"):
        month, _, day = date[2:].partition("-")
        return "", month, day
    year, month, day = (*date.split("-"), "", "")[:3]
    return year, month, day


def _without(dates: Sequence[Quantity], others: Sequence[Quantity]) -> list[Quantity]:
    """The dates that agree with none of the others."""
    same = {other.date for other in others}
    return [
        one
        for one in dates
        if one.date not in same and not any(_agree(one.date or "", other.date or "") for other in others)
    ]


def _agree(one: str, other: str) -> bool:
    pairs = list(zip(parts(one), parts(other), strict=True))
    return all(a == b for a, b in pairs if a and b) and any(a and b for a, b in pairs)


def _same_parts(one: str, other: str) -> bool:
    return [bool(part) for part in parts(one)] == [bool(part) for part in parts(other)]


def _near(one: str, other: str) -> bool:
    """Whether one may be reckoned from the other; the parts that both have count."""
    if _agree(one, other):
        return True
    ours, theirs = ([int(part or 0) for part in parts(date)] for date in (one, other))
    if not ours[0] or not theirs[0]:
        return True  # without a year, December is near January
    if not ours[1] or not theirs[1]:
        return abs(ours[0] - theirs[0]) <= _NEAR_YEARS
    days = [Date(year, month, min(day or 15, 28)).toordinal() for year, month, day in (ours, theirs)]
    return abs(days[0] - days[1]) <= _NEAR_DAYS


def _prints(text: str, number: str) -> bool:
    """Whether a number of ASCII digits is one of the runs of digits of a text."""
    return not (text.isascii() and number not in text) and number in _numbers(text)


def _numbers(text: str) -> set[str]:
    """Every run of digits, in ASCII."""
    return {run if run.isascii() else "".join(str(unicodedata.decimal(c)) for c in run) for run in _RUN.findall(text)}
