"""A text from its first letter to its last: at each place where a figure may begin, the first reading that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from dragoman.figures.amounts import read_amount
from dragoman.figures.dates import read_date
from dragoman.figures.folding import fold
from dragoman.figures.grammar import TELEPHONE, grammar
from dragoman.figures.phrases import Reading, read_fraction, read_ordinal, read_phrase
from dragoman.figures.quantity import Quantity
from dragoman.figures.ranges import joined
from dragoman.figures.site import Found, Site

_LONGEST_COUNT = 3
"""Digits alone, which are a count whatever the language; four may be a year."""

_ADDRESS_MARKS = ("://", "www.", "@", "#")


def find(text: str, language: str) -> list[Quantity]:
    """Every quantity of ``text``, in order and without overlap.

    ``language`` is a BCP-47 tag such as ``vi`` or ``zh-Hant``; of an unknown one, digits with signs and ISO
    codes are read.
    """
    rules = grammar(language)
    if len(text) <= _LONGEST_COUNT and text.isascii() and text.isdecimal() and text[0] != "0":
        return [Quantity("count", Decimal(text), None, None, None, False, 0, len(text))]
    folded = fold(text, rules.language)
    site = Site(folded.text, text, folded, rules)
    return [_placed(site, quantity) for quantity in joined(site, _read(site))]


def _placed(site: Site, found: Quantity) -> Quantity:
    """With the offsets of the original."""
    start, end = site.folded.place(found.start, found.end)
    if (start, end) == (found.start, found.end):
        return found
    return replace(found, start=start, end=end)


def _read(site: Site) -> Iterator[Found]:
    start, special = site.grammar.start, site.grammar.special
    text, addresses = site.text, _addresses(site.text)
    position = since = 0
    while begun := start.search(text, position):
        at = begun.start()
        over = next((end for first, end in addresses if first <= at < end), 0) if addresses else 0
        if over:
            position = over
            continue
        if text[at - 1 : at] == "+" and (telephone := TELEPHONE.match(text, at - 1)):
            position = telephone.end()
            continue
        if not text[at].isdecimal():
            found, end = _read_word(site, at, since)
        else:
            found, end = (_read_digits if special.match(text, at) else read_amount)(site, at, since)
        position = end if end > at else at + 1
        if found is not None:
            since = position
            yield found


def _read_word(site: Site, at: int, since: int) -> Reading:
    """A word: of a date, a whole phrase, in front of an ordinal, or of a number."""
    rules = site.grammar
    if rules.all_begin is not None and not rules.all_begin.has(site.text, at):
        return None, at + 1
    if rules.dates_begin is None or rules.dates_begin.at(site.text, at):
        dated = read_date(site, at)
        if dated is not None:
            return dated
    return (
        read_phrase(site, at, since)
        or (read_ordinal(site, at, since) if rules.ordinals_before else None)
        or (read_fraction(site, at, since) if rules.divided else None)
        or read_amount(site, at, since)
    )


def _read_digits(site: Site, at: int, since: int) -> Reading:
    """Digits that may be a date, no amount, part of a phrase, an ordinal or a fraction; else an amount after all."""
    dated = read_date(site, at)
    if dated is not None:
        return dated
    for skip in site.grammar.skips:
        if skipped := skip.match(site.text, at):
            return None, skipped.end()
    return (
        read_phrase(site, at, since)
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
