"""Read a figure with its unit and hedges → Quantity, or nothing if it is not an amount."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.abbreviations import is_ambiguous, with_abbreviation
from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.compose import SCALE_FIRST, Number
from dragoman.evidence.figures.folding import gap_end, gap_start
from dragoman.evidence.figures.hits import NumberWord
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.number_words import read_number, stands_alone
from dragoman.evidence.figures.numerals import LONGEST, trimmed
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.surroundings import (  # fmt: skip
    BOUNDARIES,
    REACH,
    Preceding,
    begins_sentence,
    bounded,
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
    unit_factor,
    without_full_stop,
)
from dragoman.evidence.figures.word_lists import Hit

_CERTAIN_UNITS = {*PERCENTS, "money", "scaled", "tenth", "times"}
"""Kinds of units with which a figure is an amount, whatever stands before it."""

_MORE = Entry("inside", "more")
_DASHES = {"-", "−", "–"}
_MINUS = re.compile(r"(?:^|[\s(（\[:：，,;/])[-−–]$")
_JOINING_SIGNS = frozenset("/&:–-")
_CLOCK = re.compile(r"\d{1,2}[.:]\d{2}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_THREE_DECIMALS = {"KWD", "BHD", "OMR", "JOD", "IQD", "TND", "LYD"}
"""Currencies with a thousand small units (ISO 4217, exponent 3)."""
_CONFERENCE_DIGITS = 2
_BEFORE_NO_LETTER = {"", " ", "\n", "("}
"""What stands before a figure that is not joined to letters."""
_MAYBE_SCALE = "kmb."
_OPEN_SCALE = re.compile(r"[kmbt](?![^\W_])")
"""A letter that is a power of ten in some language, directly after the digits."""
_NEED_UNIT = {"weak", "han"}
_NUMERAL = re.compile(r"\d+(?:[.,/-]\d+)*")


def read_amount(scan: Scan, at: int, previous_end: int, word: Hit[NumberWord] = None) -> tuple[FigureMatch | None, int]:
    """Return the amount whose figure begins at ``at``, or None if there is none, and where to continue.

    ``previous_end`` is the end of the figure before; ``word`` is the hit of the number word at ``at``, if it is one.
    """
    number, after_hits = read_number(scan.text, at, scan.grammar, word)
    if number is None:
        return None, _skip_end(scan, at)
    end = number.end
    if number.is_silent:
        return _ordinal(number, at), end
    if number.digits and number.value is not None and scan.language in SCALE_FIRST:
        scale = scan.grammar.scales.before(scan.text, at)
        if scale is not None and scale[0] < at:  # ද2 is 2,000
            number = number._replace(value=trimmed(number.value * Decimal(scale[1].meaning)), digits=False)
    following = read_following(scan, end, after_hits)
    preceding = read_preceding(scan, at, previous_end)
    is_name = False
    if scan.text[end - 1] in _MAYBE_SCALE and _is_letter_scale(scan, at, end, following, preceding):
        number, _ = read_number(scan.text[at : end - 1].rstrip(), 0, scan.grammar)
        if number is None:
            return None, end
        number = number._replace(end=at + number.end)
        is_name = number.end == end - 1 and scan.printed(number.end, end).isupper()  # 221B
        end = number.end
        following = read_following(scan, end)
    if scan.grammar.lexicon.abbreviations:
        abbreviated = with_abbreviation(scan, at, number, money=_is_money(preceding.unit))
        if abbreviated is not None:
            number, end, is_name = abbreviated, abbreviated.end, _is_labelled(preceding)
            following = read_following(scan, end)
        elif not preceding.unit and is_ambiguous(scan, end):
            is_name = True
    if is_name:
        return None, end + 1
    if following.unit is None and scan.text[end - 1] == ".":
        end = without_full_stop(scan, at, end)
    if _is_money(following.unit) and (scaled := _scale_after_sign(scan, number, following)):
        number, following = scaled
    if number.digits:
        if end - at > 4 and _counts_whole(scan, at, end, following, preceding):
            number = _whole_thousands(scan.text[at:end], number)
        if name := _name_end(scan, at, end, following, preceding):
            return None, max(name, end)
    if _is_conference(scan.text[at:end], preceding) or _is_no_amount(scan, at, end, number, following, preceding):
        return None, max(end, following.end)
    if _is_connector(scan, at, previous_end, preceding):
        preceding = preceding._replace(word=None)
    match = _match(scan, at, end, number, following, preceding)
    return match, match.quantity.end


def _ordinal(number: Number, at: int) -> FigureMatch | None:
    if number.value is None:
        return None
    return FigureMatch(Quantity("ordinal", number.value, None, None, None, False, at, number.end), standalone=True)


def _is_money(unit: Entry | None) -> bool:
    return unit is not None and unit.kind in ("money", "money-before")


def _scale_after_sign(scan: Scan, number: Number, following: Following) -> tuple[Number, Following] | None:
    """Read the scale after the sign of the money, and a name of the money after it: 37$ بلین ڈالر. None without one."""
    if number.value is None or scan.text[following.end - 1].isalpha():
        return None
    scale = scan.grammar.scales.at(scan.text, gap_end(scan.text, following.end))
    if scale is None:
        return None
    name = read_following(scan, scale[0])
    end = name.end if _is_money(name.unit) else scale[0]
    value = trimmed(number.value * Decimal(scale[1].meaning))
    return number._replace(value=value, digits=False), following._replace(end=end, hedge=name.hedge)


def _is_labelled(preceding: Preceding) -> bool:
    return preceding.word is not None and preceding.word.kind in ("label", "brand") and preceding.unit is None


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
    if (
        is_whole_text(text, at, end)
        or word[1][0] not in _NEED_UNIT
        or text[end - 1] in _MAYBE_SCALE
        or not stands_alone(text, end, scan.grammar)
    ):
        return False
    floor = previous_end if previous_end > at - REACH else at - REACH
    return scan.grammar.before_words.before(text, gap_start(text, at), floor).unit is None


def is_whole_text(text: str, at: int, end: int) -> bool:
    """Whether a text is nothing but the figure, as in a cell of a table. Then a word for one is a number."""
    return not text[:at].strip() and not text[end:].strip(" .")


def _counts_whole(scan: Scan, at: int, end: int, following: Following, preceding: Preceding) -> bool:
    """Whether three digits after a separator are thousands, whatever the decimal sign of the language is: 4,000 people,
    $26,750, and 4,000 alone. Dinars of 1000 fils have three decimals.
    """
    units = [unit for unit in (preceding.unit, following.unit) if unit is not None]
    if any(unit.kind.startswith("money") and unit.meaning in _THREE_DECIMALS for unit in units):
        return scan.text[end - 4] != scan.grammar.decimal
    if preceding.unit is not None or (following.unit is not None and following.unit.kind in ("noun", "money")):
        return True
    return following.unit is None and scan.text.startswith("000", end - 3)


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
    if preceding.unit and following.unit is None and _OPEN_SCALE.match(text, end):
        return end + 1  # US$5B in Spanish: the English billion or the Spanish one
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
        and not is_whole_text(scan.text, at, end)
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


def _is_conference(numeral: str, preceding: Preceding) -> bool:
    """Whether it is a climate conference (COP28, COP 30) instead of pesos of Colombia, where 99 of them buy nothing."""
    unit = preceding.unit
    return unit is not None and unit.meaning == "COP" and numeral.isdecimal() and len(numeral) <= _CONFERENCE_DIGITS


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
    is_hedged = following.hedge is not None  # 2000-ға жуық адам
    if number.digits and end - at == 4 and not is_hedged and (year := _year(scan, measure, preceding)):
        return FigureMatch(Quantity("date", None, None, None, None, year[1], start, end, year[0]))
    hedge = _hedge(number, following, preceding)
    if has_unit and number.value is not None and (factor := unit_factor(following, preceding)) != 1:
        spread = None if number.spread is None else number.spread * factor
        number = number._replace(value=number.value * factor, digits=False, spread=spread)
    bare = number.digits and not has_unit
    is_vague = number.value is None
    quantity = Quantity(measure.kind, measure.value, None, None, measure.unit, is_vague, start, measure.end)
    if number.spread is not None and measure.value is not None:
        high = measure.value + number.spread
        quantity = quantity._replace(value=None, low=measure.value, high=high, bound="about")
    else:
        quantity = bounded(quantity, hedge)
    return FigureMatch(quantity, bare, number, has_unit, hedge, glued=bare and _is_glued(scan.text, at, end))


def _year(scan: Scan, measure: Measure, preceding: Preceding) -> tuple[str, bool] | None:
    """Return the year that four digits mean, as partial ISO, and whether it is vague; None for a count."""
    if measure.kind != "count" or measure.value is None or (measure.unit is not None and not measure.unit[0].isupper()):
        return None
    has_cue = preceding.word is not None and preceding.word.kind in ("year-before", "year-cue")
    return bare_year(int(measure.value), scan.language, has_cue=has_cue)


def _is_connector(scan: Scan, at: int, previous_end: int, preceding: Preceding) -> bool:
    """Whether a word that may mean "up to" means "to": between two figures (с 5 % до 7 %), or after a word of change
    (вырос до 7 %)."""
    if preceding.word is None or preceding.word.meaning != "atmost":
        return False
    start = preceding.word_start
    if previous_end and not scan.text[previous_end:start].strip():
        return True
    words = scan.text[start : preceding.unit_start or at].split()
    if not words or words[0] not in scan.grammar.connectors or " ".join(words) in scan.grammar.connectors - {words[0]}:
        return False
    return bool(scan.grammar.change.search(scan.text, max(0, start - REACH), start))


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
