"""The number words of one language: CLDR's spellings and the reviewed rows, by their letters without separators.

CLDR's spellings are in ``data/spelled/XX.tsv`` (`tools/number_words.py` makes them). A row of ``data/quantities`` wins
over the same word there, because a person reviewed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from importlib.resources import files
from typing import NamedTuple

from dragoman.evidence.figures.folding import GROUP, word_key
from dragoman.evidence.figures.lexicon import Lexicon
from dragoman.evidence.figures.word_list import lengths_by_letters

SEPARATORS = frozenset(f" {GROUP}-\u00ad\u200b\u200c")
"""What may stand between the parts of a number word, or be left out: "twenty-one", "twenty one"."""

_SQUEEZE = {ord(separator): None for separator in SEPARATORS}
_CEDILLAS = str.maketrans("șțşţ", "şţșț")
"""Romanian print has each of these letters with a comma and with a cedilla."""
_HAND_MADE = ("zh", "ja")
"""Languages whose single Han digits need the rows of the language: they say which is a number where."""
_ALSO_TOGETHER = ("tr", "az")
_FIRST_PART = re.compile(r"[^ -]+")
_WEAK_BELOW = 20
"""A word of CLDR below this value, which the reviewed rows of its language leave out, is a number only before a unit.
The short words have other meanings (Italian "sei", German "acht"); the words from 20 on have none."""
_HUNDRED = 100


class Word(NamedTuple):
    """What the letters of a number word mean."""

    kind: str
    """A kind of `lexicon.KINDS` that belongs to a run, or ``fixed``, ``first`` or ``ordinal`` (`tools/number_words.py`)."""
    value: Decimal
    gaps: frozenset[int]
    """Offsets in the letters where a separator may stand."""
    listed: bool = True
    """Whether a reviewed row has the word."""


class SpelledWords(NamedTuple):
    """The number words of a language by their letters."""

    words: Mapping[str, Word]
    lengths: Mapping[str, tuple[int, ...]]
    """By the first three, two or one letters: the lengths of the words with them, the longest first."""
    starts: frozenset[str]
    """Beginnings of a number that no reviewed row finds, as they are printed."""
    inner: frozenset[str]
    """The first three letters of the later parts of words: the "-vingt" of "quatre-vingt"."""
    short: frozenset[str]
    """First parts of words that have fewer than three letters: the "o" of "o sută"."""
    scale_first: bool
    """Whether a scale stands before its multiplier (Swahili)."""

    def at(self, letters: str, start: int) -> Iterator[tuple[int, Word]]:
        """Yield the length and the meaning of each word that begins at ``start`` of the letters, the longest first."""
        lengths, beginning = self.lengths, letters[start : start + 3]
        for length in lengths.get(beginning) or lengths.get(beginning[:2]) or lengths.get(beginning[:1], ()):
            word = self.words.get(letters[start : start + length])
            if word is not None and length <= len(letters) - start:
                yield length, word


    def may_begin(self, text: str, at: int) -> bool:
        """Whether a word may begin at ``at``: a quick test that most places fail."""
        lengths, short = self.lengths, self.short
        return (
            text[at : at + 3] in lengths
            or text[at : at + 2] in lengths
            or text[at : at + 1] in self.words
            or text[at : at + 1] in short
            or text[at : at + 2] in short
        )


    def may_go_on(self, text: str, at: int) -> bool:
        """Whether a number may go on at ``at`` with digits, another word, or a later part of a word."""
        if text[at : at + 1].isdecimal() or self.may_begin(text, at):
            return True
        inner = self.inner
        return text[at : at + 3] in inner or text[at : at + 2] in inner or text[at : at + 1] in inner


def squeezed(text: str) -> str:
    """Return a text without the separators of number words."""
    return text.translate(_SQUEEZE)


def spelled_words(lexicon: Lexicon, *, spaced: bool) -> SpelledWords | None:
    """Return the number words of a language; None if CLDR spells out no numbers in it, or its rows do it better."""
    primary = lexicon.language.partition("-")[0].lower()
    table = _table(primary)
    reviewed = {word: entry for word, entry in lexicon.place("run").items() if not word.endswith("*")}
    if primary in _HAND_MADE or not (table or any(entry.kind == "number" for entry in reviewed.values())):
        return None
    words: dict[str, Word] = {}
    printed: dict[str, str] = {}
    letters_of_rows = {squeezed(word) for word in reviewed}
    has_rows = any(entry.kind == "number" for entry in reviewed.values())
    for text, value, kind in table:
        letters = squeezed(text)
        if letters in letters_of_rows and kind != "first" or not letters:
            continue
        if kind == "number" and value < (_WEAK_BELOW if has_rows else 10):
            kind = "weak"
        word = words.get(letters) or Word("link" if kind == "joint" else kind, Decimal(value), frozenset(), False)
        _put(words, letters, word._replace(gaps=_gaps(text)))
        printed.setdefault(letters, text)
    scale_first = any(word.kind == "first" for word in words.values())
    for text, entry in reviewed.items():
        letters, value = squeezed(text), _decimal(entry.meaning)
        kind = "fixed" if entry.kind in ("number", "weak") and value >= _HUNDRED else entry.kind
        if scale_first and letters in words and words[letters].kind == "first":
            continue
        if kind == "scale" and scale_first:
            kind = "first"
        if letters and not (len(letters) == 1 and letters.isascii() and kind == "scale"):
            _put(words, letters, Word(kind, value, _gaps(text)))
            printed[letters] = text
    words = _words_around(lexicon) | words
    words = {letters: word for letters, word in words.items() if not _is_made_of_others(letters, word, words)}
    return SpelledWords(
        words,
        lengths_by_letters(words, lambda word, count: word[:count], 3),
        frozenset(_starts(words, printed, primary, spaced=spaced)),
        frozenset(part[:3] for letters, word in words.items() for part in _later_parts(letters, word.gaps)),
        frozenset(letters[:gap] for letters, word in words.items() for gap in word.gaps if gap < 3),
        scale_first,
    )


def _words_around(lexicon: Lexicon) -> dict[str, Word]:
    """Return words of the language that are no numbers, but decide what a number beside them means."""
    around: dict[str, Word] = {}
    for place, kind in (("of", "of"), ("many", "many"), ("phrase", "part")):
        for text, entry in lexicon.place(place).items():
            if text[-1] != "*" and (kind != "part" or entry.kind == "fraction"):
                value = _fraction(entry.meaning) if kind == "part" else Decimal(0)
                _put(around, squeezed(text), Word(kind, value, _gaps(text)))
    return around


def _fraction(meaning: str) -> Decimal:
    dividend, _, divisor = meaning.partition("/")
    return Decimal(dividend) / Decimal(divisor or 1)


def _is_made_of_others(letters: str, word: Word, words: Mapping[str, Word]) -> bool:
    """Whether a word is a multiplier and a scale written together: zehntausend, พันล้าน. Both are read one by one."""
    if word.kind not in ("fixed", "scale") or word.value < _HUNDRED:
        return False
    for cut in range(1, len(letters)):
        first, last = words.get(letters[:cut]), words.get(letters[cut:])
        if first and last and last.kind == "scale" and first.kind in ("number", "weak", "fixed", "scale"):
            if first.value * last.value == word.value and first.value > 1:
                return True
    return False


def _starts(words: Mapping[str, Word], printed: Mapping[str, str], language: str, *, spaced: bool) -> Iterator[str]:
    """Yield the beginnings of numbers that the reviewed rows do not have.

    In scripts without spaces, a single letter is looked at only before a scale: 이백.
    """
    scales = [letters for letters, word in words.items() if word.kind == "scale"]
    hundreds = [letters for letters, word in words.items() if word.kind == "scale" and word.value == _HUNDRED]
    together = _are_written_together(words, language)
    for letters, word in words.items():
        if word.kind in ("link", "of", "open", "half", "inside", "point", "some", "many", "part", "ordinal"):
            continue
        if spaced:
            if word.kind in ("number", "weak") and 1 < word.value < 10 and not word.gaps:
                yield from (letters + hundred for hundred in hundreds)
            if together or not word.listed:
                yield _FIRST_PART.match(printed[letters].replace("\u00ad", ""))[0]  # type: ignore[index]
        elif len(letters) > 1 and not word.listed:
            yield printed[letters]
        elif word.kind != "scale":
            yield from (letters + scale for scale in scales)


def _are_written_together(words: Mapping[str, Word], language: str) -> bool:
    """Whether most numbers between 20 and 100 are one printed word, or numbers are written so on cheques."""
    if language in _ALSO_TOGETHER:
        return True
    tens = [word for word in words.values() if word.kind == "number" and word.value > 20 and word.value % 10]
    return 2 * sum(not word.gaps for word in tens) > len(tens)


def _later_parts(letters: str, gaps: frozenset[int]) -> Iterator[str]:
    ends = [*sorted(gaps), len(letters)]
    return (letters[begin:end] for begin, end in pairwise(ends))


def _put(words: dict[str, Word], letters: str, word: Word) -> None:
    """Add a word; separators may stand wherever one of its spellings has them."""
    before = words.get(letters)
    words[letters] = word._replace(gaps=word.gaps | before.gaps) if before else word


def _gaps(text: str) -> frozenset[int]:
    gaps, letters = set(), 0
    for sign in text:
        if sign in SEPARATORS:
            gaps.add(letters)
        else:
            letters += 1
    return frozenset(gaps)


def _decimal(meaning: str) -> Decimal:
    try:
        return Decimal(meaning)
    except ArithmeticError:
        return Decimal(0)


@lru_cache(maxsize=64)
def _table(primary: str) -> tuple[tuple[str, int, str], ...]:
    """Return (text, value, kind) of each row, folded. Empty if the language has no table."""
    if not primary.isalpha():
        return ()
    folder = files("dragoman") / "data" / "spelled"
    file = folder / f"{primary}.tsv"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    more = (line.partition("\t") for line in (folder / "more.tsv").read_text("utf-8").splitlines())
    return tuple(_rows([*(row for language, _, row in more if language == primary), *lines], primary))


def _rows(lines: Iterable[str], primary: str) -> Iterator[tuple[str, int, str]]:
    for line in lines:
        text, value, kind = line.split("\t")
        word = word_key(text, primary)
        yield word, int(value), kind
        if primary == "ro" and (other := word.translate(_CEDILLAS)) != word:
            yield other, int(value), kind
