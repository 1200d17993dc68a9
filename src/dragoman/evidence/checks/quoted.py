"""The words of a claim's quote as the source prints them, for checks that compare the quote with the English."""

from __future__ import annotations

import re

from dragoman.core.record import CheckedClaim
from dragoman.core.source import Source

_BROKEN = re.compile(r"([^\W\d_]+)[-‐\u00ad֊]\s+([^\W\d_]+)")
"""A word that may have been broken at the end of a line."""


def quoted_words(source: Source, claim: CheckedClaim) -> str:
    """The located words of the source, without mark-up that the model added; the quote itself if it is absent. A word
    that a line end breaks is whole if the quote has it so: 2,4 Milli-/arden is a figure."""
    if claim.evidence.match != "normalized":
        return claim.quote
    words = " … ".join(source.text[start:end] for start, end in claim.evidence.parts)
    return _BROKEN.sub(lambda match: _mended(match, claim.quote), words)


def _mended(broken: re.Match[str], quote: str) -> str:
    first, second = broken.groups()
    return next((word for word in (f"{first}{second}", f"{first}-{second}") if word in quote), broken[0])
