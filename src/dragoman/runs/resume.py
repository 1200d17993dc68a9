"""Resume from an earlier run into the same folder, as its `run.json` describes it, so that nothing is bought twice."""

from __future__ import annotations

import os
from pathlib import Path

from dragoman.config import Settings
from dragoman.core.run_report import RunReport
from dragoman.errors import RepliesElsewhere, RepliesRescued, StoreError
from dragoman.store.maintenance import Imported, import_recordings
from dragoman.store.protocol import ReplyStore
from dragoman.store.recovery_commands import import_command


def refresh_start(earlier: RunReport, settings: Settings) -> int | None:
    """The row of the store after which an unfinished refresh of this folder began; what it has bought since then is not
    bought again. None when this run does not continue such a refresh."""
    continues = settings.refresh and earlier.store in (None, str(settings.store_path.absolute()))
    is_finished = earlier.exit_code is not None and earlier.ended_by is None
    return earlier.refreshed_after if continues and not is_finished else None


def import_rescued(store: ReplyStore | None, earlier: RunReport, *, buy_again: bool = False) -> Imported:
    """Import the paid replies that the store did not accept in an earlier run, before they are asked for again.

    `run.json` may name any folder, whoever wrote it: only recordings that carry the mark of this store are imported.
    Raises `RepliesElsewhere` when the folder has other recordings of live replies, unless they may be bought again, and
    `StoreError` when the store still does not accept its own.
    """
    folder = earlier.rescued_to
    if store is None or folder is None or not os.path.isdir(folder):
        return Imported(0, 0)
    command = import_command(Path(folder), store.path)
    try:
        imported = import_recordings(store, Path(folder), only_marked=True)
    except StoreError as error:
        raise RepliesRescued(error, f"Paid replies of an earlier run are saved in {folder}", command) from error
    if imported.unmarked and not buy_again:
        count = "1 recording" if imported.unmarked == 1 else f"{imported.unmarked:,} recordings"
        verb = "was" if imported.unmarked == 1 else "were"
        raise RepliesElsewhere(
            f"an earlier run says that paid replies are in {folder}; {count} there {verb} not imported, for lack of "
            f"the mark of the store {store.path}: another store, an earlier version or another person wrote them",
            f"if you know where they come from, `{command}` imports them as real replies of the service",
            hint="unsealed",
        )
    return imported


def not_imported(imported: Imported, earlier: RunReport) -> list[str]:
    """Sentences about paid replies that a run with ``buy_again`` did not import. From then on, `run.json` no longer
    names their folder."""
    if not imported.unmarked:
        return []
    count = "1 paid reply" if imported.unmarked == 1 else f"{imported.unmarked:,} paid replies"
    verb = "was" if imported.unmarked == 1 else "were"
    return [f"{count} in {earlier.rescued_to} {verb} not imported, for lack of the mark of this store"]
