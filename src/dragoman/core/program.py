"""The installed program: what decides whether results of an earlier process can be used again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dragoman.core.text import canonical_json, sha256

_LIBRARIES = ("trafilatura", "lxml", "charset-normalizer", "webencodings", "markdown-it-py", "cld3-py", "opencc")
"""The libraries that take part in turning an article into a source."""


@lru_cache(maxsize=1)
def library_versions() -> str:
    """``"trafilatura-2.3.1 lxml-6.1.3 …"``; ``name-none`` for a library that is not installed."""
    return " ".join(f"{name}-{_version(name)}" for name in _LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Digest of the installed program: name, size and time of each of its files, and the versions of the libraries.

    It uses times instead of contents, because reading half a megabyte of tables would take longer than a stored answer
    may.
    """
    return sha256(canonical_json([library_versions(), sorted(_files(Path(__file__).parents[1]))]))


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(Path(entry.path)) if entry.name != "__pycache__" else ()
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
