"""What is being read, and what has been found in it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from dragoman.evidence.figures.compose import Number
from dragoman.evidence.figures.folding import Folded
from dragoman.evidence.figures.grammar import Grammar
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.quantity import Quantity

_ONE = Decimal(1)


class Scan(NamedTuple):
    """The text that is read: folded, with the original beside it, under the grammar of its language."""

    text: str
    original: str
    folded: Folded
    grammar: Grammar
    language: str
    """The primary subtag."""

    def printed(self, start: int, end: int) -> str:
        """The original letters of a range of the folded text; an end beyond the text is its end."""
        if not self.folded.folded_steps:
            return self.original[start:end]
        first, last = self.folded.original_range(start, min(end, len(self.text)))
        return self.original[first:last]


class FigureMatch(NamedTuple):
    """A quantity over folded text, with what a range needs to know of it."""

    quantity: Quantity
    bare: bool = False
    """Digits alone: neither scale nor unit."""
    number: Number | None = None
    has_unit: bool = False
    hedge: Entry | None = None
    standalone: bool = False
    """A phrase of its own, which is no end of a range (doubled, a third)."""
    glued: bool = False
    """Bare and joined to other digits by a dash or stroke: an amount only as one end of a range."""

    @property
    def mantissa(self) -> Decimal | None:
        """The numeral in front of the scale, where there is one numeral only."""
        return self.number.mantissa if self.number else None

    @property
    def scale(self) -> Decimal:
        """What that numeral is multiplied with."""
        number = self.number
        if number is None or number.digits or not number.mantissa or not number.value:
            return _ONE
        return number.value / number.mantissa
