"""CONTRIBUTING is accurate: its map contains every package, and every file that it names exists."""

from __future__ import annotations

import re

import pytest

from tests.support import paths

PAGE = (paths.ROOT / "CONTRIBUTING.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table's rows, without its header."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


MAP = [(room, cells) for room, *cells in rows(section("The packages"))]
CHANGES = [(change, cells) for change, *cells in rows(section("Which files to touch"))]


def names(text: str) -> list[str]:
    """Return the paths in backticks: texts with a slash or a file suffix."""
    quoted = re.findall(r"`([^`\n]+)`", text)
    return [name for name in quoted if re.fullmatch(r"[\w./-]+", name) and ("/" in name or "." in name)]


def exists(name: str, below: str = "") -> bool:
    """Return whether a file of that name is in the package, in one of its rooms, or in the checkout.

    A name in capitals is a placeholder for any name.
    """
    pattern = re.sub(r"\b[A-Z]{2,}\b(?!\.md)|(?<=/v)N\b", "*", name)
    pattern = re.sub(r"\b[A-Z]{2,}(?=_)", "*", pattern)
    places = (paths.SOURCES / below, paths.SOURCES, paths.ROOT)
    return any(any(place.glob(pattern)) for place in places)


def test_the_map_has_every_room_and_no_other() -> None:
    """Every package, and every module at the root that users import, has a row; a removed one has none."""
    packages = {f"{path.parent.name}/" for path in paths.SOURCES.glob("*/__init__.py")}
    modules = {path.name for path in paths.SOURCES.glob("*.py") if not path.name.startswith("__")}
    assert {room.strip("`") for room, _ in MAP} == packages | modules


@pytest.mark.parametrize(("room", "cells"), MAP, ids=[room for room, _ in MAP])
def test_a_row_of_the_map_names_only_modules_of_its_room(room: str, cells: list[str]) -> None:
    """A reader who follows the map finds the modules it names."""
    missing = [name for cell in cells for name in names(cell) if not exists(name, room.strip("`"))]
    assert [name for name in missing if name not in ("run.json", "dragoman.toml")] == []


@pytest.mark.parametrize(("change", "cells"), CHANGES, ids=[change for change, _ in CHANGES])
def test_a_change_names_files_that_exist(change: str, cells: list[str]) -> None:
    """The files to touch are where the table says."""
    assert any(names(cell) for cell in cells), change
    assert [name for cell in cells for name in names(cell) if not exists(name)] == []


def test_a_name_of_a_missing_file_is_detected() -> None:
    """The tests above rely on this and can therefore fail."""
    assert not exists("reading/formats/no_such.py")
    assert exists("reading/formats/FORMAT.py")
    assert exists("prompts/TASK/vN.md")
