"""Paths of the files in an output folder. File names are made of article ids, so none can lead out of the folder."""

from __future__ import annotations

from pathlib import Path

SUBFOLDERS = ("sources", "articles", "tables")
"""The folders inside an output folder that Dragoman writes into."""


def records_path(folder: Path) -> Path:
    """One record per line."""
    return folder / "records.jsonl"


def source_path(folder: Path, id_: str) -> Path:
    """The text of an article's source."""
    return folder / f"sources/{id_}.txt"


def article_path(folder: Path, id_: str) -> Path:
    """The Markdown page of an article's record."""
    return folder / f"articles/{id_}.md"


def written_folders(folder: Path) -> list[Path]:
    """The output folder and the folders inside it that Dragoman writes into."""
    return [folder, *(folder / name for name in SUBFOLDERS)]
