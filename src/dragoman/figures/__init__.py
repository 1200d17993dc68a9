"""How `quantities` reads figures: words of a language, numerals, amounts, dates, ranges.

    text → folding → grammar (one per language: lexicon = CLDR + data/quantities) → amounts | dates → ranges → Quantity

A language's words are look-ups (`words`), its few patterns are made when first needed, and runs are cut, so that a
language loads in some hundredths of a second and any text is read in linear time (`benchmarks/figures.py`).
Everything here works on folded text (`folding`); only `dragoman.quantities` is meant to be used from outside.
"""
