"""A claim over one paragraph that is quoted as a whole, and the errors that the checks find in it."""

from __future__ import annotations

from dataclasses import replace

from dragoman.core.answers import Summary
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import check_answer
from dragoman.reading.prepare import prepare_text


def errors(language: str, text: str, english: str) -> list[str]:
    """The names of the checks that report an error about the English as a claim that quotes the whole text."""
    source = replace(prepare_text(text), language=language)
    claim = {
        "text_en": english, "paragraph": 1, "quote": text, "kind": "fact", "modality": "asserted",
        "speaker_en": None, "speaker_source": None, "event_date": None, "quantities": [],
    }  # fmt: skip
    answer = {
        "title_en": "A report", "abstract": "A report.", "key_points": ["One.", "Two.", "Three."], "published": None,
        "publisher": None, "author": None, "syndicated_from": None, "entities": [],
        "boilerplate": [], "claims": [claim],
    }  # fmt: skip
    summary = locate_quotes(Summary.model_validate(answer), source)
    return [finding.check for finding in check_answer(source, summary, None) if finding.severity == "error"]
