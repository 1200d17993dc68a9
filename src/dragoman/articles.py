"""Files, folders and standard input → Article.

Reads bytes and names them; decides nothing about their content. Order is stable: arguments as given, the
files of a folder by their relative path. Folders inside a folder are walked, links to folders are not
followed, hidden files and folders are left out.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dragoman.errors import ArticleError, ConfigError
from dragoman.source import sha256

MEDIA_TYPES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
}
"""File name ending to media type. Any other ending is an article that is skipped, and says so."""

MAX_FILE_BYTES = 10_000_000
"""A larger file is a failed article, not a silent cut. 10 MB of plain text is some 1,500 pages."""


@dataclass(frozen=True, slots=True)
class Article:
    """One input as found. ``name`` is relative to the folder it was found in, with ``/``.

    ``media_type`` is one of the values of `MEDIA_TYPES`; ``size`` is in bytes.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str
    sha256: str
    size: int

    @property
    def id(self) -> str:
        """A slug of the name and a short digest of the bytes; safe as a file name on any system."""
        return article_id(self.name, self.sha256)


@dataclass(frozen=True, slots=True)
class Found:
    """Where an article is, before it is read: ``name`` as it will be in the record."""

    name: str
    path: Path


def article_id(name: str, digest: str) -> str:
    """``economy/Bài 1.txt`` and a digest give ``economy-bai-1-600afdb87e``.

    Only ``a-z 0-9 -``: names of other scripts keep what has an ASCII form, the digest tells them apart.
    """
    stem = name.rsplit(".", 1)[0] if "." in name.rsplit("/", 1)[-1] else name
    plain = unicodedata.normalize("NFKD", stem.replace("đ", "d").replace("Đ", "D"))
    plain = plain.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    return f"{slug or 'article'}-{digest[:10]}"


def make_article(name: str, content: bytes, media_type: str) -> Article:
    """An Article with its digest taken."""
    return Article(name, content, media_type, sha256(content), len(content))


def read(found: Found, *, max_bytes: int = MAX_FILE_BYTES) -> Article:
    """The article at a place. Never opens a device.

    Raises `ArticleError` (``unreadable``, ``unsupported``, ``too_large``).
    """
    try:
        status = found.path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArticleError("unreadable", f"{found.name} is not a regular file")
        media_type = MEDIA_TYPES.get(found.path.suffix.lower())
        if media_type is None:
            kinds = ", ".join(sorted(MEDIA_TYPES))
            raise ArticleError("unsupported", f"{found.name} is not of a kind that is read ({kinds})")
        if status.st_size > max_bytes:
            raise ArticleError(
                "too_large",
                f"{found.name} has {status.st_size:,} bytes; the limit is {max_bytes:,} "
                "(max_file_bytes in the settings)",
            )
        content = found.path.read_bytes()
    except OSError as error:
        raise ArticleError("unreadable", f"{found.name} cannot be read: {error.strerror or error}") from error
    return make_article(found.name, content, media_type)


def find(paths: Iterable[Path], *, leave_out: Iterable[Path] = ()) -> list[Found]:
    """All files at ``paths``, in order; anything inside ``leave_out`` (the output folder) is not input.

    Raises `ConfigError` for a path that does not exist and when there is no file at all.
    """
    excluded = [path.resolve() for path in leave_out]
    found: list[Found] = []
    given = list(paths)
    for path in given:
        if exists(path) and path.is_dir():
            found += _in_folder(path, excluded)
        elif exists(path):
            found.append(Found(printable(path.name), path))
        else:
            raise ConfigError(f"no such file or folder: {printable(str(path))}")
    if not found:
        places = ", ".join(printable(str(path)) for path in given) or "the arguments"
        raise ConfigError(f"no article found in {places}; dragoman reads {', '.join(sorted(MEDIA_TYPES))}")
    return found


def exists(path: Path) -> bool:
    """Whether there is something at ``path``; False for what cannot be a path at all (too long, NUL)."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _in_folder(folder: Path, excluded: list[Path]) -> Iterator[Found]:
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (here / name).resolve() not in excluded
        )
        for name in sorted(files):
            if not name.startswith("."):
                path = here / name
                yield Found(printable(path.relative_to(folder).as_posix()), path)


def printable(name: str) -> str:
    """A file name that can be printed and stored: bytes that are not text, controls and bidi marks escaped."""
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character if unicodedata.category(character) not in ("Cc", "Cf", "Cs") else f"\\u{ord(character):04x}"
        for character in clean
    )
