"""“Rose by 25 % from 60 to 75”: does the percentage follow from the figures beside it?

Only words of change may stand between the three (``data/cues.tsv``: from, to, grown, between), so that the
percentage cannot be another one's. Where both figures are percentages, points are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from dragoman.core.check_names import CheckName
from dragoman.evidence.checks.currencies import may_be_one
from dragoman.evidence.checks.quantities import TextQuantities
from dragoman.evidence.checks.rounding import brief, is_off, is_off_by_points, is_plain, least, most
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.figures import Quantity

Note = tuple[CheckName, int, int, str]
"""Name of the check, range in the source text, and a sentence."""

_FILLING = ("from", "to", "grown", "between")
_POINT = re.compile(r"[^\S\n]+|[,，、—–:：()（）~～-]+")
_STOP = re.compile(r"[.;。；！!?？।؟\n)）,，、]|\Z")
_SENTENCE_END = re.compile(r"[.!?。！？।؟;；](?=\s|\Z|[^\d])|\n")
_COMPARABLE = ("money", "count", "other", "percent")
_POSTPOSED = ("ja", "ko", "hi", "ne", "bn", "ta", "ur")
"""Languages whose word for “from” stands behind the figure."""

_LONGEST = 600
_REACH = 60
"""Characters in front of a change, in its sentence, where its verb may stand."""


def changes(reading: TextQuantities) -> Iterator[Note]:
    """``inside.change``: from A to B, by C per cent; where A and B are per cent, by C points."""
    for window in (*windows(reading.found, 2), *windows(reading.found, 3)):
        rate, amounts = _rate(window)
        ends = _ends(reading, amounts) if rate is not None and _is_change(reading, window, amounts) else None
        if rate is None or rate.value is None or ends is None:
            continue
        first, second = ends
        if rate.unit == "pp":
            off, exact, unit = is_off_by_points(rate.value, first, second), abs(second - first), " points"
        else:
            orders = _orders(first, second, sure=len(window) == 3)
            off = all(is_off(rate.value, *_change(a, b)) for a, b in orders)
            exact, unit = abs(second - first) / first * 100, " %"
        if off:
            ordered = sorted(amounts, key=lambda q: q.value != first)
            printed = " → ".join(reading.printed(q) for q in ordered)
            message = f"“{printed}” is a change by {brief(exact)}{unit}; the article says “{reading.printed(rate)}”"
            yield "inside.change", window[0].start, window[-1].end, message


def _rate(window: Sequence[Quantity]) -> tuple[Quantity | None, list[Quantity]]:
    """The one figure that says how much it changed, and the others: points among percentages, else a percentage."""
    rates = [q for q in window if q.unit == "pp"] or [q for q in window if q.unit == "%"]
    amounts = [q for q in window if q not in rates]
    if len(rates) != 1 or not is_plain(rates[0]):
        return None, amounts
    fitting = all((q.unit == "%") == (rates[0].unit == "pp") for q in amounts)
    return (rates[0] if fitting else None), amounts


def _ends(reading: TextQuantities, amounts: Sequence[Quantity]) -> tuple[Decimal, Decimal] | None:
    """(before, after), or None when the two cannot be compared."""
    if len(amounts) == 1:
        (both,) = amounts
        if both.value is not None or both.vague or both.kind not in _COMPARABLE:
            return None
        return (both.low, both.high) if both.low and both.high and both.low > 0 else None
    one, other = amounts
    if not (is_plain(one) and is_plain(other)) or not _are_alike(one, other):
        return None
    assert one.value is not None
    assert other.value is not None
    backwards = _follows(reading, other, "from") and not _follows(reading, one, "from")
    first, second = (other.value, one.value) if backwards else (one.value, other.value)
    if one.unit is None and other.unit is not None and first < 1000 <= second:
        first *= Decimal(10) ** (second.adjusted() - first.adjusted())  # from 5.2 to 6.4 billion
        first = min((first * f for f in (Decimal("0.1"), Decimal(1), Decimal(10))), key=lambda v: abs(v - second))
    return first, second


def _are_alike(one: Quantity, other: Quantity) -> bool:
    if "money" in (one.kind, other.kind):
        both = one.kind == other.kind and may_be_one(one.unit, other.unit)
        return both or (one.kind == "count" and one.unit is None)
    return one.kind == other.kind and one.kind in _COMPARABLE and (one.unit == other.unit or one.unit is None)


def _is_change(reading: TextQuantities, window: Sequence[Quantity], amounts: Sequence[Quantity]) -> bool:
    """Whether only words of change stand between the figures, with a word for “from” where the language has one."""
    language, text = reading.language, reading.text
    gaps = [text[one.end : other.start] for one, other in pairwise(window)]
    if not amounts or not all(_is_filled(gap, language) for gap in gaps):
        return False
    ahead = ahead_of(text, window[0].start)
    stop = _STOP.search(text, window[-1].end)
    behind = text[window[-1].end : stop.start() if stop else None]
    if window[-1].kind == "percent" and not _is_filled(behind, language):
        return False
    grown = pattern(language, "grown")
    if grown is None or not any(grown.search(part) for part in (ahead, *gaps, behind)):
        return False
    return pattern(language, "from") is None or any(_follows(reading, q, "from") for q in amounts)


def _follows(reading: TextQuantities, quantity: Quantity, kind: str) -> bool:
    """Whether a cue stands right in front of a quantity, within it or right behind it."""
    cue = pattern(reading.language, kind)
    if cue is None:
        return False
    ahead = reading.text[max(0, quantity.start - 16) : quantity.start].rstrip()
    behind = reading.text[quantity.end : quantity.end + 12].lstrip()
    if reading.language.split("-")[0] in _POSTPOSED:
        return bool(cue.match(behind)) or bool(cue.search(reading.printed(quantity)))
    return any(found.end() == len(ahead) for found in cue.finditer(ahead))


def _is_filled(gap: str, language: str) -> bool:
    """Whether a text is nothing but the language's words of change and signs."""
    cues = [cue for kind in _FILLING if (cue := pattern(language, kind))]
    position = 0
    while position < len(gap):
        matches = [m for p in (_POINT, *cues) if (m := p.match(gap, position)) and m.end() > position]
        if not matches:
            return False
        position = max(m.end() for m in matches)
    return True


def _orders(first: Decimal, second: Decimal, *, sure: bool) -> Iterator[tuple[Decimal, Decimal]]:
    """A range does not tell whether it rose or fell."""
    yield first, second
    if not sure:
        yield second, first


def _change(before: Decimal, after: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the greatest change in per cent that the rounded figures allow."""
    low, high = sorted((before, after))
    smallest = (least(high) - most(low)) / most(before)
    greatest = (most(high) - least(low)) / least(before)
    return max(smallest, Decimal(0)) * 100, greatest * 100


def ahead_of(text: str, start: int) -> str:
    """What stands in front of a figure, in its own sentence."""
    return _SENTENCE_END.split(text[max(0, start - _REACH) : start])[-1]


def rest_of(text: str, end: int) -> str:
    """What follows a figure, up to the end of its sentence or the longest that is looked at."""
    stop = _SENTENCE_END.search(text, end, end + _LONGEST)
    return text[end : stop.start() if stop else end + _LONGEST]


def windows(found: Sequence[Quantity], size: int) -> Iterator[Sequence[Quantity]]:
    """Every run of so many quantities that follow each other."""
    return (found[at : at + size] for at in range(len(found) - size + 1))
