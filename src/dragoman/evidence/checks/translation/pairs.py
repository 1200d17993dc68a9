"""A paragraph of the source beside its English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dragoman.core.answers import Translation
from dragoman.core.once import once
from dragoman.core.source import Source
from dragoman.evidence.checks.quantities import TextQuantities, read, read_lines, read_part, read_sentence
from dragoman.evidence.checks.translation.lengths import deviation, expected_length, is_dense, typical_ratio
from dragoman.evidence.checks.translation.marks import marks
from dragoman.evidence.sentences import split_text


class Sentence(NamedTuple):
    """A sentence of one side, and what the other side should share with it."""

    text: str
    marks: frozenset[str]


@dataclass(frozen=True)
class Side:
    """One side of a pair: a text with its figures."""

    figures: TextQuantities

    @property
    def text(self) -> str:
        return self.figures.text

    @once
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences in order, with what each should share with the other side."""
        quantities = self.figures.quantities
        if (ranges := split_text(self.text, quantities)) == ((0, len(self.text)),):
            return (Sentence(self.text, marks(self.figures)),)
        parts = (read_sentence(self.figures, start, end) for start, end in ranges)
        return tuple(Sentence(part.text, marks(part)) for part in parts)

    @once
    def marks(self) -> frozenset[str]:
        """What the other side should share."""
        return frozenset().union(*(sentence.marks for sentence in self.sentences))


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
        return deviation(length, self.expected, is_dense=self.is_dense)

    @once
    def is_dense(self) -> bool:
        """Whether the source is mostly Chinese, Japanese or Korean."""
        return is_dense(self.source.text)


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
