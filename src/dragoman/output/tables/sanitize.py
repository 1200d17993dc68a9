"""Sanitize texts for the cells of tables: no control characters, and nothing that a spreadsheet runs as a formula."""

from __future__ import annotations

import re

from dragoman.core.visible import is_certainly_clean, make_visible

_STARTS = "=+\\-@＝＋－＠"
_INVISIBLE = (
    r"[^\S\t\r\n]|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""White space and invisible characters, except tabs and line ends. Spreadsheets skip some of them, and which ones
differs between programs."""

# What starts a formula in a cell (OWASP, CSV injection, read 2026-11), including the full-width forms, which some
# spreadsheets treat like the ASCII ones. Also after a semicolon, tab or line end: where these separate cells (many
# locales use the semicolon), the rest of a text becomes a cell of its own.
_FORMULA = re.compile(rf"(?:\A|(?<=[;\t\r\n]))(?=(?:{_INVISIBLE})*+[{_STARTS}]|[\t\r])")


def sanitize(text: str) -> str:
    """The text with hidden characters shown and formulas disarmed."""
    if text.isprintable() and ";" not in text and is_certainly_clean(text) and not may_start_formula(text):
        return text  # true of most texts, and quicker
    return disarm(show_hidden(text))


def show_hidden(text: str) -> str:
    """The text with visible symbols for what could hide or reorder text (␛, ⟨202E⟩). Tabs and line ends stay."""
    return make_visible(text, keep="\t\r\n")


def may_start_formula(text: str) -> bool:
    """Whether a spreadsheet could run the text as a formula."""
    return _FORMULA.match(text) is not None


def disarm(text: str) -> str:
    """The text with an apostrophe before everything that could start a formula."""
    return _FORMULA.sub("'", text)
