"""Whole phrases that are a quantity: half, doubled, third, عامين, 三分之一; ordinals with digits."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.folding import gap_end, is_letter
from dragoman.evidence.figures.grammar import HAN, StartHits
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.number_words import read_number, read_run, read_tokens
from dragoman.evidence.figures.numerals import fraction
from dragoman.evidence.figures.quantity import Kind, Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.surroundings import bounds, read_preceding
from dragoman.evidence.figures.units import read_following, unit_after

PhraseMatch = tuple[FigureMatch | None, int]
"""What was found, and where to go on."""

_KINDS: dict[str, Kind] = {"fraction": "other", "multiple": "other", "ordinal": "ordinal", "span": "span"}
_FIRST_YEAR = 1000
_OF_ONE_YEAR = {"-й", "-го", "-му", "-м"}
_AMOUNTS = ("time", "money", "percent", "points")
_DIGITS = re.compile(r"\d{1,4}")
_ORDINAL = re.compile(r"\d{1,3}(?![\d.,]\d)")
_HAN_ORDINAL = re.compile(f"[{HAN}百千]{{1,9}}")
_STROKE = re.compile(r"(?P<over>\d{1,3})[/⁄](?P<under>\d{1,4})(?![\d/.,-])")


def read_phrase(scan: Scan, at: int, previous_end: int, begun: StartHits) -> PhraseMatch | None:
    """The phrase that ``begun`` has at ``at``: a quantity, or words that only look like one. None when there is none."""
    if not begun.phrase:
        return None
    end, entry = at + begun.phrase[0], begun.phrase[1]
    if _is_longer_amount(scan, at, end, entry, begun):
        return None
    if entry.kind == "skip":
        return None, end
    shown = scan.printed(at, end)
    if entry.kind == "ordinal" and scan.language == "vi" and shown.split()[-1][0].isupper():
        return None, end  # thứ Ba is a day of the week
    unit = {"multiple": "×", "span": shown}.get(entry.kind)
    return _whole(scan, at, end, _KINDS[entry.kind], _value(entry), unit, previous_end), end


def _is_longer_amount(scan: Scan, at: int, end: int, entry: Entry, begun: StartHits) -> bool:
    """Whether a number word makes more of it: 十分 is "very", 十分钟 are ten minutes."""
    if not begun.number and is_letter(scan.text, at):
        return False
    tokens, behind = read_run(scan.text, at, scan.grammar, begun.number)
    longer = tokens[-1].end if tokens else at
    if longer > end or entry.kind != "skip" or not tokens:
        return longer > end
    unit = unit_after(scan, gap_end(scan.text, longer), behind)
    return unit is not None and unit[1] > end and unit[2].kind in _AMOUNTS


def _value(entry: Entry) -> Decimal:
    over, _, under = entry.meaning.partition("/")
    value = fraction(Decimal(over), Decimal(under)) if under else Decimal(over)
    assert value is not None
    return value


def _whole(
    scan: Scan, at: int, end: int, kind: Kind, value: Decimal, unit: str | None, previous_end: int
) -> FigureMatch:
    word = read_preceding(scan, at, previous_end).word
    hedge = word if word is not None and word.kind == "hedge" else None
    following = read_following(scan, end)
    if following.hedge is not None and following.unit is None:
        hedge = following.hedge
    if kind == "ordinal":
        hedge = None
    low, high, vague = bounds(hedge, value)
    quantity = Quantity(kind, value, low, high, unit, vague, at, end)
    return FigureMatch(quantity, has_unit=True, hedge=hedge, standalone=kind in ("other", "ordinal"))


def read_ordinal(scan: Scan, at: int, previous_end: int) -> PhraseMatch | None:
    """第18届, thứ 12, 20th, 3-й; a part of a book or law (第3条) is none."""
    found = _ordinal_before(scan, at) or _ordinal_after(scan, at)
    if found is None:
        return None
    shown, behind, end = found
    word = read_preceding(scan, at, previous_end).word
    if not _is_ordinal(scan, at, behind, end, word):
        return None
    number, _ = read_number(shown, 0, scan.grammar)
    if number is None or number.value is None or (word is not None and word.kind == "label"):
        return None, end
    if behind and number.value >= _FIRST_YEAR:
        return _year(scan, int(shown), behind, at, end), end
    section = scan.grammar.sections.at(scan.text, gap_end(scan.text, end))
    if section:
        return None, section[0]
    return FigureMatch(Quantity("ordinal", number.value, None, None, None, False, at, end), standalone=True), end


def _ordinal_before(scan: Scan, at: int) -> tuple[str, str, int] | None:
    """The number that follows a word such as 第, no word behind it, and its end."""
    text, rules = scan.text, scan.grammar
    before = rules.start_words.at(text, at).ordinal
    if before is None:
        return None
    begin = gap_end(text, at + before[0])
    if (digits := _ORDINAL.match(text, begin)) or scan.language in ("zh", "ja"):
        digits = digits or _HAN_ORDINAL.match(text, begin)
        end = digits.end() if digits else begin
    else:
        word = rules.start_words.at(text, begin).number
        end = begin + word[0] if word else begin
    return (text[begin:end], "", end) if end > begin else None


def _ordinal_after(scan: Scan, at: int) -> tuple[str, str, int] | None:
    """Digits, the ending that follows them, and its end."""
    digits = _DIGITS.match(scan.text, at)
    after = scan.grammar.ordinals_after.at(scan.text, digits.end()) if digits else None
    return (digits[0], scan.text[digits.end() : after[0]], after[0]) if digits and after else None


def _year(scan: Scan, year: int, after: str, at: int, end: int) -> FigureMatch | None:
    """2014-го is a year, 1980-е a decade."""
    date = bare_year(year, scan.language, has_cue=False)
    if date is None or after not in _OF_ONE_YEAR:
        return None
    return FigureMatch(Quantity("date", None, None, None, None, date[1], at, end, date[0]), standalone=True)


def _is_ordinal(scan: Scan, at: int, after: str, end: int, word: Entry | None) -> bool:
    """A full stop makes an ordinal with a word in front ("der 3. Platz"), or a small letter behind ("3. místo")."""
    has_cue = word is not None and word.kind == "ordinal-cue"
    if scan.text.startswith("ที่", at):
        return has_cue  # "at" as well as "-th"
    if after != ".":
        return True
    following = scan.printed(end, end + 2)
    if not (following[:1].isspace() and following[1:].isalpha()):
        return False
    return has_cue if scan.language == "de" else following[1:].islower()


def read_fraction(scan: Scan, at: int, previous_end: int) -> PhraseMatch | None:
    """三分之一, 3分の1, 1/40; 百分之六 is a percentage."""
    stroke = _STROKE.match(scan.text, at)
    if stroke:
        return _with_stroke(scan, stroke, previous_end)
    divisor_first = scan.grammar.divisor_first
    match = divisor_first.match(scan.text, at) if divisor_first else None
    if not match:
        return None
    end = match.end()
    (under, _), (over, _) = (read_number(match[part], 0, scan.grammar) for part in ("divisor", "dividend"))
    if under is None or over is None or not under.value or over.value is None:
        return None, end
    if under.value == 100:
        return _whole(scan, at, end, "percent", over.value, "%", previous_end), end
    value = fraction(over.value, under.value)
    assert value is not None
    return _whole(scan, at, end, "other", value, None, previous_end), end


def _with_stroke(scan: Scan, stroke: re.Match[str], previous_end: int) -> PhraseMatch | None:
    at, end = stroke.span()
    if scan.language == "fa" and _is_decimal_stroke(scan, at, end):
        return None
    value = fraction(Decimal(stroke["over"]), Decimal(stroke["under"]))
    if value is None or value >= 1:
        return None, end  # 24/7
    return _whole(scan, at, end, "other", value, None, previous_end), end


def _is_decimal_stroke(scan: Scan, at: int, end: int) -> bool:
    """۲/۵ میلیون and ۲/۵ درصد are 2.5 in Persian print."""
    tokens = read_tokens(scan.text, at, scan.grammar)
    unit = read_following(scan, end).unit
    return (bool(tokens) and tokens[-1].end > end) or (unit is not None and unit.kind == "percent")
