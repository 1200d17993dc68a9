"""The fence word of a request: it marks the text of the article, so that nothing inside can end the fence or forge a
paragraph number.

The word is computed from the paragraphs, so the same article has the same word and the same request key, however its
paragraphs are spaced in the file. The author of an article can compute it too. Therefore it has 64 bits, so that a text
which contains its own word would have to be a preimage of its own digest; and the chosen word does not occur in the
text in any form that a person or model could take for it: other case, width or compatibility form, accents, look-alikes
from other scripts, or letters separated by punctuation, spaces or invisible characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

from dragoman.core.data_tables import table_rows
from dragoman.core.source import Source
from dragoman.core.text import sha256
from dragoman.core.visible import FILLERS

LETTERS = "bcdfghjknprstvxz"
"""One letter for each value of a hex digit. No vowels, so that no fence is a word; no l, m, q and w, which look like 1,
rn, 9 and vv."""

LENGTH = 16
"""Letters of a word: 64 bits. With 24 bits, a text that contains its own fence word took 9.5 s to make; now it takes
2⁴⁰ times as long. Each paragraph carries the word, so a longer word costs tokens."""

_SEPARATOR = " "
"""Replaces a letter or digit that looks like no letter of a fence word, so that its neighbours stay separated."""


def fence_of(source: Source) -> str:
    """The fence word of the requests about a source."""
    return fence(source.paragraphs_alone if source.fence_text is None else source.fence_text)


def fence(text: str) -> str:
    """The fence word of a text; see the module."""
    folded_text = folded(text)
    return next(word for word in _words(text) if word not in folded_text)


def _words(text: str) -> Iterator[str]:
    attempt = 0
    while True:
        digest = sha256(f"{attempt}:{text}")
        yield "".join([LETTERS[int(digit, 16)] for digit in digest[:LENGTH]])
        attempt += 1


def folded(text: str) -> str:
    """The letters of fence words that a text could be read as, in order.

    Works character by character: normalising a whole text takes time quadratic in its longest run of accents.
    """
    return text.translate({ord(character): _letters(character) for character in set(text)})


def by_rule(character: str) -> str:
    """Like `folded`, without the table of look-alikes."""
    return "".join(map(_fence_letter, unicodedata.normalize("NFKD", character).casefold()))


def _letters(character: str) -> str:
    table = _lookalikes()
    if character in table:
        return table[character]
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    # к looks like k because К looks like K; the table lists only the capitals.
    return "".join([table.get(part) or table.get(part.upper()) or _fence_letter(part) for part in decomposed])


def _fence_letter(character: str) -> str:
    if character in LETTERS:
        return character
    # Letters and digits separate their neighbours. Punctuation, spaces, accents and invisible characters do not.
    return _SEPARATOR if character.isalnum() and character not in FILLERS else ""


@cache
def _lookalikes() -> dict[str, str]:
    """Letter for each look-alike character, from ``data/lookalikes.tsv``."""
    return {chr(int(code, 16)): letter for code, letter, _ in table_rows("lookalikes.tsv")}
