"""How long the English of a text should be. A length is a number of characters.

Measured on 36,000 paragraphs of news in 29 languages with their English (newstest2019 in the translations of NTREX-128,
and the native sources of WMT 2022): the length of the English scatters around a multiple of the length of the source,
with a variance that grows with the length, as Gale and Church found in 1993.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from statistics import median

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile("[\u3040-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_FIRST_DENSE = "\u3040"
"""No text whose letters all come before this one has Han, kana or Hangul; most texts are recognised by that."""
_PER_HAN, _PER_KANA, _PER_HANGUL = 3.6, 1.8, 2.3
"""Characters of English per character. Any other character, a space too, gives one."""

_DEVIATION, _DEVIATION_CJK = 2.0, 2.8
"""Standard deviation of the length of the English, per square root of the expected length: 1.4 to 2.0 for alphabets,
2.4 to 3.4 for Chinese, Japanese and Korean."""

LEAST_EXPECTED = 20.0
"""Shorter texts scatter as much as one of this length: a byline, 社論, ЦБ РФ."""

_LEAST_PAIRS = 5
_LEAST_TYPICAL = 40.0
_TYPICAL_RANGE = (0.8, 1.35)
"""How much longer or shorter than usual the English of a whole article may be: the range of the languages measured."""


def expected_length(text: str) -> float:
    """The usual length of the English of ``text``."""
    if not text or max(text) < _FIRST_DENSE:
        return float(len(text))
    han, kana, hangul = (len(pattern.findall(text)) for pattern in (_HAN, _KANA, _HANGUL))
    return _PER_HAN * han + _PER_KANA * kana + _PER_HANGUL * hangul + len(text) - han - kana - hangul


def typical_ratio(lengths: Iterable[tuple[float, int]]) -> float:
    """How much longer than usual the English of an article is, from the (expected length, length) of its paragraphs:
    their median, within what languages and translators differ by. 1 if there are too few to tell."""
    ratios = [length / expected for expected, length in lengths if expected >= _LEAST_TYPICAL]
    if len(ratios) < _LEAST_PAIRS:
        return 1.0
    low, high = _TYPICAL_RANGE
    return min(high, max(low, median(ratios)))


def deviation(length: float, expected: float, *, is_dense: bool) -> float:
    """By how many standard deviations ``length`` differs from ``expected``; negative if the text is too short.
    ``is_dense``: the source is in Chinese, Japanese or Korean."""
    spread = _DEVIATION_CJK if is_dense else _DEVIATION
    return (length - expected) / (spread * math.sqrt(max(expected, LEAST_EXPECTED)))


def is_dense(text: str) -> bool:
    """Whether ``text`` is mostly Chinese, Japanese or Korean, where one character is worth several of English."""
    return expected_length(text) >= 1.5 * len(text)
