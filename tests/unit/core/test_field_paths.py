"""A finding has its task and its claim as values, and only one module writes or parses its path."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.field_paths import (
    SOURCE,
    claim_in,
    claim_path,
    entity_path,
    key_point_path,
    task_of,
    translated_in,
    translation_path,
    without_numbers,
)
from dragoman.core.record import Finding, Record
from dragoman.evidence.checks.finding import finding
from tests.support import paths
from tests.support.folders import EXPECTED

SOURCES = paths.SOURCES
MODULES = sorted(path for path in SOURCES.rglob("*.py") if path.stem != "field_paths")

NUMBERS = st.integers(1, 10**6)
NAMES = st.from_regex("[a-z]+(_[a-z]+)*", fullmatch=True)

# path → (task, claim, path without numbers)
PATHS: dict[str | None, tuple[str, str | None, str]] = {
    "claims.c3": ("summary", "c3", "claims.*"),
    "claims.c3.text_en": ("summary", "c3", "claims.*.text_en"),
    "claims.c12.quantities.1.value": ("summary", "c12", "claims.*.quantities.*.value"),
    "claims": ("summary", None, "claims"),
    "claims.c3x": ("summary", None, "claims.c3x"),
    "title_en": ("summary", None, "title_en"),
    "key_points.2": ("summary", None, "key_points.*"),
    "entities.7.name_source": ("summary", None, "entities.*.name_source"),
    "translation.4": ("translation", None, "translation.*"),
    SOURCE: ("summary", None, "source"),
    None: ("summary", None, ""),
}


def on(path: str | None) -> Finding:
    facts = dict.fromkeys(("paragraph", "start", "end", "expected", "got"))
    return Finding.model_validate(
        {**facts, "check": "quote.absent", "severity": "error", "field": path, "message": "-"}
    )


@pytest.mark.parametrize(("path", "parts"), PATHS.items(), ids=map(str, PATHS))
def test_a_finding_has_its_task_and_its_claim(path: str | None, parts: tuple[str, str | None, str]) -> None:
    """They are derived from its path and not in its JSON."""
    one = on(path)
    assert (one.task, one.claim, without_numbers(path or "")) == parts
    assert one.is_on_source == (path == SOURCE)
    assert list(one.model_dump()) == [
        "check", "severity", "field", "paragraph", "start", "end", "expected", "got", "message",
    ]  # fmt: skip


@given(NUMBERS, st.lists(NAMES | NUMBERS, max_size=3))
def test_translated_in_gives_the_paragraph_of_a_path(number: int, below: list[str | int]) -> None:
    """And nothing for the path of anything else."""
    assert translated_in(translation_path(number)) == number
    assert finding("value.scale", "error", translation_path(number), "-").translated == number
    for path in (
        claim_path(f"c{number}", *below),
        key_point_path(number),
        "translation",
        f"translation.{number}x",
        None,
    ):
        assert translated_in(path) is None


@given(NUMBERS, st.lists(NAMES | NUMBERS, max_size=3))
def test_claim_in_gives_the_claim_of_a_path(number: int, below: list[str | int]) -> None:
    path = claim_path(f"c{number}", *below)
    assert (claim_in(path), task_of(path)) == (f"c{number}", "summary")
    assert finding("quote.absent", "error", path, "-").claim == f"c{number}"


@given(NUMBERS, NUMBERS, NAMES)
def test_paths_of_one_kind_are_equal_without_their_numbers(one: int, other: int, name: str) -> None:
    """A new answer may number claims, key points and entities differently; a decision still finds its finding."""
    for made in (
        lambda n: claim_path(f"c{n}", name),
        lambda n: claim_path("c1", "quantities", n, name),
        key_point_path,
        lambda n: entity_path(n, name),
        translation_path,
    ):
        assert without_numbers(made(one)) == without_numbers(made(other))
        assert (made(one) == made(other)) == (one == other)


def test_each_claim_that_a_finding_names_exists() -> None:
    """So the values lead to what the record holds."""
    records = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
    named = [
        (one.claim, {claim.id for claim in record.summary.claims} if record.summary else set())
        for record in records
        for one in record.findings
        if one.claim is not None
    ]
    assert named
    assert [claim for claim, there in named if claim not in there] == []


PATH = re.compile(r"(?:claims|key_points|entities|translation)\.")
TAKES_APART = {
    "split", "rsplit", "partition", "rpartition", "startswith", "endswith", "removeprefix", "removesuffix", "match",
    "fullmatch", "search", "sub", "findall", "finditer", "index", "find", "replace", "strip",
}  # fmt: skip


def is_field(node: ast.AST) -> bool:
    """``finding.field``, ``finding["field"]``, and either followed by ``or ""``."""
    match node:
        case ast.Attribute(attr="field"):
            return True
        case ast.Subscript(slice=ast.Constant(value="field")):
            return True
        case ast.BoolOp(values=[first, *_]):
            return is_field(first)
        case _:
            return False


def offences(code: str) -> Iterator[int]:
    """Lines that assemble or parse a path: in a call, a slice or an index."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(begin)), *_]) if PATH.match(begin):
                yield node.lineno
            case ast.Constant(value=str(text)) if PATH.fullmatch(text):
                yield node.lineno
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=args) if name in TAKES_APART and (
                is_field(value) or any(map(is_field, args))
            ):
                yield node.lineno
            case ast.Subscript(value=value) if is_field(value):
                yield node.lineno
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]) if is_field(right):
                yield node.lineno
            case _:
                pass


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_only_one_module_writes_and_reads_paths(path: Path) -> None:
    """All other modules use the values."""
    assert list(offences(path.read_text("utf-8"))) == []


OFFENCES = {
    "split": "finding.field.split('.')",
    "split where there may be none": "(finding.field or '').split('.')",
    "in plain values": "finding['field'].partition('.')",
    "by a pattern": "re.match('claims', finding.field or '')",
    "by a compiled pattern": "_CLAIM.match(one.field)",
    "a slice": "finding.field[7:]",
    "a part": "'claims' in finding.field",
    "put together": "f'claims.{claim.id}.text_en'",
    "put together of pieces": "'translation.' + str(number)",
}


@pytest.mark.parametrize("code", OFFENCES.values(), ids=OFFENCES)
def test_code_that_parses_a_path_is_detected(code: str) -> None:
    """Otherwise the test above could not fail."""
    assert set(offences(code)) == {1}
