"""Decide whether a run may write into a folder: it is new, a run began it, or a run would overwrite nothing in it."""

from __future__ import annotations

import os
from pathlib import Path

from dragoman.core.files import exists
from dragoman.core.visible import printable
from dragoman.errors import ConfigError, StoreError
from dragoman.output.paths import SUBFOLDERS, records_path
from dragoman.output.run_file import read_run

_FILES = ("index.md", "report.html", "report-[0-9]*.html", "run.json")


def refuse_foreign_files(folder: Path) -> None:
    """Raise `ConfigError` if ``folder`` is not a folder, or if it holds files that Dragoman did not write and that a
    run would overwrite or mix with its own. Raises `StoreError` if the folder cannot be read."""
    refuse_links(folder)
    try:
        for place in (folder, *folder.parents):
            if exists(place) and not place.is_dir():
                raise ConfigError(f"{_shown(place)} is a file, not a folder. Choose another output folder")
        if not is_output_folder(folder) and (foreign := _foreign_files(folder)):
            raise ConfigError(
                f"{_shown(foreign[0])} exists and was not written by Dragoman. Choose another output folder"
            )
    except OSError as error:
        raise StoreError(f"the output folder {_shown(folder)} cannot be read: {error.strerror or error}") from error


def refuse_links(folder: Path) -> None:
    """Raise `ConfigError` if a folder inside the output folder is a link. Whatever Dragoman writes and deletes there
    would be written and deleted somewhere else, in a place chosen by whoever made the link."""
    for place in (folder / name for name in SUBFOLDERS):
        if os.path.islink(place):
            raise ConfigError(
                f"{_shown(place)} is a link, and Dragoman writes only into folders that are inside the output folder "
                "itself. Replace the link by a folder, or choose another output folder"
            )


def is_output_folder(folder: Path) -> bool:
    """Whether a run began to write here, even if it was killed: the first file that a run writes is ``run.json``."""
    if records_path(folder).exists():
        return True
    return read_run(folder).is_written


def _foreign_files(folder: Path) -> list[Path]:
    """Files and folders at the places that a run writes to. Empty folders do not count."""
    files = [path for pattern in _FILES for path in sorted(folder.glob(pattern))]
    subfolders = [folder / name for name in SUBFOLDERS]
    return files + [place for place in subfolders if place.exists() and (not place.is_dir() or any(place.iterdir()))]


def _shown(path: Path) -> str:
    return printable(str(path))
