"""Files, folders and standard input → Article.

Reads bytes and names them; decides nothing about their content. The order is stable: arguments as given, the files of a
folder by their relative path. Subfolders are read too; hidden files and folders are left out.

A link to a file is read if its target lies in the folder that was given, or, for a file that is itself an argument, in
the file's own folder. Other links, and links to folders, are followed only with ``follow_links``: a link that came with
the articles could name any file of the person who runs Dragoman, and whatever is read is sent to a service.
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
from dragoman.errors import ArticleError, ConfigError, Hint, ReasonCode
from dragoman.reading import formats

MAX_FILE_BYTES = 10_000_000
"""A larger file becomes a failed article and is never cut. 10 MB of plain text is about 1,500 pages."""


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """An article that was found and not yet read; ``name`` is its name in the record.

    ``place`` is the path as text, because there may be very many and a `Path` takes five times the memory. ``folder``
    is the folder, without links in its path, that the article must lie in; None means the folder of ``place``.
    """

    name: str
    place: str
    folder: str | None = None

    @property
    def path(self) -> Path:
        """``place`` as a `Path`."""
        return Path(self.place)

    def below(self, folder: str) -> ArticleFile:
        """The same article with the name of ``folder`` before its own."""
        return ArticleFile(f"{folder}/{self.name}", self.place, self.folder)


def read(file: ArticleFile, *, max_bytes: int = MAX_FILE_BYTES, follow_links: bool = False) -> Article:
    """Read an article. Never opens a device; follows links as the module says.

    Raises `ArticleError` (``link_not_followed``, ``unreadable``, ``unsupported``, ``too_large``).
    """
    media_type = formats.MEDIA_TYPES.get(os.path.splitext(file.place)[1].lower())
    allowed = None if follow_links else _only_links_within(file)
    try:
        if media_type is None:
            read_file.open_regular(file.place, allowed=allowed).close()
            raise _error(file.name, "unsupported", formats.not_read())
        content = read_file.read_whole(file.place, max_bytes, allowed=allowed)
    except read_file.TooLarge as error:
        raise _too_large(file.name, error.size, max_bytes) from error
    except read_file.NotRead as error:
        what = "a folder that cannot be listed" if os.path.isdir(file.place) else error.strerror
        raise _error(file.name, "unreadable", f"is {what}") from error
    except OSError as error:
        raise _error(file.name, "unreadable", f"cannot be read: {error.strerror or error}") from error
    return make_article(file.name, content, media_type)


def _only_links_within(file: ArticleFile) -> read_file.PathCheck:
    """Allow a file that is not a link, and a link to a file of the same folder that would also be read without it."""

    def check(resolved: str) -> None:
        above = read_file.real_path(os.path.dirname(file.place) or ".")
        folder = file.folder or above
        if resolved == os.path.join(above, os.path.basename(file.place)) and read_file.is_inside(resolved, folder):
            return
        if not read_file.is_inside(resolved, folder):
            what = f"which lies outside the folder {printable(folder)}"
        elif any(part.startswith(".") for part in resolved[len(folder) :].split("/")):
            what = "which is hidden, and Dragoman does not read hidden files"
        else:
            return
        place = read_file.kernel_place(resolved)
        setting = "the setting follow_links"
        more = f"nothing in {place} is read, even with {setting}" if place else f"{setting} reads it"
        hint: Hint | None = None if place else "links"
        what = f"is a link to {printable(resolved)}, {what}; {more}"
        raise _error(file.name, "link_not_followed", what, hint)

    return check


def check_size(name: str, size: int, max_bytes: int) -> None:
    """Raises `ArticleError` (``too_large``) for more bytes than the limit."""
    if size > max_bytes:
        raise _too_large(name, size, max_bytes)


def _too_large(name: str, size: int, max_bytes: int) -> ArticleError:
    limit = f"the limit is {max_bytes:,} (max_file_bytes in the settings)"
    return _error(name, "too_large", f"has {size:,} bytes or more; {limit}")


def named(path: Path) -> ArticleFile:
    """The one file of a command for one file. Raises `ConfigError` when it does not exist or is a folder."""
    if not exists(path):
        raise ConfigError(f"no such file: {printable(str(path))}")
    if path.is_dir():
        raise ConfigError(f"{printable(str(path))} is a folder, not a file", hint="folder")
    return ArticleFile(printable(path.name), str(path))


def _error(name: str, code: ReasonCode, what: str, hint: Hint | None = None) -> ArticleError:
    return ArticleError(code, f"{name} {what}", what=what, hint=hint)


def find(paths: Iterable[Path], *, leave_out: Iterable[Path] = (), follow_links: bool = False) -> list[ArticleFile]:
    """All files at ``paths``, in order, except those inside ``leave_out`` (the output folder).

    Raises `ConfigError` for a path that does not exist, and when no file is found.
    """
    excluded = [Path(os.path.realpath(path)) for path in leave_out]
    files: list[ArticleFile] = []
    taken = _Taken(set(), set())
    given = list(paths)
    for path in given:
        is_there = exists(path)
        if is_there and any(path.resolve().is_relative_to(place) for place in excluded):
            continue
        if is_there and path.is_dir():
            if _is_output(path):
                raise ConfigError(f"{printable(str(path))} is the output of a run, not a folder of articles")
            files += taken.add(list(_Walk(path, excluded, follow_links).files()), path)
        elif is_there or os.path.islink(path):
            files += taken.add([ArticleFile(printable(path.name), str(path))], path.parent)
        else:
            raise ConfigError(f"no such file or folder: {printable(str(path))}")
    if not files:
        places = ", ".join(printable(str(path)) for path in given) or "the arguments"
        resolved = [path.resolve() for path in given if exists(path)]
        if any(path in excluded for path in resolved):
            raise ConfigError(f"{places} is the output folder itself; choose another output folder", hint="output")
        if any(path.is_relative_to(place) for path in resolved for place in excluded):
            raise ConfigError(
                f"{places} lies inside the output folder, which is not read; choose another output folder",
                hint="output",
            )
        raise ConfigError(f"no article found in {places}; Dragoman reads {formats.endings()}")
    return files


@dataclass(frozen=True, slots=True)
class _Taken:
    """The places and names of the files found so far."""

    places: set[str]
    names: set[str]

    def add(self, files: list[ArticleFile], folder: Path) -> list[ArticleFile]:
        """Take ``files`` that are new, with the name of their folder before their own if a name is taken."""
        files = [item for item in files if item.place not in self.places]
        for prefix in ("", folder.resolve().name, str(folder.resolve()).strip("/")):
            renamed = [item.below(printable(prefix)) if prefix else item for item in files]
            if self.names.isdisjoint(item.name for item in renamed):
                self.places.update(item.place for item in renamed)
                self.names.update(item.name for item in renamed)
                return renamed
        return []


class _Walk:
    """The files below a folder that is an argument."""

    def __init__(self, top: Path, excluded: Iterable[Path], follow_links: bool) -> None:
        self._top = top
        self._root = os.path.realpath(top)
        self._excluded = [str(place) for place in excluded]
        self._follow = follow_links
        self._linked: set[str] = set()
        """Folders outside the given one that a link led to, or that lie below such a folder. Each is read once."""

    def files(self) -> Iterator[ArticleFile]:
        """The files by relative path. A subfolder that cannot be listed becomes one unreadable article."""
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
                for file in self._below(path):
                    yield file if file.place == str(path) else file.below(printable(entry.name))
            elif not _is_folder(path) and not (entry.is_symlink() and self._is_excluded(os.path.realpath(path))):
                yield ArticleFile(printable(entry.name), str(path), self._root)

    def _enters(self, folder: Path) -> bool:
        """Whether a folder is read: no output folder, no folder a second time, and no folder of the kernel."""
        resolved = os.path.realpath(folder)
        if self._is_excluded(resolved) or _is_output(folder):
            return False
        if not self._follow or resolved == os.path.join(self._root, folder.relative_to(self._top)):
            return True
        # A link led to this folder or to one above it. What lies in the given folder is read there, not through a link.
        seen = resolved == self._root or read_file.is_inside(resolved, self._root) or resolved in self._linked
        self._linked.add(resolved)
        return not seen and read_file.kernel_place(resolved) is None

    def _is_excluded(self, resolved: str) -> bool:
        return any(resolved == place or read_file.is_inside(resolved, place) for place in self._excluded)


def _is_output(folder: Path) -> bool:
    """Whether ``folder`` is the output of a run: its Markdown pages and texts are results, not articles."""
    try:
        return b'"schema": "dragoman.run/' in read_file.read_head(folder / "run.json", 200)
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a loop of links
