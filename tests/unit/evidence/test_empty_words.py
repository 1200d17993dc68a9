"""A placeholder and a text that repeats itself are recognised; short, parallel and tabular texts are not."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.answers import ANSWERS, api_schema
from dragoman.evidence.empty_words import (
    LEAST_REPEATED,
    REPEATED,
    is_placeholder,
    repeated_sentence,
    repetition,
    same_words,
)
from tests.support.paths import CASES

TEXTS: dict[str, list[str]] = json.loads((CASES / "empty_texts.json").read_text("utf-8"))

SENTENCE = "The opposition rejects the plan of the government."

HONEST = {
    "a table of results": "Spartak – Dynamo 3:1. Zenit – CSKA 2:0. Krasnodar – Rostov 1:1. Ural – Akhmat 2:1.",
    "parallel sentences": "The price of wheat rose by 3%. The price of barley rose by 4%. "
    "The price of maize rose by 5%. The price of rice rose by 6%. The price of oats rose by 2%.",
    "temperatures": "It was 12 degrees in Moscow. It was 15 degrees in Paris. It was 9 degrees in Berlin. "
    "It was 21 degrees in Rome. It was 8 degrees in Oslo.",
    "one sentence twice": f"{SENTENCE} {SENTENCE} It demands lower taxes for 320,000 businesses instead.",
    "digits": "1 2 3 4 5 6 7 8 9 10",
}


@pytest.mark.parametrize("text", TEXTS["placeholders"])
def test_a_placeholder_is_recognised(text: str) -> None:
    """Words for nothing, brackets around nothing, and names and descriptions of fields."""
    assert is_placeholder(text)


@pytest.mark.parametrize("text", [*TEXTS["news"], *TEXTS["refusals"], *HONEST.values(), "2026", "3:1", "1"])
def test_a_text_that_says_something_is_no_placeholder(text: str) -> None:
    """Even if it is short, or contains such a word."""
    assert not is_placeholder(text)


@pytest.mark.parametrize("times", [4, 80, 300])
@pytest.mark.parametrize(
    "sentence", [SENTENCE, "反对党拒绝政府关于降低税收和增加公共投资的新计划提案。", "No plan, no vote, no money. "]
)
def test_one_sentence_again_and_again_is_repetition(sentence: str, times: int) -> None:
    """From four times on, in any script."""
    assert repetition(" ".join([sentence] * times)) >= REPEATED


def test_numbers_between_them_do_not_hide_it() -> None:
    """A long sentence with another number in front each time is still a copy."""
    assert repetition(" ".join(f"{number}. {SENTENCE}" for number in range(80))) >= REPEATED


@pytest.mark.parametrize("text", [SENTENCE * 3, *HONEST.values()], ids=["three times", *HONEST])
def test_parallel_sentences_are_no_repetition(text: str) -> None:
    """Nor is one sentence three times."""
    assert repetition(text) < REPEATED


@given(st.text(max_size=300))
def test_the_repeated_share_is_between_0_and_1(text: str) -> None:
    """For every text; a text after itself has at least as large a share, if it is long enough to be judged."""
    share = repetition(text)
    assert 0 <= share < 1
    if sum(map(str.isalnum, text.casefold())) >= LEAST_REPEATED:
        assert repetition(text + text) >= 0.5


def test_a_text_of_a_few_words_is_not_judged_as_repeated() -> None:
    """Four cheers are no answer in a loop."""
    assert repetition("The rate stays. " * 4) == 0
    assert repetition("The rate stays put. " * 4) >= REPEATED


def test_a_long_sentence_that_begins_like_a_placeholder_is_none() -> None:
    """It is news about a thing of that name."""
    assert is_placeholder("TODO: write the abstract of the article")
    assert not is_placeholder(
        "ToDo, a planner from Kyiv, was sold on Monday to a company in Berlin for 4 million euros."
    )


def test_the_most_frequent_sentence_is_named() -> None:
    """As it is written, for a message."""
    assert repeated_sentence(f"Rain is expected. {SENTENCE} {SENTENCE}") == SENTENCE


def test_the_same_words_are_equal_whatever_is_around_them() -> None:
    """Case, punctuation and a number in front do not count; digits inside do."""
    assert same_words("2. The Rate stays!") == same_words("the rate stays") == "the rate stays"
    assert same_words("Profit of 3 million") != same_words("Profit of 4 million")


def test_the_description_of_each_field_is_a_placeholder() -> None:
    """Models copy it from the schema. The quick check for long texts must let all of them pass."""
    descriptions = [
        description
        for model in ANSWERS.values()
        for description in re.findall(r'"description": "([^"]+)"', json.dumps(api_schema(model), ensure_ascii=False))
    ]
    assert len(descriptions) > 10
    assert [text for text in descriptions if not is_placeholder(text)] == []
