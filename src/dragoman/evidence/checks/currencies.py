"""Which currencies may be the same: names that several share, and the one that a language means at home."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from dragoman.evidence.figures.folding import word_key
from dragoman.evidence.figures.lexicon import lexicon

# Currencies that share a word or sign: "?dollar" may be any of these, and is none of the others.
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

# What a paper of the language means by a bare amount; not for languages of many countries.
_HOME = {
    "zh-Hans": "CNY", "ja": "JPY", "ko": "KRW", "vi": "VND", "th": "THB", "id": "IDR", "ms": "MYR", "hi": "INR",
    "tr": "TRY", "ru": "RUB", "uk": "UAH", "pl": "PLN", "cs": "CZK", "he": "ILS", "ne": "NPR", "de": "EUR",
    "fr": "EUR", "it": "EUR", "nl": "EUR",
}  # fmt: skip

_NEAR = 24
_BEGINNING = 3
"""Letters that the forms of a name share: funt, funtów."""
_UNSPACED = "\u0e00"
"""The first letter of the scripts without spaces."""

TOMAN = 10
"""Rials in a toman: who converts the one to the other moves the point and is right."""


def is_open(unit: str | None) -> bool:
    """Whether a unit of money leaves it open which currency it is."""
    return unit is None or unit.startswith("?")


def may_be_one(one: str | None, other: str | None) -> bool:
    """Whether two currencies may be the same; an open one may be any that shares its word, unknown words any."""
    if one is None or other is None or one == other:
        return True
    one_set, other_set = _codes(one), _codes(other)
    return one_set is None or other_set is None or not one_set.isdisjoint(other_set)


def is_home(unit: str | None, language: str) -> bool | None:
    """Whether a currency may be what papers of the language mean when they name none; None where that is unknown."""
    home = _HOME.get(language) or _HOME.get(language.split("-")[0])
    return None if home is None else may_be_one(unit, home)


def names_money(text: str, length: int, language: str) -> bool:
    """Whether the figure of ``length`` characters that a text begins with, or what follows it, has the beginning of
    a currency's name: the tables may lack the form."""
    near = word_key(text[: length + _NEAR], language.split("-")[0])
    return _beginnings(language).search(near) is not None


@lru_cache(maxsize=64)
def _beginnings(language: str) -> re.Pattern[str]:
    words = {word.rstrip("*") for word in lexicon(language).of_kind("unit", "money")} - {""}
    # Without spaces, every word counts as a whole; with them, three letters at the beginning of a word.
    inside = {word for word in words if word[0] >= _UNSPACED}
    first = {word[:_BEGINNING] for word in words - inside if len(word) >= _BEGINNING}
    outside, within = ("|".join(map(re.escape, sorted(found))) for found in (first, inside))
    return re.compile(rf"(?<![^\W\d_])(?:{outside})" + (f"|{within}" if within else ""))


def are_rial_and_toman(ours: str | None, theirs: str | None) -> bool:
    """Whether one is the rial of Iran and the other the toman."""
    units = {ours, theirs}
    return "?toman" in units and bool(units & {"IRR", "?rial", "?﷼"})


def _codes(unit: str) -> frozenset[str] | None:
    return _SHARED.get(unit.removeprefix("?")) if unit.startswith("?") else frozenset((unit,))
