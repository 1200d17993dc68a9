"""The printed JSON Schemas are valid, and describe every field in plain words."""

from __future__ import annotations

import jsonschema

from dragoman.core.published_schemas import record_schema
from dragoman.core.run_report import run_schema


def test_the_schema_is_valid_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(record_schema())
    assert record_schema()["$id"] == "dragoman.record/1"


def test_the_schemas_describe_every_field_without_markup() -> None:
    """README promises a description of every field. Double backticks are markup of docstrings."""
    for schema in (record_schema(), run_schema()):
        for described in (schema, *schema["$defs"].values()):
            assert "``" not in described.get("description", "")
            for name, field in described["properties"].items():
                assert field.get("description"), name
                assert "``" not in field["description"], name
