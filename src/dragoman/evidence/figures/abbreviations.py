"""Read the abbreviation of a power of ten after a number, as CLDR and headlines write it: 320K, 12 M, 3,2 क॰, $2.5m.

A letter means different powers in different languages (``M`` is 10^9 in Indonesian, ``B`` 1000 in Turkish), so only
those of the text's own language count. A letter after digits is more often part of a name or a unit of measure (4K,
3M, 221B Baker Street, 5 m), so it counts only as CLDR prints it, or beside money.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from dragoman.evidence.figures.cldr import Abbreviation
from dragoman.evidence.figures.compose import Number
from dragoman.evidence.figures.folding import gap_end
from dragoman.evidence.figures.numerals import trimmed
from dragoman.evidence.figures.scan import Scan

_NAMES = {"K": frozenset(map(Decimal, (2, 4, 5, 8, 10, 12, 16))), "M": frozenset({Decimal(3)})}
"""Glued to a letter, these numbers are more often names: of screens (4K, 8K), of races (5K, 10K), of a company (3M)."""

_GLUED_IN_ENGLISH = "B"
"""The letter that papers in any language take over from English when they write it without a space: US$5B."""


def with_abbreviation(scan: Scan, at: int, number: Number, *, money: bool) -> Number | None:
    """Return the number at ``at`` times the power of ten that is abbreviated after it; None if there is none.

    ``money``: whether a sign or name of money stands before the number, or after the abbreviation.
    """
    begin = gap_end(scan.text, number.end)
    after_hits = scan.grammar.after_words.at(scan.text, begin)
    if after_hits.abbreviation is None or number.value is None:
        return None
    length, abbreviation = after_hits.abbreviation
    if after_hits.unit is not None and after_hits.unit[0] > length:
        return None  # NT$
    end = begin + length
    if _continues(scan.text, end) or not _is_meant(scan, at, number, begin, end, abbreviation, money=money):
        return None
    value = trimmed(number.value * abbreviation.value)
    return Number(value, end, number.mantissa, spread=number.spread, more=number.more)


def is_ambiguous(scan: Scan, end: int) -> bool:
    """Whether an abbreviation that is printed the same as a unit of measure follows a number: Danish 5 t, Afrikaans 5 m."""
    begin = gap_end(scan.text, end)
    hits = scan.grammar.after_words.at(scan.text, begin)
    if hits.abbreviation is None or hits.unit is None or hits.unit[0] < hits.abbreviation[0]:
        return False
    length, abbreviation = hits.abbreviation
    return (
        not abbreviation.only_money
        and abbreviation.printed.islower()
        and scan.printed(begin, begin + length) == abbreviation.printed
    )


def _continues(text: str, end: int) -> bool:
    """Whether what ends at ``end`` goes on, so that it is the beginning of a word: M-Klasse, 5Gbit, ትምህርት."""
    following, last = text[end : end + 1], text[end - 1]
    if following.isalnum() or unicodedata.category(following or " ")[0] == "M":
        return not last.isascii() or following.isascii()
    return following in ("-", "'", "/", "_", "&") and text[end + 1 : end + 2].isalpha()


def _is_meant(
    scan: Scan, at: int, number: Number, begin: int, end: int, abbreviation: Abbreviation, *, money: bool
) -> bool:
    printed, glued = scan.printed(begin, end), begin == number.end
    if glued and abbreviation.spaced and abbreviation.printed == _GLUED_IN_ENGLISH:
        return False
    following = scan.grammar.after_words.at(scan.text, gap_end(scan.text, end)).unit
    money = money or (following is not None and following[1].kind == "money")
    if money or abbreviation.only_money or not abbreviation.printed[0].isascii():
        return money or not abbreviation.only_money
    if printed != abbreviation.printed or is_ambiguous(scan, number.end) or not (glued or abbreviation.spaced):
        return False
    return not glued or _fills_line(scan.text, at, end) or not _is_name(scan, number, printed, end)


def _is_name(scan: Scan, number: Number, printed: str, end: int) -> bool:
    begin = gap_end(scan.text, end)
    unit = scan.grammar.after_words.at(scan.text, begin).unit
    if unit is not None and unit[1].kind != "nothing":
        return False
    following = scan.printed(begin, begin + 1)
    return number.value in _NAMES.get(printed, ()) or (begin > end and following.isupper())  # 221B Baker Street


def _fills_line(text: str, at: int, end: int) -> bool:
    """Whether nothing else is in the line, as in the cell of a table."""
    return text[:at].rpartition("\n")[2].strip() == "" == text[end:].partition("\n")[0].strip()
