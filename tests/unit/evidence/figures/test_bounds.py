"""The words around a figure state its bound: at least, more than, at most, less than and about are different things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import pytest

from dragoman.core.bounds import BOUND_WORDS, Bound
from dragoman.evidence.figures import find
from dragoman.evidence.figures.lexicon import languages, lexicon, rows
from dragoman.evidence.figures.surroundings import BOUND_OF_HEDGE
from tests.support import paths

CASES: dict[str, dict[str, list[str]]] = json.loads((paths.CASES / "bounds.json").read_text("utf-8"))["cases"]
EVERY = [(language, bound, text) for language, texts in CASES.items() for bound in texts for text in texts[bound]]


@pytest.mark.parametrize(("language", "bound", "text"), EVERY, ids=lambda part: part)
def test_the_words_around_a_figure_state_its_bound(language: str, bound: str, text: str) -> None:
    """A lower bound is also ``low``, an upper bound ``high``; "about" sets neither."""
    quantity = find(text, language)[0]
    value = quantity.value
    assert (quantity.bound, value in (120, 50)) == (bound, True)
    assert quantity.low == (value if bound in ("at_least", "more_than") else None)
    assert quantity.high == (value if bound in ("at_most", "less_than") else None)
    assert quantity.is_hedged == (bound != "exact")


def test_every_bound_has_cases_in_the_29_languages() -> None:
    assert {language.partition("-")[0] for language in CASES} <= set(languages())
    assert len(CASES) == 29
    for language, texts in CASES.items():
        assert set(texts) == set(get_args(Bound)), language


def hedges() -> Iterator[Any]:
    for language in [*languages(), "any"]:
        for word, kind, meaning in rows(language):
            if kind in ("hedge", "hedge-after"):
                yield language, word, meaning


def test_every_hedge_of_a_table_states_a_bound() -> None:
    """A misspelled meaning would not be noticed until an article has the word."""
    assert [hedge for hedge in hedges() if hedge[2] not in BOUND_OF_HEDGE] == []


def test_a_word_that_stands_on_both_sides_means_the_same_on_both() -> None:
    """ "Al menos 120" and "120 al menos" have one bound."""
    for tag in languages():
        words = lexicon(tag)
        before, after = words.of_kind("before", "hedge"), words.of_kind("after", "hedge-after")
        differ = [word for word in before if word in after and before[word].meaning != after[word].meaning]
        assert differ == [], tag


@pytest.mark.parametrize(
    ("text", "language", "bounds"),
    [
        ("10 morts, au moins 20 blessés", "fr", ["exact", "at_least"]),
        ("100 personas, como máximo 20 niños", "es", ["exact", "at_most"]),
        ("100 pessoas, no mínimo 20 crianças", "pt", ["exact", "at_least"]),
        ("120人以上200人未満", "ja", ["at_least", "less_than"]),
        ("100 personnes au moins, 20 enfants", "fr", ["at_least", "exact"]),
    ],
)
def test_a_hedge_between_two_figures_belongs_to_one_of_them(text: str, language: str, bounds: list[str]) -> None:
    """A word that may stand on either side belongs to the figure that follows it directly."""
    assert [quantity.bound for quantity in find(text, language)] == bounds


@pytest.mark.parametrize(
    ("text", "language", "bound", "low", "high"),
    [
        ("3–5 млн рублей", "ru", "exact", 3_000_000, 5_000_000),
        ("около 3–5 млн рублей", "ru", "about", 3_000_000, 5_000_000),
        ("zwischen 5 und 8 Prozent", "de", "exact", 5, 8),
        ("200至300亿元", "zh-Hans", "exact", 200 * 10**8, 300 * 10**8),
        ("三四百人", "zh-Hans", "about", 300, 400),
    ],
)
def test_a_range_has_both_ends(text: str, language: str, bound: str, low: int, high: int) -> None:
    """It has no value of its own. Two Han digits side by side are a range and approximate."""
    (quantity,) = find(text, language)
    assert (quantity.bound, quantity.value, quantity.low, quantity.high) == (bound, None, Decimal(low), Decimal(high))


def test_dozens_are_vague_and_not_bounded() -> None:
    """They have no value that a bound could belong to."""
    (quantity,) = find("десятки тысяч людей", "ru")
    assert (quantity.vague, quantity.bound, quantity.value, quantity.is_hedged) == (True, "exact", None, True)


def test_every_bound_has_words_of_its_own() -> None:
    assert set(BOUND_WORDS) == set(get_args(Bound))
    assert len(set(BOUND_WORDS.values())) == len(BOUND_WORDS)
