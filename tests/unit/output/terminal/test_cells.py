"""Texts in a terminal: measured, wrapped and cut in cells, and never able to control the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes
from wcwidth import width as terminal_width

from dragoman.output.terminal import cells as module
from dragoman.output.terminal.cells import clean, clip, clusters, isolate, width, wrap

RLI, PDI = "\u2067", "\u2069"


def test_control_characters_become_visible() -> None:
    """A symbol takes their place, so that a person sees that they are there."""
    assert clean("a\x1b[2Jb\x9bc\x7fd\u202ee\U000e0041") == "a␛[2Jb⟨9B⟩c␡d⟨202E⟩e⟨E0041⟩"
    assert clean("می\u200cخواهم क्\u200dष") == "می\u200cخواهم क्\u200dष"


WORDS = st.text(
    st.sampled_from("ab é界。，ไท้ำनिाक्षா한한မြာ်ေර්عرب٣\u0600(”…\u0301\u200b\u200c\u200d\u2068\x1b\ufe0f♀👩🏽❤👨🇻🇳"),
    max_size=80,
)
"""Letters, marks and signs of every kind that terminals count otherwise than Python does."""


@given(WORDS, st.integers(12, 30))
@example("aaa \u102c。。。。", 12)
@example("aaaaaa\u200b\u200b。 \u102c", 21)
@example("aaaa\u1112。\u0e17\u200b\u102caaa", 12)
@settings(max_examples=200, deadline=None)
def test_wrapped_lines_fit_and_lose_no_letter(text: str, cells: int) -> None:
    """No line of any text is wider than the limit, and the lines joined are the text again."""
    lines = [re.sub(f"[{RLI}{PDI}]", "", line) for line in wrap(text, cells)]
    assert all(terminal_width(line, control_codes="ignore") <= width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


@given(WORDS, st.integers(12, 30))
@settings(max_examples=200, deadline=None)
def test_cut_text_fits(text: str, cells: int) -> None:
    """It ends with an ellipsis if something is missing."""
    text = clean(text)
    short = clip(text, cells)
    assert width(short) <= cells
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("unbelievably", 5, ["unbel", "ievab", "ly"]),
        ("封測廠聿芯先進封。", 6, ["封測廠", "聿芯先", "進封。"]),
        ("封測廠聿芯先。", 6, ["封測廠", "聿芯", "先。"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("", 5, [""]),
    ],
    ids=[
        "words",
        "a long word",
        "wide",
        "no full stop at the start of a line",
        "marks stay with their letters",
        "nothing",
    ],
)
def test_lines_break_where_people_break_them(text: str, cells: int, lines: list[str]) -> None:
    """At spaces, between wide characters, and otherwise between letters."""
    assert list(wrap(text, cells)) == lines


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cafe\u0301", ["c", "a", "f", "e\u0301"]),
        ("น้ำแข็ง", ["น้ำ", "แ", "ข็", "ง"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("العَرَبِيّة", ["ا", "ل", "عَ", "رَ", "بِ", "يّ", "ة"]),
        ("می\u200cخواهم", ["م", "ی\u200c", "خ", "و", "ا", "ه", "م"]),
        ("မြန်မာ", ["မြ", "န်", "မာ"]),
        ("👩🏽\u200d❤️\u200d👨🏻🇻🇳", ["👩🏽\u200d❤️\u200d👨🏻", "🇻🇳"]),
        ("한글", ["한", "글"]),
        ("界，", ["界", "，"]),
        ("กำำำำ", ["กำ", "ำำ", "ำ"]),
    ],
    ids=[
        "combining", "Thai", "Devanagari", "Arabic", "Persian", "Burmese", "joined emoji", "jamo", "wide", "no word",
    ],
)  # fmt: skip
def test_letters_are_not_separated_from_their_marks(text: str, parts: list[str]) -> None:
    """No part is wider than two cells, so that no line leaves the window."""
    assert list(clusters(text)) == parts
    assert all(1 <= width(part) <= 2 for part in parts)
    assert [re.sub(f"[{RLI}{PDI}]", "", line) for line in wrap(text, 2)] == cells_of_two(parts)


def cells_of_two(parts: list[str]) -> list[str]:
    """The parts in lines of two cells; punctuation that closes may not begin one."""
    lines = [""]
    for part in parts:
        if lines[-1] and width(lines[-1] + part) > 2:
            lines.append("")
        lines[-1] += part
    return lines


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("e\u0301", 1), ("界", 2), ("👨\u200d👩\u200d👧\u200d👦", 2), ("🇻🇳", 2), ("♀️", 2), ("น้ำ", 2), ("क्ष", 2),
        ("हिन्दी", 4), ("العَرَبِيّة", 7), ("မာ", 2), ("“…”│✗", 5),
    ],
)  # fmt: skip
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, cells: int) -> None:
    """A mark has no cell of its own, a wide letter has two, and joined characters are as wide as one symbol."""
    assert width(text) == cells


SINGLE = [chr(code) for code in range(0x3000) if module._SINGLE.fullmatch(chr(code))]


@given(st.text(st.sampled_from(SINGLE), max_size=40))
def test_the_quick_measurement_agrees_with_the_library(text: str) -> None:
    """Each character of a text that is measured without the library is a cluster of one cell."""
    assert list(iter_graphemes(text)) == list(clusters(text)) == list(text)
    assert terminal_width(text) == width(text) == len(text)


def test_every_character_of_the_quick_measurement_has_one_cell() -> None:
    assert len(SINGLE) > 800
    assert [character for character in SINGLE if terminal_width(character) != 1] == []


def test_isolates_enclose_words_and_not_the_text_after_them() -> None:
    """A figure after Arabic words keeps its place; foreign text that begins right to left is one isolate per line."""
    assert isolate("# خمسة مصارف = 5") == f"# {RLI}خمسة مصارف{PDI} = 5"
    assert isolate("plain 5") == "plain 5"
    assert list(wrap("عربي abc", 20, foreign=True)) == [f"{RLI}عربي abc{PDI}"]
