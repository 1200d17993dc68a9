"""The patterns of one language, compiled once: where a figure may begin, and what it may be.

`Grammar.start` finds the places worth looking at; at each of them the other patterns are matched in turn. The
words in front of a figure are found by matching the text backwards (`Grammar.left`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dragoman.figures.folding import GAP
from dragoman.figures.lexicon import Lexicon, lexicon, rows
from dragoman.figures.tries import BEFORE, NOTHING, pattern, reversed_pattern

G = f"{GAP}{{0,2}}"
HAN_DIGITS = "〇零一二三四五六七八九"
HAN = HAN_DIGITS + "十"
DASH = "[-‐‑–—−~～〜]"
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞"
# A separator stands between digits; a space only before a full group of three.
_SEPARATORS = r"[.,٫٬'’．，](?=\d)"
_SPACES = "\u00a0\u202f\u2009"
_MORE_SEPARATORS = {
    "ar": r"|،(?=\d)",
    "fa": r"|،(?=\d)|/(?=\d)",
    "ur": r"|،(?=\d)",
    "ja": r"|[・･](?=\d)",
    "zh": r"|·(?=\d)",
}
# Letters that are written together with the word after them: "and", "in", "to", "the".
_CLITICS = {"ar": ("[وفبلک]", "ال", "وال", "بال", "لل"), "he": ("[ובלמהכש]", "[וש][בלמהכ]")}

# What looks like a figure and is no amount: addresses of the net, times of day, telephone numbers, versions.
_SKIPPED = (
    r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?!\d)",
    rf"\d{{1,2}}{GAP}?h(?:{GAP}?\d{{2}})?(?![a-z0-9])",
    r"\d+[&+]\d+",
    r"\d+[⁰¹²³⁴⁵⁶⁷⁸⁹]+",
    r"\d{1,3}(?:\.\d{1,3}){3}(?!\d)",
    r"\d+(?:[-/:]\d+){2,}[-/\w]*",
    r"\d{1,2}(?:\.\d{1,2}){2,}(?!\d)",
    r"\d{1,3} ?[:：比対對대] ?\d{1,3}(?!\d)",
    r"\d{3}-\d{4}(?!\d)",
    r"\d{1,2} ?\(\d{3,5}\) ?\d[\d -]{4,}\d",
    r"0\d{1,4}[ .-]\d{2,4}(?:[ .-]?\d{2,4})*(?!\d)",
)
TELEPHONE = re.compile(r"\+\d[\d ().-]{6,}\d")


@dataclass(frozen=True)
class Grammar:
    """Patterns over folded text. All but ``start`` and the reversed ones are matched at a place."""

    words: Lexicon
    language: str
    start: re.Pattern[str]
    skip: re.Pattern[str]
    phrase: re.Pattern[str]
    ordinal: re.Pattern[str]
    amount: re.Pattern[str]
    """Numerals and scale words in a row."""
    tail: re.Pattern[str]
    """What follows the number. Groups: ``unit``, ``after`` (a hedge that follows)."""
    token: re.Pattern[str]
    """One numeral (group ``digits``) or word of a run."""
    left: re.Pattern[str]
    """Over the reversed text before a figure: ``unit`` (sign or name), ``word`` (hedge, label, cue)."""
    half: re.Pattern[str]
    """A half behind the unit: two years *and a half*."""
    fraction: re.Pattern[str]
    joint: re.Pattern[str]
    """What stands between the ends of a range; group ``and`` when it needs a word in front."""
    between: re.Pattern[str]
    street: re.Pattern[str]
    change: re.Pattern[str]
    source: re.Pattern[str]
    """Over the reversed text: the "from" that with a word of change makes "from 5 to 8" two figures."""
    section: re.Pattern[str]
    """Behind 第3: a part of a book or law."""
    day: re.Pattern[str]
    """Over the reversed text: a word after which 22/11 is a day."""


def digits(words: Lexicon, language: str) -> str:
    """A printed numeral: digits with separators, or a vulgar fraction."""
    space = _SPACES + (" " if words.spaced_groups else "")
    spaced = rf"\d{{1,3}}(?:[{space}]\d{{3}})+(?!\d)(?:[.,٫]\d+)?"
    separators = _SEPARATORS + _MORE_SEPARATORS.get(language, "")
    return rf"(?:{spaced}|\d+(?:(?:{separators})\d+)*(?: ?[{_VULGAR}])?|[{_VULGAR}])"


@lru_cache(maxsize=64)
def grammar(tag: str) -> Grammar:
    """The grammar of a BCP-47 tag; of an unknown language, that of signs and codes."""
    words = lexicon(tag)
    language = tag.partition("-")[0].lower()
    before = _before(language)
    number = digits(words, language)
    run_words = [w for w, e in words.place("run").items() if e.kind not in ("inside", "link", "point")]
    first = [*(w for w in run_words if words.place("run")[w].kind != "half"), *words.place("many")]
    following = [w for w, e in words.place("run").items() if e.kind != "link"]
    scales = words.of_kind("run", "scale")
    phrases = list(words.place("phrase"))
    ordinal_before = pattern(words.place("ordinal-before"), before)
    ordinal_after = pattern(words.place("ordinal-after"), "")
    starters = [*first, *phrases, *words.place("month"), *words.place("era"), *words.place("ordinal-before"),
                *words.of_kind("left", "year-before"), *words.place("month-before"), *words.place("day-before")]  # fmt: skip
    run = _run(words, language, number, first, following, scales, before)
    unit = pattern(words.place("unit"), "")
    of = pattern(words.place("of"), "")
    after = pattern(words.place("after"), "")
    return Grammar(
        words=words,
        language=language,
        start=_start(words, starters, before),
        skip=re.compile("|".join([*_SKIPPED, *_clocks(words)])),
        phrase=re.compile(pattern(phrases, before)),
        ordinal=re.compile(rf"(?P<before>{ordinal_before}){G}(?P<n>\d{{1,3}}(?![\d.,]\d)|{_han_or(first, language)})|(?P<m>\d{{1,4}})(?P<after>{ordinal_after})"),
        amount=re.compile(run),
        tail=re.compile(rf"(?:(?:{G}|-)(?:{of}{G})?(?P<unit>{unit}))?(?:{G},?{G}(?P<after>{after}))?"),
        token=re.compile(rf"(?P<digits>{number})|{pattern([*words.place('run'), *words.place('many')], '')}"),
        left=_left(words),
        half=re.compile(f"{G}{pattern(words.of_kind('run', 'half'), '')}"),
        fraction=_fraction(words, language, number, first),
        joint=_joint(words),
        between=re.compile(rf"{G}(?:{reversed_pattern(_firsts(words))})"),
        street=re.compile(rf"{pattern(words.place('street'), BEFORE)}[^.;!?\d\n]{{0,30}}$"),
        change=re.compile(pattern(words.place("change"), BEFORE)),
        source=re.compile(f"{G}{reversed_pattern(words.place('from'))}"),
        section=re.compile(f"{G}{pattern(words.place('section'), '')}"),
        day=re.compile(rf"{G}(?:\(|{reversed_pattern(words.place('day-before'))})"),
    )  # fmt: skip


def _start(words: Lexicon, starters: list[str], before: str) -> re.Pattern[str]:
    """A set of first letters in front of the words: most places are passed over without trying any word.

    A single Han digit is a figure only in front of another numeral, a unit, or a part of a date or fraction.
    """
    digits = set(words.of_kind("run", "han"))
    firsts = _set([*starters, *digits])
    behind = _set([*words.place("unit"), *words.place("run"), *words.place("fraction-of"), *"年月日号號份 "])
    han = f"|[{_set(digits)}](?=[{behind}\\d])" if digits else ""
    rest = pattern([word for word in starters if word not in digits], before)
    return re.compile(rf"(?=[\d{_VULGAR}{firsts}])(?:[\d{_VULGAR}]{han}|{rest})")


def _clocks(words: Lexicon) -> Iterator[str]:
    """Hours with a word that says so, and from one hour to another; six digits in two groups are a telephone."""
    hour = r"\d{1,2}(?:[:.]\d{2})?"
    clock = pattern(words.of_kind("unit", "clock"), "")
    until = rf"{hour}{G}(?:{DASH}|{pattern(words.place('join'), '')}){G}"
    yield rf"(?:{until})?{hour}{G}{clock}(?![间間간])(?:{G}\d{{1,2}}{G}[分분])?"
    if not words.spaced_groups:
        yield r"\d{3} \d{3}(?![\d.,]\d)"


def _set(words: Iterable[str]) -> str:
    """The first letters of words, for a set in a pattern."""
    return "".join(sorted(re.escape(letter) for letter in {word[0] for word in words}))


def _before(language: str) -> str:
    clitics = _CLITICS.get(language)
    if not clitics:
        return BEFORE
    return f"(?:{BEFORE}{''.join(f'|(?<={BEFORE}{clitic})' for clitic in clitics)})"


def _run(
    words: Lexicon, language: str, number: str, first: list[str], following: list[str], scales: list[str], before: str
) -> str:
    """Numerals and words of number in a row: 48億6,000万, hai mươi lăm nghìn, 2 triệu 500 nghìn."""
    link = pattern(words.of_kind("run", "link"), "")
    piece = f"(?:{GAP}{{1,2}}(?:{link}{G})?|{DASH}|){pattern(following, '')}"
    if language == "ar":  # "and" is one letter, written together with the next word
        piece = f"(?:{GAP}{{1,2}}و?{G}|{DASH}|){pattern(following, '')}"
    scale = pattern(scales, before)
    # Further digits only where a smaller scale follows, or straight after a Han or Hangul scale.
    again = f"{G}{number}(?={G}{scale})|(?<=[千万萬亿億兆천만억조]){number}"
    if language in ("ar", "fa"):
        again += rf"|{GAP}{{1,2}}و{G}\d{{3}}(?!\d)"
    run = f"(?:{number}|{pattern(first, before)})(?:(?:{piece})+(?:{again})?)*"
    return rf"{scale}{GAP}{{1,2}}{number}|{run}" if language == "sw" else run


def _han_or(first: list[str], language: str) -> str:
    return rf"[{HAN}百千]+" if language in ("zh", "ja") else pattern(first)


_CUES = ("year-before", "clock-before")


def _left(words: Lexicon) -> re.Pattern[str]:
    entries = words.place("left")
    units = [w for w, e in entries.items() if e.kind.endswith("-before") and e.kind not in _CUES]
    # Signs and codes (the rows of ``any``) stand on either side; names only where a row says so.
    units += [word for word, kind, _ in rows("any") if kind == "money"]
    others = [w for w, e in entries.items() if not e.kind.endswith("-before") or e.kind in _CUES]
    return re.compile(
        rf"{G}(?:(?P<unit>{reversed_pattern(units)}){G})?(?:[(（]{G})?(?P<word>{reversed_pattern(others)})?"
    )


def _fraction(words: Lexicon, language: str, number: str, first: list[str]) -> re.Pattern[str]:
    """三分之一, 3分の1, 3분의 1: the divisor stands first. Also 1/40."""
    slash = r"(?P<over>\d{1,3})[/⁄](?P<under>\d{1,4})(?![\d/.,-])"
    part = words.place("fraction-of")
    if not part:
        return re.compile(rf"(?P<divisor>{NOTHING})(?P<dividend>{NOTHING})|{slash}")
    numeral = rf"(?:{number}|[{HAN}百千万萬]+(?:[点點][{HAN_DIGITS}]+)?)"
    return re.compile(rf"(?P<divisor>{numeral}){G}{pattern(part, '')}{G}(?P<dividend>{numeral})|{slash}")


def _joint(words: Lexicon) -> re.Pattern[str]:
    simple = pattern(words.place("join"), "")
    second = pattern((word.split()[-1] for word in words.place("between")), "")
    return re.compile(rf"{G}(?:{DASH}|{simple}|(?P<and>{second})){G}")


def _firsts(words: Lexicon) -> Iterator[str]:
    return (word.split()[0] for word in words.place("between"))
