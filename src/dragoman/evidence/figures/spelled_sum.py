"""Add and multiply the words of a spelled number by the same rules in every language.

A scale multiplies the smaller parts before it ("five hundred thousand"; "2 mil 345 millones") and comes after greater
ones. What follows a scale is smaller than the scale. In Swahili, the scale stands before what it multiplies.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dragoman.evidence.figures.compose import Number, Token
from dragoman.evidence.figures.numerals import trimmed

Parts = list[tuple[Decimal, Decimal]]
"""Each part of a number, and the scale that it is counted in."""

_ONE, _TEN, _HUNDRED, _THOUSAND = Decimal(1), Decimal(10), Decimal(100), Decimal(1000)
_MYRIAD = Decimal(10_000)
_ELIDING_CHINESE = frozenset("万萬亿億")
_ELIDING = _ELIDING_CHINESE | frozenset("억조兆")
"""Scales after which a single digit counts tenths of them: the scale that belongs to the digit is left out."""
_MYRIADS = frozenset("만억조천")
"""Korean scales, after which digits go on: 1억5000."""


def compose(text: str, tokens: Sequence[Token], *, scale_first: bool) -> Number | None:
    """Return the number that the tokens begin with; None if what follows it may be a part of it."""
    parts: Parts = []
    used, first_kind = 0, tokens[0].kind
    if (value := elided(text, tokens)) is not None:
        return Number(trimmed(value), tokens[-1].end, mantissa=None)
    if scale_first and any(token.kind == "first" for token in tokens):
        value, used = _scales_first(tokens)
        parts = [(value, _ONE)] if used else []
    elif first_kind == "part":
        used = _part_of_scale(tokens)
        parts = [(tokens[0].value * tokens[used - 1].value, _ONE)] if used else []
    else:
        while used < len(tokens) and (taken := _add(text, parts, tokens, used)):
            used += taken
    if not used or not _may_end(text, tokens, used):
        return None
    first, last = tokens[0], tokens[used - 1]
    if used == 1 and first.kind == "digits":
        return None
    numerals = [token for token in tokens[:used] if token.kind in ("number", "weak", "fixed", "digits")]
    mantissa = numerals[0].value if len(numerals) == 1 and numerals[0].start == first.start else None
    needs_unit = used == 1 and (first.kind in ("weak", "scale", "first") or first.value <= 1)
    return Number(trimmed(sum((part for part, _ in parts), Decimal(0))), last.end, mantissa, needs_unit=needs_unit)


def elided(text: str, tokens: Sequence[Token]) -> Decimal | None:
    """Return the value of digits whose last scale is left out: 13万2 is 132,000, 1억5천 is 150,000,000. None for others."""
    if len(tokens) not in (3, 4) or [token.kind for token in tokens] != ["digits", "scale", "digits", "scale"][: len(tokens)]:
        return None
    count, scale, digits = tokens[:3]
    word, is_glued = text[scale.start : scale.end], digits.start == scale.end
    if not is_glued or digits.end - digits.start > 1 or word not in _ELIDING:
        return None
    if len(tokens) == 4:
        is_thousand = tokens[3].value == _THOUSAND and scale.value >= _MYRIAD**2
        return count.value * scale.value + digits.value * scale.value / _TEN if is_thousand else None
    return (count.value + digits.value / _TEN) * scale.value if word in _ELIDING_CHINESE else None


def _part_of_scale(tokens: Sequence[Token]) -> int:
    """Return how many tokens "a quarter of a million" takes; 0 if no scale follows the fraction."""
    for used, token in enumerate(tokens[1:], start=2):
        if token.kind == "scale" and token.value >= _THOUSAND:
            return used
        if token.kind not in ("of", "link") and not (token.kind == "weak" and token.value == 1):
            break
    return 0


def _may_end(text: str, tokens: Sequence[Token], used: int) -> bool:
    """Whether the number is whole, although more number words follow: after "and", a comma, and beside digits."""
    if used == len(tokens):
        return True
    following, last = tokens[used], tokens[used - 1]
    if following.kind == "link":
        behind = text[following.end : following.end + 1]
        return behind in (" ", "") or text[following.start] == ","
    return "digits" in (following.kind, last.kind) or following.kind == "weak"


def _add(text: str, parts: Parts, tokens: Sequence[Token], position: int) -> int:
    """Add the token at ``position``, with the link before it. Returns how many tokens were used."""
    token = tokens[position]
    linked = token.kind in ("link", "of")
    before_scale = token.kind == "of"
    if linked:
        if position + 1 == len(tokens) or not parts:
            return 0
        token = tokens[position + 1]
    following = tokens[position + 1 + linked] if position + 1 + linked < len(tokens) else None
    if linked and text[tokens[position].start] == "," and not _follows_comma(tokens, token, following):
        return 0
    taken = False
    match token.kind:
        case "number" | "weak":
            taken = _add_number(parts, token.value, linked=linked)
        case "digits":
            taken = not parts or _digits_go_on(text, parts, token, following, linked=linked)
            if taken:
                parts.append((token.value, _ONE))
        case "fixed":
            taken = not parts or token.value < parts[-1][1]
            if taken:
                parts.append((token.value, _scale_of(token.value)))
        case "scale":
            taken = _multiply(parts, token.value, linked=linked and not before_scale)
    return (1 + linked) if taken else 0


def _add_number(parts: Parts, value: Decimal, *, linked: bool) -> bool:
    if not parts or value < parts[-1][1]:
        parts.append((value, _ONE))
        return True
    last, scale = parts[-1]
    if scale != _ONE or last != last.to_integral_value():
        return False
    tens_first = last >= 20 and last % _TEN == 0 and 0 < value < _TEN
    ones_first = linked and 0 < last < _TEN and value >= 20 and value % _TEN == 0
    ten_first = last == _TEN and 0 < value < _TEN
    if last < _HUNDRED and (tens_first or ones_first or ten_first):
        parts[-1] = (last + value, _ONE)
        return True
    return False


def _follows_comma(tokens: Sequence[Token], token: Token, following: Token | None) -> bool:
    """Whether a number goes on after a comma: "one million, two hundred", but not "386 million, two more than"."""
    if tokens[0].kind == "digits" or token.kind == "digits":
        return False
    return token.kind == "fixed" or (following is not None and following.kind in ("scale", "fixed"))


def _digits_go_on(text: str, parts: Parts, token: Token, following: Token | None, *, linked: bool) -> bool:
    """Whether digits continue a number: 53 bin 537, 2 mil 45, 1 million 250 thousand, 십2만 is none."""
    _, scale = parts[-1]
    if token.value >= scale:
        return False
    if following is not None and following.kind == "scale" and following.value < scale:
        return True
    if linked or token.value != token.value.to_integral_value():
        return False
    return scale == _THOUSAND or text[token.start - 1 : token.start] in _MYRIADS


def _multiply(parts: Parts, scale: Decimal, *, linked: bool) -> bool:
    lower = [part for part in parts if part[1] < scale]
    if parts and not lower and parts[-1][1] <= scale:
        return False
    if linked and lower and len(lower) == len(parts):
        return False
    value = sum((part for part, _ in lower), Decimal(0)) if lower else _ONE
    if not value:
        return False
    parts[:] = [*(part for part in parts if part[1] >= scale), (value * scale, scale)]
    return True


def _scale_of(value: Decimal) -> Decimal:
    """Return the power of ten in which a number above 99 is counted: 100 for 200, 1,000,000 for 2,000,000."""
    scale = _HUNDRED
    while value % (scale * _TEN) == 0:
        scale *= _TEN
    return scale


def _scales_first(tokens: Sequence[Token]) -> tuple[Decimal, int]:
    """Return the value of scales that stand before their multipliers, and how many tokens they take."""
    total, limit, used = Decimal(0), None, 0
    while used < len(tokens):
        position = used + (tokens[used].kind == "link")
        if position == len(tokens):
            break
        token = tokens[position]
        if limit is not None and token.value >= limit:
            break
        if token.kind == "first":
            count, position = _multiplier(tokens, position + 1, token.value)
            total += count * token.value
            limit = token.value
        elif token.kind in ("number", "weak", "digits") and limit is not None:
            total += token.value
            limit, position = Decimal(0), position + 1
        else:
            break
        used = position
    return total, used


def _multiplier(tokens: Sequence[Token], position: int, scale: Decimal) -> tuple[Decimal, int]:
    """Return what a scale is multiplied with, and where the tokens go on: "mia mbili na sitini" of "elfu mia mbili …"."""
    if position == len(tokens):
        return _ONE, position
    token = tokens[position]
    if token.kind == "first" and token.value < scale:
        count, position = _multiplier(tokens, position + 1, token.value)
        count *= token.value
        rest = tokens[position : position + 2]
        if len(rest) == 2 and rest[0].kind == "link" and rest[0].end - rest[0].start > 1 and rest[1].kind in ("number", "weak"):
            return count + rest[1].value, position + 2
        return count, position
    if token.kind in ("number", "weak", "digits"):
        return token.value, position + 1
    return _ONE, position
