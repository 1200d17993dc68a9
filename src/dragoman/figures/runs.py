"""Runs of numerals and words of number → one value: 48億6,000万, hai mươi lăm nghìn, साढ़े तीन लाख.

A run is read as far as its pieces make one number; what is left over begins another.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dragoman.figures.folding import past_gap
from dragoman.figures.grammar import DASHES, Grammar
from dragoman.figures.numerals import printed, trimmed
from dragoman.figures.sums import NUMERALS, Number, Sum, Token

_LONGEST = 24
"""Pieces. "Nine hundred and ninety-nine million …" down to the last one has 20; longer runs are no number, and
reading all of them at each of their places would be quadratic."""

# Further digits stand straight behind these: 48億6,000万.
_GLUING = frozenset("千万萬亿億兆천만억조")
_ARABIC_AND = "و"
_ZERO = Decimal(0)


def read(text: str, at: int, grammar: Grammar) -> Number | None:
    """The number that begins at ``at``, as far as the pieces of the run make one; None when they make none."""
    return number(text, tokens(text, at, grammar), grammar)


def number(text: str, pieces: Sequence[Token], grammar: Grammar) -> Number | None:
    """The number that the pieces of a run of ``text`` begin with; None when they make none."""
    if not pieces:
        return None
    kind, value, _, end = pieces[0]
    if kind == "many":
        return Number(None, end)
    if len(pieces) == 1:
        if kind == "digits":
            return Number(value, end, mantissa=value, digits=True)
        return Number(value, end, mantissa=value, needs_unit=kind != "number") if kind in NUMERALS else None
    if len(pieces) == 2 and kind == "digits" and pieces[1].kind == "scale":
        return Number(trimmed(value * pieces[1].value), pieces[1].end, mantissa=value)
    if grammar.language in ("zh", "ja") and (plain := _by_place(pieces)):
        return plain
    return Sum(text, pieces, grammar.language).number()


def tokens(text: str, at: int, grammar: Grammar) -> list[Token]:
    """The pieces of the run that begins at ``at``, up to a numeral that makes no number."""
    found = _first(text, at, grammar)
    while found and found[-1].kind != "many" and len(found) < _LONGEST:
        more = _word(text, found[-1].end, grammar)
        if not more and len(found) > 1 and found[-1].kind != "digits":
            more = _digits_again(text, found[-1].end, grammar)
        if not more:
            break
        found += more
    return found


def _first(text: str, at: int, grammar: Grammar) -> list[Token]:
    word = None if text[at : at + 1].isdecimal() else grammar.first.at(text, at)
    if word is None:
        numeral = _numeral(text, at, grammar)
        return [numeral] if numeral else []
    end, (kind, value) = word
    first = Token(kind, value, at, end)
    if grammar.language == "sw" and kind == "scale":  # milioni 3
        numeral = _numeral(text, past_gap(text, end), grammar)
        return [first, numeral] if numeral and numeral.start > end else [first]
    return [first]


def _numeral(text: str, at: int, grammar: Grammar) -> Token | None:
    shown = grammar.number.match(text, at)
    if not shown:
        return None
    value = printed(shown[0], grammar.lexicon.decimal)
    return None if value is None else Token("digits", value, at, shown.end())


def _word(text: str, at: int, grammar: Grammar) -> list[Token]:
    """A further word of number, with the "and" in front of it."""
    begin = past_gap(text, at)
    found = grammar.following.at(text, begin)
    if found:
        return [Token(*found[1], begin, found[0])]
    if begin > at:
        return _linked(text, begin, grammar)
    return _token(text, at + 1, grammar) if text[at : at + 1] in DASHES else []


def _linked(text: str, at: int, grammar: Grammar) -> list[Token]:
    if grammar.language == "ar" and text[at : at + 1] == _ARABIC_AND:  # written together with the next word
        begin = past_gap(text, at + 1)
        link = [Token("link", _ZERO, at, at + 1)] if begin > at + 1 else []
    elif found := grammar.links.at(text, at):
        begin = past_gap(text, found[0])
        link = [Token("link", _ZERO, at, found[0])]
    else:
        return []
    word = _token(text, begin, grammar)
    return [*link, *word] if word else []


def _token(text: str, at: int, grammar: Grammar) -> list[Token]:
    found = grammar.following.at(text, at)
    return [Token(*found[1], at, found[0])] if found else []


def _digits_again(text: str, at: int, grammar: Grammar) -> list[Token]:
    """Further digits: where a smaller scale follows, straight behind a Han or Hangul scale, behind an Arabic "and"."""
    begin = past_gap(text, at)
    numeral = _numeral(text, begin, grammar)
    if numeral is not None:
        scaled = grammar.scales.at(text, past_gap(text, numeral.end))
        glued = begin == at and text[at - 1] in _GLUING
        return [numeral] if scaled or glued else []
    if grammar.language in ("ar", "fa") and begin > at and text[begin : begin + 1] == _ARABIC_AND:
        numeral = _numeral(text, past_gap(text, begin + 1), grammar)
        if numeral and numeral.end - numeral.start == 3:
            return [Token("link", _ZERO, begin, begin + 1), numeral]
    return []


def _by_place(pieces: Sequence[Token]) -> Number | None:
    """Han digits written one after another: 二〇二四, 三点五; two of them are a guess: 三四百."""
    digits = 0
    while digits < len(pieces) and pieces[digits].kind == "han" and pieces[digits].value < 10:
        digits += 1
    if digits < len(pieces) or not (digits >= 3 or any(piece.value == 0 for piece in pieces)):
        return None
    return Number(Decimal("".join(str(piece.value) for piece in pieces)), pieces[-1].end)
