"""Compare units of time and measure across languages: 18 महीने are not 18 years, and 100 ha are 1 km².

The words of a language (`figures.lexicon`) and ``data/unit_words.tsv`` say which unit a printed word is; sizes are in
``data/units.tsv``. Words that are in neither are never compared: people, cars, bighas. Units whose sizes differ by less
than half are not distinguished (a nautical mile and a mile, a short ton and a tonne).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from dragoman.core.data_tables import table_rows
from dragoman.core.language_tags import primary
from dragoman.core.record import Severity
from dragoman.evidence.checks.quantities import Observation, TextQuantities, is_small, rounds_to, values
from dragoman.evidence.figures import Quantity
from dragoman.evidence.figures.folding import word_key
from dragoman.evidence.figures.lexicon import lexicon

LEAST_RATIO = Decimal("1.5")
"""Ratio of sizes from which on two units are different; a short ton and a tonne are nearer."""

TIME_SLACK = Decimal("0.1")
"""Relative difference allowed between spans of time: months have 28 to 31 days, and people call four weeks a month."""

SLACK = Decimal("0.03")
"""Relative difference allowed between other measures, since people round what they convert."""

_KINDS = ("time", "measure", "time-before", "measure-before")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a dimension such as time or length. ``size`` is in base units of the dimension; for a temperature, it
    is the size of one degree."""

    name: str
    dimension: str
    size: Decimal


@lru_cache(maxsize=4096)
def unit_of(printed: str | None, language: str) -> Unit | None:
    """The unit that a printed word means, or None: ``года`` is a year in Russian."""
    if not printed:
        return None
    code = primary(language)
    word = word_key(printed, code)
    for table in (_words().get(code, {}), _words().get("any", {})):
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


def same_amount(figure: Quantity, unit: Unit, source_figure: Quantity, source_unit: Unit | None) -> bool:
    """Whether both figures are the same amount, after conversion and within what people round."""
    if source_unit is None or source_unit.dimension != unit.dimension:
        return False
    slack = TIME_SLACK if unit.dimension == "time" else SLACK
    return any(
        rounds_to(exact, value) or abs(exact - value) <= slack * abs(exact)
        for source_value in values(source_figure)
        for exact in _converted(source_value, source_unit, unit)
        for value in values(figure)
    )


def is_converted(figure: Quantity, scopes: Sequence[TextQuantities]) -> bool:
    """Whether one of the scopes has an English figure in another unit."""
    unit = unit_of(figure.unit, "en")
    return unit is not None and any(
        same_amount(figure, unit, source_figure, unit_of(source_figure.unit, scope.language))
        for scope in scopes
        for source_figure in scope.quantities
        if source_figure.kind in ("span", "other")
    )


def check_units(english: TextQuantities, scopes: Sequence[TextQuantities]) -> Iterator[Observation]:
    """``value.unit`` for the same number with another unit of the same dimension. ``scopes`` go from the narrowest to
    the whole source. It is an error within the quote, which is the first of several scopes; in a wider scope it is a
    warning, and only for numbers that are not common."""
    for figure in english.quantities:
        unit = unit_of(figure.unit, "en") if figure.kind in ("span", "other") else None
        if unit is None or is_converted(figure, scopes):
            continue
        for distance, scope in enumerate(scopes):
            source_figure = _with_same_number(figure, unit, scope, english)
            if source_figure is None or (is_small(figure) and (distance or len(scopes) == 1)):
                continue
            printed, source_words = english.printed(figure), scope.printed(source_figure)
            source_unit = unit_of(source_figure.unit, scope.language)
            message = (
                f"“{printed}” is in {_described(unit)}, "
                f"but “{source_words}” in the source is in {_described(source_unit)}"
            )
            is_quoted = distance == 0 and len(scopes) > 1
            severity: Severity = "error" if is_quoted else "warning"
            yield Observation("value.unit", severity, message, source_words, printed)
            break


def _with_same_number(figure: Quantity, unit: Unit, scope: TextQuantities, english: TextQuantities) -> Quantity | None:
    """The quantity of ``scope`` with the number of ``figure`` in another unit, unless another English figure states
    it."""
    for source_figure in scope.quantities:
        source_unit = unit_of(source_figure.unit, scope.language) if source_figure.kind in ("span", "other") else None
        if source_unit is None or source_unit.dimension != unit.dimension or values(source_figure) != values(figure):
            continue
        is_stated = any(
            same_amount(quantity, quantity_unit, source_figure, source_unit)
            for quantity in english.quantities
            if quantity is not figure and (quantity_unit := unit_of(quantity.unit, "en"))
        )
        if _differ(unit, source_unit) and not is_stated:
            return source_figure
    return None


def differ(printed: str, language: str, stated: str) -> bool:
    """Whether a printed unit and the unit of an English word have the same dimension and clearly different sizes."""
    source_unit, unit = unit_of(printed, language), unit_of(stated, "en")
    if source_unit is None or unit is None or source_unit.dimension != unit.dimension:
        return False
    return _differ(unit, source_unit)


def _differ(first: Unit, second: Unit) -> bool:
    return max(first.size, second.size) >= LEAST_RATIO * min(first.size, second.size)


def _converted(value: Decimal, source_unit: Unit, unit: Unit) -> Iterator[Decimal]:
    """``value`` in another unit. A temperature gives two: as a difference in degrees and as a point on the scale."""
    yield value * source_unit.size / unit.size
    if (source_unit.name, unit.name) == ("celsius", "fahrenheit"):
        yield value * Decimal("1.8") + 32
    elif (source_unit.name, unit.name) == ("fahrenheit", "celsius"):
        yield (value - 32) / Decimal("1.8")


def _described(unit: Unit | None) -> str:
    return "none" if unit is None else f"the unit “{unit.name.replace('-', ' ')}”"


@cache
def _units() -> Mapping[str, Unit]:
    return {name: Unit(name, dimension, Decimal(size)) for name, dimension, size in table_rows("units.tsv")}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """For each language: the look-up form of a word → the name of its unit."""
    words: dict[str, dict[str, str]] = {}
    for language, name, word in table_rows("unit_words.tsv"):
        words.setdefault(language, {})[word_key(word, language)] = name
    return words


def _by_beginning(table: Mapping[str, str], word: str) -> str | None:
    """The unit of the longest row that ends in ``*`` and that ``word`` begins with."""
    return next((table[f"{word[:end]}*"] for end in range(len(word), 0, -1) if f"{word[:end]}*" in table), None)
