"""What the word lists of a grammar say about one offset of a text: a hit, or None, for each kind of word.

Each class names the lists of one `WordLists` in their order. A hit gives the length of the word and what it means.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from dragoman.evidence.figures.cldr import Abbreviation
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.word_lists import Hit

NumberWord = tuple[str, Decimal]
"""The kind of a number word, and its value (0 if the kind has none)."""


class StartHits(NamedTuple):
    """What a word may be the beginning of."""

    date: Hit[Entry] = None
    phrase: Hit[Entry] = None
    ordinal: Hit[Entry] = None
    number: Hit[NumberWord] = None


class AfterHits(NamedTuple):
    """What the words after a number may be."""

    number: Hit[NumberWord] = None
    """A number word that continues it."""
    link: Hit[Entry] = None
    of: Hit[Entry] = None
    unit: Hit[Entry] = None
    hedge: Hit[Entry] = None
    abbreviation: Hit[Abbreviation] = None
    """A power of ten of one or two letters, which `abbreviations` reads."""


class BeforeHits(NamedTuple):
    """What the words before a figure may be."""

    unit: Hit[Entry] = None
    """A sign or code of money, or another unit that a row says may stand before a figure."""
    word: Hit[Entry] = None
    """A hedge, label or cue."""


class DateHits(NamedTuple):
    """What the words after digits may be, if the digits belong to a date."""

    month: Hit[Entry] = None
    of: Hit[Entry] = None
    calendar: Hit[Entry] = None
    year: Hit[Entry] = None
