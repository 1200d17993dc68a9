"""This program as installed: what decides whether work that an earlier process did can be used again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dragoman.core.text import canonical_json, sha256

_LIBRARIES = ("trafilatura", "lxml", "charset-normalizer", "webencodings", "markdown-it-py", "cld3-py", "opencc")
"""The libraries that take part in making a source of an article."""


@lru_cache(maxsize=1)
def library_versions() -> str:
    """``"trafilatura-2.3.1 lxml-6.1.3 …"``; a library that is not installed is ``name-none``."""
    return " ".join(f"{name}-{_version(name)}" for name in _LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Digest of this program as installed: name, size and time of each of its files, and the preparing libraries.

    Times instead of contents: reading half a megabyte of tables costs more than a stored answer may.
    """
    return sha256(canonical_json([library_versions(), sorted(_files(Path(__file__).parents[1]))]))


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(Path(entry.path)) if entry.name != "__pycache__" else ()
            else:
                facts = entry.stat()
                yield entry.path, facts.st_size, facts.st_mtime_ns
