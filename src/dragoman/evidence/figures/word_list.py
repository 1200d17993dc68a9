"""Look up the longest word of a list at an offset of a folded text.

The words are in dictionaries, not in patterns: a language has 1,500 words, and compiling a pattern of them took a third
of a second. An entry that ends in ``*`` stands for all words with this beginning. In scripts with spaces between words,
a word that ends (or begins) in a letter matches only if no further letter follows (or precedes) it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from dragoman.evidence.figures.folding import LETTER, LETTERS, is_letter, splits_syllable

T = TypeVar("T")
Lengths = Mapping[str, tuple[int, ...]]
"""For the first (or last) two letters, or the only letter: the lengths of the words with them, the longest first."""

REST = re.compile(f"[{LETTERS}]{{0,40}}")
"""What follows a stem in a word: at most 40 letters, so that a hostile run of letters costs no more."""


class WordList(Generic[T]):
    """The words of a list, and what each of them means."""

    def __init__(self, entries: Mapping[str, T]) -> None:
        self.entries = entries
        self._lengths_at = lengths_by_letters(entries, lambda word, count: word[:count])

    def __bool__(self) -> bool:
        return bool(self.entries)

    def at(self, text: str, start: int) -> tuple[int, T] | None:
        """Return where the longest word that begins at ``start`` ends, and what it means."""
        beginning = text[start : start + 2]
        lengths = self._lengths_at.get(beginning) or self._lengths_at.get(beginning[:1])
        if lengths is None:
            return None
        for length in lengths:
            word = text[start : start + length]
            meaning = self.entries.get(word)
            if meaning is not None:
                end = start + len(word)
                if (text[end : end + 1] not in LETTER or word[-1] not in LETTER) and not splits_syllable(text, end):
                    return end, meaning
        return self._with_stem(text, start, lengths) if self._stems else None

    def _with_stem(self, text: str, start: int, lengths: tuple[int, ...]) -> tuple[int, T] | None:
        for length in lengths:
            meaning = self._stems.get(text[start : start + length - 1])
            if meaning is not None:
                rest = REST.match(text, start + length - 1)
                if rest and not is_letter(text, rest.end()):
                    return rest.end(), meaning
        return None

    def before(self, text: str, end: int, floor: int = 0) -> tuple[int, T] | None:
        """Return where the longest word that ends at ``end`` begins, at ``floor`` or later, and what it means."""
        if end <= floor:
            return None
        for length in self._lengths_before.get(text[end - 2 : end]) or self._lengths_before.get(text[end - 1], ()):
            start = end - length
            meaning = self.entries.get(text[start:end]) if start >= floor else None
            if meaning is not None and not (is_letter(text, start - 1) and is_letter(text, start)):
                return start, meaning
        return None

    @cached_property
    def _stems(self) -> Mapping[str, T]:
        return {word[:-1]: meaning for word, meaning in self.entries.items() if word[-1] == "*"}

    @cached_property
    def _lengths_before(self) -> Lengths:
        return lengths_by_letters(self.entries, lambda word, count: word[-count:])


def lengths_by_letters(words: Iterable[str], side: Callable[[str, int], str], letters: int = 2) -> Lengths:
    """Return the lengths of words by their first (or last) letters, so that most of a text is passed over at once.

    ``side`` cuts a number of letters from a word. Words shorter than ``letters`` count under all that they begin.
    """
    lengths: dict[str, set[int]] = {}
    for word in words:
        lengths.setdefault(side(word, letters), set()).add(len(word))
    for beginning, counts in lengths.items():
        for shorter in range(1, len(beginning)):
            counts.update(lengths.get(side(beginning, shorter), ()))
    return {beginning: tuple(sorted(counts, reverse=True)) for beginning, counts in lengths.items()}
