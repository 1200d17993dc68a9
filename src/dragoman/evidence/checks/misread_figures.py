"""Find figures of the English that come from a source figure that was read as something else.

* A group of digits is cut: 2.200.112 became 2,200,12, which is no number.
* An ordinal became a number of things: 第18届会议 became 18 meetings.
* The lower end of a range lost what it shares with the upper one: 1~2割 became 1 to 20 %.

None of them is a different value of the same figure, so comparing values does not find them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from dragoman.evidence.checks.quantities import Observation, TextQuantities, values
from dragoman.evidence.figures import Quantity

_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+,(?:\d{1,2}|\d{4,})(?![\d,]|\.\d)")
"""Digits in English groups of three, but for the last group."""

_FEWEST = 10
"""The lowest ordinal that is compared. Lower ones are in too many fixed words: the 3rd quarter, Tuesday (thứ ba)."""


def check_misread(english: TextQuantities, quote: TextQuantities) -> Iterator[Observation]:
    """``value.figure`` for cut groups, ordinals and ranges: errors in the quote."""
    yield from _cut_groups(english, quote)
    yield from _lower_ends(english, quote)
    yield from _counted_ordinals(english, quote)


def _digits(printed: str) -> str:
    """Return the digits of a figure as ASCII."""
    return "".join(str(unicodedata.digit(sign)) for sign in printed if sign.isdecimal())


def _cut_groups(english: TextQuantities, quote: TextQuantities) -> Iterator[Observation]:
    for numeral in _GROUPED.finditer(english.text):
        whole_groups = numeral[0].rpartition(",")[0].replace(",", "")
        for quantity in quote.quantities:
            printed = quote.printed(quantity)
            if quantity.kind != "date" and _digits(printed).startswith(whole_groups):
                message = f"“{numeral[0]}” is no number, because a group of digits is cut; the source has “{printed}”"
                yield Observation("value.figure", "error", message, printed, numeral[0])
                break


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
