"""What the model must return fits the limits of the API. Small slips of form are forgiven, wrong facts are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from dragoman.core.answers import ANSWERS, Claim, Entity, PartialDate, PlainDecimal, StatedQuantity, Summary, api_schema
from dragoman.tasks.prompts import PromptLibrary

CLAIM: dict[str, Any] = {
    "text_en": "The mill has 14 workers.",
    "paragraph": 1,
    "quote": "Die Mühle hat 14 Leute.",
    "kind": "fact",
    "modality": "asserted",
    "speaker_en": None,
    "speaker_source": None,
    "event_date": None,
    "quantities": [{"quote": "14 Leute", "value": "14", "unit": "people", "approximate": False}],
}
SUMMARY: dict[str, Any] = {
    "title_en": "A mill",
    "abstract": "A mill works. It has 14 workers.",
    "key_points": ["One.", "Two.", "Three."],
    "published": "2026-11-05",
    "publisher": None,
    "author": None,
    "syndicated_from": None,
    "entities": [{"name_en": "Mill", "name_source": "Mühle", "kind": "place"}],
    "boilerplate": [2],
    "claims": [CLAIM],
}
TASKS = sorted(ANSWERS)


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema; names of properties are not schemas."""
    if isinstance(schema, list):
        for item in schema:
            yield from nodes(item)
    elif isinstance(schema, dict):
        yield schema
        for name, value in schema.items():
            yield from nodes(list(value.values()) if name in ("properties", "$defs") else value)


def committed(task: str) -> dict[str, Any]:
    schema = PromptLibrary().get(task).schema
    assert schema is not None
    return dict(schema)


def changed(**fields: Any) -> Summary:
    return Summary.model_validate({**SUMMARY, **fields})


@pytest.mark.parametrize("task", TASKS)
def test_the_newest_schema_file_equals_the_schema_of_the_classes(task: str) -> None:
    """If this fails after an upgrade of pydantic, keep the file. If a class changed, a new version of the prompt is
    needed."""
    assert committed(task) == api_schema(ANSWERS[task])


@pytest.mark.parametrize("task", TASKS)
def test_the_sdk_sends_the_schema_unchanged(task: str) -> None:
    """The key is computed from exactly what is sent."""
    schema = committed(task)
    assert anthropic.transform_schema(json.loads(json.dumps(schema))) == schema


@pytest.mark.parametrize("task", TASKS)
def test_every_object_is_closed_and_complete(task: str) -> None:
    """No optional field, no free-form object, no keyword that the API rejects."""
    known = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "$ref", "$defs",
             "description"}  # fmt: skip
    for node in nodes(committed(task)):
        assert set(node) <= known
        if node.get("type") == "object" or "properties" in node:
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
            assert node["properties"]


@pytest.mark.parametrize("task", TASKS)
def test_the_number_of_union_types_is_within_the_limit(task: str) -> None:
    """The API allows at most 16 in one request; optional fields, of which it allows 24, do not occur."""
    found = list(nodes(committed(task)))
    assert sum("anyOf" in node or isinstance(node.get("type"), list) for node in found) <= 16
    assert sum(len(node.get("properties", {})) - len(node.get("required", [])) for node in found) == 0


@pytest.mark.parametrize("task", TASKS)
def test_no_definition_is_recursive(task: str) -> None:
    schema = committed(task)

    def reached(name: str, above: tuple[str, ...]) -> None:
        assert name not in above
        for node in nodes(schema["$defs"][name]):
            if "$ref" in node:
                reached(node["$ref"].removeprefix("#/$defs/"), (*above, name))

    for name in schema.get("$defs", {}):
        reached(name, ())


def test_a_full_answer_fits_both_the_schema_and_the_class() -> None:
    jsonschema.validate(SUMMARY, committed("summary"))
    assert Summary.model_validate(SUMMARY).model_dump() == SUMMARY
    translation = {"paragraphs": [{"paragraph": 1, "text_en": "The mill."}]}
    jsonschema.validate(translation, committed("translation"))
    assert ANSWERS["translation"].model_validate(translation).model_dump() == translation


@pytest.mark.parametrize(
    ("kind", "modality"), [("Fact", "ASSERTED"), ("OPINION", "Reported"), (" prediction ", "denied\n")]
)
def test_the_case_of_an_enum_value_is_forgiven(kind: str, modality: str) -> None:
    """The API does not guarantee it. The value is stored in lower case."""
    claim = Claim.model_validate({**CLAIM, "kind": kind, "modality": modality})
    assert (claim.kind, claim.modality) == (kind.strip().lower(), modality.strip().lower())
    assert Entity.model_validate({"name_en": "A", "name_source": "А", "kind": "Person"}).kind == "person"


@pytest.mark.parametrize("kind", ["", "facts", "fаct", None, 5, ["fact"]])
def test_any_other_enum_value_is_rejected(kind: Any) -> None:
    with pytest.raises(ValidationError):
        Claim.model_validate({**CLAIM, "kind": kind})


NOTHING = [
    "", " ", "\n", "N/A", "n/a", "N / A", "N.A.", "none", "None.", "NULL", "null", "not stated", "Not Stated.",
    "not available", "Not applicable", "not specified", "not mentioned", "unknown", "Unknown", "-", "—", "?", None,
]  # fmt: skip


@pytest.mark.parametrize("nothing", NOTHING)
def test_an_optional_text_that_states_nothing_becomes_null(nothing: str | None) -> None:
    """Models write these where null is meant. A publisher called "N/A" would mislead, and a date would be invalid."""
    summary = changed(published=nothing, publisher=nothing, author=nothing, syndicated_from=nothing)
    assert (summary.published, summary.publisher, summary.author, summary.syndicated_from) == (None,) * 4
    claim = Claim.model_validate({**CLAIM, "speaker_en": nothing, "speaker_source": nothing, "event_date": nothing})
    assert (claim.speaker_en, claim.speaker_source, claim.event_date) == (None,) * 3
    quantity = StatedQuantity(quote="viele", value=nothing, unit=nothing, approximate=True)
    assert (quantity.value, quantity.unit) == (None, None)


@pytest.mark.parametrize(
    "stated",
    [
        "Na", "Nil", "Anonymous", "Nones", "Unknown Worlds", "The Unknown", "%", "$", "N", "A.", "NULL Magazine",
        "an unnamed source", "无", "未知",
    ],
)  # fmt: skip
def test_a_text_that_may_be_a_name_stays(stated: str) -> None:
    """Only English words that are no name mean null; words of other languages stay."""
    summary = changed(publisher=stated, author=stated, syndicated_from=stated)
    assert (summary.publisher, summary.author, summary.syndicated_from) == (stated,) * 3
    claim = Claim.model_validate({**CLAIM, "speaker_en": stated, "speaker_source": stated})
    assert (claim.speaker_en, claim.speaker_source) == (stated,) * 2
    assert StatedQuantity(quote="5", value="5", unit=stated, approximate=True).unit == stated


@pytest.mark.parametrize("field", ["title_en", "abstract"])
def test_a_text_that_cannot_be_null_keeps_its_words(field: str) -> None:
    """What such a title says is for the checks to judge."""
    assert getattr(changed(**{field: "Unknown"}), field) == "Unknown"


@pytest.mark.parametrize("field", ["title_en", "abstract"])
@pytest.mark.parametrize("nothing", ["", "  ", "\n\u3000", None])
def test_a_required_text_must_not_be_empty(field: str, nothing: str | None) -> None:
    with pytest.raises(ValidationError):
        changed(**{field: nothing})


@pytest.mark.parametrize("field", sorted(SUMMARY))
def test_no_field_may_be_missing(field: str) -> None:
    """Null is an answer, a missing field is not."""
    with pytest.raises(ValidationError):
        Summary.model_validate({name: value for name, value in SUMMARY.items() if name != field})


@pytest.mark.parametrize("model", [Summary, Claim, StatedQuantity, Entity])
def test_no_field_may_be_added(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        model.model_validate({"confidence": 1})


GOOD_DATES = ["2024", "2024-11", "2024-11-05", "--11-05", "--11", "2024-02-29", "--02-29", "1066-10-14", "2000-02-29"]
BAD_DATES = [
    "24", "2024-13", "2024-00", "2024-11-31", "2024-11-00", "2024-2-3", "2023-02-29", "1900-02-29", "--02-30", "--13",
    "-11-05", "11-05", "--11-5", "0000", "2024/11/05", "05.11.2024", "2024-11-05T00:00", "2024-11-05 ", "2024\n",
    "about 2024", "２０２４", "٢٠٢٤", "२०२४-११", "2024–11", "20245",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD_DATES)
def test_a_date_may_be_partial(text: str) -> None:
    assert changed(published=text).published == text


@pytest.mark.parametrize("text", BAD_DATES)
def test_an_invalid_date_is_rejected(text: str) -> None:
    with pytest.raises(ValidationError, match="partial ISO date"):
        changed(published=text)


@given(st.dates())
def test_every_day_of_the_calendar_is_a_valid_date(day: Any) -> None:
    assert TypeAdapter(PartialDate).validate_python(day.isoformat()) == day.isoformat()
    assert TypeAdapter(PartialDate).validate_python(day.strftime("--%m-%d")) == day.strftime("--%m-%d")


@pytest.mark.parametrize("text", ["0", "14", "-3", "6.5", "4000000000", "0.001", "-0.5", "1234567890123456789012"])
def test_a_value_is_a_plain_decimal(text: str) -> None:
    assert StatedQuantity(quote="x", value=text, unit=None, approximate=False).value == text


BAD_VALUES = [
    "1,000", "1 000", "6,5", "+5", ".5", "5.", "1e9", "1_000", "5%", "$5", "4 billion", "5\n", " 5", "--5", "5-6",
    "NaN", "inf", "0x10", "６.５", "६.५", "٦", "½", "²", "−5",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_VALUES)
def test_any_other_notation_of_a_value_is_rejected(text: str) -> None:
    with pytest.raises(ValidationError, match="plain decimal"):
        StatedQuantity(quote="x", value=text, unit=None, approximate=False)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_every_number_can_be_written_as_a_value(number: Any) -> None:
    text = f"{number:f}"
    assert TypeAdapter(PlainDecimal).validate_python(text) == text
