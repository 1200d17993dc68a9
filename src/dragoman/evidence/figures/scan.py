"""The text that is being read, and one figure of it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from dragoman.evidence.figures.compose import Number
from dragoman.evidence.figures.folding import DIRECTION_MARKS, Folded
from dragoman.evidence.figures.grammar import Grammar
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.quantity import Quantity

_ONE = Decimal(1)


class Scan(NamedTuple):
    """The text that is being read: folded, with the original beside it, and the grammar of its language."""

    text: str
    original: str
    folded: Folded
    grammar: Grammar
    language: str
    """The primary subtag."""

    def printed(self, start: int, end: int) -> str:
        """Return the original letters of a range of the folded text, without marks of direction after them.

        ``end`` may lie beyond the text.
        """
        if not self.folded.folded_steps:
            return self.original[start:end]
        first, last = self.folded.original_range(start, min(end, len(self.text)))
        return self.original[first:last].rstrip(DIRECTION_MARKS)


class FigureMatch(NamedTuple):
    """A quantity with offsets in the folded text, and what joining ranges needs to know about it."""

    quantity: Quantity
    bare: bool = False
    """Whether it is digits alone, with neither scale nor unit."""
    number: Number | None = None
    has_unit: bool = False
    hedge: Entry | None = None
    standalone: bool = False
    """Whether it is a phrase that cannot be the end of a range (doubled, a third)."""
    more: tuple[FigureMatch, ...] = ()
    """The further dates of a run: the 7th in "5 to 7 March"."""
    glued: bool = False
    """Whether bare digits are joined to other digits by a dash or stroke. Then they are an amount only in a range."""

    @property
    def mantissa(self) -> Decimal | None:
        """The numeral before the scale, if the number has exactly one numeral."""
        return self.number.mantissa if self.number else None

    @property
    def scale(self) -> Decimal:
        """What the mantissa is multiplied with."""
        number = self.number
        if number is None or number.digits or not number.mantissa or not number.value:
            return _ONE
        return number.value / number.mantissa
