"""The quantities of a text, read by Dragoman and not by the model, and when two quantities are the same figure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from dragoman.core.check_names import CheckName
from dragoman.core.once import once
from dragoman.core.record import Finding, Severity
from dragoman.evidence.checks.date_index import DateIndex
from dragoman.evidence.checks.figure_index import FigureIndex
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.figures import Quantity, find, find_in_lines

SMALL = Decimal(12)
"""Counts up to this are not compared: they are often words, implied, or counted by the reader."""

SHARES = (Decimal(100), Decimal("0.01"))
"""Factors between a fraction and a percentage: both may state the same share."""

_NEAR_FACTORS = (1.0, *map(float, SHARES))
_NEAR = 0.06
"""Share by which two numbers may differ and be the same rounded figure: 5 %, half of the second digit of 10."""


@dataclass(frozen=True)
class TextQuantities:
    """A text and its quantities in order, so that a message can quote them. ``language`` is a BCP-47 tag."""

    text: str
    language: str
    quantities: tuple[Quantity, ...]

    @once
    def dates(self) -> Sequence[Quantity]:
        """The quantities that are certain dates."""
        return [
            quantity for quantity in self.quantities if quantity.kind == "date" and quantity.date and not quantity.vague
        ]

    @once
    def date_index(self) -> DateIndex:
        """The dates by their parts."""
        return DateIndex.of(self.text, self.quantities)

    @once
    def _by_size(self) -> Sequence[tuple[float, int]]:
        """The absolute value of each number that a quantity states, and the index of the quantity, by size."""
        sizes = ((abs(float(value)), index) for index, each in enumerate(self.quantities) for value in values(each))
        return sorted(sizes)

    @once
    def index(self) -> FigureIndex:
        """The amounts by their digits."""
        return FigureIndex.of(self.text, self.quantities)

    @once
    def amounts(self) -> Mapping[str, Sequence[Quantity]]:
        """Kind → the amounts of that kind (`is_amount`), in order."""
        amounts: dict[str, list[Quantity]] = {}
        for quantity in filter(is_amount, self.quantities):
            amounts.setdefault(quantity.kind, []).append(quantity)
        return amounts

    def near(self, figure: Quantity) -> Sequence[Quantity]:
        """The quantities, in order, that may have the same value as ``figure`` (`same_value`), found without looking at
        each. All others differ by more than any rounding, also as a fraction or a percentage."""
        sizes = self._by_size
        indices: set[int] = set()
        for value in values(figure):
            for factor in _NEAR_FACTORS:
                size = abs(float(value)) * factor
                first = bisect_left(sizes, (size * (1 - _NEAR), -1))
                last = bisect_left(sizes, (size * (1 + _NEAR), len(self.quantities)))
                indices.update(index for _, index in sizes[first:last])
        return [self.quantities[index] for index in sorted(indices)]

    def printed(self, quantity: Quantity) -> str:
        """The words of a quantity as the text prints them."""
        return self.text[quantity.start : quantity.end]


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding without its field and place. ``expected`` and ``got`` are words as printed."""

    check: CheckName
    severity: Severity
    message: str
    expected: str | None
    got: str

    def finding(self, field: str, paragraph: int | None = None, place: tuple[int, int] | None = None) -> Finding:
        """The finding at a field of the record and, if known, at a (start, end) place in the source."""
        return finding(
            self.check,
            self.severity,
            field,
            self.message,
            paragraph=paragraph,
            place=place,
            expected=self.expected,
            got=self.got,
        )


@lru_cache(maxsize=2048)
def read(text: str, language: str) -> TextQuantities:
    """The quantities of a text. Cached, because several checks read the same field, for many articles at once."""
    return TextQuantities(text, language, tuple(find(text, language)))


@lru_cache(maxsize=256)
def read_lines(text: str, language: str) -> TextQuantities:
    """The quantities of a whole source, each line read by itself: no figure and no unit extends over a line end."""
    return TextQuantities(text, language, tuple(find_in_lines(text, language)))


def read_part(whole: TextQuantities, start: int, end: int) -> TextQuantities:
    """The quantities of ``whole.text[start:end]``, where ``whole`` comes from `read_lines`. Whole lines are not read
    again. Offsets count in the part."""
    text = whole.text[start:end]
    if whole.text[start - 1 : start] not in ("", "\n") or whole.text[end : end + 1] not in ("", "\n"):
        return read(text, whole.language)
    first = bisect_left(whole.quantities, start, key=start_of)
    last = bisect_left(whole.quantities, end, key=start_of)
    return TextQuantities(
        text, whole.language, tuple(moved(quantity, -start) for quantity in whole.quantities[first:last])
    )


def read_sentence(text: TextQuantities, start: int, end: int) -> TextQuantities:
    """The quantities of ``text.text[start:end]``, a sentence of it, which no quantity crosses. Offsets count in the
    sentence."""
    first = bisect_left(text.quantities, start, key=start_of)
    last = bisect_left(text.quantities, end, key=start_of)
    inside = tuple(moved(quantity, -start) for quantity in text.quantities[first:last])
    return TextQuantities(text.text[start:end], text.language, inside)


def start_of(quantity: Quantity) -> int:
    """Where a quantity begins, as a key to search a sorted list by."""
    return quantity.start


def moved(quantity: Quantity, by: int) -> Quantity:
    """The same quantity with its offsets moved by ``by`` code points."""
    return quantity._replace(start=quantity.start + by, end=quantity.end + by)


def values(quantity: Quantity) -> set[Decimal]:
    """Every number that a quantity states: its value, or the ends of its range."""
    return {value for value in (quantity.value, quantity.low, quantity.high) if value is not None}


def bounds(quantity: Quantity) -> Iterator[Quantity]:
    """Each end of a range as a quantity of its own; any other quantity unchanged."""
    if quantity.value is None and quantity.low is not None and quantity.high is not None:
        for value in (quantity.low, quantity.high):
            yield quantity._replace(value=value, low=None, high=None)
    else:
        yield quantity


def is_small(quantity: Quantity) -> bool:
    """Whether the figure is too common to be identified by its value alone."""
    numbers = values(quantity)
    if quantity.kind not in ("count", "span", "other"):
        return not numbers
    return all(abs(number) <= SMALL for number in numbers)


def is_amount(quantity: Quantity) -> bool:
    """Whether the figure is neither a date nor an ordinal nor small."""
    return quantity.kind not in ("date", "ordinal") and not is_small(quantity)


def same_value(english: Quantity, source: Quantity) -> bool:
    """Whether both share a value, exactly or as ``english`` rounds it. A share may be a fraction or a percentage."""
    if source.kind in ("date", "ordinal") and source.kind != english.kind:
        return False
    shown_values, exact_values = values(english), values(source)
    if not shown_values.isdisjoint(exact_values):
        return True
    if english.kind != source.kind and (
        "percent" in (english.kind, source.kind) or "other" in (english.kind, source.kind)
    ):
        exact_values = {*exact_values, *(value * share for value in exact_values for share in SHARES)}
    return any(rounds_to(exact, shown) for shown in shown_values for exact in exact_values)


def rounds_to(exact: Decimal, shown: Decimal) -> bool:
    """Whether ``shown`` is ``exact``, or ``exact`` rounded to the number of digits of ``shown``, at least two."""
    if exact == shown:
        return True
    # Rounding to two or more digits cannot change the order of magnitude by more than one.
    if not exact or not shown or abs(exact.adjusted() - shown.adjusted()) > 1 or (exact < 0) != (shown < 0):
        return False
    digits = max(2, len(shown.normalize().as_tuple().digits))
    unit = Decimal(1).scaleb(shown.adjusted() - digits + 1)
    return abs(exact - shown) <= unit / 2


def shown(quantity: Quantity) -> str:
    """The value in full, in ASCII digits: ``9,000,000,000``; both ends of a range."""
    return "–".join(f"{value.normalize():,f}" for value in sorted(values(quantity)))
