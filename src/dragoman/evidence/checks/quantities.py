"""A text with the quantities that our own code reads in it, and when two of them are the same figure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from dragoman.core.check_names import CheckName
from dragoman.core.once import once
from dragoman.core.record import Finding, Severity
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.figures import Quantity, find, find_in_lines

SMALL = Decimal(12)
"""Counts up to here are often words, implied or counted by the reader: they are not compared."""

_SHARES = (Decimal(100), Decimal("0.01"))
"""A share may be told as a fraction or as a percentage."""


@dataclass(frozen=True)
class TextQuantities:
    """The quantities of a text, with the text, so that a message can quote them. ``language`` is a BCP-47 tag."""

    text: str
    language: str
    found: tuple[Quantity, ...]

    @once
    def dates(self) -> Sequence[Quantity]:
        """The dates that are certain."""
        return [quantity for quantity in self.found if quantity.kind == "date" and quantity.date and not quantity.vague]

    def printed(self, quantity: Quantity) -> str:
        """The words of a quantity, as they stand."""
        return self.text[quantity.start : quantity.end]


@dataclass(frozen=True, slots=True)
class Observation:
    """A finding that does not know its place yet. ``expected`` and ``got`` are as printed."""

    check: CheckName
    severity: Severity
    message: str
    expected: str | None
    got: str

    def finding(self, field: str, paragraph: int | None = None, place: tuple[int, int] | None = None) -> Finding:
        """The same at a field of the record and, where it is known, a place in the source."""
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
    """The quantities of a text; several checks ask for the same field, and many articles are read side by side."""
    return TextQuantities(text, language, tuple(find(text, language)))


@lru_cache(maxsize=256)
def read_lines(text: str, language: str) -> TextQuantities:
    """The quantities of a whole source, line by line: no figure goes on, and no word says anything, over a line end."""
    return TextQuantities(text, language, tuple(find_in_lines(text, language)))


def read_part(whole: TextQuantities, start: int, end: int) -> TextQuantities:
    """What is read in a part of a source, given what `read_lines` has read in all of it. Whole lines are not read
    again."""
    text = whole.text[start:end]
    if whole.text[start - 1 : start] not in ("", "\n") or whole.text[end : end + 1] not in ("", "\n"):
        return read(text, whole.language)
    first = bisect_left(whole.found, start, key=_start)
    last = bisect_left(whole.found, end, key=_start)
    return TextQuantities(text, whole.language, tuple(moved(quantity, -start) for quantity in whole.found[first:last]))


def _start(quantity: Quantity) -> int:
    return quantity.start


def moved(quantity: Quantity, by: int) -> Quantity:
    """The same quantity so many code points further on."""
    kind, value, low, high, unit = quantity.kind, quantity.value, quantity.low, quantity.high, quantity.unit
    return Quantity(kind, value, low, high, unit, quantity.vague, quantity.start + by, quantity.end + by, quantity.date)


def values(quantity: Quantity) -> set[Decimal]:
    """Every number that a quantity states: its value, or the ends of a range."""
    return {value for value in (quantity.value, quantity.low, quantity.high) if value is not None}


def bounds(quantity: Quantity) -> Iterator[Quantity]:
    """Both ends of a range, each to be found in the source; any other quantity as it is."""
    if quantity.value is None and quantity.low is not None and quantity.high is not None:
        for value in (quantity.low, quantity.high):
            yield quantity._replace(value=value, low=None, high=None)
    else:
        yield quantity


def is_small(quantity: Quantity) -> bool:
    """Whether it is too common a figure to be looked for by its value alone."""
    found = values(quantity)
    if quantity.kind not in ("count", "span", "other"):
        return not found
    return all(abs(value) <= SMALL for value in found)


def same_value(ours: Quantity, theirs: Quantity) -> bool:
    """Whether they share a value, exactly or as ours rounds it; a share as a fraction or as a percentage."""
    if theirs.kind in ("date", "ordinal") and theirs.kind != ours.kind:
        return False
    wanted, there = values(ours), values(theirs)
    if not wanted.isdisjoint(there):
        return True
    if "percent" in (ours.kind, theirs.kind) or "other" in (ours.kind, theirs.kind):
        there = {*there, *(b * share for b in there for share in _SHARES)}
    return any(rounds_to(b, a) for a in wanted for b in there)


def rounds_to(exact: Decimal, shown: Decimal) -> bool:
    """Whether ``shown`` is ``exact``, or ``exact`` rounded to the digits that ``shown`` has (two at least)."""
    if exact == shown:
        return True
    # Of a figure with two digits and more, the half of the last is far from a tenth.
    if not exact or not shown or abs(exact.adjusted() - shown.adjusted()) > 1 or (exact < 0) != (shown < 0):
        return False
    digits = max(2, len(shown.normalize().as_tuple().digits))
    unit = Decimal(1).scaleb(shown.adjusted() - digits + 1)
    return abs(exact - shown) <= unit / 2


def shown(quantity: Quantity) -> str:
    """The value in full, in ASCII digits: 9,000,000,000."""
    return "–".join(f"{value.normalize():,f}" for value in sorted(values(quantity)))
