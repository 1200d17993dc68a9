"""The list of check names is what the checks give, and the types hold every check to it."""

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
    """Every string of every module but the list itself; docstrings mention names and count as other strings."""
    return {
        node.value
        for path in SOURCES.rglob("*.py")
        if path.stem != "check_names"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_each_name_is_in_the_list_once_and_some_check_gives_it() -> None:
    """A name without a check would promise what nothing looks for."""
    assert len(set(NAMES)) == len(NAMES)
    assert set(NAMES) - strings_in_the_code() == set()


@pytest.mark.parametrize("made_by", [finding, Observation], ids=["finding", "Observation"])
def test_a_finding_is_made_with_a_name_of_the_list_only(made_by: object) -> None:
    """mypy then refuses any other name: both ways in which checks make findings take a `CheckName`."""
    assert get_type_hints(made_by)["check"] == CheckName


def test_the_findings_of_the_samples_have_names_of_the_list() -> None:
    records = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
    given = {finding.check for record in records for finding in record.findings}
    assert given
    assert given <= set(NAMES)


def test_a_record_of_another_version_may_have_other_names() -> None:
    """The list grows; a record is read all the same."""
    facts = dict.fromkeys(("field", "paragraph", "start", "end", "expected", "got"))
    assert (
        Finding.model_validate({**facts, "check": "new.check", "severity": "note", "message": "-"}).check == "new.check"
    )
