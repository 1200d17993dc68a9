"""Find figures of the English that come from a source figure that was read as something else.

* A group of digits is cut: 2.200.112 became 2,200,12, which is no number.
* An ordinal became a number of things: 第18届会议 became 18 meetings.
* The lower end of a range lost what it shares with the upper one: 1~2割 became 1 to 20 %.

None of them is a different value of the same figure, so comparing values does not find them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from dragoman.evidence.checks.quantities import Observation, TextQuantities, values
from dragoman.evidence.checks.scopes import nearest
from dragoman.evidence.figures import Quantity

_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+,(?:\d{1,2}|\d{4,})(?![\d,]|\.\d)")
"""Digits in English groups of three, but for the last group."""

_FEWEST = 10
"""The lowest ordinal that is compared. Lower ones are in too many fixed words: the 3rd quarter, Tuesday (thứ ba)."""


def check_misread(english: TextQuantities, scopes: Sequence[TextQuantities]) -> Iterator[Observation]:
    """``value.figure`` (error) for cut groups in any of the scopes of a claim, and for ordinals and ranges in its quote
    or, if that has no figure, in its sentence."""
    yield from check_cut_groups(english, scopes)
    near = nearest(scopes)
    yield from _lower_ends(english, near)
    yield from _counted_ordinals(english, near)


def check_cut_groups(english: TextQuantities, scopes: Sequence[TextQuantities]) -> Iterator[Observation]:
    """``value.figure`` (error) for a number whose last group of digits is cut. ``scopes`` go from the narrowest to the
    widest."""
    for numeral in _GROUPED.finditer(english.text):
        whole_groups = numeral[0].rpartition(",")[0].replace(",", "")
        for scope in scopes:
            printed = _beginning_with(whole_groups, scope)
            if printed is not None:
                message = f"“{numeral[0]}” is no number, because a group of digits is cut; the source has “{printed}”"
                yield Observation("value.figure", "error", message, printed, numeral[0])
                break


def _beginning_with(digits: str, text: TextQuantities) -> str | None:
    """The first figure of a text, as it is printed, that begins with ``digits``."""
    every = (text.printed(quantity) for quantity in text.quantities if quantity.kind != "date")
    return next((printed for printed in every if _digits(printed).startswith(digits)), None)


def _digits(printed: str) -> str:
    """Return the digits of a figure as ASCII."""
    return "".join(str(unicodedata.digit(sign)) for sign in printed if sign.isdecimal())


def _lower_ends(english: TextQuantities, quote: TextQuantities) -> Iterator[Observation]:
    stated = {value for quantity in quote.quantities for value in values(quantity)}
    ranges = [quantity for quantity in quote.quantities if _is_range(quantity)]
    for figure in english.quantities if ranges else ():
        same_end = [each for each in ranges if each.high == figure.high and each.kind == figure.kind]
        if _is_range(figure) and len(same_end) == 1 and stated.isdisjoint(values(figure) - {figure.high}):
            printed, source_words = english.printed(figure), quote.printed(same_end[0])
            low, high = same_end[0].low, same_end[0].high
            message = (
                f"“{printed}” begins lower or higher than “{source_words}” in the source, which is {low} to {high}"
            )
            yield Observation("value.figure", "error", message, source_words, printed)


def _is_range(quantity: Quantity) -> bool:
    return quantity.low is not None and quantity.high is not None


def _counted_ordinals(english: TextQuantities, quote: TextQuantities) -> Iterator[Observation]:
    ordinals = [quantity for quantity in quote.quantities if quantity.kind == "ordinal"]
    if not ordinals or any(quantity.kind == "ordinal" for quantity in english.quantities):
        return
    others = {value for quantity in quote.quantities if quantity.kind != "ordinal" for value in values(quantity)}
    for figure in english.quantities:
        ordinal = next((each for each in ordinals if each.value == figure.value), None)
        if figure.kind == "count" and ordinal is not None and _is_counted(figure) and figure.value not in others:
            printed, source_words = english.printed(figure), quote.printed(ordinal)
            message = f"“{printed}” counts things, but “{source_words}” in the source says which one of a series"
            yield Observation("value.figure", "error", message, source_words, printed)


def _is_counted(figure: Quantity) -> bool:
    return figure.value is not None and figure.value >= _FEWEST and not figure.vague
