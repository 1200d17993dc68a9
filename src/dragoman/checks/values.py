"""Is every figure of the English in the source, at the same scale, in the same unit?

Claims are compared with their quote, then their paragraph, then the whole source; title, abstract and key
points with the whole source. An error is said only where the source has a figure that plainly stands for it
and differs; what the source has in words that we do not read stays silent.

Not yet among the checks of a record: loading the tables of two languages takes longer than a stored answer may
(about 0.3 s of CPU), and a long run of figures takes quadratic time. `benchmarks/evidence` does not count it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from dragoman.checks.findings import finding
from dragoman.quantities import Quantity, find
from dragoman.records import CheckedClaim, CheckedSummary, Finding
from dragoman.schemas import StatedQuantity
from dragoman.source import Source

SMALL = Decimal(12)
"""Counts up to here are often words, implied or counted by the reader: they are not compared."""

SCALES = tuple(Decimal(10) ** power for power in (*range(1, 13), *range(-12, 0)))
"""Factors between a figure and its slip: 90亿 as 90 billion is a factor of ten."""


@dataclass(frozen=True, slots=True)
class _Figures:
    """The quantities of a text, with the text, so that a message can quote them."""

    text: str
    found: tuple[Quantity, ...]

    def printed(self, quantity: Quantity) -> str:
        return self.text[quantity.start : quantity.end]


@lru_cache(maxsize=256)
def _figures(text: str, language: str) -> _Figures:
    return _Figures(text, tuple(find(text, language)))


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``value.scale``, ``value.figure``, ``value.unit``, ``value.currency``, ``value.date``, ``value.stated``
    (errors), and ``value.elsewhere`` (note) for a figure that stands in another place than the quote."""
    if not reads(source.language):
        return []
    whole = _figures(source.text, source.language)
    found: list[Finding] = []
    for claim in summary.claims:
        found += _claim(source, claim, whole)
        found += _stated(source, claim)
    for field, text in _fields(summary):
        for told in _compared(_figures(text, "en"), [whole], whole):
            found.append(told.finding(field, None, None))
    return found


def reads(language: str) -> bool:
    """Whether there is a reviewed table of words for a language; without one figures cannot be judged."""
    code = language.split("-")[0]
    return (files("dragoman") / "data" / "quantities" / f"{code}.tsv").is_file()


def _fields(summary: CheckedSummary) -> Iterator[tuple[str, str]]:
    yield "title_en", summary.title_en
    yield "abstract", summary.abstract
    for number, point in enumerate(summary.key_points, start=1):
        yield f"key_points.{number}", point


def _claim(source: Source, claim: CheckedClaim, whole: _Figures) -> Iterator[Finding]:
    span = claim.evidence
    there = 1 <= claim.paragraph <= len(source.paragraphs)
    paragraph = source.paragraph_at(span.start) if span.start is not None else (claim.paragraph if there else None)
    place = (span.start, span.end) if span.start is not None and span.end is not None else None
    quoted = _figures(claim.quote, source.language)
    around = _figures(source.paragraph_text(paragraph), source.language) if paragraph else quoted
    for told in _compared(_figures(claim.text_en, "en"), [quoted, around, whole], whole):
        yield told.finding(f"claims.{claim.id}.text_en", paragraph, place)


@dataclass(frozen=True, slots=True)
class _Told:
    check: str
    note: bool
    message: str
    expected: str | None
    got: str

    def finding(self, field: str, paragraph: int | None, place: tuple[int, int] | None) -> Finding:
        return finding(
            self.check,
            "note" if self.note else "error",
            field,
            self.message,
            paragraph=paragraph,
            place=place,
            expected=self.expected,
            got=self.got,
        )


def _compared(english: _Figures, places: Sequence[_Figures], whole: _Figures) -> Iterator[_Told]:
    """What does not hold of the figures of an English text. ``places`` are from the nearest outwards."""
    alone = sum(quantity.kind == "date" for quantity in english.found) == 1
    for ours in english.found:
        printed = english.printed(ours)
        if ours.kind == "date":
            yield from _date(ours, printed, places[0], alone)
        elif ours.kind != "ordinal" and not _is_small(ours):
            for bound in _bounds(ours):
                yield from _amount(bound, printed, places, whole)


def _bounds(quantity: Quantity) -> Iterator[Quantity]:
    """Both ends of a range, each to be found in the source; any other quantity as it is."""
    if quantity.value is None and quantity.low is not None and quantity.high is not None:
        for value in (quantity.low, quantity.high):
            yield replace(quantity, value=value, low=None, high=None)
    else:
        yield quantity


def _amount(ours: Quantity, printed: str, places: Sequence[_Figures], whole: _Figures) -> Iterator[_Told]:
    for distance, place in enumerate(places):
        same = [theirs for theirs in place.found if _same_value(ours, theirs)]
        if same:
            if any(_same_unit(ours, theirs) for theirs in same):
                if 0 < distance < len(places) - 1 or (distance and len(places) > 2):
                    message = f"“{printed}” is not in the quote; it stands elsewhere in the source"
                    yield _Told("value.elsewhere", True, message, place.printed(same[0]), printed)
                return
            yield from _unit(ours, printed, same[0], place.printed(same[0]), whole)
            return
    near = _nearest(ours, places)
    if near is not None:
        place, theirs, factor = near
        source_says = f"{place.printed(theirs)} = {_shown(theirs)}"
        check = "value.scale" if factor else "value.figure"
        message = f"“{printed}” ({_shown(ours)}) in the English; {source_says} in the source"
        yield _Told(check, False, message, place.printed(theirs), printed)


def _is_small(quantity: Quantity) -> bool:
    values = _values(quantity)
    return not values or (quantity.kind in ("count", "span", "other") and all(abs(value) <= SMALL for value in values))


def _values(quantity: Quantity) -> set[Decimal]:
    return {value for value in (quantity.value, quantity.low, quantity.high) if value is not None}


def _same_value(ours: Quantity, theirs: Quantity) -> bool:
    """One of the printed values, or what it rounds to; a share as a fraction or as a percentage."""
    if theirs.kind in ("date", "ordinal") and theirs.kind != ours.kind:
        return False
    wanted, there = _values(ours), _values(theirs)
    if any(_rounds_to(b, a) for a in wanted for b in there):
        return True
    if "percent" in (ours.kind, theirs.kind) or "other" in (ours.kind, theirs.kind):
        return any(_rounds_to(b * f, a) for a in wanted for b in there for f in (Decimal(100), Decimal("0.01")))
    return False


def _rounds_to(exact: Decimal, shown: Decimal) -> bool:
    """Whether ``shown`` is ``exact``, or ``exact`` rounded to the digits that ``shown`` has (two at least)."""
    if exact == shown:
        return True
    if not exact or not shown or (exact < 0) != (shown < 0):
        return False
    digits = max(2, len(shown.normalize().as_tuple().digits))
    unit = Decimal(1).scaleb(shown.adjusted() - digits + 1)
    return abs(exact - shown) <= unit / 2


def _same_unit(ours: Quantity, theirs: Quantity) -> bool:
    """Money and percentages must agree; nouns are not compared across languages."""
    if ours.kind == "money" and theirs.kind == "money":
        return _may_be_one(ours.unit, theirs.unit)
    if ours.unit in ("%", "pp", "bp") and theirs.unit in ("%", "pp", "bp"):
        return ours.unit == theirs.unit
    # An amount whose currency only the English names is looked at by `_unit`.
    return not (ours.kind == "money" and not _open(ours.unit) and theirs.kind != "money")


def _open(unit: str | None) -> bool:
    return unit is None or unit.startswith("?")


# Currencies that share a word or sign: "?dollar" may be any of these, and is none of the others.
_SHARED = {
    word: frozenset(codes.split())
    for words, codes in (
        ("dollar $", "USD CAD AUD NZD SGD HKD TWD"),
        ("元 圓 圆 yuan", "CNY TWD HKD"),
        ("rupee", "INR PKR NPR LKR"),
        ("riyal rial", "SAR QAR OMR YER IRR"),
        ("peso", "MXN COP CLP ARS PHP CUP UYU"),
        ("kr krona krone", "SEK NOK DKK ISK"),
        ("franc", "CHF XAF XOF"),
        ("dinar", "KWD IQD RSD JOD DZD TND"),
        ("pound £", "GBP EGP LBP"),
        ("won", "KRW KPW"),
        ("yen ¥", "JPY CNY"),
        ("real", "BRL"),
    )
    for word in words.split()
}


def _may_be_one(one: str | None, other: str | None) -> bool:
    """Whether two currencies may be the same; an open one may be any that shares its word, unknown words any."""
    if one is None or other is None or one == other:
        return True
    one_set, other_set = _codes(one), _codes(other)
    return one_set is None or other_set is None or not one_set.isdisjoint(other_set)


def _codes(unit: str) -> frozenset[str] | None:
    return _SHARED.get(unit.removeprefix("?")) if unit.startswith("?") else frozenset((unit,))


def _unit(ours: Quantity, printed: str, theirs: Quantity, source_prints: str, whole: _Figures) -> Iterator[_Told]:
    currencies = {q.unit for q in whole.found if q.kind == "money" and q.unit}
    if ours.kind == "money" and theirs.kind != "money":
        if any(_may_be_one(ours.unit, unit) for unit in currencies):
            return  # the article names the currency once, and means it everywhere
        message = f"“{printed}” names a currency; the source has “{source_prints}” and names none"
        yield _Told("value.currency", False, message, source_prints, printed)
    elif ours.kind == "money":
        message = f"“{printed}” names another currency than the source, which has “{source_prints}”"
        yield _Told("value.currency", False, message, source_prints, printed)
    else:
        names = {"%": "per cent", "pp": "percentage points", "bp": "basis points"}
        message = (
            f"“{printed}” is {names.get(ours.unit or '', ours.unit)}; the source has “{source_prints}”, "
            f"which is {names.get(theirs.unit or '', theirs.unit)}"
        )
        yield _Told("value.unit", False, message, source_prints, printed)


def _nearest(ours: Quantity, places: Sequence[_Figures]) -> tuple[_Figures, Quantity, bool] | None:
    """The figure of the source that ours was meant to be: the same digits at another scale, else in the quote
    itself the one figure of the same kind. (place, quantity, whether it is the scale)."""
    for place in places:
        for theirs in place.found:
            if theirs.kind in ("date", "ordinal") or {ours.kind, theirs.kind} == {"percent", "money"}:
                continue
            if any(a == b * factor for a in _values(ours) for b in _values(theirs) if b for factor in SCALES):
                return place, theirs, True
    same_kind = [q for q in places[0].found if q.kind == ours.kind and not _is_small(q)]
    if ours.kind in ("money", "percent", "count") and len(same_kind) == 1 and len(places) > 1:
        return places[0], same_kind[0], False
    return None


def _shown(quantity: Quantity) -> str:
    values = sorted(_values(quantity))
    return "–".join(f"{value.normalize():,f}" for value in dict.fromkeys(values))


def _date(ours: Quantity, printed: str, quoted: _Figures, alone: bool) -> Iterator[_Told]:
    """A date of the claim against the dates of its quote: an error only between one and one of the same parts."""
    dates = [q for q in quoted.found if q.kind == "date" and q.date and not q.vague]
    if not alone or not ours.date or not dates or any(_agree(ours.date, q.date) for q in dates if q.date):
        return
    if len(dates) == 1 and _same_parts(ours.date, dates[0].date or ""):
        theirs = dates[0]
        message = f"“{printed}” is {ours.date}; the source has “{quoted.printed(theirs)}”, which is {theirs.date}"
        yield _Told("value.date", False, message, quoted.printed(theirs), printed)


def _parts(date: str) -> tuple[str, str, str]:
    """(year, month, day) with "" for what is not stated."""
    if date.startswith("--"):
        month, _, day = date[2:].partition("-")
        return "", month, day
    year, month, day = (*date.split("-"), "", "")[:3]
    return year, month, day


def _agree(one: str, other: str) -> bool:
    pairs = list(zip(_parts(one), _parts(other), strict=True))
    return all(a == b for a, b in pairs if a and b) and any(a and b for a, b in pairs)


def _same_parts(one: str, other: str) -> bool:
    return [bool(part) for part in _parts(one)] == [bool(part) for part in _parts(other)]


def _stated(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    """The model's own reading of a figure against ours, where ours is one plain value."""
    for number, stated in enumerate(claim.quantities, start=1):
        read = [q for q in _figures(stated.quote, source.language).found if q.kind not in ("date", "ordinal")]
        if len(read) != 1 or read[0].value is None:
            continue
        for name, message, expected, got in _misread(stated, read[0]):
            yield finding(
                "value.stated",
                "error",
                f"claims.{claim.id}.quantities.{number}.{name}",
                message,
                paragraph=claim.paragraph if 1 <= claim.paragraph <= len(source.paragraphs) else None,
                expected=expected,
                got=got,
            )


def _misread(stated: StatedQuantity, read: Quantity) -> Iterator[tuple[str, str, str, str]]:
    """(field, message, what it is, what the model said) for value and currency."""
    if stated.value is not None:
        ours = Decimal(stated.value)
        values = _values(read)
        # A share may be told as a fraction or as a percentage.
        shares = {value * factor for value in values for factor in (Decimal(100), Decimal("0.01"))}
        if not any(_rounds_to(value, ours) for value in values | shares):
            message = f"the model read “{stated.quote}” as {ours:,f}; it is {_shown(read)}"
            yield "value", message, _shown(read), stated.value
    if (
        read.kind == "money"
        and read.unit
        and stated.unit
        and _is_code(stated.unit)
        and not _may_be_one(stated.unit, read.unit)
    ):
        message = f"the model says that “{stated.quote}” is in {stated.unit}; it is in {read.unit.removeprefix('?')}"
        yield "unit", message, read.unit, stated.unit


def _is_code(unit: str) -> bool:
    return len(unit) == 3 and unit.isascii() and unit.isupper()
