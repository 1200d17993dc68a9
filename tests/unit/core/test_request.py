"""A request has one key, which changes with everything that can change its reply and with nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.request import JsonSchema, Request
from dragoman.core.text import canonical_json, sha256

PLAIN = Request(
    model="claude-sonnet-5-5", system="Read.", user="Hello", schema=JsonSchema(type="object"), max_tokens=1000
)


FOREIGN = Request(
    model="claude-haiku-5-5",
    system="Đọc bài báo — 读文章。",
    user="Giá “gạo” tăng 5 %\nسعر الأرز 𝔄\t\u2028\u200d",
    schema=JsonSchema(type="object", properties={"b": {"type": "string"}, "a": {"enum": ["ß", "é", "e\u0301"]}}),
    max_tokens=16_000,
    effort="medium",
    thinking="off",
)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


EMPTY = Request(model="", system="", user="", schema=JsonSchema(), max_tokens=1, effort="max")


# A change to one of these makes every stored reply unreachable, and needs a new tag in place of x1.
PINNED = {
    "plain": (PLAIN, "x1:e9cddf76004d4c95fb93e70e09a8f7747724adedd1b38ae3fca9329ef65aaa56"),
    "foreign": (FOREIGN, "x1:cb28209e28549cd6baa20d74202a8d2b94a7e2922fdb5195fb53a99916c4643f"),
    "empty": (EMPTY, "x1:208a96664eca10b89784dca99c89fb3b32ddbb46c26c516a715e5654f9684755"),
}


@pytest.mark.parametrize("name", PINNED)
def test_the_key_of_a_request_never_changes(name: str) -> None:
    request, key = PINNED[name]
    assert request.key == key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "claude-haiku-5-5"),
        ("system", "Read!"),
        ("user", "Hello "),
        ("schema", {"type": "object", "properties": {}}),
        ("max_tokens", 1001),
        ("effort", "low"),
        ("thinking", "off"),
    ],
)
def test_every_field_of_a_request_is_in_its_key(name: str, value: Any) -> None:
    assert replace(PLAIN, **{name: value}).key != PLAIN.key


def test_the_test_above_covers_every_field_of_a_request() -> None:
    assert {field.name for field in fields(Request)} == {
        "model", "system", "user", "schema", "max_tokens", "effort", "thinking",
    }  # fmt: skip


def test_text_moved_from_one_field_to_the_next_is_another_request() -> None:
    assert replace(PLAIN, system="Read.Hello", user="").key != PLAIN.key
    assert replace(PLAIN, system="", user="Read.Hello").key != PLAIN.key


@pytest.mark.parametrize(("one", "other"), [("é", "e\u0301"), ("ｶ", "カ"), ("5 %", "5\u00a0%"), ("a", "a\u200b")])
def test_texts_that_only_look_alike_have_different_keys(one: str, other: str) -> None:
    """They are not sent alike, so no Unicode form is folded."""
    assert replace(PLAIN, user=one).key != replace(PLAIN, user=other).key


def reordered(value: Any) -> Any:
    """The same JSON value with the names of every object in reverse order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_the_order_of_names_in_the_schema_does_not_matter(schema: dict[str, Any]) -> None:
    assert replace(PLAIN, schema=JsonSchema(reordered(schema))).key == replace(PLAIN, schema=JsonSchema(schema)).key


@given(st.text(), st.text(), st.dictionaries(st.text(max_size=8), json_values, max_size=5), st.integers())
def test_a_key_is_the_digest_of_the_canonical_request(
    system: str, user: str, schema: dict[str, Any], limit: int
) -> None:
    """Although it is assembled from cached parts."""
    request = replace(FOREIGN, system=system, user=user, schema=JsonSchema(schema), max_tokens=limit)
    assert request.key == "x1:" + sha256(canonical_json(request.neutral()))
