"""Read dates in running text → Quantity of kind ``date``, in the Gregorian calendar, as complete as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from dragoman.core.language_tags import primary
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
# In these languages 14/8 is a day after a word for day, or in brackets.
_SHORT_DAYS = {"vi", "id", "ms", "es", "pt", "fr", "it"}
_POINTED = {"cs", "de", "pl", "tr", "uk", "ru", "hr", "sr", "sk", "sl", "ka", "hy", "az", "kk", "uz"}
"""Languages in which 5. 3. 2024 and 05.03.24 are days."""
_POINTED_DAYS = {"de", "cs", "sk", "sl", "hr", "sr"}
"""Languages in which 5. 3. is a day."""
_HAN_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "〇": 0, "零": 0}
_LAST_YEAR = 2200
"""The last Gregorian year that a date may have. A greater number is not a year."""
_HAN_SIGN = rf"(?:\d{{1,4}}|[{HAN}]{{1,4}}){G}[年月日号號]"
_ASIAN_SIGNS = {"zh": _HAN_SIGN, "ja": _HAN_SIGN, "ko": rf"\d{{1,4}}{G}[년월일]", "vi": rf"\d{{1,2}}{GAP}{{1,2}}tháng"}


@dataclass(frozen=True)
class DateForms:
    """The patterns of the dates of a language that have no month name; `named_dates` reads the others."""

    asian: tuple[str, ...]
    sign: re.Pattern[str]
    """What each of ``asian`` begins with, except those with an era or a word for day before the digits."""
    numeric: tuple[str, ...]
    after_day: tuple[str, ...]
    """Those that need a word for day before them."""


@lru_cache(maxsize=64)
def date_forms(tag: str) -> DateForms:
    """Return the date forms for a BCP-47 tag."""
    words = lexicon(tag)
    language = primary(tag)
    after_day = (rf"{_DAY}[/-]{_MONTH}{_END}",) if language in _SHORT_DAYS else ()
    sign = re.compile(_ASIAN_SIGNS.get(language, "(?!)"))
    return DateForms(tuple(_asian(language, words)), sign, tuple(_numeric(language, words)), after_day)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _numeric(language: str, words: Lexicon) -> Iterator[str]:
    yield rf"{_YEAR}(?P<s>[-/.]){_MONTH}(?P=s){_DAY}{_END}"
    yield rf"{_DAY}(?P<s>[-/.]){_MONTH}(?P=s){_YEAR}{_END}"
    if language in _POINTED:
        yield rf"{_DAY}\.{G}{_MONTH}\.{G}{_YEAR}{_END}"
        yield rf"{_DAY}\.{_MONTH}\.(?P<yy>\d{{2}}){_END}"
        if language in _POINTED_DAYS:
            yield rf"{_DAY}\.{G}{_MONTH}\.(?!\d)"
    if cues := words.place("month-before"):
        yield rf"{pattern(cues)}{GAP}{{1,2}}{_MONTH}[/-]{_YEAR}{_END}"
    yield rf"{_MONTH}/{_YEAR}{_END}"


def _asian(language: str, words: Lexicon) -> Iterator[str]:
    """Yield the forms in which year, month and day each have their word."""
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
        # Without a word for year, only what looks like a year counts, because thousands are written 2.000.
        year = rf"(?:,?{GAP}{{0,2}}(?:năm{GAP}{{1,2}}|[/-]){_YEAR}|,{GAP}(?P<later>(?:19|20)\d\d))?(?!\d)"
        yield rf"{day}{GAP}{{1,2}}{month}{year}"
        yield rf"{month}{year}"
        yield rf"(?:ngày{GAP}{{1,2}}){_DAY}[-/.]{_MONTH}[-/.]{_YEAR}{_END}"
        yield rf"(?P<none>ngày{GAP}{{1,2}}\d{{1,2}}(?![\d/.-]))"


def read_date(scan: Scan, at: int) -> tuple[FigureMatch | None, int] | None:
    """Return the date that begins with a listed word at ``at``, and where to continue; None if there is no date.

    (None, end) stands for a date that cannot be expressed, such as a day without its month.
    """
    return _first_date(scan, at, chain(_matching(scan, at, _forms(scan).asian), dates_at_word(scan, at)))


def read_numeric_date(scan: Scan, at: int) -> tuple[FigureMatch | None, int] | None:
    """Return the date that begins with digits at ``at``, Han digits included, as `read_date` does."""
    text, forms = scan.text, _forms(scan)
    candidates = forms.asian if forms.sign.match(text, at) else ()
    if forms.after_day and _follows_day(scan, at):
        candidates = (*forms.after_day, *candidates)
    if _SIGN.match(text, at):
        candidates = (*candidates, *forms.numeric)
    return _first_date(
        scan, at, chain(_matching(scan, at, candidates) if candidates else (), dates_at_digits(scan, at))
    )


def _forms(scan: Scan) -> DateForms:
    return date_forms(scan.grammar.lexicon.language)


def _first_date(scan: Scan, at: int, candidates: Iterable[DateParts]) -> tuple[FigureMatch | None, int] | None:
    """Return the first candidate that is a date; the most certain form comes first."""
    for parts in candidates:
        date = _read(scan, at, parts)
        if date is not None:
            return (None if date[0] is None else FigureMatch(date[0], standalone=True)), date[1]
    return None


def _matching(scan: Scan, at: int, forms: Iterable[str]) -> Iterator[DateParts]:
    for form in forms:
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
    tag, printed = scan.grammar.lexicon.language, scan.text[at:end]
    calendar, year = calendar_of_language(scan.language, parts.calendar, parts.year, parts.era)
    if calendar == "gregorian" and year is not None and year > _LAST_YEAR:
        return None
    open_order = tag == "en" and parts.signs and _is_open(printed, month, day)
    if tag in ("en", "en-US") and parts.signs and month and day and _is_american(tag, month, day):
        month, day = day, month
    date, vague = gregorian(calendar, year, None, None) if open_order else gregorian(calendar, year, month, day)
    if date is None:
        return (None, end) if vague else None
    if year is None and printed.endswith("."):
        end -= 1  # a full stop after a month name
    return Quantity("date", None, None, None, None, vague or open_order, at, end, date), end


def _is_open(printed: str, month: int | None, day: int | None) -> bool:
    """Whether it is open which number is the month, as in 04/07/2024 in English of an unknown region."""
    return (
        not printed[:4].isdecimal() and month is not None and day is not None and month != day and max(month, day) <= 12
    )


def _is_american(tag: str, month: int, day: int) -> bool:
    return month > 12 >= day or (tag == "en-US" and day <= 12)


def _number(printed: str | None) -> int | None:
    if not printed:
        return None
    printed = printed.strip()
    if printed.isdecimal():
        return int(printed)
    if printed == "元":
        return 1  # the first year of an era
    if "十" not in printed:
        return int("".join(str(_HAN_NUMBERS[digit]) for digit in printed))
    tens, _, units = printed.partition("十")
    return 10 * (_HAN_NUMBERS.get(tens, 1) if tens else 1) + (_HAN_NUMBERS.get(units, 0) if units else 0)
