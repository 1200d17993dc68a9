"""The noun: a Quantity is what our own code reads in a text."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

Kind = Literal["money", "percent", "count", "date", "span", "ordinal", "other"]
"""``span`` is a time span ("three years"); ``other`` a measure, fraction or multiple."""


class Quantity(NamedTuple):
    """One figure of a text. ``start`` and ``end`` are half-open code points: number, scale and unit words."""

    kind: Kind
    value: Decimal | None
    """The printed figure, scale multiplied out: 260 in "more than 260". None for a range, a date and the wholly
    vague (几十亿, hàng nghìn)."""
    low: Decimal | None
    """The bound where one is stated: 260 in "more than 260"; the lower end of a range."""
    high: Decimal | None
    unit: str | None
    """ISO 4217; ``%``, ``pp`` (percentage points), ``bp``, ``‰``; ``×``; a noun as printed; None. A currency that
    the text does not settle is ``?`` and its sign or name: ``?$``, ``?元``, ``?dollar``."""
    vague: bool
    """About, nearly, more than, dozens of; a date reckoned from a calendar that leaves it open."""
    start: int
    end: int
    date: str | None = None
    """For kind ``date``: partial ISO, Gregorian: ``2024-11-22``, ``2024-11``, ``2024``, ``--11-22``, ``--11``."""
