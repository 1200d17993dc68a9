"""Replace a damaged store by a new one with everything that can be salvaged of it.

Reading the damaged file is the work of `sqlite.salvage`; here the files are put in place, in an order that a kill or a
loss of power at any moment cannot turn into a missing store.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from dragoman.core.files import sync_folder
from dragoman.core.text import sha256
from dragoman.errors import ConfigError, StoreError
from dragoman.store.maintenance import count_exchanges, verify
from dragoman.store.sqlite.file import (
    UnsuitableFile,
    check_closed,
    clear_leftovers,
    connect_new,
    store_error,
    temporary_beside,
)
from dragoman.store.sqlite.salvage import CopiedExchanges, copy_readable, remove
from dragoman.store.sqlite.store import Store


@dataclass(frozen=True)
class Salvage:
    """What `salvage` did: where the damaged file is now, how many exchanges were saved, and how many were lost.

    ``lost`` is None if too little is readable to know.
    """

    damaged: Path
    saved: int
    lost: int | None


def salvage(path: Path, texts: Iterable[str] = ()) -> Salvage:
    """Copy what is readable into a new store, and rename the damaged file to ``….damaged-<time>``.

    ``texts`` (system texts, schemas) replace those that are damaged in the store. Raises `ConfigError` when the file
    does not exist, shows no sign of being a store, or has nothing wrong with it; and `StoreError` when no reply can be
    saved, or the disk or a permission does not allow a new store. The file and its log then stay as they were.
    """
    if not path.exists():
        raise ConfigError(f"there is no store at {path}")
    if not path.is_file():
        raise ConfigError(f"{path} is not a regular file, so it is not a store; nothing was changed")
    fresh = temporary_beside(path, ".repair")
    log = fresh.with_name(f"{fresh.name}.log")
    interrupted = _set_aside_by_an_interrupted_salvage(path)
    aside = interrupted or _unused(path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    try:
        clear_leftovers(path)
        # When SQLite opens the store, it drops everything in the log that follows damage. So the log is copied first.
        _copy_log([path, *([interrupted] if interrupted else [])], log)
        sound = _counts_if_sound(path)
        if sound is not None and not log.exists():
            raise ConfigError(f"nothing is wrong with the store {path}; nothing was changed")
        with closing(connect_new(fresh)) as target:
            salvaged = copy_readable(path, log, target, {sha256(text): text for text in texts})
        if sound is not None and salvaged.saved <= sound[0] and salvaged.settled <= sound[1]:
            raise ConfigError(f"nothing is wrong with the store {path}; nothing was changed")
        if (refusal := _refusal(path, salvaged)) is not None:
            _put_log_back(log, path)
            raise refusal
        check_closed(fresh)
        _put_in_place(fresh, path, aside, log)
    except (OSError, sqlite3.Error) as error:
        raise store_error(path, error) from error
    finally:
        with suppress(OSError):  # where no file can be removed, none could be created
            remove(fresh)
            log.unlink(missing_ok=True)
    return Salvage(aside, salvaged.saved, salvaged.lost)


def _refusal(path: Path, salvaged: CopiedExchanges) -> ConfigError | StoreError | None:
    """The error for a file that is left in its place: no store, or a store of which no reply can be saved. An empty
    store in its place would make the next run buy everything again."""
    if not salvaged.is_store:
        return ConfigError(f"{path} is not a Dragoman store; nothing was changed")
    if salvaged.saved or salvaged.lost == 0:
        return None
    of_total = "" if salvaged.lost is None else f" of {salvaged.lost:,}"
    return StoreError(
        f"no reply{of_total} in the store {path} can be read; nothing was changed",
        "restore a backup, or move the file away to begin with an empty store (the next run then requests and pays for "
        "the lost replies again)",
    )


def _put_log_back(log: Path, path: Path) -> None:
    """Put the copy of the log in its place again if SQLite dropped the log when it opened a store that stays."""
    original = path.with_name(f"{path.name}-wal")
    if log.exists() and not original.exists():
        log.rename(original)


def _set_aside_by_an_interrupted_salvage(path: Path) -> Path | None:
    """The second name that a salvage gave to the damaged file before it was killed, or None. The log may already have
    been moved there."""
    names = path.parent.glob(f"{path.name}.damaged-*")
    return next((place for place in names if place.samefile(path)), None)


def _unused(path: Path) -> Path:
    """``path`` if it is free, otherwise the first of ``path-2``, ``path-3`` … that is."""
    return next(
        place
        for number in count(1)
        if not (place := path if number == 1 else path.with_name(f"{path.name}-{number}")).exists()
    )


def _copy_log(stores: Sequence[Path], log: Path) -> None:
    """Copy the log of the first of these stores that has one."""
    logs = [path.with_name(f"{path.name}-wal") for path in stores]
    original = next((place for place in logs if place.exists() and place.stat().st_size), None)
    if original is not None:
        descriptor = os.open(log, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as copy, original.open("rb") as content:
            shutil.copyfileobj(content, copy)
            copy.flush()
            os.fsync(copy.fileno())


def _put_in_place(fresh: Path, path: Path, aside: Path, log: Path) -> None:
    """Exchange the stores. At every moment there is a file at ``path``: without one, a run would create an empty store
    and buy everything again."""
    if not aside.exists():
        os.link(path, aside)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + suffix))
    if log.exists():
        log.rename(aside.with_name(f"{aside.name}-wal"))
    sync_folder(path.parent)
    fresh.rename(path)
    sync_folder(path.parent)


def _counts_if_sound(path: Path) -> tuple[int, int] | None:
    """How many exchanges, and how many settled ones, an undamaged store has; None for a damaged one."""
    try:
        with Store(path) as store:
            counts = count_exchanges(store)
            return None if verify(store) else counts
    except StoreError as error:
        if isinstance(error.__cause__, UnsuitableFile):
            raise
        return None
