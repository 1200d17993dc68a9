"""The paths into a record that findings carry, such as ``claims.c3.text_en``. They are written and read only here.

A path is text in files: in ``records.jsonl``, and within the words of a decision. Everywhere else a finding has its
task and its claim as values (`records.Finding`).
"""

from __future__ import annotations

import re
from typing import Literal

Task = Literal["summary", "translation"]

SOURCE = "source"
"""The path of what is said of the source itself."""

_CLAIM = re.compile(r"claims\.(c[0-9]+)(?:\.|$)")
_TRANSLATION = "translation"
_NUMBER = re.compile(r"\.c?[0-9]+(?=\.|$)")


def claim_path(claim: str, *below: str | int) -> str:
    """The path of a claim, or of a field of it: ``claims.c3``, ``claims.c3.quantities.1.value``."""
    return ".".join(("claims", claim, *map(str, below)))


def key_point_path(number: int) -> str:
    """The path of a key point; the first has number 1."""
    return f"key_points.{number}"


def entity_path(number: int, field: str) -> str:
    """The path of a field of an entity; the first has number 1."""
    return f"entities.{number}.{field}"


def translation_path(paragraph: int) -> str:
    """The path of the translation of a source paragraph."""
    return f"{_TRANSLATION}.{paragraph}"


def claim_in(path: str | None) -> str | None:
    """The id of the claim that a path leads to or into, such as ``c3``; None for any other path."""
    found = _CLAIM.match(path) if path is not None else None
    return found[1] if found else None


def task_of(path: str | None) -> Task:
    """The task whose answer a path leads into. What is said of the source, or of no field, belongs to the summary: it
    knows which paragraphs are not the article."""
    return "translation" if path is not None and path.startswith(_TRANSLATION) else "summary"


def without_numbers(path: str) -> str:
    """A path with ``*`` for each number in it: the claims of a new answer may have other numbers."""
    return _NUMBER.sub(".*", path)
