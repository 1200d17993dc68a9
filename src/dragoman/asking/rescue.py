"""Save paid replies that the store did not accept as recordings elsewhere, and say how they come back."""

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
from dragoman.store.recovery_commands import import_command


class RescueReporter:
    """A context manager that adds the location of rescued replies to any error that leaves its block.

    So they are named whatever went wrong last: a step of the ending, or closing the store. ``rescue`` is set once there
    is one.
    """

    rescue: Rescue | None = None

    def __enter__(self) -> RescueReporter:
        return self

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if self.rescue is None or isinstance(error, RepliesRescued):
            return
        if isinstance(error, DragomanError):
            with_location = self.rescue.with_location(error)
            if with_location is not None and with_location is not error:
                raise with_location from error
        elif isinstance(error, Exception) and not isinstance(error, BrokenPipeError):
            # A closed pipe is no bug; every other exception outside the tree of `DragomanError` is.
            bug = self.rescue.bug_with_location(error)
            if bug is not None:
                raise bug from error


class Rescue:
    """Saves replies that the ``store`` (its path) does not accept; counts them as ``rescued`` or ``lost``.

    They go into ``folder``, or else into a new folder that no other user can read or can have created.
    """

    def __init__(self, store: Path, counters: Counters, folder: Path | None, secret: bytes | None = None) -> None:
        """``secret`` is the store's: it marks these recordings, so that the store recognises them on import."""
        self._store = store
        self._secret = secret
        self._counters = counters
        self._folder = folder
        self._lock = threading.Lock()
        self.on_rescue: Callable[[Path, str], None] = lambda folder, command: None
        """Called with the folder, and the command that imports it, when the first reply has been saved there: before
        anything else can fail and hide it."""

    @property
    def folder(self) -> Path:
        """Where the replies are; created when needed. Raises `OSError` if it cannot be created."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dragoman-rescued-"))
                sync_folder(self._folder.parent)
            return self._folder

    def save(self, exchange: Exchange, store_error: StoreError) -> StoreError:
        """Save a reply that the store did not accept; returns the error to raise, which says where the reply is, or
        that it is lost."""
        try:
            path = recordings.write(self.folder, exchange, self._secret)
        except (StoreError, OSError) as second_error:
            self._counters.add(lost=1)
            return StoreError(
                f"{store_error.what}. A paid reply is lost: {second_error}",
                store_error.remedy,
                "run again",
                hint=store_error.hint,
            )
        with self._lock:
            first = not self._counters.rescued
            self._counters.add(rescued=1)
        if first:
            self.on_rescue(self.folder, self._command)
        return RepliesRescued(store_error, f"A paid reply was saved in {path}", self._command)

    def save_all(self, exchanges: Iterable[tuple[Exchange | None, StoreError]]) -> StoreError | None:
        """Save replies that were in the store and are no longer in the file at its path (see `Store.unreachable`).

        An exchange is None if it could not be read any more. Returns the first error, None if there are no replies.
        """
        first: StoreError | None = None
        for exchange, store_error in exchanges:
            first = first or store_error
            self._counters.add(replies=-1)
            if exchange is None:
                self._counters.add(lost=1)
            else:
                self.save(exchange, store_error)
        return first

    def with_location(self, error: DragomanError | None) -> DragomanError | None:
        """The error that ended a run, with the location of all replies saved here and the command that imports them.

        They must be imported before the next run, which would otherwise pay for them again.
        """
        if not self._counters.rescued or error is None or isinstance(error, Interrupted):
            return error
        before = error.original if isinstance(error, RepliesRescued) else error
        return RepliesRescued(before, self._location, self._command)

    def bug_with_location(self, bug: Exception) -> BugAfterRescue | None:
        """An exception for the traceback of ``bug`` that names the replies saved here; None if there are none."""
        if not self._counters.rescued:
            return None
        message = f"{type(bug).__name__}: {bug}. {self._location}. First import them with `{self._command}`"
        return BugAfterRescue(message)

    @property
    def _location(self) -> str:
        return f"Paid replies that the store did not accept ({self._counters.rescued}) are saved in {self.folder}"

    @property
    def _command(self) -> str:
        return import_command(self.folder, self._store)
