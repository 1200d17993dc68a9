"""The English texts of an answer, with their paths in the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dragoman.core.answers import Translation
from dragoman.core.field_paths import claim_path, key_point_path, translation_path
from dragoman.core.record import CheckedSummary


class EnglishField(NamedTuple):
    """One text of an answer. ``paragraph`` is the number of the paragraph that a claim names or that a translation
    translates; None for a text about the whole article."""

    path: str
    text: str
    paragraph: int | None = None


def english_fields(summary: CheckedSummary | None, translation: Translation | None) -> Iterator[EnglishField]:
    """Every English text of an answer, in the order of the record."""
    if summary is not None:
        yield from running_text(summary)
        for claim in summary.claims:
            yield EnglishField(claim_path(claim.id, "text_en"), claim.text_en, claim.paragraph)
    if translation is not None:
        for entry in translation.paragraphs:
            yield EnglishField(translation_path(entry.paragraph), entry.text_en, entry.paragraph)


def running_text(summary: CheckedSummary) -> Iterator[EnglishField]:
    """The title, the abstract and the key points."""
    yield EnglishField("title_en", summary.title_en)
    yield EnglishField("abstract", summary.abstract)
    for number, point in enumerate(summary.key_points, start=1):
        yield EnglishField(key_point_path(number), point)
