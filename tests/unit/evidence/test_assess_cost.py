"""Checking an answer costs work in proportion to its article and its claims: twice the input is twice the calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dragoman.evidence.assess import assess
from dragoman.evidence.checks import check_source
from tests.unit.evidence.answers import claim, source_of, summary
from tests.unit.evidence.quotes.test_cost import MOST_GROWTH, words, work

FIELDS = {"speaker_en": None, "speaker_source": None, "event_date": None}

PATTERNS = {
    "words": "abc def. ", "an open quotation": "“a ", "quotation marks": "» a ", "straight marks": '" a ',
    "sentences of a letter": "a.b. ", "full stops": "....", "commas": "a, ", "brackets": "[a](", "names": "Abc Def, ",
    "negations": "не был, ", "conditions": "что не ", "ampersands": "a&b ", "links": "http://a.example/c ",
    "dashes": " - a", "lines": "ab\n", "initials": "A. B. ", "Thai": "ไม่ ", "Chinese": "公司不表示，",
    "line ends in words": "ab- ", "denials": "опроверг ", "marks": "a\u0301",
}  # fmt: skip


def check(text: str, language: str, *quotes: str) -> None:
    source = replace(source_of(text), language=language)
    claims = [claim(quote=quote, text_en="It is not open, Abc Def said.", **FIELDS) for quote in quotes]
    assess(source, summary(*claims, entities=[]))
    check_source(source)


def grows(check_size: Callable[[int], object], size: int) -> float:
    work(lambda: check_size(1))  # patterns and tables are made once
    return work(lambda: check_size(2 * size)) / work(lambda: check_size(size))


@pytest.mark.parametrize("language", ["ru", "zh-Hans", "tr"])
@pytest.mark.parametrize("kind", PATTERNS)
def test_twice_the_article_takes_twice_the_work(kind: str, language: str) -> None:
    def check_size(size: int) -> None:
        text = PATTERNS[kind] * 40 * size
        check(text, language, text[20:90].strip(), text[20:50] + " … " + text[90:120], "no words of it " * 9)

    assert grows(check_size, 8) <= MOST_GROWTH


def test_twice_the_claims_take_twice_the_work() -> None:
    """Also if none of the speakers is in an article full of names."""
    names = words(8_000).title()

    def check_size(size: int) -> None:
        source = replace(source_of(names), language="de", script="Latn")
        speakers = [words(22, seed + 30).title() for seed in range(4 * size)]
        claims = [
            claim(quote=names[:60], text_en=f"{speaker} said it.", **{**FIELDS, "speaker_en": speaker})
            for speaker in speakers
        ]
        assess(source, summary(*claims, entities=[]))

    assert grows(check_size, 8) <= MOST_GROWTH


@pytest.mark.parametrize("figure", ["{}.5 Prozent", "{} Menschen", "5 Menschen", "am {}. März"], ids=str)
def test_twice_the_uncovered_figures_and_key_points_take_twice_the_work(figure: str) -> None:
    """Figures of the source that no claim covers are looked up among those of all key points. Comparing each with each
    takes four times the work. Small numbers and days must all be in one point."""

    def check_size(size: int) -> None:
        sentences = [
            f"Es waren {figure.format(100 + n % 1000)} und {figure.format(n % 28 + 1)} dort." for n in range(40 * size)
        ]
        points = [f"There were {5_000_000 * size + n} and 7 people on {n % 28 + 1} May." for n in range(40 * size)]
        source = replace(source_of(" ".join(sentences)), language="de", script="Latn")
        assess(source, summary(claim(quote="absent", text_en="It is open.", **FIELDS), key_points=points, entities=[]))

    assert grows(check_size, 4) <= MOST_GROWTH


def test_a_name_is_compared_with_few_known_names() -> None:
    """An article of 40,000 characters in which each word may be a name: comparing all takes 10 times as many calls."""
    source = replace(source_of(words(40_000).title()), language="de", script="Latn")
    speaker = {**FIELDS, "speaker_en": "Zxyvw Qxzyk"}
    answer = summary(claim(quote=source.text[:50], text_en="Zxyvw Qxzyk said it.", **speaker), entities=[])
    assert work(lambda: assess(source, answer)) < 150_000
