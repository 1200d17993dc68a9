"""Small functions on texts: a digest, one spelling of JSON, and one spelling of letters that differ only in case."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def caseless(text: str) -> str:
    """``text``, letter by letter, such that letters that `re.IGNORECASE` takes for the same are the same.

    Whatever a case-blind pattern of plain letters finds in a text, its caseless letters stand in the caseless text.
    """
    # The dotted and the dotless i of Turkish are an i to such patterns, and are none to `str.casefold`.
    return text.replace("İ", "i").casefold().replace("ı", "i")


def sha256(content: bytes | str) -> str:
    """Hex SHA-256 of bytes, or of the UTF-8 of a text."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def canonical_json(value: Any) -> str:
    """One spelling of a JSON value: sorted names, no spaces, letters as letters, no NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
