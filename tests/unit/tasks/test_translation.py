"""How a translation is cut into parts, and how the answers of the parts are joined."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.answers import Summary, TranslatedParagraph, Translation
from dragoman.tasks.requests import parts
from dragoman.tasks.translation import PART_CHARACTERS, joined
from tests.support.builders import (
    LIBRARY,
    source_of,
    spec_of,
    summary_of,
)


@settings(deadline=None, database=None, max_examples=60)
@given(st.lists(st.integers(1, PART_CHARACTERS * 2), min_size=1, max_size=25))
def test_the_parts_of_a_translation_hold_every_paragraph_once_and_in_order(lengths: list[int]) -> None:
    """A part over the limit is a single paragraph, and no two neighbouring parts would fit into one."""
    source = source_of(["x" * length for length in lengths])
    made = parts(spec_of("translation"), source)
    assert [number for part in made for number in part.paragraphs] == list(range(1, len(lengths) + 1))
    sizes = [sum(lengths[number - 1] for number in part.paragraphs) for part in made]
    assert all(size <= PART_CHARACTERS or len(part.paragraphs) == 1 for size, part in zip(sizes, made, strict=True))
    for size, following in zip(sizes, made[1:], strict=False):
        assert size + lengths[following.paragraphs[0] - 1] > PART_CHARACTERS


def test_the_english_of_a_full_part_fits_the_output_limit_but_not_twice() -> None:
    """8,000 Han characters give about 10,000 tokens of English, and thinking counts against the limit too."""
    tokens = PART_CHARACTERS * 10_000 / 8_000
    limit = LIBRARY.get("translation").max_output_tokens
    assert limit / 3 < tokens < limit / 2


def test_joined_parts_are_one_translation_in_order() -> None:
    """Whatever the order within and between the replies. A summary has one part, which is its answer."""
    entries = [TranslatedParagraph(paragraph=number, text_en=f"Paragraph {number}.") for number in (1, 2, 3)]
    first, second = Translation(paragraphs=[entries[2], entries[0]]), Translation(paragraphs=[entries[1]])
    assert joined([first, second]) == Translation(paragraphs=entries)
    summary = Summary.model_validate_json(summary_of())
    assert joined([summary]) is summary
