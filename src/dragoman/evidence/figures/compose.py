"""Add and multiply the tokens of a number that is written in words or with scales, for as long as they make one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from dragoman.evidence.figures.numerals import trimmed

NUMERALS = {"number", "weak", "han", "scale"}
"""Kinds of words that are numbers on their own."""

_NEED_UNIT = {"weak", "han", "scale"}
# Languages that put the units before the tens: خمسة وعشرون, five and twenty.
_ONES_FIRST = {"ar", "sw", "de", "nl"}
SCALE_FIRST = {"sw", "si", "my"}
"""Languages in which the scale may stand before its digits: milioni 3, මිලියන 20, သန်း ၂၀."""


class Token(NamedTuple):
    """A numeral or a number word of a run. ``kind`` is the kind of the word, or ``digits``."""

    kind: str
    value: Decimal
    start: int
    end: int


class Number(NamedTuple):
    """The number that a run begins with; ``end`` is its offset in the text."""

    value: Decimal | None
    """None for a number that is too vague to have a value."""
    end: int
    mantissa: Decimal | None = None
    """The numeral before the scale, if the number has exactly one numeral."""
    digits: bool = False
    """Whether it is digits alone, without a word."""
    needs_unit: bool = False
    """Whether it is a number only with a unit after it (one, a scale alone, a single Han digit)."""
    more: bool = False
    """Whether the value is a lower bound: 30多万, 300+."""
    is_silent: bool = False
    """Whether it is no amount, and nothing up to its end is: number words that make no number, or an ordinal."""
    spread: Decimal | None = None
    """How far above the value the range of two Han digits ends: 三四百 is 300 with a spread of 100."""


class Sum:
    """Add and multiply the tokens of a run for as long as they make one number."""

    def __init__(self, text: str, tokens: Sequence[Token], language: str) -> None:
        self.text = text
        self.tokens = tokens
        self.language = language
        self.parts: list[tuple[Decimal, Decimal]] = []  # each value, and the scale that it was multiplied with
        self.last: Token | None = None
        self.end = 0
        self.indefinite = self.more = False
        self.increment: Decimal | None = None
        self.linked = False
        self.spread: Decimal | None = None

    def number(self) -> Number | None:
        """Return the number, or None if the tokens make none."""
        position = 0
        while position < len(self.tokens):
            used = self._consume(position)
            if not used:
                break
            position += used
            self.end = self.tokens[position - 1].end
        if self.increment is not None:
            return None
        return self._total(self.tokens[:position]) if position else None

    def _total(self, used: Sequence[Token]) -> Number | None:
        kinds = [token.kind for token in used]
        if self.indefinite:
            return Number(None, self.end) if "scale" in kinds else None
        if "digits" not in kinds and NUMERALS.isdisjoint(kinds):
            return None
        numerals = [token for token in used if token.kind not in ("scale", "inside", "link")]
        has_mantissa = len(numerals) == 1 and numerals[0].start == used[0].start
        return Number(
            trimmed(sum((value for value, _ in self.parts), Decimal(0))),
            self.end,
            mantissa=numerals[0].value if has_mantissa else None,
            digits=kinds == ["digits"],
            needs_unit=(len(used) == 1 and kinds[0] in _NEED_UNIT) or (len(used) < 3 and set(kinds) == {"han"}),
            more=self.more,
            spread=self.spread,
        )

    def _consume(self, position: int) -> int:
        """Use the token at ``position``. Returns how many tokens were used; 0 means that the number ends before it."""
        token = self.tokens[position]
        following = self.tokens[position + 1] if position + 1 < len(self.tokens) else None
        match token.kind:
            case "digits":
                taken = self._digits(token, following)
            case "number" | "weak" | "han":
                taken = self._word(token, following)
            case "scale":
                taken = self._scale(token)
            case "half":
                taken = self._half(token)
            case "ahead":
                taken = not self.parts and following is not None
                self.increment = token.value
            case "link":
                taken = self.last is not None and following is not None and self._continues(following)
                self.linked = taken
            case "some":
                taken = following is not None and following.kind == "scale" if not self.parts else self._ends_in_ten()
                self.indefinite = self.indefinite or taken
                self.linked = False
            case "inside":
                taken = bool(self.parts)
                self.more = self.more or taken
            case "point":
                return self._decimals(position)
            case _:
                taken = False
        if taken and token.kind not in ("link", "inside"):
            self.last = token
        return int(taken)

    def _continues(self, token: Token) -> bool:
        return token.kind == "digits" or self._adds(token)

    def _ends_in_ten(self) -> bool:
        return self.parts[-1][1] == 10  # 十几, 二十几

    def _digits(self, token: Token, following: Token | None) -> bool:
        if self.parts or self.increment is not None:
            if self.language in SCALE_FIRST and self.last and self.last.kind == "scale" and len(self.parts) == 1:
                self.parts = [(token.value * self.last.value, self.last.value)]
                return True
            if self.increment is None:
                smallest = self.parts[-1][1]
                glued = self.text[token.start - 1 : token.start].strip() != ""
                steps_down = following is not None and following.kind == "scale" and following.value < smallest
                hundreds = self.linked and smallest == 1000 and token.value >= 100
                may_add = glued or steps_down or hundreds
                if not (self.last and self.last.kind == "scale" and token.value < smallest and may_add):
                    return False
        value = token.value + (self.increment or 0)
        if self.parts and self.language == "zh" and following is None and 0 < value < 10:
            value *= self.parts[-1][1] / 10  # 13万2 is 132,000
        self.parts.append((value, Decimal(1)))
        self.increment = None
        return True

    def _word(self, token: Token, following: Token | None) -> bool:
        if self.increment is not None:
            self.parts.append((token.value + self.increment, Decimal(1)))
            self.increment = None
            return True
        if self.parts and not self._adds(token):
            return self._spreads(token)
        value = token.value
        if self._omits_scale(token, following):
            value *= self.parts[-1][1] / 10
        self.parts.append((value, Decimal(1)))
        self.linked = False
        return True

    def _omits_scale(self, token: Token, following: Token | None) -> bool:
        """Whether a last Han digit counts the next lower scale: 一百五 is 150, 两万三 is 23,000."""
        return (
            self.language == "zh" and token.kind == "han" and following is None and bool(self.parts)
            and self.last is not None and self.last.kind == "scale" and self.parts[-1][1] >= 100
        )  # fmt: skip

    def _spreads(self, token: Token) -> bool:
        """Whether a second Han digit is the upper end of a range, which it then sets: 三四百, 七八个."""
        last = self.last
        if token.kind == "han" and last and last.kind == "han" and last.value + 1 == token.value and not self.spread:
            self.spread = token.value - last.value
            return True
        return False

    def _adds(self, token: Token) -> bool:
        """Whether a number word continues the number so far."""
        if not self.parts or not self.last:
            return True
        if token.kind == "half":
            return True
        value, scale = self.parts[-1]
        if token.kind == "scale":
            return self.linked or self.last.kind != "scale" or token.value > scale
        if self.last.kind == "scale":
            return token.value < scale
        if self.last.kind == "digits":
            return False
        if self.language in _ONES_FIRST and value < 10 <= token.value < 100 and token.value % 10 == 0:
            return True
        if self.last.kind == "han":
            return value == 0
        steps = (100, 10) if self.language != "fr" else (100, 80, 60, 10)
        step = next((step for step in steps if value >= step and value % step == 0), 0)
        room = {100: 100, 80: 20, 60: 20, 10: 10}.get(step, 0)
        return bool(step) and value != 10 and 0 < token.value < room

    def _scale(self, token: Token) -> bool:
        if self.language == "my" and len(self.tokens) > 2 and self._is_scale_of_scale(token):
            value, scale = self.parts[0]
            self.parts = [(value * token.value, scale * token.value)]
            return True
        lower = [part for part in self.parts if part[1] < token.value]
        higher = [part for part in self.parts if part[1] >= token.value]
        if self.increment is not None:
            self.parts.append(((1 + self.increment) * token.value, token.value))
            self.increment = None
            return True
        if self.parts and not lower:
            if not self.linked:
                return False
            lower = [(Decimal(1), Decimal(1))]
        value = sum((part for part, _ in lower), Decimal(0)) if lower else Decimal(1)
        if self.last and self.last.kind == "scale" and self.last.value >= token.value and not self.linked:
            return False
        self.parts = [*higher, ((value or Decimal(1)) * token.value, token.value)]
        if self.spread is not None:
            self.spread *= token.value
        self.linked = False
        return True

    def _is_scale_of_scale(self, token: Token) -> bool:
        """Whether a scale counts the scale before the digits: ကုဋေ 1 သောင်း is ten thousand times ten million."""
        first, second = self.tokens[:2]
        return first.kind == "scale" and second.kind == "digits" and token is self.tokens[2] and len(self.parts) == 1

    def _half(self, token: Token) -> bool:
        if not self.parts:
            return False
        scale = self.parts[-1][1] if self.last and self.last.kind == "scale" else Decimal(1)
        if self.last and self.last.kind == "number" and self.last.value >= 100:
            scale = self.last.value  # un million et demi
        self.parts.append((token.value * scale, scale / 10 if scale > 1 else Decimal("0.1")))
        return True

    def _decimals(self, position: int) -> int:
        """Add the Han digits after 点 as decimals. Returns how many tokens were used."""
        count = 0
        while position + 1 + count < len(self.tokens) and self.tokens[position + 1 + count].kind == "han":
            count += 1
        if not self.parts or not count:
            return 0
        decimals = "".join(str(token.value) for token in self.tokens[position + 1 : position + 1 + count])
        self.parts.append((Decimal(f"0.{decimals}"), Decimal("0.1")))
        self.last = self.tokens[position + count]
        return 1 + count
