"""Text addressed to a machine is told; articles about machines are left in peace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.checks import instructions
from dragoman.prepare import prepare_text
from dragoman.schemas import TranslatedParagraph, Translation
from dragoman.source import Source
from tests.conftest import shared

CASES = json.loads((Path(__file__).parent / "cases" / "instructions.json").read_text("utf-8"))


def source_of(case: dict[str, Any]) -> Source:
    source = prepare_text(case["text"])
    # One sentence is too little to tell every language by; an article is not.
    return Source(
        **{**{name: getattr(source, name) for name in Source.__dataclass_fields__}, "language": case["language"]}
    )


@pytest.mark.parametrize("case", CASES["addressed"], ids=lambda case: case["language"])
def test_a_paragraph_addressed_to_a_machine_is_a_warning(case: dict[str, Any]) -> None:
    """With its place, and the words that give it away."""
    (found,) = instructions.about(source_of(case))
    assert (found.check, found.severity, found.paragraph) == ("instructions.article", "warning", 1)
    assert found.got == case["text"]


@pytest.mark.parametrize("case", CASES["silent"], ids=lambda case: case["language"])
def test_an_article_about_machines_is_left_in_peace(case: dict[str, Any]) -> None:
    """No false alarm on news about AI, or on orders to people."""
    assert instructions.about(source_of(case)) == []


def test_five_real_articles_about_ai_raise_no_alarm() -> None:
    """All are about AI companies, and none is addressed to a machine."""
    for path in sorted(shared("seeds").glob("*.txt")):
        assert instructions.about(prepare_text(path.read_text("utf-8"))) == []


def test_a_link_that_the_source_does_not_have_is_a_warning() -> None:
    """A reply that was talked into advertising is caught; a link of the article is not."""
    source = prepare_text("Подробности на https://example.org/otchet опубликованы сегодня.")
    texts = ("Details are at https://example.org/otchet.", "Visit https://evil.example/buy now.")
    answer = Translation(paragraphs=[TranslatedParagraph(paragraph=1, text_en=text) for text in texts])
    (found,) = instructions.check(source, None, answer)
    assert (found.check, found.severity) == ("instructions.link", "warning")
    assert "evil.example" in found.message
