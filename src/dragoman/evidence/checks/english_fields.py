"""The fields of an answer that hold English, with their paths in the record."""

from __future__ import annotations

from collections.abc import Iterator

from dragoman.core.answers import Translation
from dragoman.core.record import CheckedSummary


def english_fields(summary: CheckedSummary | None, translation: Translation | None) -> Iterator[tuple[str, str]]:
    """(path such as ``claims.c3.text_en``, text), in the order of the record."""
    if summary is not None:
        yield "title_en", summary.title_en
        yield "abstract", summary.abstract
        for number, point in enumerate(summary.key_points, start=1):
            yield f"key_points.{number}", point
        for claim in summary.claims:
            yield f"claims.{claim.id}.text_en", claim.text_en
    if translation is not None:
        for entry in translation.paragraphs:
            yield f"translation.{entry.paragraph}", entry.text_en
