"""SECURITY.md is accurate: each promise names a test that exists, and README links to the page."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISE = re.compile(r"^\| (?P<promise>[^|*]+) \| (?P<test>[^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def promises() -> list[tuple[str, str]]:
    """Return the rows of the table: a promise and its test."""
    rows = [(row["promise"].strip(), row["test"].strip()) for row in PROMISE.finditer(PAGE)]
    return [row for row in rows if row[0] not in ("promise", "---")]


def test_every_row_of_the_table_is_read() -> None:
    """Otherwise a row in another format would not be checked."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| **", "| ---"))]
    assert len(promises()) == len(rows) - 1 >= 20


@pytest.mark.parametrize(("promise", "test"), [pytest.param(*row, id=row[0][:60]) for row in promises()])
def test_each_promise_names_a_test_that_exists(promise: str, test: str) -> None:
    """The file exists and has a test of that name with a docstring and an assertion."""
    named = TEST.fullmatch(test)
    assert named is not None, f"{promise!r} names no test: {test!r}"
    tree = ast.parse((ROOT / named[1]).read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == named[2]]
    assert len(functions) == 1, f"{named[1]} has no test {named[2]}"
    (shown,) = functions
    assert ast.get_docstring(shown)
    assert any(isinstance(node, ast.Assert) for node in ast.walk(shown)) or "expect" in ast.unparse(shown)
    marks = " ".join(ast.unparse(mark) for mark in shown.decorator_list)
    assert "xfail" not in marks, f"{named[2]} is a known failure, so {promise!r} is not kept"


def test_readme_links_to_the_page() -> None:
    """Readers find the page from the README."""
    assert "](SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")


def test_no_address_is_invented() -> None:
    """Reports go through the hosting of the repository, so the page has no mail address and no external link."""
    assert "@" not in PAGE
    assert not re.search(r"https?://\w", PAGE.replace("`http://`", ""))
