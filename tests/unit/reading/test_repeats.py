"""Text that is repeated is dropped completely, with a note of what it repeats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.source import replay
from dragoman.reading.repeats import repetition_steps


def ranges_of(text: str) -> list[tuple[int, int]]:
    """Each line is a paragraph."""

    def lines() -> Iterator[tuple[int, int]]:
        start = 0
        for line in text.split("\n"):
            yield start, start + len(line)
            start += len(line) + 1

    return list(lines())


def reasons(*lines: str) -> list[str]:
    text = "\n".join(lines)
    return [step.reason for step in repetition_steps(text, ranges_of(text))]


@pytest.mark.parametrize(("length", "dropped"), [(40, 0), (79, 0), (80, 1), (160, 1)])
def test_a_repeated_line_is_dropped_from_80_characters_on(length: int, dropped: int) -> None:
    """A shorter one may be a refrain, a byline or a heading."""
    assert len(reasons("a" * length, "between", "a" * length)) == dropped


def test_the_different_lines_of_a_run_count_together() -> None:
    """Two lines of 40 characters are 80; one line of 40 twice is still 40."""
    first, second = "a" * 40, "b" * 40
    assert reasons(first, second, "x", first, second) == ["repeats paragraphs 1-2"]
    assert reasons(first, first, "x", first, first) == []


def test_only_white_space_may_differ() -> None:
    """A changed letter, a changed case or an accent make another line."""
    line = "Một đoạn văn đủ dài để được tính khi lặp lại, với hơn tám mươi ký tự trong đó, xin cảm ơn bạn."
    assert reasons(line, "x", line.replace(" ", "  ")) == ["repeats paragraph 1"]
    assert reasons(line, "x", line.replace("bạn", "ban")) == []
    assert reasons(line, "x", line.upper()) == []


def test_the_end_of_a_line_is_compared_when_its_first_words_are_equal() -> None:
    """The quick check reads the first words only."""
    line = "The same first words " + "and so on " * 8
    assert reasons(line + "a", "x", line + "b") == []
    assert reasons(line + "a", "x", line + "a") == ["repeats paragraph 1"]


def test_a_third_copy_repeats_the_first() -> None:
    """The numbers are those of the remaining text."""
    line = "a" * 90
    assert reasons(line, "x", line, "y", line) == ["repeats paragraph 1", "repeats paragraph 1"]


def test_a_line_is_compared_with_the_last_8_places_of_an_equal_one() -> None:
    """The longest repetition that begins at one of them is taken; a text with more equal lines is a table."""
    common, tail = "c", "t" * 100
    for count, dropped in ((7, 1), (8, 0)):
        lines = [common, tail, *(line for n in range(count) for line in (common, f"other {n}")), common, tail]
        assert reasons(*lines) == (["repeats paragraphs 1-2"] if dropped else ["repeats paragraph 2"])


LINES = st.sampled_from(["***", "a", "x" * 45, "y" * 45, "z" * 90, "w" * 90])


@given(st.lists(LINES, min_size=1, max_size=40))
def test_every_dropped_line_occurs_earlier_in_the_remaining_text(lines: list[str]) -> None:
    """Nothing is lost: each dropped line still occurs once."""
    text = "\n".join(lines)
    steps = repetition_steps(text, ranges_of(text))
    left = replay(text, steps).rstrip("\n").split("\n")
    assert set(left) == set(lines)
    assert all(left.count(line) <= lines.count(line) for line in set(lines))
