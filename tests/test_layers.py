"""The tree explains the program: lower layers never import higher ones, and SDKs stay inside providers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src" / "dragoman"

# From the ground up. A module imports only what stands above it in this list.
LAYERS = (Path(__file__).parent / "layers.txt").read_text("utf-8").split()

SLOW = {
    "anthropic", "boto3", "botocore", "httpx2", "trafilatura", "lxml", "gcld3", "opencc", "markdown_it", "rich",
    "duckdb", "xlsxwriter", "babel", "wcwidth", "webencodings",
}  # fmt: skip
SDKS = {"anthropic", "boto3", "botocore", "httpx2"}


LATE = {"providers.connections", "providers.guard"}
"""Modules that build on a slow library from their first line on."""


def modules() -> dict[str, Path]:
    found = {}
    for path in SOURCES.rglob("*.py"):
        name = ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        if name:
            found[name] = path
    return found


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_module_has_its_layer() -> None:
    """A new module is given a place in the list, and a removed one is taken out."""
    assert sorted(modules()) == sorted(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_module_imports_only_from_below(name: str) -> None:
    """The order of LAYERS is the order of the tree; nothing reaches up."""
    tree = ast.parse(modules()[name].read_text("utf-8"))
    below = set(LAYERS[: LAYERS.index(name)])
    # A package may pull in the modules that it is the face of, and only these.
    own = {layer for layer in LAYERS if layer.startswith(f"{name}.")}
    used = {full.removeprefix("dragoman.") for full in imports(tree) if full.startswith("dragoman.")} & set(LAYERS)
    assert used - below - own - {name} == set()


@pytest.mark.parametrize("name", LAYERS)
def test_slow_libraries_are_imported_where_they_are_used(name: str) -> None:
    """No module loads a slow library by being imported, and only providers know the SDKs at all.

    What is `LATE` does, and is itself imported by no other module before it is used.
    """
    tree = ast.parse(modules()[name].read_text("utf-8"))
    at_import = {
        full
        for node in tree.body
        for full in imports(node)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If)
    }
    if name not in LATE:
        assert {full.split(".")[0] for full in at_import} & SLOW == set()
        assert {full.removeprefix("dragoman.") for full in at_import} & LATE == set()
    anywhere = {full.split(".")[0] for full in imports(tree)}
    if not name.startswith("providers"):
        assert anywhere & SDKS == set()
