"""The passage of a source that is nearest to a quote that is not in it, and in what words they differ.

For the reader of a finding, never for locating: an altered quote stays absent, however near it is.
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
"""Paragraphs that are compared closely: those that share most pairs of letters with the quote."""

LEAST_SHARED = 0.5
"""Share of the quote's letters that a passage must have in order; less is another passage, not a near one."""

LEAST_TOGETHER = 0.25
"""Share of the quote that must stand in one piece: single letters are found in order anywhere."""

MOST_DIFFERENCES = 3
_LONGEST = 2_000
"""Characters of a quote that are compared: the comparison takes quadratic time."""

_TELLING = 5

_UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
# A word goes on until white space, punctuation, a digit or an unspaced letter: its vowel signs are no letters.
_WORD = r"[^\W\d_][^\s\d!-/:-@\[-`{-~\u2000-\u206f\u3000-\u9fff،؛؟।«»]*"
_TOKEN = re.compile(rf"\d[\d.,]*\d|\d|{_UNSPACED}|{_WORD}|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class NearestText:
    """``source.text[start:end]``, and (words of the source, words of the quote) where they differ."""

    start: int
    end: int
    differences: tuple[tuple[str, str], ...]


def nearest(quote: str, source: Source, paragraph: int | None = None) -> NearestText | None:
    """The passage of one paragraph that is nearest to ``quote``; None when nothing is near.

    The stated ``paragraph`` (from 1) is looked at first, and wins a tie.
    """
    wanted = normalise(quote[:_LONGEST]).text.strip()
    pairs = _pairs(wanted)
    if not pairs:
        return None
    forms = [normalise(source.text[p.start : p.end]) for p in source.paragraphs]

    def likeness(index: int) -> int:
        there = _pairs(forms[index].text)
        return sum(min(times, there[pair]) for pair, times in pairs.items())

    ranked = sorted(range(len(forms)), key=likeness, reverse=True)[:CANDIDATES]
    stated = [index for index, place in enumerate(source.paragraphs) if place.number == paragraph]
    best: tuple[float, NearestText] | None = None
    for index in dict.fromkeys((*stated, *ranked)):
        place, form = source.paragraphs[index], forms[index]
        shared, start, end = _window(wanted, form.text)
        if shared >= LEAST_SHARED and (best is None or shared > best[0]):
            span = place.start + form.starts[start], place.start + form.ends[end - 1]
            best = shared, NearestText(*span, tuple(_differences(form.text[start:end], wanted)))
    return best[1] if best else None


@lru_cache(maxsize=256)
def _pairs(text: str) -> Counter[str]:
    return Counter(map(add, text, text[1:]))


def _window(wanted: str, text: str) -> tuple[float, int, int]:
    """(share of ``wanted`` found in order, start, end) of the stretch of ``text`` that it is most like."""
    matcher = SequenceMatcher(None, text, wanted, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    if not blocks:
        return 0.0, 0, 0
    # The longest common piece says where the quote would lie; pieces far from there are chance.
    longest = max(blocks, key=lambda block: block.size)
    if longest.size < LEAST_TOGETHER * len(wanted):
        return 0.0, 0, 0
    low = longest.a - longest.b - len(wanted) // 2
    high = longest.a - longest.b + len(wanted) * 3 // 2
    near = [block for block in blocks if low <= block.a and block.a + block.size <= high]
    # The ends are told by pieces of some length: single letters agree by chance.
    telling = [block for block in near if block.size >= min(_TELLING, longest.size)]
    first, last = telling[0], telling[-1]
    start = max(0, first.a - first.b)
    end = max(min(len(text), last.a + len(wanted) - last.b), last.a + last.size)
    # Where the quote's own first or last letters were found, however few, the passage begins or ends there.
    start = max([start, *(block.a for block in near if block.b == 0 and block.a <= first.a)])
    ends = (block.a + block.size for block in near if block.b + block.size == len(wanted) and block.a >= last.a)
    end = min([end, *ends])
    start, end = _whole_words(text, start, end)
    return sum(block.size for block in near) / len(wanted), start, end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and _one_word(text[start - 1], text[start]):
        start -= 1
    while end < len(text) and _one_word(text[end - 1], text[end]):
        end += 1
    return start, end


def _one_word(left: str, right: str) -> bool:
    if re.match(_UNSPACED, left) or re.match(_UNSPACED, right):
        return False
    return all(c.isalnum() or unicodedata.category(c).startswith("M") for c in (left, right))


def _differences(passage: str, quote: str) -> Iterator[tuple[str, str]]:
    ours, theirs = list(_TOKEN.finditer(passage)), list(_TOKEN.finditer(quote))
    matcher = SequenceMatcher(None, [t[0] for t in ours], [t[0] for t in theirs], autojunk=False)
    told = 0
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal" and told < MOST_DIFFERENCES:
            told += 1
            yield _covered(passage, ours[a:b]), _covered(quote, theirs[c:d])


def _covered(text: str, tokens: list[re.Match[str]]) -> str:
    return text[tokens[0].start() : tokens[-1].end()] if tokens else ""
