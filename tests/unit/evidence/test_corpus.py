"""What the checks promise of real texts and their English, on the project's own corpus (see `tests/cases/corpus`)."""

from __future__ import annotations

from typing import Any

import pytest

from dragoman.core.answers import TranslatedParagraph, Translation
from dragoman.evidence.checks import injection, negation
from dragoman.evidence.checks.language import not_english
from dragoman.reading.prepare import prepare_text
from tests.support.corpus import ARTICLES


def names(known_failures: dict[str, str]) -> list[Any]:
    """The names of the articles as parameters; those of known failures with the reason."""
    marks = {name: [pytest.mark.xfail(strict=True, reason=reason)] for name, reason in known_failures.items()}
    return [pytest.param(name, marks=marks.get(name, [])) for name in ARTICLES]


MISSED = {"es-puerto": "a sentence that is half names is not identified as Spanish"}


@pytest.mark.parametrize("name", ARTICLES)
def test_an_honest_translation_raises_no_alarm_about_negation(name: str) -> None:
    """Every article has a denial, and its English denies the same."""
    article = ARTICLES[name]
    pairs = list(zip(article["paragraphs"], article["english"], strict=True))
    assert [pair for pair in pairs if negation.compare_negation(article["language"], *pair) is not None] == []


@pytest.mark.parametrize("name", names(MISSED))
def test_english_sentences_pass_as_english_and_the_sentences_they_translate_do_not(name: str) -> None:
    """Sentence by sentence, with names and figures in them."""
    article = ARTICLES[name]
    assert [text for text in article["english"] if not_english(text, article["language"]) is not None] == []
    assert [text for text in article["paragraphs"] if not_english(text, article["language"]) is None] == []


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_without_orders_and_links_raises_no_alarm_about_instructions(name: str) -> None:
    """Neither the article nor its translation is addressed to a machine."""
    article = ARTICLES[name]
    source = prepare_text("\n".join(article["paragraphs"]))
    answer = Translation(
        paragraphs=[TranslatedParagraph(paragraph=n, text_en=text) for n, text in enumerate(article["english"], 1)]
    )
    assert injection.check_source(source) == []
    assert injection.check_answer(source, None, answer) == []
