"""A figure with its unit and hedges → Quantity; or nothing, when it is no amount."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.compose import Number
from dragoman.evidence.figures.folding import before_gap
from dragoman.evidence.figures.grammar import Word
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.number_words import is_alone, read
from dragoman.evidence.figures.numerals import LONGEST
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.surroundings import (  # fmt: skip
    OPEN,
    REACH,
    Preceding,
    begins_sentence,
    bounds,
    follows_letters,
    is_marker,
    left_of,
    name_end,
)
from dragoman.evidence.figures.units import PERCENTS, Measure, Tail, measured, tail_of, without_stop
from dragoman.evidence.figures.word_lists import Hit

_STRONG = {*PERCENTS, "money", "tenth", "times"}
"""Units of which a figure is an amount whatever stands in front."""

_MORE = Entry("inside", "more")
_DASHES = {"-", "−", "–"}
_MINUS = re.compile(r"(?:^|[\s(（\[:：，,;/])[-−–]$")
_JOINTS = frozenset("/&:–-")
_CLOCK = re.compile(r"\d{1,2}[.:]\d{2}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_APART = {"", " ", "\n", "("}
"""In front of a figure that is written together with no letters."""
_MAYBE_SCALE = "kmb."
_NEEDY = {"weak", "han"}
_NUMERAL = re.compile(r"\d+(?:[.,/-]\d+)*")


def read_amount(scan: Scan, at: int, since: int, word: Hit[Word] = None) -> tuple[FigureMatch | None, int]:
    """The amount whose figure begins at ``at``, and where to go on. ``since``: the end of the one before; ``word``: the
    word of number at ``at``, if it is one."""
    number, behind = read(scan.text, at, scan.grammar, word)
    if number is None:
        return None, _past(scan, at)
    end = number.end
    tail = tail_of(scan, end, behind)
    left = left_of(scan, at, since)
    if scan.text[end - 1] in _MAYBE_SCALE:
        if _is_letter_scale(scan, at, end, tail, left):
            number, _ = read(scan.text[at : end - 1].rstrip(), 0, scan.grammar)
            if number is None or (end - 1 == at + number.end and scan.printed(end - 1, end).isupper()):
                return None, end  # 221B
            end = at + number.end
            tail = tail_of(scan, end)
        if tail.unit is None and scan.text[end - 1] == ".":
            end = without_stop(scan, at, end)
    if number.digits:
        if end - at > 4 and (left.unit or (tail.unit and tail.unit.kind in ("noun", "money"))):
            number = _whole_thousands(scan.text[at:end], number)
        if name := _name(scan, at, end, tail, left):
            return None, max(name, end)
    if _is_no_amount(scan, at, end, number, tail, left):
        return None, max(end, tail.end)
    if _joins(scan, since, left):
        left = left._replace(word=None)
    found = _found(scan, at, end, number, tail, left)
    return found, found.quantity.end


def _past(scan: Scan, at: int) -> int:
    """Where to go on behind a figure at ``at`` that makes no number.

    A row of groups longer than any number is passed over as a whole: read again from each of its groups, it would cost
    the square of its length, and its last groups are no more a number than its first.
    """
    row = scan.grammar.number.match(scan.text, at)
    if row is not None and row.end() - at > LONGEST:
        return row.end()
    numeral = _NUMERAL.match(scan.text, at)
    return numeral.end() if numeral else at + 1


def says_nothing(scan: Scan, at: int, since: int, word: tuple[int, Word]) -> bool:
    """Whether a word that is a number only with a unit (one, 三) plainly has none, neither behind nor in front."""
    text, end = scan.text, at + word[0]
    if word[1][0] not in _NEEDY or text[end - 1] in _MAYBE_SCALE or not is_alone(text, end, scan.grammar):
        return False
    floor = since if since > at - REACH else at - REACH
    return scan.grammar.ahead.before(text, before_gap(text, at), floor).unit is None


def _whole_thousands(shown: str, number: Number) -> Number:
    """4,000 people and $26,750 are whole, whatever the decimal sign of the language."""
    if not _THOUSANDS.fullmatch(shown):
        return number
    value = Decimal(shown[:-4] + shown[-3:])
    return number._replace(value=value, mantissa=value)


def _is_letter_scale(scan: Scan, at: int, end: int, tail: Tail, left: Preceding) -> bool:
    """Whether the letter is none: $5m and 300 M€ are millions; 5 m are metres, 221B and 4K are names."""
    if scan.text[end - 1] == "." or left.unit or (tail.unit and tail.unit.kind == "money"):
        return False
    return end - at > 1 and not scan.text[end - 2].isalpha()


def _name(scan: Scan, at: int, end: int, tail: Tail, left: Preceding) -> int:
    """The end of the name that the digits are a part of, or 0. Arabic and Hebrew particles are no name."""
    text = scan.text
    if text[at - 1 : at] in _APART and (tail.unit or text[end : end + 1] in OPEN):
        return 0
    if left.unit or (left.word is not None and left.word.kind == "hedge" and follows_letters(text, at)):
        return 0
    if tail.unit:
        return tail.end if follows_letters(text, at) else 0
    shown = text[at:end]
    if (
        len(shown) == 4
        and shown.isdecimal()
        and scan.printed(at - 2, at).islower()
        and bare_year(int(shown), "", cued=False)
    ):
        return 0  # mid-2024
    return name_end(scan, at, end)


def _is_no_amount(scan: Scan, at: int, end: int, number: Number, tail: Tail, left: Preceding) -> bool:
    """Labels, clocks, list numbers, addresses, names; words that are no number without a unit."""
    unit, word = tail.unit, left.word
    if unit and unit.kind in ("label-after", "clock"):
        return True
    if (
        number.needs_unit
        and not left.unit
        and (not unit or (number.value in (0, 1) and unit.kind in ("noun", "times")))
    ):
        return True  # "one company" says no more than "a company"
    if left.unit or (unit and unit.kind in _STRONG) or (not number.digits and number.value and number.value >= 1000):
        return False
    if word and word.kind == "clock-before":
        hour = unit is not None and unit.meaning in ("hour", "minute")
        return hour or (unit is None and bool(_CLOCK.fullmatch(scan.text, at, end)))
    if word and word.kind == "brand" and unit and unit.kind == "noun":
        return True
    if not number.digits:
        return _is_surname(scan, at)
    return not unit and ((word is not None and word.kind in ("label", "brand")) or is_marker(scan, at, end))


def _is_surname(scan: Scan, at: int) -> bool:
    """A number word with a capital in the midst of a sentence: ông Ba, ke Lima."""
    if scan.language not in ("vi", "id", "ms"):
        return False
    first, _ = scan.folded.place(at, at + 1)
    return scan.original[first].isupper() and not begins_sentence(scan.original, first)


def _found(scan: Scan, at: int, end: int, number: Number, tail: Tail, left: Preceding) -> FigureMatch:
    value, start = number.value, left.unit_start if left.unit else at
    if value is not None:
        if scan.text[start - 1 : start] in _DASHES and _MINUS.search(scan.text, max(0, start - 2), start):
            value, start = -value, start - 1
        elif left.word is not None and left.word.kind == "minus":
            value, start = -value, left.word_start
    has_unit = tail.unit is not None or left.unit is not None
    shown = measured(scan, end, tail, value, left) if has_unit else Measure("count", None, value, end)
    if number.digits and end - at == 4 and (year := _year(scan, shown, left)):
        return FigureMatch(Quantity("date", None, None, None, None, year[1], start, end, year[0]))
    hedge = _hedge(number, tail, left)
    value = shown.value
    low, high, vague = bounds(hedge, value)
    if number.spread is not None and value is not None:
        low, high, vague = value, value + number.spread, True
        value = None
    bare = number.digits and not has_unit
    vague = vague or number.value is None
    quantity = Quantity(shown.kind, value, low, high, shown.unit, vague, start, shown.end)
    return FigureMatch(quantity, bare, number, has_unit, hedge, glued=bare and _is_glued(scan.text, at, end))


def _year(scan: Scan, shown: Measure, left: Preceding) -> tuple[str, bool] | None:
    """The year that four digits are (partial ISO, and whether it is vague), or None for a count."""
    if shown.kind != "count" or shown.value is None or (shown.unit is not None and not shown.unit[0].isupper()):
        return None
    cued = left.word is not None and left.word.kind in ("year-before", "year-cue")
    return bare_year(int(shown.value), scan.language, cued=cued)


def _joins(scan: Scan, since: int, left: Preceding) -> bool:
    """с 5 % до 7 %: the word that may mean "up to" joins the two, and hedges nothing."""
    if left.word is None or left.word.meaning != "atmost" or not since:
        return False
    return not scan.text[since : left.word_start].strip()


def _hedge(number: Number, tail: Tail, left: Preceding) -> Entry | None:
    if number.more:
        return _MORE
    if tail.hedge is not None:
        return tail.hedge
    return left.word if left.word is not None and left.word.kind == "hedge" else None


def _is_glued(text: str, at: int, end: int) -> bool:
    behind, ahead = text[end : end + 2], text[max(0, at - 2) : at]
    return (behind[:1] in _JOINTS and behind[1:].isdecimal()) or (ahead[1:] in _JOINTS and ahead[:1].isdecimal())
