"""Paid replies that the store did not take: kept as recordings elsewhere, and how they come back."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from dragoman import recordings
from dragoman.errors import DragomanError, RepliesRescued, StoreError
from dragoman.exchange import Exchange
from dragoman.files import sync_folder
from dragoman.store_file import import_command
from dragoman.tally import Tally


class Rescue:
    """Keeps replies that the ``store`` (its path) does not take; counts them as ``rescued`` or ``lost``.

    They go to ``given``, or else to a new folder that nobody else can read, or have made before.
    """

    def __init__(self, store: Path, tally: Tally, given: Path | None, secret: bytes | None = None) -> None:
        """``secret`` is the store's: by its mark the store knows these recordings when it takes them back."""
        self._store = store
        self._secret = secret
        self._tally = tally
        self._folder = given
        self._making = threading.Lock()

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
        self._tally.add(rescued=1)
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
        if not self._tally.rescued or not isinstance(ended_by, StoreError):
            return ended_by
        before = ended_by.before if isinstance(ended_by, RepliesRescued) else ended_by
        kept = f"Paid replies that the store did not take ({self._tally.rescued}) are kept in {self.folder}"
        return RepliesRescued(before, kept, self._command)

    @property
    def _command(self) -> str:
        return import_command(self.folder, self._store)
