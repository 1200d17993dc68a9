"""A page that stands before an article is recognised, and an article about such pages is not taken for one."""

from __future__ import annotations

import gzip
import json
from typing import Any, get_args

import pytest

from dragoman.core.article import make_article
from dragoman.core.data_tables import table_rows
from dragoman.core.source import Source, WallKind
from dragoman.errors import ArticleError
from dragoman.reading import wall_phrases
from dragoman.reading.formats import MEDIA_TYPES
from dragoman.reading.prepare import prepare, prepare_text
from dragoman.reading.wall_phrases import COURTESY, CUT, phrases_in
from dragoman.reading.walls import not_the_article
from tests.support import paths
from tests.support.corpus import CORPUS

CASES: dict[str, Any] = json.loads((paths.CASES / "walls.json").read_text("utf-8"))
SHARED = paths.SHARED / "corpus" / "html"
LANGUAGES = {
    "ar", "bg", "bn", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko",
    "ms", "ne", "nl", "no", "pl", "pt", "ro", "ru", "sv", "sw", "ta", "th", "tr", "uk", "ur", "vi", "zh",
}  # fmt: skip
WITHOUT_TEXT = {"shell"}
"""Pages with no text at all, which have no source."""


def read(content: str) -> Source:
    if content.startswith("<"):
        return prepare(make_article("a.html", content.encode(), "text/html"))
    return prepare_text(content)


def cases(part: str) -> list[Any]:
    return [pytest.param(case, id=case["label"]) for case in CASES[part]]


@pytest.mark.parametrize("case", cases("walls"))
def test_a_page_that_is_not_the_article_is_recognised_with_its_kind(case: dict[str, str]) -> None:
    """In pages and in texts that were saved from them; the words by which it was recognised are in it."""
    if case["label"] in WITHOUT_TEXT:
        with pytest.raises(ArticleError) as caught:
            read(case["content"])
        assert caught.value.code == "wall"
        return
    source = read(case["content"])
    assert source.wall is not None
    assert source.wall.kind == case["kind"]
    assert source.wall.words in case["content"]
    assert source.cut is None


@pytest.mark.parametrize("case", cases("articles"))
def test_an_article_with_the_words_of_a_wall_is_an_article(case: dict[str, str]) -> None:
    """About cookies, captchas and outages, one sentence long, beside a cookie notice, or above a line about scripts."""
    source = read(case["content"])
    assert (source.wall, source.cut) == (None, None)


@pytest.mark.parametrize("case", cases("cut"))
def test_an_article_whose_rest_is_for_subscribers_is_cut_and_not_a_wall(case: dict[str, str]) -> None:
    """Its beginning is there. The notice is quoted with its place, unless it stands outside the article."""
    source = read(case["content"])
    assert source.wall is None
    assert source.cut is not None
    assert source.cut.words in case["content"]
    if source.cut.start is not None:
        assert source.text[source.cut.start : source.cut.end] == source.cut.words


def test_a_notice_alone_is_a_wall_and_a_teaser_before_it_makes_it_a_cut() -> None:
    """From one short sentence on, 40 letters, there is something to read."""
    notice = "Чтобы прочитать статью полностью, оформите подписку.\n"
    teaser = "Компания открыла в Выборге новый рыбный завод."
    alone, short, long = (read(f"{start}\n\n{notice}") for start in ("Завод", teaser[:20], teaser))
    assert alone.wall is not None
    assert short.wall is not None
    assert (long.wall, long.cut is None) == (None, False)


def test_a_long_article_is_cut_by_a_notice_at_its_end_and_not_by_one_before() -> None:
    """A label at the beginning is shown to subscribers too. Six paragraphs may follow at the end, with the offer."""
    body = [f"Завод номер {number} открыт в Выборге, и на нём работают {number + 20} человек." for number in range(40)]
    notice = "Полный текст доступен только подписчикам."
    for place, is_cut in ((0, False), (20, False), (33, False), (36, True), (40, True)):
        source = read("\n\n".join([*body[:place], notice, *body[place:]]))
        assert (source.cut is not None) == is_cut, place
        assert source.wall is None


@pytest.mark.parametrize("mark", [
    '<script type="application/ld+json">{"isAccessibleForFree": false}</script>', '<div class="paywall"></div>',
])  # fmt: skip
def test_one_notice_beside_a_page_cuts_it_only_if_the_page_says_that_it_is_paid(mark: str) -> None:
    """Otherwise it may belong to a link to another article."""
    sentence = "Компания «Ладога» открыла в Выборге новый завод по переработке рыбы, на нём работают 320 человек."
    notice = "Чтобы прочитать статью полностью, оформите подписку."
    page = f"<html lang=ru><body><article><h1>Завод</h1><p>{sentence}</p></article><aside><p>{notice}</p></aside>"
    assert read(page).cut is None
    cut = read(page + mark).cut
    assert cut is not None
    assert (cut.words, cut.start) == (notice, None)


def test_every_phrase_of_the_table_is_found_in_its_language_and_not_inside_quotation_marks() -> None:
    """Also where a page has the letters in their decomposed form, as macOS writes them."""
    for language, kind, words in table_rows("walls.tsv"):
        for phrase in words.split("|"):
            shown = phrase.replace("#", "842").replace("…", "ab") if not phrase.endswith("…") else phrase
            shown = shown.replace("*", "").replace("  ", " ")
            kinds = {found.kind for found in wall_phrases._search(shown, language, None)}
            assert kind in kinds, (language, kind, phrase)
            assert not phrases_in(f"Ab «{shown}» cd", language), (language, kind, phrase)


def test_the_table_has_every_language_and_kind() -> None:
    """36 languages, in each of which every kind of wall has phrases; a page of links has none."""
    rows = table_rows("walls.tsv")
    assert {language for language, _, _ in rows} == LANGUAGES
    kinds = {kind for kind in get_args(WallKind) if kind not in ("navigation", "subscription")} | {CUT, COURTESY}
    for language in LANGUAGES:
        assert {kind for owner, kind, _ in rows if owner == language} == kinds, language
    assert len({(language, kind) for language, kind, _ in rows}) == len(rows)


def test_the_message_quotes_the_page_and_says_what_to_do() -> None:
    """One sentence, as a reason is."""
    source = read("Страница не найдена\n")
    assert source.wall is not None
    assert not_the_article(source.wall) == (
        'not the article: the page says that there is no such page, or that the server failed ("Страница не найдена"); '
        "save it again from a browser that shows the article"
    )


def test_what_a_page_is_survives_the_cache() -> None:
    """A source read from the cache has the same wall or cut."""
    for part in ("walls", "cut"):
        for case in CASES[part]:
            if case["label"] not in WITHOUT_TEXT:
                source = read(case["content"])
                again = Source.from_json(json.loads(json.dumps(source.to_json())))
                assert (again.wall, again.cut) == (source.wall, source.cut)


def test_no_page_or_text_of_the_corpus_is_taken_for_a_wall() -> None:
    """Articles in 14 languages, each as a text and as pages of several shapes."""
    read_files = 0
    for path in sorted([*(CORPUS / "pages").glob("*.html"), *(CORPUS / "texts").glob("*.txt")]):
        source = prepare(make_article(path.name, path.read_bytes(), MEDIA_TYPES[path.suffix]))
        assert (source.wall, source.cut) == (None, None), path.name
        read_files += 1
    assert read_files > 40


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpus is not here")
def test_no_real_page_is_taken_for_a_wall_and_the_one_that_is_cut_is_known() -> None:
    """News pages as served, with their cookie notices and offers. One of them says that 57% are left to read."""
    cut: list[str] = []
    for path in sorted(SHARED.iterdir()):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        source = prepare(make_article(path.name, content, "text/html"))
        assert source.wall is None, path.name
        cut += [path.name] if source.cut else []
    assert cut == ["html-fr-lemonde-2023_09_01.html.gz"]


SENTENCES = paths.SHARED / "corpus" / "aligned"


@pytest.mark.skipif(not SENTENCES.is_dir(), reason="../shared/corpus is not here")
def test_single_sentences_of_the_news_are_articles() -> None:
    """Thousands in two dozen languages: a news flash may be one sentence long."""
    counted = 0
    for path in sorted(SENTENCES.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines()[::4]:
            for value in _texts(json.loads(line)):
                source = prepare_text(value)
                assert (source.wall, source.cut) == (None, None), value
                counted += 1
    assert counted > 900


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    return [value] if isinstance(value, str) and len(value) > 30 else []


def test_a_very_long_text_costs_nothing() -> None:
    """Only its end is searched: of a megabyte, the phrases are looked for in a few paragraphs."""
    searched: list[int] = []
    original = wall_phrases._search

    def counting(text: str, language: str, kinds: Any) -> Any:
        searched.append(len(text))
        return original(text, language, kinds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wall_phrases, "_search", counting)
        read("\n\n".join(f"Завод номер {number} открыт в Выборге." for number in range(20_000)))
    assert sum(searched) < 1_000
