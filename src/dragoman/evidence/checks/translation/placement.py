"""Find English that belongs to another paragraph: two paragraphs exchanged, or a run of them shifted.

Every pair of a source paragraph and an English one has a score: what they share (`marks`), weighted by how few
paragraphs of the source have it, less what their lengths differ. Each paragraph's own score is compared with those of
the other places. One paragraph alone says little, because a neighbour often has the same names; two that fit better
exchanged, or a run that fits better one further, say much.

Nothing is seen where neither side has figures or names that tell paragraphs apart and their lengths are alike, as with
two short Chinese paragraphs without figures.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dragoman.evidence.checks.translation.marks import weight
from dragoman.evidence.checks.translation.pairs import Pair

CERTAIN = 8.0
LIKELY = 4.5
"""By how much a better place must win, as a log-likelihood, summed over the paragraphs that move. In 4,183 honest
articles of 41,000 paragraphs in 31 languages, no move wins by 8 and 10 win by 4.5; of two neighbours exchanged on
purpose, 82 % win by 8 and 91 % by 4.5, of articles shifted by one, all."""

_UNSEEN = 4
"""Paragraphs without a mark that are added to those of the article, so that a mark weighs something in a short one."""

_MOST_HOLDERS = 20
"""A mark that more paragraphs have does not suggest a place. This bounds the work for long articles."""

_FARTHEST_SHIFT = 2
"""Places by which a run of paragraphs may be shifted."""

_FAR = 3.5
"""What a move by more than one place must gain in addition, because there are many such moves and few happen."""

_MOST_LENGTH_COST = 8.0
_DENSE_LENGTH_WEIGHT = 0.75
"""Lengths of Chinese, Japanese and Korean say less about the English than their deviation suggests."""


class Move(NamedTuple):
    """English that belongs elsewhere. ``english`` and ``better`` count in the pairs; ``gain`` is that of the whole
    move: both paragraphs of an exchange, all of a shift."""

    english: int
    better: int
    gain: float


def moves(pairs: Sequence[Pair]) -> list[Move]:
    """Each paragraph whose English belongs to another one, with the move that gains most, at least `LIKELY`."""
    scores = _Scores(pairs)
    best: dict[int, Move] = {}
    for run in (*_exchanges(scores), *_shifts(scores)):
        for move in run:
            if move.english not in best or move.gain > best[move.english].gain:
                best[move.english] = move
    return [best[index] for index in sorted(best)]


class _Scores:
    """The scores of English paragraphs at places of the source."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        self._holders: Mapping[str, Sequence[int]] = _holders(pairs)
        count = Counter({mark: len(places) for mark, places in self._holders.items()})
        self._weights = {
            mark: weight(mark) * math.log((len(pairs) + _UNSEEN) / holders) for mark, holders in count.items()
        }
        self._length_weight = _DENSE_LENGTH_WEIGHT if any(pair.is_dense for pair in pairs) else 1.0
        self._own = [self._score(index, index) for index in range(len(pairs))]
        self.gains: list[Mapping[int, float]] = [
            {place: self._score(index, place) - self._own[index] for place in self._places(index)}
            for index in range(len(pairs))
        ]
        """For each English paragraph: what each other place gains, for places that a shared mark or a shift
        suggests."""

    def _places(self, index: int) -> Iterator[int]:
        places = {
            place
            for mark in self._pairs[index].english.marks
            if len(holders := self._holders.get(mark, ())) <= _MOST_HOLDERS
            for place in holders
        }
        first, last = max(0, index - _FARTHEST_SHIFT), min(len(self._pairs) - 1, index + _FARTHEST_SHIFT)
        places.update(range(first, last + 1))
        places.discard(index)
        yield from sorted(places)

    def _score(self, index: int, place: int) -> float:
        english, pair = self._pairs[index].english, self._pairs[place]
        shared = math.fsum(map(self._weights.__getitem__, english.marks & pair.source.marks))
        deviation = pair.deviation(len(english.text))
        return shared - min(_MOST_LENGTH_COST, self._length_weight * deviation * deviation / 2)


def _holders(pairs: Sequence[Pair]) -> Mapping[str, Sequence[int]]:
    holders: dict[str, list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        for mark in pair.source.marks:
            holders[mark].append(place)
    return holders


def _exchanges(scores: _Scores) -> Iterator[Sequence[Move]]:
    for index, gains in enumerate(scores.gains):
        for place, gain in gains.items():
            back = scores.gains[place].get(index) if place > index else None
            total = gain + (back if back is not None else -math.inf) - _cost(place - index)
            if total >= LIKELY:
                yield Move(index, place, total), Move(place, index, total)


def _shifts(scores: _Scores) -> Iterator[Sequence[Move]]:
    """The runs of neighbours that fit best so many places further, for each number of places."""
    for by in (*range(-_FARTHEST_SHIFT, 0), *range(1, _FARTHEST_SHIFT + 1)):
        start, total, end, most = 0, 0.0, 0, 0.0
        for index, gains in enumerate([*scores.gains, {}]):
            total += gains.get(index + by, -math.inf)
            if total > most:
                end, most = index + 1, total
            if total <= 0:
                gain = most - _cost(by)
                if end - start > 1 and gain >= LIKELY:
                    yield [Move(at, at + by, gain) for at in range(start, end)]
                start, total, end, most = index + 1, 0.0, 0, 0.0


def _cost(distance: int) -> float:
    return _FAR if abs(distance) > 1 else 0.0
