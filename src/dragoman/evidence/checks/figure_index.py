"""The figures of a text by their digits, so that a wrong figure finds the one that it was meant to be without a look at
all others: an article and its English may have thousands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from dragoman.evidence.figures import Quantity

MOST_POWERS = 12
"""Powers of ten between a figure and the same digits at a wrong scale: 90亿 as 90 billion is off by one."""

LEAST_END = 100
"""The smallest figure that is taken for the end of a longer one. Two digits are alike too often by chance."""

WIDEST_JOINT = 16
"""Characters between two figures that may share one scale word: from 52.5 to 63 million."""


@dataclass(frozen=True, slots=True)
class FigureIndex:
    """The amounts of one text. Of those with the same value, kind and unit only the first is listed."""

    by_digits: Mapping[str, Sequence[Quantity]]
    """Digits without zeros at either end → the amounts with these digits, in order."""
    by_nonzero: Mapping[str, Sequence[Quantity]]
    """Digits of whole numbers without any zero → the amounts."""
    by_end: Mapping[str, Sequence[Quantity]]
    """Last digits of whole numbers → the longer amounts that end so."""
    in_two_pieces: frozenset[Decimal]
    """Sums of two figures with only white space between them, which are then one figure in two pieces."""
    with_next_scale: frozenset[Decimal]
    """Bare figures with the scale of the next one: 52.5 million in “from 52.5 to 63 million”."""

    @classmethod
    def of(cls, text: str, quantities: Sequence[Quantity]) -> FigureIndex:
        by_digits: dict[str, list[Quantity]] = {}
        by_nonzero: dict[str, list[Quantity]] = {}
        by_end: dict[str, list[Quantity]] = {}
        known: set[tuple[Decimal, str, str | None, bool]] = set()
        for each in quantities:
            for value in _numbers(each) if each.kind not in ("date", "ordinal") else ():
                facts = (value, each.kind, each.unit, is_cut(each, text))
                if not value or facts in known:
                    continue
                known.add(facts)
                by_digits.setdefault(digits_of(value), []).append(each)
                if value == value.to_integral_value():
                    whole = f"{value:.0f}"
                    by_nonzero.setdefault(whole.replace("0", ""), []).append(each)
                    for end in _ends(whole):
                        by_end.setdefault(end, []).append(each)
        pairs = list(pairwise(quantities))
        sums = (a + b for one, two in pairs if _touch(one, two, text) for a in _numbers(one) for b in _numbers(two))
        scaled = (value for first, second in pairs for value in _with_scale_of(first, second, text))
        return cls(by_digits, by_nonzero, by_end, frozenset(sums), frozenset(scaled))


def digits_of(value: Decimal) -> str:
    """The sign and the digits of a number without zeros at either end: 25 for 0.25 and for 2,500."""
    sign, digits, _ = value.normalize().as_tuple()
    return f"{'-' * sign}{''.join(map(str, digits))}"


def is_cut(figure: Quantity, text: str) -> bool:
    """Whether letters that Dragoman cannot read follow bare digits and may be a scale: 3.6bn in Hindi."""
    return text[figure.end - 1].isdecimal() and text[figure.end : figure.end + 1].isalpha()


def _numbers(quantity: Quantity) -> set[Decimal]:
    return {value for value in (quantity.value, quantity.low, quantity.high) if value is not None}


def _ends(digits: str) -> Iterator[str]:
    """The shorter numbers of `LEAST_END` or more that the digits of a whole number end in."""
    for start in range(1, len(digits)):
        if digits[start] != "0" and int(digits[start:]) >= LEAST_END:
            yield digits[start:]


def _touch(first: Quantity, second: Quantity, text: str) -> bool:
    return not text[first.end : second.start].strip()


def _with_scale_of(first: Quantity, second: Quantity, text: str) -> Iterator[Decimal]:
    if first.unit is None and second.value is not None and second.start - first.end <= WIDEST_JOINT:
        for scale in _scale_factors(text[second.start : second.end], second.value):
            for value in _numbers(first):
                yield value * scale


def _scale_factors(printed: str, value: Decimal) -> Iterator[Decimal]:
    """The powers of ten from the printed digits to ``value``, once with and once without a decimal sign among them."""
    digits = [str(unicodedata.decimal(c)) if c.isdecimal() else "." for c in printed if c.isdecimal() or c in ".,٫"]
    whole, sign, decimals = "".join(digits).strip(".").rpartition(".")
    plain = whole.replace(".", "")
    for mantissa in (f"{plain}{decimals}", f"{plain}.{decimals}" if sign else ""):
        number = Decimal(mantissa or 0)
        if number and value and digits_of(number) == digits_of(value) and 0 < power(value, number) <= MOST_POWERS:
            yield Decimal(10) ** power(value, number)


def power(value: Decimal, other: Decimal) -> int:
    """The power of ten between two numbers with the same digits."""
    return value.normalize().adjusted() - other.normalize().adjusted()
