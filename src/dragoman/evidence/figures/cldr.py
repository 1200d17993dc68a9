"""What CLDR knows about a language's figures, read from Babel: scales, separators, months, money, measures.

Babel shows compact number forms, month names in all their cases and unit patterns only through `Locale._data`;
this module is the one place that reads it (Babel 2.18, CLDR 47). A locale is loaded when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Currencies that papers name; the names of the other 260 are long gone or words of daily life (Balboa, Pula).
CURRENCIES = (
    "USD", "EUR", "GBP", "JPY", "CNY", "INR", "RUB", "UAH", "KRW", "VND", "THB", "IDR", "MYR", "SGD", "PHP", "HKD",
    "TWD", "AUD", "CAD", "NZD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY", "ILS", "SAR", "AED",
    "QAR", "KWD", "EGP", "IRR", "PKR", "BDT", "NPR", "LKR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "ZAR", "NGN",
    "KES", "TZS", "UGX", "ETB", "KZT", "BYN",
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
"""Letters; below it a compact form is an abbreviation that means different things (id M = 1e9, tr B = 1000)."""


@dataclass(frozen=True, slots=True)
class Locale:
    """The tables of one CLDR locale. Words are as CLDR spells them, not folded."""

    decimal: str
    group: str
    scales: Mapping[str, Decimal]
    """Word of a power of ten to its value; a word that CLDR gives two values is not here."""
    ambiguous_scales: Mapping[str, tuple[Decimal, ...]]
    """Words with two values (ne करोड is 1e6 in one table and 1e7 in the other), for a person to decide."""
    months: Mapping[str, int]
    months_short: Mapping[str, int]
    currencies: Mapping[str, str]
    times: Mapping[str, str]
    """Word of a time unit to its English name: ``года`` to ``year``."""
    measures: Mapping[str, str]


def load(tag: str) -> Locale | None:
    """The tables for a BCP-47 tag, or None when CLDR has no such language."""
    from babel import Locale as Babel
    from babel import UnknownLocaleError

    try:
        raw: Mapping[str, Any] = Babel.parse(tag, sep="-")._data
    except (UnknownLocaleError, ValueError):
        return None
    values = _scale_values(raw)
    symbols = raw["number_symbols"].get("latn", {})
    return Locale(
        decimal=symbols.get("decimal", "."),
        group=symbols.get("group", ","),
        scales={word: values_of_word[0] for word, values_of_word in values.items() if len(values_of_word) == 1},
        ambiguous_scales={word: values_of_word for word, values_of_word in values.items() if len(values_of_word) > 1},
        months=_months(raw, "wide"),
        months_short=_months(raw, "abbreviated"),
        currencies=_currencies(raw),
        times=dict(_units(raw, [f"duration-{name}" for name in _TIMES])),
        measures=dict(_units(raw, _MEASURES)),
    )


def _scale_values(raw: Mapping[str, Any]) -> dict[str, tuple[Decimal, ...]]:
    """Words of the long forms, and of the short ones where these are words (萬, 억, млрд)."""
    values: dict[str, set[Decimal]] = {}
    for form in ("long", "short"):
        for patterns in raw["compact_decimal_formats"].get(form, {}).values():
            for magnitude, pattern in patterns.items():
                word, zeros = _word(str(getattr(pattern, "pattern", pattern)))
                if word and (form == "long" or _is_word(word)):
                    values.setdefault(word, set()).add(Decimal(int(magnitude) // 10 ** (zeros - 1)))
    return {word: tuple(sorted(values_of_word)) for word, values_of_word in values.items()}


def _word(pattern: str) -> tuple[str, int]:
    """``000 triệu`` → (``triệu``, 3); ``elfu 0;elfu -0`` → (``elfu``, 1): a part after ``;`` is for negatives.

    Two words (``nghìn tỷ``) are put together again by whoever reads numbers.
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
