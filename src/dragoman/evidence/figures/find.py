"""A text from its first letter to its last: at each place where a figure may begin, the first reading that fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dragoman.evidence.figures.amounts import read_amount, says_nothing
from dragoman.evidence.figures.bare_digits import alone, read_plain
from dragoman.evidence.figures.dates import read_date, read_numeric_date
from dragoman.evidence.figures.folding import fold, is_composed
from dragoman.evidence.figures.grammar import TELEPHONE, grammar
from dragoman.evidence.figures.numerals import LONGEST
from dragoman.evidence.figures.phrases import Reading, read_fraction, read_ordinal, read_phrase
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.ranges import joined
from dragoman.evidence.figures.scan import Found, Site

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
        return [alone(text, 0, rules.language)]
    folded = fold(text, rules.language)
    at = rules.next(folded.text, 0)
    return [] if at is None else _found(Site(folded.text, text, folded, rules, rules.language), at)


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
        first, last = folded.place(start, end)
        part = folded.part(start, end)
        site = Site(part.text, text[first:last], part, rules, rules.language)
        found += _moved(_found(site, at - start), first)
        at = rules.next(folded.text, end)
    return found


def _line_by_line(text: str, language: str) -> list[Quantity]:
    found: list[Quantity] = []
    start = 0
    for line in text.split("\n"):
        found += _moved(find(line, language), start)
        start += len(line) + 1
    return found


def _moved(quantities: Iterable[Quantity], by: int) -> Iterable[Quantity]:
    """The same quantities so many code points further on."""
    if not by:
        return quantities
    return [
        Quantity(kind, value, low, high, unit, vague, start + by, end + by, date)
        for kind, value, low, high, unit, vague, start, end, date in quantities
    ]


def _found(site: Site, at: int) -> list[Quantity]:
    """The quantities of a text in which ``at`` is the first place where a figure may begin, by its offsets."""
    found = joined(site, _read(site, at))
    if not site.folded.folded:
        return found
    places = (site.folded.place(quantity.start, quantity.end) for quantity in found)
    return [quantity._replace(start=start, end=end) for quantity, (start, end) in zip(found, places, strict=True)]


def _read(site: Site, at: int | None) -> Iterator[Found]:
    following, special, text = site.grammar.next, site.grammar.special, site.text
    addresses = _addresses(text)
    since = 0
    while at is not None:
        if addresses and (over := next((end for first, end in addresses if first <= at < end), 0)):
            at = following(text, over)
            continue
        if text[at - 1 : at] == "+" and (telephone := TELEPHONE.match(text, at - 1)):
            at = following(text, telephone.end())
            continue
        if not text[at].isdecimal():
            found, end = _read_word(site, at, since)
        elif special.match(text, at):
            found, end = _read_digits(site, at, since)
        elif found := read_plain(site, at, since):
            end = found.quantity.end
        else:
            found, end = read_amount(site, at, since)
        position = end if end > at else at + 1
        if found is not None:
            since = position
            yield found
        at = following(text, position)


def _read_word(site: Site, at: int, since: int) -> Reading:
    """A word: of a date, a whole phrase, in front of an ordinal, or of a number."""
    begun = site.grammar.begun.at(site.text, at)
    if begun.date and (date := read_date(site, at)):
        return date
    if not begun.date and site.language in _HAN_DATES and (date := read_numeric_date(site, at)):
        return date
    if begun.phrase and (phrase := read_phrase(site, at, since, begun)):
        return phrase
    if begun.ordinal and (ordinal := read_ordinal(site, at, since)):
        return ordinal
    divided = site.grammar.divided is not None
    if divided and (fraction := read_fraction(site, at, since)):
        return fraction
    if begun.number and says_nothing(site, at, since, begun.number):
        return None, at + begun.number[0]
    return read_amount(site, at, since, begun.number) if begun.number or divided else (None, at + 1)


def _read_digits(site: Site, at: int, since: int) -> Reading:
    """Digits that may be a date, no amount, part of a phrase, an ordinal or a fraction; else an amount after all."""
    date = read_numeric_date(site, at)
    if date is not None:
        return date
    for skip in site.grammar.skips:
        if skipped := skip.match(site.text, at):
            return None, skipped.end()
    return (
        (read_phrase(site, at, since, site.grammar.begun.at(site.text, at)) if site.grammar.has_digit_phrases else None)
        or read_ordinal(site, at, since)
        or read_fraction(site, at, since)
        or read_amount(site, at, since)
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
