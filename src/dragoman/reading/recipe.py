"""The recipe of a source: everything it depends on except the bytes of its article."""

from __future__ import annotations

from dragoman.core.program import library_versions

_RECIPE = 6
"""Raise it with any change in this package that can change a source, its notes included."""


def recipe() -> str:
    """The number of this package's recipe and the versions of the libraries: ``"1 trafilatura-2.3.1 lxml-6.1.3 …"``."""
    return f"{_RECIPE} {library_versions()}"
