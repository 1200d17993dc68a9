"""Text in another language is recognised by its script, by its common words, and only then by a detector."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.checks.language import _is_plainly_english, not_english
from tests.conftest import shared

FOREIGN = {
    "vi": "Cảng nước sâu đã bốc dỡ hơn hai triệu tấn hàng hóa trong mười tháng đầu năm nay.",
    "es": "El embalse está al dieciocho por ciento de su capacidad y la planta se retrasa otra vez.",
    "de": "Das Werk hat im vergangenen Jahr mehr als neunzig Millionen Euro Umsatz gemacht und wächst weiter.",
    "fr": "La municipalité a décidé de fermer le pont pendant trois mois afin de le réparer entièrement.",
    "id": "Pemerintah daerah menutup jembatan itu selama tiga bulan untuk diperbaiki sepenuhnya tahun ini.",
    "ru": "Завод закрыли на три месяца, чтобы отремонтировать крышу.",
    "zh-Hans": "工厂关闭三个月以修理屋顶。",
    "ar": "أغلق المصنع ثلاثة أشهر لإصلاح السقف.",
    "hi": "कारख़ाना छत की मरम्मत के लिए तीन महीने बंद रहा।",
}
ENGLISH = (
    "Hòn Chớ deep-water port passes 2 million tonnes of cargo",
    "Nghiêm Bá Lộc denies tolls",
    "Azov, 19 November 2026. Roman Belousov, special correspondent",
    "Tags: deep-water port, container, Khánh Hòa, logistics",
    "“Khuông Việt Báo Sóng Đông” (匡達) reported it.",
    "Photo: Íñigo Balaguer Sanz",
    "2026-11-26 20:26:01 Source: chinanews.com Writer: Yue Chuanlin Editor Yue Chuanlin Photo Zhu Yanjing",
    "Game 4 in Kusanagi, Hamamatsu Johoku Tech 0, Shimada Commercial 5, Game time 1 hr 26 min",
    "Ningcheng Balihan Aged Cellar Big Jar Baijiu 52 Degrees Cellar Stored Grain Baijiu 10 jin",
    "",
    "12.5 %",
)

WORDS = (
    "the", "of", "In", "and,", "to", "a", "x", "The–", "(of", "that)", "“in", "on”", "bridge", "mit", "sich", "công",
    "trình", "wegen", "1,5", "-", "it’s", "is.", "завод", "工厂", "é",
)  # fmt: skip


@pytest.mark.parametrize(("language", "text"), FOREIGN.items(), ids=FOREIGN)
def test_an_answer_in_the_language_of_the_article_is_reported(language: str, text: str) -> None:
    """This is the most common mistake: the model answers in the language that it reads."""
    assert not_english(text, language)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_with_foreign_names_is_english(text: str) -> None:
    """Names, bylines and quotations do not make a text foreign."""
    assert not_english(text, "vi") is None


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_text_that_the_quick_check_accepts_is_english(text: str) -> None:
    """The law between the quick check and `not_english`: it accepts no text that the full check reports."""
    if _is_plainly_english(text):
        assert not_english(text, "vi") is None


def test_the_quick_check_accepts_most_english_sentences() -> None:
    """Otherwise it would save no time."""
    lines = shared("corpus", "aligned", "ntrex_numeral_rich.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert sum(_is_plainly_english(row["en"]) for row in rows) > len(rows) / 2
    assert not any(_is_plainly_english(text) for row in rows for text in row["translations"].values())


def test_english_news_sentences_pass_and_their_translations_are_reported() -> None:
    """Floors on 110 news sentences and their human translations into 23 languages (measured 2026-11: 0 and 85)."""
    lines = shared("corpus", "aligned", "ntrex_numeral_rich.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["en"] for row in rows if not_english(row["en"], "vi")] == []
    pairs = [(text, language) for row in rows for language, text in row["translations"].items()]
    missed = sum(not_english(text, language) is None for text, language in pairs)
    assert missed <= 0.034 * len(pairs)


@pytest.mark.parametrize(
    ("text", "language", "is_reported"),
    [
        pytest.param("El embalse está casi vacío hoy", "es", False, id="six words"),
        pytest.param("El embalse está casi vacío hoy mismo", "es", True, id="seven words of the source's language"),
        pytest.param("El embalse está casi vacío hoy mismo", "vi", False, id="seven words of another language"),
        pytest.param("El embalse está casi vacío hoy mismo otra vez", "vi", True, id="nine words of another language"),
    ],
)
def test_a_short_text_is_judged_with_care(text: str, language: str, is_reported: bool) -> None:
    """Names and bylines mislead the detector, so few words must be in the language of the source."""
    assert (not_english(text, language) is not None) is is_reported


@pytest.mark.parametrize(("foreign", "is_reported"), [(39, False), (41, True)])
def test_forty_percent_of_foreign_letters_make_a_text_foreign(foreign: int, is_reported: bool) -> None:
    """Names and quotations in brackets stay below it."""
    text = "a" * (100 - foreign) + " " + "ж" * foreign
    assert (not_english(text, "ru") is not None) is is_reported


@pytest.mark.parametrize(("common", "is_reported"), [(3, True), (4, False)])
def test_eight_percent_of_common_words_make_a_text_english(common: int, is_reported: bool) -> None:
    """Fifty words need four. English headlines have 15 percent."""
    spanish = ("El embalse está al dieciocho por ciento de su capacidad y la planta se retrasa otra vez " * 4).split()
    words = [*spanish[: 50 - common], *["the"] * common]
    assert (not_english(" ".join(words), "es") is not None) is is_reported
