"""A language is not taken for its neighbour, and text typed for a legacy font is told."""

from __future__ import annotations

import json

import pytest

from dragoman.core.data_tables import table_rows
from dragoman.reading import neighbours
from dragoman.reading.language import identify
from dragoman.reading.prepare import prepare_text
from tests.support import paths

FILE: dict[str, list[dict[str, str]]] = json.loads((paths.CASES / "neighbours.json").read_text("utf-8"))
SENTENCES, LEGACY = FILE["sentences"], FILE["legacy"]


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case["label"])
def test_a_language_is_not_taken_for_its_neighbour(case: dict[str, str]) -> None:
    assert identify(case["text"])[0] == case["language"]
    assert identify("\n".join([case["text"]] * 12))[0] == case["language"]


@pytest.mark.parametrize("case", LEGACY, ids=lambda case: case["font"])
def test_text_for_a_legacy_font_is_in_no_language_and_the_note_says_why(case: dict[str, str]) -> None:
    source = prepare_text(case["text"])
    assert source.language == "und"
    assert source.notes == (
        f"the text seems to be typed for the font {case['font']}, in Latin letters; convert it to Unicode",
    )


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case["label"])
def test_other_text_is_not_taken_for_a_legacy_font(case: dict[str, str]) -> None:
    assert neighbours.legacy_font(case["text"]) is None


def test_rows_are_tidy() -> None:
    """One row for each language and kind, words once, in small letters."""
    rows = table_rows("telling_words.tsv")
    assert [row for row in rows if len(row) != 4 or row[1] not in ("common", "telling", "foreign", "font")] == []
    assert len({(row[0], row[1]) for row in rows}) == len(rows)
    assert [
        word for row in rows if row[1] in ("common", "telling") for word in row[3].split() if word != word.lower()
    ] == []


@pytest.mark.parametrize("group", neighbours.GROUPS, ids="-".join)
def test_each_relative_has_words_that_another_lacks(group: tuple[str, ...]) -> None:
    words = {each: neighbours._table()[each, "telling"].whole for each in group}
    for each, others in ((each, set(group) - {each}) for each in group):
        for other in others:
            assert words[each] - words[other], (each, other)
