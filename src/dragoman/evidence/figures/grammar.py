"""The rules for the figures of one language: its word lists, and its few patterns.

`Grammar.next` finds the places where a figure may begin; there, the readers try the other rules in turn. Lists and
patterns share the words of one lexicon, and each is made when it is first needed; hence one class for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Literal

from dragoman.core.language_tags import primary
from dragoman.evidence.figures import date_words, spelled
from dragoman.evidence.figures.folding import GAP, LETTER, LETTERS, is_letter, word_key
from dragoman.evidence.figures.hits import AfterHits, BeforeHits, DateHits, NumberWord, StartHits
from dragoman.evidence.figures.lexicon import Entry, Lexicon, lexicon
from dragoman.evidence.figures.not_amounts import AIRCRAFT, STARTS, ZEROS, not_amounts
from dragoman.evidence.figures.spelled import Form, Words
from dragoman.evidence.figures.word_list import WordList
from dragoman.evidence.figures.word_lists import WordLists
from dragoman.evidence.figures.word_patterns import BEFORE, beginnings, pattern

G = f"{GAP}{{0,2}}"
HAN_DIGITS = "〇零一二三四五六七八九"
HAN = HAN_DIGITS + "十"
DASHES = "-‐‑–—−~～〜"
DASH = f"[{DASHES}]"
_VULGAR = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞"
# A separator stands between digits. A space separates only whole groups of three digits.
_SEPARATORS = r"[.,٫٬'，．](?=\d)"
_MORE_SEPARATORS = {
    "ar": r"|،(?=\d)",
    "fa": r"|،(?=\d)|/(?=\d)",
    "ur": r"|،(?=\d)",
    "ja": r"|[・･](?=\d)",
    "zh": r"|·(?=\d)",
}
# Letters joined to the word after them ("and", "in", "to", "the"): one letter, then two, then three.
_CLITICS = {"ar": ("[وفبلک]", "ال|لل", "وال|بال"), "he": ("[ובלמהכש]", "[וש][בלמהכ]")}
_UNSPACED = ("zh", "ja", "ko", "th", "my", "km", "lo")
# Languages that write a date with a comma after the year: 2024, മാർച്ച് 5.
COMMA_AFTER_YEAR = {"ml"}
MONTH_CLITICS = {"he": "בלמהוש"}

# What may follow the first digits of a date, of a fraction, or of what is not an amount.
_SPECIAL_SIGNS = rf"{STARTS}|[-/⁄º°–—−~～〜]|\.[-–—− \d]|(?<=\.\d)\.|(?<=\.\d\d)\.|h(?![a-z])"
_ASIAN_DATES = {
    "zh": "年月日号號分",
    "ja": "年月日分",
    "ko": ["년", "월", "일", "분", "절", "혁명", "운동", "민주", "광복", "전쟁", "사변"],
    "vi": ["tháng", "thg"],
}
TELEPHONE = re.compile(r"\+\d[\d ().-]{6,}\d")

_LONGEST = 12
"""Han numerals in each half of a fraction. A longer row is no number, and trying it at each of its numerals would take
quadratic time."""

_START_LETTERS = 7
"""Letters of a word that `Grammar.next` compares. With fewer, it would stop at a hundred more places in an article."""


def _form(kind: str, value: Decimal) -> Form | None:
    """What a row of the language's own table is among the spelled words."""
    match kind:
        case "scale":
            return Form(spelled.SCALE if value > 10 else spelled.INSIDE, value)
        case "number" | "weak" if value < 1000:
            return Form(spelled.UNIT, value)
        case "number":
            scale = next(10**power for power in (12, 9, 6, 3) if value >= 10**power)
            return Form(spelled.WHOLE, value, scale)
        case "link":
            return Form(spelled.AND, value)
        case _:
            return None


_NEVER_FIRST = ("inside", "link", "point", "half")
_WITHOUT_VALUE = ("some", "link", "point", "inside")
_BEFORE_NO_UNIT = ("year-before", "clock-before")


class Grammar:
    """Word lists and patterns over folded text. ``street`` and ``change`` are searched for; the others match at an offset."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.language = primary(lexicon.language)
        self.decimal = lexicon.decimal
        self.is_spaced = self.language not in _UNSPACED
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
    def spelled(self) -> Words | None:
        """The number words of the language for `spelled_numbers`, from both tables; None without rules for them."""
        read = spelled.rows(self.language)
        if read is None:
            return None
        forms, flags = read
        own = {
            spelled.spelling(word, self.language): form
            for word, (kind, value) in self._numbers.items()
            if (form := _form(kind, value)) and not (len(word) == 1 and word.isascii())
        }
        for letters, form in own.items():
            is_two_scales = form.kind == spelled.SCALE and spelled.is_composed_of(letters, forms)
            if letters not in forms and not is_two_scales:
                forms[letters] = [form]
        return Words(forms, flags)

    @cached_property
    def _first_words(self) -> dict[str, NumberWord]:
        """Words that a number may begin with, and words that are a number too vague to have a value (``many``)."""
        many = dict.fromkeys(self.lexicon.place("many"), ("many", Decimal(0)))
        numbers = self._numbers.items()
        # A single letter (k, m, b) is a scale only after digits.
        first = {
            word: number_word
            for word, number_word in numbers
            if number_word[0] not in _NEVER_FIRST and not (len(word) == 1 and word.isascii())
        }
        return first | many

    @cached_property
    def scales(self) -> WordList[Entry]:
        return self._word_list("run", "scale")

    # Words around a number.

    @cached_property
    def after_words(self) -> WordLists[AfterHits]:
        """Words after a number."""
        place = self.lexicon.place
        numbers = {word: number_word for word, number_word in self._numbers.items() if number_word[0] != "link"}
        links = self.lexicon.of_kind("run", "link")
        abbreviations = self.lexicon.abbreviations
        return WordLists(AfterHits, [numbers, links, place("of"), place("unit"), place("after"), abbreviations])

    @cached_property
    def hedges_after(self) -> WordList[Entry]:
        return self._word_list("after")

    @cached_property
    def hedge_endings(self) -> WordList[Entry]:
        """Endings of the last word of a figure that begin a hedge: ಪ್ರತಿಶತ*ಕ್ಕಿಂತ ಹೆಚ್ಚು*, more than per cent."""
        return self._word_list("ending")

    @cached_property
    def halves(self) -> WordList[Entry]:
        """Words for a half after the unit: two years *and a half*."""
        return self._word_list("run", "half")

    @cached_property
    def before_words(self) -> WordLists[BeforeHits]:
        """Words before a figure."""
        units = self.lexicon.place("unit")
        # A code is one even if its letters are a word of the language: SEK 7 is not 7 seconds.
        signs = {
            word: units[word] if units[word].kind == "money" else Entry("money", word.upper())
            for word in self.lexicon.signs
        }
        return WordLists(
            BeforeHits, [signs | self._words_before(units=True), self._words_before(units=False)], ending=True
        )

    def _words_before(self, *, units: bool) -> dict[str, Entry]:
        entries = self.lexicon.place("before")
        return {
            word: entry
            for word, entry in entries.items()
            if (entry.kind.endswith("-before") and entry.kind not in _BEFORE_NO_UNIT) == units
        }

    @cached_property
    def street(self) -> re.Pattern[str] | None:
        """Finds, in the text before a figure, a street of which the figure may be the house number."""
        words = self.lexicon.place("street")
        # The first letter is tested on its own, so that most places are passed over at once.
        form = rf"[{_first_letters(words)}](?<=(?={BEFORE}{pattern(words)}[^.;!?\d\n]{{0,30}}$)[\s\S])"
        return re.compile(form) if words else None

    # Ranges.

    @cached_property
    def connectors(self) -> frozenset[str]:
        """Words and signs between the ends of a range."""
        return frozenset([*DASHES, *self.lexicon.place("join")])

    @cached_property
    def between(self) -> WordList[str]:
        """The first word of "between … and"."""
        return WordList({word.split()[0]: word for word in self.lexicon.place("between")})

    @cached_property
    def between_connectors(self) -> frozenset[str]:
        """The second word of "between … and", which connects two figures only if the first word stands before them."""
        return frozenset(word.split()[-1] for word in self.lexicon.place("between"))

    @cached_property
    def from_words(self) -> WordList[Entry]:
        """Words for "from". After a word of change, "from 5 to 8" is two figures instead of a range."""
        return self._word_list("from")

    @cached_property
    def change(self) -> re.Pattern[str]:
        return re.compile(f"{BEFORE}{pattern(self.lexicon.place('change'))}")

    # Phrases, ordinals, fractions.

    @cached_property
    def start_words(self) -> WordLists[StartHits]:
        """Words that a date, phrase, ordinal or number may begin with."""
        place = self.lexicon.place
        return WordLists(StartHits, [self._date_starts, place("phrase"), place("ordinal-before"), self._first_words])

    @cached_property
    def has_digit_phrases(self) -> bool:
        """Whether a phrase may begin with digits: 50-50."""
        return any(word[0].isdecimal() for word in self.lexicon.place("phrase"))

    @cached_property
    def ordinals_after(self) -> WordList[Entry]:
        return self._word_list("ordinal-after")

    @cached_property
    def sections(self) -> WordList[Entry]:
        """Words after an ordinal that make it a part of a book or a law: 第3条."""
        return self._word_list("section")

    @cached_property
    def divisor_first(self) -> re.Pattern[str] | None:
        """Fractions that begin with the divisor: 三分之一, 3分の1, 3분의 1. None in a language without this form."""
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
        """Words for "year" and for eras."""
        return WordList(self.lexicon.of_kind("before", "year-before") | dict(self.lexicon.place("era")))

    @property
    def _date_starts(self) -> dict[str, Entry]:
        """Words that a date may begin with. In Chinese and Japanese, a date may also begin with Han digits."""
        place = self.lexicon.place
        return {**place("month"), **self.years_before.entries, **place("month-before"), **place("day-before")}

    @cached_property
    def date_joins(self) -> Mapping[str, Literal["and", "to"]]:
        """Words between two dates, and whether they make a list or a span."""
        place = self.lexicon.place
        if not place("run"):
            return {}
        printed = date_words.joins(self.lexicon.language)
        kinds: dict[str, Literal["and", "to"]] = dict.fromkeys(self.between_connectors, "and")
        kinds |= dict.fromkeys((*place("join"), *place("date-join")), "to")
        kinds |= {word_key(word, self.language): kind for word, kind in printed.items()}
        kinds |= {word: "and" for word, entry in place("date-join").items() if entry.meaning == "and"}
        return kinds

    @cached_property
    def day_signs(self) -> tuple[str, ...]:
        """Signs between a day and the name of its month: 5-mart; 5, మార్చి where CLDR prints a comma."""
        has_comma = bool(self.lexicon.place("run")) and date_words.has_comma_after_day(self.lexicon.language)
        return ("-", ",") if has_comma else ("-",)

    @cached_property
    def has_month_first(self) -> bool:
        """Whether the month is printed before the day, and a day may follow a month without a year."""
        return bool(self.lexicon.place("run")) and date_words.has_month_first(self.lexicon.language)

    @cached_property
    def date_words(self) -> WordLists[DateHits]:
        """Words of a date after digits."""
        return WordLists(DateHits, [self.lexicon.place(name) for name in ("month", "of", "calendar", "year-after")])

    @cached_property
    def days_before(self) -> WordList[Entry]:
        """Words after which 22/11 is a day."""
        return self._word_list("day-before")

    # Where a figure may begin.

    def next(self, text: str, position: int) -> int | None:
        """Return the first offset, from ``position`` on, where a figure may begin; None if there is none."""
        if text[position : position + 1] in LETTER and (word := self._word(text, position)) is not None:
            return word
        match = self._start.search(text, position)
        if match is None:
            return None
        return match.end() if match.lastindex else match.start()

    def _word(self, text: str, position: int) -> int | None:
        """Return ``position`` if a listed word may begin there, or the offset of a listed word after its clitics.

        `_start` cannot find these words, because it begins with the sign before a word.
        """
        if self._clitics:
            for at in range(position, position + 1 + len(self._clitics)):
                if not is_letter(text, at):
                    return None
                if self._start_with_clitics.match(text, at):
                    return at
        elif self.is_spaced and not is_letter(text, position - 1):
            return position if self._start.match(f" {text[position : position + _START_LETTERS + 1]}") else None
        return None

    @cached_property
    def _start(self) -> re.Pattern[str]:
        """Finds digits, or the sign before a word with the first letters of a listed word (then a group has matched).

        Beginning with the sign passes over most of a text at once. In scripts without spaces it finds the word itself.
        A single Han digit is a figure only before another numeral, a unit, or a part of a date or a fraction.
        """
        if self.is_spaced:
            clitics = "|".join(["", *self._clitics])
            return re.compile(
                rf"[^{LETTERS}](?:(?<=[\d{_VULGAR}])|(?:{clitics})(?={beginnings(self._words, letters=_START_LETTERS)})())"
            )
        place = self.lexicon.place
        digits = set(self.lexicon.of_kind("run", "han"))
        followers = _first_letters([*place("unit"), *place("run"), *place("fraction-of"), *"年月日号號份 "])
        han = f"|[{_first_letters(digits)}](?=[{followers}\\d])" if digits else ""
        rest = beginnings((word for word in self._words if word not in digits), BEFORE)
        return re.compile(rf"(?=[\d{_VULGAR}{_first_letters(self._words)}])(?:[\d{_VULGAR}]{han}|{rest})")

    @cached_property
    def _words(self) -> list[str]:
        place = self.lexicon.place
        days = place("day-before") if self.language in _ASIAN_DATES else ()
        return [*self._first_words, *self._spelled_beginnings, *place("phrase"), *place("month"), *place("ordinal-before"), *self.years_before.entries,
                *place("month-before"), *days]  # fmt: skip

    @property
    def _spelled_beginnings(self) -> list[str]:
        """Beginnings of the words that a spelled number may begin with. Tables have them without spaces."""
        return [f"{letters}*" for letters in self.spelled.beginnings] if self.spelled else []

    @cached_property
    def _start_with_clitics(self) -> re.Pattern[str]:
        """Matches a word at its beginning, or after its clitics."""
        after_clitics = (
            rf"(?<={letters})(?<![{LETTERS}]{'.' * length})" for length, letters in enumerate(self._clitics, 1)
        )
        return re.compile(
            f"(?:{'|'.join([BEFORE, *after_clitics])})(?={beginnings(self._words, letters=_START_LETTERS)})"
        )

    @cached_property
    def special(self) -> re.Pattern[str]:
        """Matches digits that may begin something other than an amount. It quickly rules out most digits."""
        place = self.lexicon.place
        months = [*place("month"), *(f"{c}{w}" for c in MONTH_CLITICS.get(self.language, "") for w in place("month"))]
        followers = [*months, *place("of"), *place("year-after"), *place("calendar"), *place("ordinal-after"), *place("join"), *self.date_joins,
                  *place("fraction-of"), *self.lexicon.of_kind("unit", "clock"), *_ASIAN_DATES.get(self.language, ())]  # fmt: skip
        digit_phrases = [word for word in (*place("phrase"), *place("month")) if word[0].isdecimal()]
        whole = "|".join(re.escape(word) for word in digit_phrases) or "(?!)"
        if self.language in COMMA_AFTER_YEAR:
            whole = rf"\d{{4}},{G}{beginnings(months)}|{whole}"
        row = rf"\d\d \d\d \d\d|\d{{3}} \d{'{4}' if self.lexicon.spaced_groups else ''}|\d{{1,3}} \d{{3}} \d{{4}}"
        telephone = rf"[{ZEROS}]\d|{row}"
        listed = rf"[,،、，]{GAP}?(?:\d{{1,2}}(?!\d)|{beginnings(months)})"
        return re.compile(
            rf"{whole}|{telephone}|{AIRCRAFT}"
            rf"|\d++(?:[.,]\d+)?+{G}(?:{_SPECIAL_SIGNS}|{listed}|{beginnings(followers)})"
        )

    @cached_property
    def skips(self) -> tuple[re.Pattern[str], ...]:
        """Match digits that are not an amount."""
        return not_amounts(self.language), re.compile(self._clocks())

    def _clocks(self) -> str:
        """Return a pattern for hours and ranges of hours with a word for the hour, and for telephone numbers of 3 + 3 digits."""
        hour = r"\d{1,2}(?:[:.]\d{2})?"
        clock = pattern(self.lexicon.of_kind("unit", "clock"))
        until = rf"{hour}{G}(?:{DASH}|{pattern(self.lexicon.place('join'))}){G}"
        hours = rf"(?:{until})?{hour}{G}{clock}(?![间間간])(?:{G}\d{{1,2}}{G}[分분])?"
        return hours if self.lexicon.spaced_groups else rf"{hours}|\d{{3}} \d{{3}}(?![\d.,]\d)"


@lru_cache(maxsize=64)
def grammar(tag: str) -> Grammar:
    """Return the grammar for a BCP-47 tag. In an unknown language, it has only signs and codes."""
    return Grammar(lexicon(tag))


def _first_letters(words: Iterable[str]) -> str:
    """Return the first letters of words, for a set in a pattern."""
    return "".join(sorted(re.escape(letter) for letter in {word[0] for word in words}))
