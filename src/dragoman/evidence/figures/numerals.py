"""Parse printed numerals → exact decimals.

The printed form decides if it can: 1,5 and 1.5 are one and a half in any language, and 1.234.567 has groups. Only a
single separator before exactly three digits (1.234) is read as the language of the text uses it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal

LONGEST = 24
"""Characters. A longer row of digits is a key or an account number."""
_ONE = Decimal(1)
_EXACT = Decimal(10) ** 27
"""Below this value, arithmetic with the 28 digits of the default context is exact."""

_SIGNS = str.maketrans(
    {"．": ".", "，": ",", "،": ",", "・": "٫", "･": "٫", "·": "٫", "/": "٫"}
    | dict.fromkeys("٬'’ \u00a0\u202f\u2009", " ")
)
_SPLIT = re.compile(r"(\D)")
SIXTH = Decimal("0.000001")


def fraction(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Return ``dividend`` ÷ ``divisor``, rounded to six decimals; None for a divisor of 0."""
    return trimmed((dividend / divisor).quantize(SIXTH)) if divisor else None


def trimmed(value: Decimal) -> Decimal:
    """Remove zeros at the end of the decimals, without an exponent for values below `_EXACT`."""
    if value.same_quantum(_ONE) or abs(value) >= _EXACT:
        return value
    return value.quantize(_ONE) if value == value.to_integral_value() else value.normalize()


def parse_numeral(numeral: str, decimal: str) -> Decimal | None:
    """Return the value of digits with separators; None if their groups make no number (1.2.3, 12,34,5).

    ``decimal`` is the decimal sign of the language.
    """
    if numeral.isdecimal():
        return Decimal(numeral) if len(numeral) <= LONGEST else None
    whole, sign, rest = numeral.partition("." if "." in numeral else ",")
    if whole.isdecimal() and rest.isdecimal() and len(numeral) <= LONGEST:
        return Decimal(f"{whole}.{rest}" if sign == decimal or _are_decimals(whole, rest) else whole + rest)
    if not numeral[-1].isdecimal():
        return _with_vulgar_fraction(numeral, decimal)
    parts = _SPLIT.split(numeral.translate(_SIGNS))
    groups, marks = parts[::2], parts[1::2]
    has_decimals = _decimals(groups, marks, decimal)
    whole_groups = groups[:-1] if has_decimals else groups
    inner = set(marks[:-1] if has_decimals else marks)
    if len(numeral) > LONGEST or len(inner) > 1 or not _well_grouped(whole_groups):
        return None
    return Decimal("".join(whole_groups) + ("." + groups[-1] if has_decimals else ""))


def _with_vulgar_fraction(numeral: str, decimal: str) -> Decimal | None:
    """Parse 2 ½ and ½."""
    digits = numeral[:-1].removesuffix(" ")
    whole = parse_numeral(digits, decimal) if digits else Decimal(0)
    part = Decimal(str(unicodedata.numeric(numeral[-1]))).quantize(SIXTH)
    return None if whole is None else trimmed(whole + part)


def _decimals(groups: Sequence[str], marks: Sequence[str], decimal: str) -> bool:
    """Whether the last group is the decimals."""
    last = marks[-1]
    if last == "٫":
        return True
    if last == " " or marks.count(last) > 1:
        return False
    return len(marks) > 1 or last == decimal or _are_decimals(groups[0], groups[-1])


def _are_decimals(whole: str, rest: str) -> bool:
    """Whether digits after a single separator are decimals rather than thousands, whatever the language is."""
    return len(rest) != 3 or len(whole) > 3 or whole == "0"


def _well_grouped(groups: Sequence[str]) -> bool:
    """Whether groups are thousands (1 234 567) or Indian (12,34,567). A single group is well formed too."""
    if len(groups) == 1:
        return True
    head, *middle, last = groups
    thousands = 1 <= len(head) <= 3 and all(len(group) == 3 for group in middle)
    indian = 1 <= len(head) <= 2 and all(len(group) == 2 for group in middle)
    return len(last) == 3 and (thousands or indian)
