"""What an earlier run into a folder left to be done, out of its `run.json`: nothing is bought twice for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.config import Settings
from dragoman.errors import RepliesRescued, StoreError
from dragoman.store import Store
from dragoman.store_care import Imported, import_recordings
from dragoman.store_file import import_command


def unfinished_refresh(earlier: Mapping[str, Any], settings: Settings) -> int | None:
    """The row of the store after which the refreshing of this folder was begun, where it was not brought to its end:
    what it has bought since is not bought again."""
    same = settings.refresh and earlier.get("store") in (None, str(settings.store_path.absolute()))
    ended = earlier.get("exit_code") is not None and earlier.get("ended_by") is None
    after = earlier.get("refreshed_after")
    return after if same and not ended and isinstance(after, int) else None


def take_back(store: Store | None, folder: str | None) -> Imported:
    """Put paid replies into the store that an earlier run kept in ``folder``, before they are asked for again.

    Raises `StoreError` when it still does not take them.
    """
    if store is None or folder is None or not Path(folder).is_dir():
        return Imported(0, 0)
    try:
        return import_recordings(store, Path(folder))
    except StoreError as error:
        kept = f"Paid replies of an earlier run are kept in {folder}"
        raise RepliesRescued(error, kept, import_command(Path(folder), store.path)) from error
