"""The sentences and quotations of a source begin and end where a reader sees them begin and end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.core.source import Source
from dragoman.evidence.figures import find
from dragoman.evidence.sentences import ParagraphParts, split_paragraphs
from dragoman.reading.prepare import prepare_text


def split(text: str, language: str) -> tuple[Source, list[ParagraphParts]]:
    source = replace(prepare_text(text), language=language)
    return source, list(split_paragraphs(source, find(source.text, language)))


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        pytest.param("de", ["Am 3. März kam Dr. Meier an.", "Er blieb."], id="a date and a title"),
        pytest.param("ru", ["А. П. Луговой назвал 1,3 млрд руб. убытка.", "Точка."], id="initials and a scale word"),
        pytest.param("pl", ["Tak podano w sprawozdaniu za 2025 r.", "Zarząd milczy."], id="a letter behind a year"),
        pytest.param("fr", ["« Quoi ? » demande-t-il.", "Rien."], id="a question within a quotation"),
        pytest.param("ru", ["«Мы успели!» — сказал мэр.", "Точка."], id="a dash behind a quotation"),
        pytest.param("en", ["“One.", "Two,” she said."], id="sentences within a quotation"),
        pytest.param(
            "ja", ["彼は「足りない。", "守れない。」と述べた。", "次。"], id="Japanese continues after a quotation"
        ),
        pytest.param("zh", ["他说：“不是。”", "公司亏损。"], id="Chinese does not"),
        pytest.param("hi", ["भाव बढ़ा।", "संघ चुप है।"], id="danda"),
        pytest.param("ko", ['그는 "결과다.', '경고했다."고 말했다.', "끝."], id="a particle behind a quotation"),
    ],
)
def test_sentences_end_where_a_reader_ends_them(language: str, parts: list[str]) -> None:
    """Marks in figures, after titles and inside sentences end nothing."""
    source, (paragraph_parts,) = split(" ".join(parts), language)
    assert [source.text[start:end] for start, end in paragraph_parts.sentences] == parts


def test_quotations_are_found_in_the_marks_of_each_language_and_not_between_them() -> None:
    """Text between two quotations is not a quotation."""
    text = 'a «b c» d «e», „f g“, “h”, 「i」, "j" k "l" »m«'
    source, (paragraph_parts,) = split(text, "en")
    found = [source.text[start:end] for start, end in paragraph_parts.quotations]
    assert found == ["«b c»", "«e»", "„f g“", "“h”", "「i」", '"j"', '"l"', "»m«"]


def test_thai_is_split_at_spaces() -> None:
    """Thai does not mark the ends of sentences, and ``is_marked`` says so."""
    _, (paragraph_parts,) = split("นางวรรณา กล่าวว่า ราคาลดลง", "th")
    assert not paragraph_parts.is_marked
    assert len(paragraph_parts.sentences) == 3
