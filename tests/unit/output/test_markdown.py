"""Pages for people: what they contain, and that no name, title or quote can change their structure.

Pages are parsed as CommonMark with tables and strike-through, like on GitHub.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dragoman.core.field_paths import translation_path
from dragoman.core.header import header_of
from dragoman.core.record import Finding, Record
from dragoman.evidence.checks.finding import finding
from dragoman.output import markdown
from dragoman.output.read import read_source
from tests.support.commands import REPLAY, SAMPLES, here, records

COMMONMARK = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

HOSTILE = {
    "link": "[click](https://evil.example)",
    "reference link": "[click][1]\n\n[1]: https://evil.example",
    "image": "![](https://evil.example/pixel.png)",
    "autolink": "<https://evil.example>",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "html block": "\n\n<div onclick=alert(1)>\n",
    "comment": "<!-- hidden",
    "closing comment": "--> visible",
    "entity": "&lt;b&gt; &#60;script&#62; &amp;amp;",
    "backticks": "` `` ``` code",
    "fence": "\n\n```\nall that follows is code",
    "tilde fence": "\n~~~\nall that follows is code",
    "table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "heading": "\n# A new heading",
    "underlined heading": "\n===",
    "rule": "\n\n---\n\n",
    "stars rule": "* * *",
    "list": "\n- item",
    "number": "1. first",
    "bracketed number": "1) first",
    "quote": "\n> quoted",
    "indented code": "\n\n    code",
    "emphasis": "*a* _b_ **c** __d__ ~~e~~",
    "backslash at the end": "ends with \\",
    "hard break": "two spaces  \nnext",
    "task": "[ ] todo [x] done",
    "footnote": "[^1] and [^1]: note",
    "escape sequence": "\x1b[2J\x1b]0;owned\x07",
    "controls": "a\x00b\x08c\x7fd\x85e\x9bf",
    "override": "abc \u202egpj.exe",
    "isolates": "\u2066abc\u2069 \u2067def \u2068ghi",
    "line separators": "a\u2028b\u2029c",
    "nothing": "",
    "white space": " \t ",
    "long": "word " * 2_000,
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "out"
    done = here("run", SAMPLES, "-o", folder, "--task", "summary", "--task", "translation", *REPLAY)
    assert done.code == 0
    return folder


@pytest.fixture(scope="module")
def sample(out: Path) -> Record:
    return next(
        record
        for record in map(Record.model_validate, records(out))
        if record.summary is not None
        and any(claim.quantities for claim in record.summary.claims)
        and any(claim.speaker_en for claim in record.summary.claims)
    )


def tokens(page: str) -> Iterator[Token]:
    for token in COMMONMARK.parse(page):
        yield token
        yield from token.children or ()


def shape(page: str) -> list[tuple[str, str]]:
    """The structure of a page: its block tokens, and its inline tokens other than text."""
    return [(token.type, token.tag) for token in tokens(page) if token.type not in ("text", "text_special", "inline")]


def links(page: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(page) if token.type == "link_open"]


def hostile(record: Record, text: str) -> Record:
    """A record with the same words in every field that articles and models fill."""
    assert record.summary is not None
    assert record.translation is not None
    assert record.source is not None
    claims = [
        claim.model_copy(
            update={
                "text_en": text,
                "quote": text,
                "speaker_en": text,
                "speaker_source": f"{text} too",
                "quantities": [
                    quantity.model_copy(update={"quote": text, "unit": text}) for quantity in claim.quantities
                ],
            }
        )
        for claim in record.summary.claims
    ]
    summary = record.summary.model_copy(
        update={
            "title_en": text,
            "abstract": text,
            "key_points": [text, text, text],
            "author": text,
            "publisher": text,
            "syndicated_from": text,
            "entities": [
                entity.model_copy(update={"name_en": text, "name_source": f"{text} too"})
                for entity in record.summary.entities
            ],
            "claims": claims,
        }
    )
    finding = Finding(
        check="quotes", severity="error", field="claims.c1.quote", paragraph=1, start=None, end=None,
        expected=text, got=text, message=f"not found: {text}",
    )  # fmt: skip
    translation = record.translation.model_copy(
        update={
            "paragraphs": [entry.model_copy(update={"text_en": text}) for entry in record.translation.paragraphs],
        }
    )
    return record.model_copy(
        update={
            "article": record.article.model_copy(update={"name": text}),
            "summary": summary,
            "translation": translation,
            "findings": [finding],
        }
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_changes_the_structure_of_an_article_page(text: str, sample: Record) -> None:
    """Put into every field, a text leaves the structure, links and direction of the page unchanged."""
    page = markdown.article_page(hostile(sample, text), None)
    plain = markdown.article_page(hostile(sample, "plain words"), None)
    if text.strip():
        assert shape(page) == shape(plain)
    assert links(page) == links(plain)
    assert not any(token.type in ("image", "html_block", "html_inline") for token in tokens(page))
    harmless(page)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_changes_the_structure_of_the_index(text: str, sample: Record) -> None:
    """The index keeps one line and one link per article, whatever the articles are called."""
    page = markdown.index_page(map(header_of, [hostile(sample, text), sample]))
    plain = markdown.index_page(map(header_of, [hostile(sample, "plain words"), sample]))
    if text.strip():
        assert shape(page) == shape(plain)
    assert len(links(page)) == 2
    assert all(re.fullmatch(r"articles/[a-z0-9-]+\.md", link) for link in links(page))
    harmless(page)


def harmless(page: str) -> None:
    for letter in page:
        kind = unicodedata.category(letter)
        assert kind != "Cc" or letter == "\n", f"the page has a control character: {letter!r}"
        assert letter not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", (
            f"the page has a mark of direction: {letter!r}"
        )
        assert kind not in ("Zl", "Zp")


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_escaped_text_is_one_paragraph_of_plain_text(text: str) -> None:
    """Any text, once escaped, is parsed as nothing but text."""
    page = markdown.escape(text)
    found = [token.type for token in tokens(page)]
    assert set(found) <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}
    assert found.count("paragraph_open") <= 1


@given(st.text(alphabet="abc0123456789*_`[]()<>#+-.!|~&;:/=\\ ", min_size=1, max_size=40))
@settings(max_examples=300, deadline=None)
def test_escaped_text_is_displayed_as_it_was(text: str) -> None:
    """Escaping hides nothing: a reader sees what was written, apart from white space."""
    shown = "".join(token.content for token in tokens(markdown.escape(text)) if token.type in ("text", "text_special"))
    assert shown.split() == text.split()


@pytest.mark.parametrize(
    "text", ["Hòn Chớ vượt mốc 2 triệu tấn", "“धूप मुफ़्त है, पानी नहीं।”", "经济增长了15%。", "12 (a)", "2026 budget"]
)
def test_plain_words_of_any_script_are_not_escaped(text: str) -> None:
    """Joiners, marks and punctuation of other scripts are not control characters."""
    assert markdown.escape(text) == text


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क\u200dष", "(2026)\u200f"], ids=["non-joiner", "joiner", "mark"])
def test_joiners_and_marks_of_other_scripts_stay(text: str) -> None:
    """They shape letters in Persian and Hindi and place brackets in Arabic, but reorder nothing."""
    assert markdown.escape(text) == text


def test_a_page_has_problems_first_then_the_summary_then_claims_with_their_evidence(out: Path, sample: Record) -> None:
    """Title, facts, findings, abstract, claims with quote and offsets, and provenance."""
    assert sample.summary is not None
    page = (out / f"articles/{sample.article.id}.md").read_text("utf-8")
    assert page.startswith(f"# {markdown.escape(sample.summary.title_en)}\n")
    claim = sample.summary.claims[0]
    place = f"characters {claim.evidence.start}–{claim.evidence.end}, {claim.evidence.match}"
    order = [
        page.index(words) for words in ("## Key points", "## Claims", "### c1 ", place, "## Translation", "SHA-256")
    ]
    assert order == sorted(order)
    assert f"sources/{sample.article.id}.txt" in page
    assert "reply written by hand" in page


def test_a_page_is_the_same_for_the_same_record(out: Path, sample: Record) -> None:
    """The page on disk is made of the record and its source only, byte for byte."""
    page = (out / f"articles/{sample.article.id}.md").read_text("utf-8")
    assert markdown.article_page(sample, read_source(out, sample)) == page


def with_translation_errors(record: Record, *paragraphs: int) -> Record:
    """The record with an error finding on the translation of these paragraphs."""
    found = [
        finding("translation.place", "error", translation_path(n), f"paragraph {n} is another one", paragraph=n)
        for n in paragraphs
    ]
    return record.model_copy(update={"findings": [*record.findings, *found]})


def test_a_finding_on_a_translated_paragraph_is_shown_there_beside_its_source(sample: Record, out: Path) -> None:
    """So that two paragraphs that were exchanged can be compared. Other paragraphs are as they were."""
    source = read_source(out, sample)
    assert source is not None
    assert sample.translation is not None
    page = markdown.article_page(with_translation_errors(sample, 2, 3), source)
    under = page.partition("## Translation\n")[2].partition("\n## Source")[0]
    for entry in sample.translation.paragraphs:
        block = under.partition(f"**{entry.paragraph}** ")[2].partition("\n\n**")[0]
        english = markdown.escape(entry.text_en)
        expected = [english]
        if entry.paragraph in (2, 3):
            what = f"`translation.{entry.paragraph}`, paragraph {entry.paragraph}: paragraph {entry.paragraph} is"
            expected += [
                f"✗ error in {what} another one", f"> {markdown.escape(source.paragraph_text(entry.paragraph))}",
            ]  # fmt: skip
        assert block.strip().split("\n\n") == expected
