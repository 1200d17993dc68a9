"""Offsets, paragraphs and steps of a source fit together, and a source survives a round trip through JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.source import LeftOut, Paragraph, Source, Step, numbered, replay
from dragoman.core.text import sha256

ranges = st.lists(st.integers(0, 60), unique=True, max_size=12).map(
    lambda points: [(a, b) for a, b in zip(sorted(points)[::2], sorted(points)[1::2], strict=False)]
)


def source_of(text: str, cuts: list[tuple[int, int]], steps: tuple[Step, ...] = (), extracted: str = "") -> Source:
    return Source(
        text=text,
        paragraphs=numbered(cuts),
        language="vi",
        script="Latn",
        encoding="utf-8",
        encoding_from="bom",
        extracted=extracted or text,
        steps=steps,
        left_out=(LeftOut("Chia sẻ", "share text"),),
        notes=("read as a page",),
    )


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[Step]]:
    """A text and steps that fit it, in order and without overlap."""
    text = draw(st.text(max_size=30))
    points = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(points[::2], points[1::2], strict=False)
    return text, [Step(start, end, draw(st.text(max_size=3)), "because") for start, end in pairs]


@given(ranges, st.integers(-5, 70))
def test_an_offset_belongs_to_the_paragraph_that_contains_it(cuts: list[tuple[int, int]], offset: int) -> None:
    source = source_of("x" * 61, cuts)
    holding = [p.number for p in source.paragraphs if p.start <= offset < p.end]
    assert source.paragraph_at(offset) == (holding[0] if holding else None)


@given(ranges)
def test_paragraphs_are_numbered_from_one_in_order(cuts: list[tuple[int, int]]) -> None:
    source = source_of("".join(map(chr, range(0x4E00, 0x4E00 + 61))), cuts)
    assert [p.number for p in source.paragraphs] == list(range(1, len(cuts) + 1))
    assert [source.paragraph_text(p.number) for p in source.paragraphs] == [source.text[a:b] for a, b in cuts]


@pytest.mark.parametrize("number", [-1, 0, 3, 99])
def test_a_paragraph_that_does_not_exist_is_an_index_error(number: int) -> None:
    """Never the last paragraph for a negative number."""
    with pytest.raises(IndexError):
        source_of("eins zwei", [(0, 4), (5, 9)]).paragraph_text(number)


@given(changes())
def test_steps_replace_their_ranges_and_nothing_else(change: tuple[str, list[Step]]) -> None:
    """Replaying them equals making each replacement separately, from the last to the first."""
    text, steps = change
    expected = text
    for step in reversed(steps):
        expected = expected[: step.start] + step.replacement + expected[step.end :]
    assert replay(text, steps) == expected


@pytest.mark.parametrize(
    "steps",
    [
        [Step(2, 4, "", "a"), Step(3, 5, "", "overlaps")],
        [Step(4, 5, "", "a"), Step(0, 1, "", "runs backwards")],
        [Step(5, 3, "", "ends before it starts")],
        [Step(-1, 2, "", "before the text")],
        [Step(3, 7, "", "past the end")],
    ],
    ids=lambda steps: steps[-1].reason,
)
def test_steps_that_overlap_or_run_backwards_are_rejected(steps: list[Step]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        replay("abcdef", steps)


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_a_source_survives_json(text: str, extracted: str) -> None:
    """The cache returns the same source, whether anything was changed or not."""
    source = source_of(text, [(0, len(text))], (Step(0, 1, "ß", "because"),), extracted)
    assert Source.from_json(json.loads(json.dumps(source.to_json()))) == source


@pytest.mark.parametrize("value", [{}, {"text": "x"}, [], "text", {**source_of("a", []).to_json(), "steps": [[1]]}])
def test_any_other_json_is_rejected(value: object) -> None:
    with pytest.raises((KeyError, TypeError)):
        Source.from_json(value)  # type: ignore[arg-type]  # that is the point


def test_an_unchanged_text_is_written_once() -> None:
    assert source_of("unverändert", []).to_json()["extracted"] is None
    assert source_of("geändert", [], extracted="geandert").to_json()["extracted"] == "geandert"


def test_a_text_and_its_bytes_have_one_digest() -> None:
    assert sha256("Hội An 会安") == sha256("Hội An 会安".encode())
    assert sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_paragraphs_are_values() -> None:
    assert numbered([[0, 4], [6, 9]]) == (Paragraph(1, 0, 4), Paragraph(2, 6, 9))
