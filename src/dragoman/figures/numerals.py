"""Printed numerals → exact decimals.

The printed form decides where it can: 1,5 and 1.5 are one and a half in any language, 1.234.567 has groups.
Only a single separator before exactly three digits (1.234) is read as the language of the text writes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

_LONGEST = 24
"""Digits; a longer row is a key or an account."""
_EXACT = Decimal(10) ** 27
"""Below it, arithmetic with the 28 digits of the default context is exact."""

_SIGNS = str.maketrans(
    {"．": ".", "，": ",", "،": ",", "・": "٫", "･": "٫", "·": "٫", "/": "٫"}
    | dict.fromkeys("٬'’ \u00a0\u202f\u2009", " ")
)
_VULGAR = re.compile(r" ?([½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞])$")
_SPLIT = re.compile(r"\D")
SIXTH = Decimal("0.000001")


def fraction(over: Decimal, under: Decimal) -> Decimal | None:
    """``over`` ÷ ``under``, rounded to six decimals; None for a divisor of 0."""
    return trimmed((over / under).quantize(SIXTH)) if under else None


def trimmed(value: Decimal) -> Decimal:
    """Without zeros at the end, and in no exponent form as far as decimals are exact."""
    if abs(value) >= _EXACT:
        return value
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def printed(numeral: str, decimal: str) -> Decimal | None:
    """The value of digits with separators; None when their groups make no number (1.2.3, 12,34,5)."""
    if numeral.isdecimal():
        return Decimal(numeral) if len(numeral) <= _LONGEST else None
    vulgar = _VULGAR.search(numeral)
    if vulgar:
        whole = printed(numeral[: vulgar.start()], decimal) if vulgar.start() else Decimal(0)
        part = Decimal(str(unicodedata.numeric(vulgar[1]))).quantize(SIXTH)
        return None if whole is None else trimmed(whole + part)
    numeral = numeral.translate(_SIGNS)
    groups = _SPLIT.split(numeral)
    marks = _SPLIT.findall(numeral)
    rest = _decimals(groups, marks, decimal)
    whole_groups = groups[:-1] if rest else groups
    inner = set(marks[:-1] if rest else marks)
    if len(numeral) > _LONGEST or len(inner) > 1 or not _well_grouped(whole_groups):
        return None
    return Decimal("".join(whole_groups) + ("." + groups[-1] if rest else ""))


def _decimals(groups: Sequence[str], marks: Sequence[str], decimal: str) -> bool:
    """Whether the last group are decimals."""
    last = marks[-1]
    if last == "٫":
        return True
    if last == " " or marks.count(last) > 1:
        return False
    if len(marks) > 1 or len(groups[-1]) != 3 or len(groups[0]) > 3 or groups[0] == "0":
        return True
    return last == decimal


def _well_grouped(groups: Sequence[str]) -> bool:
    """By thousands (1 234 567), or in the Indian way (12,34,567); one group is no grouping."""
    if len(groups) == 1:
        return True
    head, *middle, last = groups
    thousands = 1 <= len(head) <= 3 and all(len(group) == 3 for group in middle)
    indian = 1 <= len(head) <= 2 and all(len(group) == 2 for group in middle)
    return len(last) == 3 and (thousands or indian)
