"""Locating quotes costs work in proportion to the text, whatever the text is: twice the input is twice the calls."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from dragoman.core.source import Source
from dragoman.evidence.quotes import normalise as normalise_module
from dragoman.evidence.quotes import searched as searched_module
from dragoman.evidence.quotes.locate import locate
from dragoman.evidence.quotes.markup import MOST_MARKS, without_markup
from dragoman.evidence.quotes.nearest import nearest
from tests.unit.evidence.quotes.test_locate import source_of

MOST_GROWTH = 2.3
"""How many times the calls may grow when the input doubles."""


def words(length: int, seed: int = 0) -> str:
    """About ``length`` characters of invented words."""
    chance = random.Random(seed)
    letters = "".join(chance.choices("etaoinshrdlu", k=length))
    return " ".join(letters[start : start + 5] for start in range(0, length, 5))


def article(length: int) -> Source:
    return source_of(*[words(400, seed) for seed in range(length // 400)])


def work(check: Callable[[], object]) -> int:
    """Calls of Python and of C functions."""
    for cache in (normalise_module.normalise, normalise_module.simplified, searched_module._searched):
        cache.cache_clear()
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        check()
    finally:
        sys.setprofile(None)
    return calls


def _check(source: Source, *quotes: str) -> None:
    for quote in quotes:
        if locate(quote, source, 1).match == "absent":
            nearest(quote, source, 1)


KINDS: dict[str, Callable[[int], None]] = {
    "an article": lambda n: _check(article(400 * n), "an absent quote"),
    "a quote of combining marks": lambda n: _check(source_of("e" + "\u0301" * 400 * n), "e" + "\u0301" * 100 * n),
    "marks of two kinds": lambda n: _check(source_of("\u0301\u0323" * 300 * n), "\u0301\u0323" * 100 * n),
    "long absent quotes": lambda n: _check(article(4000), *[words(900, seed + 50) for seed in range(2 * n)]),
    "long altered quotes": lambda n: _check(
        source_of(words(4000 * n)), *[words(4000)[: 200 * n].replace("e", "x", 3 * n)] * 2
    ),
    "many ellipses": lambda n: _check(article(4000), " … ".join(["ab"] * 40 * n)),
    "nine pieces that are everywhere": lambda n: _check(source_of("ab " * 300 * n), " … ".join(["ab"] * 9)),
    "nine pieces, one absent": lambda n: _check(source_of("ab " * 300 * n), " … ".join(["ab"] * 8 + ["cd"])),
    "absent quotes": lambda n: _check(article(4000), *[words(60, seed + 70) for seed in range(10 * n)]),
    "absent names": lambda n: _check(article(4000), *[words(9, seed + 90) + "x" for seed in range(10 * n)]),
    "one letter": lambda n: _check(source_of("a" * 400 * n), "a" * 4 * n + "b"),
    "a letter that is never a word": lambda n: _check(source_of("é" * 100 * n), "é"),
    "one word": lambda n: _check(source_of("a " * 300 * n), "a " * 30 * n + "b"),
    "stars": lambda n: _check(article(4000), "*a " * 100 * n),
    "brackets": lambda n: _check(article(4000), "[" * 300 * n + "]("),
    "white space in the quote": lambda n: _check(article(4000), "a" + " " * 300 * n + "b"),
    "white space in the source": lambda n: _check(source_of("a" + " " * 300 * n + "b"), "b"),
    "invisible characters": lambda n: _check(source_of("a" + " \u200b" * 300 * n + "b"), "b"),
    "references": lambda n: _check(source_of("&amp; " * 100 * n), "&amp;" * 20 * n),
    "readings in brackets": lambda n: _check(source_of("規(gu" * 100 * n), "規a"),
    "words broken at line ends": lambda n: _check(source_of("ab- " * 100 * n), "ab cd"),
    "Chinese": lambda n: _check(source_of(*["公司表示今年沒有計劃裁員，"] * 20 * n), "公司表示明年沒有計劃裁員"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_twice_the_input_takes_twice_the_work(kind: str) -> None:
    check = KINDS[kind]
    work(lambda: check(1))  # patterns and tables are made once
    once, twice = work(lambda: check(16)), work(lambda: check(32))
    assert twice <= MOST_GROWTH * once


def test_emphasis_is_taken_off_a_limited_number_of_words() -> None:
    """A mark without its partner is searched for to the end of the quote."""
    assert without_markup("*a* " * (MOST_MARKS // 2)) == "a " * (MOST_MARKS // 2)
    assert "*" in without_markup("5*a* " * (MOST_MARKS // 2 + 1))
    assert MOST_MARKS >= 2 * 20


def test_absent_quotes_are_compared_with_a_bounded_number_of_steps() -> None:
    """20 absent quotes of 2,000 characters and 400 of 120 in an article of 400,000 characters."""
    source = article(40_000)
    assert work(lambda: _check(source, *[words(2_000, seed) for seed in range(1000, 1020)])) < 100_000
    assert work(lambda: _check(source, *[words(120, seed) for seed in range(1000, 1040)])) < 100_000
