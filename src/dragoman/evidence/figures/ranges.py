"""Join two figures that are the ends of one range: 5-8 %, 200至300亿, between 5 and 8."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from dragoman.evidence.figures.folding import gap_end, gap_start, is_letter
from dragoman.evidence.figures.quantity import Kind, Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan

_WIDEST_GAP = 12
"""Characters between the two ends: a connector, which is a dash or a short word, and the gaps around it."""
_CHANGE_REACH = 40
"""Characters before a figure in which a word of change makes "from … to" two figures."""
_LOW_SCORE = 20
"""Two bare numbers up to this one that are joined by a dash are a score, not a range."""
_HIGHEST_SCORE = 200
"""Two bare numbers of which the first is not lower, and at most this, are a score: 112-108 in basketball."""


def join_ranges(scan: Scan, matches: Iterable[FigureMatch]) -> list[Quantity]:
    """Return the quantities of a text with ranges joined. Scores, and digits glued to other digits, are dropped."""
    merged: list[FigureMatch] = []
    for match in matches:
        connector = None
        if merged and match.quantity.start - merged[-1].quantity.end <= _WIDEST_GAP:
            connector = _connector(scan, merged[-1], match)
        if connector is None:
            merged.append(match)
        elif (joined := _range(scan, merged[-1], match, connector)) is not None:
            merged[-1] = joined
        elif _is_score(scan, merged[-1], match):
            merged[-1] = merged[-1]._replace(glued=True)
            merged.append(match._replace(glued=True))
        else:
            merged.append(match)
    return [match.quantity for match in merged if not match.glued]


def _connector(scan: Scan, first: FigureMatch, second: FigureMatch) -> str | None:
    """Return the word or sign that connects two figures, or None if other words stand between them."""
    start, end = first.quantity.end, second.quantity.start
    begin, stop = gap_end(scan.text, start), gap_start(scan.text, end)
    connector = scan.text[begin:stop]
    is_connector = connector in scan.grammar.connectors or connector in scan.grammar.between_connectors
    is_inside_word = stop == end and is_letter(scan.text, stop) and is_letter(scan.text, stop - 1)
    return connector if is_connector and not is_inside_word else None


def _is_score(scan: Scan, first: FigureMatch, second: FigureMatch) -> bool:
    """Whether the two are a score, such as 3 to 1. "Fell from 3 to 1" are two figures."""
    points, fewer = first.quantity.value, second.quantity.value
    if not (first.bare and second.bare) or points is None or fewer is None or not fewer <= points <= _HIGHEST_SCORE:
        return False
    return not _is_change(scan, first.quantity.start)


def _range(scan: Scan, first: FigureMatch, second: FigureMatch, connector: str) -> FigureMatch | None:
    """Return the range of which the two are the ends, or None if they are not."""
    lower, upper = first.quantity, second.quantity
    if first.standalone or second.standalone or lower.value is None or upper.value is None:
        return None
    if connector not in scan.grammar.connectors and not _is_between(scan, lower.start):
        return None
    is_word = connector.isalpha()
    if first.bare and second.bare and not is_word and upper.value <= _LOW_SCORE:
        return None
    if is_word and _is_change(scan, lower.start):
        return None
    ends = _ends(first, second)
    if ends is None:
        return None
    kind, unit, low = ends
    quantity = upper._replace(
        kind=kind, value=None, low=low, high=upper.value, unit=unit, start=lower.start,
        bound="about" if lower.bound == "about" else "exact",
    )  # fmt: skip
    return second._replace(quantity=quantity, glued=False, bare=False)


def _ends(first: FigureMatch, second: FigureMatch) -> tuple[Kind, str | None, Decimal] | None:
    """Return kind and unit of the range, and its lower end, multiplied with the scale if only the upper end has one."""
    lower, upper = first.quantity, second.quantity
    if first.has_unit and second.has_unit and lower.unit != upper.unit and not _is_same_money(lower, upper):
        return None
    low = lower.value
    assert low is not None
    assert upper.value is not None
    if first.scale == 1 and second.mantissa is not None and low < second.mantissa:
        low *= second.scale
    if not low < upper.value:
        return None
    measured = upper if second.has_unit else lower
    return measured.kind, measured.unit, low


def _is_same_money(lower: Quantity, upper: Quantity) -> bool:
    """Whether one end settles the currency that the sign of the other leaves open: $5 to 8 million US dollars."""
    units = sorted((lower.unit or "", upper.unit or ""))
    return lower.kind == upper.kind == "money" and units[0][:1] == "?" and units[1].endswith("D")


def _is_between(scan: Scan, at: int) -> bool:
    return scan.grammar.between.before(scan.text, gap_start(scan.text, at)) is not None


def _is_change(scan: Scan, at: int) -> bool:
    """Whether a word of change makes two figures of "rose from 5 to 8". "From 5 to 8" alone is a range."""
    from_word = scan.grammar.from_words.before(scan.text, gap_start(scan.text, at))
    return from_word is not None and bool(scan.grammar.change.search(scan.text, max(0, at - _CHANGE_REACH), at))
