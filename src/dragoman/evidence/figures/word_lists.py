"""Several lists of words looked up at once: for each list the longest of its words that stands at a place of a text.

The lists of `words` ask one thing of a place; behind a figure five are asked, of the same letters. Here one look at
the letters answers all of them: what the longest word of any list means, and what the words that it begins with (or
ends in) mean, is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from dragoman.evidence.figures.folding import LETTER, is_letter
from dragoman.evidence.figures.word_list import REST, lengths_by_letters

T = TypeVar("T")
Hit = tuple[int, T] | None
"""How many letters the longest word of a list has that stands there, and what it means; None where none does."""
H = TypeVar("H", bound=tuple[Any, ...])
"""A named tuple of hits, one for each list."""


class _Meanings(NamedTuple, Generic[H]):
    """What is at a place whose longest word is known."""

    whole: H
    inner: H
    """Where the word goes on in further letters, and is none: what it begins with (or ends in)."""
    bounded: bool
    """Whether it is one only where no further letter follows (or precedes)."""


class WordLists(Generic[H]):
    """Lists of words by the fields of ``hits``, and what each word means in each of them."""

    def __init__(self, hits: Callable[..., H], entries: Sequence[Mapping[str, Any]], *, behind: bool = False) -> None:
        """``behind``: the words are looked for by `before` and not by `at`."""
        self.nothing: H = hits(*(None for _ in entries))
        self._hits = hits
        step = -1 if behind else 1
        turned = [{word[::step]: found for word, found in words.items()} for words in entries]
        self._meanings = {word[::step]: known for word, known in _meanings(self.nothing, hits, turned).items()}
        self._lengths = lengths_by_letters(
            self._meanings, lambda word, count: word[-count:] if behind else word[:count], 3
        )
        self._stems: dict[str, list[tuple[int, Any]]] = {}
        for place, words in enumerate(() if behind else entries):
            for stem in (word for word in words if word[-1] == "*"):
                self._stems.setdefault(stem[:-1], []).append((place, words[stem]))
        self._stem_lengths = lengths_by_letters(self._stems, lambda word, count: word[:count])

    def at(self, text: str, start: int) -> H:
        """What the words that begin at ``start`` mean."""
        beginning, known = text[start : start + 3], self._lengths
        hits = self.nothing
        for length in known.get(beginning) or known.get(beginning[:2]) or known.get(beginning[:1], ()):
            found = self._meanings.get(text[start : start + length])
            if found is not None:
                whole, inner, bounded = found
                hits = inner if bounded and text[start + length : start + length + 1] in LETTER else whole
                break
        if self._stems and (stems := self._stem_lengths.get(beginning[:2])):
            return self._with_stem(text, start, stems, hits)
        return hits

    def before(self, text: str, end: int, floor: int) -> H:
        """What the words that end at ``end`` and begin at ``floor`` or later mean."""
        near, known = text[max(0, end - 3) : end], self._lengths
        for length in known.get(near) or known.get(near[-2:]) or known.get(near[-1:], ()):
            start = end - length
            found = self._meanings.get(text[start:end]) if start >= floor else None
            if found is not None:
                whole, inner, bounded = found
                return inner if bounded and is_letter(text, start - 1) else whole
        return self.nothing

    def _with_stem(self, text: str, start: int, stems: Sequence[int], hits: H) -> H:
        """With the words of the lists in which there is no other, and that begin with a stem."""
        for length in stems:
            begun = self._stems.get(text[start : start + length])
            if begun is None:
                continue
            rest = REST.match(text, start + length)
            end = rest.end() if rest else start + length
            if not is_letter(text, end):
                found = list(hits)
                for place, meaning in begun:
                    found[place] = found[place] or (end - start, meaning)
                hits = self._hits(*found)
        return hits


def _meanings(nothing: H, hits: Callable[..., H], lists: Sequence[Mapping[str, Any]]) -> dict[str, _Meanings[H]]:
    """Every word with its meanings, and with those of the words that it begins with."""
    known: dict[str, _Meanings[H]] = {}
    shorter: list[str] = []
    for word in sorted({*chain(*lists)}):
        while shorter and not word.startswith(shorter[-1]):
            shorter.pop()
        inner = nothing
        if shorter:
            goes_on = is_letter(word, len(shorter[-1])) and known[shorter[-1]].bounded
            inner = known[shorter[-1]].inner if goes_on else known[shorter[-1]].whole
        own = _own(hits, word, lists)
        whole = hits(*(one or other for one, other in zip(own, inner, strict=True)))
        known[word] = _Meanings(whole, inner, is_letter(word, len(word) - 1))
        shorter.append(word)
    return known


def _own(hits: Callable[..., H], word: str, lists: Sequence[Mapping[str, Any]]) -> H:
    return hits(*((len(word), words[word]) if word in words else None for words in lists))
