"""Dates in running text → Quantity of kind ``date``, Gregorian, as complete as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dragoman.figures.calendars import Calendar, gregorian, of_language
from dragoman.figures.folding import GAP
from dragoman.figures.grammar import HAN, HAN_DIGITS, G
from dragoman.figures.lexicon import Lexicon, lexicon
from dragoman.figures.quantity import Quantity
from dragoman.figures.site import Found, Site
from dragoman.figures.tries import pattern

_DAY = r"(?P<d>\d{1,2})"
_MONTH = r"(?P<m>\d{1,2})"
_YEAR = r"(?P<y>\d{4})"
_END = r"(?![\d/]|[.,-]\d)"
# Languages whose papers put the month first: August 14, 2023.
_MONTH_FIRST = {"en", "hi", "bn", "ta", "ne", "sw", "ur"}
# 14/8 is a day where a word for day stands in front, or in brackets.
_SHORT_DAYS = {"vi", "id", "ms", "es", "pt", "fr", "it"}
_HAN_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "〇": 0, "零": 0}
_LAST_YEAR = 2200
_DAY_REACH = 12
"""Characters in front of 14/8 in which a word for day is looked for."""


@dataclass(frozen=True)
class Forms:
    """The ways a language writes dates, compiled. Those of ``after_day`` need a word for day in front."""

    forms: tuple[re.Pattern[str], ...]
    after_day: tuple[re.Pattern[str], ...]
    words: Lexicon
    language: str


@lru_cache(maxsize=64)
def forms(tag: str) -> Forms:
    """The date forms of a BCP-47 tag."""
    words = lexicon(tag)
    language = tag.partition("-")[0].lower()
    after_day = [rf"{_DAY}[/-]{_MONTH}{_END}"] if language in _SHORT_DAYS else []
    patterns = [*_asian(language, words), *_numeric(language, words), *_named(language, words), *_years(words)]
    return Forms(_compiled(patterns), _compiled(after_day), words, language)


def _compiled(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one) for one in patterns)


def _numeric(language: str, words: Lexicon) -> Iterator[str]:
    yield rf"{_YEAR}(?P<s>[-/.]){_MONTH}(?P=s){_DAY}{_END}"
    yield rf"{_DAY}(?P<s>[-/.]){_MONTH}(?P=s){_YEAR}{_END}"
    if language in ("cs", "de", "pl", "tr", "uk", "ru"):
        yield rf"{_DAY}\.{G}{_MONTH}\.{G}{_YEAR}{_END}"
        yield rf"{_DAY}\.{_MONTH}\.(?P<yy>\d{{2}}){_END}"
        if language in ("de", "cs"):
            yield rf"{_DAY}\.{G}{_MONTH}\.(?!\d)"
    cue = pattern(words.place("month-before"))
    if words.place("month-before"):
        yield rf"{cue}{GAP}{{1,2}}{_MONTH}[/-]{_YEAR}{_END}"
    yield rf"{_MONTH}/{_YEAR}{_END}"


def _asian(language: str, words: Lexicon) -> Iterator[str]:
    """Year, month, day, each with its word."""
    if language in ("zh", "ja"):
        era = rf"(?P<era>{pattern(words.place('era'))}){G}" if words.place("era") else "(?!)"
        year = rf"(?:\d{{1,4}}|[{HAN_DIGITS}]{{4}}|[{HAN}]{{1,3}}|元)"
        month, day = rf"(?P<m>\d{{1,2}}|[{HAN}]{{1,3}}){G}月", rf"(?P<d>\d{{1,2}}|[{HAN}]{{1,3}}){G}[日号號]"
        rest = rf"(?:{G}(?:{month}(?!球|亮|间)(?:份)?(?:{G}{day})?)?)?"
        yield rf"{era}(?P<y>{year}){G}年{rest}"
        yield rf"(?P<y>\d{{4}}|[{HAN_DIGITS}]{{4}}){G}年(?!前|后|後|来|來|间){rest}"
        if words.language == "zh-Hant":
            yield rf"(?P<roc>\d{{2,3}}){G}年{G}{month}(?:{G}{day})?"
        yield rf"{month}(?:份|{G}{day})?(?!球|亮|间)"
        yield rf"(?P<none>(?:\d{{1,2}}|[{HAN}]{{1,3}}){G}[日号號](?!間|间|本))"
        yield rf"(?P<none>(?:\d{{2,4}}|[{HAN}]{{1,4}})年代)"
    elif language == "ko":
        yield rf"(?P<y>\d{{4}}){G}년(?:{G}{_MONTH}{G}월(?:{G}{_DAY}{G}일)?)?"
        yield rf"{_MONTH}{G}월(?:{G}{_DAY}{G}일)?"
        yield rf"(?P<none>\d{{1,2}}{G}일(?!간))"
    elif language == "vi":
        number = pattern(words.place("month-number"))
        month = rf"tháng{GAP}{{1,2}}(?:{_MONTH}(?!\d)|(?P<word>{number}))"
        day = rf"(?:(?:ngày|mùng|mồng|hôm){GAP}{{1,2}})?(?:mùng{GAP}{{1,2}})?{_DAY}"
        year = rf"(?:,?{GAP}{{0,2}}(?:năm{GAP}{{1,2}}|[/-]){_YEAR})?(?!\d)"
        yield rf"{day}{GAP}{{1,2}}{month}{year}"
        yield rf"{month}{year}"
        yield rf"(?:ngày{GAP}{{1,2}}){_DAY}[-/.]{_MONTH}[-/.]{_YEAR}{_END}"
        yield rf"(?P<none>ngày{GAP}{{1,2}}\d{{1,2}}(?![\d/.-]))"


def _named(language: str, words: Lexicon) -> Iterator[str]:
    """With the name of the month, in any calendar."""
    entries = words.place("month")
    if not entries:
        return
    full = pattern(w for w, e in entries.items() if e.kind != "month-weak")
    clitic = "[בלמהוש]?" if language == "he" else ""
    month = rf"{clitic}(?P<month>{pattern(entries, '')})\.?(?:{G}[/(]{G}{full}\)?)?"
    of = rf"(?:{pattern(words.place('of'), '')}{GAP}{{0,2}})?"
    mark = pattern(words.place("calendar"), "")
    behind = pattern(words.place("year-after"), "")
    ahead = pattern([*words.of_kind("left", "year-before"), *_era_marks(words)], "")
    year = rf"(?:(?P<cue>{ahead}){G})?(?P<y>\d{{4}}|(?<=\.){G}\d{{2}}(?=\D|$))(?!\d|[.,]\d|{G}%)(?:{G}(?P<mark>{mark}|{behind}))?"
    later = rf"(?:{G},?{GAP}{{0,2}}{of}{year})?"
    suffix = rf"(?:{pattern(words.place('ordinal-after'), '')}|\.|º|°)?"
    yield rf"{_DAY}{suffix}{G}{of}{month}{later}"
    if language in _MONTH_FIRST:
        # Not the number of something: "March 5 people".
        yield rf"(?P<month>{pattern(entries, '')})\.?{GAP}{{1,2}}{_DAY}{suffix}(?![\d:%]|[.,]\d|{GAP}{pattern(_numeric_units(words), '')})(?:,?{GAP}{{1,2}}{year})?"
    yield rf"(?:{_YEAR}{GAP}{{1,2}}{of}{month}(?:{GAP}{{1,2}}{_DAY}(?![\d.,]))?)"
    yield rf"(?P<month>{pattern(entries, '')})\.?{G},?{GAP}{{0,2}}{of}{year}"
    yield rf"(?P<month>{full})"


def _years(words: Lexicon) -> Iterator[str]:
    """A year with a word that says so: năm 1789, 2019 году, 1446 هـ, พ.ศ. 2562."""
    ahead = [*words.of_kind("left", "year-before"), *words.place("era")]
    behind = words.place("year-after")
    alone = r"(?P<y>\d{4})(?!\d|[.,]\d)"
    if words.place("calendar"):
        mark = pattern(words.place("calendar"), "")
        cue = f"(?:{pattern(ahead)}{G})?" if ahead else ""
        yield rf"{cue}(?P<y>\d{{3,4}})(?!\d|[.,]\d){G}(?P<mark>{mark})"
    if behind:
        cue = f"(?:{pattern(ahead)}{G})?" if ahead else ""
        yield rf"{cue}{alone}{G}{pattern(behind, '')}"
    if ahead:
        yield rf"(?P<cue>{pattern(ahead)}){G}{alone}(?!{G}%)"


def _numeric_units(words: Lexicon) -> list[str]:
    scales = words.of_kind("run", "scale")
    return [*scales, *(w for w, e in words.place("unit").items() if e.kind in ("percent", "money", "noun", "time"))]


def _era_marks(words: Lexicon) -> list[str]:
    return list(words.place("era"))


def read_date(site: Site, at: int) -> tuple[Found | None, int] | None:
    """The date that begins at ``at`` and where to go on; None when there is none.

    (None, end) for what is a date and cannot be said as one, such as a day without its month.
    """
    ways = forms(site.grammar.words.language)
    tried = ways.forms
    if ways.after_day and site.grammar.day.match(site.text[max(0, at - _DAY_REACH) : at][::-1]):
        tried = (*ways.after_day, *ways.forms)
    for form in tried:
        match = form.match(site.text, at)
        if match:
            read = _read(match, ways)
            if read is not None:
                return (None if read[0] is None else Found(read[0], whole=True)), read[1]
    return None


def _read(match: re.Match[str], ways: Forms) -> tuple[Quantity | None, int] | None:
    groups = match.groupdict()
    end = match.end()
    if not any(groups.get(name) for name in ("y", "yy", "roc", "d")):
        return None, end  # a month or a day alone
    month, calendar = _month(groups, ways)
    day = _number(groups.get("d"))
    calendar, year = _year(groups, ways, calendar)
    if calendar == "gregorian" and year is not None and year > _LAST_YEAR:
        return None
    open_order = ways.words.language == "en" and groups.get("s") and _is_open(match[0], month, day)
    if ways.words.language in ("en", "en-US") and groups.get("s") and month and day and _is_american(ways, month, day):
        month, day = day, month
    date, vague = gregorian(calendar, year, None, None) if open_order else gregorian(calendar, year, month, day)
    if date is None:
        return (None, end) if vague else None
    if year is None and match[0].endswith("."):
        end -= 1  # a full stop behind the name of a month
    return Quantity("date", None, None, None, None, vague or bool(open_order), match.start(), end, date), end


def _is_open(shown: str, month: int | None, day: int | None) -> bool:
    """04/07/2024 in English: of the two, nobody can say which is the month."""
    return (
        not shown[:4].isdecimal() and month is not None and day is not None and month != day and max(month, day) <= 12
    )


def _is_american(ways: Forms, month: int, day: int) -> bool:
    return month > 12 >= day or (ways.words.language == "en-US" and day <= 12)


def _month(groups: dict[str, str | None], ways: Forms) -> tuple[int | None, Calendar]:
    """The month, and the calendar that its name belongs to."""
    if word := groups.get("word"):
        return int(ways.words.entry("month-number", word).meaning), "gregorian"
    if not (name := groups.get("month")):
        return _number(groups.get("m")), "gregorian"
    entry = ways.words.entry("month", name.rstrip("."))
    match entry.kind:
        case "jalali" | "hijri" | "bikram":
            return int(entry.meaning), entry.kind
    return int(entry.meaning), "gregorian"


def _year(groups: dict[str, str | None], ways: Forms, calendar: Calendar) -> tuple[Calendar, int | None]:
    """The year in its calendar; eras that begin with a Gregorian year are reckoned at once."""
    year = _number(groups.get("y"))
    if short := groups.get("yy"):
        year = 2000 + int(short)
    if minguo := groups.get("roc"):
        year = 1911 + int(minguo)
    mark = ways.words.get("calendar", groups.get("mark") or "")
    if mark is not None:
        calendar = mark.meaning  # type: ignore[assignment]  # a row says gregorian, jalali, hijri or bikram
    era = ways.words.get("era", groups.get("era") or groups.get("cue") or "")
    return of_language(ways.language, calendar, year, None if era is None else int(era.meaning))


def _number(shown: str | None) -> int | None:
    if not shown:
        return None
    shown = shown.strip()
    if shown.isdecimal():
        return int(shown)
    if shown == "元":
        return 1
    if "十" not in shown:
        return int("".join(str(_HAN_NUMBERS[digit]) for digit in shown))
    tens, _, ones = shown.partition("十")
    return 10 * (_HAN_NUMBERS.get(tens, 1) if tens else 1) + (_HAN_NUMBERS.get(ones, 0) if ones else 0)
