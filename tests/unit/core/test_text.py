"""Canonical JSON has one form for each value, and a plain search in caseless text may rule out a case-insensitive
pattern.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.text import canonical_json, caseless, time_span
from dragoman.evidence.cue_words import may_have, pattern, rows
from tests.unit.core.test_request import json_values

CUES = sorted({(language, kind, word) for language, kind, word in rows()})


def test_letters_that_a_case_insensitive_pattern_equates_are_equal() -> None:
    """This covers every Unicode letter that has cases, against every other one, including the dotless ı and the
    long ſ.
    """
    letters = [chr(point) for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point))[0] == "L"]
    cased = "".join(c for c in letters if c.lower() != c or c.upper() != c)
    for letter in cased:
        alike = re.findall(re.escape(letter), cased, re.IGNORECASE)
        assert {caseless(other) for other in alike} == {caseless(letter)}


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_is_read_letter_by_letter(one: str, other: str) -> None:
    """No letter depends on its neighbours: a word has the same letters wherever it stands."""
    assert caseless(one + other) == caseless(one) + caseless(other)


@pytest.mark.parametrize("kind", sorted({kind for _, kind, _ in CUES}))
def test_every_cue_that_is_found_was_not_ruled_out(kind: str) -> None:
    """Each cue is tried in lower case, upper case and title case, between words of its own language."""
    for language, _, word in (cue for cue in CUES if cue[1] == kind):
        found = pattern(language, kind)
        assert found is not None
        for written in (word, word.upper(), word.title(), word.swapcase()):
            text = f"A {written}, b."
            assert not found.search(text) or may_have(caseless(text), language, kind)


def test_a_text_without_any_cue_is_ruled_out() -> None:
    """Otherwise the quick check would gain nothing. A language without cues has none in any text."""
    assert not may_have(caseless("Die Brücke bleibt offen."), "de", "attack", "command", "machine")
    assert not may_have(caseless("Anything at all."), "xx", "says")


@given(json_values)
def test_canonical_json_is_one_line_with_the_same_value(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == value
    assert "\n" not in text
    assert canonical_json(json.loads(text)) == text


def test_canonical_json_keeps_letters_and_rejects_nan() -> None:
    assert canonical_json({"b": 1, "a": "ạ"}) == '{"a":"ạ","b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (6, "6 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (5399, "90 minutes"),
        (5400, "1.5 hours"),
        (7200, "2 hours"),
    ],
)
def test_a_duration_is_given_in_the_unit_that_fits(seconds: float, words: str) -> None:
    """A short wait is never "0 minutes"."""
    assert time_span(seconds) == words
