"""What a paragraph and its English should share whatever the language: digits and values of figures, sounds of names,
and signs such as a question mark."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from dragoman.evidence.checks.quantities import TextQuantities, values
from dragoman.evidence.checks.translation.sounds import sounds

_NUMERAL = re.compile(r"\d+(?:[.,٫٬'’ \u00a0\u202f]\d+)*")
_RUN = re.compile(r"\d+")

_SIGNS = {
    letter: sign
    for sign, letters in {"?": "?？؟", "!": "!！", '"': '"“”„«»「」『』', "(": "(（", "%": "%％٪"}.items()
    for letter in letters
}
"""Each sign as it is printed, and the mark that it is."""

_SOUND, _FIGURE = "~", "#"


def marks(text: TextQuantities) -> frozenset[str]:
    """The marks of a text: ``~`` and sounds, ``#`` and digits, or a sign."""
    signs = {_SIGNS[letter] for letter in _SIGNS.keys() & set(text.text)}
    return frozenset(
        signs | {_SOUND + code for code in sounds(text.text)} | {_FIGURE + digits for digits in digits_of(text)}
    )


def weight(mark: str) -> float:
    """How much a shared mark says, relative to the sounds of a long word. A figure says more, a short word less."""
    if mark[0] == _FIGURE:
        return 1.5 if len(mark) > 2 else 1.0
    return 0.6 if mark[0] == _SOUND and len(mark) == 4 else 1.0


def digits_of(text: TextQuantities) -> set[str]:
    """The significant digits of every figure of a text, as printed and as read: 2,75 Milliarden and 2.75 billion are
    both 275, 90亿 and 9 billion both 9, three is 3. Dates give year, month and day."""
    found = numerals(text.text)
    for quantity in text.quantities:
        found |= {_significant(value) for value in values(quantity) if value}
        found |= {part.strip("0") for part in (quantity.date or "").split("-")}
    return found - {""}


def numerals(text: str) -> set[str]:
    """The significant digits of each whole numeral of ``text``: 18.3 gives 183."""
    return _digits(_NUMERAL, text)


def printed_digits(text: str) -> set[str]:
    """The significant digits of each numeral of ``text``, whole and between its signs: 12.30 gives 123, 12 and 3."""
    return numerals(text) | _digits(_RUN, text)


def _digits(numeral: re.Pattern[str], text: str) -> set[str]:
    printed = {match.translate(_ASCII_DIGITS).strip("0") for match in numeral.findall(text)}
    printed.discard("")
    return printed


class _Digits(dict[int, str]):
    """A table for `str.translate` from the digits of any script to ASCII, filled when a digit is first needed. What is
    no digit is left out."""

    def __missing__(self, code: int) -> str:
        self[code] = digit = str(unicodedata.decimal(chr(code), ""))
        return digit


_ASCII_DIGITS = _Digits()


def _significant(value: Decimal) -> str:
    return "".join(map(str, abs(value).normalize().as_tuple().digits))
