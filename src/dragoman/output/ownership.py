"""Whether a run may write into a folder: it is new, or a run began it, or has nothing that a run would write over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.core.files import exists
from dragoman.core.visible import printable
from dragoman.errors import ConfigError, StoreError
from dragoman.output.run_file import read_run

if TYPE_CHECKING:
    pass


_FILES = ("index.md", "report.html", "report-[0-9]*.html", "run.json")
_FOLDERS = ("tables", "articles", "sources")


def refuse_another(folder: Path) -> None:
    """Raises `ConfigError` when ``folder`` is none, or holds files of somebody else that a run would write over or
    among; `StoreError` when it cannot be read."""
    refuse_links(folder)
    try:
        for place in (folder, *folder.parents):
            if exists(place) and not place.is_dir():
                raise ConfigError(f"{_shown(place)} is a file, and OUT is to be a folder; name another with -o")
        if not is_of_a_run(folder) and (theirs := _theirs(folder)):
            raise ConfigError(f"{_shown(theirs[0])} is there and not of a run; name another folder with -o")
    except OSError as error:
        raise StoreError(f"the output folder {_shown(folder)} cannot be read: {error.strerror or error}") from error


def refuse_links(folder: Path) -> None:
    """Raises `ConfigError` when a folder inside ``OUT`` is a link: what is written and cleared there would be written
    and cleared elsewhere, in a folder that whoever made the link has chosen."""
    for place in (folder / name for name in _FOLDERS):
        if os.path.islink(place):
            raise ConfigError(
                f"{_shown(place)} is a link, and a run writes only in folders of OUT itself: "
                "put a folder in its place, or name another with -o"
            )


def is_of_a_run(folder: Path) -> bool:
    """Whether a run began to write here, killed or not: the first thing it writes is its ``run.json``."""
    if (folder / "records.jsonl").exists():
        return True
    return read_run(folder).is_written


def _theirs(folder: Path) -> list[Path]:
    files = [path for pattern in _FILES for path in sorted(folder.glob(pattern))]
    parts = [folder / name for name in _FOLDERS]
    return files + [part for part in parts if part.exists() and (not part.is_dir() or any(part.iterdir()))]


def _shown(path: Path) -> str:
    return printable(str(path))
