"""How `quantities` reads figures: words of a language, numerals, amounts, dates, ranges.

    text → folding → grammar (one per language: lexicon = CLDR + data/quantities) → amounts | dates → ranges → Quantity

Everything here works on folded text (`folding`); only `dragoman.quantities` is meant to be used from outside.
"""
