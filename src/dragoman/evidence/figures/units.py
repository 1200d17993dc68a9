"""Read the unit before or after a number, which decides kind, unit and value of the quantity."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from dragoman.evidence.figures.cldr import CURRENCIES
from dragoman.evidence.figures.folding import gap_end, is_letter
from dragoman.evidence.figures.hits import AfterHits
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.numerals import fraction, trimmed
from dragoman.evidence.figures.quantity import Kind
from dragoman.evidence.figures.scan import Scan
from dragoman.evidence.figures.surroundings import Preceding, is_lowercase_code

PERCENTS = {"percent": "%", "points": "pp", "basis": "bp", "permille": "‰"}
_HUNDREDTHS = re.compile(r"([一二三四五六七八九]|\d)分?(?![一二三四五六七八九十百千万\d.])")
_AFTER_HEDGE = {*PERCENTS, "money", "measure", "time"}
"""Kinds of units that may stand after a hedge that follows the number."""

_ORDINAL_HYPHEN = {"kk", "uz"}
"""Languages in which a hyphen makes an ordinal of the number before a noun: 65-минутта, in the 65th minute."""

_LONGEST_ENDING = 16
"""Letters at the end of a word among which a hedge may begin; the longest, of Kannada, has 12 before its space."""

_TENTH = Decimal(10)
"""Per cent in a tenth."""
_CODE_LENGTH = 3
"""Letters of a currency code of ISO 4217."""
PETABYTES = "PB"
"""In capitals, it does not mean the basis points that several languages write ``pb``."""
_CLOSING = "»”\"'"


class Following(NamedTuple):
    """What follows a number: its unit, from ``start`` to ``end``, and a hedge. Without a unit, both offsets are 0."""

    unit: Entry | None
    start: int
    end: int
    hedge: Entry | None = None


_NOTHING = Following(None, 0, 0)


class Measure(NamedTuple):
    """A number together with its unit: kind, unit and value, and where the words of the unit end."""

    kind: Kind
    unit: str | None
    value: Decimal | None
    end: int


def read_following(scan: Scan, end: int, after_hits: AfterHits | None = None) -> Following:
    """Read what follows the number that ends at ``end``.

    ``after_hits`` are the hits of the words after the gap, if the caller has looked them up.
    """
    text = scan.text
    gap = gap_end(text, end)
    if after_hits is None:
        after_hits = scan.grammar.after_words.at(text, gap)
    match = unit_after(scan, gap, after_hits) if after_hits.unit or after_hits.of else None
    ending = hedge_ending(scan, end)
    if match is None and (hedged := _unit_after_hedge(scan, gap, after_hits, ending)):
        return hedged
    if match is None and text[end : end + 1] == "-" and scan.language not in _ORDINAL_HYPHEN:
        match = unit_after(scan, end + 1)
    if match is None and text[gap : gap + 1] != ",":
        hit = after_hits.hedge
        hedge = _own_hedge(scan, gap, gap + hit[0], hit[1]) if hit else ending and ending[1]
        return Following(None, 0, 0, hedge) if hedge else _NOTHING
    begin, stop, unit = _code_or_word(scan, match) if match else (end, end, None)
    hedge = hedge_at(scan, gap_end(text, stop)) or next(
        (found[1] for found in (hedge_ending(scan, stop), ending) if found), None
    )
    if unit is not None and unit.kind == "nothing" and after_hits.hedge:
        hedge = hedge or after_hits.hedge[1]
    if unit is None or unit.kind == "nothing" or _is_no_unit(scan, unit, end, begin, stop):
        return Following(None, 0, 0, hedge) if hedge else _NOTHING
    begin += text[begin] == "-"
    if text[stop - 1] == ".":
        stop = without_full_stop(scan, begin, stop)
    return Following(unit, begin, stop, hedge)


def hedge_ending(scan: Scan, end: int) -> tuple[int, Entry] | None:
    """Return where a hedge ends that begins inside the word that ends at ``end``, and its entry: 20 मिल्यन|हून अधिक."""
    endings = scan.grammar.hedge_endings
    if not endings:
        return None
    start = end
    while end - start < _LONGEST_ENDING and is_letter(scan.text, start - 1):
        start -= 1
    hits = (endings.at(scan.text, at) for at in range(start + 1, end))
    return next((hit for hit in hits if hit and hit[0] >= end), None)


def _unit_after_hedge(
    scan: Scan, gap: int, after_hits: AfterHits, ending: tuple[int, Entry] | None
) -> Following | None:
    """Read a unit that follows a hedge: 20 कोटींपेक्षा जास्त रुपये, 10 гаруй хувь."""
    hedge = (gap + after_hits.hedge[0], after_hits.hedge[1]) if after_hits.hedge else ending
    if hedge is None:
        return None
    begin = gap_end(scan.text, hedge[0])
    match = unit_after(scan, begin) if begin > hedge[0] else None
    if match is None or match[2].kind not in _AFTER_HEDGE or _is_no_unit(scan, match[2], gap, *match[:2]):
        return None
    return Following(match[2], match[0], match[1], hedge[1])


def _code_or_word(scan: Scan, match: tuple[int, int, Entry]) -> tuple[int, int, Entry]:
    """Return the unit at ``match``; a currency code in capitals instead of a word of its letters: SEK is not Sek."""
    begin, stop, entry = match
    end = begin + _CODE_LENGTH
    if entry.kind == "money" or stop not in (end, end + 1) or (stop > end and scan.text[end] != "."):
        return match
    code = scan.printed(begin, end)
    return (begin, end, Entry("money", code)) if code in CURRENCIES else match


def hedge_at(scan: Scan, at: int) -> Entry | None:
    """Return the hedge at ``at``, which may have a comma in front."""
    if scan.text[at : at + 1] == ",":
        at = gap_end(scan.text, at + 1)
    hit = scan.grammar.hedges_after.at(scan.text, at)
    return _own_hedge(scan, at, *hit) if hit else None


def _own_hedge(scan: Scan, at: int, end: int, hedge: Entry) -> Entry | None:
    """Return the hedge from ``at`` to ``end``; None if it belongs to the figure after it: "10 morts, au moins 20
    blessés"."""
    if scan.text[at:end] in scan.grammar.lexicon.place("before"):
        figure = gap_end(scan.text, end)
        if scan.text[figure : figure + 1].isdecimal() or scan.grammar.start_words.at(scan.text, figure).number:
            return None
    return hedge


def unit_after(scan: Scan, at: int, after_hits: AfterHits | None = None) -> tuple[int, int, Entry] | None:
    """Return where the unit at ``at`` begins and ends, and its entry. An "of" may stand in front of the unit.

    ``after_hits`` are the hits of the words at ``at``, if the caller has looked them up.
    """
    if after_hits is None:
        after_hits = scan.grammar.after_words.at(scan.text, at)
    if after_hits.of:
        begin = gap_end(scan.text, at + after_hits.of[0])
        if unit := scan.grammar.after_words.at(scan.text, begin).unit:
            return begin, begin + unit[0], unit[1]
    return (at, at + after_hits.unit[0], after_hits.unit[1]) if after_hits.unit else None


def _is_no_unit(scan: Scan, unit: Entry, end: int, start: int, stop: int) -> bool:
    """Whether the word is not a unit of this number, but a small word, a name, or the sign of the next figure."""
    if unit.kind == "money":
        return is_lowercase_code(scan, unit, start, stop) or (
            start > end and _precedes_figure(scan.text, end, start, stop)
        )
    if unit.kind == "basis":
        return scan.printed(start, stop) == PETABYTES
    if unit.kind != "measure" or stop - start > 2:
        return False
    printed = scan.printed(start, stop)
    return len(printed) == 1 and printed.isascii() and printed.isupper()  # 5 m are metres, 5 M are not


def _precedes_figure(text: str, end: int, start: int, stop: int) -> bool:
    """Whether the unit belongs to the figure after it: "in 2026 $5 million", "first quarter of 2026 of NT$ 5 billion"."""
    figure = gap_end(text, stop) if text[end:start].strip() else stop
    return text[figure : figure + 1].isdecimal()


def without_full_stop(scan: Scan, start: int, end: int) -> int:
    """Return the end without a full stop that ends the sentence as well as the abbreviation: "300 млн."."""
    if scan.text[end - 1] != "." or end - 1 <= start or not scan.text[end - 2].isalpha():
        return end
    following = scan.printed(end, end + 2).strip()
    capital = following[:1].isupper() and scan.language != "de"
    return end - 1 if not following or capital or following[0] in _CLOSING else end


def read_measure(scan: Scan, end: int, following: Following, value: Decimal | None, preceding: Preceding) -> Measure:
    """Return what the units before and after make of the number that ends at ``end``."""
    if preceding.unit is not None:
        before = _measured_before(scan, end, following, value, preceding)
        if before is not None:
            return before
    if following.unit is None:
        return Measure("count", None, value, end)
    kind = following.unit.kind
    if kind in PERCENTS:
        return Measure("percent", PERCENTS[kind], value, following.end)
    match kind:
        case "money":
            return Measure("money", _currency(scan, following.unit.meaning), value, following.end)
        case "noun":
            return Measure("count", scan.printed(following.start, following.end), value, following.end)
        case "time":
            return _time(scan, scan.printed(following.start, following.end), value, following.end)
        case "tenth":
            return _tenths(scan, value, following.end)
        case "scaled":
            return _scaled(following.unit, value, following.end)
        case "times":
            return Measure("other", "×", value, following.end)
        case "part":
            share = None if value is None else fraction(value, Decimal(following.unit.meaning))
            return Measure("other", None, share, following.end)
        case "measure":
            return Measure("other", scan.printed(following.start, following.end), value, following.end)
        case _:
            return Measure("count", None, value, end)


def _measured_before(
    scan: Scan, end: int, following: Following, value: Decimal | None, preceding: Preceding
) -> Measure | None:
    """Apply the unit in front. None if a name after the number says more: "$5 million US dollars"."""
    assert preceding.unit is not None
    has_name = following.unit is not None and following.unit.kind == "money"
    match preceding.unit.kind:
        case "percent-before":
            if following.unit is not None and following.unit.kind in ("points", "basis"):
                return Measure("percent", PERCENTS[following.unit.kind], value, following.end)
            return Measure("percent", "%", value, end)
        case "points-before":
            return Measure("percent", "pp", value, end)
        case "scaled-before":
            return _scaled(preceding.unit, value, end)
        case "times-before":
            return Measure("other", "×", value, end)
        case "measure-before":
            return Measure("other", scan.printed(preceding.unit_start, preceding.unit_end), value, end)
        case "noun-before":
            return Measure("count", scan.printed(preceding.unit_start, preceding.unit_end), value, end)
        case "time-before":
            return _time(scan, scan.printed(preceding.unit_start, preceding.unit_end), value, end)
        case _ if has_name and preceding.unit.meaning.startswith("?"):
            return None
        case _:
            return Measure("money", preceding.unit.meaning, value, following.end if has_name else end)


def _time(scan: Scan, name: str, value: Decimal | None, end: int) -> Measure:
    """Read a time span, whose half may stand after the unit: 两年半, 2년 반, deux ans et demi."""
    half = scan.grammar.halves.at(scan.text, gap_end(scan.text, end))
    if half and value is not None:
        return Measure("span", name, value + Decimal("0.5"), half[0])
    return Measure("span", name, value, end)


def _scaled(unit: Entry, value: Decimal | None, end: int) -> Measure:
    """Read a unit that is a power of ten and a currency in one word: 15 mdp, MM$ 300, ۵ همت."""
    factor, _, currency = unit.meaning.partition(" ")
    return Measure("money", currency, None if value is None else trimmed(value * Decimal(factor)), end)


def unit_factor(following: Following, preceding: Preceding) -> Decimal:
    """Return what the unit multiplies a number with: 10 for 割, a million for mdp, 1 for most."""
    for unit in (following.unit, preceding.unit):
        if unit is not None and unit.kind in ("scaled", "scaled-before"):
            return Decimal(unit.meaning.partition(" ")[0])
    return _TENTH if following.unit is not None and following.unit.kind == "tenth" else Decimal(1)


def _tenths(scan: Scan, value: Decimal | None, end: int) -> Measure:
    """Read tenths and hundredths as a percentage: 四成五, 两成半, 2割5分."""
    if value is None:
        return Measure("percent", "%", None, end)
    hundredths, half = _HUNDREDTHS.match(scan.text, end), scan.grammar.halves.at(scan.text, end)
    value = trimmed(value * _TENTH)
    if half:
        return Measure("percent", "%", value + 5, half[0])
    if not hundredths:
        return Measure("percent", "%", value, end)
    digit = int(hundredths[1]) if hundredths[1].isdecimal() else "一二三四五六七八九".index(hundredths[1]) + 1
    return Measure("percent", "%", value + digit, hundredths.end())


def _currency(scan: Scan, meaning: str) -> str:
    """Return the currency. ``CNY?`` is the bare 元: the yuan in simplified print, open in traditional print."""
    if not meaning.endswith("?"):
        return meaning
    return "?元" if scan.grammar.lexicon.language == "zh-Hant" else meaning[:-1]
