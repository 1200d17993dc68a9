"""Check changes such as “rose by 25 % from 60 to 75”: does the percentage follow from the figures beside it?

Only words of change may be between the three figures (``data/cues.tsv``: from, to, grown, between), so that the
percentage cannot belong to other figures. If both amounts are percentages, the change is in percentage points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from dragoman.core.check_names import CheckName
from dragoman.core.language_tags import primary
from dragoman.evidence.checks.currencies import may_be_same
from dragoman.evidence.checks.quantities import TextQuantities
from dragoman.evidence.checks.rounding import brief, is_exact_value, is_off, is_off_by_points, least, most
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.figures import Quantity

Discrepancy = tuple[CheckName, int, int, str]
"""Name of the check, start and end in the source text, and the message."""

_FILLING = ("from", "to", "grown", "between")
_POINT = re.compile(r"[^\S\n]+|[,，、—–:：()（）~～-]+")
_STOP = re.compile(r"[.;。；！!?？।؟\n)）,，、]|\Z")
_SENTENCE_END = re.compile(r"[.!?。！？।؟;；](?=\s|\Z|[^\d])|\n")
_COMPARABLE = ("money", "count", "other", "percent")
_POSTPOSED = ("ja", "ko", "hi", "ne", "bn", "ta", "ur", "te", "kn", "ml", "mr", "gu", "pa", "si", "my", "mn")
"""Languages in which the word for “from” follows the figure."""

_LONGEST = 600
"""Characters of a sentence after a figure that are examined."""

_REACH = 60
"""Characters before a change, in its sentence, where its verb may be."""


def changes(article: TextQuantities) -> Iterator[Discrepancy]:
    """``inside.change``: from A to B by C per cent; if A and B are percentages, by C points."""
    for window in (*windows(article.quantities, 2), *windows(article.quantities, 3)):
        rate, amounts = _rate(window)
        ends = (
            _before_and_after(article, amounts) if rate is not None and _is_change(article, window, amounts) else None
        )
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
            printed = " → ".join(article.printed(q) for q in ordered)
            message = f"“{printed}” is a change of {brief(exact)}{unit}, but the article says “{article.printed(rate)}”"
            yield "inside.change", window[0].start, window[-1].end, message


def _rate(window: Sequence[Quantity]) -> tuple[Quantity | None, list[Quantity]]:
    """(the figure that states the change, the other figures). It is the only one in points, among percentages, else the
    only percentage; None if there is no such figure."""
    rates = [q for q in window if q.unit == "pp"] or [q for q in window if q.unit == "%"]
    amounts = [q for q in window if q not in rates]
    if len(rates) != 1 or not is_exact_value(rates[0]):
        return None, amounts
    are_comparable = all((q.unit == "%") == (rates[0].unit == "pp") for q in amounts)
    return (rates[0] if are_comparable else None), amounts


def _before_and_after(article: TextQuantities, amounts: Sequence[Quantity]) -> tuple[Decimal, Decimal] | None:
    """(before, after), or None if the two cannot be compared."""
    if len(amounts) == 1:
        (both,) = amounts
        if both.value is not None or both.is_hedged or both.kind not in _COMPARABLE:
            return None
        return (both.low, both.high) if both.low and both.high and both.low > 0 else None
    first, second = amounts
    if not (is_exact_value(first) and is_exact_value(second)) or not _are_alike(first, second):
        return None
    assert first.value is not None
    assert second.value is not None
    is_reversed = _follows(article, second, "from") and not _follows(article, first, "from")
    before, after = (second.value, first.value) if is_reversed else (first.value, second.value)
    if first.unit is None and second.unit is not None and before < 1000 <= after:
        before *= Decimal(10) ** (after.adjusted() - before.adjusted())  # from 5.2 to 6.4 billion
        before = min((before * f for f in (Decimal("0.1"), Decimal(1), Decimal(10))), key=lambda v: abs(v - after))
    return before, after


def _are_alike(first: Quantity, second: Quantity) -> bool:
    """Whether both quantities are of one kind and unit; the first may omit the unit."""
    if "money" in (first.kind, second.kind):
        is_same_money = first.kind == second.kind and may_be_same(first.unit, second.unit)
        return is_same_money or (first.kind == "count" and first.unit is None)
    return first.kind == second.kind and first.kind in _COMPARABLE and (first.unit == second.unit or first.unit is None)


def _is_change(article: TextQuantities, window: Sequence[Quantity], amounts: Sequence[Quantity]) -> bool:
    """Whether only words of change are between the figures, one of them a word for “from” if the language has one."""
    language, text = article.language, article.text
    gaps = [text[first.end : second.start] for first, second in pairwise(window)]
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
    return pattern(language, "from") is None or any(_follows(article, q, "from") for q in amounts)


def _follows(article: TextQuantities, quantity: Quantity, kind: str) -> bool:
    """Whether a cue word is directly before a quantity; in `_POSTPOSED` languages, within it or directly after it."""
    cue = pattern(article.language, kind)
    if cue is None:
        return False
    ahead = article.text[max(0, quantity.start - 16) : quantity.start].rstrip()
    behind = article.text[quantity.end : quantity.end + 12].lstrip()
    if primary(article.language) in _POSTPOSED:
        return bool(cue.match(behind)) or bool(cue.search(article.printed(quantity)))
    return any(match.end() == len(ahead) for match in cue.finditer(ahead))


def _is_filled(gap: str, language: str) -> bool:
    """Whether a text consists only of punctuation and of the language's words of change."""
    cues = [cue for kind in _FILLING if (cue := pattern(language, kind))]
    position = 0
    while position < len(gap):
        matches = [m for p in (_POINT, *cues) if (m := p.match(gap, position)) and m.end() > position]
        if not matches:
            return False
        position = max(m.end() for m in matches)
    return True


def _orders(first: Decimal, second: Decimal, *, sure: bool) -> Iterator[tuple[Decimal, Decimal]]:
    """The possible (before, after) pairs: both orders unless ``sure``, because a range does not say whether it rose."""
    yield first, second
    if not sure:
        yield second, first


def _change(before: Decimal, after: Decimal) -> tuple[Decimal, Decimal]:
    """The smallest and the largest change in per cent that the rounded figures allow."""
    low, high = sorted((before, after))
    smallest = (least(high) - most(low)) / most(before)
    greatest = (most(high) - least(low)) / least(before)
    return max(smallest, Decimal(0)) * 100, greatest * 100


def ahead_of(text: str, start: int) -> str:
    """The text before a figure in its own sentence, at most `_REACH` characters."""
    return _SENTENCE_END.split(text[max(0, start - _REACH) : start])[-1]


def rest_of(text: str, end: int) -> str:
    """The text after a figure up to the end of its sentence, at most `_LONGEST` characters."""
    stop = _SENTENCE_END.search(text, end, end + _LONGEST)
    return text[end : stop.start() if stop else end + _LONGEST]


def windows(quantities: Sequence[Quantity], size: int) -> Iterator[Sequence[Quantity]]:
    """Every ``size`` neighbouring quantities."""
    return (quantities[at : at + size] for at in range(len(quantities) - size + 1))
