"""Cuts a translation into parts, one request each, and joins their answers."""

from __future__ import annotations

from collections.abc import Iterator

from dragoman.core.answers import TranslatedParagraph, Translation
from dragoman.core.source import Paragraph, Source
from dragoman.tasks.parse import Answer

PART_CHARACTERS = 8_000
"""Most characters of source in one part, unless a single paragraph is longer. The English of 8,000 Han characters has
about 10,000 tokens, well below the output limit and the timeout."""


def groups(source: Source) -> Iterator[tuple[Paragraph, ...]]:
    """The paragraphs of each part, in order. Every paragraph is in exactly one part and is never cut."""
    group: list[Paragraph] = []
    length = 0
    for paragraph in source.paragraphs:
        size = paragraph.end - paragraph.start
        if group and length + size > PART_CHARACTERS:
            yield tuple(group)
            group, length = [], 0
        group.append(paragraph)
        length += size
    if group:
        yield tuple(group)


def joined(answers: list[Answer]) -> Answer:
    """One answer from the answers of all parts: a translation with its paragraphs in order, or the only answer."""
    if isinstance(answers[0], Translation):
        entries: list[TranslatedParagraph] = []
        for translation in answers:
            assert isinstance(translation, Translation)
            entries += translation.paragraphs
        return Translation(paragraphs=sorted(entries, key=lambda entry: entry.paragraph))
    return answers[0]
