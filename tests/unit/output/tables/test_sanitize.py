"""No cell can start a formula, and nothing invisible hides one."""

from __future__ import annotations

import re

import pytest

from dragoman.output.tables.sanitize import _FORMULA, _INVISIBLE, disarm, may_start_formula, sanitize


def test_a_partial_date_is_disarmed() -> None:
    """A date without a year begins with two minus signs, which a spreadsheet would compute."""
    assert disarm("--11-05") == "'--11-05"
    assert disarm("2026-11-05 – 11") == "2026-11-05 – 11"


UNSEEN = {
    "a space": " ", "spaces": "   ", "a no-break space": "\u00a0", "an ideographic space": "\u3000",
    "a thin space": "\u2009", "a byte order mark": "\ufeff", "a space of no width": "\u200b", "a joiner": "\u200d",
    "a mark of direction": "\u200f", "a word joiner": "\u2060", "a soft hyphen": "\u00ad", "a filler": "\u3164",
    "an empty pattern of Braille": "\u2800", "a selector": "\ufe0f", "a grapheme joiner": "\u034f",
    "a tag": "\U000e0020",
    "next line": "\x85", "a line separator": "\u2028", "many of them": " \u00a0\ufeff\u200b ",
}  # fmt: skip


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_what_nobody_sees_before_a_formula_does_not_hide_it(name: str, sign: str) -> None:
    """At the start of a cell and after every separator, the apostrophe comes before all of it."""
    hidden = f"{UNSEEN[name]}{sign}1+1"
    assert disarm(hidden) == f"'{hidden}"
    assert may_start_formula(hidden)
    assert disarm(f"a;{hidden}") == f"a;'{hidden}"
    assert disarm(f"a\n{hidden}").startswith("a\n'")
    # In the CSV hidden characters are shown; then they hide nothing, and white space stays what it is.
    cell = sanitize(hidden)
    assert cell.lstrip(" \u00a0")[0] in "'⟨"
    assert sanitize(f"x{hidden}")[0] == "x"


def test_ordinary_cells_are_left_alone() -> None:
    """Spaces, signs and hyphens inside a text start no formula."""
    for text in ("", " ", " a = b", "a - b", "\u00a0a", "a; b", "5 - 3", "x;y", "(=)", "e-mail", "\ufeffa"):
        assert disarm(text) == text


def test_disarming_reads_white_space_only_once() -> None:
    """The run is possessive and contains no separators, so long white space does not take quadratic time."""
    assert "*+[" in _FORMULA.pattern
    assert not re.compile(_INVISIBLE).search("\t\r\n;")
