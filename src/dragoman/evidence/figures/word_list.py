"""Lists of words, and the longest of them that stands at a place of a folded text.

Dictionaries and not patterns: a language has 1,500 words, and compiling them took a third of a second. A word that
ends in ``*`` stands for all words that begin so. A word that ends (or begins) in a letter is one only where no
further letter follows (or precedes), in the scripts that put spaces between words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from dragoman.evidence.figures.folding import LETTER, LETTERS, is_letter

T = TypeVar("T")
Lengths = Mapping[str, tuple[int, ...]]
"""Two letters (or the only one) to the lengths of the words that begin or end with them, the longest first."""

REST = re.compile(f"[{LETTERS}]{{0,40}}")


class WordList(Generic[T]):
    """Words, and what each of them means."""

    def __init__(self, entries: Mapping[str, T]) -> None:
        self.entries = entries
        self._ahead = lengths_by_letters(entries, lambda word, count: word[:count])

    def __bool__(self) -> bool:
        return bool(self.entries)

    def at(self, text: str, start: int) -> tuple[int, T] | None:
        """The longest word that begins at ``start``: where it ends, and what it means."""
        beginning = text[start : start + 2]
        lengths_by_letters = self._ahead.get(beginning) or self._ahead.get(beginning[:1])
        if lengths_by_letters is None:
            return None
        for length in lengths_by_letters:
            word = text[start : start + length]
            meaning = self.entries.get(word)
            if meaning is not None:
                end = start + len(word)
                if text[end : end + 1] not in LETTER or word[-1] not in LETTER:
                    return end, meaning
        return self._with_stem(text, start, lengths_by_letters) if self._stems else None

    def _with_stem(self, text: str, start: int, lengths_by_letters: tuple[int, ...]) -> tuple[int, T] | None:
        for length in lengths_by_letters:
            meaning = self._stems.get(text[start : start + length - 1])
            if meaning is not None:
                rest = REST.match(text, start + length - 1)
                if rest and not is_letter(text, rest.end()):
                    return rest.end(), meaning
        return None

    def before(self, text: str, end: int, floor: int = 0) -> tuple[int, T] | None:
        """The longest word that ends at ``end`` and begins at ``floor`` or later: where it begins, what it means."""
        if end <= floor:
            return None
        for length in self._behind.get(text[end - 2 : end]) or self._behind.get(text[end - 1], ()):
            start = end - length
            meaning = self.entries.get(text[start:end]) if start >= floor else None
            if meaning is not None and not (is_letter(text, start - 1) and is_letter(text, start)):
                return start, meaning
        return None

    @cached_property
    def _stems(self) -> Mapping[str, T]:
        return {word[:-1]: meaning for word, meaning in self.entries.items() if word[-1] == "*"}

    @cached_property
    def _behind(self) -> Lengths:
        return lengths_by_letters(self.entries, lambda word, count: word[-count:])


def lengths_by_letters(words: Iterable[str], side: Callable[[str, int], str], letters: int = 2) -> Lengths:
    """By the first (or last) letters, so that most places of a text are passed over at once."""
    meaning: dict[str, set[int]] = {}
    for word in words:
        meaning.setdefault(side(word, letters), set()).add(len(word))
    for beginning, counts in meaning.items():
        for shorter in range(1, len(beginning)):
            counts.update(meaning.get(side(beginning, shorter), ()))
    return {beginning: tuple(sorted(counts, reverse=True)) for beginning, counts in meaning.items()}
