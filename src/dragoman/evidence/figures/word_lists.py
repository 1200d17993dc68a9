"""Look up several lists of words at once: for each list, the longest of its words at an offset of a text.

A `word_list` answers one question about an offset; after a figure, five lists are asked about the same letters. Here one
look-up answers all of them, because it is computed beforehand what the longest word of any list means, and what the
words mean that it begins (or ends) with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from dragoman.evidence.figures.folding import LETTER, is_letter, splits_syllable
from dragoman.evidence.figures.word_list import REST, lengths_by_letters

T = TypeVar("T")
Hit = tuple[int, T] | None
"""The length in letters and the meaning of the longest word of a list at an offset; None if there is no word."""
H = TypeVar("H", bound=tuple[Any, ...])
"""A named tuple of hits, one for each list."""


class _Meanings(NamedTuple, Generic[H]):
    """What the lists say about an offset whose longest word is known."""

    whole: H
    """What the word and the words that it begins (or ends) with mean."""
    inner: H
    """What remains if the word is only part of a longer one: the words that it begins (or ends) with."""
    bounded: bool
    """Whether the word matches only if no further letter follows (or precedes) it."""


class WordLists(Generic[H]):
    """Lists of words, one for each field of ``hits``, and what each word means in each of them."""

    def __init__(self, hits: Callable[..., H], entries: Sequence[Mapping[str, Any]], *, ending: bool = False) -> None:
        """``ending``: the words are looked up by `before` instead of `at`."""
        self.nothing: H = hits(*(None for _ in entries))
        self._hits = hits
        step = -1 if ending else 1
        directed = [{word[::step]: meaning for word, meaning in words.items()} for words in entries]
        self._meanings = {word[::step]: meanings for word, meanings in _meanings(self.nothing, hits, directed).items()}
        self._lengths = lengths_by_letters(
            self._meanings, lambda word, count: word[-count:] if ending else word[:count], 3
        )
        self._stems: dict[str, list[tuple[int, Any]]] = {}
        for index, words in enumerate(() if ending else entries):
            for stem in (word for word in words if word[-1] == "*"):
                self._stems.setdefault(stem[:-1], []).append((index, words[stem]))
        self._stem_lengths = lengths_by_letters(self._stems, lambda word, count: word[:count])

    def at(self, text: str, start: int) -> H:
        """Return what the words that begin at ``start`` mean."""
        beginning, lengths = text[start : start + 3], self._lengths
        hits = self.nothing
        for length in lengths.get(beginning) or lengths.get(beginning[:2]) or lengths.get(beginning[:1], ()):
            meanings = self._meanings.get(text[start : start + length])
            if meanings is not None:
                whole, inner, bounded = meanings
                end = start + length
                if splits_syllable(text, end):
                    continue
                hits = inner if bounded and text[end : end + 1] in LETTER else whole
                break
        if self._stems and (stems := self._stem_lengths.get(beginning[:2])):
            return self._with_stem(text, start, stems, hits)
        return hits

    def before(self, text: str, end: int, floor: int) -> H:
        """Return what the words that end at ``end`` and begin at ``floor`` or later mean."""
        ending, lengths = text[max(0, end - 3) : end], self._lengths
        for length in lengths.get(ending) or lengths.get(ending[-2:]) or lengths.get(ending[-1:], ()):
            start = end - length
            meanings = self._meanings.get(text[start:end]) if start >= floor else None
            if meanings is not None:
                whole, inner, bounded = meanings
                return inner if bounded and is_letter(text, start - 1) else whole
        return self.nothing

    def _with_stem(self, text: str, start: int, stems: Sequence[int], hits: H) -> H:
        """Add words that begin with a stem, for the lists that have no word as long there."""
        for length in stems:
            stem_meanings = self._stems.get(text[start : start + length])
            if stem_meanings is None:
                continue
            rest = REST.match(text, start + length)
            end = rest.end() if rest else start + length
            if not is_letter(text, end):
                hits_by_list = list(hits)
                for index, meaning in stem_meanings:
                    hit = hits_by_list[index]
                    hits_by_list[index] = hit if hit and hit[0] >= end - start else (end - start, meaning)
                hits = self._hits(*hits_by_list)
        return hits


def _meanings(nothing: H, hits: Callable[..., H], lists: Sequence[Mapping[str, Any]]) -> dict[str, _Meanings[H]]:
    """Return what each word means, together with the words that it begins with."""
    meanings: dict[str, _Meanings[H]] = {}
    shorter: list[str] = []
    for word in sorted({*chain(*lists)}):
        while shorter and not word.startswith(shorter[-1]):
            shorter.pop()
        inner = nothing
        if shorter:
            previous = meanings[shorter[-1]]
            inner = previous.inner if is_letter(word, len(shorter[-1])) and previous.bounded else previous.whole
        own_hits = _own_hits(hits, word, lists)
        whole = hits(*(own_hit or inner_hit for own_hit, inner_hit in zip(own_hits, inner, strict=True)))
        meanings[word] = _Meanings(whole, inner, is_letter(word, len(word) - 1))
        shorter.append(word)
    return meanings


def _own_hits(hits: Callable[..., H], word: str, lists: Sequence[Mapping[str, Any]]) -> H:
    return hits(*((len(word), words[word]) if word in words else None for words in lists))
