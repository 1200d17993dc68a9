"""An open store notices that its file is no longer the one at its path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.errors import StoreError
from dragoman.store.sqlite.location import StoreLocation
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, request_of


@pytest.fixture
def rows(store_path: Path) -> dict[int, str]:
    """The rows of a store that is closed, with their keys."""
    with Store(store_path) as store:
        exchanges = [exchange_of(request_of(str(number))) for number in range(3)]
        return {store.save(exchange): exchange.key for exchange in exchanges}


def replaced(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copyfile(path, copy)
    copy.rename(path)


def moved(path: Path) -> None:
    path.rename(path.with_name("another-path"))


GONE: dict[str, Callable[[Path], None]] = {"deleted": os.unlink, "moved": moved, "replaced by a copy": replaced}


@pytest.mark.parametrize("happens", GONE.values(), ids=GONE)
def test_a_file_that_is_gone_is_an_error_before_the_next_commit(
    happens: Callable[[Path], None], rows: dict[int, str], store_path: Path
) -> None:
    """SQLite would go on writing into the old file without an error, and the rows would be lost."""
    location = StoreLocation(store_path)
    location.check()
    happens(store_path)
    with pytest.raises(StoreError, match="was moved, deleted or replaced while this command used it"):
        location.check()


def test_rows_are_missing_when_no_process_would_find_them(rows: dict[int, str], store_path: Path) -> None:
    """A row with another key is another reply, and a row that was never saved is missing too."""
    location = StoreLocation(store_path)
    assert location.missing(rows) == set()
    assert location.missing({**rows, 2: "x1:other", 99: "x1:none"}) == {2, 99}
    assert location.missing({}) == set()


@pytest.mark.parametrize("instead", ["nothing", "a folder", "a pipe", "noise"])
def test_every_row_is_missing_where_no_store_can_be_opened(
    instead: str, rows: dict[int, str], store_path: Path
) -> None:
    """Looking creates no file and waits for no pipe."""
    location = StoreLocation(store_path)
    store_path.unlink()
    match instead:
        case "a folder":
            store_path.mkdir()
        case "a pipe":
            os.mkfifo(store_path)
        case "noise":
            store_path.write_bytes(b"noise" * 1000)
        case _:
            pass
    assert location.missing(rows) == set(rows)
    assert store_path.exists() is (instead != "nothing")
