"""Folding gives texts and words one spelling, and every offset of a folded text has its place in the original."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.figures.folding import fold, gap_end, gap_start, word_key

MARKED = st.text(st.sampled_from("ae\u0301\u0302\u093cक़é가ᄀ\u1161İ \n5"), max_size=30)


@given(MARKED)
def test_the_whole_folded_text_is_the_whole_original(text: str) -> None:
    """The ends of both texts belong together, and offsets keep their order. A text begins with a letter, not a mark."""
    text = f"x{text}"
    folded = fold(text, "hi")
    assert folded.original_range(0, len(folded.text)) == (0, len(text))
    offsets = [folded.original_range(offset, offset)[0] for offset in range(len(folded.text) + 1)]
    assert offsets == sorted(offsets)


@given(MARKED)
def test_a_part_is_as_if_folded_alone(text: str) -> None:
    """A line of a folded text has the letters and the offsets of that line by itself."""
    text = unicodedata.normalize("NFC", text)
    folded = fold(text, "hi", composed=unicodedata.is_normalized("NFC", text))
    start = 0
    for line in folded.text.split("\n"):
        first, last = folded.original_range(start, start + len(line))
        alone = fold(text[first:last], "hi")
        part = folded.part(start, start + len(line))
        assert part.text == alone.text
        assert [part.original_range(o, o) for o in range(len(line))] == [
            alone.original_range(o, o) for o in range(len(line))
        ]
        start += len(line) + 1


def test_sixteen_marks_are_composed_with_a_letter_and_no_more() -> None:
    """Further marks stay as they are, because composing a long run takes quadratic time.

    The marks of classes 220 and 230 change places when they are composed, so the seventeenth shows where it ends.
    """
    above, below = "\u0302", "\u0323"
    assert fold("a" + above * 15 + below, "vi").text == unicodedata.normalize("NFC", "a" + above * 15 + below)
    assert fold("a" + above * 16 + below, "vi").text != unicodedata.normalize("NFC", "a" + above * 16 + below)


def test_letters_that_print_exchanges_are_one() -> None:
    """So a table needs each word once, however its letters are printed."""
    assert fold("الأَوَّل", "ar").text == fold("الاَوَّل", "ar").text
    assert fold("يك", "fa").text == fold("یک", "fa").text
    assert fold("l’an İ", "fr").text == "l'an i"
    assert word_key("Năm  Mươi", "vi") == "năm mươi"


def test_digits_and_widths_stay_as_printed() -> None:
    """The reader of numerals sees the digits of every script."""
    assert fold("５ ٥ 5", "ar").text == "５ ٥ 5"


def test_a_space_between_groups_of_digits_is_told_from_a_plain_one() -> None:
    """A no-break space that does not separate digits is a plain space."""
    assert fold("1\u00a0234\u00a0km", "de").text == "1\u2009234 km"


def test_a_gap_is_at_most_two_spaces() -> None:
    """A longer one separates what stands around it."""
    assert [gap_end("a" + " " * spaces, 1) for spaces in range(5)] == [1, 2, 3, 3, 3]
    assert [gap_start(" " * spaces + "a", spaces) for spaces in range(5)] == [0, 0, 0, 1, 2]


def test_a_soft_hyphen_inside_a_word_is_left_out() -> None:
    """The place where a line may break is no part of a word; at the end of a word it stays."""
    folded = fold("acht\u00adund\u00advierzig Be\u00adtriebe\u00ad 5", "de")
    assert folded.text == "achtundvierzig betriebe\u00ad 5"
    assert folded.original_range(0, 14) == (0, 16)
    assert folded.original_range(15, 23) == (17, 26)
