"""Slow libraries are loaded where they are used, and SDKs and SQL are imported only in their own packages.

import-linter checks which package may import which. Its contract is in ``pyproject.toml``; `make lint` runs it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support import paths

SLOW = {
    "anthropic", "boto3", "botocore", "httpx2", "trafilatura", "lxml", "gcld3", "opencc", "markdown_it", "rich",
    "duckdb", "xlsxwriter", "babel", "wcwidth", "webencodings",
}  # fmt: skip

HOMES = {
    "anthropic": "asking.providers",
    "boto3": "asking.providers",
    "botocore": "asking.providers",
    "httpx2": "asking.providers",
    "sqlite3": "store",
}
"""The only package that may import a library, for libraries that have such a home."""

LATE = {"asking.providers.deadlines", "asking.providers.guard"}
"""Modules that import a slow library at the top. No other module imports them at import time."""


def modules() -> dict[str, ast.Module]:
    """Return every module of the package by its name below ``dragoman``."""
    trees = {}
    for path in paths.SOURCES.rglob("*.py"):
        name = ".".join(path.relative_to(paths.SOURCES).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        trees[name] = ast.parse(path.read_text("utf-8"))
    return trees


MODULES = modules()


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_import(tree: ast.Module) -> set[str]:
    """Return what a module imports at import time: not inside functions, classes and ``if TYPE_CHECKING``."""
    return {
        name
        for node in tree.body
        for name in imports(node)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If)
    }


@pytest.mark.parametrize("name", sorted(MODULES.keys() - LATE))
def test_importing_a_module_loads_no_slow_library(name: str) -> None:
    """`dragoman --help` and a stored answer load only what they use."""
    imported = at_import(MODULES[name])
    assert {full.split(".")[0] for full in imported} & SLOW == set()
    assert {full.removeprefix("dragoman.") for full in imported} & LATE == set()


@pytest.mark.parametrize("library", HOMES)
def test_a_library_is_imported_only_by_its_home_package(library: str) -> None:
    """SDKs are imported only by providers, and sqlite3 only by the store."""
    users = {name for name, tree in MODULES.items() if library in {full.split(".")[0] for full in imports(tree)}}
    assert {name for name in users if not f"{name}.".startswith(f"{HOMES[library]}.")} == set()
    assert users, f"no module imports {library}: remove it from HOMES"


def test_the_root_of_the_package_holds_only_what_users_import() -> None:
    """Every other module is in one of the ten packages."""
    root = {name for name in MODULES if "." not in name and not (paths.SOURCES / name).is_dir()}
    assert root == {"__main__", "__about__", "api", "config", "errors"}
