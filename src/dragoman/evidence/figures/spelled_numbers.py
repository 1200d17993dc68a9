"""Find a spelled number in a folded text: its value and its end, or that nothing may be read there.

The words are those of `spelled` and the number words of the language's own table (`lexicon`): scales and abbreviations of
the press, other spellings. Digits take part: 2 mil 345 millones, 53 bin 537, 1억5천.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from dragoman.evidence.figures.compose import SCALE_FIRST
from dragoman.evidence.figures.folding import LETTER, gap_end, splits_syllable
from dragoman.evidence.figures.numerals import parse_numeral, trimmed
from dragoman.evidence.figures.spelled import (
    AND,
    BARE,
    DIGITS,
    FIRST,
    INSIDE,
    LAST,
    LONGEST,
    ORDINAL,
    SCALE,
    SCALES,
    UNIT,
    WHOLE,
    State,
    Words,
    close,
    digits,
    parse,
    separator_end,
    step,
)

if TYPE_CHECKING:
    from dragoman.evidence.figures.grammar import Grammar

_BEGINNING_KINDS = (UNIT, SCALE, BARE, FIRST, WHOLE, LAST, ORDINAL, INSIDE)
_AFTER_COMMA = 6
"""Words after a comma in which hundreds or a scale are looked for: "e vinte e nove mil" has five."""
_ORDINAL_ENDINGS = {"ko": ("째", "번째", "회째"), "ja": ("番目", "回目", "人目", "年目", "位")}
"""What makes an ordinal of a number in words, in scripts without spaces."""
_TENS = 20
"""Numbers from here on begin no other words than numbers: what they begin may be an ordinal."""
_ELIDED = {"ko": 10**8}
"""The scale after which a last thousand in digits stands for its ten thousands: 1억5천 is 1억5천만."""


class SpelledNumber(NamedTuple):
    """What stands at an offset. ``value`` is None where number words stand that make no number together: nothing may be
    read up to ``end``."""

    value: Decimal | None
    end: int
    mantissa: Decimal | None = None
    """The number before the scale, if there is one of each."""
    words: int = 0
    is_ordinal: bool = False


def read_spelled(text: str, at: int, grammar: Grammar) -> SpelledNumber | None:
    """The number whose first word or digits stand at ``at``; None without a number word there, or if a word that begins
    like one goes on otherwise (acht in achten)."""
    best: tuple[int, State, int] | None = None
    for end, state, count in _readings(text, at, grammar):
        if _ends_word(text, end, grammar) and (best is None or end > best[0]):
            best = end, state, count
    if best is None:
        return None
    end, state, count = best
    if text.startswith(f"-{text[at:end]}", end):
        return None  # दो-दो साल is two years each
    if (next_end := _next_number(text, end, grammar)) is not None:
        return SpelledNumber(None, next_end, words=count)
    value = trimmed(_with_elided_scale(state, grammar.language))
    is_ordinal = state.last == ORDINAL or text.startswith(
        _ORDINAL_ENDINGS.get(grammar.language, ()), gap_end(text, end)
    )
    return SpelledNumber(value, end, _mantissa(state), count, is_ordinal)


def _readings(text: str, start: int, grammar: Grammar) -> Iterator[tuple[int, State, int]]:
    """Every number that begins at ``start``, as (end, state, words and numerals)."""
    table = grammar.spelled
    assert table is not None
    may_add_digits = grammar.language not in SCALE_FIRST
    stack: list[tuple[int, State, int]] = [(start, State(), 0)]
    seen: set[tuple[int, State]] = set()
    while stack:
        at, state, count = stack.pop()
        if count and not state.is_joined and (closed := close(state)) is not None and _is_complete(state):
            yield at, closed, count
        if count >= LONGEST:
            continue
        comma = _comma(text, at, state, table) if count else 0
        if comma and (closed := close(state)) is not None:
            state = closed
        begin = separator_end(text, at + comma) if count else at
        following = [(end, step(state, form, repeats=table.repeats)) for end, form in table.at(text, begin)]
        if text[begin : begin + 1].isdecimal() and (not count or (may_add_digits and state.last in (*SCALES, AND))):
            following += _with_digits(text, begin, state, grammar)
        for end, after in reversed(following):
            if after is not None and (end, after) not in seen:
                seen.add((end, after))
                stack.append((end, after, count + 1))


def _comma(text: str, at: int, state: State, table: Words) -> int:
    """The length of a comma between a scale and what is smaller: two thousand, two hundred; elfu moja, moja."""
    is_end = state.last in SCALES or (table.has_commas and bool(state.pending))
    if not (table.has_commas and is_end and text[at : at + 2] == ", "):
        return 0
    return int(bool(state.pending) or _is_hundred(text, separator_end(text, at + 1), table))


def _is_hundred(text: str, at: int, table: Words) -> bool:
    """Whether the number at ``at`` has hundreds or a scale: what follows a comma, unlike "386 million, two of them"."""
    return any(state.parts or (state.group or 0) >= 100 for _, state, _ in parse(text, table, at, _AFTER_COMMA))


def _with_digits(text: str, at: int, state: State, grammar: Grammar) -> Iterator[tuple[int, State | None]]:
    numeral = grammar.number.match(text, at)
    value = parse_numeral(numeral[0], grammar.decimal) if numeral else None
    if numeral is not None and value is not None:
        is_unspaced = grammar.spelled is not None and not grammar.spelled.is_spaced
        is_glued = is_unspaced and (grammar.language == "ko" or not text[at - 1 : at].isspace())
        yield numeral.end(), digits(state, value, is_glued=is_glued)


def _is_complete(state: State) -> bool:
    """Whether a number may end here: digits after a scale need a smaller scale, unless they are hundreds after a
    thousand."""
    if state.last != DIGITS or not state.parts or state.is_glued:
        return True
    return state.parts[-1][1] == 1000 and state.group is not None and state.group >= 100


def _ends_word(text: str, end: int, grammar: Grammar) -> bool:
    table = grammar.spelled
    assert table is not None
    if not table.is_spaced:
        return not splits_syllable(text, end)
    return text[end : end + 1] not in LETTER or text[end - 1].isdecimal()


def _next_number(text: str, end: int, grammar: Grammar) -> int | None:
    """The end of the number words that follow without being part of the number; None if there are none.

    Also of a word that only begins like one: it may be a form that the table lacks.
    """
    table = grammar.spelled
    assert table is not None
    begin = separator_end(text, end)
    if (begin == end and table.is_spaced) or (begin > end and not table.is_spaced):
        return None
    after_and = [stop for stop, form in table.at(text, begin) if form.kind == AND and _ends_word(text, stop, grammar)]
    for start in (begin, *(separator_end(text, stop) for stop in after_and)):
        forms = [(stop, form) for stop, form in table.at(text, start) if form.kind in _BEGINNING_KINDS]
        whole = [stop for stop, _ in forms if _ends_word(text, stop, grammar)]
        if whole and start == begin:
            return _run_end(text, whole[0], grammar)
        if table.is_spaced and not whole and forms and _begins_compound(text, start, table):
            return forms[0][0]
        if table.is_spaced and not whole and any(form.kind == UNIT and form.value >= _TENS for _, form in forms):
            return forms[0][0]  # åttiførste
    return None


def longer_ordinal_end(text: str, end: int, value: Decimal, grammar: Grammar) -> int | None:
    """The end of the number words that follow an ordinal and make it a greater one: ketujuh ratus is the 700th.

    None if the ordinal is whole. ``end``: where its first word ends; ``value``: what that word alone means.
    """
    table = grammar.spelled
    if table is None:
        return None
    kinds = (SCALE, INSIDE) if value < 100 else (SCALE, BARE, UNIT)
    forms = [(stop, form) for stop, form in table.at(text, separator_end(text, end)) if form.kind in kinds]
    return next((_run_end(text, stop, grammar) for stop, _ in forms if _ends_word(text, stop, grammar)), None)


def _begins_compound(text: str, start: int, table: Words) -> bool:
    """Whether a word begins with two number words in a row: centodicotto. With one alone, many other words begin."""
    return any(
        form.kind != AND and text[stop : stop + 1] in LETTER and any(True for _ in table.at(text, stop))
        for stop, form in table.at(text, start)
    )


def _run_end(text: str, end: int, grammar: Grammar) -> int:
    """The end of the number words in a row after ``end``."""
    table = grammar.spelled
    assert table is not None
    while ends := [stop for stop, _ in table.at(text, separator_end(text, end)) if _ends_word(text, stop, grammar)]:
        end = ends[0]
    return end


def _with_elided_scale(state: State, language: str) -> Decimal:
    scale = _ELIDED.get(language)
    if scale and len(state.parts) == 2 and state.group is None:
        (first, above), (value, below) = state.parts
        if above == scale and below == 1000 and state.has_digits:
            return first + value * (scale // 10**4)
    return state.total()


def _mantissa(state: State) -> Decimal | None:
    if state.parts and state.group is None and len(state.parts) == 1:
        value, scale = state.parts[0]
        return value / scale
    return state.group if not state.parts else None
