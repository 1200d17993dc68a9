"""Word lists as regular expressions: one trie, the longest word first, bounded as its script wants it.

A word that ends in ``*`` stands for all words that begin so. A space in a word is any run of spaces of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from dragoman.figures.folding import GAP, LETTERS, NUKTA, is_letter

BEFORE = f"(?<![{LETTERS}])"
AFTER = f"(?![{LETTERS}])"
# At the end of a word that ends in a letter no letter may follow. Said once for a whole list: compiling this
# class of letters for every word took most of the time that a language took to load.
_EITHER = f"(?:(?<![{LETTERS}])|{AFTER})"
NOTHING = "(?!)"

_WIDE = {" ": f"{GAP}+", "'": "['’ʼ]", "-": "[-‐‑–−]", "*": f"[{LETTERS}]*"}
_TAKES_NUKTA = "कखगजडढफनरय"
_END = ""


def pattern(words: Iterable[str], before: str = BEFORE) -> str:
    """A regular expression for any of ``words``; ``before`` holds ahead of words that begin with a letter."""
    spaced: dict[str, Any] = {}
    free: dict[str, Any] = {}
    ends = set()
    for word in words:
        ends.add(is_letter(word[-1]))
        _add(spaced if is_letter(word[0]) else free, word)
    parts = []
    if spaced:
        parts.append(before + _source(spaced))
    if free:
        parts.append(_source(free))
    return f"(?:{'|'.join(parts)}){_end(ends)}" if parts else NOTHING


def reversed_pattern(words: Iterable[str]) -> str:
    """The same for words read from their last letter to their first, up to where the word begins."""
    trie: dict[str, Any] = {}
    ends = set()
    for word in words:
        ends.add(is_letter(word[0]))
        _add(trie, word[::-1])
    # A word in front of a figure may follow a Han or Thai letter, but not one of its own script.
    return _source(trie) + _end(ends) if trie else NOTHING


def _end(ends: set[bool]) -> str:
    if ends == {True}:
        return AFTER
    return _EITHER if ends == {True, False} else ""


def _add(trie: dict[str, Any], word: str) -> None:
    for character in word:
        trie = trie.setdefault(character, {})
    trie[_END] = True


def _source(trie: dict[str, Any]) -> str:
    parts = []
    for character, below in sorted(trie.items(), key=lambda item: (item[0] in " *", item[0])):
        if character != _END:
            parts.append(_letter(character) + _source(below))
    if _END in trie:
        parts.append("")
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _letter(character: str) -> str:
    if character == "ا":
        return "ً?اً?"  # the mark of the accusative stands before or behind its alif, or is left out
    if character in _WIDE:
        return _WIDE[character]
    return re.escape(character) + (f"{NUKTA}?" if character in _TAKES_NUKTA else "")
