"""What an earlier run into a folder left to be done, out of its `run.json`: nothing is bought twice for it."""

from __future__ import annotations

import os
from pathlib import Path

from dragoman.config import Settings
from dragoman.core.run_report import RunReport
from dragoman.errors import RepliesElsewhere, RepliesRescued, StoreError
from dragoman.store.maintenance import Imported, import_recordings
from dragoman.store.protocol import ReplyStore
from dragoman.store.sqlite.file import import_command


def unfinished_refresh(earlier: RunReport, settings: Settings) -> int | None:
    """The row of the store after which the refreshing of this folder was begun, where it was not brought to its end:
    what it has bought since is not bought again."""
    same = settings.refresh and earlier.store in (None, str(settings.store_path.absolute()))
    ended = earlier.exit_code is not None and earlier.ended_by is None
    return earlier.refreshed_after if same and not ended else None


def take_back(store: ReplyStore | None, earlier: RunReport, *, anyway: bool = False) -> Imported:
    """Put paid replies into the store that it did not take in an earlier run, before they are asked for again.

    Whoever wrote the folder may have named any place: only recordings with this store's own mark are taken. Raises
    `RepliesElsewhere` when there are others that a service gave, unless they may be bought again (``anyway``), and
    `StoreError` when the store still does not take its own.
    """
    folder = earlier.rescued_to
    if store is None or folder is None or not os.path.isdir(folder):
        return Imported(0, 0)
    command = import_command(Path(folder), store.path)
    try:
        done = import_recordings(store, Path(folder), only_marked=True)
    except StoreError as error:
        kept = f"Paid replies of an earlier run are kept in {folder}"
        raise RepliesRescued(error, kept, command) from error
    if done.unmarked and not anyway:
        count = "1 recording" if done.unmarked == 1 else f"{done.unmarked:,} recordings"
        raise RepliesElsewhere(
            f"an earlier run names {folder} as the place of paid replies; {count} there without the mark of the store "
            f"{store.path} were left alone: another store, an earlier version or another person wrote them",
            f"`{command}` takes them as the service's own word, if you know where they come from "
            "(with --unsealed where an earlier version wrote them)",
        )
    return done


def left_alone(done: Imported, earlier: RunReport) -> list[str]:
    """What a run with ``anyway`` says of paid replies that it did not take: nothing names their folder from then on."""
    if not done.unmarked:
        return []
    count = "1 paid reply" if done.unmarked == 1 else f"{done.unmarked:,} paid replies"
    return [f"{count} in {earlier.rescued_to} without the mark of this store: left alone there"]
