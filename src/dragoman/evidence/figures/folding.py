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
    "\u0a01-\u0a65\u0a70-\u0ae3\u0b01-\u0b65\u0b70-\u0be3\u0c00-\u0c65\u0c80-\u0ce3\u0d00-\u0d65\u0d7a-\u0d7f\u0d80-\u0ddf\u0df2\u0df3\u10d0-\u10ff\u1200-\u135f\u1380-\u138f"
    "\u1e00-\u1fff"
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

_DEPENDENT = frozenset(
    map(chr, (*range(0x102B, 0x103F), *range(0x17B6, 0x17D4), *range(0x0EB0, 0x0EBD), *range(0x0EC8, 0x0ECE)))
)
"""Vowel signs, tone marks and joined consonants of Burmese, Khmer and Lao, which continue a syllable."""
_FIRST_DEPENDENT = min(_DEPENDENT)
_CLOSING = ("\u1039", "\u103a", "\u1037\u103a")
"""Signs after a Burmese consonant that closes the syllable before it."""

_ARABIC_SCRIPT = {"ar", "fa", "ur"}
# Letters that print exchanges: hamza on alif is optional, and yeh and kaf have two code points each.
_ARABIC_LETTERS = (("أ", "ا"), ("إ", "ا"), ("آ", "ا"), ("ى", "ی"), ("ي", "ی"), ("ك", "ک"), ("ة", "ه"), ("ۀ", "ه"))
_ROMANIAN = str.maketrans("şţ", "șț")
"""Letters with a cedilla, from the years when fonts had no comma below."""
_LONGEST_CLUSTER = 16
"""Marks composed with one letter. A longer run is an attack, because composing it takes quadratic time."""
# Vowel signs and accents that may compose with the letter before them, and jamo inside a Hangul syllable.
_MARKS = (
    "\u061c\u200e\u200f\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u093c\u0981-\u09cd\u09d7\u0b82-\u0bd7"
    "\u0c56\u0cc2-\u0cd6\u0d3e\u0d57\u0dca\u0dcf\u0ddf\u102e\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1161-\u11ff\u3099\u309a"
)
# Letters that are never canonical on their own, and initial jamo: they change without a mark after them.
_NEVER_CANONICAL = (
    "\u0340-\u0387\u0958-\u095f\u09dc-\u09df\u0a33-\u0a5e\u0b5c\u0b5d\u1100-\u1112\u1f71-\u1fff\u2000\u2001\u2126-\u212b"
    "\uf900-\ufaff\ufb1d-\ufb4e\U0002f800-\U0002fa1d"
)
# Malayalam letters without a vowel: older text writes the letter, a virama and a joiner for them.
_CHILLU = {"ണ": "ൺ", "ന": "ൻ", "ര": "ർ", "ല": "ൽ", "ള": "ൾ"}
_VIRAMA = "\u0d4d"
_JOINER = "\u200d"
_SINHALA_VIRAMA = "\u0dca"
_BREAK = "\u200b"
_JOINED = (
    rf"{_JOINER}(?:(?<=[{''.join(_CHILLU)}]{_VIRAMA}{_JOINER})()|(?<={_SINHALA_VIRAMA}{_JOINER})())"
    rf"|{_BREAK}(?<=[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{_BREAK})()"
)
"""What print also leaves out: a joiner that makes an old chillu or a Sinhala conjunct, and a place where a line of Thai,
Lao, Burmese or Khmer may break."""
# Begins with the rare mark and looks back at its letter, so that most letters are passed over at once.
_CLUSTER = re.compile(
    f"[{_MARKS}{_NEVER_CANONICAL}](?:(?<=[^{_MARKS}\\n][{_MARKS}])[{_MARKS}]{{0,{_LONGEST_CLUSTER - 1}}}()"
    f"|(?<=[{_NEVER_CANONICAL}])(?:(?<=[{_MARKS}])|(?![{_MARKS}])))|{_JOINED}"
)
# Marks that print leaves out at will: the nukta of Hindi and Punjabi letters, the accusative of Arabic, marks of
# direction.
DIRECTION_MARKS = "\u061c\u200e\u200f"
_OPTIONAL_MARKS = f"\u093c\u0a3c\u064b{DIRECTION_MARKS}"
_OPTIONAL = re.compile(
    f"[{_OPTIONAL_MARKS}](?<=[^\\n][{_OPTIONAL_MARKS}])[{_OPTIONAL_MARKS}]{{0,{_LONGEST_CLUSTER - 1}}}()|{_JOINED}"
)
_LOOK_BACK = (0, 1, 2, 1, 1)
"""For each group of the two patterns (0 for none): how many letters before the match belong to the cluster."""
_RADICAL = re.compile("[\u2e9f\u2ef3\u2f00-\u2fd5]")
"""Radicals that fonts of PDF files print for the letters of the same shape: ⼗⼆⽉ is 十二月."""
_SIGNS = (("’", "'"), ("ʼ", "'"), ("‐", "-"), ("‑", "-"), ("․", "."), ("֊", "-"))
# Uzbek writes o' and g', and a stop between letters, with any of these signs. Here they are a letter.
_UZBEK_SIGN = re.compile("(?<=[a-z])['’‘ʻʼ`ʹ](?=[a-z])|(?<=[og])['’‘ʻʼ`ʹ]")
_UZBEK_LETTER = "\u0315"


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
        start, end = match.start() - _LOOK_BACK[match.lastindex or 0], match.end()
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
    if _JOINER in form:
        for letter, chillu in _CHILLU.items():
            form = form.replace(letter + _VIRAMA + _JOINER, chillu)
        form = form.replace(_SINHALA_VIRAMA + _JOINER, _SINHALA_VIRAMA)
    if _BREAK in form:
        form = form.replace(_BREAK, "")
    return form


def _spelling(text: str, language: str) -> str:
    # İ is the only letter whose lower case is longer than the letter.
    text = text.replace("İ", "i").lower()
    for sign, folded_sign in _SIGNS:
        text = text.replace(sign, folded_sign)
    if language == "uz":
        text = _UZBEK_SIGN.sub(_UZBEK_LETTER, text)
    if language in _ARABIC_SCRIPT:
        for letter, folded_letter in _ARABIC_LETTERS:
            text = text.replace(letter, folded_letter)
    if text.isascii():
        return text
    if language == "ro":
        text = text.translate(_ROMANIAN)
    if _RADICAL.search(text):
        text = _RADICAL.sub(lambda radical: unicodedata.normalize("NFKC", radical[0]), text)
    return _PLAIN_SPACE.sub(" ", text).replace("\u00a0", GROUP).replace("\u202f", GROUP)


def word_key(word: str, language: str) -> str:
    """Return a word of a table in the folded spelling of ``language``."""
    if word.isascii() and language != "uz":
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


def splits_syllable(text: str, at: int) -> bool:
    """Whether ``at`` is inside a syllable of Burmese, Khmer or Lao, where no word begins or ends: လ|က် is one syllable.

    The scripts put no spaces between words, so a short word of a table (လ, month) begins many longer ones.
    """
    letter = text[at : at + 1]
    if letter < _FIRST_DEPENDENT or letter > "\u17d3":
        return False
    return letter in _DEPENDENT or ("\u1000" <= letter < "\u102b" and text.startswith(_CLOSING, at + 1))
