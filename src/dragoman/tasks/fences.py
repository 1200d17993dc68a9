"""The word that fences an article's text in a request, so that nothing inside can close the fence or forge a number.

The word is made of the text itself: the same article has the same word, and so the same request key. Whoever writes an
article can compute it too. So it has 64 bits, and a text that holds it must be its own digest's preimage; and the word
that is taken does not occur in the text in any form that a reader, human or model, could take for it: other case,
widths and compatibility forms, accents, look-alikes of other scripts, letters kept apart by signs or spaces or by
characters that nobody sees.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from dragoman.core.text import sha256

LETTERS = "bcdfghjknprstvxz"
"""One for each value of a hex digit. No vowels, so that no fence is a word; no l, m, q and w, which look like 1, rn, 9
and vv."""

LENGTH = 16
"""Letters of a word: 64 bits. With 24, a text that holds its own fence word took 9.5 s to make; now it takes 2⁴⁰ times
as long. Each paragraph carries the word, so a longer one costs tokens."""

_APART = " "
"""What a letter or digit becomes that looks like no letter of a fence word; it keeps its neighbours apart."""


_UNSEEN = "\u115f\u1160\u3164\uffa0"
"""Letters, by their category, that are drawn as nothing: fillers of Hangul."""


def fence(text: str) -> str:
    """The fence word of a text; see the module."""
    taken = folded(text)
    return next(word for word in _words(text) if word not in taken)


def _words(text: str) -> Iterator[str]:
    attempt = 0
    while True:
        digest = sha256(f"{attempt}:{text}")
        yield "".join([LETTERS[int(digit, 16)] for digit in digest[:LENGTH]])
        attempt += 1


def folded(text: str) -> str:
    """The letters of fence words that a text could be taken to have, in order.

    Character by character: composing a whole text costs the square of its longest run of accents.
    """
    return text.translate({ord(character): _letters(character) for character in set(text)})


def by_rule(character: str) -> str:
    """As `folded`, without the table of look-alikes."""
    return "".join(map(_plain, unicodedata.normalize("NFKD", character).casefold()))


def _letters(character: str) -> str:
    table = _lookalikes()
    if character in table:
        return table[character]
    pieces = unicodedata.normalize("NFKD", character).casefold()
    # к looks like k because К looks like K: the table says so of capitals only.
    return "".join([table.get(piece) or table.get(piece.upper()) or _plain(piece) for piece in pieces])


def _plain(character: str) -> str:
    if character in LETTERS:
        return character
    # Letters and digits keep their neighbours apart. Signs, spaces, accents, and what nobody sees do not.
    return _APART if character.isalnum() and character not in _UNSEEN else ""


@cache
def _lookalikes() -> dict[str, str]:
    """Character to letter: ``data/lookalikes.tsv``."""
    rows = (files("dragoman") / "data" / "lookalikes.tsv").read_text("utf-8").splitlines()
    return {chr(int(code, 16)): letter for code, letter, _ in (row.split("\t") for row in rows if row[:1] != "#")}
