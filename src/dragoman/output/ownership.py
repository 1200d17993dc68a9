"""Whether a run may write into a folder: it is new, or a run began it, or has nothing that a run would write over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dragoman.core import read_file
from dragoman.core.files import exists
from dragoman.core.visible import printable
from dragoman.errors import ConfigError, StoreError

MAX_RUN_BYTES = 500_000_000
"""Of ``run.json``, which names the file of every article: two million of them, with paths of 150 characters."""

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


def _is_text(fact: object) -> bool:
    return fact is None or isinstance(fact, str)


def _are_texts(fact: object) -> bool:
    return isinstance(fact, list) and all(isinstance(item, str) for item in fact)


def _are_paths(fact: object) -> bool:
    return isinstance(fact, dict) and all(isinstance(path, str) for path in fact.values())


_FACTS: dict[str, Callable[[object], bool]] = {
    "store": _is_text, "recordings": _is_text, "base_url": _is_text, "rescued_to": _is_text, "notes": _are_texts,
    "inputs": _are_paths,
}  # fmt: skip
"""The facts that a later command goes by, and what they must be: the file may come from somebody else."""


def refuse_links(folder: Path) -> None:
    """Raises `ConfigError` when a folder inside ``OUT`` is a link: what is written and cleared there would be written
    and cleared elsewhere, in a folder that whoever made the link has chosen."""
    for place in (folder / name for name in _FOLDERS):
        if os.path.islink(place):
            raise ConfigError(
                f"{_shown(place)} is a link, and a run writes only in folders of OUT itself: "
                "put a folder in its place, or name another with -o"
            )


def run_facts(folder: Path) -> dict[str, Any]:
    """What ``run.json`` holds, without the facts that are of another kind than a run writes; nothing where there is no
    such file, or it cannot be taken apart.

    Raises `ConfigError` for one that is no regular file, or too large: a run does not leave such a thing.
    """
    path = folder / "run.json"
    try:
        facts = read_file.json_value(read_file.read_whole(path, MAX_RUN_BYTES))
    except read_file.NotRead as error:
        raise ConfigError(f"{_shown(path)} cannot be read: {error.strerror}; move it away, and run again") from error
    except (OSError, ValueError):
        return {}
    if not isinstance(facts, dict):
        return {}
    return {name: fact for name, fact in facts.items() if name not in _FACTS or _FACTS[name](fact)}


def is_of_a_run(folder: Path) -> bool:
    """Whether a run began to write here, killed or not: the first thing it writes is its ``run.json``."""
    if (folder / "records.jsonl").exists():
        return True
    return "dragoman" in run_facts(folder)


def _theirs(folder: Path) -> list[Path]:
    files = [path for pattern in _FILES for path in sorted(folder.glob(pattern))]
    parts = [folder / name for name in _FOLDERS]
    return files + [part for part in parts if part.exists() and (not part.is_dir() or any(part.iterdir()))]


def _shown(path: Path) -> str:
    return printable(str(path))
