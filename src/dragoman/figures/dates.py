"""Dates in running text → Quantity of kind ``date``, Gregorian, as complete as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dragoman.figures.calendars import Calendar, gregorian
from dragoman.figures.folding import GAP, key
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
_BUDDHIST = range(2400, 2700)
_JALALI = range(1250, 1470)
_BIKRAM = range(2045, 2110)
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
    alone = r"(?P<y>[12]\d{3})(?!\d|[.,]\d)"
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
    if groups.get("none") or not (groups.get("y") or groups.get("yy") or groups.get("roc") or groups.get("d")):
        return None, match.end()  # a month or a day alone
    year = _number(groups.get("y"))
    month, day = _number(groups.get("m")), _number(groups.get("d"))
    calendar: Calendar = "gregorian"
    if groups.get("word"):
        month = int(ways.words.entry("month-number", key(groups["word"])).meaning)
    if groups.get("month"):
        entry = ways.words.entry("month", key(groups["month"]).rstrip("."))
        month = int(entry.meaning)
        calendar = entry.kind if entry.kind in ("jalali", "hijri", "bikram") else "gregorian"  # type: ignore[assignment]
    if groups.get("yy"):
        year = 2000 + int(groups["yy"])
    if groups.get("roc"):
        year = 1911 + int(groups["roc"])
    if groups.get("era"):
        year = (1 if groups["y"] == "元" else year or 0) + int(ways.words.entry("era", key(groups["era"])).meaning)
    mark = groups.get("mark")
    if mark and key(mark) in ways.words.place("calendar"):
        calendar = ways.words.entry("calendar", key(mark)).meaning  # type: ignore[assignment]
    if groups.get("s") and month and day and ways.language == "en" and month > 12 >= day:
        month, day = day, month
    cue = (groups.get("cue") or "").strip()
    offset = int(ways.words.entry("era", key(cue)).meaning) if cue and key(cue) in ways.words.place("era") else None
    calendar, year = of_language(ways.language, calendar, year, offset)
    date, vague = gregorian(calendar, year, month, day)
    if date is None and not vague:
        return None
    if date is None or len(date) < 4:
        return None, match.end()
    end = match.end() - (match[0].endswith(".") and year is None)  # a full stop behind the name of a month
    return Quantity("date", None, None, None, None, vague, match.start(), end, date), end


def of_language(
    language: str, calendar: Calendar, year: int | None, offset: int | None = None
) -> tuple[Calendar, int | None]:
    """The calendar that a year of a language is in, and the year in it (the Buddhist one made Gregorian)."""
    if year is None or calendar != "gregorian":
        return calendar, year
    if offset is not None:
        return calendar, year + offset
    if language == "th" and year < 100:
        return calendar, 2500 + year - 543
    if language == "th" and year in _BUDDHIST:
        return calendar, year - 543
    if language == "fa" and year in _JALALI:
        return "jalali", year
    if language == "ne" and year in _BIKRAM:
        return "bikram", year
    return calendar, year


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


_BARE_YEARS = {"th": range(2540, 2600), "fa": range(1380, 1420), "ne": range(2060, 2100)}


def bare_year(year: int, language: str, *, cued: bool) -> tuple[str, bool] | None:
    """Partial ISO of four digits that stand where papers mean a year, and whether it is vague; None for a count."""
    usual = year in range(1900, 2100) or year in _BARE_YEARS.get(language, ())
    if not usual and not (cued and 1000 <= year < 2100):
        return None
    date, vague = gregorian(*of_language(language, "gregorian", year), None, None)
    return (date, vague) if date else None
