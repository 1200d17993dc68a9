"""Units of time and measure across languages: is 18 महीने 18 years, and is 100 ha 1 km²?

A printed word becomes a unit by the words of its language (`figures.lexicon`) and ``data/unit_words.tsv``; sizes
are in ``data/units.tsv``. What is not in there is no unit and never compared: people, cars, bighas. Nothing
is said of units that are nearer to each other than half as much again (a mile of the sea and one of the land, a
short ton and a tonne).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from dragoman.core.record import Severity
from dragoman.evidence.checks.quantities import Observation, TextQuantities, is_small, rounds_to, values
from dragoman.evidence.figures import Quantity
from dragoman.evidence.figures.folding import word_key
from dragoman.evidence.figures.lexicon import lexicon

_LEAST_RATIO = Decimal("1.5")
_TIME_SLACK = Decimal("0.1")
"""Months have 28 to 31 days, and four weeks are a month to most people."""

_SLACK = Decimal("0.03")
_KINDS = ("time", "measure", "time-before", "measure-before")


@dataclass(frozen=True, slots=True)
class Unit:
    """``size`` counts in the base of its dimension; a temperature's is that of one degree."""

    name: str
    dimension: str
    size: Decimal


@lru_cache(maxsize=4096)
def unit_of(printed: str | None, language: str) -> Unit | None:
    """The unit that a printed word stands for, or None: ``года`` is a year in Russian."""
    if not printed:
        return None
    primary = language.split("-")[0]
    word = word_key(printed, primary)
    for table in (_words().get(primary, {}), _words().get("any", {})):
        name = table.get(word) or _by_beginning(table, word)
        if name is not None:
            return _units().get(name)
    for place in ("unit", "before"):
        try:
            entry = lexicon(language).entry(place, word)
        except KeyError:
            continue
        if entry.kind in _KINDS:
            return _units().get(entry.meaning)
    return None


def same_amount(ours: Quantity, our_unit: Unit, theirs: Quantity, their_unit: Unit | None) -> bool:
    """Whether both are one amount, converted if need be, and rounded as people round."""
    if their_unit is None or their_unit.dimension != our_unit.dimension:
        return False
    slack = _TIME_SLACK if our_unit.dimension == "time" else _SLACK
    return any(
        rounds_to(exact, value) or abs(exact - value) <= slack * abs(exact)
        for other in values(theirs)
        for exact in _converted(other, their_unit, our_unit)
        for value in values(ours)
    )


def is_converted(ours: Quantity, places: Sequence[TextQuantities]) -> bool:
    """Whether a quantity of an English text stands in one of the places in another unit."""
    unit = unit_of(ours.unit, "en")
    return unit is not None and any(
        same_amount(ours, unit, theirs, unit_of(theirs.unit, place.language))
        for place in places
        for theirs in place.found
        if theirs.kind in ("span", "other")
    )


def swapped(english: TextQuantities, places: Sequence[TextQuantities]) -> Iterator[Observation]:
    """``value.unit``: the same number with another unit of the same dimension. An error within the quote, the first
    of several ``places``; a warning farther away, and only for numbers that are not common."""
    for ours in english.found:
        unit = unit_of(ours.unit, "en") if ours.kind in ("span", "other") else None
        if unit is None or is_converted(ours, places):
            continue
        for distance, place in enumerate(places):
            theirs = _with_same_number(ours, unit, place, english)
            if theirs is None or (is_small(ours) and (distance or len(places) == 1)):
                continue
            message = (
                f"“{english.printed(ours)}” counts in {_spoken(unit)}; the source has “{place.printed(theirs)}”, "
                f"which counts in {_spoken(unit_of(theirs.unit, place.language))}"
            )
            quoted = distance == 0 and len(places) > 1
            severity: Severity = "error" if quoted else "warning"
            yield Observation("value.unit", severity, message, place.printed(theirs), english.printed(ours))
            break


def _with_same_number(ours: Quantity, unit: Unit, place: TextQuantities, english: TextQuantities) -> Quantity | None:
    """The quantity of the place that has our number in another unit, and that no other English figure stands for."""
    for theirs in place.found:
        other = unit_of(theirs.unit, place.language) if theirs.kind in ("span", "other") else None
        if other is None or other.dimension != unit.dimension or values(theirs) != values(ours):
            continue
        told = any(
            same_amount(one, one_unit, theirs, other)
            for one in english.found
            if one is not ours and (one_unit := unit_of(one.unit, "en"))
        )
        if _differ(unit, other) and not told:
            return theirs
    return None


def differ(printed: str, language: str, stated: str) -> bool:
    """Whether a printed unit and one that an English word states measure the same thing and are plainly not one."""
    theirs, ours = unit_of(printed, language), unit_of(stated, "en")
    return theirs is not None and ours is not None and theirs.dimension == ours.dimension and _differ(ours, theirs)


def _differ(one: Unit, other: Unit) -> bool:
    return max(one.size, other.size) >= _LEAST_RATIO * min(one.size, other.size)


def _converted(value: Decimal, theirs: Unit, ours: Unit) -> Iterator[Decimal]:
    yield value * theirs.size / ours.size
    if (theirs.name, ours.name) == ("celsius", "fahrenheit"):
        yield value * Decimal("1.8") + 32
    elif (theirs.name, ours.name) == ("fahrenheit", "celsius"):
        yield (value - 32) / Decimal("1.8")


def _spoken(unit: Unit | None) -> str:
    """A unit as a message names it."""
    return "none" if unit is None else f"the unit “{unit.name.replace('-', ' ')}”"


@cache
def _units() -> Mapping[str, Unit]:
    return {name: Unit(name, dimension, Decimal(size)) for name, dimension, size in _rows("units.tsv")}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Per language, word in look-up form to the name of its unit."""
    found: dict[str, dict[str, str]] = {}
    for language, name, word in _rows("unit_words.tsv"):
        found.setdefault(language, {})[word_key(word, language)] = name
    return found


def _by_beginning(table: Mapping[str, str], word: str) -> str | None:
    """The unit of the longest row with ``*`` that the word begins with."""
    return next((table[f"{word[:end]}*"] for end in range(len(word), 0, -1) if f"{word[:end]}*" in table), None)


def _rows(name: str) -> Iterator[tuple[str, str, str]]:
    text = (files("dragoman") / "data" / name).read_text("utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            first, second, third = line.split("\t")
            yield first, second, third
