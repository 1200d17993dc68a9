"""Quantity: one figure as Dragoman itself reads it in a text."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from dragoman.core.bounds import Bound

Kind = Literal["money", "percent", "count", "date", "span", "ordinal", "other"]
"""``span`` is a time span ("three years"); ``other`` is a measure, a fraction or a multiple."""


class Quantity(NamedTuple):
    """One figure of a text. ``start`` and ``end`` are half-open code point offsets of number, scale and unit words."""

    kind: Kind
    value: Decimal | None
    """The printed figure times its scale: 260 in "more than 260". None for a range, for a date, and for a number too
    vague to have a value (几十亿, hàng nghìn)."""
    low: Decimal | None
    """The lower bound, if one is printed: 260 in "more than 260", or the lower end of a range."""
    high: Decimal | None
    """The upper bound, if one is printed."""
    unit: str | None
    """ISO 4217; ``%``, ``pp`` (percentage points), ``bp`` (basis points), ``‰``; ``×``; a noun as printed; or None. A
    currency that the text does not settle is ``?`` and its sign or name: ``?$``, ``?元``, ``?dollar``."""
    vague: bool
    """True for a number that does not say how many (dozens of), and for a date that its calendar leaves open. A figure
    with a hedge is not vague: see `bound`."""
    start: int
    end: int
    date: str | None = None
    """For kind ``date``, partial ISO in the Gregorian calendar: ``2024-11-22``, ``2024-11``, ``2024``, ``--11-22``,
    ``--11``. None for other kinds."""
    bound: Bound = "exact"
    """What the words around the figure say about it. Of a range: ``about``, or ``exact`` if its two ends are all that is said."""

    @property
    def is_hedged(self) -> bool:
        """Whether the text says that the figure is not exact, by a bound or because it is vague."""
        return self.vague or self.bound != "exact"
