"""Plain text: no markup, so nothing is left out."""

from __future__ import annotations

from dragoman.reading.formats.extracted import Extracted


def extract(text: str) -> Extracted:
    """``text`` unchanged."""
    return Extracted(text)
