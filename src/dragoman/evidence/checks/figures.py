"""Is every figure of the English in the source, at the same scale, in the same unit?

Claims are compared with their quote, then their paragraph, then the whole source; title, abstract and key
points with the whole source. An error is said only where the source has a figure that plainly stands for it
and differs; what the source has in words that we do not read stays silent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding, Severity
from dragoman.core.source import Source
from dragoman.evidence.checks.currencies import TOMAN, are_rial_and_toman, is_home, is_open, may_be_one, names_money
from dragoman.evidence.checks.dates import between_texts, event, published, slipped
from dragoman.evidence.checks.english_fields import running_text
from dragoman.evidence.checks.model_figures import misread
from dragoman.evidence.checks.quantities import (
    Observation,
    TextQuantities,
    bounds,
    is_small,
    read,
    read_lines,
    read_part,
    rounds_to,
    same_value,
    shown,
    values,
)
from dragoman.evidence.checks.units import is_converted, swapped
from dragoman.evidence.figures import Quantity

SCALES = frozenset(Decimal(10) ** power for power in (*range(1, 13), *range(-12, 0)))
"""Factors between a figure and its slip: 90亿 as 90 billion is a factor of ten."""

_LEAST_SCALE_WORD = Decimal(1000)
_WIDEST_JOINT = 16
"""Characters between two figures that share a scale word."""

_MAYBE_YEAR = re.compile(r"\d{4}")
"""Of another calendar, which is no figure of the English."""

_PERCENTS = {"%": "per cent", "pp": "percentage points", "bp": "basis points"}


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``value.scale``, ``value.figure``, ``value.unit``, ``value.currency``, ``value.date``, ``value.stated``
    (errors; warnings where less is certain), ``value.event_date``, ``value.published`` (warnings), and
    ``value.elsewhere`` (note) for a figure that stands in another place than the quote."""
    if not reads(source.language):
        return []
    whole = read_lines(source.text, source.language)
    found: list[Finding] = []
    for claim in summary.claims:
        found += _claim(source, claim, whole)
        found += misread(source, claim)
    for field in running_text(summary):
        english = read(field.text, "en")
        if english.found or _MAYBE_YEAR.search(field.text):
            found += [told.finding(field.path) for told in _compared(english, [whole])]
    if summary.published and (told := published(summary.published, whole)):
        found.append(told.finding("published"))
    return found


@lru_cache(maxsize=64)
def reads(language: str) -> bool:
    """Whether there is a reviewed table of words for a language; without one figures cannot be judged."""
    code = language.split("-")[0]
    return (files("dragoman") / "data" / "quantities" / f"{code}.tsv").is_file()


def _claim(source: Source, claim: CheckedClaim, whole: TextQuantities) -> Iterator[Finding]:
    english = read(claim.text_en, "en")
    if not (claim.event_date or english.found or _MAYBE_YEAR.search(claim.text_en)):
        return
    span = claim.evidence
    there = 1 <= claim.paragraph <= len(source.paragraphs)
    paragraph = source.paragraph_at(span.start) if span.start is not None else (claim.paragraph if there else None)
    place = (span.start, span.end) if span.start is not None and span.end is not None else None
    quoted = read(claim.quote, source.language)
    around = _paragraph(source, paragraph, whole) if paragraph else quoted
    for told in _compared(english, [quoted, around, whole]):
        yield told.finding(claim_path(claim.id, "text_en"), paragraph, place)
    if claim.event_date and (late := event(claim.event_date, quoted, whole)):
        yield late.finding(claim_path(claim.id, "event_date"), paragraph, place)


def _paragraph(source: Source, number: int, whole: TextQuantities) -> TextQuantities:
    paragraph = source.paragraphs[number - 1]
    return read_part(whole, paragraph.start, paragraph.end)


def _compared(english: TextQuantities, places: Sequence[TextQuantities]) -> Iterator[Observation]:
    """What does not hold of the figures of an English text. ``places`` are from the nearest outwards; the last is
    the whole source."""
    if len(places) > 1:
        yield from between_texts(english, places[0])
        yield from _fractions(english, places[0])
    else:
        yield from slipped(english, places[0])
    yield from swapped(english, places)
    for ours in english.found:
        if ours.kind not in ("date", "ordinal") and not is_small(ours):
            for bound in bounds(ours):
                yield from _amount(bound, english, places)


def _amount(ours: Quantity, english: TextQuantities, places: Sequence[TextQuantities]) -> Iterator[Observation]:
    printed = english.printed(ours)
    for distance, place in enumerate(places):
        same = [theirs for theirs in place.found if same_value(ours, theirs)]
        if same:
            if not any(_same_unit(ours, theirs) for theirs in same):
                yield from _unit(ours, printed, same[0], place, places)
            elif distance and (alike := next((theirs for theirs in same if theirs.kind == ours.kind), None)):
                message = f"“{printed}” is not in the quote; it stands elsewhere in the source"
                yield Observation("value.elsewhere", "note", message, place.printed(alike), printed)
            return
    if is_converted(ours, places) or _is_in_tomans(ours, places):
        return
    near = _nearest(ours, english, places)
    if near is not None:
        place, theirs, check = near
        source_says = f"{place.printed(theirs)} = {shown(theirs)}"
        message = f"“{printed}” ({shown(ours)}) in the English; {source_says} in the source"
        yield Observation(check, "error", message, place.printed(theirs), printed)


def _same_unit(ours: Quantity, theirs: Quantity) -> bool:
    """Money and percentages must agree; measures are looked at by `measures`, and nouns are not compared."""
    if ours.kind == "money" and theirs.kind == "money":
        return may_be_one(ours.unit, theirs.unit)
    if ours.unit in ("%", "pp", "bp") and theirs.unit in ("%", "pp", "bp"):
        return ours.unit == theirs.unit
    # An amount whose currency only the English names is looked at by `_unit`.
    return not (ours.kind == "money" and not is_open(ours.unit) and theirs.kind != "money")


def _unit(
    ours: Quantity, printed: str, theirs: Quantity, place: TextQuantities, places: Sequence[TextQuantities]
) -> Iterator[Observation]:
    source_prints = place.printed(theirs)
    if ours.kind == "money" and theirs.kind != "money":
        severity = _invented(ours, theirs, place, places)
        if severity is not None:
            message = f"“{printed}” names a currency; the source has “{source_prints}” and names none there"
            yield Observation("value.currency", severity, message, source_prints, printed)
    elif ours.kind == "money":
        message = f"“{printed}” names another currency than the source, which has “{source_prints}”"
        yield Observation("value.currency", "error", message, source_prints, printed)
    else:
        message = (
            f"“{printed}” is {_PERCENTS.get(ours.unit or '', ours.unit)}; the source has “{source_prints}”, "
            f"which is {_PERCENTS.get(theirs.unit or '', theirs.unit)}"
        )
        yield Observation("value.unit", "error", message, source_prints, printed)


def _invented(
    ours: Quantity, theirs: Quantity, place: TextQuantities, places: Sequence[TextQuantities]
) -> Severity | None:
    """How sure it is that the currency of ours is not what the source means by an amount that names none."""
    home = is_home(ours.unit, place.language)
    if _named(ours, places[:-1] or places) or names_money(
        place.text[theirs.start :], theirs.end - theirs.start, place.language
    ):
        return None
    if _named(ours, places):
        return None if home is not False else "warning"  # the article names it once, and means it everywhere
    return "warning" if home else "error"


def _named(ours: Quantity, places: Sequence[TextQuantities]) -> bool:
    """Whether one of the places has an amount in the currency of ours."""
    return any(
        theirs.kind == "money" and theirs.unit and may_be_one(ours.unit, theirs.unit)
        for place in places
        for theirs in place.found
    )


def _is_in_tomans(ours: Quantity, places: Sequence[TextQuantities]) -> bool:
    return any(
        are_rial_and_toman(ours.unit, theirs.unit)
        and any(rounds_to(b * f, a) for a in values(ours) for b in values(theirs) for f in (TOMAN, 1 / Decimal(TOMAN)))
        for place in places
        for theirs in place.found
    )


def _nearest(
    ours: Quantity, english: TextQuantities, places: Sequence[TextQuantities]
) -> tuple[TextQuantities, Quantity, CheckName] | None:
    """The figure of the source that ours was meant to be: the same digits at another scale, else in the quote
    itself the one figure of the same kind. (place, quantity, name of the check)."""
    if any(_is_sum(ours, place) or _is_scaled_by_next(ours, place) for place in places):
        return None
    for place in places:
        for theirs in place.found:
            if theirs.kind in ("date", "ordinal") or {ours.kind, theirs.kind} == {"percent", "money"}:
                continue
            factors = {f for a in values(ours) for b in values(theirs) if b and (f := a / b) in SCALES}
            cut = _is_cut(theirs, place) and max(factors, default=Decimal(0)) >= _LEAST_SCALE_WORD
            if factors and not cut and not _is_told(theirs, ours, english):
                return place, theirs, "value.scale"
    same_kind = [q for q in places[0].found if q.kind == ours.kind and not is_small(q)]
    named = ours.kind in ("money", "percent") or (ours.kind == "count" and ours.unit is not None)
    if named and len(same_kind) == 1 and len(places) > 1:
        doubtful = _is_cut(same_kind[0], places[0]) or _is_told(same_kind[0], ours, english)
        return None if doubtful else (places[0], same_kind[0], "value.figure")
    return None


def _is_told(theirs: Quantity, ours: Quantity, english: TextQuantities) -> bool:
    """Whether another figure of the English stands for theirs; the other end of a range is another figure."""
    return any(
        same_value(bound, theirs)
        for other in english.found
        for bound in bounds(other)
        if (other.start, bound.value) != (ours.start, ours.value)
    )


def _is_cut(theirs: Quantity, place: TextQuantities) -> bool:
    """Whether letters that we do not read grow on bare digits, and may be a scale: 3.6bn in Hindi."""
    return place.text[theirs.end - 1].isdecimal() and place.text[theirs.end : theirs.end + 1].isalpha()


def _is_sum(ours: Quantity, place: TextQuantities) -> bool:
    """Whether ours is two figures of the source that stand side by side, and that we did not read as one."""
    pairs = zip(place.found, place.found[1:], strict=False)
    return any(
        a + b in values(ours)
        for one, other in pairs
        if not place.text[one.end : other.start].strip()
        for a in values(one)
        for b in values(other)
    )


def _is_scaled_by_next(ours: Quantity, place: TextQuantities) -> bool:
    """Whether ours is a bare figure that shares the scale word of the next: from 52.5 to 63 million."""
    pairs = zip(place.found, place.found[1:], strict=False)
    return any(
        a * scale in values(ours)
        for one, other in pairs
        if one.unit is None and other.value is not None and other.start - one.end <= _WIDEST_JOINT
        for a in values(one)
        for scale in _scales(place.printed(other), other.value)
    )


def _scales(printed: str, value: Decimal) -> Iterator[Decimal]:
    """The powers of ten from the digits of a figure to its value, with and without a decimal sign among them."""
    digits = [str(unicodedata.decimal(c)) if c.isdecimal() else "." for c in printed if c.isdecimal() or c in ".,٫"]
    whole, sign, decimals = "".join(digits).strip(".").rpartition(".")
    plain = whole.replace(".", "")
    for mantissa in (f"{plain}{decimals}", f"{plain}.{decimals}" if sign else ""):
        number = Decimal(mantissa or 0)
        if number and (scale := value / number) in SCALES and scale > 1:
            yield scale


def _fractions(english: TextQuantities, quoted: TextQuantities) -> Iterator[Observation]:
    """``value.figure`` for a third that became a quarter: the one fraction of either side that the other has not."""
    ours = [q for q in _parts_of_one(english) if not any(same_value(q, other) for other in quoted.found)]
    if len(ours) != 1:
        return
    theirs = [q for q in _parts_of_one(quoted) if not any(same_value(other, q) for other in english.found)]
    if len(theirs) == 1:
        printed, there = english.printed(ours[0]), quoted.printed(theirs[0])
        message = f"“{printed}” in the English; “{there}” in the source"
        yield Observation("value.figure", "error", message, there, printed)


def _parts_of_one(reading: TextQuantities) -> list[Quantity]:
    return [
        q for q in reading.found if q.kind == "other" and q.unit is None and q.value is not None and 0 < q.value < 1
    ]
