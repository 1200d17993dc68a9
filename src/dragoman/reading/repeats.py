"""Paragraphs that a text prints a second time, as steps that drop the repetition.

Some pages print the body of an article twice. Two paragraphs are equal when they have the same letters; only white
space may differ. The first one stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from dragoman.core.source import Step

_MIN_REPEATED = 80
"""Characters. A shorter repeated line may be a refrain, a byline or a heading. Of a repeated run of lines, each
different line counts once, so a column of equal table cells is not dropped."""

_FIRST_WORDS = 4
"""Most paragraphs already differ in these words, so the quick check reads no further."""

_CANDIDATES = 8
"""Earlier places that each line is compared with. A text with more equal lines than this is a table or a refrain."""


@dataclass(frozen=True, slots=True)
class _Repetition:
    """Paragraphs ``first`` to ``first + length - 1``, counted from 0, repeat those at ``earlier`` and after."""

    first: int
    earlier: int
    length: int


def repetition_steps(text: str, ranges: list[tuple[int, int]]) -> list[Step]:
    """Steps on ``text`` that drop repeated paragraphs; ``ranges`` are its paragraphs.

    A run of paragraphs is dropped when its different paragraphs have 80 characters or more together. A shorter line
    that is repeated by itself stays: a refrain, a byline, ``***``, a table cell.
    """
    # Quick check: usually no two paragraphs begin alike, and none has to be read to its end.
    if len({tuple(text[start:end].split(None, _FIRST_WORDS)[:_FIRST_WORDS]) for start, end in ranges}) == len(ranges):
        return []
    keys = [" ".join(text[start:end].split()) for start, end in ranges]
    if len(set(keys)) == len(keys):
        return []
    repetitions = list(_repetitions(keys))
    numbers = _final_numbers(len(ranges), repetitions)
    return [_drop(ranges, repetition, numbers) for repetition in repetitions]


def _repetitions(keys: list[str]) -> Iterator[_Repetition]:
    places: dict[str, list[int]] = defaultdict(list)
    # How far the repetition at each distance was followed. Each is followed once, so equal lines cost linear time.
    followed: dict[int, int] = {}
    original: list[int] = []
    position = 0
    while position < len(keys):
        best = _Repetition(position, 0, 0)
        for earlier in places[keys[position]][-_CANDIDATES:]:
            distance = position - earlier
            if followed.get(distance, 0) > position:
                continue
            length = _common_length(keys, earlier, position)
            followed[distance] = position + length
            if length > best.length and _is_long_enough(keys[position : position + length]):
                best = _Repetition(position, earlier, length)
        for index in range(position, position + max(1, best.length)):
            places[keys[index]].append(index)
            original.append(original[best.earlier + index - position] if best.length else index)
        if best.length:
            yield from _contiguous(best, original)
        position += max(1, best.length)


def _common_length(keys: list[str], earlier: int, position: int) -> int:
    """How many paragraphs from ``position`` on equal those from ``earlier`` on, which end before ``position``."""
    length = 0
    end = min(position, len(keys) - position + earlier)
    while earlier + length < end and keys[earlier + length] == keys[position + length]:
        length += 1
    return length


def _is_long_enough(keys: list[str]) -> bool:
    return sum(map(len, set(keys))) >= _MIN_REPEATED


def _contiguous(repetition: _Repetition, original: list[int]) -> Iterator[_Repetition]:
    """``repetition`` in parts that each repeat neighbouring originals: what it repeats may itself be repeated text."""
    first, end = repetition.first, repetition.first + repetition.length
    for index in range(first + 1, end + 1):
        if index == end or original[index] != original[index - 1] + 1:
            yield _Repetition(first, original[first], index - first)
            first = index


def _final_numbers(count: int, repetitions: list[_Repetition]) -> list[int]:
    """The number of each paragraph after the repetitions are dropped; a dropped one has that of the one before it."""
    numbers: list[int] = []
    dropped = {index for item in repetitions for index in range(item.first, item.first + item.length)}
    for index in range(count):
        numbers.append((numbers[-1] if numbers else 0) + (index not in dropped))
    return numbers


def _drop(ranges: list[tuple[int, int]], repetition: _Repetition, numbers: list[int]) -> Step:
    first, last = numbers[repetition.earlier], numbers[repetition.earlier + repetition.length - 1]
    reason = f"repeats paragraph {first}" if first == last else f"repeats paragraphs {first}-{last}"
    after = repetition.first + repetition.length
    end = ranges[after][0] if after < len(ranges) else ranges[after - 1][1]
    return Step(ranges[repetition.first][0], end, "", reason)
