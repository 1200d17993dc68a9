"""The rules of one language: its lists of words, and the few patterns, each made when it is first needed.

`Grammar.next` finds the places worth looking at; at each of them the readers match the other rules in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from dragoman.evidence.figures.folding import GAP, LETTER, LETTERS, is_letter
from dragoman.evidence.figures.lexicon import Entry, Lexicon, lexicon
from dragoman.evidence.figures.word_list import WordList
from dragoman.evidence.figures.word_lists import Hit, WordLists
from dragoman.evidence.figures.word_patterns import BEFORE, beginnings, pattern

G = f"{GAP}{{0,2}}"
HAN_DIGITS = "〇零一二三四五六七八九"
HAN = HAN_DIGITS + "十"
DASHES = "-‐‑–—−~～〜"
DASH = f"[{DASHES}]"
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞"
# A separator stands between digits; a space only before a full group of three.
_SEPARATORS = r"[.,٫٬'，．](?=\d)"
_MORE_SEPARATORS = {
    "ar": r"|،(?=\d)",
    "fa": r"|،(?=\d)|/(?=\d)",
    "ur": r"|،(?=\d)",
    "ja": r"|[・･](?=\d)",
    "zh": r"|·(?=\d)",
}
# Letters that are written together with the word after them ("and", "in", "to", "the"), by how many they are.
_CLITICS = {"ar": ("[وفبلک]", "ال|لل", "وال|بال"), "he": ("[ובלמהכש]", "[וש][בלמהכ]")}
_UNSPACED = ("zh", "ja", "ko", "th")
MONTH_CLITICS = {"he": "בלמהוש"}

# What looks like a figure and is no amount: addresses of the net, times of day, telephone numbers, versions.
_SKIPPED = (
    r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?(?!\d)",
    rf"\d{{1,2}}{GAP}?h(?:{GAP}?\d{{2}})?(?![a-z0-9])",
    r"\d+[&+]\d+",
    r"\d+[⁰¹²³⁴⁵⁶⁷⁸⁹]+",
    r"(?!\d{1,3}(?:\.\d{3}){3})\d{1,3}(?:\.\d{1,3}){3}(?!\d)",
    r"\d+(?:[-/:]\d+){2,}[-/\da-z]*",
    r"\d{1,2}(?:\.\d{1,2}){2,}(?!\d)",
    r"\d{1,3} ?[:：比対對대] ?\d{1,3}(?!\d)",
    r"\d{3}-\d{4}(?!\d)",
    r"\d{1,2} ?\(\d{3,5}\) ?\d[\d -]{4,}\d",
    r"0\d{1,4}[ .-]\d{2,4}(?:[ .-]?\d{2,4})*(?!\d)",
)
# What may stand behind the digits of one of these, of a date or of a fraction.
_SPECIAL_SIGNS = r"[-/:：&+⁰¹²³⁴⁵⁶⁷⁸⁹⁄比対對대(º°–—−~～〜]|\.[ \d]|(?<=\.\d)\.|(?<=\.\d\d)\.|h(?![a-z])"
_ASIAN_DATES = {"zh": "年月日号號分", "ja": "年月日分", "ko": "년월일분", "vi": ["tháng"]}
TELEPHONE = re.compile(r"\+\d[\d ().-]{6,}\d")

_LONGEST = 12
"""Han numerals of a fraction; a longer row is no number, and trying it at each of its places would be quadratic."""

_LETTERS_LOOKED_AT = 7
"""Letters by which a word is looked for: with fewer, there would be a hundred more places in an article."""

_NEVER_FIRST = ("inside", "link", "point", "half")
_WITHOUT_VALUE = ("some", "link", "point", "inside")
_BEFORE_NO_UNIT = ("year-before", "clock-before")


NumberWord = tuple[str, Decimal]
"""A word of number: kind, and value (0 where the kind has none)."""


class StartHits(NamedTuple):
    """What may begin with a word."""

    date: Hit[Entry] = None
    phrase: Hit[Entry] = None
    ordinal: Hit[Entry] = None
    number: Hit[NumberWord] = None


class AfterHits(NamedTuple):
    """What the words behind a number may be."""

    number: Hit[NumberWord] = None
    """A further piece of it."""
    link: Hit[Entry] = None
    of: Hit[Entry] = None
    unit: Hit[Entry] = None
    hedge: Hit[Entry] = None


class BeforeHits(NamedTuple):
    """What the words in front of a figure may be."""

    unit: Hit[Entry] = None
    """A sign or code of money, or another unit of which a row says that it stands in front."""
    word: Hit[Entry] = None
    """A hedge, label or cue."""


class DateHits(NamedTuple):
    """What the words behind digits may be, if these are of a date."""

    month: Hit[Entry] = None
    of: Hit[Entry] = None
    calendar: Hit[Entry] = None
    year: Hit[Entry] = None


class Grammar:
    """Lists and patterns over folded text; all patterns but ``street`` and ``change`` match at a place."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.language = lexicon.language.partition("-")[0].lower()
        self.decimal = lexicon.decimal
        self._spaced = self.language not in _UNSPACED
        self._clitics = _CLITICS.get(self.language, ())

    def _word_list(self, place: str, *kinds: str) -> WordList[Entry]:
        return WordList(self.lexicon.of_kind(place, *kinds) if kinds else self.lexicon.place(place))

    # Numbers.

    @cached_property
    def number(self) -> re.Pattern[str]:
        """A printed numeral: digits with separators, or a vulgar fraction."""
        return re.compile(self._number)

    @cached_property
    def _number(self) -> str:
        space = GAP if self.lexicon.spaced_groups else GAP.replace(" ", "")
        spaced = rf"\d{{1,3}}(?:{space}\d{{3}})+(?!\d)(?:[.,٫]\d+)?"
        separators = _SEPARATORS + _MORE_SEPARATORS.get(self.language, "")
        return rf"(?:{spaced}|\d+(?:(?:{separators})\d+)*(?: ?[{_VULGAR}])?|[{_VULGAR}])"

    @cached_property
    def _numbers(self) -> dict[str, NumberWord]:
        return {
            word: (entry.kind, Decimal(0 if entry.kind in _WITHOUT_VALUE else entry.meaning))
            for word, entry in self.lexicon.place("run").items()
        }

    @cached_property
    def _first_words(self) -> dict[str, NumberWord]:
        """Words that a number begins with, and those that are one too vague to have a value (``many``)."""
        many = dict.fromkeys(self.lexicon.place("many"), ("many", Decimal(0)))
        numbers = self._numbers.items()
        # A letter alone (k, m, b) is a scale only behind digits.
        first = {w: found for w, found in numbers if found[0] not in _NEVER_FIRST and not (len(w) == 1 and w.isascii())}
        return first | many

    @cached_property
    def scales(self) -> WordList[Entry]:
        return self._word_list("run", "scale")

    # What stands around a number.

    @cached_property
    def after_words(self) -> WordLists[AfterHits]:
        """Words behind a number."""
        place = self.lexicon.place
        numbers = {word: found for word, found in self._numbers.items() if found[0] != "link"}
        links = self.lexicon.of_kind("run", "link")
        return WordLists(AfterHits, [numbers, links, place("of"), place("unit"), place("after")])

    @cached_property
    def hedges_after(self) -> WordList[Entry]:
        return self._word_list("after")

    @cached_property
    def halves(self) -> WordList[Entry]:
        """A half behind the unit: two years *and a half*."""
        return self._word_list("run", "half")

    @cached_property
    def before_words(self) -> WordLists[BeforeHits]:
        """Words in front of a figure."""
        units = self.lexicon.place("unit")
        signs = {word: units[word] for word in self.lexicon.signs}
        return WordLists(
            BeforeHits, [signs | self._words_before(units=True), self._words_before(units=False)], ending=True
        )

    def _words_before(self, *, units: bool) -> dict[str, Entry]:
        entries = self.lexicon.place("left")
        return {
            w: e for w, e in entries.items() if (e.kind.endswith("-before") and e.kind not in _BEFORE_NO_UNIT) == units
        }

    @cached_property
    def street(self) -> re.Pattern[str] | None:
        """To be searched for in the text before a figure: a street it may be a house number of."""
        words = self.lexicon.place("street")
        # Begins with a letter that is looked at again, so that most places are passed over at once.
        found = rf"[{_first_letters(words)}](?<=(?={BEFORE}{pattern(words)}[^.;!?\d\n]{{0,30}}$)[\s\S])"
        return re.compile(found) if words else None

    # Ranges.

    @cached_property
    def connectors(self) -> frozenset[str]:
        """What stands between the ends of a range."""
        return frozenset([*DASHES, *self.lexicon.place("join")])

    @cached_property
    def between(self) -> WordList[str]:
        """The first half of "between … and"."""
        return WordList({word.split()[0]: word for word in self.lexicon.place("between")})

    @cached_property
    def between_connectors(self) -> frozenset[str]:
        """The second half, which joins the ends of a range only where the first stands in front."""
        return frozenset(word.split()[-1] for word in self.lexicon.place("between"))

    @cached_property
    def from_words(self) -> WordList[Entry]:
        """The "from" that with a word of change makes "from 5 to 8" two figures."""
        return self._word_list("from")

    @cached_property
    def change(self) -> re.Pattern[str]:
        return re.compile(f"{BEFORE}{pattern(self.lexicon.place('change'))}")

    # Phrases, ordinals, fractions.

    @cached_property
    def start_words(self) -> WordLists[StartHits]:
        """Words that anything but digits begins with."""
        place = self.lexicon.place
        return WordLists(StartHits, [self._dates_begin, place("phrase"), place("ordinal-before"), self._first_words])

    @cached_property
    def has_digit_phrases(self) -> bool:
        """Whether a phrase may begin with digits: 50-50."""
        return any(word[0].isdecimal() for word in self.lexicon.place("phrase"))

    @cached_property
    def ordinals_after(self) -> WordList[Entry]:
        return self._word_list("ordinal-after")

    @cached_property
    def sections(self) -> WordList[Entry]:
        """Behind 第3: a part of a book or law."""
        return self._word_list("section")

    @cached_property
    def divisor_first(self) -> re.Pattern[str] | None:
        """三分之一, 3分の1, 3분의 1: the divisor stands first. None in a language that has no such form."""
        part = self.lexicon.place("fraction-of")
        numeral = rf"(?:{self._number}|[{HAN}百千万萬]{{1,{_LONGEST}}}(?:[点點][{HAN_DIGITS}]{{1,{_LONGEST}}})?)"
        form = rf"(?P<divisor>{numeral}){G}{pattern(part)}{G}(?P<dividend>{numeral})"
        return re.compile(form) if part else None

    # Dates.

    @cached_property
    def months(self) -> WordList[Entry]:
        return self._word_list("month")

    @cached_property
    def full_months(self) -> WordList[Entry]:
        return WordList(
            {word: entry for word, entry in self.lexicon.place("month").items() if entry.kind != "month-weak"}
        )

    @cached_property
    def calendars(self) -> WordList[Entry]:
        return self._word_list("calendar")

    @cached_property
    def years_after(self) -> WordList[Entry]:
        return self._word_list("year-after")

    @cached_property
    def years_before(self) -> WordList[Entry]:
        """Words for year and eras."""
        return WordList(self.lexicon.of_kind("left", "year-before") | dict(self.lexicon.place("era")))

    @property
    def _dates_begin(self) -> dict[str, Entry]:
        """Words that a date may begin with; in Chinese and Japanese Han digits may as well."""
        place = self.lexicon.place
        return {**place("month"), **self.years_before.entries, **place("month-before"), **place("day-before")}

    @cached_property
    def date_words(self) -> WordLists[DateHits]:
        """Words of a date behind digits."""
        return WordLists(DateHits, [self.lexicon.place(name) for name in ("month", "of", "calendar", "year-after")])

    @cached_property
    def days_before(self) -> WordList[Entry]:
        """Words after which 22/11 is a day."""
        return self._word_list("day-before")

    # Where to look.

    def next(self, text: str, position: int) -> int | None:
        """The first place from ``position`` on where a figure may begin."""
        if text[position : position + 1] in LETTER and (word := self._word(text, position)) is not None:
            return word
        found = self._start.search(text, position)
        if found is None:
            return None
        return found.end() if found.lastindex else found.start()

    def _word(self, text: str, position: int) -> int | None:
        """The word at ``position``, which `_start` would find by the sign in front of it; with clitics, one within."""
        if self._clitics:
            for at in range(position, position + 1 + len(self._clitics)):
                if not is_letter(text, at):
                    return None
                if self._start_with_clitics.match(text, at):
                    return at
        elif self._spaced and not is_letter(text, position - 1):
            return position if self._start.match(f" {text[position : position + _LETTERS_LOOKED_AT + 1]}") else None
        return None

    @cached_property
    def _start(self) -> re.Pattern[str]:
        """Digits, or the sign in front of a word (then there is a group), by its first letters: most places are passed
        over at once. In scripts without spaces the word itself.

        A single Han digit is a figure only in front of another numeral, a unit, or a part of a date or fraction.
        """
        if self._spaced:
            clitics = "|".join(["", *self._clitics])
            return re.compile(
                rf"[^{LETTERS}](?:(?<=[\d{_VULGAR}])|(?:{clitics})(?={beginnings(self._words, letters=_LETTERS_LOOKED_AT)})())"
            )
        place = self.lexicon.place
        digits = set(self.lexicon.of_kind("run", "han"))
        behind = _first_letters([*place("unit"), *place("run"), *place("fraction-of"), *"年月日号號份 "])
        han = f"|[{_first_letters(digits)}](?=[{behind}\\d])" if digits else ""
        rest = beginnings((word for word in self._words if word not in digits), BEFORE)
        return re.compile(rf"(?=[\d{_VULGAR}{_first_letters(self._words)}])(?:[\d{_VULGAR}]{han}|{rest})")

    @cached_property
    def _words(self) -> list[str]:
        place = self.lexicon.place
        days = place("day-before") if self.language in _ASIAN_DATES else ()
        return [*self._first_words, *place("phrase"), *place("month"), *place("ordinal-before"), *self.years_before.entries,
                *place("month-before"), *days]  # fmt: skip

    @cached_property
    def _start_with_clitics(self) -> re.Pattern[str]:
        """A word, or what clitics stand in front of."""
        behind = (rf"(?<={letters})(?<![{LETTERS}]{'.' * length})" for length, letters in enumerate(self._clitics, 1))
        return re.compile(f"(?:{'|'.join([BEFORE, *behind])})(?={beginnings(self._words, letters=_LETTERS_LOOKED_AT)})")

    @cached_property
    def special(self) -> re.Pattern[str]:
        """Digits that may begin something else than an amount. Most do not, and this says so at once."""
        place = self.lexicon.place
        months = [*place("month"), *(f"{c}{w}" for c in MONTH_CLITICS.get(self.language, "") for w in place("month"))]
        behind = [*months, *place("of"), *place("year-after"), *place("calendar"), *place("ordinal-after"), *place("join"),
                  *place("fraction-of"), *self.lexicon.of_kind("unit", "clock"), *_ASIAN_DATES.get(self.language, ())]  # fmt: skip
        digits = [word for word in place("phrase") if word[0].isdecimal()]
        whole = "|".join(re.escape(word) for word in digits) or "(?!)"
        telephone = "0\\d" if self.lexicon.spaced_groups else r"0\d|\d{3} \d"
        return re.compile(rf"{whole}|{telephone}|\d++(?:[.,]\d+)?+{G}(?:{_SPECIAL_SIGNS}|{beginnings(behind)})")

    @cached_property
    def skips(self) -> tuple[re.Pattern[str], ...]:
        """Digits that are no amount."""
        return _skipped(), re.compile(self._clocks())

    def _clocks(self) -> str:
        """Hours with a word that says so, and from one hour to another; six digits in two groups are a telephone."""
        hour = r"\d{1,2}(?:[:.]\d{2})?"
        clock = pattern(self.lexicon.of_kind("unit", "clock"))
        until = rf"{hour}{G}(?:{DASH}|{pattern(self.lexicon.place('join'))}){G}"
        hours = rf"(?:{until})?{hour}{G}{clock}(?![间間간])(?:{G}\d{{1,2}}{G}[分분])?"
        return hours if self.lexicon.spaced_groups else rf"{hours}|\d{{3}} \d{{3}}(?![\d.,]\d)"


@lru_cache(maxsize=64)
def grammar(tag: str) -> Grammar:
    """The grammar of a BCP-47 tag; of an unknown language, that of signs and codes."""
    return Grammar(lexicon(tag))


@lru_cache(maxsize=1)
def _skipped() -> re.Pattern[str]:
    return re.compile("|".join(_SKIPPED))


def _first_letters(words: Iterable[str]) -> str:
    """The first letters of words, for a set in a pattern."""
    return "".join(sorted(re.escape(letter) for letter in {word[0] for word in words}))
