"""A loss of power at any moment: every reply that a command reported as stored is there afterwards, letter for letter.

A reply is reported as stored when its key is written into a record (in OUT or on stdout), when it is named as rescued
or imported, and when a request is sent that builds on it.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.store import recordings
from dragoman.store.sqlite.store import Store
from tests.support.commands import articles, here, records, to
from tests.support.service import Service

from .amount import ALL, SEED, only_all, some
from .histories import MENDED, STORE, History, Reading, calls_at, ended, forget, new_disk, recording, write
from .power import Disk
from .test_kill import slip

MANY = 12 if ALL else 4


def reports_of(store: Path) -> tuple[list[tuple[bytes, str]], dict[str, str]]:
    """Return what reports a reply as stored, and the body of each reply, for a store in its final state."""
    signs, right = [], {}
    with Store(store) as opened:
        for exchange in opened.exchanges():
            right[exchange.key] = exchange.body
            signs.append((exchange.key.encode(), exchange.key))
            if exchange.parent is not None:
                asked = json.dumps(exchange.request.user, ensure_ascii=False)
                signs.append((asked.encode(), exchange.parent))
    return signs, right


def run_of(place: Path, service: Service, count: int = MANY) -> tuple[object, ...]:
    """Return a run over this many articles, with its store on the disk and OUT elsewhere."""
    folder = articles(place / "in", count)
    return ("run", folder, "-o", place / "out", *to(service, place / "disk" / STORE), "--concurrency", 3)


def history_of(place: Path, before: Disk) -> History:
    """Return the history recorded at a place."""
    return History(before, calls_at(place, before), *reports_of(place / "disk" / STORE))


def one_run(place: Path, service: Service, prelude: str = "") -> History:
    """Record a run that creates its store and fills it."""
    before = new_disk(place)
    ended(recording(place, *run_of(place, service), prelude=prelude))
    return history_of(place, before)


def careful(level: str, pages: int = 1000) -> str:
    """Return a prelude that sets how much the store waits for the disk, and after how many pages its log is copied into
    the file.
    """
    return (
        "import sqlite3\n"
        "class Told(sqlite3.Connection):\n"
        "    def execute(self, sql, *values):\n"
        "        if 'synchronous = FULL' in sql:\n"
        f"            super().execute('PRAGMA wal_autocheckpoint = {pages}')\n"
        f"        return super().execute(sql.replace('synchronous = FULL', 'synchronous = {level}'), *values)\n"
        "real = sqlite3.connect\n"
        "sqlite3.connect = lambda *where, **how: real(*where, factory=Told, **how)\n"
    )


PRELUDES = {"as it is": "", "a log that is emptied all the time": careful("FULL", pages=20)}


@pytest.mark.parametrize("prelude", some(list(PRELUDES.values()), few=1), ids=some(list(PRELUDES), few=1))
def test_replies_reported_as_stored_survive_a_loss_of_power(prelude: str, tmp_path: Path) -> None:
    """At every step of a run (in the sample, at some), whatever part of the later changes reached the disk. This test
    would fail if the store did not wait for contents and names to be synced.
    """
    with Service(script=slip, latency=0.05) as service:
        history = one_run(tmp_path, service, prelude)
        assert len(history.right) == service.paid
    assert history.reported == set(history.right)
    assert list(history.losses(tmp_path / "after")) == []
    for sync in ("fdatasync", "fsync"):  # SQLite uses fdatasync for contents; folders need fsync
        without = replace(history, calls=[call for call in history.calls if call.name != sync])
        assert any(without.losses(tmp_path / "after"))


@pytest.mark.parametrize("level", some(["NORMAL", "OFF"], few=1))
def test_replies_are_lost_if_the_store_does_not_wait_for_the_disk(level: str, tmp_path: Path) -> None:
    """This shows that the other tests can fail: the same run, with SQLite configured to be less careful."""
    with Service(script=slip, latency=0.05) as service:
        history = one_run(tmp_path, service, careful(level))
    assert any("reported keys are lost ['x1:" in loss for loss in history.losses(tmp_path / "after"))


@only_all
def test_after_a_loss_of_power_the_same_command_pays_only_for_missing_replies(tmp_path: Path) -> None:
    """The same command runs over the remains of the disk. It uses each remaining reply and completes every record."""
    reading = Reading(tmp_path / "read")
    with Service(script=slip, latency=0.05) as service:
        history = one_run(tmp_path, service)
        for number, (label, disk, reported) in enumerate(random.Random(SEED).sample(list(history.disks()), 25)):
            replies, _ = reading(disk)
            assert reported <= set(replies), label
            place, paid = tmp_path / f"after{number}", service.paid
            write(disk, place / "disk")
            done = here(*run_of(place, service))
            assert done.code == 0, (label, done.stderr)
            assert service.paid - paid == len(history.right) - len(replies), label
            assert [record["status"] for record in records(place / "out")] == ["ok"] * MANY


@only_all
def test_replies_of_a_later_run_and_of_a_single_article_survive_too(tmp_path: Path) -> None:
    """The store already exists, and a record goes to stdout instead of a folder."""
    with Service(script=slip, latency=0.05) as service:
        before = new_disk(tmp_path)
        ended(recording(tmp_path, *run_of(tmp_path, service, MANY // 2)))
        ended(recording(tmp_path, *run_of(tmp_path, service)))
        articles(tmp_path / "in", MANY + 1)
        one = tmp_path / f"in/a{MANY:02}.txt"
        ended(recording(tmp_path, "summarize", one, *to(service, tmp_path / "disk" / STORE)))
        history = history_of(tmp_path, before)
    assert history.reported == set(history.right)
    assert list(history.losses(tmp_path / "after")) == []


@only_all
def test_replies_of_two_runs_at_once_survive(tmp_path: Path) -> None:
    """Both runs create the store and write to it. What one has reported survives, whatever the other was doing."""
    with Service(script=slip, latency=0.05) as service:
        before = new_disk(tmp_path)
        command = run_of(tmp_path, service)
        other = [tmp_path / "other" if part == tmp_path / "out" else part for part in command]
        for process in [recording(tmp_path, *command), recording(tmp_path, *other)]:
            ended(process)
        assert service.paid == len(reports_of(tmp_path / "disk" / STORE)[1])
        history = history_of(tmp_path, before)
    assert history.reported == set(history.right)
    assert list(history.losses(tmp_path / "after")) == []


FULL = """
import itertools
from dragoman.errors import StoreError
from dragoman.store.sqlite.store import Store
real, saved = Store.save, itertools.count(1)
def save(self, exchange):
    if next(saved) > 3:
        raise StoreError("database or disk is full")
    return real(self, exchange)
Store.save = save
"""
"""A prelude: the store accepts only three replies."""


@only_all
def test_rescued_and_imported_replies_survive(tmp_path: Path) -> None:
    """First the files that are named when the store accepts no more replies, then those that `store import` reports as
    imported.
    """
    with Service(latency=0.02) as service:
        before = new_disk(tmp_path)
        ended(recording(tmp_path, *run_of(tmp_path, service), prelude=FULL), 7)
        calls = calls_at(tmp_path, before)
        files = {recordings.read(path).key: path for path in (tmp_path / "disk/tmp").rglob("x1-*.json")}
        signs, right = reports_of(tmp_path / "disk" / STORE)
        assert len(right) + len(files) == service.paid > len(right)
        right |= {key: recordings.read(path).body for key, path in files.items()}
        named = [(path.name.encode(), key) for key, path in files.items()]
        in_the_end = [(b"saved in %b. When" % bytes(path.parent), key) for key, path in files.items()]
        history = History(before, calls, [*signs, *named, *in_the_end], right)
        assert history.reported == set(right)
        assert list(history.losses(tmp_path / "after")) == []

        before, place = Disk(tmp_path / "disk"), next(iter(files.values())).parent
        forget(tmp_path)
        ended(recording(tmp_path, "store", "import", place, "--store", tmp_path / "disk" / STORE))
        again = History(
            before, calls_at(tmp_path, before), [(b" imported, ", key) for key in files], right, apart="tmp/",
            kept=frozenset(right.keys() - files.keys()),
        )  # fmt: skip
        assert again.reported == set(right)
        assert list(again.losses(tmp_path / "after")) == []


def filled(place: Path) -> tuple[dict[str, str], Path]:
    """Fill a store on a disk by an unrecorded run; returns its replies and its path."""
    (place / "disk/tmp").mkdir(parents=True)
    with Service(script=slip) as service:
        assert here(*run_of(place, service)).code == 0
    store = place / "disk" / STORE
    return reports_of(store)[1], store


@only_all
def test_replies_that_a_prune_keeps_survive(tmp_path: Path) -> None:
    """A pruned store is written again, and at every step it has the replies that were to stay."""
    right, store = filled(tmp_path)
    before = Disk(tmp_path / "disk")
    ended(recording(tmp_path, "store", "prune", "--article", "a01.txt", "--yes", "--store", store))
    calls, (_, left) = calls_at(tmp_path, before), reports_of(store)
    assert 0 < len(left) < len(right)
    assert list(History(before, calls, [], right, kept=frozenset(left)).losses(tmp_path / "after")) == []


@only_all
def test_exported_recordings_survive(tmp_path: Path) -> None:
    """Once `store export` has reported the number of recordings, all of them survive."""
    right, store = filled(tmp_path)
    elsewhere = store.rename(tmp_path / "elsewhere.sqlite")
    before = Disk(tmp_path / "disk")
    ended(recording(tmp_path, "store", "export", tmp_path / "disk/new/exported", "--store", elsewhere))
    history = History(before, calls_at(tmp_path, before), [(b" recordings to ", key) for key in right], right)
    assert history.reported == set(right)
    assert list(history.losses(tmp_path / "after")) == []


@only_all
def test_a_repair_always_leaves_a_store_in_place(tmp_path: Path) -> None:
    """At every step there is either the damaged store, which is rejected, or the new one with all saved replies. If
    there were none, the next run would create one and buy everything again.
    """
    right, store = filled(tmp_path)
    content = store.read_bytes()
    reply = content.index(rb"\"title_en\"")  # this spelling occurs only in a reply; damaged cached records lose nothing
    store.write_bytes(content[:reply] + bytes(100) + content[reply + 100 :])
    before = Disk(tmp_path / "disk")
    ended(recording(tmp_path, "store", "repair", "--store", store))
    _, saved = reports_of(store)
    assert 0 < len(saved) < len(right)
    history = History(
        before, calls_at(tmp_path, before), [(b" saved, ", MENDED)], saved, kept=frozenset(saved), damaged=True
    )
    assert MENDED in history.reported
    assert list(history.losses(tmp_path / "after")) == []
