"""Write lists of words as regular expressions, for the few that are searched for or are part of a larger pattern.

Only short lists and short beginnings of words are written so, because long alternations compile slowly. All other
words are looked up by `word_list` and `word_lists`.
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
"""Letters. With fewer, every third word of a text would be looked at; with more, compiling takes too long."""
_ENDS = "end"
_NO_LETTER = r"(?![^\W\d_])"
"""Nearly the same as `AFTER`, but cheap to compile."""


def pattern(words: Iterable[str]) -> str:
    """Return a regular expression for any of ``words``, the longest first. A final ``*`` stands for more letters."""
    longest_first = sorted(set(words), key=len, reverse=True)
    bounded = [word for word in longest_first if is_letter(word, len(word) - 1)]
    open_ended = [word.rstrip("*") for word in longest_first if not is_letter(word, len(word) - 1)]
    # The class of letters is written once, because compiling it takes as long as fifty words.
    parts = [f"{_alternatives(bounded)}{AFTER}"] if bounded else []
    return f"(?:{'|'.join([*parts, *map(re.escape, open_ended)])})" if longest_first else NOTHING


def _alternatives(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


def beginnings(words: Iterable[str], before: str = "", letters: int = _BEGINNING) -> str:
    """Return a regular expression for the first ``letters`` of ``words``; ``before`` is put before spaced scripts.

    It quickly rules out offsets without any of the words. Where it matches, there may be one.
    """
    words = set(words)
    long_beginnings = {word[:_BEGINNING] for word in words if len(word) > _BEGINNING}
    spaced: Trie = {}
    free: Trie = {}
    for word in words:
        branch = spaced if is_letter(word, 0) else free
        for letter in word.rstrip("*")[:letters]:
            branch = branch.setdefault(letter, {})
        is_whole = len(word) <= _BEGINNING and word not in long_beginnings and is_letter(word, len(word) - 1)
        branch[_ENDS if is_whole else ""] = {}
    parts = [f"{lead}{_source(trie)}" for lead, trie in ((before, spaced), ("", free)) if trie]
    return f"(?:{'|'.join(parts)})" if parts else NOTHING


def _source(trie: Trie) -> str:
    """Return the expression of a trie: letters that anything may follow become a set; no letter follows a whole word."""
    if "" in trie:
        return ""
    last_letters = "".join(re.escape(letter) for letter, branch in trie.items() if "" in branch)
    parts = [
        f"{re.escape(letter)}{_source(branch)}"
        for letter, branch in trie.items()
        if letter != _ENDS and "" not in branch
    ]
    parts += [f"[{last_letters}]"] if last_letters else []
    parts += [_NO_LETTER] if _ENDS in trie else []
    return f"(?:{'|'.join(parts)})"
