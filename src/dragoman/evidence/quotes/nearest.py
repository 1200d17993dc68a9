"""Find the text of a source that is most similar to an absent quote, and the words in which the two differ.

The result is for the reader of a finding. It never locates a quote: an altered quote stays absent, however similar.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from operator import add

from dragoman.core.source import Source
from dragoman.evidence.quotes.normalise import normalise

CANDIDATES = 3
"""Paragraphs that are compared closely: those that share the most pairs of letters with the quote."""

LEAST_SHARED = 0.5
"""Share of the quote's letters that a text must have in the same order to count as similar."""

LEAST_TOGETHER = 0.25
"""Share of the quote that must occur in one piece, because single letters occur in order anywhere."""

MOST_DIFFERENCES = 3
"""Differences that a finding names; more would not help its reader."""

LONGEST = 2_000
"""Characters of a quote that are compared. The comparison takes quadratic time."""

LEAST_LONG = 5
"""Characters of a common piece that counts as evidence of where the quote begins and ends."""

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
    normal_quote = normalise(quote[:LONGEST]).text.strip()
    pairs = _pairs(normal_quote)
    if not pairs:
        return None
    forms = [normalise(source.text[p.start : p.end]) for p in source.paragraphs]

    def likeness(index: int) -> int:
        paragraph_pairs = _pairs(forms[index].text)
        return sum(min(times, paragraph_pairs[pair]) for pair, times in pairs.items())

    ranked = sorted(range(len(forms)), key=likeness, reverse=True)[:CANDIDATES]
    stated = [index for index, each in enumerate(source.paragraphs) if each.number == paragraph]
    best: tuple[float, NearestText] | None = None
    for index in dict.fromkeys((*stated, *ranked)):
        candidate, form = source.paragraphs[index], forms[index]
        shared, start, end = _best_window(normal_quote, form.text)
        if shared >= LEAST_SHARED and (best is None or shared > best[0]):
            span = candidate.start + form.starts[start], candidate.start + form.ends[end - 1]
            best = shared, NearestText(*span, tuple(_differences(form.text[start:end], normal_quote)))
    return best[1] if best else None


@lru_cache(maxsize=256)
def _pairs(text: str) -> Counter[str]:
    return Counter(map(add, text, text[1:]))


def _best_window(normal_quote: str, text: str) -> tuple[float, int, int]:
    """(share of the quote that occurs in order, start, end) for the range of ``text`` that is most similar to it."""
    matcher = SequenceMatcher(None, text, normal_quote, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return 0.0, 0, 0
    # The longest common piece shows where the quote would be. Pieces far from there agree by chance.
    longest = max(blocks, key=lambda block: block.size)
    if longest.size < LEAST_TOGETHER * len(normal_quote):
        return 0.0, 0, 0
    low = longest.a - longest.b - len(normal_quote) // 2
    high = longest.a - longest.b + len(normal_quote) * 3 // 2
    near_blocks = [block for block in blocks if low <= block.a and block.a + block.size <= high]
    # Only longer pieces show where the quote begins and ends, because single letters agree by chance.
    long_blocks = [block for block in near_blocks if block.size >= min(LEAST_LONG, longest.size)]
    first, last = long_blocks[0], long_blocks[-1]
    start = max(0, first.a - first.b)
    end = max(min(len(text), last.a + len(normal_quote) - last.b), last.a + last.size)
    # If the first or last letters of the quote were found, however few, the range begins or ends there.
    start = max([start, *(block.a for block in near_blocks if block.b == 0 and block.a <= first.a)])
    end_blocks = [block for block in near_blocks if block.b + block.size == len(normal_quote) and block.a >= last.a]
    end = min([end, *(block.a + block.size for block in end_blocks)])
    start, end = _whole_words(text, start, end)
    return sum(block.size for block in near_blocks) / len(normal_quote), start, end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The range extended to whole words at both ends."""
    while start > 0 and _are_one_word(text[start - 1], text[start]):
        start -= 1
    while end < len(text) and _are_one_word(text[end - 1], text[end]):
        end += 1
    return start, end


def _are_one_word(left: str, right: str) -> bool:
    if re.match(_UNSPACED, left) or re.match(_UNSPACED, right):
        return False
    return all(c.isalnum() or unicodedata.category(c).startswith("M") for c in (left, right))


def _differences(passage: str, quote: str) -> Iterator[tuple[str, str]]:
    """(words of the passage, words of the quote) for the first differences, at most `MOST_DIFFERENCES`."""
    passage_tokens, quote_tokens = list(_TOKEN.finditer(passage)), list(_TOKEN.finditer(quote))
    matcher = SequenceMatcher(None, [t[0] for t in passage_tokens], [t[0] for t in quote_tokens], autojunk=False)
    count = 0
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal" and count < MOST_DIFFERENCES:
            count += 1
            yield _words_of(passage, passage_tokens[a:b]), _words_of(quote, quote_tokens[c:d])


def _words_of(text: str, tokens: list[re.Match[str]]) -> str:
    return text[tokens[0].start() : tokens[-1].end()] if tokens else ""
