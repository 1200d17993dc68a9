"""A paragraph of the source beside its English."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.answers import Translation
from dragoman.core.once import once
from dragoman.core.source import Source
from dragoman.evidence.checks.quantities import TextQuantities, read, read_lines, read_part
from dragoman.evidence.checks.translation.lengths import deviation, expected_length, is_dense, typical_ratio
from dragoman.evidence.checks.translation.marks import marks


@dataclass(frozen=True)
class Side:
    """One side of a pair: a text with its figures."""

    figures: TextQuantities

    @property
    def text(self) -> str:
        return self.figures.text

    @once
    def marks(self) -> frozenset[str]:
        """What the other side should share."""
        return marks(self.figures)


@dataclass(frozen=True)
class Pair:
    """A paragraph of the source and its English. ``place`` is where the paragraph stands in the source text;
    ``expected`` is the usual length of its English in this translation."""

    number: int
    place: tuple[int, int]
    source: Side
    english: Side
    expected: float

    def deviation(self, length: int) -> float:
        """By how many standard deviations a text of ``length`` characters is too long to be the English; negative if it
        is too short."""
        return deviation(length, self.expected, is_dense=is_dense(self.source.text))


def pairs_of(source: Source, translation: Translation) -> list[Pair]:
    """A pair for each paragraph of ``translation`` that ``source`` has, by number."""
    whole = read_lines(source.text, source.language)
    entries = [entry for entry in translation.paragraphs if 1 <= entry.paragraph <= len(source.paragraphs)]
    texts = [source.paragraph_text(entry.paragraph) for entry in entries]
    usual = [expected_length(text) for text in texts]
    ratio = typical_ratio((length, len(entry.text_en)) for length, entry in zip(usual, entries, strict=True))
    pairs = []
    for entry, length in zip(entries, usual, strict=True):
        paragraph = source.paragraphs[entry.paragraph - 1]
        place = paragraph.start, paragraph.end
        original, english = Side(read_part(whole, *place)), Side(read(entry.text_en, "en"))
        pairs.append(Pair(entry.paragraph, place, original, english, length * ratio))
    return sorted(pairs, key=lambda pair: pair.number)
