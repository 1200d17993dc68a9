"""The forms of dates without a name of a month, in digits and with a word for each part, as patterns of one language.

`named_dates` reads the dates with a name of a month.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from dragoman.core.language_tags import primary
from dragoman.evidence.figures import date_words
from dragoman.evidence.figures.calendars import year_of_two_digits
from dragoman.evidence.figures.folding import GAP
from dragoman.evidence.figures.grammar import DASHES, HAN, HAN_DIGITS, G
from dragoman.evidence.figures.lexicon import Lexicon, lexicon
from dragoman.evidence.figures.named_dates import DateParts
from dragoman.evidence.figures.scan import Scan
from dragoman.evidence.figures.word_patterns import pattern

_DAY = r"(?P<d>\d{1,2})"
_MONTH = r"(?P<m>\d{1,2})"
_YEAR = r"(?P<y>\d{4})"
_SHORT_YEAR = r"(?P<yy>\d{2})"
_END = r"(?![\d/]|[.,-]\d)"
_APOSTROPHE = "(?<=['‘])"
# In these languages 14/8 is a day after a word for day, or in brackets.
_SHORT_DAYS = {"vi", "id", "ms", "es", "pt", "fr", "it"}
# In these languages 5.3. is a day.
_POINTED_DAYS = {"de", "cs", "sk", "fi", "no", "sl", "hr", "sr"}
_MONTH_DAY_POINTS = {"ko", "hu"}
# Direction marks stand between the parts of a date: they fold to spaces.
_DIRECTED = {"ar", "fa", "ur", "he"}
_HAN_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "〇": 0, "零": 0}
_HAN_SIGN = rf"(?:\d{{1,4}}|[{HAN}]{{1,4}}){G}([年月日号號])"
_ASIAN_SIGNS = {
    "zh": _HAN_SIGN,
    "ja": _HAN_SIGN,
    "ko": rf"(?:\d{{1,4}}|[34568]\.\d{{1,2}}){G}([년월일절혁운민광전사쿠])",
    "vi": rf"\d{{1,2}}{GAP}{{1,2}}(t)h(?:áng|g)",
}


@dataclass(frozen=True)
class DateForms:
    """The patterns of the dates of a language that have no month name."""

    asian: tuple[str, ...]
    sign: re.Pattern[str]
    """Finds, after digits, the first sign of a date in ``asian``: 年."""
    after_sign: Mapping[str, tuple[str, ...]]
    """Those of ``asian`` that begin with digits and a sign."""
    numeric: tuple[str, ...]
    after_day: tuple[str, ...]
    """Those that need a word for day before them, or another date that they are joined to."""


@lru_cache(maxsize=64)
def date_forms(tag: str) -> DateForms:
    """Return the date forms for a BCP-47 tag."""
    words = lexicon(tag)
    language = primary(tag)
    after_day = (rf"{_DAY}(?P<s>[/-]){_MONTH}{_END}",) if language in _SHORT_DAYS else ()
    if language in _MONTH_DAY_POINTS:
        after_day = (rf"{_MONTH}\.{G}{_DAY}(?P<last>\.)",)
    if date_words.order(tag) == "ymd":
        after_day = (*after_day, rf"(?P<m>\d\d)-(?P<d>\d\d)(?P<last>){_END}")
    sign = re.compile(_ASIAN_SIGNS.get(language, "(?!)"))
    asian = tuple(_asian(language, words))
    signs = sorted({sign for signs, _ in asian for sign in signs})
    after_sign = {sign: tuple(form for signs, form in asian if sign in signs) for sign in signs}
    numeric = tuple(_numeric(tag, language, words))
    return DateForms(tuple(form for _, form in asian), sign, after_sign, numeric, after_day)


def _numeric(tag: str, language: str, words: Lexicon) -> Iterator[str]:
    gap = f"{GAP}?" if language in _DIRECTED else ""
    yield rf"{_YEAR}{gap}(?P<s>[-/.]){gap}{_MONTH}{gap}(?P=s){gap}{_DAY}(?P<last>)(?:{_END}|(?=/\d{{4}}-))"
    yield rf"{_DAY}{gap}(?P<s>[-/.]){gap}{_MONTH}{gap}(?P=s){gap}{_YEAR}{_END}"
    order = date_words.order(tag) if words.place("run") else None
    if order == "ymd":
        yield rf"{_YEAR}\.{G}{_MONTH}\.{G}{_DAY}(?P<last>\.?){_END}"
        if language == "ko":
            yield rf"{_APOSTROPHE}{_SHORT_YEAR}\.{G}{_MONTH}\.{G}{_DAY}\.?{_END}"
            yield rf"{_SHORT_YEAR}\.{GAP}{_MONTH}\.{GAP}{_DAY}\.{_END}"
    elif order and date_words.has_points(tag):
        yield rf"{_DAY}\.{G}{_MONTH}\.{G}{_YEAR}{_END}"
        yield rf"{_DAY}\.{G}{_MONTH}\.{G}{_SHORT_YEAR}{_END}"
    if language in _POINTED_DAYS:
        yield rf"{_DAY}\.{G}{_MONTH}\.(?!\d)"
    if order and order != "ymd":
        yield rf"{_DAY}(?P<s>/){_MONTH}/{_SHORT_YEAR}{_END}"
    if order and date_words.has_hyphens(tag):
        yield rf"{_DAY}(?P<s>-){_MONTH}-{_SHORT_YEAR}{_END}"
    if cues := words.place("month-before"):
        yield rf"{pattern(cues)}{GAP}{{1,2}}{_MONTH}[/-]{_YEAR}{_END}"
    yield rf"{_MONTH}{gap}/{gap}{_YEAR}{_END}"


def _asian(language: str, words: Lexicon) -> Iterator[tuple[str, str]]:
    """Yield the forms in which year, month and day each have their word, each after the signs of its first digits.

    There are no signs if it begins with a word for an era or a day.
    """
    if language in ("zh", "ja"):
        yield from _han(language, words)
    elif language == "ko":
        # In 3월 5~7일 and in 1~3월, only the last number has its word.
        day = rf"{_DAY}(?:{G}일|(?=[{DASHES},·]{G}\d{{1,2}}{G}일))"
        month_and_day = rf"{_MONTH}{G}월(?:{G}{day})?"
        rest = rf"(?:{G}(?:{month_and_day}|(?P<m2>\d{{1,2}})(?=[{DASHES},·]{G}\d{{1,2}}{G}월)))?"
        yield "년", rf"{_YEAR}{G}년{rest}"
        yield "", rf"(?P<era>{pattern(words.place('era'))}){G}(?P<y>\d{{1,3}})(?:\(\d{{4}}\))?{G}년{rest}"
        yield "년", rf"{_APOSTROPHE}{_SHORT_YEAR}{G}년{rest}"
        yield "년", rf"{_SHORT_YEAR}{G}년{G}{month_and_day}"
        yield "월", month_and_day
        yield "일", rf"{_DAY}{G}일(?!간|본)"
        yield (
            "절혁운민광전사쿠",
            rf"(?P<none>(?:3\.1|4\.19|5\.1[68]|6\.25|8\.15)(?={G}(?:절|혁명|운동|민주|광복|전쟁|사변|쿠데타)))",
        )
    elif language == "vi":
        yield from _vietnamese(words)


def _han(language: str, words: Lexicon) -> Iterator[tuple[str, str]]:
    era = rf"(?P<era>{pattern(words.place('era'))}){G}" if words.place("era") else "(?!)"
    year = rf"(?:\d{{1,4}}|[{HAN_DIGITS}]{{4}}|[{HAN}]{{1,3}}|元)"
    digits, sign = rf"(?:\d{{1,2}}|[{HAN}]{{1,3}})", "[日号號]"
    month = rf"(?P<m>{digits}){G}月"
    # In 3月5、6日 and in 3月5-7日, only the last day has its sign.
    day = rf"(?P<d>{digits})(?:{G}{sign}|(?=[{DASHES}、至到和及与與]{digits}{G}{sign}))"
    months = rf"(?P<m2>{digits})(?=[{DASHES}、至到和及与與]{digits}{G}月)"
    rest = rf"(?:{G}(?:{month}(?!球|亮|间)(?:份)?(?:{G}{day})?|{months})?)?"
    yield "", rf"{era}(?P<y>{year}){G}年{rest}"
    yield "年", rf"(?P<y>\d{{4}}|[{HAN_DIGITS}]{{4}}){G}年(?!前|后|後|来|來|间){rest}"
    if words.language == "zh-Hant":
        yield "年", rf"(?P<roc>\d{{3}}){G}年{G}{month}(?:{G}{day})?"
    yield "年", rf"{_SHORT_YEAR}{G}年{G}{month}(?!球|亮|间)(?:份)?(?:{G}{day})?"
    if language == "ja":
        yield "", rf"(?P<era>{pattern(words.place('era'))})(?P<y>\d{{1,2}})\.{_MONTH}\.{_DAY}(?![\d.])"
    yield "月", rf"{month}(?:份|{G}{day})?(?!球|亮|间)"
    yield "日号號", rf"(?P<d>{digits}){G}{sign}(?!間|间|本|元|圓|圆)"
    yield "年", rf"(?P<none>(?:\d{{2,4}}|[{HAN}]{{1,4}})年代)"


def _vietnamese(words: Lexicon) -> Iterator[tuple[str, str]]:
    number = pattern(words.place("month-number"))
    month = rf"th(?:áng|g\.?){GAP}{{1,2}}(?:{_MONTH}(?!\d)|(?P<word>{number}))"
    day = rf"(?:(?:ngày|mùng|mồng|hôm){GAP}{{1,2}})?(?:mùng{GAP}{{1,2}})?{_DAY}"
    # Without a word for year, only what looks like a year counts, because thousands are written 2.000.
    year = rf"(?:,?{GAP}{{0,2}}(?:năm{GAP}{{1,2}}|[/-]){_YEAR}|,?{GAP}(?P<later>(?:19|20)\d\d))?(?!\d)"
    yield "t", rf"{day}{GAP}{{1,2}}{month}{year}"
    yield "", rf"{month}{year}"
    yield "", rf"(?:ngày{GAP}{{1,2}}){_DAY}[-/.]{_MONTH}[-/.]{_YEAR}{_END}"
    yield "", rf"(?:ngày{GAP}{{1,2}}){_DAY}(?![\d/.-]|{GAP}?\d)"


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def matching(scan: Scan, at: int, forms: Iterable[str]) -> Iterator[DateParts]:
    """Yield the dates that match one of some forms at ``at``."""
    for form in forms:
        if match := _compiled(form).match(scan.text, at):
            yield _parts(scan, match)


def _parts(scan: Scan, match: re.Match[str]) -> DateParts:
    groups, words = match.groupdict(), scan.grammar.lexicon
    year = _number(groups.get("y") or groups.get("later"))
    if short := groups.get("yy"):
        year = year_of_two_digits(int(short), words.language)
    if minguo := groups.get("roc"):
        year = 1911 + int(minguo)
    month = _number(groups.get("m") or groups.get("m2"))
    if name := groups.get("word"):
        month = int(words.place("month-number")[name].meaning)
    era = groups.get("era")
    return DateParts(
        match.end(), year, month, _number(groups.get("d")),
        era=int(words.place("era")[era].meaning) if era else None, signs=bool(groups.get("s")),
        day_last="last" in groups,
    )  # fmt: skip


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
