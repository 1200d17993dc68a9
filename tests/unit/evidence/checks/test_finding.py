"""The list of check names has exactly the names that checks use, and the types enforce it."""

from __future__ import annotations

import ast
from typing import get_args, get_type_hints

import pytest

from dragoman.core.check_names import CheckName
from dragoman.core.record import Finding, Record
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.quantities import Observation
from tests.support import paths
from tests.support.folders import EXPECTED

SOURCES = paths.SOURCES
NAMES: tuple[str, ...] = get_args(CheckName)


def strings_in_the_code() -> set[str]:
    """Every string of every module except the list itself, docstrings included."""
    return {
        node.value
        for path in SOURCES.rglob("*.py")
        if path.stem != "check_names"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_each_name_of_the_list_is_unique_and_used_by_a_check() -> None:
    """A name without a check would promise a finding that never appears."""
    assert len(set(NAMES)) == len(NAMES)
    assert set(NAMES) - strings_in_the_code() == set()


@pytest.mark.parametrize("made_by", [finding, Observation], ids=["finding", "Observation"])
def test_a_finding_takes_only_a_name_of_the_list(made_by: object) -> None:
    """Both ways to make a finding take a `CheckName`, so mypy refuses any other name."""
    assert get_type_hints(made_by)["check"] == CheckName


def test_the_findings_of_the_samples_have_names_of_the_list() -> None:
    records = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
    given = {finding.check for record in records for finding in record.findings}
    assert given
    assert given <= set(NAMES)


def test_a_record_of_another_version_may_have_other_names() -> None:
    """The list grows, and records with other names can still be read."""
    facts = dict.fromkeys(("field", "paragraph", "start", "end", "expected", "got"))
    assert (
        Finding.model_validate({**facts, "check": "new.check", "severity": "note", "message": "-"}).check == "new.check"
    )
