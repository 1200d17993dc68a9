"""A damaged store is salvaged: every complete reply is saved, and the damaged file is kept beside the new store."""

from __future__ import annotations

import errno
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dragoman.core.exchange import Exchange
from dragoman.core.text import sha256
from dragoman.errors import ConfigError, StoreError
from dragoman.store import maintenance
from dragoman.store import salvage as salvaging
from dragoman.store.salvage import salvage
from dragoman.store.sqlite import file as store_file
from dragoman.store.sqlite.file import connect_new
from dragoman.store.sqlite.salvage import CopiedExchanges, copy_readable
from dragoman.store.sqlite.store import Store
from tests.support.builders import LIBRARY, exchange_of, found, message, request_of
from tests.support.commands import here

PAGE = 4096


def of_article(name: str, number: int = 0, **others: str) -> Exchange:
    """An exchange about an article of that name, with its own digest."""
    values = {"article": f"{name}.txt", "article_sha256": (name * 64)[:64], **others}
    return exchange_of(request_of(f"{name} {number}"), **values)


def bought(store: Store, exchange: Exchange) -> None:
    """Save and settle an exchange, as a run does."""
    store.settle(store.save(exchange), exchange.cost_usd, exchange.price_table)


def filled(path: Path, count: int = 40, *, compact: bool = True) -> dict[str, Exchange]:
    """Make a store of some pages, with nothing left in the log. Returns its exchanges by key."""
    made = [
        exchange_of(
            request_of(f"article {n} " * 20),
            body=message(f"{n} " * 400 + "end"),
            article=f"{n}.txt",
            cost_usd="0.01",
            price_table="2025-01-01",
        )
        for n in range(count)
    ]
    with Store(path) as store:
        for exchange in made:
            bought(store, exchange)
        if compact:
            store.compact()
    return {exchange.key: exchange for exchange in made}


def pages_of(path: Path, table: str) -> list[int]:
    """The numbers, from 0, of the pages that hold the rows of a table."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype <> 'internal'", (table,))
        return sorted(row[0] - 1 for row in rows)


def zeroed(number: int) -> Callable[[bytes], bytes]:
    """Damage that a disk may cause: one page of the file becomes zeros."""
    return lambda content: content[: number * PAGE] + bytes(PAGE) + content[(number + 1) * PAGE :]


def damaged_by(path: Path, damage: Callable[[bytes], bytes]) -> bytes:
    content = damage(path.read_bytes())
    path.write_bytes(content)
    return content


def test_replies_outside_a_bad_page_are_saved_and_the_damaged_file_is_kept(store_path: Path) -> None:
    """Whichever page is lost, more than half of the replies are saved, unchanged, and no file is deleted."""
    made = filled(store_path)
    sound = store_path.read_bytes()
    for number in pages_of(store_path, "exchanges")[::5]:
        store_path.write_bytes(sound)
        bad = damaged_by(store_path, zeroed(number))
        repaired = salvage(store_path)
        assert repaired.damaged.read_bytes() == bad
        assert repaired.damaged.name.startswith(f"{store_path.name}.damaged-")
        repaired.damaged.unlink()
        with Store(store_path) as store:
            saved = {exchange.key: exchange for exchange in store.exchanges()}
            assert maintenance.verify(store) == []
        assert len(saved) == repaired.saved
        assert len(made) > repaired.saved > len(made) / 2
        assert all(made[key] == exchange for key, exchange in saved.items())


@pytest.mark.parametrize("index", ["exchanges_by_key", "sqlite_autoindex_texts_1"])
def test_a_lost_index_loses_no_reply(store_path: Path, index: str) -> None:
    """Rows are read page by page and not by the index of keys, and the texts that they share by their digests."""
    made = filled(store_path)
    damaged_by(store_path, zeroed(pages_of(store_path, index)[0]))
    assert salvage(store_path).saved == len(made)
    with Store(store_path) as store:
        assert all(found(store, key, settled=True) == exchange for key, exchange in made.items())


def test_a_lost_root_page_of_the_replies_loses_no_reply(store_path: Path) -> None:
    """It only lists the other pages, and each of these is read by itself."""
    made = filled(store_path, 60)
    with closing(sqlite3.connect(store_path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'exchanges'").fetchone()[0]
        kind = db.execute("SELECT pagetype FROM dbstat WHERE pageno = ?", (root,)).fetchone()[0]
    assert kind == "internal"
    damaged_by(store_path, zeroed(root - 1))
    done = here("store", "repair", "--store", store_path)
    assert (done.code, done.stderr.startswith("60 replies saved, 0 lost")) == (0, True), done.stderr
    with Store(store_path) as store:
        assert all(found(store, key, settled=True) == exchange for key, exchange in made.items())


@pytest.mark.parametrize(("note", "saved"), [("intact", 20), ("damaged", 40)])
def test_a_pruned_reply_is_not_brought_back_by_a_repair(
    store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: str, saved: int
) -> None:
    """The prune was cut off before it freed the space, so its rows are still on older pages. The list of their ids
    keeps them out. If that list is damaged, one reply too many is better than one too few."""
    with Store(store_path) as store:
        for number in range(40):
            day = "2026-11-20" if number < 20 else "2026-11-22"
            store.save(of_article("a", number, created_at=f"{day}T10:00:00Z"))
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        monkeypatch.setattr(store, "compact", lambda: None)
        maintenance.prune(store, maintenance.prunable(store, before="2026-11-21"))
        content = store_path.read_bytes()
        logged = store_path.with_name(f"{store_path.name}-wal").read_bytes()
    assert b"pruned1-20|1-20" in logged
    if note == "damaged":
        logged = logged.replace(b"pruned1-20|1-20", b"pruned1-20|1-2z")
    file, log, target = tmp_path / "damaged", tmp_path / "damaged.log", tmp_path / "new"
    file.write_bytes(content)
    log.write_bytes(logged)
    with closing(connect_new(target)) as db:
        assert copy_readable(file, log, db, {}) == CopiedExchanges(saved, 0)
    with Store(target) as repaired:
        days = {exchange.created_at[:10] for exchange in repaired.exchanges()}
    assert days == ({"2026-11-22"} if saved == 20 else {"2026-11-20", "2026-11-22"})


@pytest.mark.parametrize(("beyond", "lost"), [(0, 0), (1, 1), (10**9, 0)])
def test_an_impossible_highest_id_does_not_count(store_path: Path, tmp_path: Path, beyond: int, lost: int) -> None:
    """A damaged number must not become thousands of lost replies: no more can be lost than fitted into the file."""
    made = filled(store_path, 3)
    with Store(store_path) as store:
        store.change([("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'exchanges'", (beyond,))])
        store.compact()
    with closing(connect_new(tmp_path / "new")) as db:
        assert copy_readable(store_path, tmp_path / "no log", db, {}) == CopiedExchanges(len(made), lost, len(made))


@pytest.mark.parametrize(("missing_ids", "lost"), [(0, True), (-1, False)])
def test_the_number_of_lost_rows_is_bounded_by_the_smallest_row(
    store_path: Path, tmp_path: Path, missing_ids: int, *, lost: bool
) -> None:
    """A row is never smaller than its key and four digests: 67 + 4 × 64 = 323 bytes."""
    made = filled(store_path, 3)
    most = store_path.stat().st_size // (67 + 4 * 64)
    with Store(store_path) as store:
        store.change([("UPDATE sqlite_sequence SET seq = seq + ?", (most - missing_ids,))])
        store.compact()
    with closing(connect_new(tmp_path / "new")) as db:
        reported = copy_readable(store_path, tmp_path / "no log", db, {}).lost
    assert reported == (most if lost else 0)
    assert len(made) == 3


def test_replies_after_damage_in_the_log_are_saved(store_path: Path) -> None:
    """SQLite stops reading at the damage and then removes the log. A repair saves the replies after it."""
    made = [of_article(name, cost_usd="0.01") for name in "abcdef"]
    log = store_path.with_name(f"{store_path.name}-wal")
    with Store(store_path) as store:
        bought(store, made[0])
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        for exchange in made[1:]:
            bought(store, exchange)
        content, logged = store_path.read_bytes(), bytearray(log.read_bytes())
    logged[32 + 24 : 32 + 24 + PAGE] = bytes(PAGE)
    store_path.write_bytes(content)
    log.write_bytes(logged)
    repaired = salvage(store_path)
    assert repaired.saved >= len(made) - 1
    assert repaired.damaged.with_name(f"{repaired.damaged.name}-wal").read_bytes() == logged
    with Store(store_path) as store:
        assert {e.key for e in made[2:]} <= {exchange.key for exchange in store.exchanges()}


def test_a_log_without_its_end_is_not_damage(store_path: Path) -> None:
    """A process that was killed during a commit leaves such a log. No committed reply is missing."""
    log = store_path.with_name(f"{store_path.name}-wal")
    with Store(store_path) as store:
        for name in "abc":
            bought(store, of_article(name))
        content, logged = store_path.read_bytes(), log.read_bytes()
    store_path.write_bytes(content)
    log.write_bytes(logged + logged[-24 - PAGE : -PAGE - 20])
    with pytest.raises(ConfigError, match="nothing is wrong"):
        salvage(store_path)
    with Store(store_path) as store:
        assert len(list(store.exchanges())) == 3


def test_the_first_part_of_a_file_that_was_cut_off_is_saved(store_path: Path) -> None:
    """The newest rows were at its end; the older ones are saved."""
    made = filled(store_path)
    damaged_by(store_path, lambda content: content[: len(content) * 3 // 4 // PAGE * PAGE])
    repaired = salvage(store_path)
    assert 0 < repaired.saved < len(made)
    with Store(store_path) as store:
        assert all(made[exchange.key] == exchange for exchange in store.exchanges())


def test_a_damaged_reply_is_lost_and_one_that_never_was_an_answer_is_saved(store_path: Path) -> None:
    """The checksum distinguishes the two. Only replies that a run could use count as saved."""
    damaged, evidence = exchange_of(request_of("a"), body=message("100")), exchange_of(request_of("b"), body="<html>")
    with Store(store_path) as store:
        for exchange in (damaged, evidence):
            bought(store, exchange)
    damaged_by(store_path, lambda content: content.replace(b'"100"', b'"700"'))
    repaired = salvage(store_path)
    assert (repaired.saved, repaired.lost) == (1, 1)
    with Store(store_path) as store:
        assert list(store.exchanges()) == [evidence]


SHARED = {"the prompt": "You read", "the schema": '{"properties"'}


@pytest.mark.parametrize("begins", SHARED.values(), ids=SHARED)
def test_a_damaged_prompt_text_loses_no_reply_if_the_prompt_is_available(store_path: Path, begins: str) -> None:
    """All replies share one copy of the text. Without the prompt itself, all of them would be lost."""
    prompt = LIBRARY.get("summary")
    schema = prompt.schema
    assert schema is not None
    made = [exchange_of(request_of(f"{n}", system=prompt.system, schema=schema)) for n in range(3)]
    with Store(store_path) as store:
        for exchange in made:
            bought(store, exchange)
        digest = sha256(prompt.system if begins == "You read" else schema.canonical)
        store.change([("UPDATE texts SET text = 'gibberish' WHERE sha256 = ?", (digest,))])
    sound = store_path.read_bytes()
    with pytest.raises(StoreError, match=r"no reply of 3 in the store .* can be read; nothing was changed"):
        salvage(store_path)
    assert store_path.read_bytes() == sound
    repaired = salvage(store_path, LIBRARY.shared_texts())
    assert (repaired.saved, repaired.lost) == (3, 0)
    with Store(store_path) as store:
        assert list(store.exchanges()) == made


FIRST_PAGES: dict[str, Callable[[bytes], bytes]] = {
    "a header of junk": lambda content: b"x" * 100 + content[100:],
    "a first page of zeros": zeroed(0),
    "a first page of junk": lambda content: b"x" * PAGE + content[PAGE:],
    "names of unknown tables": lambda content: content.replace(b"exchanges", b"exch\xc7\xe1nge"),
    "tables that begin elsewhere": lambda content: content.replace(b"exchanges\x05CREATE", b"exchanges\x03CREATE"),
}


@pytest.mark.parametrize("compact", [True, False], ids=["compacted", "as it grew"])
@pytest.mark.parametrize("damage", FIRST_PAGES.values(), ids=FIRST_PAGES)
def test_a_lost_first_page_loses_no_reply(store_path: Path, damage: Callable[[bytes], bytes], *, compact: bool) -> None:
    """It says where the tables begin, and in every store they begin on the same pages."""
    made = filled(store_path, compact=compact)
    sound = store_path.read_bytes()
    bad = damaged_by(store_path, damage)
    assert bad != sound
    repaired = salvage(store_path)
    assert (repaired.saved, repaired.lost, repaired.damaged.read_bytes()) == (len(made), 0, bad)
    with Store(store_path) as store:
        assert all(found(store, key, settled=True) == exchange for key, exchange in made.items())
        assert maintenance.verify(store) == []
    assert len(list(store_path.parent.iterdir())) == 2


def test_a_second_lost_page_loses_only_its_own_rows(store_path: Path) -> None:
    """The counts of lost and saved replies add up to all replies."""
    made = filled(store_path)
    second = pages_of(store_path, "exchanges")[5]
    damaged_by(store_path, lambda content: zeroed(0)(zeroed(second)(content)))
    repaired = salvage(store_path)
    assert repaired.lost
    assert repaired.saved + repaired.lost == len(made)


def test_a_lost_first_page_does_not_hide_replies_in_the_log(store_path: Path) -> None:
    """A killed process leaves its last replies in the log. They are saved with the others."""
    made = filled(store_path)
    last = exchange_of(request_of("the last"))
    with Store(store_path) as store:
        bought(store, last)
        beside = {name: Path(f"{store_path}{name}").read_bytes() for name in ("-wal", "-shm")}
        content = store_path.read_bytes()
    store_path.write_bytes(zeroed(0)(content))
    for name, log in beside.items():
        Path(f"{store_path}{name}").write_bytes(log)
    assert salvage(store_path).saved == len(made) + 1
    with Store(store_path) as store:
        assert found(store, last.key) == last


HOPELESS: dict[str, Callable[[bytes], bytes]] = {
    "nothing but the first page": lambda content: content[:PAGE],
    "every page but the first in zeros": lambda content: content[:PAGE] + bytes(len(content) - PAGE),
}


@pytest.mark.parametrize("damage", HOPELESS.values(), ids=HOPELESS)
def test_a_store_of_which_no_reply_can_be_read_stays_in_its_place(
    store_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """An empty store instead would make the next run buy everything again."""
    filled(store_path, 3)
    bad = damaged_by(store_path, damage)
    with pytest.raises(StoreError, match=r"no reply .*can be read; nothing was changed; restore a backup, or move"):
        salvage(store_path)
    assert store_path.read_bytes() == bad
    assert list(store_path.parent.iterdir()) == [store_path]


NO_STORES: dict[str, bytes] = {
    "a text": b"# Articles\n\nSome notes, longer than the header of a store.\n" * 200,
    "an empty file": b"",
    "zeros": bytes(3 * PAGE),
    "noise": random.Random(1).randbytes(9 * PAGE),
    "leaf pages of another program": (b"\x0d\x00\x00\x00\x02\x0f\x00\x00" + bytes(PAGE - 8)) * 4,
}


@pytest.mark.parametrize("log", [None, b"", b"a log" * 999], ids=["no log", "an empty log", "a log"])
@pytest.mark.parametrize("content", NO_STORES.values(), ids=NO_STORES)
def test_a_file_that_is_no_store_is_never_moved(tmp_path: Path, content: bytes, log: bytes | None) -> None:
    """A misspelled --store must not cost anyone a file. What lies beside it stays as it is, too."""
    notes, beside = tmp_path / "README.md", tmp_path / "README.md-wal"
    notes.write_bytes(content)
    if log is not None:
        beside.write_bytes(log)
    done = here("store", "repair", "--store", notes)
    assert (done.code, done.stderr) == (2, f"dragoman: {notes} is not a Dragoman store; nothing was changed\n")
    assert notes.read_bytes() == content
    assert (beside.read_bytes() if beside.exists() else b"") == (log or b"")
    assert {place.name for place in tmp_path.iterdir()} <= {notes.name, beside.name}


def test_a_damaged_database_of_another_program_is_never_moved(tmp_path: Path) -> None:
    """Its pages are read as those of a store would be, and none shows a store."""
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE exchanges (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)")
        db.executemany("INSERT INTO exchanges (text) VALUES (?)", [(f"rate {n} " * 99,) for n in range(99)])
        db.commit()
    bad = damaged_by(path, zeroed(0))
    with pytest.raises(ConfigError, match="not a Dragoman store; nothing was changed"):
        salvage(path)
    assert path.read_bytes() == bad
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_store_without_replies_is_replaced(store_path: Path) -> None:
    """Nothing was lost with it, and the new store has its identity."""
    with Store(store_path) as store:
        bought(store, of_article("a"))
        maintenance.prune(store, maintenance.prunable(store))
        identity = store.id
    bad = damaged_by(store_path, lambda content: b"x" * 100 + content[100:])
    repaired = salvage(store_path)
    assert (repaired.saved, repaired.lost, repaired.damaged.read_bytes()) == (0, 0, bad)
    with Store(store_path) as store:
        assert store.id == identity


def test_a_repair_that_cannot_write_is_a_store_error(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a read-only file system the error says so, and the damaged store stays unchanged."""
    filled(store_path, 3)
    bad = damaged_by(store_path, zeroed(0))

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(store_file, "is_read_only", lambda path: True)
    monkeypatch.setattr(salvaging, "connect_new", refuse)
    monkeypatch.setattr(salvaging, "remove", refuse)
    with pytest.raises(StoreError, match=r"its file system is read-only; make it writable, or use a copy"):
        salvage(store_path)
    assert store_path.read_bytes() == bad


def test_a_sound_store_is_not_repaired(store_path: Path) -> None:
    """Its file is not moved."""
    filled(store_path, 3)
    before = store_path.read_bytes()
    with pytest.raises(ConfigError, match="nothing is wrong"):
        salvage(store_path)
    assert store_path.read_bytes() == before
    assert list(store_path.parent.iterdir()) == [store_path]


def test_a_path_without_a_store_is_not_repaired(store_path: Path) -> None:
    """The error names the path, and no file is created."""
    with pytest.raises(ConfigError, match=store_path.name):
        salvage(store_path)
    assert not store_path.exists()


@pytest.mark.parametrize("pragma", ["user_version = 99", "application_id = 1"], ids=["newer", "another program's"])
def test_a_sound_file_of_another_program_or_version_is_not_repaired(store_path: Path, pragma: str) -> None:
    """The store of a newer version and the database of another program are not damaged."""
    filled(store_path, 3)
    with closing(sqlite3.connect(store_path)) as db:
        db.execute(f"PRAGMA {pragma}")
    before = store_path.read_bytes()
    with pytest.raises(StoreError):
        salvage(store_path)
    assert store_path.read_bytes() == before


def test_a_tampered_row_is_left_out_by_a_repair(store_path: Path) -> None:
    """A row that does not match its key is not served. It stays in the damaged file."""
    made = filled(store_path, 3)
    with Store(store_path) as store:
        store.change([("UPDATE exchanges SET user = 'another' WHERE id = 2", ())])
    repaired = salvage(store_path)
    assert (repaired.saved, repaired.lost) == (2, 1)
    with Store(store_path) as store:
        assert len(list(store.exchanges())) == len(made) - 1


def test_a_repaired_store_is_private(store_path: Path) -> None:
    """Mode 0600."""
    filled(store_path, 3)
    damaged_by(store_path, zeroed(0))
    salvage(store_path)
    assert store_path.stat().st_mode & 0o777 == 0o600
