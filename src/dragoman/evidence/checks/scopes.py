"""The texts with which the figures of a claim are compared, from its quote to the whole source.

An article may come with several printed paragraphs in one, so the paragraph of a quote can have many figures that
belong to other statements. The sentence around the quote is between the two: a figure there is nearer to the claim.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from dragoman.core.record import CheckedClaim
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import stated_paragraph
from dragoman.evidence.checks.quantities import TextQuantities, read, read_sentence, start_of
from dragoman.evidence.checks.quoted import quoted_words
from dragoman.evidence.sentences import split_text

LONGEST_REST = 600
"""Characters before and after a quote in which its sentence begins and ends. Longer sentences are lists, in which the
next figure belongs to another item."""


def claim_scopes(
    source: Source, claim: CheckedClaim, whole: TextQuantities, paragraph_of: Callable[[int], TextQuantities]
) -> list[TextQuantities]:
    """The quote, its sentence, its paragraph and the whole source, without repetitions.

    ``paragraph_of`` returns the figures of a paragraph by its number.
    There is no sentence if the quote is absent, or if its script does not mark the ends of sentences. An absent quote
    has the paragraph that the claim names.
    """
    quote = read(quoted_words(source, claim), source.language)
    number = claim_paragraph(source, claim)
    if number is None:
        return [quote, whole]
    paragraph = source.paragraphs[number - 1]
    scopes = [quote, paragraph_of(number), whole]
    span = claim.evidence.span
    if span is not None and (sentence := _sentence(whole, span, (paragraph.start, paragraph.end))) is not None:
        scopes.insert(1, sentence)
    return scopes


def nearest(scopes: Sequence[TextQuantities]) -> TextQuantities:
    """The quote, or the sentence around it if only that has figures. ``scopes`` are those of a claim."""
    return next((scope for scope in close_to(scopes) if scope.quantities), scopes[0])


def close_to(scopes: Sequence[TextQuantities]) -> Sequence[TextQuantities]:
    """The quote of a claim and its sentence: all of its scopes but the paragraph and the whole source."""
    return scopes[:-2] or scopes[:1]


def claim_paragraph(source: Source, claim: CheckedClaim) -> int | None:
    """The number of the paragraph that has the quote of a claim, or else of the one that the claim names."""
    start = claim.evidence.start
    return source.paragraph_at(start) if start is not None else stated_paragraph(source, claim)


def in_parts(whole: TextQuantities, parts: Sequence[tuple[int, int]]) -> TextQuantities:
    """The figures of the source that begin in a piece of a quote. They have their hedges, which the quote may lack."""
    figures = whole.quantities
    places = (
        (bisect_left(figures, low, key=start_of), bisect_left(figures, high, key=start_of)) for low, high in parts
    )
    placed = (figures[first:last] for first, last in places)
    return replace(whole, quantities=tuple(chain.from_iterable(placed)))


def _sentence(whole: TextQuantities, span: tuple[int, int], paragraph: tuple[int, int]) -> TextQuantities | None:
    """The sentences of a paragraph that the quote at ``span`` touches; None if they are the quote or all that is near
    it."""
    first, last = max(paragraph[0], span[0] - LONGEST_REST), min(paragraph[1], span[1] + LONGEST_REST)
    near = read_sentence(whole, first, last)
    touched = [
        (first + low, first + high)
        for low, high in split_text(near.text, near.quantities)
        if first + low < span[1] and span[0] < first + high
    ]
    if not touched:
        return None
    start, end = touched[0][0], touched[-1][1]
    return None if (start, end) in ((first, last), span) else read_sentence(whole, start, end)
