"""The corpus of the project tests what the larger one beside the checkout does: letters, articles, languages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from dragoman.core.article import make_article
from dragoman.reading.decode import declared_charset, decode
from dragoman.reading.language import identify, looks_english
from dragoman.reading.prepare import prepare
from tests.support.corpus import ARTICLES, CORPUS, LEGACY, PRINTED_TWICE, SHAPES, made

DECLARED_ONLY = {"iso-8859-15"}
"""Charsets that cannot be guessed, because in these texts only the euro sign distinguishes them from windows-1252."""

PAGES = sorted((CORPUS / "pages").glob("*.html"))


def test_the_files_are_those_that_the_corpus_module_writes() -> None:
    """After a change to the articles or the shapes the module has to be run again."""
    written = dict(made())
    kept = {
        path.relative_to(CORPUS).as_posix(): path.read_bytes()
        for path in CORPUS.rglob("*")
        if path.is_file() and path.parent != CORPUS
    }
    assert kept == written


@pytest.mark.parametrize("name", ARTICLES)
def test_a_text_is_read_letter_for_letter_in_its_language(name: str) -> None:
    """The title and the four paragraphs, in the language and script that they are written in."""
    article = ARTICLES[name]
    source = prepare(make_article(name, (CORPUS / "texts" / f"{name}.txt").read_bytes(), "text/plain"))
    texts = [source.paragraph_text(paragraph.number) for paragraph in source.paragraphs]
    assert texts == [article["title"], *article["paragraphs"]]
    assert (source.language, source.script) == (article["language"], article["script"])
    assert [step.reason for step in source.steps] == (["repeats paragraphs 2-5"] if name == PRINTED_TWICE else [])


@pytest.mark.parametrize("name", ARTICLES)
def test_single_sentences_are_identified_and_only_their_english_is_english(name: str) -> None:
    """A sentence alone is harder than an article; none of these 56 is mistaken for another language."""
    article = ARTICLES[name]
    assert {identify(text)[0] for text in article["paragraphs"]} == {article["language"]}
    assert {identify(text)[0] for text in article["english"]} == {"en"}
    assert all(looks_english("en", text) for text in article["english"])
    assert not any(looks_english("en", text) for text in article["paragraphs"])


@pytest.mark.parametrize("charset", LEGACY)
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "guessed"])
def test_an_old_charset_is_read_letter_for_letter(charset: str, is_declared: bool) -> None:
    """Whether the page states it or it has to be guessed."""
    if not is_declared and charset in DECLARED_ONLY:
        pytest.skip("nothing in the bytes distinguishes this charset from windows-1252")
    content = (CORPUS / "legacy" / f"{charset}.html").read_bytes()
    decoded = decode(content, declared_charset(content) if is_declared else None)
    assert decoded.text == (CORPUS / "legacy" / f"{charset}.utf8.txt").read_text("utf-8")
    assert decoded.encoding_from == ("declared" if is_declared else "guess")
    source = prepare(make_article(charset, content, "text/html"))
    assert all(text in source.text for text in ARTICLES[LEGACY[charset]]["paragraphs"])


TOO_SHORT = {"ko-sijang.structured_data", "zh-hans-ditie.structured_data"}
"""Articles of less than 200 characters in structured data, of which Chinese and Korean need fewer than an alphabet."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
            id=path.stem,
            marks=[pytest.mark.xfail(strict=True, reason="structured data is taken from 200 characters on")]
            if path.stem in TOO_SHORT
            else [],
        )
        for path in PAGES
    ],
)
def test_a_page_gives_its_article_and_nothing_else(path: Path) -> None:
    """All passages of all shapes are found, and none of the lines around them."""
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    source = prepare(make_article(path.name, path.read_bytes(), "text/html"))
    assert [passage for passage in expected["must_contain"] if passage not in source.text] == []
    assert [passage for passage in expected["must_not_contain"] if passage in source.text] == []
    left_out = "\n".join(item.text for item in source.left_out)
    assert [passage for passage in expected["must_not_contain"] if passage not in left_out] == []


def test_every_shape_of_page_comes_in_several_languages() -> None:
    """A floor that only one language tests would mean little."""
    shapes = Counter(path.stem.rpartition(".")[2] for path in PAGES)
    assert set(shapes) == {shape.__name__ for shape in SHAPES}
    assert min(shapes.values()) >= 4
