"""The normal form makes spellings of one quote equal and maps each of its characters back to the text."""

from __future__ import annotations

import re
import sys
from itertools import pairwise

import pytest
from hypothesis import given

from dragoman.evidence.quotes import normalise as normalise_module
from dragoman.evidence.quotes import quick_boundaries
from dragoman.evidence.quotes.boundaries import UNSPACED_SCRIPT
from dragoman.evidence.quotes.normalise import LONGEST_CLUSTER, cuts_cluster, normalise, simplified
from tests.unit.evidence.quotes.test_locate import texts


@given(texts)
def test_the_map_back_covers_the_text_in_order(text: str) -> None:
    """Every character of the normal form stands for a range of the text, and no range runs backwards."""
    whole = normalise(text)
    assert len(whole.text) == len(whole.starts) == len(whole.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(whole.starts, whole.ends, strict=True))
    assert all(left <= right for left, right in pairwise(whole.starts))
    assert all(left <= right for left, right in pairwise(whole.ends))


def test_letters_of_plain_runs_are_their_own_normal_form() -> None:
    """Runs of these letters are copied unread: none is a mark or a space, and those of spaced scripts take spaces."""
    plain = re.compile(f"[{quick_boundaries.SPACED}{quick_boundaries.UNSPACED}]")
    spaced = re.compile(f"[{quick_boundaries.SPACED}]")
    for letter in filter(plain.match, map(chr, range(sys.maxunicode + 1))):
        assert normalise_module._normal_form(letter) == letter
        assert not letter.isspace()
        assert not normalise_module._continues_cluster(letter)
        assert not (spaced.match(letter) and UNSPACED_SCRIPT.match(letter))


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        pytest.param("“a” «b» 「c」", '"a" "b" "c"', id="quotation marks"),
        pytest.param("1–2 — 3", "1-2 - 3", id="dashes"),
        pytest.param("e\u0301", "é", id="decomposed letters"),
        pytest.param("ＡＢ１２", "AB12", id="full widths"),
        pytest.param("٣٫٥ ٢٠", "3.5 20", id="Arabic digits and decimal sign"),
        pytest.param("الـقاربُ", "القارب", id="tatweel and Arabic vowel signs"),
        pytest.param("so\u00adft a\u200bb", "soft ab", id="invisible characters"),
        pytest.param("a \n\u00a0 b", "a b", id="white space"),
        pytest.param("工 厂", "工厂", id="white space between letters of an unspaced script"),
        pytest.param("第 1 2 组", "第1 2组", id="white space between digits"),
        pytest.param("規(guī)模", "規模", id="a reading in brackets"),
        pytest.param("谷歌20250;将", f"谷歌{chr(20250)}将", id="a reference without its beginning"),
        pytest.param("A&amp;B", "A&B", id="an undecoded reference"),
        pytest.param("10² ½", "10² ½", id="no compatibility folding"),
    ],
)
def test_spellings_have_one_normal_form(spelling: str, normal: str) -> None:
    assert normalise(spelling).text == normal


def test_a_paragraph_end_stays_a_line_break() -> None:
    """Other line breaks become spaces; only the ends of paragraphs must not be crossed."""
    assert normalise("a\nb\nc", (3,)).text == "a b\nc"


def test_traditional_characters_are_simplified_one_for_one() -> None:
    assert simplified("這個機場, abc") == "这个机场, abc"
    assert simplified("abc") == "abc"


def test_a_range_that_separates_a_letter_from_its_mark_is_recognised() -> None:
    text = "xe\u0301y"
    assert cuts_cluster(text, 0, 2)
    assert cuts_cluster(text, 2, 4)
    assert not cuts_cluster(text, 1, 3)


def test_a_letter_is_composed_with_a_limited_number_of_marks() -> None:
    """The marks after the limit form clusters of their own, so a hostile run of marks costs linear time."""
    marks = "\u0323" * 40
    ends = sorted(set(normalise("e" + marks).ends))
    assert ends[0] == LONGEST_CLUSTER + 1 == 17
