"""Every call that can fail fails once: on files, folders and the database. One run counts the calls, the next ones fail
them.

A list of cases cannot cover everything a disk does to a program. So each call to `os.open`, `os.fsync`, `os.replace`,
`os.link`, `os.mkdir` and to SQLite is made to fail in turn (in the sample, some of them).
"""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import articles, files, here, records, stored, to
from tests.support.service import Service

from .amount import ALL, SEED
from .test_disk import rescued

MANY = 3
OF_FILES = ("open", "fsync", "replace", "link", "mkdir")


class Calls:
    """Counts the calls that a run makes under ``place``, and makes number ``fails`` fail."""

    def __init__(self, place: Path, fails: int = 0) -> None:
        self._place = str(place)
        self._fails = fails
        self.count = 0
        self.failed: str | None = None

    def _next(self, name: str) -> bool:
        self.count += 1
        if self.count == self._fails:
            self.failed = name
        return self.count == self._fails

    def of_files(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function of `os` whose calls on other paths are not counted."""

        def call(first: Any, *others: Any, **more: Any) -> Any:
            counted_path = isinstance(first, int) or str(first).startswith(self._place)
            if counted_path and self._next(name):
                raise OSError(errno.EIO, os.strerror(errno.EIO), None if isinstance(first, int) else str(first))
            return real(first, *others, **more)

        return call

    def database(self) -> type[sqlite3.Connection]:
        """Return a connection whose statements are counted."""
        calls = self

        class Counted(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                if calls._next(sql.split("\n")[0][:40]):
                    raise sqlite3.OperationalError("disk I/O error")
                return super().execute(sql, *values)

        return Counted


def run_with(calls: Calls, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command in this process and count its calls."""
    with monkeypatch.context() as patched:
        for name in OF_FILES:
            patched.setattr(os, name, calls.of_files(name, getattr(os, name)))
        patched.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=calls.database()))
        return here(*command)


def test_any_single_failing_call_is_reported_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line and the right exit code. Paid replies are stored, rescued or reported as lost, and the next run
    completes.
    """
    folder = articles(tmp_path / "in", MANY)
    chance = random.Random(SEED)

    def command_in(place: Path, service: Service) -> tuple[object, ...]:
        return ("run", folder, "-o", place / "out", *to(service, place / "store.sqlite"), "--concurrency", "1")

    with Service() as service:
        counted = Calls(tmp_path / "counted")
        assert run_with(counted, command_in(tmp_path / "counted", service), monkeypatch).code == 0
    numbers = range(1, counted.count + 1)
    assert len(numbers) > 100, "the calls were not found where this test counts them"
    wrong: list[str] = []
    for number in numbers if ALL else sorted(chance.sample(numbers, 8)):
        place = tmp_path / f"call{number}"
        (place / "tmp").mkdir(parents=True)
        monkeypatch.setattr(tempfile, "tempdir", str(place / "tmp"))
        with Service() as service:
            calls = Calls(place, number)
            command = command_in(place, service)
            done = run_with(calls, command, monkeypatch)
            store = place / "store.sqlite"
            label = f"call {number} ({calls.failed}), exit {done.code}: "
            if done.code == 1 or "Traceback" in done.stderr:
                wrong.append(label + done.stderr[-300:])
            in_store = stored(store)["exchanges"] if store.exists() else 0
            saved = len(list((place / "tmp").glob("dragoman-rescued-*/*.json")))
            lost = done.stderr.count("A paid reply is lost")
            if service.paid > in_store + saved + lost:
                wrong.append(label + f"paid {service.paid}, stored {in_store}, rescued {saved}: {done.stderr[-300:]}")
            for name in rescued(done.stderr, place / "out"):
                here("store", "import", name, "--store", store)
            again = here(*command)
            if again.code or service.paid > MANY + lost:
                wrong.append(
                    label + f"again {again.code}, paid {service.paid}: {done.stderr[-200:]} {again.stderr[-200:]}"
                )
            elif [record["status"] for record in records(place / "out")] != ["ok"] * MANY:
                wrong.append(label + "the records are not complete")
            if [name for name in files(place) if name.endswith(".part")]:
                wrong.append(label + "a temporary file was left")
            if here("store", "verify", "--store", store).code:
                wrong.append(label + "the store is not sound")
    assert not wrong, "\n".join(wrong)
