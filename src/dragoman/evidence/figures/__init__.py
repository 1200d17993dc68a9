"""Figures, money, percentages and dates in a text → Quantities, in any supported language and in English.

Reads what is printed: the value is exact, a currency that the text does not settle stays open, a partial date
stays partial. Years, model numbers, telephone numbers, list numbers, times of day, articles of a law and
scores are no amounts, and nothing is returned for them. Nothing is converted and nothing is guessed from the
world.
"""

from __future__ import annotations

from dragoman.evidence.figures.find import find, find_in_lines
from dragoman.evidence.figures.quantity import Kind, Quantity

__all__ = ["Kind", "Quantity", "find", "find_in_lines"]
