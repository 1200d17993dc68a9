"""A grammar finds the places where a figure may begin, and passes over the rest of a text."""

from __future__ import annotations

import pytest

from dragoman.evidence.figures.folding import fold
from dragoman.evidence.figures.grammar import grammar


@pytest.mark.parametrize(
    ("text", "tag", "place"),
    [
        ("It cost 5 euros", "en", 8),
        ("It cost ½ euro", "en", 8),
        ("It cost five euros", "en", 8),
        ("Nothing is counted here", "en", None),
        ("增长三倍", "zh-Hans", 2),
        ("ومليون", "ar", 1),
    ],
)
def test_the_next_place_is_that_of_digits_or_a_listed_word(text: str, tag: str, place: int | None) -> None:
    """In scripts without spaces and behind clitics, a word may begin inside another one."""
    assert grammar(tag).next(fold(text, tag.partition("-")[0]).text, 0) == place


def test_seven_letters_of_a_word_are_compared() -> None:
    """With fewer, the reader stops at far more places; more would only make the pattern larger."""
    assert grammar("en").next(" thousanx", 0) == 1
    assert grammar("en").next(" thousaxx", 0) is None


def test_an_unknown_language_has_a_grammar() -> None:
    """It knows digits, signs and codes."""
    assert grammar("xx").next("five 5", 0) == 5
    assert grammar("xx").before_words.before("eur 5", 3, 0).unit is not None
