"""A short German source, and answers about it that are correct until a field is changed."""

from __future__ import annotations

from typing import Any

from dragoman.core.answers import Summary, Translation
from dragoman.core.record import Finding
from dragoman.core.source import Source, numbered
from dragoman.evidence.assess import assess
from tests.unit.core.test_answers import CLAIM, SUMMARY

PARAGRAPHS = [
    "Die alte Mühle am Krebsbach hat wieder 14 Leute, sagte Petra Lohmüller am Montag.",
    "Im Jahr 2019 waren es 9. Der Umsatz stieg um 25 % auf 1,2 Millionen Euro.",
    "Das Mehl kostet 1,20 bis 1,50 Euro.",
]


def source_of(*paragraphs: str) -> Source:
    text, ranges, position = "\n".join(paragraphs), [], 0
    for paragraph in paragraphs:
        ranges.append((position, position + len(paragraph)))
        position += len(paragraph) + 1
    return Source(text, numbered(ranges), "de", "Latn", "utf-8", "utf-8", text)


SOURCE = source_of(*PARAGRAPHS)


def claim(**changed: Any) -> dict[str, Any]:
    """A correct claim, with some fields changed."""
    right = {"quote": "hat wieder 14 Leute", "quantities": []}
    return {**CLAIM, **right, **changed}


def summary(*claims: dict[str, Any], **changed: Any) -> Summary:
    entities = [{"name_en": "Petra Lohmüller", "name_source": "Petra Lohmüller", "kind": "person"}]
    return Summary.model_validate(
        {**SUMMARY, "entities": entities, "boilerplate": [], "claims": list(claims or [claim()]), **changed}
    )


def quantity(quote: str) -> dict[str, Any]:
    return {"quote": quote, "value": None, "unit": None, "approximate": False}


def translation(*texts: str) -> Translation:
    entries = [{"paragraph": number, "text_en": text} for number, text in enumerate(texts, start=1)]
    return Translation.model_validate({"paragraphs": entries})


def findings(answer: Summary, source: Source = SOURCE) -> list[Finding]:
    """The findings about quotes, names and shape. Omissions, negations and figures have their own test files."""
    others = ("coverage.", "polarity.", "value.")
    return [finding for finding in assess(source, answer).findings if not finding.check.startswith(others)]
