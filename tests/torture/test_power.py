"""A loss of power at any moment: what a command told to be kept is there afterwards, letter for letter.

A reply is told to be kept when its key goes into a record (into OUT, or to stdout), when it is named as rescued or
imported, and when a request leaves that builds on it.
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


def told_by(store: Path) -> tuple[list[tuple[bytes, str]], dict[str, str]]:
    """What tells that a reply is kept, and the body of each: of a store as it is in the end."""
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
    """A run over so many articles, with its store on the disk and OUT elsewhere."""
    folder = articles(place / "in", count)
    return ("run", folder, "-o", place / "out", *to(service, place / "disk" / STORE), "--concurrency", 3)


def history_of(place: Path, before: Disk) -> History:
    """The history of what was recorded at a place."""
    return History(before, calls_at(place, before), *told_by(place / "disk" / STORE))


def one_run(place: Path, service: Service, prelude: str = "") -> History:
    """A run that makes its store and fills it."""
    before = new_disk(place)
    ended(recording(place, *run_of(place, service), prelude=prelude))
    return history_of(place, before)


def careful(level: str, pages: int = 1000) -> str:
    """A prelude: how much the store waits for the disk, and after how many pages its log goes into the file."""
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
def test_replies_that_were_told_to_be_kept_survive_a_loss_of_power(prelude: str, tmp_path: Path) -> None:
    """At every step of a run (at some, in the sample), whatever of the later changes reached the disk. Were contents
    or names not waited for, this test would see it."""
    with Service(script=slip, latency=0.05) as service:
        history = one_run(tmp_path, service, prelude)
        assert len(history.right) == service.paid
    assert history.told == set(history.right)
    assert list(history.losses(tmp_path / "after")) == []
    for sync in ("fdatasync", "fsync"):  # SQLite's name for contents, everybody's for folders
        without = replace(history, calls=[call for call in history.calls if call.name != sync])
        assert any(without.losses(tmp_path / "after"))


@pytest.mark.parametrize("level", some(["NORMAL", "OFF"], few=1))
def test_a_store_that_did_not_wait_for_the_disk_would_be_seen_to_lose_replies(level: str, tmp_path: Path) -> None:
    """The proof that the other tests can fail: the same run, with SQLite told to be less careful."""
    with Service(script=slip, latency=0.05) as service:
        history = one_run(tmp_path, service, careful(level))
    assert any("told are lost ['x1:" in loss for loss in history.losses(tmp_path / "after"))


@only_all
def test_what_goes_on_after_a_loss_of_power_pays_only_for_what_is_not_there(tmp_path: Path) -> None:
    """The same command over what is left of the disk: each reply that is there is used, and every record comes out."""
    reading = Reading(tmp_path / "read")
    with Service(script=slip, latency=0.05) as service:
        history = one_run(tmp_path, service)
        for number, (label, disk, told) in enumerate(random.Random(SEED).sample(list(history.disks()), 25)):
            replies, _ = reading(disk)
            assert told <= set(replies), label
            place, paid = tmp_path / f"after{number}", service.paid
            write(disk, place / "disk")
            done = here(*run_of(place, service))
            assert done.code == 0, (label, done.stderr)
            assert service.paid - paid == len(history.right) - len(replies), label
            assert [record["status"] for record in records(place / "out")] == ["ok"] * MANY


@only_all
def test_a_later_run_and_a_single_article_keep_their_promises_too(tmp_path: Path) -> None:
    """A store that is there already, and a record that goes to stdout instead of a folder."""
    with Service(script=slip, latency=0.05) as service:
        before = new_disk(tmp_path)
        ended(recording(tmp_path, *run_of(tmp_path, service, MANY // 2)))
        ended(recording(tmp_path, *run_of(tmp_path, service)))
        articles(tmp_path / "in", MANY + 1)
        one = tmp_path / f"in/a{MANY:02}.txt"
        ended(recording(tmp_path, "summarize", one, *to(service, tmp_path / "disk" / STORE)))
        history = history_of(tmp_path, before)
    assert history.told == set(history.right)
    assert list(history.losses(tmp_path / "after")) == []


@only_all
def test_two_runs_at_once_keep_their_promises(tmp_path: Path) -> None:
    """Both make the store, both write into it; what one has told survives whatever the other was about."""
    with Service(script=slip, latency=0.05) as service:
        before = new_disk(tmp_path)
        command = run_of(tmp_path, service)
        other = [tmp_path / "other" if part == tmp_path / "out" else part for part in command]
        for process in [recording(tmp_path, *command), recording(tmp_path, *other)]:
            ended(process)
        assert service.paid == len(told_by(tmp_path / "disk" / STORE)[1])
        history = history_of(tmp_path, before)
    assert history.told == set(history.right)
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
"""A prelude: the store takes three replies and no more."""


@only_all
def test_what_was_rescued_and_imported_again_survives(tmp_path: Path) -> None:
    """The files that are named when the store takes nothing more, and then what `store import` says it has taken."""
    with Service(latency=0.02) as service:
        before = new_disk(tmp_path)
        ended(recording(tmp_path, *run_of(tmp_path, service), prelude=FULL), 7)
        calls = calls_at(tmp_path, before)
        files = {recordings.read(path).key: path for path in (tmp_path / "disk/tmp").rglob("x1-*.json")}
        signs, right = told_by(tmp_path / "disk" / STORE)
        assert len(right) + len(files) == service.paid > len(right)
        right |= {key: recordings.read(path).body for key, path in files.items()}
        named = [(path.name.encode(), key) for key, path in files.items()]
        in_the_end = [(b"saved in %b. When" % bytes(path.parent), key) for key, path in files.items()]
        history = History(before, calls, [*signs, *named, *in_the_end], right)
        assert history.told == set(right)
        assert list(history.losses(tmp_path / "after")) == []

        before, place = Disk(tmp_path / "disk"), next(iter(files.values())).parent
        forget(tmp_path)
        ended(recording(tmp_path, "store", "import", place, "--store", tmp_path / "disk" / STORE))
        again = History(
            before, calls_at(tmp_path, before), [(b" imported, ", key) for key in files], right, apart="tmp/",
            kept=frozenset(right.keys() - files.keys()),
        )  # fmt: skip
        assert again.told == set(right)
        assert list(again.losses(tmp_path / "after")) == []


def filled(place: Path) -> tuple[dict[str, str], Path]:
    """A store on a disk, filled by a run that nobody watched: its replies, and where it is."""
    (place / "disk/tmp").mkdir(parents=True)
    with Service(script=slip) as service:
        assert here(*run_of(place, service)).code == 0
    store = place / "disk" / STORE
    return told_by(store)[1], store


@only_all
def test_what_a_prune_leaves_in_the_store_survives(tmp_path: Path) -> None:
    """A store that gets smaller is written anew: what was to stay is there at every step."""
    right, store = filled(tmp_path)
    before = Disk(tmp_path / "disk")
    ended(recording(tmp_path, "store", "prune", "--article", "a01.txt", "--yes", "--store", store))
    calls, (_, left) = calls_at(tmp_path, before), told_by(store)
    assert 0 < len(left) < len(right)
    assert list(History(before, calls, [], right, kept=frozenset(left)).losses(tmp_path / "after")) == []


@only_all
def test_what_was_exported_survives(tmp_path: Path) -> None:
    """Once `store export` has said how many recordings there are, all of them are."""
    right, store = filled(tmp_path)
    elsewhere = store.rename(tmp_path / "elsewhere.sqlite")
    before = Disk(tmp_path / "disk")
    ended(recording(tmp_path, "store", "export", tmp_path / "disk/new/exported", "--store", elsewhere))
    history = History(before, calls_at(tmp_path, before), [(b" recordings in ", key) for key in right], right)
    assert history.told == set(right)
    assert list(history.losses(tmp_path / "after")) == []


@only_all
def test_a_repair_never_leaves_nothing_where_the_store_was(tmp_path: Path) -> None:
    """At every step the damaged store is there and refused, or the new one with all that could be saved: never none,
    because the next run would make one and buy everything again."""
    right, store = filled(tmp_path)
    content = store.read_bytes()
    reply = content.index(rb"\"title_en\"")  # as only a reply spells it; memos may be damaged and nothing is lost
    store.write_bytes(content[:reply] + bytes(100) + content[reply + 100 :])
    before = Disk(tmp_path / "disk")
    ended(recording(tmp_path, "store", "repair", "--store", store))
    _, saved = told_by(store)
    assert 0 < len(saved) < len(right)
    history = History(
        before, calls_at(tmp_path, before), [(b" saved, ", MENDED)], saved, kept=frozenset(saved), damaged=True
    )
    assert MENDED in history.told
    assert list(history.losses(tmp_path / "after")) == []
