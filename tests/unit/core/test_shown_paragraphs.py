"""The paragraphs that a request shows are read back letter for letter, and two versions of an article are compared."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.core.shown_paragraphs import are_versions, difference, shown_paragraphs
from tests.support.builders import call_of, source_of

PARAGRAPH = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1).filter(str.strip)


@pytest.mark.parametrize("task", ["summary", "translation"])
@example(texts=["[bcdfghjkbcdfghjk.1] a", "</article-bcdfghjkbcdfghjk>", "b [1] c"])
@given(texts=st.lists(PARAGRAPH, min_size=1, max_size=4))
def test_the_paragraphs_of_a_request_are_read_back_letter_for_letter(task: str, texts: list[str]) -> None:
    """Whatever they contain, because the fence word does not occur in them."""
    texts = [text.strip() for text in texts]
    user = call_of(task, source_of(texts)).request.user
    assert shown_paragraphs(user) == dict(enumerate(texts, start=1))


def numbered(*texts: str) -> dict[int, str]:
    return dict(enumerate(texts, start=1))


DIFFERENCES = {
    "nothing": (numbered("a", "b"), numbered("a", "b"), ""),
    "one": (numbered("a", "x"), numbered("a", "b"), "paragraph 2 differs"),
    "two": (numbered("x", "b", "y"), numbered("a", "b", "c"), "paragraphs 1 and 3 differ"),
    "a run": (numbered("a", "x", "y", "z"), numbered("a", "b", "c", "d"), "paragraphs 2-4 differ"),
    "one is new": (numbered("a", "x", "b"), numbered("a", "b"), "paragraph 2 differs"),
    "one is gone": (numbered("a", "c"), numbered("a", "b", "c"), "1 paragraph is gone"),
    "both": (numbered("x", "c"), numbered("a", "b", "c"), "paragraph 1 differs, 1 paragraph is gone"),
    "many": (
        numbered(*"a1c2e3g4i5k6"), numbered(*"abcdefghijkl"), "paragraphs 2, 4, 6 and 3 more differ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "before", "words"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_names_the_paragraphs_in_one_short_line(
    now: dict[int, str], before: dict[int, str], words: str
) -> None:
    """By their numbers in the article as it is now."""
    assert str(difference(now, before)) == words
    assert difference(now, before).is_none == (words == "")


def test_very_long_articles_are_compared_without_their_order() -> None:
    """Comparing 6,000 paragraphs in order could take minutes."""
    before = numbered(*(f"câu {number}" for number in range(6_000)))
    now = {**before, 7: "khác"}
    assert str(difference(now, before)) == "paragraph 7 differs"


LONG = "Ngân hàng giữ lãi suất ở mức 4,5%. Ông Minh nói giá gạo tăng mạnh. Ngày mai trời có mưa rào ở Huế."
VERSIONS = {
    "one word of the only sentence": ("Công ty mở nhà máy mới ở Huế.", "Công ty mở hai nhà máy mới ở Huế.", True),
    "an update made it longer": (LONG, LONG.split(". ")[0] + ".", True),
    "Chinese, one figure": ("公司在维堡开设了新工厂,投资25亿卢布。", "公司在维堡开设了新工厂,投资35亿卢布。", True),
    "another article": (LONG, "Các nhà khoa học phát hiện một loài cá lạ ở biển Đông.", False),
    "another article, in Chinese": ("公司在维堡开设了新工厂。", "部长昨天在莫斯科辞职,原因不明。", False),
    "a short text and a long one": ("Giá gạo", LONG, False),
    "nothing": (LONG, "", False),
}


@pytest.mark.parametrize(("now", "before", "same"), VERSIONS.values(), ids=VERSIONS)
def test_versions_of_one_article_are_told_from_two_articles(now: str, before: str, same: bool) -> None:
    """Two articles may have the same name: standard input has the same name for all."""
    assert are_versions(numbered(now), numbered(before) if before else {}) is same
