"""Small functions on texts: a digest, canonical JSON, and letters without case."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def caseless(text: str) -> str:
    """``text`` with equal letters for all that `re.IGNORECASE` treats as the same.

    When a case-insensitive pattern of plain letters matches in a text, the caseless letters of the match are in the
    caseless text.
    """
    # Such patterns treat the dotted and the dotless i of Turkish as an i; `str.casefold` does not.
    return text.replace("İ", "i").casefold().replace("ı", "i")


def sha256(content: bytes | str) -> str:
    """Hexadecimal SHA-256 of bytes, or of a text as UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def canonical_json(value: Any) -> str:
    """The one canonical form of a JSON value: sorted names, no spaces, letters unescaped, no NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def time_span(seconds: float) -> str:
    """A duration for people: ``45 seconds``, ``30 minutes``, ``2.5 hours``."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours".replace(".0 ", " ")
