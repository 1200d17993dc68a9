"""Read from Babel what CLDR knows about the figures of a language: scales, separators, months, money, measures.

Babel gives compact number forms, month names in all their cases, and unit patterns only through `Locale._data`. This
module is the only one that reads it (Babel 2.18, CLDR 47). A locale is loaded when it is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

# Currencies that papers name. The names of the other 260 are long gone or are everyday words (Balboa, Pula).
CURRENCIES = (
    "USD", "EUR", "GBP", "JPY", "CNY", "INR", "RUB", "UAH", "KRW", "VND", "THB", "IDR", "MYR", "SGD", "PHP", "HKD",
    "TWD", "AUD", "CAD", "NZD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY", "ILS", "SAR", "AED",
    "QAR", "KWD", "EGP", "IRR", "PKR", "BDT", "NPR", "LKR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "ZAR", "NGN",
    "KES", "TZS", "UGX", "ETB", "KZT", "BYN",
)  # fmt: skip
_TABLES = (
    "compact_decimal_formats", "currency_names", "currency_names_plural", "currency_symbols", "currency_unit_patterns",
    "months", "number_symbols", "unit_patterns",
)  # fmt: skip
_TIMES = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
_MEASURES = (
    "length-kilometer", "length-meter", "length-centimeter", "length-millimeter", "length-nanometer", "length-mile",
    "length-foot", "length-inch", "length-yard", "length-nautical-mile", "area-square-kilometer", "area-square-meter",
    "area-hectare", "area-acre", "area-square-mile", "area-square-foot", "mass-tonne", "mass-kilogram", "mass-gram",
    "mass-milligram", "mass-ton", "mass-pound", "mass-ounce", "power-gigawatt", "power-megawatt", "power-kilowatt",
    "power-watt", "power-horsepower", "energy-kilowatt-hour", "volume-cubic-meter", "volume-cubic-kilometer",
    "volume-liter", "volume-milliliter", "volume-barrel", "volume-gallon", "speed-kilometer-per-hour",
    "speed-mile-per-hour", "speed-meter-per-second", "temperature-celsius", "temperature-fahrenheit",
    "temperature-generic", "angle-degree", "digital-petabyte", "digital-terabyte", "digital-gigabyte",
    "digital-megabyte", "frequency-gigahertz", "frequency-megahertz", "electric-volt", "concentr-karat",
    "light-lumen",
)  # fmt: skip
_INVISIBLE = re.compile("[\u200e\u200f\u061c'{}]")
_SHORTEST_WORD = 3
"""Letters. A shorter compact form is an abbreviation: its case and what stands around it decide whether it is meant."""


class Abbreviation(NamedTuple):
    """A compact form of at most two letters: M is 1e9 in id and 1e6 in fr, B is 1000 in tr."""

    printed: str
    value: Decimal
    spaced: bool
    """Whether a space stands before it: ``12 M``, but ``320K``."""
    only_money: bool = False
    """Whether it counts only beside money, as those of the tables do."""


@dataclass(frozen=True, slots=True)
class Locale:
    """The tables of one CLDR locale. Words are spelled as in CLDR, not folded."""

    decimal: str
    group: str
    scales: Mapping[str, Decimal]
    """Each word for a power of ten, and its value. Words to which CLDR gives two values are not included."""
    ambiguous_scales: Mapping[str, tuple[Decimal, ...]]
    """Words with two values (in ne, करोड is 1e6 in one table and 1e7 in another). A row of a table has to decide."""
    abbreviations: tuple[Abbreviation, ...]
    """Compact forms too short to be words."""
    months: Mapping[str, int]
    months_short: Mapping[str, int]
    currencies: Mapping[str, str]
    currency_signs: Mapping[str, str]
    """Signs other than the ISO code, which stand before or after a figure: ر.س., $MX, नेरू."""
    currencies_first: bool
    """Whether the name of a currency stands before the figure."""
    times: Mapping[str, str]
    """Each word for a time unit, and its English name: ``года`` is ``year``."""
    measures: Mapping[str, str]


def load(tag: str) -> Locale | None:
    """Return the tables for a BCP-47 tag, or None if CLDR does not have the language."""
    raw = _raw(tag)
    if raw is None:
        return None
    values, abbreviations = _scale_values(raw)
    symbols = raw["number_symbols"].get("latn", {})
    return Locale(
        decimal=symbols.get("decimal", "."),
        group=symbols.get("group", ","),
        scales={word: values_of_word[0] for word, values_of_word in values.items() if len(values_of_word) == 1},
        ambiguous_scales={word: values_of_word for word, values_of_word in values.items() if len(values_of_word) > 1},
        abbreviations=abbreviations,
        months=_months(raw, "wide"),
        months_short=_months(raw, "abbreviated"),
        currencies=_currencies(raw),
        currency_signs=_currency_signs(raw),
        currencies_first=str(raw["currency_unit_patterns"].get("other", "")).startswith("{1}"),
        times=dict(_units(raw, [f"duration-{name}" for name in _TIMES])),
        measures=dict(_units(raw, _MEASURES)),
    )


def _raw(tag: str) -> Mapping[str, Any] | None:
    """Return the tables of a locale that this module reads, with their aliases resolved.

    They are copied first. Babel resolves an alias inside the tables that a locale shares with the root locale, so a
    locale without tables of its own would get those of the locale that was loaded before it.
    """
    from babel import Locale as Babel
    from babel import UnknownLocaleError, localedata

    try:
        tables = localedata.load(str(Babel.parse(tag, sep="-")))
    except (UnknownLocaleError, ValueError):
        return None
    return localedata.LocaleDataDict({name: deepcopy(tables[name]) for name in _TABLES})


def _scale_values(raw: Mapping[str, Any]) -> tuple[dict[str, tuple[Decimal, ...]], tuple[Abbreviation, ...]]:
    """Return the words of the long forms, and those of the short forms if they are words too (萬, 억, млрд); and the
    short forms that are no words."""
    values: dict[str, set[Decimal]] = {}
    abbreviations: dict[str, Abbreviation] = {}
    for form in ("long", "short"):
        for patterns in raw["compact_decimal_formats"].get(form, {}).values():
            for magnitude, pattern in patterns.items():
                printed = str(getattr(pattern, "pattern", pattern))
                word, zeros = _word(printed)
                if not word:
                    continue
                value = Decimal(int(magnitude) // 10 ** (zeros - 1))
                if form == "long" or _is_word(word):
                    values.setdefault(word, set()).add(value)
                elif not printed.startswith(word[0]):
                    abbreviations.setdefault(word, Abbreviation(word, value, "\u00a0" in printed or " " in printed))
    scales = {word: tuple(sorted(values_of_word)) for word, values_of_word in values.items()}
    return scales, tuple(abbreviations.values())


def _word(pattern: str) -> tuple[str, int]:
    """Return the word of a pattern and its zeros: ``000 triệu`` → (``triệu``, 3); ``elfu 0;elfu -0`` → (``elfu``, 1).

    What follows a ``;`` is for negative numbers. A pattern of two words (``nghìn tỷ``) gives none, because the reader
    of numbers composes them.
    """
    pattern = _INVISIBLE.sub("", pattern.partition(";")[0])
    zeros = pattern.count("0")
    word = pattern.replace("0", "").strip()
    return (word, zeros) if zeros and word.split() == [word] else ("", 1)


def _is_word(word: str) -> bool:
    return "\u3400" <= word[0] <= "\ud7af" or len(word.rstrip(".")) >= _SHORTEST_WORD


def _months(raw: Mapping[str, Any], width: str) -> dict[str, int]:
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for number, name in raw["months"].get(context, {}).get(width, {}).items():
            if not any(c.isdigit() for c in name):
                names.setdefault(name.rstrip("."), int(number))
    return names


def _currencies(raw: Mapping[str, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    for code in CURRENCIES:
        forms = [raw["currency_names"].get(code), *raw["currency_names_plural"].get(code, {}).values()]
        names.update({name: code for name in forms if name})
    return names


def _currency_signs(raw: Mapping[str, Any]) -> dict[str, str]:
    """Return the signs. A single Han letter is none: in Japanese, 元 before a figure is "former"."""
    signs = {_INVISIBLE.sub("", raw["currency_symbols"].get(code, code)): code for code in CURRENCIES}
    return {sign: code for sign, code in signs.items() if sign != code and not "\u3400" <= sign <= "\u9fff"}


def _units(raw: Mapping[str, Any], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for width in ("long", "short"):
            for form, pattern in raw["unit_patterns"].get(name, {}).get(width, {}).items():
                texts = pattern.values() if hasattr(pattern, "values") else [pattern]
                for text in texts:
                    word = str(text).replace("{0}", "").strip(" \u00a0\u202f\u200f\u200e")
                    if form != "per" and "{0}" in str(text) and _is_unit(word):
                        yield word, name.partition("-")[2]


def _is_unit(word: str) -> bool:
    return len(word.rstrip(".")) > 1 or word[:1] >= "\u0e00" or word == "°"
