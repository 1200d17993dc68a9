"""Find figures, money, percentages and dates in a text → Quantities, in any supported language and in English.

A quantity says what is printed. Its value is exact; a currency that the text does not settle stays open; a partial
date stays partial. Years, model numbers, telephone numbers, list numbers, times of day, articles of a law and scores
are not amounts: a year becomes a date, and nothing is returned for the others. Nothing is converted, and nothing is
inferred from knowledge of the world.

How `find` reads a text:

    text → folding → grammar (one per language: lexicon = CLDR + data/quantities) → amounts | dates → ranges → Quantity

A run of dates (5 to 7 March) is read at once by `dates`, because its days share what is printed once.

The grammar finds the places where a figure may begin; at each place the readers are tried in turn. The words of a
language are looked up in dictionaries (`word_list`, `word_lists`), its few patterns are compiled when they are first
needed, and a run of number words has a greatest length. So a language loads in a few hundredths of a second, and any
text is read in linear time (`benchmarks/figures.py`).

All modules work on folded text (`folding`). In their functions, ``at`` is the offset where something begins, ``end``
the offset behind its last character, and ``previous_end`` the end of the figure before. A *gap* is at most two spaces.
Only the names of this module are meant for other packages; checks of units and currencies also use `word_key` and
`lexicon`.
"""

from __future__ import annotations

from dragoman.evidence.figures.find import find, find_in_lines
from dragoman.evidence.figures.quantity import Kind, Quantity

__all__ = ["Kind", "Quantity", "find", "find_in_lines"]
