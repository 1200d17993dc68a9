"""Short forms of what `find` reads, so that a test can list texts beside what they mean."""

from __future__ import annotations

from dragoman.evidence.figures import Quantity, find


def read(text: str, language: str = "en") -> list[str]:
    """The quantities of a text: ``count 5``, ``money 5 EUR``, ``percent 5..8 %``, ``date 2024-05``; ``~`` if
    it is hedged or vague."""
    return [short(quantity) for quantity in find(text, language)]


def short(quantity: Quantity) -> str:
    value = quantity.date if quantity.kind == "date" else str(quantity.value)
    if quantity.value is None and quantity.date is None:
        value = f"{quantity.low}..{quantity.high}"
    words = [("~" if quantity.is_hedged else "") + quantity.kind, value or "", quantity.unit or ""]
    return " ".join(filter(None, words))
