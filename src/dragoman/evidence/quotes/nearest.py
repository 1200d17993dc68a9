"""Find the text of a source that is most similar to an absent quote, and the words in which the two differ.

The result is for the reader of a finding. It never locates a quote: an altered quote stays absent, however similar.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from dragoman.core.source import Source
from dragoman.evidence.quotes.normalise import Normalised, normalise
from dragoman.evidence.quotes.searched import searched

CANDIDATES = 3
"""Paragraphs that are compared closely: those with the longest pieces of the quote."""

LEAST_SHARED = 0.5
"""Share of the quote's letters that a text must have in the same order to count as similar."""

LEAST_TOGETHER = 0.25
"""Share of the quote that must occur in one piece, because single letters occur in order anywhere."""

SEEDS = (3, 8)
"""Into how many seeds, parts of equal length, a quote is divided to find its longest piece. A piece of a quarter of the
quote has a whole one of eight seeds in it. One of three is longer, and rarer: it is enough for one altered word."""

MOST_PLACES = 24
"""Places of one seed that are examined, in a paragraph or in the text."""

MOST_DIFFERENCES = 3
"""Differences that a finding names; more would not help its reader."""

LONGEST = 2_000
"""Characters of a quote that are compared. A quote has at most two sentences."""

LEAST_LONG = 5
"""Characters of a common piece that counts as evidence of where the quote begins and ends."""

MOST_STEPS = 20_000
"""Pairs of equal characters up to which two texts are compared letter for letter, which takes that many steps several
times over: a quote of 250 characters with its window. Longer ones are first divided at their longest common piece."""

LONGEST_WORD = 80
"""Letters by which a range is extended to whole words. The longest words of compounding languages have about 50."""

MOST_TOKENS = 300
"""Words of a quote, from its first difference on, in which differences are searched for."""

_UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
# A word extends to white space, punctuation, a digit or an unspaced letter. Its vowel signs are not letters.
_WORD = r"[^\W\d_][^\s\d!-/:-@\[-`{-~\u2000-\u206f\u3000-\u9fff،؛؟।«»]*"
_TOKEN = re.compile(rf"\d[\d.,]*\d|\d|{_UNSPACED}|{_WORD}|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class NearestText:
    """``source.text[start:end]`` and its differences: (words of the source, words of the quote)."""

    start: int
    end: int
    differences: tuple[tuple[str, str], ...]


def nearest(quote: str, source: Source, paragraph: int | None = None) -> NearestText | None:
    """The text within one paragraph that is most similar to ``quote``; None if nothing is similar.

    The stated ``paragraph`` (from 1) is compared first, and wins a tie.
    """
    quote = normalise(quote[:LONGEST]).text.strip()
    whole = searched(source).whole
    best: tuple[float, int, int] | None = None
    for piece in _candidates(quote, whole, _stated_range(source, whole, paragraph)):
        shared, start, end = _best_window(quote, whole.text, piece)
        if shared >= LEAST_SHARED and (best is None or shared > best[0]):
            best = shared, start, end
    if best is None:
        return None
    _, start, end = best
    differences = tuple(_differences(whole.text[start:end], quote))
    return NearestText(whole.starts[start], whole.ends[end - 1], differences)


class _Piece(NamedTuple):
    """``size`` characters that a text at ``a`` and a quote at ``b`` have in common, inside one paragraph, which is
    ``low`` to ``high`` of the text."""

    a: int
    b: int
    size: int
    low: int
    high: int


def _stated_range(source: Source, whole: Normalised, paragraph: int | None) -> tuple[int, int] | None:
    """The range of a paragraph in the normal form of its source."""
    if paragraph is None or not 1 <= paragraph <= len(source.paragraphs):
        return None
    stated = source.paragraphs[paragraph - 1]
    return bisect_left(whole.starts, stated.start), bisect_left(whole.starts, stated.end)


def _candidates(quote: str, whole: Normalised, stated: tuple[int, int] | None) -> Iterator[_Piece]:
    """The longest common piece of each paragraph that may be nearest: the stated one first, then those with the longest
    pieces."""
    least = max(1, LEAST_TOGETHER * len(quote))
    in_stated = _pieces(quote, whole.text, *stated) if stated else []
    for pieces, most in ((in_stated, 1), (_pieces(quote, whole.text, 0, len(whole.text)), CANDIDATES)):
        longest: dict[int, _Piece] = {}
        for piece in pieces:
            if piece.size >= least and (piece.low not in longest or piece.size > longest[piece.low].size):
                longest[piece.low] = piece
        yield from sorted(longest.values(), key=lambda piece: piece.size, reverse=True)[:most]


def _pieces(quote: str, text: str, start: int, end: int) -> list[_Piece]:
    """Common pieces of ``quote`` and ``text[start:end]``, one around each place of a seed."""
    pieces: list[_Piece] = []
    for count in SEEDS:
        length = max(1, len(quote) // count)
        for offset in range(0, len(quote) - length + 1, length):
            seed, position = quote[offset : offset + length], start
            for _ in range(MOST_PLACES):
                found = text.find(seed, position, end)
                if found < 0:
                    break
                piece = _extended(quote, text, found, offset, length)
                pieces.append(piece)
                position = max(found + 1, piece.a + piece.size - length + 1)
        if pieces:
            break
    return pieces


def _extended(quote: str, text: str, a: int, b: int, size: int) -> _Piece:
    """The longest common piece around one, and its paragraph."""
    low, high = text.rfind("\n", 0, a) + 1, text.find("\n", a)
    high = len(text) if high < 0 else high
    before = _common(text[max(low, a - b) : a][::-1], quote[:b][::-1])
    after = _common(text[a + size : min(high, a + len(quote) - b)], quote[b + size :])
    return _Piece(a - before, b - before, before + size + after, low, high)


def _common(one: str, other: str) -> int:
    """The length of the common beginning of two texts."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _best_window(quote: str, text: str, longest: _Piece) -> tuple[float, int, int]:
    """(share of the quote that occurs in order, start, end) for the range of a paragraph that is most similar to the
    quote. The longest common piece shows where that is; pieces far from there agree by chance."""
    low = max(longest.low, longest.a - longest.b - len(quote) // 2)
    high = min(longest.high, longest.a - longest.b + len(quote) * 3 // 2)
    stop_a, stop_b = longest.a + longest.size, longest.b + longest.size
    blocks = [
        *_blocks(text, quote, (low, longest.a), (0, longest.b)),
        (longest.a, longest.b, longest.size),
        *_blocks(text, quote, (stop_a, high), (stop_b, len(quote))),
    ]
    # Only longer pieces show where the quote begins and ends, because single letters agree by chance.
    long_blocks = [block for block in blocks if block[2] >= min(LEAST_LONG, longest.size)]
    (first_a, first_b, _), (last_a, last_b, last_size) = long_blocks[0], long_blocks[-1]
    start = max(longest.low, first_a - first_b)
    end = max(min(longest.high, last_a + len(quote) - last_b), last_a + last_size)
    # If the first or last letters of the quote were found, however few, the range begins or ends there.
    start = max([start, *(a for a, b, _ in blocks if b == 0 and a <= first_a)])
    end = min([end, *(a + size for a, b, size in blocks if b + size == len(quote) and a >= last_a)])
    start, end = _whole_words(text, start, end)
    return sum(size for _, _, size in blocks) / len(quote), start, end


def _blocks(
    text: str, quote: str, of_text: tuple[int, int], of_quote: tuple[int, int]
) -> Sequence[tuple[int, int, int]]:
    """(place in the text, place in the quote, length) of common pieces of two ranges, in order and without overlap."""
    one, other = text[slice(*of_text)], quote[slice(*of_quote)]
    if not one or not other:
        return ()
    counts = Counter(other)
    if sum(times * counts[character] for character, times in Counter(one).items()) <= MOST_STEPS:
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        return [(of_text[0] + a, of_quote[0] + b, size) for a, b, size in matcher.get_matching_blocks() if size]
    longest = max(_pieces(other, one, 0, len(one)), key=lambda piece: piece.size, default=None)
    if longest is None:
        return ()
    a, b, size = of_text[0] + longest.a, of_quote[0] + longest.b, longest.size
    return [
        *_blocks(text, quote, (of_text[0], a), (of_quote[0], b)),
        (a, b, size),
        *_blocks(text, quote, (a + size, of_text[1]), (b + size, of_quote[1])),
    ]


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The range extended to whole words at both ends."""
    first, last = max(0, start - LONGEST_WORD), end + LONGEST_WORD
    while start > first and _are_one_word(text[start - 1], text[start]):
        start -= 1
    while end < min(last, len(text)) and _are_one_word(text[end - 1], text[end]):
        end += 1
    return start, end


def _are_one_word(left: str, right: str) -> bool:
    if re.match(_UNSPACED, left) or re.match(_UNSPACED, right):
        return False
    return all(c.isalnum() or unicodedata.category(c).startswith("M") for c in (left, right))


def _differences(passage: str, quote: str) -> Iterator[tuple[str, str]]:
    """(words of the passage, words of the quote) for the first differences, at most `MOST_DIFFERENCES`."""
    passage_tokens, quote_tokens = list(_TOKEN.finditer(passage)), list(_TOKEN.finditer(quote))
    same = next((i for i, (p, q) in enumerate(zip(passage_tokens, quote_tokens, strict=False)) if p[0] != q[0]), 0)
    passage_tokens, quote_tokens = passage_tokens[same : same + MOST_TOKENS], quote_tokens[same : same + MOST_TOKENS]
    matcher = SequenceMatcher(None, [t[0] for t in passage_tokens], [t[0] for t in quote_tokens], autojunk=False)
    count = 0
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal" and count < MOST_DIFFERENCES:
            count += 1
            yield _words_of(passage, passage_tokens[a:b]), _words_of(quote, quote_tokens[c:d])


def _words_of(text: str, tokens: list[re.Match[str]]) -> str:
    return text[tokens[0].start() : tokens[-1].end()] if tokens else ""
