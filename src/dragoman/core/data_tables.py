"""Read the tab-separated tables that are among the package's data."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def table_rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The cells of each row of ``data/NAME``, without comments (``#`` at the start of a line) and empty lines."""
    lines = (files("dragoman") / "data" / name).read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("#"))


def has_table(name: str) -> bool:
    """Whether there is a table ``data/NAME``."""
    return (files("dragoman") / "data" / name).is_file()
