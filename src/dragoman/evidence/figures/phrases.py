"""Read whole phrases that are a quantity (half, doubled, third, عامين, 三分之一), ordinals with digits, and fractions."""

from __future__ import annotations

import re
from decimal import Decimal

from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.folding import gap_end, is_letter
from dragoman.evidence.figures.grammar import HAN
from dragoman.evidence.figures.hits import StartHits
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.number_words import read_number, read_run, read_tokens
from dragoman.evidence.figures.numerals import fraction
from dragoman.evidence.figures.quantity import Kind, Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan
from dragoman.evidence.figures.spelled_numbers import read_spelled
from dragoman.evidence.figures.surroundings import bounded, read_preceding
from dragoman.evidence.figures.units import read_following, unit_after

PhraseMatch = tuple[FigureMatch | None, int]
"""A figure, or None for words that are not one, and where to continue."""

_KINDS: dict[str, Kind] = {"fraction": "other", "multiple": "other", "ordinal": "ordinal", "span": "span"}
_FIRST_YEAR = 1000
_OF_ONE_YEAR = {"-й", "-го", "-му", "-м"}
_ENDINGS_OF_YEARS = {"hr": {"."}, "sr": {"."}}
"""Languages in which every year is an ordinal: u 2024. je porastao."""
_AMOUNTS = ("time", "money", "percent", "points")
_DIGITS = re.compile(r"\d{1,4}")
_ORDINAL = re.compile(r"\d{1,3}(?![\d.,]\d)")
_HAN_ORDINAL = re.compile(f"[{HAN}百千]{{1,9}}")
_ATTACKS = "9/11"
"""The day that all languages name so."""
_STROKE = re.compile(r"(?P<dividend>\d{1,3})[/⁄](?P<divisor>\d{1,4})(?![\d/.,-])")


def read_phrase(scan: Scan, at: int, previous_end: int, start_hits: StartHits) -> PhraseMatch | None:
    """Return the phrase of ``start_hits`` at ``at``: a quantity, or words that only look like one. None without one."""
    if not start_hits.phrase:
        return None
    end, entry = at + start_hits.phrase[0], start_hits.phrase[1]
    if _is_longer_amount(scan, at, end, entry, start_hits):
        return None
    if entry.kind == "skip":
        return None, end
    printed = scan.printed(at, end)
    if entry.kind == "ordinal" and scan.language == "vi" and printed.split()[-1][0].isupper():
        return None, end  # thứ Ba is a day of the week
    unit = {"multiple": "×", "span": printed}.get(entry.kind)
    return _whole(scan, at, end, _KINDS[entry.kind], _value(entry), unit, previous_end), end


def _is_longer_amount(scan: Scan, at: int, end: int, entry: Entry, start_hits: StartHits) -> bool:
    """Whether the phrase begins a longer amount: 十分 means "very", but 十分钟 means "ten minutes"."""
    number = read_spelled(scan.text, at, scan.grammar) if scan.grammar.spelled is not None else None
    if number is not None and number.value is not None and number.end > end:
        return True
    if not start_hits.number and is_letter(scan.text, at):
        return False
    tokens, after_hits = read_run(scan.text, at, scan.grammar, start_hits.number)
    run_end = tokens[-1].end if tokens else at
    if run_end > end or entry.kind != "skip" or not tokens:
        return run_end > end
    unit = unit_after(scan, gap_end(scan.text, run_end), after_hits)
    return unit is not None and unit[1] > end and unit[2].kind in _AMOUNTS


def _value(entry: Entry) -> Decimal:
    dividend, _, divisor = entry.meaning.partition("/")
    value = fraction(Decimal(dividend), Decimal(divisor)) if divisor else Decimal(dividend)
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
    quantity = bounded(Quantity(kind, value, None, None, unit, False, at, end), hedge)
    return FigureMatch(quantity, has_unit=True, hedge=hedge, standalone=kind in ("other", "ordinal"))


def read_ordinal(scan: Scan, at: int, previous_end: int) -> PhraseMatch | None:
    """Read 第18届, thứ 12, 20th, 3-й. A part of a book or a law (第3条) is not an ordinal."""
    ordinal = _ordinal_before(scan, at) or _ordinal_after(scan, at)
    if ordinal is None:
        return None
    numeral, ending, end = ordinal
    word = read_preceding(scan, at, previous_end).word
    if not _is_ordinal(scan, at, ending, end, word):
        return None
    number, _ = read_number(numeral, 0, scan.grammar)
    if number is None or number.is_silent or number.value is None or (word is not None and word.kind == "label"):
        return None, end
    if ending and number.value >= _FIRST_YEAR:
        return _year(scan, int(numeral), ending, at, end), end
    section = scan.grammar.sections.at(scan.text, gap_end(scan.text, end))
    if section:
        return None, section[0]
    return FigureMatch(Quantity("ordinal", number.value, None, None, None, False, at, end), standalone=True), end


def _ordinal_before(scan: Scan, at: int) -> tuple[str, str, int] | None:
    """Return the number after a word such as 第, an empty ending, and the end of the number."""
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
    """Return the digits at ``at``, the ending of an ordinal after them, and its end."""
    digits = _DIGITS.match(scan.text, at)
    ending = scan.grammar.ordinals_after.at(scan.text, digits.end()) if digits else None
    return (digits[0], scan.text[digits.end() : ending[0]], ending[0]) if digits and ending else None


def _year(scan: Scan, year: int, ending: str, at: int, end: int) -> FigureMatch | None:
    """Return 2014-го as a year. 1980-е is a decade, for which there is no date."""
    date = bare_year(year, scan.language, has_cue=False)
    if date is None or ending not in _OF_ONE_YEAR | _ENDINGS_OF_YEARS.get(scan.language, set()):
        return None
    return FigureMatch(Quantity("date", None, None, None, None, date[1], at, end, date[0]), standalone=True)


def _is_ordinal(scan: Scan, at: int, ending: str, end: int, word: Entry | None) -> bool:
    """Whether it is one: a full stop needs a cue before it ("der 3. Platz") or a small letter after it ("3. místo")."""
    has_cue = word is not None and word.kind == "ordinal-cue"
    if scan.text.startswith("ที่", at):
        return has_cue  # means "at" as well as "-th"
    if ending != ".":
        return True
    following = scan.printed(end, end + 2)
    if not (following[:1].isspace() and following[1:].isalpha()):
        return False
    return has_cue if scan.language == "de" else following[1:].islower()


def read_fraction(scan: Scan, at: int, previous_end: int) -> PhraseMatch | None:
    """Read 三分之一, 3分の1 and 1/40 as fractions. A divisor of 100 in words makes a percentage."""
    stroke = _STROKE.match(scan.text, at)
    if stroke and stroke[0] == _ATTACKS:
        return None, stroke.end()
    if stroke:
        return _with_stroke(scan, stroke, previous_end)
    divisor_first = scan.grammar.divisor_first
    match = divisor_first.match(scan.text, at) if divisor_first else None
    if not match:
        return None
    end = match.end()
    (divisor, _), (dividend, _) = (read_number(match[part], 0, scan.grammar) for part in ("divisor", "dividend"))
    if (
        divisor is None
        or dividend is None
        or divisor.is_silent
        or dividend.is_silent
        or not divisor.value
        or dividend.value is None
    ):
        return None, end
    if divisor.value == 100:
        return _whole(scan, at, end, "percent", dividend.value, "%", previous_end), end
    value = fraction(dividend.value, divisor.value)
    assert value is not None
    return _whole(scan, at, end, "other", value, None, previous_end), end


def _with_stroke(scan: Scan, stroke: re.Match[str], previous_end: int) -> PhraseMatch | None:
    at, end = stroke.span()
    if scan.language == "fa" and _is_decimal_stroke(scan, at, end, previous_end):
        return None
    value = fraction(Decimal(stroke["dividend"]), Decimal(stroke["divisor"]))
    if value is None or value >= 1:
        return None, end  # 24/7
    return _whole(scan, at, end, "other", value, None, previous_end), end


def _is_decimal_stroke(scan: Scan, at: int, end: int, previous_end: int) -> bool:
    """Whether a stroke separates decimals, as in Persian print: ۲/۵ میلیون, ۲/۵ درصد and %۲/۵ are 2.5."""
    tokens = read_tokens(scan.text, at, scan.grammar)
    unit = read_following(scan, end).unit
    if (tokens and tokens[-1].end > end) or (unit is not None and unit.kind in ("percent", "scaled", "money")):
        return True
    sign = read_preceding(scan, at, previous_end).unit
    return sign is not None and sign.kind == "percent-before"
