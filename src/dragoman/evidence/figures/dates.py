"""Dates in running text → Quantity of kind ``date``, Gregorian, as complete as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from dragoman.evidence.figures.calendars import calendar_of_language, gregorian
from dragoman.evidence.figures.folding import GAP, gap_start
from dragoman.evidence.figures.grammar import HAN, HAN_DIGITS, G
from dragoman.evidence.figures.lexicon import Lexicon, lexicon
from dragoman.evidence.figures.named_dates import DateParts, dates_at_digits, dates_at_word
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.word_patterns import pattern

_SIGN = re.compile(r"\d{1,4}[-/.]")
_DAY = r"(?P<d>\d{1,2})"
_MONTH = r"(?P<m>\d{1,2})"
_YEAR = r"(?P<y>\d{4})"
_END = r"(?![\d/]|[.,-]\d)"
# 14/8 is a day where a word for day stands in front, or in brackets.
_SHORT_DAYS = {"vi", "id", "ms", "es", "pt", "fr", "it"}
_HAN_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "〇": 0, "零": 0}
_LAST_YEAR = 2200
_HAN_SIGN = rf"(?:\d{{1,4}}|[{HAN}]{{1,4}}){G}[年月日号號]"
_ASIAN_SIGNS = {"zh": _HAN_SIGN, "ja": _HAN_SIGN, "ko": rf"\d{{1,4}}{G}[년월일]", "vi": rf"\d{{1,2}}{GAP}{{1,2}}tháng"}


@dataclass(frozen=True)
class DateForms:
    """The patterns of the dates of a language that have no name of a month; `named_dates` reads the others."""

    asian: tuple[str, ...]
    sign: re.Pattern[str]
    """What every one of ``asian`` begins with, but for those with an era or a word for day in front."""
    numeric: tuple[str, ...]
    after_day: tuple[str, ...]
    """Those that need a word for day in front."""


@lru_cache(maxsize=64)
def date_forms(tag: str) -> DateForms:
    """The date forms of a BCP-47 tag."""
    words = lexicon(tag)
    language = tag.partition("-")[0].lower()
    after_day = (rf"{_DAY}[/-]{_MONTH}{_END}",) if language in _SHORT_DAYS else ()
    sign = re.compile(_ASIAN_SIGNS.get(language, "(?!)"))
    return DateForms(tuple(_asian(language, words)), sign, tuple(_numeric(language, words)), after_day)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _numeric(language: str, words: Lexicon) -> Iterator[str]:
    yield rf"{_YEAR}(?P<s>[-/.]){_MONTH}(?P=s){_DAY}{_END}"
    yield rf"{_DAY}(?P<s>[-/.]){_MONTH}(?P=s){_YEAR}{_END}"
    if language in ("cs", "de", "pl", "tr", "uk", "ru"):
        yield rf"{_DAY}\.{G}{_MONTH}\.{G}{_YEAR}{_END}"
        yield rf"{_DAY}\.{_MONTH}\.(?P<yy>\d{{2}}){_END}"
        if language in ("de", "cs"):
            yield rf"{_DAY}\.{G}{_MONTH}\.(?!\d)"
    if cues := words.place("month-before"):
        yield rf"{pattern(cues)}{GAP}{{1,2}}{_MONTH}[/-]{_YEAR}{_END}"
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
        # Without a word for year only what looks like one: thousands are written 2.000.
        year = rf"(?:,?{GAP}{{0,2}}(?:năm{GAP}{{1,2}}|[/-]){_YEAR}|,{GAP}(?P<later>(?:19|20)\d\d))?(?!\d)"
        yield rf"{day}{GAP}{{1,2}}{month}{year}"
        yield rf"{month}{year}"
        yield rf"(?:ngày{GAP}{{1,2}}){_DAY}[-/.]{_MONTH}[-/.]{_YEAR}{_END}"
        yield rf"(?P<none>ngày{GAP}{{1,2}}\d{{1,2}}(?![\d/.-]))"


def read_date(scan: Scan, at: int) -> tuple[FigureMatch | None, int] | None:
    """The date that begins with a word of the tables at ``at``, and where to go on; None when there is none.

    (None, end) for what is a date and cannot be said as one, such as a day without its month.
    """
    return _first(scan, at, chain(_matching(scan, at, _forms(scan).asian), dates_at_word(scan, at)))


def read_numeric_date(scan: Scan, at: int) -> tuple[FigureMatch | None, int] | None:
    """The same, where it begins with digits, Han ones too."""
    text, ways = scan.text, _forms(scan)
    tried = ways.asian if ways.sign.match(text, at) else ()
    if ways.after_day and _follows_day(scan, at):
        tried = (*ways.after_day, *tried)
    if _SIGN.match(text, at):
        tried = (*tried, *ways.numeric)
    return _first(scan, at, chain(_matching(scan, at, tried) if tried else (), dates_at_digits(scan, at)))


def _forms(scan: Scan) -> DateForms:
    return date_forms(scan.grammar.lexicon.language)


def _first(scan: Scan, at: int, shown: Iterable[DateParts]) -> tuple[FigureMatch | None, int] | None:
    """The first of what may be a date that is one; the surest form comes first."""
    for parts in shown:
        read = _read(scan, at, parts)
        if read is not None:
            return (None if read[0] is None else FigureMatch(read[0], standalone=True)), read[1]
    return None


def _matching(scan: Scan, at: int, date_forms: Iterable[str]) -> Iterator[DateParts]:
    for form in date_forms:
        if match := _compiled(form).match(scan.text, at):
            yield _parts(scan, match)


def _follows_day(scan: Scan, at: int) -> bool:
    end = gap_start(scan.text, at)
    return scan.text[end - 1 : end] == "(" or scan.grammar.days_before.before(scan.text, end) is not None


def _parts(scan: Scan, match: re.Match[str]) -> DateParts:
    groups, words = match.groupdict(), scan.grammar.lexicon
    year = _number(groups.get("y") or groups.get("later"))
    if short := groups.get("yy"):
        year = 2000 + int(short)
    if minguo := groups.get("roc"):
        year = 1911 + int(minguo)
    month = _number(groups.get("m"))
    if name := groups.get("word"):
        month = int(words.place("month-number")[name].meaning)
    era = groups.get("era")
    return DateParts(
        match.end(), year, month, _number(groups.get("d")),
        era=int(words.place("era")[era].meaning) if era else None, signs=bool(groups.get("s")),
    )  # fmt: skip


def _read(scan: Scan, at: int, parts: DateParts) -> tuple[Quantity | None, int] | None:
    end, month, day = parts.end, parts.month, parts.day
    if parts.year is None and day is None:
        return None, end  # a month or a day alone
    tag, shown = scan.grammar.lexicon.language, scan.text[at:end]
    calendar, year = calendar_of_language(scan.language, parts.calendar, parts.year, parts.era)
    if calendar == "gregorian" and year is not None and year > _LAST_YEAR:
        return None
    open_order = tag == "en" and parts.signs and _is_open(shown, month, day)
    if tag in ("en", "en-US") and parts.signs and month and day and _is_american(tag, month, day):
        month, day = day, month
    date, vague = gregorian(calendar, year, None, None) if open_order else gregorian(calendar, year, month, day)
    if date is None:
        return (None, end) if vague else None
    if year is None and shown.endswith("."):
        end -= 1  # a full stop behind the name of a month
    return Quantity("date", None, None, None, None, vague or open_order, at, end, date), end


def _is_open(shown: str, month: int | None, day: int | None) -> bool:
    """04/07/2024 in English: of the two, nobody can say which is the month."""
    return (
        not shown[:4].isdecimal() and month is not None and day is not None and month != day and max(month, day) <= 12
    )


def _is_american(tag: str, month: int, day: int) -> bool:
    return month > 12 >= day or (tag == "en-US" and day <= 12)


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
