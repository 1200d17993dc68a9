"""Patterns of digits that are no amount: addresses of computers, clocks, telephone numbers, versions, scores, generations
of mobile networks, days that are names, aircraft, and remains of character references.

Each pattern matches at the digits. `STARTS` quickly rules out digits that none of them matches.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dragoman.evidence.figures.folding import GAP

ZEROS = "0٠۰०০੦૦୦௦౦೦൦෦๐໐၀០０"
"""The zero of each script that papers print figures in; telephone numbers begin with one."""

_COMMON = (
    r"\d{1,2}[:：፡]\d{2}(?:[:：፡]\d{2})?(?!\d)",
    rf"\d{{1,2}}{GAP}?h(?:{GAP}?\d{{2}})?(?![^\W_])",
    r"\d+[&+]\d+",
    r"\d+[⁰¹²³⁴⁵⁶⁷⁸⁹]+",
    r"(?!\d{1,3}(?:\.\d{3}){3})\d{1,3}(?:\.\d{1,3}){3}(?!\d)",
    r"\d+(?:[-/:]\d+){2,}[-/\da-z]*",
    r"\d{1,2}(?:\.\d{1,2}){2,}(?!\d)",
    r"\d{1,3} ?[:：比対對대ለ] ?\d{1,3}(?!\d)",
    r"\d{3}-\d{4}(?!\d)",
    r"\d{1,2} ?\(\d{3,5}\) ?\d[\d -]{4,}\d",
    rf"[{ZEROS}]\d{{1,4}}[ .-]\d{{2,4}}(?:[ .-]?\d{{2,4}})*(?!\d)",
    r"\d\d(?: \d\d){3}(?!\d|[.,]\d)",
    r"\d{3} (?!19|20)\d{4}(?!\d|[.,]\d)",
    r"\d{1,3} \d{3} \d{4,5}(?!\d|[.,]\d)",
)
# How scripts write the G of 5G, followed by no letter that makes it a gigabyte (5 जीबी) or another word (5จีน).
_G = "जी|জি|ஜி|ஜீ|జీ|జి|ಜಿ|ജി|જી|ਜੀ|ජී|จี|جی|جي|джи|ჯი|ג'י"
_GENERATION = rf"\d(?:\.\d)?-?(?:{_G})(?![बবபబಬബબਬනบنبиיბ])"
_REFERENCE = r"(?<=[^\W\d_])\d{2,5};|\d{2,5};(?=&?#?\d{2,5};)"
"""What is left of ``&#20250;`` inside a word or in a row. After a space, a semicolon may end a clause."""
_CJK_REFERENCE = r"(?:1228[89]|122[9]\d|12[3-9]\d\d|1[3-9]\d{3}|[2-6]\d{4});"
"""In Chinese, Japanese and Korean, a semicolon of ASCII after the code point of a letter of these scripts."""
_DAY = r"(?:1[0-2]|[1-9])[·・･ㆍ‧](?:3[01]|[12]\d|[1-9])(?!\d)"
"""A month and a day between whose numbers a point stands in the middle."""
_ZH_EVENTS = (
    "事件|事變|事变|恐怖|惨案|慘案|运动|運動|大地震|地震|讲话|講話|起义|起義|革命|空难|空難|袭击|襲擊|恐袭|恐襲"
)
AIRCRAFT = r"(?<=[歼殲运運轰轟直苏蘇米图圖风風浪教]-)\d"
"""The first digit of an aircraft or missile of China or Russia: 歼-20, 苏-35, 东风-41."""
_OF_LANGUAGE = {
    "ko": (rf"{_DAY}(?![.%])", _CJK_REFERENCE),
    "ja": (
        r"(?:3・11|9・11|1・17|2・26|5・15|8・6|8・9|8・15|7・7)(?![%％\d]|ポイント|倍|度|人|万|億|兆|秒|点|キロ|メートル)",
        r"[56][弱強](?!\d)",
        _CJK_REFERENCE,
    ),
    "zh": (
        rf"{_DAY}(?=[”\"』」》]?(?:{_ZH_EVENTS}))",
        rf"\d{{3,4}}(?=[”\"』」》]?(?:{_ZH_EVENTS}|大促|购物节|購物節|晚会|晚會))",
        rf"{AIRCRAFT}{{1,3}}[a-z]?(?![\d.])",
        _CJK_REFERENCE,
    ),
}

STARTS = (
    rf"[:：፡&+⁰¹²³⁴⁵⁶⁷⁸⁹比対對대ለ(·・･ㆍ‧;弱強]|-?(?:{_G})|[”\"』」》]?(?:{_ZH_EVENTS}|大促|购物节|購物節|晚会|晚會)"
)
"""What follows the first digits, and the gap, of these."""


@lru_cache(maxsize=64)
def not_amounts(language: str) -> re.Pattern[str]:
    """Return the pattern for a language (its primary subtag)."""
    return re.compile("|".join((*_COMMON, _GENERATION, _REFERENCE, *_OF_LANGUAGE.get(language, ()))))
