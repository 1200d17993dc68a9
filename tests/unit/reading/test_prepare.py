"""An article becomes numbered paragraphs without a changed letter, and every removal can be replayed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dragoman.core.article import Article, make_article
from dragoman.core.source import Source, replay
from dragoman.errors import ArticleError
from dragoman.reading.formats import MEDIA_TYPES
from dragoman.reading.prepare import prepare, prepare_text
from dragoman.reading.recipe import recipe
from tests.support import paths

CASES: dict[str, Any] = json.loads((paths.CASES / "prepare.json").read_text("utf-8"))
SEEDS = paths.SHARED / "seeds"


def plain(text: str) -> Article:
    return make_article("a.txt", text.encode(), "text/plain")


def refusal(article: Article) -> ArticleError:
    with pytest.raises(ArticleError) as caught:
        prepare(article)
    return caught.value


@pytest.mark.parametrize(
    "content", [b"", b" \r\n\t\n ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", "\u3000\u200b\u00a0".encode()]
)
@pytest.mark.parametrize("media_type", sorted(set(MEDIA_TYPES.values())))
def test_nothing_to_read_is_empty(content: bytes, media_type: str) -> None:
    assert refusal(make_article("a", content, media_type)).code == "empty"


@pytest.mark.parametrize("content", [b"<html><body><script>x()</script></body></html>", b"<!-- only a comment -->"])
def test_a_page_that_shows_nothing_is_empty(content: bytes) -> None:
    assert refusal(make_article("a.html", content, "text/html")).code == "empty"


def test_an_unknown_kind_is_unsupported_and_the_known_ones_are_listed() -> None:
    error = refusal(make_article("a.docx", b"PK\x03\x04", "application/zip"))
    assert error.code == "unsupported"
    assert all(ending in str(error) for ending in MEDIA_TYPES)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"\x89PNG\r\n\x1a\n", "binary"), ("Sẽ có đủ ".encode() * 20 + b"\xff\xff\xff", "undecodable")],
)
def test_a_refusal_names_the_article(content: bytes, code: str) -> None:
    error = refusal(make_article("kinh-te/bai.txt", content, "text/plain"))
    assert error.code == code
    assert str(error).startswith("kinh-te/bai.txt: ")


@pytest.mark.parametrize("case", CASES["hard_wrapped"], ids=lambda case: case["label"])
def test_hard_wrapped_blocks_are_one_paragraph(case: dict[str, Any]) -> None:
    source = prepare(plain(case["text"]))
    assert len(source.paragraphs) == case["paragraphs"]
    assert source.text == case["text"]


def test_only_plain_text_is_unwrapped() -> None:
    text = CASES["hard_wrapped"][0]["text"]
    wrapped = "<pre>" + text + "</pre>"
    assert len(prepare(make_article("a.html", wrapped.encode(), "text/html")).paragraphs) == 5


@pytest.mark.parametrize("case", CASES["repetition"], ids=lambda case: case["label"])
def test_a_repeated_text_is_dropped_once_and_names_what_it_repeats(case: dict[str, Any]) -> None:
    source = prepare(plain(case["text"]))
    assert len(source.paragraphs) == case["kept"]
    assert [step.reason for step in source.steps] == case["reasons"]
    assert replay(source.extracted, source.steps) == source.text


@pytest.mark.parametrize("case", CASES["controls"], ids=lambda case: case["label"])
def test_control_characters_are_removed_and_nothing_else(case: dict[str, Any]) -> None:
    source = prepare(plain(case["text"]))
    assert source.text == case["expected"]
    assert source.extracted == case["text"]


def test_controls_inside_a_repetition_are_removed_with_it() -> None:
    body = "A paragraph that is long enough to count when it is repeated, with eighty letters and more in it."
    text = f"\x00{body}\x01\nBet\x02ween.\n{body[:30]}\x03{body[30:]}\nEnd\x04."
    source = prepare(plain(text))
    assert source.text == f"{body}\nBetween.\nEnd."
    assert [step.reason for step in source.steps][3] == "repeats paragraph 1"
    assert [source.paragraph_text(number) for number in (1, 2, 3)] == [body, "Between.", "End."]


def test_a_title_repeated_above_its_body_stays() -> None:
    text = "Neue Brücke kommt\nHeute in der Zeitung\nNeue Brücke kommt\nDer Rat stimmte am Dienstag zu."
    assert prepare(plain(text)).steps == ()


def test_decoded_text_needs_no_file() -> None:
    source = prepare_text("\ufeffXin chào các bạn,\r\nhôm nay trời rất đẹp và mọi người đều vui.")
    assert (source.encoding_from, source.language, len(source.paragraphs)) == ("text", "vi", 2)
    assert prepare_text("a\ud800b").text == "a\ufffdb"
    assert prepare_text("# Xin chào *các* bạn", "text/markdown").text == "Xin chào các bạn"


def test_the_recipe_names_what_can_change_a_source() -> None:
    assert re.fullmatch(r"\d+( [a-z0-9-]+-(\d[\w.]*|none)){7}", recipe())


def test_heavy_libraries_are_not_imported_with_the_module() -> None:
    code = (
        "import sys, dragoman.reading.prepare\n"
        "heavy = {'trafilatura', 'lxml', 'charset_normalizer', 'gcld3', 'opencc', 'markdown_it'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))


def holds_its_laws(source: Source) -> None:
    assert replay(source.extracted, source.steps) == source.text
    assert Source.from_json(json.loads(json.dumps(source.to_json()))) == source
    position = 0
    covered = []
    for number, paragraph in enumerate(source.paragraphs, start=1):
        assert paragraph.number == number
        assert position <= paragraph.start < paragraph.end <= len(source.text)
        between = source.text[position : paragraph.start]
        assert not between.strip()
        assert number == 1 or "\n" in between
        text = source.paragraph_text(number)
        assert text == text.strip()
        covered.append(text)
        position = paragraph.end
    assert not source.text[position:].strip()
    dropped = "".join(source.extracted[step.start : step.end] for step in source.steps)
    added = "".join(step.replacement for step in source.steps)
    assert not added.strip()
    assert sorted(source.text + dropped) == sorted(source.extracted + added)


LINES = st.sampled_from(
    [
        "***",
        "a",
        "Refrain, refrain",
        "Ein kürzerer Absatz, der für sich allein nicht lang genug ist.",
        "Một đoạn văn đủ dài để được tính khi lặp lại, với hơn tám mươi ký tự trong đó, xin cảm ơn bạn.",
        "Một đoạn văn  đủ dài để được tính khi lặp lại, với hơn tám mươi ký tự trong đó, xin cảm ơn bạn.",
        "這一段文字足夠長，重複出現的時候應該被刪除，" * 4,
        "  indented\u00a0line\x00 with a control",
        "\x0c",
        "",
        "\u3000",
    ]
)


def outcome(article: Article) -> Source | str:
    """The source, or the code of the error."""
    try:
        return prepare(article)
    except ArticleError as error:
        return error.code


@settings(deadline=None)  # the first example imports the libraries
@given(st.lists(LINES, min_size=1, max_size=30))
def test_laws_hold_for_repeated_lines(lines: list[str]) -> None:
    result = outcome(plain("\n".join(lines)))
    if isinstance(result, Source):
        holds_its_laws(result)
    else:
        assert result in ("empty", "binary")


@settings(deadline=None)  # the first example imports the libraries
@given(st.text(max_size=500), st.sampled_from(sorted(set(MEDIA_TYPES.values()))))
def test_laws_hold_for_any_text(text: str, media_type: str) -> None:
    result = outcome(make_article("a", text.encode("utf-8-sig", "replace"), media_type))
    if isinstance(result, Source):
        holds_its_laws(result)
    else:
        assert result in ("empty", "unreadable")


@settings(deadline=None)  # the first example imports the libraries
@example(b"1\xb6", "text/html")  # bopomofo and not one Han character
@given(st.binary(max_size=300), st.sampled_from(sorted(set(MEDIA_TYPES.values()))))
def test_any_file_is_prepared_or_rejected(content: bytes, media_type: str) -> None:
    result = outcome(make_article("a", content, media_type))
    if isinstance(result, Source):
        holds_its_laws(result)
    else:
        assert result in ("empty", "binary", "undecodable", "unreadable")


HOSTILE = {
    "a megabyte of combining marks": "a" + "\u0301\u0323" * 250_000,
    "a million line feeds": "a" + "\n" * 1_000_000 + "b",
    "ten megabytes on one line": "xin chào các bạn " * 500_000,
    "spaces": "a" + " " * 1_000_000 + "b",
    "equal short lines": "a\n" * 100_000,
    "equal long lines": ("A line of more than eighty characters that occurs again and again" * 2 + "\n") * 20_000,
    "two lines in turn": "a\nb\n" * 50_000,
    "controls and repetitions": ("A line of more than eighty characters\x01 that comes again" * 2 + "\nb\n") * 10_000,
}


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_text_takes_linear_time(label: str) -> None:
    """Seconds of this process, with room for a slow machine; a quadratic step takes minutes."""
    began = time.process_time()
    holds = prepare(plain(HOSTILE[label]))
    assert replay(holds.extracted, holds.steps) == holds.text
    assert time.process_time() - began < 6


def test_a_usual_article_takes_milliseconds() -> None:
    article = plain("\n".join(f"Hội đồng thành phố đã họp lần thứ {n} để bàn về kế hoạch xây cầu." for n in range(180)))
    prepare(article)
    began = time.process_time()
    for _ in range(10):
        prepare(article)
    assert (time.process_time() - began) / 10 < 0.05


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed articles are not beside this checkout")
def test_the_seed_article_that_is_printed_twice_is_read_once() -> None:
    paths = sorted(SEEDS.glob("*.txt"))
    sources = [prepare(make_article(path.name, path.read_bytes(), "text/plain")) for path in paths]
    for source in sources:
        holds_its_laws(source)
    assert [len(source.steps) for source in sources] == [0, 0, 0, 0, 1]
    assert sources[4].steps[0].reason == "repeats paragraphs 4-38"
    assert len(sources[4].text) < 0.51 * len(sources[4].extracted)
