"""The JSON Schemas that `dragoman schema` prints."""

from __future__ import annotations

import re
from typing import Any

from dragoman.core.record import RECORD_SCHEMA, Record

_ANSWER_FIELDS = {
    "CheckedClaim": {
        "kind": "fact (something that is or is not so), opinion (a judgement), prediction (about the future).",
        "modality": "asserted (by the article itself), reported (someone else is said to have said it), hedged "
        "(expressly uncertain), denied (someone denies it, or the article says that it is not so).",
        "quantities": "Figures, amounts of money, percentages and measures in the quote; no dates.",
    },
    "CheckedSummary": {
        "title_en": "The headline in English.",
        "publisher": "Who published the article, as the text states it; else null.",
        "author": "Who wrote the article, as the text states it; else null.",
        "entities": "The people, organizations, places, products, events and works that matter to the article.",
    },
    "Entity": {
        "name_en": "The usual English form of the name, or a romanization.",
        "kind": "person, organization, place, product, event, work or other.",
    },
    "Translation": {"paragraphs": "The English of every source paragraph, in order."},
    "TranslatedParagraph": {
        "paragraph": "Number of the source paragraph, from 1.",
        "text_en": "The whole paragraph in English.",
    },
}
"""Descriptions of the fields of answers that have none in their classes. They are not written there, because the
schemas that are sent to the model are made from those classes, and a change would change the request keys."""


def record_schema() -> dict[str, Any]:
    """The JSON Schema of a record."""
    schema = Record.model_json_schema(by_alias=True, mode="serialization")
    for name, fields in _ANSWER_FIELDS.items():
        for field, description in fields.items():
            schema["$defs"][name]["properties"][field]["description"] = description
    return published_schema(RECORD_SCHEMA, schema)


def published_schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` as Dragoman prints it: with its name, and with descriptions free of the markup of docstrings."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name, **_without_markup(schema)}


def _without_markup(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            name: re.sub(r"(?<!\n)\n(?!\n)", " ", value.replace("``", "`"))
            if name == "description" and isinstance(value, str)
            else _without_markup(value)
            for name, value in node.items()
        }
    return [_without_markup(item) for item in node] if isinstance(node, list) else node
