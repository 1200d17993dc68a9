"""The consonants of words in any alphabet, as a code that survives transliteration: Нестругин and Nestrugin are equal.

Letters are read by their Unicode names (CYRILLIC SMALL LETTER EN, DEVANAGARI LETTER KA, KATAKANA LETTER TO), so that no
table of letters is needed. Consonants that languages exchange share a code, as in Soundex: b, p, f, v and w are one.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import product

_CLASSES = {
    letter: str(number)
    for number, letters in enumerate(("bpfvw", "cgjkqsxz", "dt", "l", "mn", "r"), start=1)
    for letter in letters
}

_EITHER = "?"
"""The sound of a letter that is l or r: katakana writes London and Rome with the same one."""

_LETTER = re.compile(
    r"(?:LETTER|SYLLABLE|CHARACTER) (?:(?:SMALL|CAPITAL|FINAL|SHORT|LONG|VOCALIC|DOTLESS|SHARP) )*(.+)"
)
_SILENT = ("ALEF", "AIN", "AYIN", "HAMZA")
"""First words in the names of letters that stand for a vowel, a pause, or a sound that English leaves out."""

_REPEATED = re.compile(r"(.)\1+")

LEAST_SOUNDS = 3
"""Consonants of a word. Words with fewer are equal by chance too often."""

MOST_SOUNDS = 4
"""Consonants that are compared. What follows is often an ending: Нестругин, Нестругина."""


class _Sounds(dict[int, str]):
    """A table for `str.translate` from letters to sounds, filled when a letter is first needed. What is no letter of an
    alphabet separates words."""

    def __missing__(self, code: int) -> str:
        self[code] = sound = _sound(chr(code))
        return sound


def sounds(text: str) -> set[str]:
    """The first consonants of each word of ``text`` that has enough of them. Words of Han characters and hiragana have
    none."""
    codes = _REPEATED.sub(r"\1", text.translate(_SOUNDS)).split()
    found = {code[:MOST_SOUNDS] for code in codes if len(code) >= LEAST_SOUNDS}
    if not any(_EITHER in code for code in found):
        return found
    either = _CLASSES["l"], _CLASSES["r"]
    return {"".join(read) for code in found for read in product(*(either if c == _EITHER else c for c in code))}


def _sound(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "M" or category in ("Cf", "Lm"):
        return ""
    if category[0] != "L":
        return " "
    base = unicodedata.normalize("NFKD", letter)[0].lower() if not "\uac00" <= letter <= "\ud7a3" else letter
    if base.isascii():
        return _CLASSES.get(base, "")
    name = unicodedata.name(base, "")
    match = _LETTER.search(name)
    if match is None or name.startswith("HIRAGANA"):
        return " "
    sounded = match[1].split(" WITH ")[0]
    if sounded.startswith(_SILENT):
        return ""
    if name.startswith("HANGUL"):
        return "".join(_CLASSES.get(each, "") for each in sounded.lower().replace("ng", "n"))
    # The first letter of a name: B of BEH, K of KO KAI, but no vowel (ALPHA, UPSILON). The names of some Cyrillic
    # consonants begin with one: EL, EN.
    letters = sounded.lower().lstrip("aeiou") if name.startswith("CYRILLIC") else sounded.lower()
    return _EITHER if name.startswith("KATAKANA") and letters[0] == "r" else _CLASSES.get(letters[:1], "")


_SOUNDS = _Sounds()
