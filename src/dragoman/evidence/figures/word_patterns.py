"""Word lists as regular expressions, for the few that are searched for or stand inside a larger pattern.

Only short lists and short beginnings of words: compiling long alternations is slow (see `words` for the rest).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dragoman.evidence.figures.folding import LETTERS, is_letter

BEFORE = f"(?<![{LETTERS}])"
AFTER = f"(?![{LETTERS}])"
NOTHING = "(?!)"

Trie = dict[str, "Trie"]
_BEGINNING = 5
"""Letters: with fewer, every third word of a text would be looked at; with more, compiling takes too long."""
_ENDS = "end"
_NO_LETTER = r"(?![^\W\d_])"
"""Nearly `AFTER`, and cheap to compile."""


def pattern(words: Iterable[str]) -> str:
    """A regular expression for any of ``words``, the longest first; ``*`` at the end stands for more letters."""
    longest_first = sorted(set(words), key=len, reverse=True)
    bounded = [word for word in longest_first if is_letter(word, len(word) - 1)]
    open_ended = [word.rstrip("*") for word in longest_first if not is_letter(word, len(word) - 1)]
    # The class of letters is said once: compiling it takes as long as fifty words.
    parts = [f"{_alternatives(bounded)}{AFTER}"] if bounded else []
    return f"(?:{'|'.join([*parts, *map(re.escape, open_ended)])})" if longest_first else NOTHING


def _alternatives(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


def beginnings(words: Iterable[str], before: str = "", letters: int = _BEGINNING) -> str:
    """A regular expression for the first ``letters`` of ``words``; ``before`` holds ahead of those of spaced scripts.

    It says at once where there is none of them. Where it matches there may be one.
    """
    words = set(words)
    begun = {word[:_BEGINNING] for word in words if len(word) > _BEGINNING}
    spaced: Trie = {}
    free: Trie = {}
    for word in words:
        branch = spaced if is_letter(word, 0) else free
        for letter in word.rstrip("*")[:letters]:
            branch = branch.setdefault(letter, {})
        whole = len(word) <= _BEGINNING and word not in begun and is_letter(word, len(word) - 1)
        branch[_ENDS if whole else ""] = {}
    parts = [f"{lead}{_source(trie)}" for lead, trie in ((before, spaced), ("", free)) if trie]
    return f"(?:{'|'.join(parts)})" if parts else NOTHING


def _source(trie: Trie) -> str:
    """Letters after which all may follow are a set; after a whole word no letter may."""
    if "" in trie:
        return ""
    enough = "".join(re.escape(letter) for letter, branch in trie.items() if "" in branch)
    parts = [
        f"{re.escape(letter)}{_source(branch)}"
        for letter, branch in trie.items()
        if letter != _ENDS and "" not in branch
    ]
    parts += [f"[{enough}]"] if enough else []
    parts += [_NO_LETTER] if _ENDS in trie else []
    return f"(?:{'|'.join(parts)})"
