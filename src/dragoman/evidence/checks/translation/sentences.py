"""Find a sentence on one side of a pair that has no counterpart on the other: left out, or added.

The sentences of both sides are aligned in order, by their lengths and by what they share, as Gale and Church align
parallel texts. One sentence may correspond to several, because translators join and divide them. The best alignment
that leaves a sentence without a counterpart must win clearly over the best one that leaves none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dragoman.evidence.checks.translation.lengths import deviation
from dragoman.evidence.checks.translation.marks import weight
from dragoman.evidence.checks.translation.pairs import Pair, Side

CERTAIN = 3.0
LIKELY = 0.0
"""By how much leaving a sentence out must win, as a log-likelihood. Of 19,600 honest paragraphs in 31 languages, one
wins by 3 and 18 win at all; of paragraphs from which one sentence was taken, 58 % win by 3 and 83 % at all."""

_JOINED = 1.5
"""Cost of each further sentence that another one is joined with."""

_LONELY = 3.0
"""Cost of a sentence without a counterpart."""

_MOST_JOINED = 6
_MOST_SENTENCES = 30
"""Sentences of a paragraph that are aligned, because the work grows with their square."""

_UNSEEN = 4
"""Sentences without a mark that are added to those of the paragraph, so that a mark weighs something in a short one."""

_MOST_LENGTH_COST = 12.0

_BLOCKS = (
    *((count, 1) for count in range(1, _MOST_JOINED + 1)),
    *((1, count) for count in range(2, _MOST_JOINED + 1)),
    (2, 2),
)
"""How many sentences of either side may correspond to each other."""


class Lonely(NamedTuple):
    """A sentence without a counterpart, and by how much the alignment that leaves it out wins."""

    text: str
    gain: float


class _Sentence(NamedTuple):
    text: str
    length: float
    """Of a sentence of the source, the usual length of its English."""
    marks: frozenset[str]


class _Path(NamedTuple):
    """The best alignment up to some place: its score, and the first sentence without a counterpart."""

    score: float
    lonely: int | None = None


_NO_PATH = _Path(-math.inf)


def omitted(pair: Pair) -> Lonely | None:
    """The sentence of the source that has no counterpart in its English, or None."""
    return _lonely(_sentences(pair.source, _per_character(pair)), _sentences(pair.english, 1.0), dense=pair.is_dense)


def added(pair: Pair) -> Lonely | None:
    """The sentence of the English that has no counterpart in the source, or None."""
    return _lonely(_sentences(pair.english, 1.0), _sentences(pair.source, _per_character(pair)), dense=pair.is_dense)


def _per_character(pair: Pair) -> float:
    return pair.expected / len(pair.source.text)


def _sentences(side: Side, per_character: float) -> Sequence[_Sentence]:
    return [_Sentence(text, per_character * len(text), marks) for text, marks in side.sentences]


def _lonely(sentences: Sequence[_Sentence], others: Sequence[_Sentence], *, dense: bool) -> Lonely | None:
    if not 2 <= len(sentences) <= _MOST_SENTENCES or len(others) > _MOST_SENTENCES:
        return None
    if _corresponds_one_to_one(sentences, others, dense=dense):
        return None
    complete, incomplete = _best_paths(sentences, others, dense=dense)
    gain = incomplete.score - complete.score
    if incomplete.lonely is None or gain < LIKELY:
        return None
    return Lonely(sentences[incomplete.lonely].text, gain)


def _corresponds_one_to_one(sentences: Sequence[_Sentence], others: Sequence[_Sentence], *, dense: bool) -> bool:
    """Whether each sentence fits its neighbour so well that no alignment without one of them can win.

    This quick look decides most paragraphs. An alignment that leaves a sentence out of as many must also leave out or
    join one of the others, and shares no mark more often than the side that has it less often.
    """
    if len(sentences) != len(others):
        return False
    weights = _weights(sentences)
    score = math.fsum(
        _score((one,), (other,), weights, dense=dense) for one, other in zip(sentences, others, strict=True)
    )
    counts = Counter(mark for other in others for mark in other.marks)
    own_counts = Counter(mark for sentence in sentences for mark in sentence.marks)
    most = math.fsum(weight * min(own_counts[mark], counts[mark]) for mark, weight in weights.items())
    return score > most - _LONELY - min(_LONELY, _JOINED) - LIKELY


def _best_paths(sentences: Sequence[_Sentence], others: Sequence[_Sentence], *, dense: bool) -> tuple[_Path, _Path]:
    """The best alignment in which each of ``sentences`` has a counterpart, and the best in which one or more have none.
    Any of ``others`` may have none."""
    weights = _weights(sentences)
    complete: dict[tuple[int, int], _Path] = {(0, 0): _Path(0.0)}
    incomplete: dict[tuple[int, int], _Path] = {}

    def step(at: tuple[int, int], count: int, other_count: int, score: float) -> None:
        to = at[0] + count, at[1] + other_count
        for paths in (complete, incomplete):
            path = paths.get(at, _NO_PATH)
            if path.score + score > paths.get(to, _NO_PATH).score:
                paths[to] = _Path(path.score + score, path.lonely)

    for at in ((first, second) for first in range(len(sentences) + 1) for second in range(len(others) + 1)):
        for count, other_count in _BLOCKS:
            block, other_block = sentences[at[0] : at[0] + count], others[at[1] : at[1] + other_count]
            if len(block) == count and len(other_block) == other_count:
                step(at, count, other_count, _score(block, other_block, weights, dense=dense))
        if at[1] < len(others):
            step(at, 0, 1, -_LONELY)
        if at[0] < len(sentences):
            to = at[0] + 1, at[1]
            for path in (complete.get(at, _NO_PATH), incomplete.get(at, _NO_PATH)):
                if path.score - _LONELY > incomplete.get(to, _NO_PATH).score:
                    incomplete[to] = _Path(path.score - _LONELY, at[0] if path.lonely is None else path.lonely)
    end = len(sentences), len(others)
    return complete.get(end, _NO_PATH), incomplete.get(end, _NO_PATH)


def _weights(sentences: Sequence[_Sentence]) -> Mapping[str, float]:
    holders = Counter(mark for sentence in sentences for mark in sentence.marks)
    return {mark: weight(mark) * math.log((len(sentences) + _UNSEEN) / count) for mark, count in holders.items()}


def _score(
    block: Sequence[_Sentence], others: Sequence[_Sentence], weights: Mapping[str, float], *, dense: bool
) -> float:
    """How well two blocks correspond, as a log-likelihood."""
    shared = _marks(block) & _marks(others)
    length, other_length = (math.fsum([each.length for each in side]) for side in (block, others))
    off = deviation(other_length, length, is_dense=dense)
    joined = len(block) + len(others) - 2
    return math.fsum(map(weights.__getitem__, shared)) - min(_MOST_LENGTH_COST, off * off / 2) - joined * _JOINED


def _marks(block: Sequence[_Sentence]) -> frozenset[str]:
    return block[0].marks if len(block) == 1 else frozenset().union(*(each.marks for each in block))
