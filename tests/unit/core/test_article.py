"""The id of an article is a safe file name, made from its name and its bytes."""

from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.article import article_id, make_article
from dragoman.core.text import sha256

DIGEST = sha256("Bài 1")


def test_an_id_is_a_slug_and_ten_digits_of_the_digest() -> None:
    """A name that the slug does not hold completely has four digits of its own digest too. Ids name files in OUT."""
    assert article_id("bai-1.txt", DIGEST) == f"bai-1-txt-{DIGEST[:10]}"
    name = "economy/Bài 1.txt"
    assert article_id(name, DIGEST) == f"economy-bai-1-txt-{sha256(name)[:4]}-{DIGEST[:10]}"


@given(st.text(max_size=200))
def test_any_name_gives_a_short_safe_file_name(name: str) -> None:
    """Lower-case letters, digits and single hyphens; at most 48 of the slug, 4, 10 and two hyphens."""
    id_ = article_id(name.encode("utf-8", "replace").decode(), DIGEST)
    assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", id_)
    assert len(id_) <= 48 + 1 + 4 + 1 + 10


def test_the_slug_of_a_long_name_has_48_characters() -> None:
    """Long enough to recognise the article, short enough for any file system with the names that OUT adds."""
    slug = article_id("a" * 300 + ".txt", DIGEST).split("-")[0]
    assert len(slug) == 48


def test_an_article_knows_its_digest_and_size() -> None:
    """Both are of the bytes, and the size is not the number of characters."""
    article = make_article("a.txt", "é".encode(), "text/plain")
    assert (article.sha256, article.size) == (sha256("é"), 2)
    assert article.id == article_id("a.txt", article.sha256)


@given(st.text(), st.text(max_size=5))
def test_an_id_is_a_safe_file_name_on_any_system(name: str, content: str) -> None:
    """An id consists of lower-case ASCII letters, digits and hyphens, is short, is never a device name of Windows, and
    ends in the digest.
    """
    id = make_article(name.encode("utf-8", "replace").decode(), content.encode("utf-8", "replace"), "text/plain").id
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)
    assert len(id) <= 80
    assert re.fullmatch(r".*[0-9a-f]{10}", id)
    assert not re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", id)


def test_an_id_says_where_the_article_came_from() -> None:
    assert article_id("economy/Bài 1.txt", DIGEST).startswith("economy-bai-1-")
    assert article_id("Đồng Đăng.html", DIGEST).startswith("dong-dang-")


def test_the_same_name_with_other_bytes_has_another_id() -> None:
    one, other = (make_article("a.txt", content, "text/plain") for content in (b"1", b"2"))
    assert one.id != other.id
    assert make_article("a.txt", b"1", "text/plain").id == one.id


SIMILAR = [
    "新闻.txt", "新闻 副本.txt", "新聞.txt", "ข่าว.txt", "a b.txt", "a-b.txt", "a_b.txt", "a/b.txt", "a.b.txt", "a.txt",
    "a.md", "a.html", "A.txt", "a.TXT", "á.txt", "a\u0301.txt", " a.txt", "đ.txt", "d.txt", "a" * 60 + "1.txt",
    "a" * 60 + "2.txt", "1/a.txt", "-a.txt", "txt", ".txt",
]  # fmt: skip


def test_two_names_of_the_same_bytes_have_two_ids() -> None:
    """Two identical files get two records; with one id, one record would silently replace the other."""
    same = [pair for pair in combinations(SIMILAR, 2) if article_id(pair[0], DIGEST) == article_id(pair[1], DIGEST)]
    assert same == []
