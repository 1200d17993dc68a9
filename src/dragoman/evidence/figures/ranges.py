"""Two figures that are the ends of one range: 5-8 %, 200至300亿, between 5 and 8."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from dragoman.evidence.figures.folding import gap_end, gap_start, is_letter
from dragoman.evidence.figures.quantity import Kind, Quantity
from dragoman.evidence.figures.scan import FigureMatch, Scan

_WIDEST_JOINT = 12
"""Characters between the ends."""
_CHANGE_REACH = 40
_SCORE = 20
"""Two bare numbers up to here, joined by a dash, are a score."""

_HIGHEST_SCORE = 200


def join_ranges(scan: Scan, matches: Iterable[FigureMatch]) -> list[Quantity]:
    """The quantities of a text with ranges put together; scores and the halves of what is no range are dropped."""
    merged: list[FigureMatch] = []
    for match in matches:
        connector = None
        if merged and match.quantity.start - merged[-1].quantity.end <= _WIDEST_JOINT:
            connector = _connector(scan, merged[-1], match)
        if connector is None:
            merged.append(match)
        elif _ends_years(merged[-1], match):
            continue
        elif (first := _first_day(merged[-1], match)) is not None:
            merged[-1] = first
            merged.append(match)
        elif (both := _range(scan, merged[-1], match, connector)) is not None:
            merged[-1] = both
        elif _is_score(scan, merged[-1], match):
            merged[-1] = merged[-1]._replace(glued=True)
            merged.append(match._replace(glued=True))
        else:
            merged.append(match)
    return [match.quantity for match in merged if not match.glued]


def _connector(scan: Scan, first: FigureMatch, second: FigureMatch) -> str | None:
    """The word or sign that joins two figures, or None when other words stand between them."""
    start, end = first.quantity.end, second.quantity.start
    begin, stop = gap_end(scan.text, start), gap_start(scan.text, end)
    connector = scan.text[begin:stop]
    known = connector in scan.grammar.connectors or connector in scan.grammar.between_connectors
    glued = stop == end and is_letter(scan.text, stop) and is_letter(scan.text, stop - 1)
    return connector if known and not glued else None


def _ends_years(first: FigureMatch, second: FigureMatch) -> bool:
    """1950-53: the second is a year as well, cut short."""
    date, value = first.quantity.date, second.quantity.value
    return date is not None and len(date) == 4 and value is not None and value < 100


def _first_day(first: FigureMatch, second: FigureMatch) -> FigureMatch | None:
    """5-8 November: the first is a day of the same month."""
    date, value = second.quantity.date, first.quantity.value
    if date is None or date.count("-") < 2 or not first.bare or value is None or not 1 <= value < int(date[-2:]):
        return None
    quantity = first.quantity
    return FigureMatch(
        Quantity("date", None, None, None, None, second.quantity.vague, quantity.start, quantity.end,
                 f"{date[:-2]}{int(value):02d}"), standalone=True,
    )  # fmt: skip


def _is_score(scan: Scan, first: FigureMatch, second: FigureMatch) -> bool:
    """3 to 1; but "fell from 3 to 1" says two figures."""
    one, two = first.quantity.value, second.quantity.value
    if not (first.bare and second.bare) or one is None or two is None or not two <= one <= _HIGHEST_SCORE:
        return False
    return not _is_change(scan, first.quantity.start)


def _range(scan: Scan, first: FigureMatch, second: FigureMatch, connector: str) -> FigureMatch | None:
    """The range of which the two are the ends, or None."""
    one, two = first.quantity, second.quantity
    if first.standalone or second.standalone or one.value is None or two.value is None:
        return None
    if connector not in scan.grammar.connectors and not _is_between(scan, one.start):
        return None
    word = connector.isalpha()
    if first.bare and second.bare and not word and two.value <= _SCORE:
        return None
    if word and _is_change(scan, one.start):
        return None
    ends = _ends(first, second)
    if ends is None:
        return None
    kind, unit, low = ends
    vague = first.hedge is not None and first.hedge.meaning == "about"
    quantity = two._replace(
        kind=kind, value=None, low=low, high=two.value, unit=unit, vague=vague, start=one.start
    )  # fmt: skip
    return second._replace(quantity=quantity, glued=False, bare=False)


def _ends(first: FigureMatch, second: FigureMatch) -> tuple[Kind, str | None, Decimal] | None:
    """Kind and unit of the range, and its lower end with the scale that it shares with the upper one."""
    one, two = first.quantity, second.quantity
    if first.has_unit and second.has_unit and one.unit != two.unit and not _is_same_money(one, two):
        return None
    low = one.value
    assert low is not None
    assert two.value is not None
    if first.scale == 1 and second.mantissa is not None and low < second.mantissa:
        low *= second.scale
    if not low < two.value:
        return None
    shown = two if second.has_unit else one
    return shown.kind, shown.unit, low


def _is_same_money(one: Quantity, two: Quantity) -> bool:
    """$5 to 8 million US dollars: the sign is left open by one, and settled by the other."""
    units = sorted((one.unit or "", two.unit or ""))
    return one.kind == two.kind == "money" and units[0][:1] == "?" and units[1].endswith("D")


def _is_between(scan: Scan, at: int) -> bool:
    return scan.grammar.between.before(scan.text, gap_start(scan.text, at)) is not None


def _is_change(scan: Scan, at: int) -> bool:
    """ "Rose from 5 to 8" says two figures, "from 5 to 8" a range."""
    source = scan.grammar.from_words.before(scan.text, gap_start(scan.text, at))
    return source is not None and bool(scan.grammar.change.search(scan.text, max(0, at - _CHANGE_REACH), at))
