"""A text from its first letter to its last: at each place where a figure may begin, the first reading that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dragoman.evidence.figures.amounts import lacks_unit, read_amount
from dragoman.evidence.figures.bare_digits import bare_quantity, read_bare_digits
from dragoman.evidence.figures.dates import read_date, read_numeric_date
from dragoman.evidence.figures.folding import fold, is_composed
from dragoman.evidence.figures.grammar import TELEPHONE, grammar
from dragoman.evidence.figures.numerals import LONGEST
from dragoman.evidence.figures.phrases import PhraseMatch, read_fraction, read_ordinal, read_phrase
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.ranges import join_ranges
from dragoman.evidence.figures.scan import FigureMatch, Scan

_HAN_DATES = ("zh", "ja")
"""Languages in which a date may begin with Han digits."""

_ADDRESS_MARKS = ("://", "www.", "@", "#")


def find(text: str, language: str) -> list[Quantity]:
    """Every quantity of ``text``, in order and without overlap.

    ``language`` is a BCP-47 tag such as ``vi`` or ``zh-Hant``; of an unknown one, digits with signs and ISO
    codes are read.
    """
    rules = grammar(language)
    if text.isascii() and text.isdecimal() and text[0] != "0" and len(text) <= LONGEST:
        return [bare_quantity(text, 0, rules.language)]
    folded = fold(text, rules.language)
    at = rules.next(folded.text, 0)
    return [] if at is None else _quantities(Scan(folded.text, text, folded, rules, rules.language), at)


def find_in_lines(text: str, language: str) -> list[Quantity]:
    """What `find` finds in each line by itself: no figure goes on, and no word says anything, over a line end."""
    if not is_composed(text):
        return _line_by_line(text, language)
    rules = grammar(language)
    folded = fold(text, rules.language, composed=True)
    found: list[Quantity] = []
    at = rules.next(folded.text, 0)
    while at is not None:
        start, end = folded.text.rfind("\n", 0, at) + 1, folded.text.find("\n", at)
        end = len(folded.text) if end < 0 else end
        first, last = folded.original_range(start, end)
        part = folded.part(start, end)
        scan = Scan(part.text, text[first:last], part, rules, rules.language)
        found += _shifted(_quantities(scan, at - start), first)
        at = rules.next(folded.text, end)
    return found


def _line_by_line(text: str, language: str) -> list[Quantity]:
    found: list[Quantity] = []
    start = 0
    for line in text.split("\n"):
        found += _shifted(find(line, language), start)
        start += len(line) + 1
    return found


def _shifted(quantities: Iterable[Quantity], by: int) -> Iterable[Quantity]:
    """The same quantities so many code points further on."""
    if not by:
        return quantities
    return [
        Quantity(kind, value, low, high, unit, vague, start + by, end + by, date)
        for kind, value, low, high, unit, vague, start, end, date in quantities
    ]


def _quantities(scan: Scan, at: int) -> list[Quantity]:
    """The quantities of a text in which ``at`` is the first place where a figure may begin, by its offsets."""
    found = join_ranges(scan, _matches(scan, at))
    if not scan.folded.folded_steps:
        return found
    places = (scan.folded.original_range(quantity.start, quantity.end) for quantity in found)
    return [quantity._replace(start=start, end=end) for quantity, (start, end) in zip(found, places, strict=True)]


def _matches(scan: Scan, at: int | None) -> Iterator[FigureMatch]:
    following, special, text = scan.grammar.next, scan.grammar.special, scan.text
    addresses = _addresses(text)
    previous_end = 0
    while at is not None:
        if addresses and (over := next((end for first, end in addresses if first <= at < end), 0)):
            at = following(text, over)
            continue
        if text[at - 1 : at] == "+" and (telephone := TELEPHONE.match(text, at - 1)):
            at = following(text, telephone.end())
            continue
        if not text[at].isdecimal():
            found, end = _read_word(scan, at, previous_end)
        elif special.match(text, at):
            found, end = _read_digits(scan, at, previous_end)
        elif found := read_bare_digits(scan, at, previous_end):
            end = found.quantity.end
        else:
            found, end = read_amount(scan, at, previous_end)
        position = end if end > at else at + 1
        if found is not None:
            previous_end = position
            yield found
        at = following(text, position)


def _read_word(scan: Scan, at: int, previous_end: int) -> PhraseMatch:
    """A word: of a date, a whole phrase, in front of an ordinal, or of a number."""
    begun = scan.grammar.start_words.at(scan.text, at)
    if begun.date and (date := read_date(scan, at)):
        return date
    if not begun.date and scan.language in _HAN_DATES and (date := read_numeric_date(scan, at)):
        return date
    if begun.phrase and (phrase := read_phrase(scan, at, previous_end, begun)):
        return phrase
    if begun.ordinal and (ordinal := read_ordinal(scan, at, previous_end)):
        return ordinal
    divisor_first = scan.grammar.divisor_first is not None
    if divisor_first and (fraction := read_fraction(scan, at, previous_end)):
        return fraction
    if begun.number and lacks_unit(scan, at, previous_end, begun.number):
        return None, at + begun.number[0]
    return read_amount(scan, at, previous_end, begun.number) if begun.number or divisor_first else (None, at + 1)


def _read_digits(scan: Scan, at: int, previous_end: int) -> PhraseMatch:
    """Digits that may be a date, no amount, part of a phrase, an ordinal or a fraction; else an amount after all."""
    date = read_numeric_date(scan, at)
    if date is not None:
        return date
    for skip in scan.grammar.skips:
        if skipped := skip.match(scan.text, at):
            return None, skipped.end()
    return (
        (
            read_phrase(scan, at, previous_end, scan.grammar.start_words.at(scan.text, at))
            if scan.grammar.has_digit_phrases
            else None
        )
        or read_ordinal(scan, at, previous_end)
        or read_fraction(scan, at, previous_end)
        or read_amount(scan, at, previous_end)
    )


def _addresses(text: str) -> list[tuple[int, int]]:
    """Where addresses of the net, of mail and tags stand."""
    found = []
    for mark in _ADDRESS_MARKS:
        at = text.find(mark)
        while at >= 0:
            match = _REST.match(text, at)
            end = match.end() if match else at + 1
            ahead = _AHEAD.match(text[max(0, at - 64) : at][::-1])
            found.append((at - (ahead.end() if ahead else 0), end))
            at = text.find(mark, end)
    return found


_AHEAD = re.compile(r"[a-z0-9.+_-]*")
_REST = re.compile(r"#\w*|[!-~]+")
