"""Texts of others in cells that people open: no controls, and nothing that a spreadsheet takes for a formula."""

from __future__ import annotations

import re

from dragoman.core.visible import is_certainly_clean, make_visible

_STARTS = "=+\\-@＝＋－＠"
_UNSEEN = (
    r"[^\S\t\r\n]|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""White space and what is drawn as nothing, but for tabs and line ends: spreadsheets pass over some of it, and which
ones differs."""

# What starts a formula in a cell (OWASP, CSV injection, read 2026-11): with the full-width forms, which some
# spreadsheets fold. After a semicolon, tab or line end too: where those part cells (many locales use the
# semicolon), the rest of a text becomes a cell of its own.
_FORMULA = re.compile(rf"(?:\A|(?<=[;\t\r\n]))(?=(?:{_UNSEEN})*+[{_STARTS}]|[\t\r])")


def harmless(text: str) -> str:
    """The text both `visible` and `disarmed`."""
    if text.isprintable() and ";" not in text and is_certainly_clean(text) and not starts_formula(text):
        return text  # most are
    return disarmed(visible(text))


def visible(text: str) -> str:
    """What could hide or reorder text as signs (␛ for escape, ⟨202E⟩ for an override), but for tab and line ends."""
    return make_visible(text, keep="\t\r\n")


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula."""
    return _FORMULA.match(text) is not None


def disarmed(text: str) -> str:
    """The text with an apostrophe before whatever could start a formula."""
    return _FORMULA.sub("'", text)
