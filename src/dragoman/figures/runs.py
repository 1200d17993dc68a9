"""Runs of numerals and words of number → one value: 48億6,000万, hai mươi lăm nghìn, साढ़े तीन लाख.

A run is read as far as its pieces make one number; what is left over begins another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from dragoman.figures.grammar import Grammar
from dragoman.figures.numerals import printed, trimmed
from dragoman.figures.sums import NUMERALS, Number, Sum, Token

_NUMERAL = re.compile(r"\d+(?:[.,٫٬'’．，،・·/ \u00a0\u202f\u2009]\d+)*")


def tokens(run: str, grammar: Grammar) -> list[Token]:
    """The pieces of ``run`` in order, up to a numeral that makes no number."""
    found: list[Token] = []
    for match in grammar.token.finditer(run):
        if match["digits"]:
            value = printed(match["digits"], grammar.words.decimal)
            if value is None:
                return found
            found.append(Token("digits", value, match.start(), match.end()))
        else:
            if not found and grammar.words.get("many", match[0]):
                return [Token("many", Decimal(0), match.start(), match.end())]
            number = grammar.words.number(match[0])
            if number is None:  # "hundreds of thousands" says nothing behind a number
                return found
            found.append(Token(*number, match.start(), match.end()))
    return found


def read(run: str, grammar: Grammar) -> Number | None:
    """The number that ``run`` begins with, as far as its pieces make one; None when they make none."""
    if _NUMERAL.fullmatch(run):
        value = printed(run, grammar.words.decimal)
        return None if value is None else Number(value, len(run), mantissa=value, digits=True)
    alone = grammar.words.numbers.get(run)
    if alone is not None and run not in grammar.words.place("many"):
        kind, value = alone
        if kind not in NUMERALS:
            return None
        return Number(value, len(run), mantissa=value, needs_unit=kind != "number")
    pieces = tokens(run, grammar)
    if not pieces:
        return None
    if pieces[0].kind == "many":
        return Number(None, pieces[0].end)
    if len(pieces) == 2 and pieces[0].kind == "digits" and pieces[1].kind == "scale":
        value, scale = pieces[0].value, pieces[1].value
        return Number(trimmed(value * scale), pieces[1].end, mantissa=value)
    if grammar.language in ("zh", "ja"):
        plain = _by_place(run, pieces)
        if plain:
            return plain
    return Sum(run, pieces, grammar.language).number()


def _by_place(run: str, pieces: Sequence[Token]) -> Number | None:
    """Han digits written one after another: 二〇二四, 三点五; two of them are a guess: 三四百."""
    digits = 0
    while digits < len(pieces) and pieces[digits].kind == "han" and pieces[digits].value < 10:
        digits += 1
    if digits < len(pieces) and pieces[digits].kind == "point" and digits:
        return None
    shown = "".join(str(piece.value) for piece in pieces[:digits])
    if digits >= 3 or (digits == 2 and "0" in shown):
        return Number(Decimal(shown), pieces[digits - 1].end) if digits == len(pieces) else None
    return None
