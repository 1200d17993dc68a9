"""The paths into a record that findings carry, such as ``claims.c3.text_en``. Only this module writes and reads them.

A path is text in ``records.jsonl`` and in the text of a decision. Everywhere else a finding has its task and its claim
as values (`record.Finding`).
"""

from __future__ import annotations

import re
from typing import Literal

Task = Literal["summary", "translation"]

SOURCE = "source"
"""The path of findings about the source itself."""

SUMMARY = "summary"
"""The path of findings about a summary as a whole."""

_CLAIM = re.compile(r"claims\.(c[0-9]+)(?:\.|$)")
_TRANSLATION = "translation"
_TRANSLATED = re.compile(r"translation\.([0-9]+)(?:\.|$)")
_NUMBER = re.compile(r"\.c?[0-9]+(?=\.|$)")


def claim_path(claim: str, *below: str | int) -> str:
    """The path of a claim or of a field of it: ``claims.c3``, ``claims.c3.quantities.1.value``."""
    return ".".join(("claims", claim, *map(str, below)))


def entry_path(field: str, number: int | None = None, below: str | None = None) -> str:
    """The path of a field of the answer, of an entry of its list (the first is number 1), or of a field of an entry."""
    return ".".join(str(part) for part in (field, number, below) if part is not None)


def key_point_path(number: int) -> str:
    """The path of a key point; the first is number 1."""
    return entry_path("key_points", number)


def entity_path(number: int, field: str) -> str:
    """The path of a field of an entity; the first is number 1."""
    return entry_path("entities", number, field)


def task_path(task: Task) -> str:
    """The path of the whole answer to a task."""
    return task


def translation_path(paragraph: int) -> str:
    """The path of the translation of a source paragraph."""
    return f"{_TRANSLATION}.{paragraph}"


def claim_in(path: str | None) -> str | None:
    """The id, such as ``c3``, of the claim that a path names or leads into; None for any other path."""
    match = _CLAIM.match(path) if path is not None else None
    return match[1] if match else None


def translated_in(path: str | None) -> int | None:
    """The number of the source paragraph whose translation a path names; None for any other path."""
    match = _TRANSLATED.match(path) if path is not None else None
    return int(match[1]) if match else None


def task_of(path: str | None) -> Task:
    """The task whose answer a path leads into. Findings about the source, or without a path, belong to the summary,
    because only the summary says which paragraphs are boilerplate."""
    return "translation" if path is not None and path.startswith(_TRANSLATION) else "summary"


def without_numbers(path: str) -> str:
    """A path with ``*`` for each number in it: in a new answer the same claim may have another number."""
    return _NUMBER.sub(".*", path)
