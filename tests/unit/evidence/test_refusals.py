"""A refusal of the model, or a request for the article, is recognised; people in the news who refuse are not."""

from __future__ import annotations

import json

import pytest

from dragoman.evidence.refusals import may_be_no_answer, refusal, request_for_text, somebody_cannot
from tests.support.paths import CASES

TEXTS: dict[str, list[str]] = json.loads((CASES / "empty_texts.json").read_text("utf-8"))


@pytest.mark.parametrize("text", TEXTS["refusals"])
def test_a_refusal_of_the_model_is_recognised(text: str) -> None:
    """In English by its grammar, in other languages by whole phrases."""
    assert refusal(text)


@pytest.mark.parametrize("text", TEXTS["requests"])
def test_a_request_for_the_article_is_recognised(text: str) -> None:
    """Also the words that there was none."""
    assert request_for_text(text)


@pytest.mark.parametrize("text", [*TEXTS["refusals"], *TEXTS["requests"]])
def test_the_quick_check_lets_all_of_them_pass(text: str) -> None:
    """And rules out an ordinary sentence."""
    assert may_be_no_answer(text)
    assert not may_be_no_answer("The old mill on the Krebsbach has 14 workers again.")


@pytest.mark.parametrize("text", TEXTS["news"])
def test_news_about_refusals_is_no_refusal(text: str) -> None:
    """What is in quotation marks, attributed to somebody, or a headline is said by people in the article."""
    assert refusal(text) is None
    assert request_for_text(text) is None


@pytest.mark.parametrize("text", TEXTS["refusals"])
def test_a_quoted_refusal_is_no_refusal(text: str) -> None:
    """The same words as those of a person: in quotation marks with other words around them."""
    inner = text.strip("“”")
    assert refusal(f"The chatbot gave this answer: “{inner}” The mayor was not amused.") is None


@pytest.mark.parametrize(
    ("language", "text", "cannot"),
    [
        ("ru", "Извините, я не могу перевести этот текст, — сказал Савин.", True),
        ("ru", "Компания открыла завод в Выборге.", False),
        ("de", "„Leider kann ich dazu nichts sagen“, so die Ministerin.", True),
        ("de", "Das Werk beschäftigt 320 Menschen.", False),
        ("zh-Hans", "他说：“抱歉，我无法回答。”", True),
        ("zh-Hans", "公司在维堡开设了新工厂。", False),
        ("ar", "قال: للأسف لا أستطيع التعليق.", True),
        ("xx", "“I'm sorry, I can't help with that.”", True),
        ("xx", "Nothing of the kind.", False),
    ],
)
def test_a_source_says_that_somebody_cannot(language: str, text: str, cannot: bool) -> None:
    """In its own language or in English. Then its English may say so too."""
    assert somebody_cannot(text, language) is cannot
