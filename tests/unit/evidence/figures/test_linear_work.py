"""Reading a text twice as long takes at most 2.3 times the work, whatever it is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from dragoman.evidence.figures import find

LANGUAGES = ("en", "fr", "fa", "zh-Hans", "vi", "he")
UNITS = {
    **{f"digits and {sign!r}": f"1{sign}" for sign in "'’\u00a0\u202f.,٫٬،·・/:-–~+&;_½⁰hk%*@"},
    **{f"groups and {sign!r}": f"123{sign}" for sign in "'’\u00a0\u202f ,."},
    "digits": "1", "brackets": "(1) [2] ", "open brackets": "((", "no-break spaces": "\u00a0", "apostrophes": "'",
    "hyphens": "1-a-", "names": "A5-", "units": "5 km ", "glued units": "5km", "signs of money": "$$",
    "money": "$5 €5 ",
    "percentages": "%5 5% ", "Han digits": "一", "Han scales": "十百", "Han amounts": "三万", "fractions": "三分之",
    "Kangxi radicals": "⼗", "months": "may ", "days and months": "5 May ", "months and days": "May 5 ",
    "years": "2024-2025-",
    "Han dates": "5月5日", "numeric dates": "1/1/2024 ", "ranges": "from 1 to 2 between 3 and 4 ",
    "number words": "one and ",
    "scales": "5 million ", "telephones": "+1 (2", "house numbers": "street 5 ", "ordinals": "第1 2nd ",
    "direction marks": "5\u200f",
    "marks": "\u0301", "at signs and digits": "@ 1 ", "www and digits": "www. 1 ", "schemes and digits": ":// 1 ",
    "hash tags and digits": "#a 1 ", "at signs": "@", "hash signs": "#", "mail": "a@", "lines": "5\n",
}  # fmt: skip
LENGTH = 600
"""Characters of the shorter text: long enough that what is spent once per text does not hide what grows."""


def work(read: Callable[[], object]) -> int:
    """Count the instructions of Python that are executed. What a pattern does inside the engine of `re` is not seen."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return counted

    previous = sys.gettrace()
    sys.settrace(counted)
    try:
        read()
    finally:
        sys.settrace(previous)
    return count


@pytest.mark.parametrize("name", UNITS)
def test_twice_the_text_takes_at_most_2_3_times_the_work(name: str) -> None:
    """Counted, not timed. Each kind of text is read in two of the languages."""
    unit = UNITS[name]
    text = unit * (LENGTH // len(unit))
    first = [*UNITS].index(name) % len(LANGUAGES)
    for tag in (LANGUAGES[first], LANGUAGES[first - 1]):
        find(f"1 {unit}", tag)
        once, twice = work(partial(find, text, tag)), work(partial(find, text * 2, tag))
        assert twice <= 2.3 * once, (tag, once, twice)


def test_the_count_sees_work_that_grows_with_the_square() -> None:
    """A search through all earlier items for each item is found out."""
    once, twice = (work(partial(_searched, [*range(count)])) for count in (100, 200))
    assert twice > 2.3 * once


def _searched(items: list[int]) -> list[int]:
    return [next(found for found in items if found == item) for item in items]
