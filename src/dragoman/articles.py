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
from dragoman.visible import printable

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
    """Where an article is, before it is read: ``name`` as it will be in the record.

    ``place`` is the path as text: there may be very many, and a `Path` takes five times the memory.
    """

    name: str
    place: str

    @property
    def path(self) -> Path:
        return Path(self.place)


def article_id(name: str, digest: str) -> str:
    """``economy/Bài 1.txt`` and the digest of its bytes give ``economy-bai-1-txt-600afdb87e``.

    Only ``a-z 0-9 -``. A name that the slug does not hold whole (folders, another script, signs, length) has
    four digits of its own digest in the id, so that two names of the same bytes do not share one.
    """
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    plain = plain.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+", name) or len(name) != len(slug):
        slug = f"{slug}-{sha256(name)[:4]}".strip("-")
    return f"{slug}-{digest[:10]}"


def make_article(name: str, content: bytes, media_type: str) -> Article:
    """An Article with its digest taken."""
    return Article(name, content, media_type, sha256(content), len(content))


def read(found: Found, *, max_bytes: int = MAX_FILE_BYTES) -> Article:
    """The article at a place. Never opens a device.

    Raises `ArticleError` (``unreadable``, ``unsupported``, ``too_large``).
    """
    path = found.path
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArticleError("unreadable", f"{found.name} is not a regular file")
        media_type = MEDIA_TYPES.get(path.suffix.lower())
        if media_type is None:
            kinds = ", ".join(sorted(MEDIA_TYPES))
            raise ArticleError("unsupported", f"{found.name} is not of a kind that is read ({kinds})")
        check_size(found.name, status.st_size, max_bytes)
        content = path.read_bytes()
    except OSError as error:
        raise ArticleError("unreadable", f"{found.name} cannot be read: {error.strerror or error}") from error
    return make_article(found.name, content, media_type)


def check_size(name: str, size: int, max_bytes: int) -> None:
    """Raises `ArticleError` (``too_large``) for more bytes than the limit: never a silent cut."""
    if size > max_bytes:
        limit = f"the limit is {max_bytes:,} (max_file_bytes in the settings)"
        raise ArticleError("too_large", f"{name} has {size:,} bytes or more; {limit}")


def find(paths: Iterable[Path], *, leave_out: Iterable[Path] = ()) -> list[Found]:
    """All files at ``paths``, in order; anything inside ``leave_out`` (the output folder) is not input.

    Raises `ConfigError` for a path that does not exist and when there is no file at all.
    """
    excluded = [path.resolve() for path in leave_out]
    found: list[Found] = []
    given = list(paths)
    for path in given:
        if exists(path) and any(path.resolve().is_relative_to(place) for place in excluded):
            continue
        if exists(path) and path.is_dir() and _is_output(path):
            raise ConfigError(f"{printable(str(path))} is the output of a run, not a folder of articles")
        if exists(path) and path.is_dir():
            found += _unlike(found, list(_in_folder(path, excluded)), path)
        elif exists(path) or os.path.islink(path):
            found += _unlike(found, [Found(printable(path.name), str(path))], path.parent)
        else:
            raise ConfigError(f"no such file or folder: {printable(str(path))}")
    if not found:
        places = ", ".join(printable(str(path)) for path in given) or "the arguments"
        there = [path.resolve() for path in given if exists(path)]
        if any(path in excluded for path in there):
            raise ConfigError(f"{places} is the output folder itself; name another with -o")
        if any(path.is_relative_to(place) for path in there for place in excluded):
            raise ConfigError(f"{places} lies inside the output folder, which is not read; name another with -o")
        raise ConfigError(f"no article found in {places}; dragoman reads {', '.join(sorted(MEDIA_TYPES))}")
    return found


def _unlike(earlier: list[Found], found: list[Found], folder: Path) -> list[Found]:
    """``found`` with names that no other file of the run has: the folder's name comes before them if need be."""
    places = {item.place for item in earlier}
    found = [item for item in found if item.place not in places]
    names = {item.name for item in earlier}
    for prefix in ("", folder.resolve().name, str(folder.resolve()).strip("/")):
        renamed = [Found(f"{printable(prefix)}/{item.name}" if prefix else item.name, item.place) for item in found]
        if names.isdisjoint(item.name for item in renamed):
            return renamed
    return []


def exists(path: Path) -> bool:
    """Whether there is something at ``path``; False for what cannot be a path at all (too long, NUL)."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _in_folder(folder: Path, excluded: list[Path]) -> Iterator[Found]:
    """Files below ``folder`` by relative path. A subfolder that cannot be listed is one unreadable article."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield Found(printable(folder.name), str(folder))
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            if path.resolve() in excluded or _is_output(path):
                continue
            for found in _in_folder(path, excluded):
                name = printable(entry.name)
                yield found if found.place == str(path) else Found(f"{name}/{found.name}", found.place)
        elif not _is_folder(path):
            yield Found(printable(entry.name), str(path))


def _is_output(folder: Path) -> bool:
    """Whether a run wrote into ``folder``: its Markdown pages and texts are results, not articles."""
    try:
        with (folder / "run.json").open("rb") as run:
            return b'"schema": "dragoman.run/' in run.read(200)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a link that leads round in a circle
