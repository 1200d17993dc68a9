"""Which currencies may be the same: names that several currencies share, and the home currency of a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from dragoman.core.language_tags import primary
from dragoman.evidence.figures.folding import word_key
from dragoman.evidence.figures.lexicon import lexicon

# Currencies that share a word or a sign: "?dollar" may be any of its currencies, but no other.
_SHARED: Mapping[str, frozenset[str]] = {
    word: frozenset(codes.split())
    for words, codes in (
        ("dollar $", "USD CAD AUD NZD SGD HKD TWD"),
        ("元 圓 圆 yuan", "CNY TWD HKD"),
        ("rupee Rs", "INR PKR NPR LKR"),
        ("riyal rial ﷼", "SAR QAR OMR YER IRR"),
        ("toman", "IRT"),
        ("peso", "MXN COP CLP ARS PHP CUP UYU"),
        ("kr krona krone kroner", "SEK NOK DKK ISK"),
        ("franc", "CHF XAF XOF"),
        ("dinar", "KWD IQD RSD JOD DZD TND BHD LYD"),
        ("dirham", "AED MAD"),
        ("lira", "TRY LBP SYP"),
        ("shilling", "KES TZS UGX SOS"),
        ("pound £", "GBP EGP LBP SYP SDG SSP"),
        ("won", "KRW KPW"),
        ("yen ¥", "JPY CNY"),
        ("real", "BRL"),
    )
    for word in words.split()
}

# The currency that a newspaper of the language means by a bare amount; languages of many countries are left out.
_HOME = {
    "zh-Hans": "CNY", "ja": "JPY", "ko": "KRW", "vi": "VND", "th": "THB", "id": "IDR", "ms": "MYR", "hi": "INR",
    "tr": "TRY", "ru": "RUB", "uk": "UAH", "pl": "PLN", "cs": "CZK", "he": "ILS", "ne": "NPR", "de": "EUR",
    "fr": "EUR", "it": "EUR", "nl": "EUR", "te": "INR", "kn": "INR", "ml": "INR", "mr": "INR", "gu": "INR",
    "hr": "EUR", "sr": "RSD", "sk": "EUR", "sl": "EUR", "ca": "EUR", "gl": "EUR", "af": "ZAR", "fil": "PHP",
    "ka": "GEL", "hy": "AMD", "az": "AZN", "kk": "KZT", "uz": "UZS",
    "si": "LKR", "my": "MMK", "km": "KHR", "lo": "LAK", "am": "ETB", "mn": "MNT",
    "sv": "SEK", "da": "DKK", "no": "NOK", "fi": "EUR", "et": "EUR", "lv": "EUR", "lt": "EUR", "hu": "HUF", "ro": "RON",
    "el": "EUR", "mk": "MKD", "sq": "ALL",
}  # fmt: skip

_NEAR = 24
"""Characters after a figure in which the name of its currency may be."""

_BEGINNING = 3
"""Letters that the forms of a currency name share: funt, funtów."""

_UNSPACED = "\u0e00"
"""The first letter of the scripts that are written without spaces."""

_RIALS = frozenset({"IRR", "?rial", "?﷼"})

TOMAN = 10
"""Rials in one toman. An amount converted from one to the other is right."""


def is_open(unit: str | None) -> bool:
    """Whether a unit of money does not settle which currency it is."""
    return unit is None or unit.startswith("?")


def may_be_same(first: str | None, second: str | None) -> bool:
    """Whether two currencies may be the same. An open currency may be any that shares its word; an unknown word may be
    any currency."""
    if first is None or second is None or first == second:
        return True
    first_codes, second_codes = _codes(first), _codes(second)
    return first_codes is None or second_codes is None or not first_codes.isdisjoint(second_codes)


def is_home(unit: str | None, language: str) -> bool | None:
    """Whether newspapers of ``language`` may mean this currency when they name none; None if that is unknown."""
    home = _HOME.get(language) or _HOME.get(primary(language))
    return None if home is None else may_be_same(unit, home)


def names_money(text: str, length: int, language: str) -> bool:
    """Whether the first ``length`` characters of ``text``, which are a figure, or the words after it contain the
    beginning of a currency's name. The tables may lack the form that follows."""
    near = word_key(text[: length + _NEAR], primary(language))
    return _beginnings(language).search(near) is not None


@lru_cache(maxsize=64)
def _beginnings(language: str) -> re.Pattern[str]:
    words = {word.rstrip("*") for word in lexicon(language).of_kind("unit", "money")} - {""}
    # Without spaces, a whole name is searched for anywhere; with spaces, its first letters at the start of a word.
    inside = {word for word in words if word[0] >= _UNSPACED}
    first = {word[:_BEGINNING] for word in words - inside if len(word) >= _BEGINNING}
    outside, within = ("|".join(map(re.escape, sorted(names))) for names in (first, inside))
    return re.compile(rf"(?<![^\W\d_])(?:{outside})" + (f"|{within}" if within else ""))


def are_rial_and_toman(first: str | None, second: str | None) -> bool:
    """Whether one currency is the rial of Iran and the other the toman."""
    units = {first, second}
    return "?toman" in units and not units.isdisjoint(_RIALS)


def is_rial_or_toman(unit: str | None) -> bool:
    """Whether a unit is one of the two in which amounts of Iran are printed."""
    return unit == "?toman" or unit in _RIALS


def _codes(unit: str) -> frozenset[str] | None:
    """The ISO 4217 codes that a unit may mean; None for a word that is not in the table."""
    return _SHARED.get(unit.removeprefix("?")) if unit.startswith("?") else frozenset((unit,))
