"""Files, folders and standard input → Article.

Reads bytes and names them; decides nothing about their content. Order is stable: arguments as given, the
files of a folder by their relative path. Folders inside a folder are walked, hidden files and folders are left out.

A link to a file is read when the file lies in the folder that was given (for a file that is named itself: in its own
folder). Links that lead elsewhere, and links to folders, are followed only with ``follow_links``: a link that came with
the articles could name any file of the person who runs this, and what is read is sent to a service.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dragoman.core import read_file
from dragoman.core.article import Article, make_article
from dragoman.core.files import exists
from dragoman.core.visible import printable
from dragoman.errors import ArticleError, ConfigError, ReasonCode
from dragoman.reading import formats

MAX_FILE_BYTES = 10_000_000
"""A larger file is a failed article, not a silent cut. 10 MB of plain text is some 1,500 pages."""


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """Where an article is, before it is read: ``name`` as it will be in the record.

    ``place`` is the path as text: there may be very many, and a `Path` takes five times the memory. ``folder`` is the
    folder, without links in its path, that the article must lie in; None stands for the one that ``place`` is in.
    """

    name: str
    place: str
    folder: str | None = None

    @property
    def path(self) -> Path:
        return Path(self.place)

    def below(self, folder: str) -> ArticleFile:
        """The same article with the name of a folder before its own."""
        return ArticleFile(f"{folder}/{self.name}", self.place, self.folder)


def read(found: ArticleFile, *, max_bytes: int = MAX_FILE_BYTES, follow_links: bool = False) -> Article:
    """The article at a place. Never opens a device; reads through a link as the module says.

    Raises `ArticleError` (``link_not_followed``, ``unreadable``, ``unsupported``, ``too_large``).
    """
    media_type = formats.MEDIA_TYPES.get(os.path.splitext(found.place)[1].lower())
    allowed = None if follow_links else _not_elsewhere(found)
    try:
        if media_type is None:
            read_file.open_regular(found.place, allowed=allowed).close()
            raise _error(found.name, "unsupported", formats.not_read())
        content = read_file.read_whole(found.place, max_bytes, allowed=allowed)
    except read_file.TooLarge as error:
        raise _too_large(found.name, error.size, max_bytes) from error
    except read_file.NotRead as error:
        what = "a folder that cannot be listed" if os.path.isdir(found.place) else error.strerror
        raise _error(found.name, "unreadable", f"is {what}") from error
    except OSError as error:
        raise _error(found.name, "unreadable", f"cannot be read: {error.strerror or error}") from error
    return make_article(found.name, content, media_type)


def _not_elsewhere(found: ArticleFile) -> read_file.PathCheck:
    """Allows what is no link, and links to files of the same folder that would be read without a link, too."""

    def check(resolved: str) -> None:
        above = read_file.real_path(os.path.dirname(found.place) or ".")
        folder = found.folder or above
        if resolved == os.path.join(above, os.path.basename(found.place)) and read_file.is_inside(resolved, folder):
            return
        if not read_file.is_inside(resolved, folder):
            what = f"which lies outside the folder {printable(folder)}"
        elif any(part.startswith(".") for part in resolved[len(folder) :].split("/")):
            what = "which is hidden, and hidden files are left out"
        else:
            return
        place = read_file.kernel_place(resolved)
        more = f"nothing in {place} is read, not with --follow-links either" if place else "--follow-links reads it"
        raise _error(found.name, "link_not_followed", f"is a link to {printable(resolved)}, {what}; {more}")

    return check


def check_size(name: str, size: int, max_bytes: int) -> None:
    """Raises `ArticleError` (``too_large``) for more bytes than the limit: never a silent cut."""
    if size > max_bytes:
        raise _too_large(name, size, max_bytes)


def _too_large(name: str, size: int, max_bytes: int) -> ArticleError:
    limit = f"the limit is {max_bytes:,} (max_file_bytes in the settings)"
    return _error(name, "too_large", f"has {size:,} bytes or more; {limit}")


def named(path: Path) -> ArticleFile:
    """The one file that somebody named. Raises `ConfigError` when it is not there, or a folder."""
    if not exists(path):
        raise ConfigError(f"no such file: {printable(str(path))}")
    if path.is_dir():
        raise ConfigError(f"{printable(str(path))} is a folder; use `dragoman run` for folders")
    return ArticleFile(printable(path.name), str(path))


def _error(name: str, code: ReasonCode, what: str) -> ArticleError:
    return ArticleError(code, f"{name} {what}", what=what)


def find(paths: Iterable[Path], *, leave_out: Iterable[Path] = (), follow_links: bool = False) -> list[ArticleFile]:
    """All files at ``paths``, in order; anything inside ``leave_out`` (the output folder) is not input.

    Raises `ConfigError` for a path that does not exist and when there is no file at all.
    """
    excluded = [Path(os.path.realpath(path)) for path in leave_out]
    found: list[ArticleFile] = []
    given = list(paths)
    for path in given:
        if exists(path) and any(path.resolve().is_relative_to(place) for place in excluded):
            continue
        if exists(path) and path.is_dir() and _is_output(path):
            raise ConfigError(f"{printable(str(path))} is the output of a run, not a folder of articles")
        if exists(path) and path.is_dir():
            found += _unlike(found, list(_Walk(path, excluded, follow_links).files()), path)
        elif exists(path) or os.path.islink(path):
            found += _unlike(found, [ArticleFile(printable(path.name), str(path))], path.parent)
        else:
            raise ConfigError(f"no such file or folder: {printable(str(path))}")
    if not found:
        places = ", ".join(printable(str(path)) for path in given) or "the arguments"
        there = [path.resolve() for path in given if exists(path)]
        if any(path in excluded for path in there):
            raise ConfigError(f"{places} is the output folder itself; name another with -o")
        if any(path.is_relative_to(place) for path in there for place in excluded):
            raise ConfigError(f"{places} lies inside the output folder, which is not read; name another with -o")
        raise ConfigError(f"no article found in {places}; Dragoman reads {formats.endings()}")
    return found


def _unlike(earlier: list[ArticleFile], found: list[ArticleFile], folder: Path) -> list[ArticleFile]:
    """``found`` with names that no other file of the run has: the folder's name comes before them if need be."""
    places = {item.place for item in earlier}
    found = [item for item in found if item.place not in places]
    names = {item.name for item in earlier}
    for prefix in ("", folder.resolve().name, str(folder.resolve()).strip("/")):
        renamed = [item.below(printable(prefix)) if prefix else item for item in found]
        if names.isdisjoint(item.name for item in renamed):
            return renamed
    return []


class _Walk:
    """The files below a folder that was given."""

    def __init__(self, top: Path, excluded: Iterable[Path], follow_links: bool) -> None:
        self._top = top
        self._root = os.path.realpath(top)
        self._excluded = [str(place) for place in excluded]
        self._follow = follow_links
        self._elsewhere: set[str] = set()
        """Folders outside the given one that a link led to, or that lie below such a folder: each is read once."""

    def files(self) -> Iterator[ArticleFile]:
        """By relative path. A subfolder that cannot be listed is one unreadable article."""
        yield from self._below(self._top)

    def _below(self, folder: Path) -> Iterator[ArticleFile]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            yield ArticleFile(printable(folder.name), str(folder), self._root)
            return
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False) or (self._follow and _is_folder(path)):
                if not self._enters(path):
                    continue
                for found in self._below(path):
                    yield found if found.place == str(path) else found.below(printable(entry.name))
            elif not _is_folder(path) and not (entry.is_symlink() and self._is_excluded(os.path.realpath(path))):
                yield ArticleFile(printable(entry.name), str(path), self._root)

    def _enters(self, folder: Path) -> bool:
        """Whether a folder is read: not an output folder, not a second time, and nothing of the kernel."""
        there = os.path.realpath(folder)
        if self._is_excluded(there) or _is_output(folder):
            return False
        if not self._follow or there == os.path.join(self._root, folder.relative_to(self._top)):
            return True
        # A link led here, or to a folder above. What lies in the given folder is read there.
        known = there == self._root or read_file.is_inside(there, self._root) or there in self._elsewhere
        self._elsewhere.add(there)
        return not known and read_file.kernel_place(there) is None

    def _is_excluded(self, resolved: str) -> bool:
        return any(resolved == place or read_file.is_inside(resolved, place) for place in self._excluded)


def _is_output(folder: Path) -> bool:
    """Whether a run wrote into ``folder``: its Markdown pages and texts are results, not articles."""
    try:
        return b'"schema": "dragoman.run/' in read_file.read_head(folder / "run.json", 200)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a link that leads round in a circle
