"""Read a number in words, whole or not at all: zweihundertfünfzig, mười lăm triệu, elfu kumi, 2 mil 345.

The letters from an offset on are cut into number words, the longest first, whether they are written together, with
spaces or with hyphens. The words must make one number, and the last must end where a word ends. If letters or number
words touch it that do not fit, the figure is silent: a part of a number never stands for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from dragoman.evidence.figures.compose import Number, Sum, Token
from dragoman.evidence.figures.folding import gap_end, is_letter
from dragoman.evidence.figures.grammar import Grammar
from dragoman.evidence.figures.numerals import parse_numeral
from dragoman.evidence.figures.spelled_sum import compose
from dragoman.evidence.figures.spelled_tables import SEPARATORS, SpelledWords

_LONGEST = 240
"""Characters of a number in words. 999,999,999,999 has 115 in German and 170 in Greek."""
_LONGEST_RUN = 24
"""Groups of number words that are passed over together."""
_JOINING = frozenset({*SEPARATORS, ","})
_ENDS = frozenset('\n;:!?()"“”«»')
_STEPS = 200
"""Cuts that are tried for one number. A number has 25 words; nearly all are cut right at the first try."""
_PLAIN = frozenset({"number", "weak", "fixed", "scale", "first", "digits", "link", "of", "ordinal", "open", "part"})
_NEED_UNIT = frozenset({"weak", "scale", "first", "han"})


class _Letters(NamedTuple):
    """The text from an offset on without separators, and where each letter stands in the text."""

    letters: str
    offsets: tuple[int, ...]
    gaps: frozenset[int]
    """Indexes of letters with a separator before them."""


def read_spelled(text: str, at: int, grammar: Grammar) -> Number | None:
    """Return the number in words at ``at``; None if there is none. The number is ``silent`` if it is only a part."""
    words = grammar.spelled
    if words is None or not (text[at].isdecimal() or words.may_begin(text, at)):
        return None
    if not grammar.spaced and _is_inside_word(text, at, words):
        return None
    if lone := _lone(text, at, words, grammar):
        return _single(lone)
    tokens, reach = _tokens(text, _window(text, at), words, grammar)
    if not tokens:
        return _silent(text, reach[1], words, grammar) if reach[0] > 1 else None
    if len(tokens) == 1:
        return _single(tokens[0])
    if not all(token.kind in _PLAIN for token in tokens):
        plain = [token._replace(kind="number" if token.kind == "fixed" else token.kind) for token in tokens]
        return Sum(text, plain, grammar.language).number()
    number = compose(text, tokens, scale_first=words.scale_first)
    if number is None and tokens[0].kind != "digits":
        return _silent(text, tokens[-1].end, words, grammar)
    return number


def _silent(text: str, end: int, words: SpelledWords, grammar: Grammar) -> Number:
    """Return a number that is not read, up to the end of the number words that follow what is not understood."""
    for _ in range(_LONGEST_RUN):
        if grammar.spaced:
            while is_letter(text, end):
                end += 1
        begin = gap_end(text, end)
        if begin == end or not words.may_begin(text, begin):
            break
        tokens, reach = _tokens(text, _window(text, begin), words, grammar)
        if not reach[0]:
            break
        end = max(reach[1], tokens[-1].end if tokens else 0)
    return Number(None, end, silent=True)


def _lone(text: str, at: int, words: SpelledWords, grammar: Grammar) -> Token | None:
    """Return the word at ``at`` if nothing that may belong to a number follows it: most number words of a text."""
    if not grammar.spaced:
        return None
    for length, word in words.at(text, at):
        end = at + length
        if is_letter(text, end) or word.kind in ("link", "of"):
            return None
        begin = end + 1 if text[end : end + 1] in _JOINING else end
        begin = gap_end(text, begin)
        return None if words.may_go_on(text, begin) else Token(word.kind, word.value, at, end)
    return None


def _is_inside_word(text: str, at: int, words: SpelledWords) -> bool:
    """Whether a scale without a multiplier follows a letter of its script: the last syllable of another word."""
    word = words.words.get(text[at : at + 1])
    return word is not None and word.kind == "scale" and text[at - 1 : at].isalpha() and at > 0


def _single(token: Token) -> Number | None:
    match token.kind:
        case "ordinal" | "open":
            return Number(None, token.end, silent=True)
        case "many":
            return Number(None, token.end)
        case "number" | "weak" | "fixed" | "first" | "han":
            return Number(token.value, token.end, needs_unit=token.kind in _NEED_UNIT or token.value <= 1)
        case _:
            return None


def _window(text: str, at: int) -> _Letters:
    """Return the letters from ``at`` on, up to the end of the line or two separators in a row."""
    letters: list[str] = []
    offsets: list[int] = []
    gaps: set[int] = set()
    separators = 0
    for offset in range(at, min(len(text), at + _LONGEST)):
        sign = text[offset]
        if sign in SEPARATORS:
            separators += 1
            if separators > 2:
                break
            gaps.add(len(letters))
            continue
        if sign in _ENDS:
            break
        separators = 0
        letters.append(sign)
        offsets.append(offset)
    return _Letters("".join(letters), tuple(offsets), frozenset(gaps))


def _tokens(text: str, window: _Letters, words: SpelledWords, grammar: Grammar) -> tuple[list[Token], tuple[int, int]]:
    """Cut the letters into number words. Also returns how many words were found at most, and where the last ends.

    There are no words if none of them ends where a word ends. If one word was found (Zweifel), that is another word; if
    several were, it is a number that is not understood.
    """
    best: list[Token] = []
    reach = (0, 0)
    stack: list[tuple[int, tuple[Token, ...]]] = [(0, ())]
    for _ in range(_STEPS):
        if not stack:
            break
        index, tokens = stack.pop()
        end = tokens[-1].end if tokens else 0
        candidates = [*_next(text, window, index, tokens, words, grammar)]
        stack.extend((stop, (*tokens, token)) for stop, token in reversed(candidates))
        if not tokens:
            continue
        reach = max(reach, (len(tokens), end))
        if _is_boundary(text, end, grammar):
            finished = _without_links(tokens)
            if finished and (not best or finished[-1].end > best[-1].end):
                best = finished
            if not candidates:
                break
    return best, reach


def _without_links(tokens: Sequence[Token]) -> list[Token]:
    kept = [*tokens]
    while kept and kept[-1].kind in ("link", "of"):
        kept.pop()
    return kept


def _is_boundary(text: str, end: int, grammar: Grammar) -> bool:
    return not (grammar.spaced and is_letter(text, end))


def _next(
    text: str, window: _Letters, index: int, tokens: Sequence[Token], words: SpelledWords, grammar: Grammar
) -> Iterator[tuple[int, Token]]:
    """Yield what may follow: the index of the letter behind it, and the token."""
    if index >= len(window.letters):
        return
    sign = window.letters[index]
    last = tokens[-1].kind if tokens else ""
    if sign.isdecimal():
        start = window.offsets[index]
        numeral = None if last == "digits" else grammar.number.match(text, start)
        value = parse_numeral(numeral[0], grammar.decimal) if numeral else None
        if numeral and value is not None:
            stop = index
            while stop < len(window.offsets) and window.offsets[stop] < numeral.end():
                stop += 1
            yield stop, Token("digits", value, start, numeral.end())
        return
    if sign == "," and tokens and index + 1 in window.gaps and last != "link":
        yield index + 1, Token("link", Decimal(0), window.offsets[index], window.offsets[index] + 1)
        return
    for length, word in words.at(window.letters, index):
        if tokens if word.kind in ("many", "part") else not tokens and word.kind in ("link", "of"):
            continue
        if grammar.spaced and any(
            index < gap < index + length and gap - index not in word.gaps for gap in window.gaps
        ):
            continue
        end = window.offsets[index + length - 1] + 1
        yield index + length, Token(word.kind, word.value, window.offsets[index], end)
