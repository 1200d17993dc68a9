"""Add to each figure that the model states what Dragoman itself reads in its words: the bound, and the ends of it.

The answer of the model only says whether a figure is approximate. Pages and tables show whether the source prints
“more than”, “at most” or “about”, so it is read here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from dragoman.core.answers import StatedQuantity
from dragoman.core.record import CheckedQuantity
from dragoman.core.source import Source
from dragoman.evidence.checks.quantities import read, read_lines
from dragoman.evidence.figures import Quantity
from dragoman.evidence.quotes.markup import without_markup


def with_bounds(
    quantities: Sequence[StatedQuantity], source: Source, parts: Sequence[tuple[int, int]]
) -> list[CheckedQuantity]:
    """The figures of a claim with their bounds. ``parts`` are the (start, end) places of the claim's quote in the
    source: a hedge that the words of the figure leave out is read there."""
    checked = []
    for stated in quantities:
        figure = _figure(stated.quote, source, parts)
        checked.append(
            CheckedQuantity(
                **vars(stated),
                bound=figure.bound if figure else None,
                low=_plain(figure.low if figure else None),
                high=_plain(figure.high if figure else None),
            )
        )
    return checked


def _figure(words: str, source: Source, parts: Sequence[tuple[int, int]]) -> Quantity | None:
    """The only amount in the words of a figure; None if they have none or several, of which the model may mean any."""
    for start, end in parts:
        at = source.text.find(words, start, end)
        if at >= 0:
            whole = read_lines(source.text, source.language).quantities
            first = bisect_left(whole, at, key=lambda quantity: quantity.end - 1)
            last = bisect_left(whole, at + len(words), key=lambda quantity: quantity.start)
            return _only_amount(whole[first:last])
    return _only_amount(read(without_markup(words), source.language).quantities)


def _only_amount(quantities: Sequence[Quantity]) -> Quantity | None:
    amounts = [quantity for quantity in quantities if quantity.kind not in ("date", "ordinal")]
    return amounts[0] if len(amounts) == 1 else None


def _plain(value: Decimal | None) -> str | None:
    """A decimal string without an exponent and without zeros after the decimals."""
    return None if value is None else f"{value.normalize():f}"
