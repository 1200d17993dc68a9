"""A figure with its unit and hedges → Quantity; or nothing, when it is no amount."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.figures.calendars import bare_year
from dragoman.figures.context import (
    Left,
    begins_sentence,
    bounds,
    follows_letters,
    follows_name,
    is_address,
    is_list_number,
    left_of,
    name_end,
)  # fmt: skip
from dragoman.figures.lexicon import Entry
from dragoman.figures.quantity import Quantity
from dragoman.figures.runs import read
from dragoman.figures.site import Found, Site
from dragoman.figures.sums import Number
from dragoman.figures.units import PERCENTS, Tail, measured, tail_of, without_stop

_STRONG = {*PERCENTS, "money", "tenth", "times"}
"""Units of which a figure is an amount whatever stands in front."""

_MORE = Entry("inside", "more")
_ONE = Decimal(1)
_LONGEST_BARE = 5
"""Characters of a figure that may be part of a name."""

_DASHES = {"-", "−", "–"}
_MINUS = re.compile(r"(?:^|[\s(（\[:：，,;/])[-−–]$")
_JOINED_BEHIND = re.compile(r"[/&:–-]\d")
_JOINED_AHEAD = re.compile(r"\d[/&:–-]$")
_CLOCK = re.compile(r"\d{1,2}[.:]\d{2}")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_NUMERAL = re.compile(r"\d+(?:[.,/-]\d+)*")
_ZEROS = "0०০٠۰๐௦"


def read_amount(site: Site, at: int, since: int) -> tuple[Found | None, int]:
    """The amount whose figure begins at ``at``, and where to go on. ``since``: the end of the one before."""
    number = read(site.text, at, site.grammar)
    if number is None:
        numeral = _NUMERAL.match(site.text, at)
        return None, numeral.end() if numeral else at + 1
    end = number.end
    tail = tail_of(site, end)
    left = left_of(site, at, since)
    if (
        site.text[end - 1] in "kmb"
        and _is_letter_scale(site, at, end)
        and not left.unit
        and not (tail.unit and tail.unit.kind == "money")
    ):
        number = read(site.text[at : end - 1].rstrip(), 0, site.grammar)
        if number is None or (end - 1 == at + number.end and site.printed(end - 1, end).isupper()):
            return None, end  # 221B
        end = at + number.end
        tail = tail_of(site, end)
    if tail.unit is None and site.text[end - 1] == ".":
        end = without_stop(site, at, end)
    if number.digits and end - at > 4 and (left.unit or (tail.unit and tail.unit.kind in ("noun", "money"))):
        number = _whole_thousands(site.text[at:end], number)
    if number.digits and (name := _name(site, at, end, tail, left)):
        return None, max(name, end)
    if _is_no_amount(site, at, end, number, tail, left):
        return None, max(end, tail.end)
    if _joins(site, since, left):
        left = left._replace(word=None)
    found = _found(site, at, end, number, tail, left)
    return found, found.quantity.end


def _whole_thousands(shown: str, number: Number) -> Number:
    """4,000 people and $26,750 are whole, whatever the decimal sign of the language."""
    if not _THOUSANDS.fullmatch(shown):
        return number
    value = Decimal(shown[:-4] + shown[-3:])
    return number._replace(value=value, mantissa=value)


def _is_letter_scale(site: Site, at: int, end: int) -> bool:
    """$5m and 300 M€ are millions; 5 m are metres, 221B and 4K are names."""
    return end - at > 1 and not site.text[end - 2].isalpha()


def _name(site: Site, at: int, end: int, tail: Tail, left: Left) -> int:
    """The end of the name that the digits are a part of, or 0. Arabic and Hebrew particles are no name."""
    if left.unit or (left.word is not None and left.word.kind == "hedge" and follows_letters(site, at)):
        return 0
    if tail.unit:
        return tail.end if follows_letters(site, at) else 0
    shown = site.text[at:end]
    if (
        len(shown) == 4
        and shown.isdecimal()
        and site.printed(at - 2, at).islower()
        and bare_year(int(shown), "", cued=False)
    ):
        return 0  # mid-2024
    return name_end(site, at, end)


def _is_no_amount(site: Site, at: int, end: int, number: Number, tail: Tail, left: Left) -> bool:
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
        return hour or (unit is None and bool(_CLOCK.fullmatch(site.text, at, end)))
    if word and word.kind == "brand" and unit and unit.kind == "noun":
        return True
    if unit or not number.digits:
        return _is_surname(site, at, number)
    return (word is not None and word.kind in ("label", "brand")) or _is_marker(site, at, end)


def _is_marker(site: Site, at: int, end: int) -> bool:
    """Whether a bare figure marks something: an item, a house, a product."""
    if end - at > 1 and site.text[at] in _ZEROS and site.text[at + 1].isdecimal():
        return True
    if is_list_number(site.text, at, end) or is_address(site, at, end):
        return True
    return end - at <= _LONGEST_BARE and follows_name(site, at, end)


def _is_surname(site: Site, at: int, number: Number) -> bool:
    """A number word with a capital in the midst of a sentence: ông Ba, ke Lima."""
    if number.digits or site.language not in ("vi", "id", "ms"):
        return False
    first, _ = site.folded.place(at, at + 1)
    return site.original[first].isupper() and not begins_sentence(site.original, first)


def _found(site: Site, at: int, end: int, number: Number, tail: Tail, left: Left) -> Found:
    value, start = number.value, left.start
    dash = site.text[start - 1 : start] in _DASHES and _MINUS.search(site.text, max(0, start - 2), start)
    if value is not None and dash:
        value, start = -value, start - 1
    elif value is not None and left.word is not None and left.word.kind == "minus":
        value, start = -value, left.word_start
    shown = measured(site, end, tail, value, left)
    plain = shown.kind == "count" and number.digits and end - at == 4
    if plain and value is not None and (shown.unit is None or shown.unit[0].isupper()):
        cued = left.word is not None and left.word.kind in ("year-before", "year-cue")
        year = bare_year(int(value), site.language, cued=cued)
        if year is not None:
            return Found(Quantity("date", None, None, None, None, year[1], start, end, year[0]))
    hedge = _hedge(number, tail, left)
    value = shown.value
    low, high, vague = bounds(hedge, value)
    if number.spread is not None and value is not None:
        low, high, vague = value, value + number.spread, True
        value = None
    bare = number.digits and tail.unit is None and left.unit is None
    return Found(
        Quantity(shown.kind, value, low, high, shown.unit, vague or number.value is None, start, shown.end),
        bare=bare,
        mantissa=number.mantissa,
        scale=_ONE if number.digits or not number.mantissa or not number.value else number.value / number.mantissa,
        has_unit=tail.unit is not None or left.unit is not None,
        hedge=hedge,
        glued=bare and _is_glued(site.text, at, end),
    )


def _joins(site: Site, since: int, left: Left) -> bool:
    """с 5 % до 7 %: the word that may mean "up to" joins the two, and hedges nothing."""
    if left.word is None or left.word.meaning != "atmost" or not since:
        return False
    return not site.text[since : left.word_start].strip()


def _hedge(number: Number, tail: Tail, left: Left) -> Entry | None:
    if number.more:
        return _MORE
    if tail.hedge is not None:
        return tail.hedge
    return left.word if left.word is not None and left.word.kind == "hedge" else None


def _is_glued(text: str, at: int, end: int) -> bool:
    return bool(_JOINED_BEHIND.match(text, end)) or bool(_JOINED_AHEAD.search(text, max(0, at - 2), at))
