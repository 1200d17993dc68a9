"""A paragraph is a line, or a block of lines that an editor broke at a fixed width."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.reading.paragraphs import paragraph_ranges

WORDS = "the city opened a new bridge over the river on monday and it took three years to build it all "


def wrapped_at(width: int, *, lines: int = 4) -> str:
    """Text that is broken at a width, each line as long as its words allow."""
    text, result = WORDS * 20, []
    for _ in range(lines):
        line = text[: width + 1].rpartition(" ")[0]
        text = text[len(line) + 1 :]
        result.append(line)
    return "\n".join(result)


def paragraphs(text: str, *, wrapped: bool = True) -> list[str]:
    return [text[start:end] for start, end in paragraph_ranges(text, wrapped=wrapped)]


@pytest.mark.parametrize(
    ("width", "count"),
    [(30, 4), (39, 4), (45, 1), (60, 1), (72, 1), (78, 1), (100, 1), (107, 4), (120, 4), (200, 4)],
)
def test_lines_of_40_to_100_columns_can_be_wrapped(width: int, count: int) -> None:
    """Narrower lines are verse or lists, wider lines are paragraphs."""
    assert len(paragraphs(wrapped_at(width))) == count


def test_a_wide_character_counts_as_two_columns() -> None:
    """Fifty Chinese characters are as wide as a hundred letters, and twenty as forty."""
    for length, count in ((19, 3), (20, 1), (50, 1), (51, 3)):
        assert len(paragraphs("\n".join(["河" * length] * 3))) == count, length


def test_a_combining_mark_takes_no_column() -> None:
    """Decomposed Vietnamese is as wide as it looks."""
    line = "e\u0302\u0301" * 45
    assert len(paragraphs("\n".join([line] * 3))) == 1


def test_two_lines_are_two_paragraphs() -> None:
    """Otherwise a headline and its paragraph would be joined."""
    assert len(paragraphs(wrapped_at(60, lines=2))) == 2


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (lambda lines: [lines[0] + ".", lines[1] + ".", lines[2] + ".", lines[3]], 4),
        (lambda lines: [line.capitalize() for line in lines], 4),
        (lambda lines: ["- " + line for line in lines], 4),
        (lambda lines: [lines[0], lines[1][:20], lines[2], lines[3]], 4),
        (lambda lines: [*lines[:3], lines[3][:10]], 1),
    ],
    ids=[
        "each a sentence",
        "each begins with a capital",
        "a list",
        "one with room for the next word",
        "a short last line",
    ],
)
def test_lines_that_were_not_broken_by_an_editor_stay_apart(
    change: Callable[[list[str]], list[str]], count: int
) -> None:
    """Only the last line may be short."""
    assert len(paragraphs("\n".join(change(wrapped_at(60).split("\n"))))) == count


def test_a_blank_line_ends_a_block() -> None:
    """A line of white space counts as blank."""
    text = f"{wrapped_at(60)}\n \u3000\n{wrapped_at(72)}"
    assert len(paragraphs(text)) == 2


def test_other_formats_have_one_paragraph_per_line() -> None:
    """Their parsers already joined what belongs together."""
    assert len(paragraphs(wrapped_at(60), wrapped=False)) == 4


@given(st.text(st.sampled_from("ab. \n\t\u3000-河A"), max_size=300), st.booleans())
def test_paragraphs_are_in_order_and_cover_all_that_is_not_white_space(text: str, wrapped: bool) -> None:
    """With the quick check and without it."""
    position = 0
    for start, end in paragraph_ranges(text, wrapped=wrapped):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()
