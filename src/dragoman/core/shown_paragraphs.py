"""The paragraphs of an article as a request shows them, and how they differ from those of another request.

A request shows each paragraph as ``[word.3] text``, where the word is the fence word of the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

_FIRST_MARK = re.compile(r"^\[([a-z]{8,})\.\d+\] ", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?。！？｡।؟۔…]+[\s”»\"』」]*|\n")

_SHORT = 12
"""Characters. A shorter sentence ("Read on", a byline) may stand in any article."""

_MOST_COMPARED = 5_000
"""Paragraphs. Comparing two lists takes quadratic time at worst; of longer ones only the sets are compared."""


def marked(word: str, number: int, text: str) -> str:
    """A paragraph with its mark."""
    return f"[{word}.{number}] {text}"


def shown_paragraphs(user: str) -> dict[int, str]:
    """The paragraphs in the user part of a request, by number; empty if it shows none."""
    first = _FIRST_MARK.search(user)
    if first is None:
        return {}
    word = first[1]
    pieces = re.split(rf"(?:^|\n)\[{word}\.(\d+)\] ", user[first.start() :])
    # After the last paragraph comes the line that ends the fence, which has the word too.
    last, _, rest = pieces[-1].partition(word)
    pieces[-1] = last.rpartition("\n")[0] if rest else last
    return {int(number): text for number, text in zip(pieces[1::2], pieces[2::2], strict=True)}


@dataclass(frozen=True, slots=True)
class Difference:
    """How an article differs from what was asked before: ``changed`` are the numbers of its paragraphs that were not
    there, ``removed`` is how many of the earlier paragraphs have no counterpart."""

    changed: tuple[int, ...]
    removed: int

    @property
    def is_none(self) -> bool:
        return not self.changed and not self.removed

    def __str__(self) -> str:
        """``paragraphs 2 and 5-7 differ``, ``2 paragraphs are gone``."""
        phrases = []
        if self.changed:
            runs = [
                [number for _, number in run]
                for _, run in groupby(enumerate(self.changed), key=lambda pair: pair[1] - pair[0])
            ]
            names = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
            if len(names) > _MOST_NAMED:
                names = [*names[: _MOST_NAMED - 1], f"{sum(map(len, runs[_MOST_NAMED - 1 :]))} more"]
            listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
            phrases.append(f"paragraph {listed} differs" if len(self.changed) == 1 else f"paragraphs {listed} differ")
        if self.removed:
            phrases.append("1 paragraph is gone" if self.removed == 1 else f"{self.removed} paragraphs are gone")
        return ", ".join(phrases)


_MOST_NAMED = 4
"""Paragraphs, or runs of neighbours, that a message names; a message is one line."""


def difference(now: Mapping[int, str], before: Mapping[int, str]) -> Difference:
    """How the paragraphs ``now``, by number, differ from those ``before``."""
    numbers, texts, earlier = list(now), list(now.values()), list(before.values())
    if max(len(texts), len(earlier)) > _MOST_COMPARED:
        known, kept = set(earlier), set(texts)
        changed = tuple(number for number, text in now.items() if text not in known)
        return Difference(changed, max(0, sum(text not in kept for text in earlier) - len(changed)))
    changed_numbers: list[int] = []
    removed = 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, earlier, texts, autojunk=False).get_opcodes():
        if tag != "equal":
            changed_numbers += numbers[j1:j2]
            removed += max(0, (i2 - i1) - (j2 - j1))
    return Difference(tuple(changed_numbers), removed)


def sentences(paragraphs: Mapping[int, str]) -> frozenset[str]:
    """The sentences of paragraphs that are long enough to tell articles apart; whole paragraphs if none is."""
    pieces = [piece.strip() for text in paragraphs.values() for piece in _SENTENCE_END.split(text)]
    return frozenset(piece for piece in pieces if len(piece) >= _SHORT) or frozenset(paragraphs.values())


_LIKE = 0.3
"""Share of the sentences that two versions of one article have in common at least. Two articles on one subject share a
byline or a quotation; an edited article rarely loses two thirds of its sentences."""

_LETTERS = 5
"""Letters of the pieces that short texts are compared by."""


def are_versions(now: Mapping[int, str], before: Mapping[int, str]) -> bool:
    """Whether two lists of paragraphs are versions of the same article: enough sentences in common, or, where an edit
    touched every sentence, enough pieces of text."""
    if not now or not before:
        return False
    current, earlier = sentences(now), sentences(before)
    # The shorter version, because an article may grow by updates.
    if len(current & earlier) >= _LIKE * min(len(current), len(earlier)):
        return True
    # The longer text, because most pieces of a short one occur in any long text of its language.
    pieces, earlier_pieces = _pieces(now), _pieces(before)
    return len(pieces & earlier_pieces) >= _LIKE * max(len(pieces), len(earlier_pieces))


def _pieces(paragraphs: Mapping[int, str]) -> frozenset[str]:
    text = " ".join(paragraphs.values())
    return frozenset(text[at : at + _LETTERS] for at in range(max(1, len(text) - _LETTERS + 1)))
