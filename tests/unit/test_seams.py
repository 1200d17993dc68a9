"""Three boundaries: no decision by the text of a message, no SQL outside the store, no work inside the commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support import paths

SOURCES = paths.SOURCES
MODULES = {path.relative_to(SOURCES).as_posix(): path for path in sorted(SOURCES.rglob("*.py"))}

SERVICES = "asking/providers/"
"""Here some errors of services and SDKs exist only as words; this package turns them into codes (`errors.Trouble`)."""
TEXTS = {"message", "msg", "what", "why", "reason", "said"}
"""Names of texts that are written for people."""
TAKES_APART = {
    "endswith", "startswith", "removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit", "find",
    "index", "count", "replace", "strip", "lstrip", "rstrip", "match", "search", "fullmatch",
}  # fmt: skip

STATEMENT = re.compile(
    r"\s*(SELECT\s.+\sFROM|SELECT count|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|REPLACE\s+INTO|"
    r"CREATE\s+(TABLE|INDEX|TRIGGER)|ALTER\s+TABLE|DROP\s+TABLE|PRAGMA\s|BEGIN\s+IMMEDIATE|COPY\s*\()",
    re.S,
)
NO_STORE = {"output/tables/parquet_file.py"}
"""DuckDB can write Parquet only through a COPY statement. It is a file format, and no state is stored in it."""


ERRORS = re.compile("err|exc|trouble|bug|before|cause|ended")
"""Names of variables and fields that hold an error."""


def _is_message(node: ast.expr) -> bool:
    """Return whether an expression is the text of a message, such as ``str(error)``, ``reason.message`` or
    ``problem["msg"]``.
    """
    match node:
        case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=name) | ast.Attribute(attr=name)]):
            return bool(ERRORS.search(name))
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in TEXTS
        case _:
            return False


def decided_by_text(tree: ast.AST) -> Iterator[int]:
    """Return the lines that search a message, take it apart, or compare it with a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            texts = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides)
            inside = any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
            if any(map(_is_message, node.comparators if inside else sides)) and (inside or texts):
                yield node.lineno
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in TAKES_APART
            and any(map(_is_message, (node.func.value, *node.args)))
        ):
            yield node.lineno


@pytest.mark.parametrize(
    "line",
    [
        "said = 'raise' in str(done.ended_by)",
        "more = line.endswith(str(before))", "reason.message.removeprefix(name)",
        "if finding.message == 'no': pass", "re.search('auth', str(error))", "'x' not in problem.msg",
        "problem['msg'].removeprefix('Value error, ')",
    ],
)  # fmt: skip
def test_a_decision_by_the_text_of_a_message_is_detected(line: str) -> None:
    """The next test relies on this and can therefore fail."""
    assert list(decided_by_text(ast.parse(line))) == [1]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith(SERVICES)])
def test_nothing_is_decided_by_the_text_of_a_message(name: str) -> None:
    """Codes, fields and types say what happened, so that messages can be reworded."""
    assert list(decided_by_text(ast.parse(MODULES[name].read_text("utf-8")))) == []


def _statements(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
            yield node.lineno


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith("store/") and name not in NO_STORE])
def test_only_the_store_contains_sql(name: str) -> None:
    """No other module has an SQL statement or imports sqlite3, so another store can replace this one."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert "sqlite3" not in imported
    assert list(_statements(tree)) == []


def test_the_statements_of_the_store_are_detected() -> None:
    """The search of the test above finds the existing statements, in more than one module."""
    found = {name: list(_statements(ast.parse(path.read_text("utf-8")))) for name, path in MODULES.items()}
    assert sum(map(len, found.values())) > 40
    with_some = {name for name, lines in found.items() if lines}
    assert {"store/sqlite/store.py", "store/maintenance.py", "store/sqlite/file.py"} <= with_some
    assert all(name.startswith("store/") or name in NO_STORE for name in with_some)
