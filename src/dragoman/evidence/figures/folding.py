"""Bring texts and words into one spelling, so that a table needs each word once and a look-up is a plain comparison.

The folded spelling has lower case, canonical composition, one form of Arabic letters that have two, no nukta and no
accusative mark, and one kind of space, apostrophe and hyphen. Digits, widths and signs are read as printed and stay.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

# Letters and marks of the scripts that put spaces between words, lower case, without digits and ª º.
LETTERS = (
    "a-zµß-öø-\u02af\u0300-\u052f\u0531-\u0587\u0591-\u05bd\u05d0-\u05ea\u0610-\u061a\u0620-\u065f\u066e-\u06d3"
    "\u06d5-\u06dc\u06e1-\u06e8\u06ea-\u06ef\u06fa-\u06fc\u0750-\u077f\u0900-\u0963\u0971-\u09e3\u09f0\u09f1"
    "\u10a0-\u10ff\u1200-\u137f\u0a01-\u0a65\u0a70-\u0ae3\u0b01-\u0b65\u0b70-\u0be3\u0c00-\u0c65\u0c80-\u0ce3\u0d00-\u0d65\u1e00-\u1fff"
)
GROUP = "\u2009"
"""In folded text, a space other than the plain one that separates digits from three more digits."""
GAP = f"[ {GROUP}]"
"""A pattern for a space inside a line of folded text. Readers pass over two in a row at most."""
_GAPS = {" ", GROUP}
# Spaces inside a line, and the direction marks around figures in right-to-left text.
_SPACES = "[\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u061c\u3000]"
_PLAIN_SPACE = re.compile(rf"{_SPACES}(?:(?!\d\d\d)|(?<!\d.)|(?<![\u00a0\u202f\u2009]))")
_RUN_OF_SPACES = re.compile(" {2,}")

LETTER = frozenset(re.findall(f"[{LETTERS}]", "".join(map(chr, range(0x2000)))))
"""Each letter and mark of `LETTERS`."""

_ARABIC_SCRIPT = {"ar", "fa", "ur"}
# Letters that print exchanges: hamza on alif is optional, and yeh and kaf have two code points each.
_ARABIC_LETTERS = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ی"), ("ي", "ی"), ("ك", "ک"), ("ة", "ه"), ("ۀ", "ه"))
_LONGEST_CLUSTER = 16
"""Marks composed with one letter. A longer run is an attack, because composing it takes quadratic time."""
# Vowel signs and accents that may compose with the letter before them, and jamo inside a Hangul syllable.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u093c\u0981-\u09cd\u09d7\u0b82-\u0bd7"
    "\u0c46-\u0c56\u0cbf-\u0cd6\u0d3e-\u0d57\u0dca-\u0ddf"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1161-\u11ff\u3099\u309a"
)
# Letters that are never canonical on their own, and initial jamo: they change without a mark after them.
_NEVER_CANONICAL = (
    "\u0340-\u0387\u0958-\u095f\u09dc-\u09df\u0a33-\u0a5e\u0b5c\u0b5d\u1100-\u1112\u1f71-\u1fff\u2000\u2001\u2126-\u212b"
    "\uf900-\ufaff\ufb1d-\ufb4e\U0002f800-\U0002fa1d"
)
# Begins with the rare mark and looks back at its letter, so that most letters are passed over at once.
_CLUSTER = re.compile(
    f"[{_MARKS}{_NEVER_CANONICAL}](?:(?<=[^{_MARKS}\\n][{_MARKS}])[{_MARKS}]{{0,{_LONGEST_CLUSTER - 1}}}()"
    f"|(?<=[{_NEVER_CANONICAL}])(?:(?<=[{_MARKS}])|(?![{_MARKS}])))"
)
# Marks that print leaves out at will: the nukta of Indic letters, the accusative of Arabic.
_OPTIONAL_MARKS = "\u093c\u064b"
_OPTIONAL = re.compile(f"[{_OPTIONAL_MARKS}](?<=[^\\n][{_OPTIONAL_MARKS}])()")
_SIGNS = (("’", "'"), ("ʼ", "'"), ("‐", "-"), ("‑", "-"))


class Folded(NamedTuple):
    """A folded text, and the way back to the original."""

    text: str
    folded_steps: tuple[int, ...] = ()
    """Offsets where the folded text goes out of step with the original: ends of clusters that changed their length."""
    original_steps: tuple[int, ...] = ()
    """The same offsets in the original."""

    def original_range(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original for a range of the folded text."""
        if not self.folded_steps:
            return start, end
        return self._original_offset(start), self._original_offset(end)

    def part(self, start: int, end: int) -> Folded:
        """Return a part of the folded text, as if its range of the original had been folded alone."""
        low, high = bisect_right(self.folded_steps, start), bisect_right(self.folded_steps, end)
        first = self._original_offset(start)
        return Folded(
            self.text[start:end],
            tuple(offset - start for offset in self.folded_steps[low:high]),
            tuple(offset - first for offset in self.original_steps[low:high]),
        )

    def _original_offset(self, offset: int) -> int:
        step = bisect_right(self.folded_steps, offset)
        if step == 0:
            return offset
        return self.original_steps[step - 1] + offset - self.folded_steps[step - 1]


def is_composed(text: str) -> bool:
    """Whether the text is in canonical composition (NFC). If it is, each of its parts is too."""
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def fold(text: str, language: str, *, composed: bool | None = None) -> Folded:
    """Return ``text`` in the spelling of the tables of ``language`` (its primary subtag).

    ``composed`` is the result of `is_composed`, if the caller knows it.
    """
    if text.isascii():
        return Folded(_spelling(text, language))
    changes = _OPTIONAL if (is_composed(text) if composed is None else composed) else _CLUSTER
    pieces: list[str] = []
    folded_steps: list[int] = []
    original_steps: list[int] = []
    written = position = 0
    for match in changes.finditer(text):
        start, end = match.start() - (match.lastindex or 0), match.end()
        cluster = text[start:end]
        form = _composed(cluster)
        if form == cluster or start < position:
            continue
        written += start - position + len(form)
        pieces += (text[position:start], form)
        folded_steps += (written - len(form) + 1, written) if len(form) > 1 else (written,)
        original_steps += (end - len(form) + 1, end) if len(form) > 1 else (end,)
        position = end
    if not pieces:
        return Folded(_spelling(text, language))
    pieces.append(text[position:])
    return Folded(_spelling("".join(pieces), language), tuple(folded_steps), tuple(original_steps))


@lru_cache(maxsize=4096)
def _composed(cluster: str) -> str:
    form = unicodedata.normalize("NFC", cluster)
    for mark in _OPTIONAL_MARKS:
        form = form.replace(mark, "")
    return form


def _spelling(text: str, language: str) -> str:
    # İ is the only letter whose lower case is longer than the letter.
    text = text.replace("İ", "i").lower()
    for sign, folded_sign in _SIGNS:
        text = text.replace(sign, folded_sign)
    if language in _ARABIC_SCRIPT:
        for letter, folded_letter in _ARABIC_LETTERS:
            text = text.replace(letter, folded_letter)
    if text.isascii():
        return text
    return _PLAIN_SPACE.sub(" ", text).replace("\u00a0", GROUP).replace("\u202f", GROUP)


def word_key(word: str, language: str) -> str:
    """Return a word of a table in the folded spelling of ``language``."""
    if word.isascii():
        return word.lower()
    return _RUN_OF_SPACES.sub(" ", _spelling(_composed(word), language)).strip()


def gap_end(text: str, at: int) -> int:
    """Return where the gap that begins at ``at`` ends: at most two characters after ``at``."""
    if text[at : at + 1] not in _GAPS:
        return at
    return at + 2 if text[at + 1 : at + 2] in _GAPS else at + 1


def gap_start(text: str, at: int) -> int:
    """Return where the gap that ends at ``at`` begins: at most two characters before ``at``."""
    if text[at - 1 : at] not in _GAPS:
        return at
    return at - 2 if text[at - 2 : at - 1] in _GAPS else at - 1


def is_letter(text: str, at: int) -> bool:
    """Whether a letter or mark of a script with spaces between words is at ``at`` of a folded text."""
    return at >= 0 and text[at : at + 1] in LETTER
