"""The words of a claim's quote as the source prints them, for checks that compare the quote with the English."""

from __future__ import annotations

from dragoman.core.record import CheckedClaim
from dragoman.core.source import Source


def quoted_words(source: Source, claim: CheckedClaim) -> str:
    """The located words of the source, without mark-up that the model added; the quote itself if it is absent."""
    if claim.evidence.match != "normalized":
        return claim.quote
    return " … ".join(source.text[start:end] for start, end in claim.evidence.parts)
