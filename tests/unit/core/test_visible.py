"""Characters that could steer a terminal, or hide or reorder text, become visible. Honest text of any script is
unchanged."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.visible import escape_hidden, is_certainly_clean, make_visible, printable
from tests.conftest import shared

HONEST = {
    "Persian": "می\u200cخواهم خانه\u200cها",
    "Hindi": "क्\u200dष श्री\u200cमान",
    "Bengali": "র\u200d্যাব",
    "Malayalam": "ന\u200d",
    "family": "👩\u200d👩\u200d👧\u200d👦",
    "heart on fire": "❤\ufe0f\u200d🔥",
    "technologist": "👩🏽\u200d💻",
    "flag": "🏳\ufe0f\u200d🌈",
    "variant of an ideograph": "葛\U000e0100飾区",
    "Thai": "ภาษา\u200bไทย",
    "Khmer": "ភាសា\u200bខ្មែរ",
    "Arabic with marks": "قال (2026)\u200f إن \u200eAI\u200e",
    "Hebrew with marks": "ב־AI\u200e, אמר\u200f.",
    "figures with a mark": "(2026)\u200f",
    "German": "Donau\u00addampf\u00adschiff",
    "Quran": "\u06dd١٢",
    "lines": "one\ntwo\tthree",
}
DECEIVING = {
    "escape": ("a\x1b[2Jb", "a␛[2Jb"),
    "title of the window": ("\x1b]0;owned\x07", "␛]0;owned␇"),
    "C1": ("a\x9b2Jb\x85", "a⟨9B⟩2Jb⟨85⟩"),
    "delete": ("a\x7f", "a␡"),
    "back to the start of the line": ("failed\rok", "failed␍ok"),
    "backspace": ("no\b\b", "no␈␈"),
    "override": ("\u202etxt.exe", "⟨202E⟩txt.exe"),
    "isolate": ("a\u2067b\u2069", "a⟨2067⟩b⟨2069⟩"),
    "override in Arabic": ("قال \u202eabc", "قال ⟨202E⟩abc"),
    "mark among Latin letters": ("5\u200f - 10 files", "5⟨200F⟩ - 10 files"),
    "joiner in a Latin word": ("pay\u200dpal", "pay⟨200D⟩pal"),
    "two joiners": ("می\u200c\u200cخ", "می\u200c⟨200C⟩خ"),
    "zero width in a Latin word": ("pay\u200bpal", "pay⟨200B⟩pal"),
    "byte order mark": ("\ufeffa", "⟨FEFF⟩a"),
    "tags": ("a\U000e0041\U000e007f", "a⟨E0041⟩⟨E007F⟩"),
    "selectors that carry a message": ("😀\ufe01\U000e0110\U000e0120", "😀\ufe01⟨E0110⟩⟨E0120⟩"),
    "separators": ("a\u2028b\u2029c", "a⟨2028⟩b⟨2029⟩c"),
    "filler": ("a\u3164b", "a⟨3164⟩b"),
    "lone surrogate": ("a\udcffb", "a⟨DCFF⟩b"),
    "no character": ("a\uffffb", "a⟨FFFF⟩b"),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_text_is_unchanged(name: str) -> None:
    """Joiners, marks and spaces that a script needs are part of its text."""
    assert make_visible(HONEST[name]) == HONEST[name]


@pytest.mark.parametrize("name", DECEIVING)
def test_deceptive_characters_become_visible(name: str) -> None:
    """In their place, so a reader sees that there is something, and what."""
    text, seen = DECEIVING[name]
    assert make_visible(text) == seen


def test_every_hidden_character_becomes_visible_after_a_latin_letter() -> None:
    """Except line ends, tabs, soft hyphens, and format characters that are drawn."""
    kept = {
        f"{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and chr(code) in make_visible(f"a{chr(code)}b")
    }
    drawn = {"0600", "0601", "0602", "0603", "0604", "0605", "06DD", "070F", "0890", "0891", "08E2", "110BD", "110CD"}
    assert kept == {"0009", "000A", "00AD", *drawn}


@given(st.text(st.characters() | st.sampled_from("\x1b\u202e\u200d\u200fعa\ufe0f\U000e0041")))
def test_making_text_visible_twice_changes_nothing_more(text: str) -> None:
    """The result contains no such character."""
    assert make_visible(make_visible(text)) == make_visible(text)
    assert not set(make_visible(text)) & set("\x1b\x07\r\x7f\x9b\x85\u202e\u2028\U000e0041")
    if is_certainly_clean(text):
        assert make_visible(text) == text


@given(st.recursive(st.text() | st.sampled_from(["\u202e\x9b", "\U000e0041\ud83d"]), lambda inner: st.lists(inner)))
def test_escaped_json_has_the_same_values(value: object) -> None:
    """And contains no hidden character."""
    for indent in (None, 1):
        text = escape_hidden(json.dumps(value, ensure_ascii=False, indent=indent))
        assert json.loads(text) == value
        assert make_visible(text) == text


def test_names_of_files_have_no_hidden_character() -> None:
    """Names tell files apart, so even a joiner that Persian needs is escaped."""
    assert printable("می\u200cخواهم.txt") == "می\\u200cخواهم.txt"
    assert printable("a\x1b[2J\u202e.txt") == "a\\u001b[2J\\u202e.txt"


def test_real_articles_are_almost_unchanged() -> None:
    """Of five articles and 1,302 aligned sentences, only four change: they have zero-width spaces in English words."""
    paths = [*sorted(shared("seeds").glob("*.txt")), *sorted(shared("corpus", "aligned").glob("*.jsonl"))]
    lines = [line for path in paths for line in Path(path).read_text("utf-8").split("\n")]
    assert len(lines) > 1000
    touched = [line for line in lines if make_visible(line) != line]
    assert len(touched) <= 4
    assert all("\u200b" in line for line in touched)
