"""What stands around a figure says whether it is an amount, and of what."""

from __future__ import annotations

import pytest

from dragoman.evidence.figures.lexicon import languages, lexicon
from dragoman.evidence.figures.surroundings import REACH, begins_sentence
from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("GPT-3.5", "en"),
        ("5G", "en"),
        ("Су-35", "ru"),
        ("737MAX", "en"),
        ("(2) Text", "en"),
        ("2. Text", "en"),
        ("the year had 007 in it", "en"),
        ("1234 AB Utrecht", "nl"),
        ("Calle de la Constitución 12, Madrid", "es"),
        ("в улице Ленина 12", "ru"),
        ("We saw the Zorbex 7.", "en"),
        ("我们用 Zorbex 7。", "zh-Hans"),
    ],
)
def test_a_number_of_something_is_not_an_amount(text: str, tag: str) -> None:
    """Names, list items, house numbers and postcodes."""
    assert read(text, tag) == []


def test_a_figure_of_up_to_five_characters_may_be_part_of_a_name() -> None:
    """A longer one is a figure after a name."""
    assert read("We saw the Zorbex 77777.") == []
    assert read("We saw the Zorbex 777777.") == ["count 777777"]


def test_a_name_is_looked_for_in_24_characters() -> None:
    """The capital of a longer word is out of sight, and then the figure after it counts."""
    assert read(f"We saw the X{'a' * 19} 7.") == []
    assert read(f"We saw the X{'a' * 30} 7.") == ["count 7"]


def test_a_house_number_may_stand_far_from_the_word_for_street() -> None:
    """Up to 30 characters of its name lie between them."""
    assert read("vive en la calle del agua larga y vieja 12", "es") == []
    assert read("vive en la casa del agua larga y vieja 12", "es") == ["count 12"]


def test_a_compound_with_a_hyphen_is_not_a_name() -> None:
    """A 7.1-magnitude earthquake has a figure."""
    assert read("a 7.1-magnitude earthquake") == ["count 7.1"]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("more than 260 people", ["~count 260 people"]),
        ("about 5 %", ["~percent 5 %"]),
        ("try 5", ["count 5"]),
        ("TRY 5", ["money 5 TRY"]),
        ("usd 5", ["money 5 USD"]),
        ("minus 5 %", ["percent -5 %"]),
    ],
)
def test_the_word_before_a_figure_is_read(text: str, quantities: list[str]) -> None:
    """Hedges, signs, codes in capitals and those that are no words."""
    assert read(text) == quantities


def test_the_longest_words_before_a_figure_are_within_reach() -> None:
    """A hedge before a unit before the figure, each with a gap: twice the longest word fits, and not much more."""
    longest = max(len(word) for tag in languages() for word in lexicon(tag).place("before"))
    assert 2 * (longest + 2) <= REACH <= 3 * longest


def test_a_sentence_begins_after_a_mark_or_a_line_end() -> None:
    """Opening quotation marks and brackets do not count."""
    assert begins_sentence("Text. “Zorbex", 7)
    assert begins_sentence("Title\n(Zorbex", 7)
    assert not begins_sentence("with Zorbex", 5)
    # 24 characters are looked at; a longer row of spaces hides what stands before it.
    assert not begins_sentence(f"with{' ' * 15}Zorbex", 19)
    assert begins_sentence(f"with{' ' * 30}Zorbex", 34)
