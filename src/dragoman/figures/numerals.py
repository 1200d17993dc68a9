"""Printed numerals and runs of number words → exact decimals.

The printed form decides where it can: 1,5 and 1.5 are one and a half in any language, 1.234.567 has groups.
Only a single separator before exactly three digits (1.234) is read as the language of the text writes it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from dragoman.figures.folding import key
from dragoman.figures.grammar import Grammar

_LONGEST = 24
"""Digits; a longer row is a key or an account."""
_EXACT = Decimal(10) ** 27
"""Below it, arithmetic with the 28 digits of the default context is exact."""

_SIGNS = str.maketrans(
    {"．": ".", "，": ",", "،": ",", "・": "٫", "･": "٫", "·": "٫", "/": "٫"}
    | dict.fromkeys("٬'’ \u00a0\u202f\u2009", " ")
)
_VULGAR = re.compile(r" ?([½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞])$")
_NUMERAL = re.compile(r"\d+(?:[.,٫٬'’．，،・·/ \u00a0\u202f\u2009]\d+)*")
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


class Token(NamedTuple):
    """A numeral or word of a run; ``kind`` is that of the word, or ``digits``."""

    kind: str
    value: Decimal
    start: int
    end: int


class Number(NamedTuple):
    """What a run of numerals and words says, up to ``end`` (offset in the run)."""

    value: Decimal | None
    """None for the wholly vague."""
    end: int
    mantissa: Decimal | None = None
    """The numeral in front of the scale, where there is one numeral only."""
    digits: bool = False
    """Digits alone, no word."""
    needs_unit: bool = False
    """A word that is a number only with a unit behind it (one, a scale alone, a single Han digit)."""
    vague: bool = False
    more: bool = False
    """The figure is a lower bound: 30多万, 300+."""
    spread: Decimal | None = None
    """Upper end of two Han digits in a row: 三四百."""


def tokens(run: str, grammar: Grammar) -> list[Token]:
    """The pieces of ``run`` in order, up to a numeral that makes no number."""
    found: list[Token] = []
    numbers, many = grammar.words.numbers, grammar.words.place("many")
    for match in grammar.token.finditer(run):
        if match["digits"]:
            value = printed(match["digits"], grammar.words.decimal)
            if value is None:
                return found
            found.append(Token("digits", value, match.start(), match.end()))
        else:
            word = match[0] if match[0] in numbers or match[0] in many else key(match[0])
            if not found and word in many:
                return [Token("many", Decimal(0), match.start(), match.end())]
            if word not in numbers:  # "hundreds of thousands" says nothing behind a number
                return found
            found.append(Token(*numbers[word], match.start(), match.end()))
    return found


def read(run: str, grammar: Grammar) -> Number | None:
    """The number that ``run`` begins with, as far as its pieces make one; None when they make none."""
    if _NUMERAL.fullmatch(run):
        value = printed(run, grammar.words.decimal)
        return None if value is None else Number(value, len(run), mantissa=value, digits=True)
    alone = grammar.words.numbers.get(run)
    if alone is not None and run not in grammar.words.place("many"):
        kind, value = alone
        if kind not in ("number", "weak", "han", "scale"):
            return None
        return Number(value, len(run), mantissa=value, needs_unit=kind != "number")
    pieces = tokens(run, grammar)
    if not pieces:
        return None
    if pieces[0].kind == "many":
        return Number(None, pieces[0].end, vague=True)
    if len(pieces) == 2 and pieces[0].kind == "digits" and pieces[1].kind == "scale":
        value, scale = pieces[0].value, pieces[1].value
        return Number(trimmed(value * scale), pieces[1].end, mantissa=value)
    if grammar.language in ("zh", "ja"):
        plain = _by_place(run, pieces)
        if plain:
            return plain
    return _Sum(run, pieces, grammar).number()


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


class _Sum:
    """Adds and multiplies the pieces of a run while they make one number."""

    def __init__(self, run: str, pieces: Sequence[Token], grammar: Grammar) -> None:
        self.run = run
        self.pieces = pieces
        self.grammar = grammar
        self.parts: list[tuple[Decimal, Decimal]] = []  # value, and the scale it was multiplied with
        self.last: Token | None = None
        self.end = 0
        self.some = self.more = False
        self.ahead: Decimal | None = None
        self.linked = False
        self.spread: Decimal | None = None

    def number(self) -> Number | None:
        position = 0
        while position < len(self.pieces):
            used = self._take(position)
            if not used:
                break
            position += used
            self.end = self.pieces[position - 1].end
        if self.ahead is not None:
            return None
        return self._read(self.pieces[:position]) if position else None

    def _read(self, used: Sequence[Token]) -> Number | None:
        total = sum((value for value, _ in self.parts), Decimal(0))
        kinds = [piece.kind for piece in used]
        if self.some:
            return Number(None, self.end, vague=True) if "scale" in kinds else None
        if not any(kind in ("digits", "number", "weak", "han", "scale") for kind in kinds):
            return None
        numerals = [piece for piece in used if piece.kind not in ("scale", "inside", "link")]
        alone = len(used) == 1 and (kinds[0] in ("weak", "han") or (kinds[0] == "scale"))
        han = all(kind in ("han",) for kind in kinds)
        return Number(
            trimmed(total),
            self.end,
            mantissa=numerals[0].value if len(numerals) == 1 and numerals[0].start == used[0].start else None,
            digits=kinds == ["digits"],
            needs_unit=alone or (han and len(used) < 3),
            vague=self.more or self.spread is not None,
            more=self.more,
            spread=self.spread,
        )

    def _take(self, position: int) -> int:
        """Takes the piece at ``position``; how many pieces were used, 0 to stop before it."""
        piece = self.pieces[position]
        following = self.pieces[position + 1] if position + 1 < len(self.pieces) else None
        match piece.kind:
            case "digits":
                taken = self._digits(piece, following)
            case "number" | "weak" | "han":
                taken = self._word(piece, following, position)
            case "scale":
                taken = self._scale(piece)
            case "half":
                taken = self._half(piece)
            case "ahead":
                taken = not self.parts and following is not None
                self.ahead = piece.value
            case "link":
                taken = self.last is not None and following is not None and self._adds(following)
                self.linked = taken
            case "some":
                taken = following is not None and following.kind == "scale" if not self.parts else self._ends_in_ten()
                self.some = self.some or taken
                self.linked = False
            case "inside":
                taken = bool(self.parts)
                self.more = self.more or taken
            case "point":
                return self._decimals(position)
            case _:
                taken = False
        if taken and piece.kind not in ("link", "inside"):
            self.last = piece
        return int(taken)

    def _ends_in_ten(self) -> bool:
        return self.parts[-1][1] == 10  # 十几, 二十几

    def _digits(self, piece: Token, following: Token | None) -> bool:
        if self.parts or self.ahead is not None:
            if self.grammar.language == "sw" and self.last and self.last.kind == "scale" and len(self.parts) == 1:
                self.parts = [(piece.value * self.last.value, self.last.value)]
                return True
            if self.ahead is None:
                smallest = self.parts[-1][1]
                glued = self.run[piece.start - 1 : piece.start].strip() != ""
                down = following is not None and following.kind == "scale" and following.value < smallest
                if not (self.last and self.last.kind == "scale" and piece.value < smallest and (glued or down)):
                    return False
        self.parts.append((piece.value + (self.ahead or 0), Decimal(1)))
        self.ahead = None
        return True

    def _word(self, piece: Token, following: Token | None, position: int) -> bool:
        if self.ahead is not None:
            self.parts.append((piece.value + self.ahead, Decimal(1)))
            self.ahead = None
            return True
        if self.parts and not self._adds(piece):
            return self._guess(piece)
        value = piece.value
        if self._short(piece, following):
            value *= self.parts[-1][1] / 10
        self.parts.append((value, Decimal(1)))
        self.linked = False
        return True

    def _short(self, piece: Token, following: Token | None) -> bool:
        """一百五 is 150, 两万三 is 23,000."""
        return (
            self.grammar.language == "zh" and piece.kind == "han" and following is None and bool(self.parts)
            and self.last is not None and self.last.kind == "scale" and self.parts[-1][1] >= 100
        )  # fmt: skip

    def _guess(self, piece: Token) -> bool:
        """三四百, 七八个: the second digit is the upper end."""
        last = self.last
        if piece.kind == "han" and last and last.kind == "han" and last.value + 1 == piece.value and not self.spread:
            self.spread = piece.value - last.value
            return True
        return False

    def _adds(self, piece: Token) -> bool:
        """Whether a word of number goes on the number so far."""
        if not self.parts or not self.last:
            return True
        if piece.kind == "half":
            return True
        value, scale = self.parts[-1]
        if piece.kind == "scale":
            return self.linked or self.last.kind != "scale" or piece.value > scale
        if self.last.kind == "scale":
            return piece.value < scale
        if self.last.kind == "digits":
            return False
        if (
            self.grammar.language in ("ar", "sw", "de", "nl")
            and value < 10 <= piece.value < 100
            and piece.value % 10 == 0
        ):
            return True  # five and twenty
        if self.last.kind == "han":
            return value == 0
        steps = (100, 10) if self.grammar.language != "fr" else (100, 80, 60, 10)
        step = next((step for step in steps if value >= step and value % step == 0), 0)
        room = {100: 100, 80: 20, 60: 20, 10: 10}.get(step, 0)
        return bool(step) and value != 10 and 0 < piece.value < room

    def _scale(self, piece: Token) -> bool:
        lower = [part for part in self.parts if part[1] < piece.value]
        higher = [part for part in self.parts if part[1] >= piece.value]
        if self.ahead is not None:
            self.parts.append(((1 + self.ahead) * piece.value, piece.value))
            self.ahead = None
            return True
        if self.parts and not lower:
            if not self.linked:
                return False
            lower = [(Decimal(1), Decimal(1))]
        value = sum((part for part, _ in lower), Decimal(0)) if lower else Decimal(1)
        if self.last and self.last.kind == "scale" and self.last.value >= piece.value and not self.linked:
            return False
        self.parts = [*higher, ((value or Decimal(1)) * piece.value, piece.value)]
        if self.spread is not None:
            self.spread *= piece.value
        self.linked = False
        return True

    def _half(self, piece: Token) -> bool:
        if not self.parts:
            return False
        scale = self.parts[-1][1] if self.last and self.last.kind == "scale" else Decimal(1)
        if self.last and self.last.kind == "number" and self.last.value >= 100:
            scale = self.last.value  # un million et demi
        self.parts.append((piece.value * scale, scale / 10 if scale > 1 else Decimal("0.1")))
        return True

    def _decimals(self, position: int) -> int:
        """点 between Han digits."""
        count = 0
        while position + 1 + count < len(self.pieces) and self.pieces[position + 1 + count].kind == "han":
            count += 1
        if not self.parts or not count:
            return 0
        shown = "".join(str(piece.value) for piece in self.pieces[position + 1 : position + 1 + count])
        self.parts.append((Decimal(f"0.{shown}"), Decimal("0.1")))
        self.last = self.pieces[position + count]
        return 1 + count
