"""Whole phrases that are a quantity: half, doubled, third, عامين, 三分之一; ordinals with digits."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.figures.calendars import bare_year
from dragoman.figures.context import bounds, left_of
from dragoman.figures.lexicon import Entry
from dragoman.figures.numerals import fraction
from dragoman.figures.quantity import Kind, Quantity
from dragoman.figures.runs import read
from dragoman.figures.site import Found, Site

Reading = tuple[Found | None, int]
"""What was found, and where to go on."""

_KINDS: dict[str, Kind] = {"fraction": "other", "multiple": "other", "ordinal": "ordinal", "span": "span"}
_FIRST_YEAR = 1000
_OF_ONE_YEAR = {"-й", "-го", "-му", "-м"}
_AMOUNTS = ("time", "money", "percent", "points")


def read_phrase(site: Site, at: int, since: int) -> Reading | None:
    """A phrase of the table at ``at``: a quantity, or words that only look like one. None when there is none."""
    phrase = site.grammar.phrase.match(site.text, at)
    if not phrase:
        return None
    entry = site.grammar.words.entry("phrase", phrase[0])
    end = phrase.end()
    if _is_longer_amount(site, at, end, entry):
        return None
    if entry.kind == "skip":
        return None, end
    shown = site.printed(at, end)
    if entry.kind == "ordinal" and site.language == "vi" and shown.split()[-1][0].isupper():
        return None, end  # thứ Ba is a day of the week
    unit = {"multiple": "×", "span": shown}.get(entry.kind)
    return _whole(site, at, end, _KINDS[entry.kind], _value(entry), unit, since), end


def _is_longer_amount(site: Site, at: int, end: int, entry: Entry) -> bool:
    """Whether a number word makes more of it: 十分 is "very", 十分钟 are ten minutes."""
    longer = site.grammar.amount.match(site.text, at)
    if not longer:
        return False
    if longer.end() > end or entry.kind != "skip":
        return longer.end() > end
    tail = site.grammar.tail.match(site.text, longer.end())
    if not tail or not tail["unit"] or tail.end("unit") <= end:
        return False
    return site.grammar.words.entry("unit", tail["unit"]).kind in _AMOUNTS


def _value(entry: Entry) -> Decimal:
    over, _, under = entry.meaning.partition("/")
    value = fraction(Decimal(over), Decimal(under)) if under else Decimal(over)
    assert value is not None
    return value


def _whole(site: Site, at: int, end: int, kind: Kind, value: Decimal, unit: str | None, since: int) -> Found:
    word = left_of(site, at, since).word
    hedge = word if word is not None and word.kind == "hedge" else None
    after = site.grammar.tail.match(site.text, end)
    if after and after["after"] and not after["unit"]:
        hedge = site.grammar.words.entry("after", after["after"])
    if kind == "ordinal":
        hedge = None
    low, high, vague = bounds(hedge, value)
    quantity = Quantity(kind, value, low, high, unit, vague, at, end)
    return Found(quantity, has_unit=True, hedge=hedge, whole=kind in ("other", "ordinal"))


def read_ordinal(site: Site, at: int, since: int) -> Reading | None:
    """第18届, thứ 12, 20th, 3-й; a part of a book or law (第3条) is none."""
    match = site.grammar.ordinal.match(site.text, at)
    if not match:
        return None
    end = match.end()
    word = left_of(site, at, since).word
    if not _is_ordinal(site, match, end, word):
        return None
    number = read(match["n"] or match["m"], site.grammar)
    if number is None or number.value is None or (word is not None and word.kind == "label"):
        return None, end
    if number.value >= _FIRST_YEAR and match["m"]:
        return _year(site, match), end
    if section := site.grammar.section.match(site.text, end):
        return None, section.end()
    return Found(Quantity("ordinal", number.value, None, None, None, False, at, end), whole=True), end


def _year(site: Site, match: re.Match[str]) -> Found | None:
    """2014-го is a year, 1980-е a decade."""
    date = bare_year(int(match["m"]), site.language, cued=False)
    if date is None or match["after"] not in _OF_ONE_YEAR:
        return None
    return Found(Quantity("date", None, None, None, None, date[1], *match.span(), date[0]), whole=True)


def _is_ordinal(site: Site, match: re.Match[str], end: int, word: Entry | None) -> bool:
    """A full stop makes an ordinal with a word in front ("der 3. Platz"), or a small letter behind ("3. místo")."""
    cued = word is not None and word.kind == "ordinal-cue"
    if match["before"] == "ที่":
        return cued  # "at" as well as "-th"
    if match["after"] != ".":
        return True
    following = site.printed(end, end + 2)
    if not (following[:1].isspace() and following[1:].isalpha()):
        return False
    return cued if site.language == "de" else following[1:].islower()


def _is_decimal_stroke(site: Site, at: int, end: int) -> bool:
    """۲/۵ میلیون and ۲/۵ درصد are 2.5 in Persian print."""
    run = site.grammar.amount.match(site.text, at)
    tail = site.grammar.tail.match(site.text, end)
    percent = tail and tail["unit"] and site.grammar.words.entry("unit", tail["unit"]).kind == "percent"
    return (run is not None and run.end() > end) or bool(percent)


def read_fraction(site: Site, at: int, since: int) -> Reading | None:
    """三分之一, 3分の1, 1/40; 百分之六 is a percentage."""
    match = site.grammar.fraction.match(site.text, at)
    if not match:
        return None
    end = match.end()
    if match["over"] and site.language == "fa" and _is_decimal_stroke(site, at, end):
        return None
    if match["over"]:
        value = fraction(Decimal(match["over"]), Decimal(match["under"]))
        if value is None or value >= 1:
            return None, end  # 24/7
        return _whole(site, at, end, "other", value, None, since), end
    under, over = read(match["divisor"], site.grammar), read(match["dividend"], site.grammar)
    if under is None or over is None or not under.value or over.value is None:
        return None, end
    if under.value == 100:
        return _whole(site, at, end, "percent", over.value, "%", since), end
    value = fraction(over.value, under.value)
    assert value is not None
    return _whole(site, at, end, "other", value, None, since), end
