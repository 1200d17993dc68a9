"""Read a figure with its unit and hedges → Quantity, or nothing if it is not an amount."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.compose import Number
from dragoman.evidence.figures.folding import gap_start
from dragoman.evidence.figures.hits import NumberWord
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.number_words import read_number, stands_alone
from dragoman.evidence.figures.numerals import LONGEST
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.surroundings import (  # fmt: skip
    BOUNDARIES,
    REACH,
    Preceding,
    begins_sentence,
    bounds,
    follows_letters,
    is_marker,
    name_end,
    read_preceding,
)
from dragoman.evidence.figures.units import (
    PERCENTS,
    Following,
    Measure,
    read_following,
    read_measure,
    without_full_stop,
)
from dragoman.evidence.figures.word_lists import Hit

_CERTAIN_UNITS = {*PERCENTS, "money", "tenth", "times"}
"""Kinds of units with which a figure is an amount, whatever stands before it."""

_MORE = Entry("inside", "more")
_DASHES = {"-", "−", "–"}
_MINUS = re.compile(r"(?:^|[\s(（\[:：，,;/])[-−–]$")
_JOINING_SIGNS = frozenset("/&:–-")
_CLOCK = re.compile(r"\d{1,2}[.:]\d{2}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_BEFORE_NO_LETTER = {"", " ", "\n", "("}
"""What stands before a figure that is not joined to letters."""
_MAYBE_SCALE = "kmb."
_NEED_UNIT = {"weak", "han"}
_FRAME = 4
"""Characters around a number that is the whole text: spaces, of which more than two are no part of a cell."""
_NUMERAL = re.compile(r"\d+(?:[.,/-]\d+)*")


def read_amount(scan: Scan, at: int, previous_end: int, word: Hit[NumberWord] = None) -> tuple[FigureMatch | None, int]:
    """Return the amount whose figure begins at ``at``, or None if there is none, and where to continue.

    ``previous_end`` is the end of the figure before; ``word`` is the hit of the number word at ``at``, if it is one.
    """
    number, after_hits = read_number(scan.text, at, scan.grammar, word)
    if number is None:
        return None, _skip_end(scan, at)
    if number.silent:
        return None, number.end
    end = number.end
    following = read_following(scan, end, after_hits)
    preceding = read_preceding(scan, at, previous_end)
    if scan.text[end - 1] in _MAYBE_SCALE:
        if _is_letter_scale(scan, at, end, following, preceding):
            number, _ = read_number(scan.text[at : end - 1].rstrip(), 0, scan.grammar)
            if number is None or (end - 1 == at + number.end and scan.printed(end - 1, end).isupper()):
                return None, end  # 221B
            end = at + number.end
            following = read_following(scan, end)
        if following.unit is None and scan.text[end - 1] == ".":
            end = without_full_stop(scan, at, end)
    if number.digits:
        if end - at > 4 and (preceding.unit or (following.unit and following.unit.kind in ("noun", "money"))):
            number = _whole_thousands(scan.text[at:end], number)
        if name := _name_end(scan, at, end, following, preceding):
            return None, max(name, end)
    if _is_no_amount(scan, at, end, number, following, preceding):
        return None, max(end, following.end)
    if _is_connector(scan, previous_end, preceding):
        preceding = preceding._replace(word=None)
    match = _match(scan, at, end, number, following, preceding)
    return match, match.quantity.end


def _skip_end(scan: Scan, at: int) -> int:
    """Return where to continue after a figure at ``at`` that makes no number.

    A row of groups longer than any number is skipped as a whole. Reading it again from each of its groups would take
    quadratic time, and its last groups are no more a number than its first.
    """
    row = scan.grammar.number.match(scan.text, at)
    if row is not None and row.end() - at > LONGEST:
        return row.end()
    numeral = _NUMERAL.match(scan.text, at)
    return numeral.end() if numeral else at + 1


def lacks_unit(scan: Scan, at: int, previous_end: int, word: tuple[int, NumberWord]) -> bool:
    """Whether a word that is a number only with a unit (one, 三) clearly has none, neither after nor before it."""
    text, end = scan.text, at + word[0]
    if is_whole(scan, at, end) or word[1][0] not in _NEED_UNIT or text[end - 1] in _MAYBE_SCALE or not stands_alone(text, end, scan.grammar):
        return False
    floor = previous_end if previous_end > at - REACH else at - REACH
    return scan.grammar.before_words.before(text, gap_start(text, at), floor).unit is None


def is_whole(scan: Scan, at: int, end: int) -> bool:
    """Whether a number is the whole text, such as a cell of a table. Then even "one" is a figure."""
    return len(scan.text) - (end - at) < _FRAME and not (scan.text[:at] + scan.text[end:]).strip()


def _whole_thousands(numeral: str, number: Number) -> Number:
    """Read 4,000 people and $26,750 as whole numbers, whatever the decimal sign of the language is."""
    if not _THOUSANDS.fullmatch(numeral):
        return number
    value = Decimal(numeral[:-4] + numeral[-3:])
    return number._replace(value=value, mantissa=value)


def _is_letter_scale(scan: Scan, at: int, end: int, following: Following, preceding: Preceding) -> bool:
    """Whether the last letter is not a scale: $5m and 300 M€ are millions, but 5 m are metres, 221B and 4K are names."""
    if scan.text[end - 1] == "." or preceding.unit or (following.unit and following.unit.kind == "money"):
        return False
    return end - at > 1 and not scan.text[end - 2].isalpha()


def _name_end(scan: Scan, at: int, end: int, following: Following, preceding: Preceding) -> int:
    """Return the end of the name that the digits belong to, or 0. Arabic and Hebrew particles make no name."""
    text = scan.text
    if text[at - 1 : at] in _BEFORE_NO_LETTER and (following.unit or text[end : end + 1] in BOUNDARIES):
        return 0
    if preceding.unit or (preceding.word is not None and preceding.word.kind == "hedge" and follows_letters(text, at)):
        return 0
    if following.unit:
        return following.end if follows_letters(text, at) else 0
    digits = text[at:end]
    if (
        len(digits) == 4
        and digits.isdecimal()
        and scan.printed(at - 2, at).islower()
        and bare_year(int(digits), "", has_cue=False)
    ):
        return 0  # mid-2024
    return name_end(scan, at, end)


def _is_no_amount(scan: Scan, at: int, end: int, number: Number, following: Following, preceding: Preceding) -> bool:
    """Whether the figure is a label, a clock time, a list number, an address or a name, or lacks the unit it needs."""
    unit, word = following.unit, preceding.word
    if unit and unit.kind in ("label-after", "clock"):
        return True
    if (
        number.needs_unit
        and not is_whole(scan, at, end)
        and not preceding.unit
        and (not unit or (number.value in (0, 1) and unit.kind in ("noun", "times")))
    ):
        return True  # "one company" says no more than "a company"
    if (
        preceding.unit
        or (unit and unit.kind in _CERTAIN_UNITS)
        or (not number.digits and number.value and number.value >= 1000)
    ):
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
    """Whether a number word with a capital inside a sentence is a name: ông Ba, ke Lima."""
    if scan.language not in ("vi", "id", "ms"):
        return False
    first, _ = scan.folded.original_range(at, at + 1)
    return scan.original[first].isupper() and not begins_sentence(scan.original, first)


def _match(scan: Scan, at: int, end: int, number: Number, following: Following, preceding: Preceding) -> FigureMatch:
    value, start = number.value, preceding.unit_start if preceding.unit else at
    if value is not None:
        if scan.text[start - 1 : start] in _DASHES and _MINUS.search(scan.text, max(0, start - 2), start):
            value, start = -value, start - 1
        elif preceding.word is not None and preceding.word.kind == "minus":
            value, start = -value, preceding.word_start
    has_unit = following.unit is not None or preceding.unit is not None
    measure = read_measure(scan, end, following, value, preceding) if has_unit else Measure("count", None, value, end)
    if number.digits and end - at == 4 and (year := _year(scan, measure, preceding)):
        return FigureMatch(Quantity("date", None, None, None, None, year[1], start, end, year[0]))
    hedge = _hedge(number, following, preceding)
    value = measure.value
    low, high, vague = bounds(hedge, value)
    if number.spread is not None and value is not None:
        low, high, vague = value, value + number.spread, True
        value = None
    bare = number.digits and not has_unit
    vague = vague or number.value is None
    quantity = Quantity(measure.kind, value, low, high, measure.unit, vague, start, measure.end)
    return FigureMatch(quantity, bare, number, has_unit, hedge, glued=bare and _is_glued(scan.text, at, end))


def _year(scan: Scan, measure: Measure, preceding: Preceding) -> tuple[str, bool] | None:
    """Return the year that four digits mean, as partial ISO, and whether it is vague; None for a count."""
    if measure.kind != "count" or measure.value is None or (measure.unit is not None and not measure.unit[0].isupper()):
        return None
    has_cue = preceding.word is not None and preceding.word.kind in ("year-before", "year-cue")
    return bare_year(int(measure.value), scan.language, has_cue=has_cue)


def _is_connector(scan: Scan, previous_end: int, preceding: Preceding) -> bool:
    """Whether a word that may mean "up to" joins two figures instead of hedging the second: с 5 % до 7 %."""
    if preceding.word is None or preceding.word.meaning != "atmost" or not previous_end:
        return False
    return not scan.text[previous_end : preceding.word_start].strip()


def _hedge(number: Number, following: Following, preceding: Preceding) -> Entry | None:
    if number.more:
        return _MORE
    if following.hedge is not None:
        return following.hedge
    return preceding.word if preceding.word is not None and preceding.word.kind == "hedge" else None


def _is_glued(text: str, at: int, end: int) -> bool:
    after, before = text[end : end + 2], text[max(0, at - 2) : at]
    return (after[:1] in _JOINING_SIGNS and after[1:].isdecimal()) or (
        before[1:] in _JOINING_SIGNS and before[:1].isdecimal()
    )
