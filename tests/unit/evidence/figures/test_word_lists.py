"""One look-up in several lists says what each list says by itself, and patterns match what lists have."""

from __future__ import annotations

import json
import re

import pytest

from dragoman.evidence.figures.folding import fold
from dragoman.evidence.figures.hits import AfterHits, BeforeHits
from dragoman.evidence.figures.lexicon import lexicon
from dragoman.evidence.figures.word_list import WordList
from dragoman.evidence.figures.word_lists import WordLists
from dragoman.evidence.figures.word_patterns import beginnings, pattern
from tests.support import paths

CASES = json.loads((paths.CASES / "quantities.json").read_text("utf-8"))["cases"]
TAGS = ["en", "ar", "zh-Hans", "vi", "ru", "th"]


@pytest.mark.parametrize("tag", TAGS)
def test_several_lists_say_what_each_says_alone(tag: str) -> None:
    """Forwards from every offset, and backwards to it."""
    words = lexicon(tag)
    lists = [words.place(name) for name in ("run", "of", "unit", "after", "month", "before")]
    together, backwards = WordLists(AfterHits, lists), WordLists(BeforeHits, lists[:2], ending=True)
    alone = [WordList(entries) for entries in lists]
    for case in [case for case in CASES if case["language"] == tag][:40]:
        text = fold(case["text"], tag.partition("-")[0]).text
        for at in range(len(text)):
            ends = [hit and at + hit[0] for hit in together.at(text, at)]
            assert ends == [hit and hit[0] for hit in (entries.at(text, at) for entries in alone)]
            starts = [hit and at - hit[0] for hit in backwards.before(text, at, 0)]
            assert starts == [hit and hit[0] for hit in (entries.before(text, at) for entries in alone[:2])]


def test_the_longest_word_wins_and_only_as_a_whole() -> None:
    """A word is none inside a longer one in scripts with spaces; in others it is."""
    words = WordList({"per": 1, "per cent": 2, "年": 3, "年代": 4})
    assert words.at("per cent of", 0) == (8, 2)
    assert words.at("percent", 0) is None
    assert words.at("年代的", 0) == (2, 4)
    assert words.before("5 per", 5) == (2, 1)
    assert words.before("5 per", 5, floor=3) is None


def test_a_stem_stands_for_words_of_up_to_40_more_letters() -> None:
    """More letters than any word has are cut, so that hostile text is not read twice."""
    words = WordList({"mil*": 1})
    assert words.at("milion", 0) == (6, 1)
    assert words.at("mil" + "a" * 40, 0) == (43, 1)
    assert words.at("mil" + "a" * 41, 0) is None


def test_a_pattern_matches_its_longest_word() -> None:
    """A star stands for more letters; no words match nothing."""
    either = re.compile(pattern(["per", "per cent", "mil*"]))
    matches = [either.match(text) for text in ("per cent", "per", "milion")]
    assert [match and match[0] for match in matches] == ["per cent", "per", "mil"]
    assert not re.match(pattern([]), "")


def test_beginnings_compare_five_letters() -> None:
    """With fewer, they would match in every third word; with more, compiling them takes too long."""
    quick = re.compile(beginnings(["thousand"]))
    assert quick.match("thousxxx")
    assert not quick.match("thouxxxx")


@pytest.mark.parametrize("tag", TAGS)
def test_beginnings_match_every_word(tag: str) -> None:
    """What they rule out has none of the words."""
    words = [*lexicon(tag).place("unit"), *lexicon(tag).place("phrase")]
    quick = re.compile(beginnings(words))
    assert [word for word in words if not quick.match(word.rstrip("*"))] == []
    assert not quick.match("\u2603")
