"""Paid replies that the store did not take: kept as recordings elsewhere, and how they come back."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from dragoman.asking.counters import Counters
from dragoman.core.exchange import Exchange
from dragoman.core.files import sync_folder
from dragoman.errors import BugAfterRescue, DragomanError, Interrupted, RepliesRescued, StoreError
from dragoman.store import recordings
from dragoman.store.sqlite.file import import_command


class RescueReporter:
    """An error that leaves the block says where the replies are that ``rescue`` keeps, whatever went wrong: a step of
    the ending, or closing the store."""

    rescue: Rescue | None = None

    def __enter__(self) -> RescueReporter:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if self.rescue is None or isinstance(error, RepliesRescued):
            return
        if isinstance(error, DragomanError):
            named = self.rescue.way_back(error)
            if named is not None and named is not error:
                raise named from error
        elif isinstance(error, Exception) and not isinstance(error, BrokenPipeError):
            # A reader who left is no bug; every other exception that is not one of ours is.
            named_bug = self.rescue.way_back_of_bug(error)
            if named_bug is not None:
                raise named_bug from error


class Rescue:
    """Keeps replies that the ``store`` (its path) does not take; counts them as ``rescued`` or ``lost``.

    They go to ``given``, or else to a new folder that nobody else can read, or have made before.
    """

    def __init__(self, store: Path, counters: Counters, given: Path | None, secret: bytes | None = None) -> None:
        """``secret`` is the store's: by its mark the store knows these recordings when it takes them back."""
        self._store = store
        self._secret = secret
        self._tally = counters
        self._folder = given
        self._making = threading.Lock()
        self.told: Callable[[Path, str], None] = lambda folder, command: None
        """Is called with the folder, and the command that imports it, at the first reply that is kept there: before
        anything else can fail and hide it."""

    @property
    def folder(self) -> Path:
        """Where they are; made when it is needed. Raises OSError when there is no place for it."""
        with self._making:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dragoman-rescued-"))
                sync_folder(self._folder.parent)
            return self._folder

    def keep(self, exchange: Exchange, trouble: StoreError) -> StoreError:
        """Keep what the store did not take; the error to raise then, which says where it is, or that it is lost."""
        try:
            place = recordings.write(self.folder, exchange, self._secret)
        except (StoreError, OSError) as also:
            self._tally.add(lost=1)
            return StoreError(f"{trouble.what}. A paid reply is lost: {also}", trouble.cure, "run again")
        with self._making:
            first = not self._tally.rescued
            self._tally.add(rescued=1)
        if first:
            self.told(self.folder, self._command)
        return RepliesRescued(trouble, f"A reply that is paid for was kept in {place}", self._command)

    def recover(self, exchanges: Iterable[tuple[Exchange | None, StoreError]]) -> StoreError | None:
        """Keep replies that were in the store and are not in the file at its path any more (see `Store.unreachable`).
        Returns the trouble with the first, None when there are none."""
        first: StoreError | None = None
        for exchange, trouble in exchanges:
            first = first or trouble
            self._tally.add(replies=-1)
            if exchange is None:
                self._tally.add(lost=1)
            else:
                self.keep(exchange, trouble)
        return first

    def way_back(self, ended_by: DragomanError | None) -> DragomanError | None:
        """What ended a run, and how all that is kept here comes back: it is to be there before the next run, or that
        pays for it again."""
        if not self._tally.rescued or ended_by is None or isinstance(ended_by, Interrupted):
            return ended_by
        before = ended_by.before if isinstance(ended_by, RepliesRescued) else ended_by
        return RepliesRescued(before, self._kept, self._command)

    def way_back_of_bug(self, bug: Exception) -> BugAfterRescue | None:
        """What a traceback says about the replies that are kept here; None where there are none."""
        if not self._tally.rescued:
            return None
        return BugAfterRescue(f"{type(bug).__name__}: {bug}. {self._kept}. First put them back with `{self._command}`")

    @property
    def _kept(self) -> str:
        return f"Paid replies that the store did not take ({self._tally.rescued}) are kept in {self.folder}"

    @property
    def _command(self) -> str:
        return import_command(self.folder, self._store)
