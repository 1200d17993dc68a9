"""Read a text from beginning to end: wherever a figure may begin, the first reader that accepts the place wins."""

from __future__ import annotations

import re
from collections import deque
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
_ADDRESS_REST = re.compile(r"#\w*|[!-~]+")
_LONGEST_LOCAL_PART = 64
"""Characters in front of the @ of a mail address (RFC 5321, section 4.5.3.1.1)."""
_REVERSED_LOCAL_PART = re.compile(r"[a-z0-9.+_-]*")


def find(text: str, language: str) -> list[Quantity]:
    """Return every quantity of ``text``, in order and without overlap.

    ``language`` is a BCP-47 tag such as ``vi`` or ``zh-Hant``. In a language without a table, only digits with signs
    and ISO codes are read.
    """
    rules = grammar(language)
    if text.isascii() and text.isdecimal() and text[0] != "0" and len(text) <= LONGEST:
        return [bare_quantity(text, 0, rules.language)]
    folded = fold(text, rules.language)
    at = rules.next(folded.text, 0)
    return [] if at is None else _quantities(Scan(folded.text, text, folded, rules, rules.language), at)


def find_in_lines(text: str, language: str) -> list[Quantity]:
    """Return what `find` finds in each line by itself: neither a figure nor the words around it cross a line end."""
    if not is_composed(text):
        return _line_by_line(text, language)
    rules = grammar(language)
    folded = fold(text, rules.language, composed=True)
    quantities: list[Quantity] = []
    at = rules.next(folded.text, 0)
    while at is not None:
        start, end = folded.text.rfind("\n", 0, at) + 1, folded.text.find("\n", at)
        end = len(folded.text) if end < 0 else end
        first, last = folded.original_range(start, end)
        part = folded.part(start, end)
        scan = Scan(part.text, text[first:last], part, rules, rules.language)
        quantities += _shifted(_quantities(scan, at - start), first)
        at = rules.next(folded.text, end)
    return quantities


def _line_by_line(text: str, language: str) -> list[Quantity]:
    quantities: list[Quantity] = []
    start = 0
    for line in text.split("\n"):
        quantities += _shifted(find(line, language), start)
        start += len(line) + 1
    return quantities


def _shifted(quantities: Iterable[Quantity], offset: int) -> Iterable[Quantity]:
    """Move the quantities ``offset`` code points further on."""
    if not offset:
        return quantities
    return [quantity._replace(start=quantity.start + offset, end=quantity.end + offset) for quantity in quantities]


def _quantities(scan: Scan, at: int) -> list[Quantity]:
    """Return the quantities with their offsets in the original. ``at``: the first place where a figure may begin."""
    quantities = join_ranges(scan, _matches(scan, at))
    if not scan.folded.folded_steps:
        return quantities
    ranges = (scan.folded.original_range(quantity.start, quantity.end) for quantity in quantities)
    return [quantity._replace(start=start, end=end) for quantity, (start, end) in zip(quantities, ranges, strict=True)]


def _matches(scan: Scan, at: int | None) -> Iterator[FigureMatch]:
    next_place, special, text = scan.grammar.next, scan.grammar.special, scan.text
    addresses = deque(_addresses(text))
    previous_end = 0
    while at is not None:
        while addresses and addresses[0][1] <= at:
            addresses.popleft()
        if addresses and addresses[0][0] <= at:
            at = next_place(text, addresses[0][1])
            continue
        if text[at - 1 : at] == "+" and (telephone := TELEPHONE.match(text, at - 1)):
            at = next_place(text, telephone.end())
            continue
        if not text[at].isdecimal():
            match, end = _read_word(scan, at, previous_end)
        elif special.match(text, at):
            match, end = _read_digits(scan, at, previous_end)
        elif match := read_bare_digits(scan, at, previous_end):
            end = match.quantity.end
        else:
            match, end = read_amount(scan, at, previous_end)
        position = end if end > at else at + 1
        if match is not None:
            previous_end = position
            yield match
            if match.more:
                yield from match.more
        at = next_place(text, position)


def _read_word(scan: Scan, at: int, previous_end: int) -> PhraseMatch:
    """Read a word as the beginning of a date, a whole phrase, an ordinal or a number, in this order."""
    hits = scan.grammar.start_words.at(scan.text, at)
    if hits.date and (date := read_date(scan, at)):
        return date
    if not hits.date and scan.language in _HAN_DATES and (date := read_numeric_date(scan, at)):
        return date
    if hits.phrase and (phrase := read_phrase(scan, at, previous_end, hits)):
        return phrase
    if hits.ordinal and (ordinal := read_ordinal(scan, at, previous_end)):
        return ordinal
    has_fractions = scan.grammar.divisor_first is not None
    if has_fractions and (fraction := read_fraction(scan, at, previous_end)):
        return fraction
    if hits.number and lacks_unit(scan, at, previous_end, hits.number):
        return None, at + hits.number[0]
    begins_number = scan.grammar.spelled is not None and scan.grammar.spelled.begins(scan.text, at)
    if not (hits.number or has_fractions or begins_number):
        return None, at + 1
    return read_amount(scan, at, previous_end, hits.number)


def _read_digits(scan: Scan, at: int, previous_end: int) -> PhraseMatch:
    """Read digits as a date, as no amount at all, as a phrase, an ordinal or a fraction, and at last as an amount."""
    date = read_numeric_date(scan, at)
    if date is not None:
        return date
    for skip in scan.grammar.skips:
        if skipped := skip.match(scan.text, at):
            return None, skipped.end()
    phrase = None
    if scan.grammar.has_digit_phrases:
        phrase = read_phrase(scan, at, previous_end, scan.grammar.start_words.at(scan.text, at))
    return (
        phrase
        or read_ordinal(scan, at, previous_end)
        or read_fraction(scan, at, previous_end)
        or read_amount(scan, at, previous_end)
    )


def _addresses(text: str) -> list[tuple[int, int]]:
    """Return where web addresses, mail addresses and hash tags begin and end, in order."""
    ranges = []
    for mark in _ADDRESS_MARKS:
        at = text.find(mark)
        while at >= 0:
            rest = _ADDRESS_REST.match(text, at)
            end = rest.end() if rest else at + 1
            local_part = _REVERSED_LOCAL_PART.match(text[max(0, at - _LONGEST_LOCAL_PART) : at][::-1])
            ranges.append((at - (local_part.end() if local_part else 0), end))
            at = text.find(mark, end)
    return sorted(ranges)
