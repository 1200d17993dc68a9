"""Two figures that are the ends of one range: 5-8 %, 200至300亿, between 5 and 8."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from dragoman.figures.context import REACH
from dragoman.figures.quantity import Kind, Quantity
from dragoman.figures.site import Found, Site

_WIDEST_JOINT = 12
"""Characters between the ends."""
_CHANGE_REACH = 40
_SCORE = 20
"""Two bare numbers up to here, joined by a dash, are a score."""


def joined(site: Site, found: Iterable[Found]) -> list[Quantity]:
    """The quantities of a text with ranges put together; what is only the half of a range is dropped."""
    out: list[Found] = []
    for item in found:
        if out:
            if _ends_years(site, out[-1], item):
                continue
            both = _range(site, out[-1], item)
            if both is not None:
                out[-1] = both
                continue
        out.append(item)
    return [item.quantity for item in out if not item.glued]


def _ends_years(site: Site, first: Found, second: Found) -> bool:
    """1950-53: the second is a year as well, cut short."""
    date, value = first.quantity.date, second.quantity.value
    if date is None or len(date) != 4 or value is None or value >= 100:
        return False
    return site.text[first.quantity.end : second.quantity.start] in ("-", "–", "~", "～", "〜", "/")


def _range(site: Site, first: Found, second: Found) -> Found | None:
    """The range of which the two are the ends, or None."""
    one, two = first.quantity, second.quantity
    if two.start - one.end > _WIDEST_JOINT or first.whole or second.whole or one.value is None or two.value is None:
        return None
    between = site.text[one.end : two.start]
    joint = site.grammar.joint.fullmatch(between)
    if not joint:
        return None
    ahead = site.text[max(0, one.start - REACH) : one.start][::-1]
    if joint["and"] and not site.grammar.between.match(ahead):
        return None
    if first.bare and second.bare and not between.strip().isalpha() and two.value <= _SCORE:
        return None
    if between.strip().isalpha() and _is_change(site, ahead):
        return None
    ends = _ends(first, second)
    if ends is None:
        return None
    kind, unit, low = ends
    vague = first.hedge is not None and first.hedge.meaning == "about"
    quantity = replace(
        two, kind=kind, value=None, low=low, high=two.value, unit=unit, vague=vague, start=one.start
    )  # fmt: skip
    return second._replace(quantity=quantity, glued=False, bare=False)


def _ends(first: Found, second: Found) -> tuple[Kind, str | None, Decimal] | None:
    """Kind and unit of the range, and its lower end with the scale that it shares with the upper one."""
    one, two = first.quantity, second.quantity
    if first.has_unit and second.has_unit and one.unit != two.unit and not (one.kind == two.kind == "money"):
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


def _is_change(site: Site, ahead: str) -> bool:
    """ "Rose from 5 to 8" says two figures, "from 5 to 8" a range."""
    return bool(site.grammar.source.match(ahead) and site.grammar.change.search(ahead[:_CHANGE_REACH][::-1]))
