"""The store returns what was saved to every run that may use it, and never harms a file that it cannot read."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dragoman.core.exchange import Endpoint, Exchange, Origin, Role
from dragoman.core.text import sha256
from dragoman.errors import ReplyRejected, StoreError
from dragoman.store.protocol import Scope
from dragoman.store.sqlite import file as stores
from dragoman.store.sqlite import rows
from dragoman.store.sqlite.file import APPLICATION_ID
from dragoman.store.sqlite.rows import read_row, values_of
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, found, found_child, in_processes, message, request_of

CLAUDE = Scope()
LOCAL = Scope("http://localhost:8080")
ANY_TEXT = st.text(st.characters(codec="utf-8"))
"""All of Unicode except lone surrogates, so also NUL, control characters, noncharacters and emoji."""


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


@settings(deadline=None, max_examples=60, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(body="a\0b", user="\0", system="", article="")
@example(body="👩‍👩‍👧 \u202e\ufeff\uffff", user="é e\u0301", system="\r\n", article="'; DROP TABLE exchanges; --")
@given(body=ANY_TEXT, user=ANY_TEXT, system=ANY_TEXT, article=ANY_TEXT)
def test_an_exchange_is_returned_letter_for_letter(
    store: Store, body: str, user: str, system: str, article: str
) -> None:
    """Any text that UTF-8 can hold, NUL included, is returned unchanged under its key."""
    exchange = exchange_of(request_of(user, system=system), body=body, article=article, parent="x1:p", round=3)
    store.save(exchange)
    assert found(store, exchange.key) == exchange


def test_a_reply_with_a_lone_surrogate_is_stored_escaped_and_is_not_an_answer(store: Store) -> None:
    """SQLite and UTF-8 files cannot hold a lone surrogate, so it is stored as an escape sequence."""
    exchange = exchange_of(body=message("half a letter: \ud83d"))
    store.save(exchange)
    stored = found(store, exchange.key)
    assert stored is not None
    assert stored.body == exchange.body.replace("\ud83d", "\\ud83d")
    with pytest.raises(ReplyRejected):
        _ = stored.reply


def test_reading_a_long_reply_does_not_block_other_threads(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are checked and parsed outside the lock of the store, because the service decides how long they are."""
    exchange = exchange_of()
    store.save(exchange)
    other_thread_done = threading.Event()

    def use() -> None:
        store.newest_row()
        other_thread_done.set()

    def read_slowly(row: sqlite3.Row) -> Exchange:
        threading.Thread(target=use, daemon=True).start()
        assert other_thread_done.wait(20), "another thread had to wait"
        other_thread_done.clear()
        return read_row(row)

    monkeypatch.setattr("dragoman.store.sqlite.store.read_row", read_slowly)
    assert found(store, exchange.key) == exchange
    assert store.find_exact(exchange.key, exchange.endpoint, exchange.created_at, None) == exchange
    assert list(store.exchanges()) == [exchange]
    assert [exchange for exchange, _ in store.newest_first_asks(exchange.request.model, CLAUDE, 5)] == [exchange]


def test_the_newest_reply_of_a_key_is_served(store: Store) -> None:
    """When a request is sent again, its new reply is served. The earlier one stays in the store as evidence."""
    first = exchange_of(body=message("first"))
    store.save(first)
    store.save(replace(first, body=message("second")))
    newest = found(store, first.key)
    assert newest is not None
    assert newest.reply.text == "second"
    assert [exchange.reply.text for exchange in store.exchanges()] == ["first", "second"]


def test_only_rows_after_the_given_one_count(store: Store) -> None:
    """``--refresh`` passes ``after``, so that rows up to it do not count and the request is sent."""
    exchange = exchange_of()
    row = store.save(exchange)
    assert store.newest_row() == row
    assert found(store, exchange.key, after=row) is None
    assert found(store, exchange.key, after=row - 1) == exchange


SERVED: dict[str, tuple[Origin, Endpoint, str | None, Scope, bool]] = {
    "direct reply to a direct run": ("live", "anthropic", None, CLAUDE, True),
    "Bedrock reply to a direct run and back": ("live", "bedrock", None, CLAUDE, True),
    "batch reply": ("batch", "anthropic", None, CLAUDE, True),
    "reply altered for a test": ("altered", "anthropic", None, CLAUDE, False),
    "reply written by hand": ("handwritten", "anthropic", None, CLAUDE, False),
    "local server's reply to a real run": ("live", "custom", "http://localhost:8080", CLAUDE, False),
    "local server's reply to its own run": ("live", "custom", "http://localhost:8080", LOCAL, True),
    "one local server's reply to another's run": ("live", "custom", "http://localhost:9090", LOCAL, False),
    "Claude's reply to a local server's run": ("live", "anthropic", None, LOCAL, False),
    "handwritten reply to a local server's run": ("handwritten", "custom", "http://localhost:8080", LOCAL, False),
}


@pytest.mark.parametrize(("origin", "endpoint", "base_url", "scope", "served"), SERVED.values(), ids=SERVED)
def test_only_a_reply_of_the_right_origin_is_served(
    store: Store, origin: Origin, endpoint: Endpoint, base_url: str | None, scope: Scope, *, served: bool
) -> None:
    """Real services share their replies, a custom one has only its own, and only live replies are served."""
    exchange = exchange_of(origin=origin, endpoint=endpoint, base_url=base_url)
    child = replace(exchange, request=request_of("again"), role="reask", parent="x1:p", round=1)
    store.save(exchange)
    store.save(child)
    assert found(store, exchange.key, scope) == (exchange if served else None)
    assert found_child(store, ("x1:p", "reask", 1), scope) == (child if served else None)
    assert len(store.earlier_asks(exchange.article_sha256, scope)) == served


def test_a_child_is_found_by_parent_role_and_round_and_not_by_its_text(store: Store) -> None:
    """The newest child of that place is found. Another parent, role or round is another place."""
    old = exchange_of(request_of("one wording"), role="reask", parent="x1:p", round=1)
    new = exchange_of(request_of("another wording"), role="reask", parent="x1:p", round=1)
    row = store.save(old)
    store.save(new)
    assert found_child(store, ("x1:p", "reask", 1)) == new
    assert found_child(store, ("x1:p", "reask", 1), after=row) == new
    assert found_child(store, ("x1:p", "reask", 2)) is None
    assert found_child(store, ("x1:p", "repair", 1)) is None
    assert found_child(store, ("x1:q", "reask", 1)) is None


def test_a_reply_is_shared_once_it_is_settled(store: Store) -> None:
    """Until then the process that bought it may still be working on it. The price is added to that row only."""
    exchange = exchange_of(role="reask", parent="x1:p", round=1)
    first, second = store.save(exchange), store.save(exchange)
    place: tuple[str, Role, int] = ("x1:p", "reask", 1)
    assert found(store, exchange.key) == found_child(store, place) == exchange
    assert found(store, exchange.key, settled=True) is found_child(store, place, settled=True) is None
    store.settle(first, "0.0042", "2026-11-21")
    priced = replace(exchange, cost_usd="0.0042", price_table="2026-11-21")
    assert found(store, exchange.key, settled=True) == found_child(store, place, settled=True) == priced
    costs = {row["id"]: (row["cost_usd"], row["settled"]) for row in store.rows("SELECT * FROM exchanges")}
    assert costs == {first: ("0.0042", 1), second: (None, 0)}


def test_earlier_asks_are_listed_newest_first_without_their_children(store: Store) -> None:
    """They explain why an article is asked again. Re-asks would not."""
    store.save(exchange_of(prompt="summary/v1"))
    store.save(exchange_of(request_of("two"), prompt="summary/v2"))
    store.save(exchange_of(request_of("three"), role="reask", parent="x1:p"))
    assert [earlier.prompt for earlier in store.earlier_asks("a" * 64, CLAUDE)] == ["summary/v2", "summary/v1"]


def test_asks_by_name_are_those_about_any_bytes_with_what_they_showed(store: Store) -> None:
    """They tell a changed article from a new one. Further parts of a translation show paragraphs too; re-asks and what
    another server answered say nothing."""
    store.save(exchange_of(request_of("one"), article_sha256="b" * 64))
    store.save(exchange_of(request_of("two"), role="part", parent="x1:p", round=1))
    store.save(exchange_of(request_of("three"), role="reask", parent="x1:p"))
    store.save(exchange_of(request_of("four"), article="b.txt"))
    store.save(exchange_of(request_of("five"), endpoint="custom", base_url="http://127.0.0.1:1"))
    asks = store.asks_by_name("a.txt", CLAUDE)
    assert [(ask.user, ask.article_sha256[0], ask.created_at) for ask in asks] == [
        ("two", "a", exchange_of().created_at),
        ("one", "b", exchange_of().created_at),
    ]
    (plan,) = store.rows("EXPLAIN QUERY PLAN SELECT 1 FROM exchanges WHERE article = 'a.txt'")
    assert "exchanges_by_name" in plan["detail"]


def test_a_damaged_lease_is_damage_to_the_store(store: Store) -> None:
    """Its owner cannot be read, so the error names the command that repairs the store."""
    store.change([("INSERT INTO leases (key, scope, owner, expires_at) VALUES ('k', ?, 'x', 9e99)", (CLAUDE.name,))])
    with pytest.raises(StoreError, match="dragoman store repair"):
        store.lease("k", CLAUDE)


def test_only_its_owner_can_read_the_store_with_any_umask(tmp_path: Path) -> None:
    """The file and those that SQLite puts beside it have mode 0600, because they contain articles and replies."""
    before = os.umask(0)
    try:
        with Store(tmp_path / "new" / "store.sqlite") as store:
            store.save(exchange_of())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600}


def test_a_commit_survives_loss_of_power(store: Store) -> None:
    """Write-ahead log with ``synchronous=FULL`` (2), in a file with Dragoman's application id, also when reopened."""
    with Store(store.path) as again:
        for opened in (store, again):
            assert opened.rows("PRAGMA journal_mode")[0][0] == "wal"
            assert opened.rows("PRAGMA synchronous")[0][0] == 2
            assert opened.rows("PRAGMA application_id")[0][0] == APPLICATION_ID


def test_creating_a_store_leaves_no_other_file(tmp_path: Path) -> None:
    """The store is created under a temporary name and then linked to its path."""
    Store(tmp_path / "store.sqlite").close()
    assert [path.name for path in tmp_path.iterdir()] == ["store.sqlite"]


def test_threads_can_save_concurrently_and_no_reply_is_missing(store: Store) -> None:
    """All methods may be called from any thread."""

    def save(worker: int) -> None:
        for number in range(10):
            exchange = exchange_of(request_of(f"{worker} {number}"))
            store.save(exchange)
            assert found(store, exchange.key) == exchange

    threads = [threading.Thread(target=save, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({exchange.key for exchange in store.exchanges()}) == 60


def test_processes_that_create_the_same_store_concurrently_all_find_it_complete(store_path: Path) -> None:
    """One process creates it, the others open it, and it contains the replies of all of them."""
    script = """
import sys
from pathlib import Path
from tests.support.builders import exchange_of, request_of
from dragoman.store.sqlite.store import Store
print("ready", flush=True)
sys.stdin.readline()
with Store(Path(sys.argv[2])) as store:
    store.save(exchange_of(request_of("process " + sys.argv[1])))
"""
    processes = in_processes(8, script, store_path)
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate()[0], process.returncode) for process in processes] == [("", 0)] * 8
    with Store(store_path) as store:
        assert len(list(store.exchanges())) == 8
        assert store.rows("SELECT count(*) FROM facts WHERE name = 'store_id'")[0][0] == 1


def test_ids_are_never_used_twice(store: Store) -> None:
    """The id of a removed row stays unused. Otherwise ``--refresh`` could mistake an old reply for a new one."""
    row = store.save(exchange_of())
    store.change([("DELETE FROM exchanges", ())])
    assert store.save(exchange_of()) > row


# Versions


def test_the_first_schema_is_never_edited(store: Store) -> None:
    """Migrations are append-only: stores of every version exist, so their scripts are pinned letter for letter."""
    assert [sha256(script) for script in stores.MIGRATIONS] == [
        "87c1027e503910b2d3e18b684c3b263277298d8c86bfcf1ed69bcea7c9890954",
        "f7d95ac46847e6f5a3707aeeda59c04f8db516a5853002e20e15e64e193b864e",
        "b304e287bcccaafd31b01f964dcb2b98c54b5620bafa9fee8ab90e0607373ee9",
        "d3c036b7f8017405f29e8a5119597bfefcad89c08db56f4b9999f4de041bdeb8",
        "4daaf2ca52bfcd388f4cc9886051be4b6e06de3ee0bbf07e25566523ac0ea6a9",
        "ee37b1805ea020b4f2286d3598d2e8eb5523971eae9fc0eea1a288a773841e0b",
        "c4d0d604c34bc69af7168e33a60eea423a4171ec13333bda991ccd3c47e77ef5",
        "b18ad44b785d42ee547e0763d8ec4a4d290fbc58245f841ef6d396ea148e36bc",
    ]
    schema = "\n".join(row["sql"] for row in store.rows("SELECT sql FROM sqlite_master WHERE sql > '' ORDER BY name"))
    assert sha256(schema) == "424141fdab69b67238be107d74a2da0c022d48a1193be88649c0c4f91c906d1b"
    assert store.rows("PRAGMA user_version")[0][0] == len(stores.MIGRATIONS)


def test_what_was_left_out_of_a_request_is_kept_and_guarded_by_the_checksum(store_path: Path) -> None:
    """A row without it has the checksum that earlier versions gave it, so their stores are still whole."""
    plain, partly = exchange_of(request_of("a")), exchange_of(request_of("b"), left_out=("thinking", "output_config"))
    with Store(store_path) as store:
        store.save(plain)
        row = store.save(partly)
        assert list(store.exchanges()) == [plain, partly]
        checked = [name for name in rows._CHECKED if name != "left_out"]
        (first,) = store.rows(f"SELECT checksum, {', '.join(checked)} FROM exchanges WHERE left_out = ''")
        assert first["checksum"] == crc32("\x1f".join(str(first[name]) for name in checked).encode())
        store.change([("UPDATE exchanges SET left_out = '[]' WHERE id = ?", (row,))])
        with pytest.raises(StoreError, match="checksum"):
            list(store.exchanges())


def test_a_store_of_an_earlier_version_is_migrated_with_its_rows(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements that it lacks are run once, and its rows stay."""
    with Store(store_path) as store:
        store.save(exchange_of())
    monkeypatch.setattr(stores, "MIGRATIONS", (*stores.MIGRATIONS, "CREATE TABLE extra (x TEXT) STRICT;"))
    for _ in range(2):
        with Store(store_path) as store:
            assert store.rows("PRAGMA user_version")[0][0] == len(stores.MIGRATIONS)
            assert store.rows("SELECT count(*) FROM extra")[0][0] == 0
            assert list(store.exchanges()) == [exchange_of()]


def test_two_processes_may_migrate_one_store_concurrently(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second process, which also read the old version, finds the store migrated and does nothing."""
    Store(store_path).close()
    new_version = len(stores.MIGRATIONS) + 1
    monkeypatch.setattr(stores, "MIGRATIONS", (*stores.MIGRATIONS, "CREATE TABLE extra (x TEXT) STRICT;"))
    with (
        closing(sqlite3.connect(store_path, isolation_level=None)) as first,
        closing(sqlite3.connect(store_path, isolation_level=None)) as second,
    ):
        stores._migrate(first)
        stores._migrate(second)
        assert second.execute("PRAGMA user_version").fetchone()[0] == new_version


def test_a_migration_that_fails_changes_nothing(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration is applied completely or not at all, so the earlier version still opens the store."""
    with Store(store_path) as store:
        store.save(exchange_of())
    before = stores.MIGRATIONS
    broken = "CREATE TABLE extra (x TEXT) STRICT; INSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr(stores, "MIGRATIONS", (*before, broken))
    with pytest.raises(StoreError):
        Store(store_path)
    monkeypatch.setattr(stores, "MIGRATIONS", before)
    with Store(store_path) as store:
        assert list(store.exchanges()) == [exchange_of()]
        assert store.rows("SELECT count(*) FROM sqlite_master WHERE name = 'extra'")[0][0] == 0


def test_migrating_the_previous_version_adds_a_secret_and_the_ids_of_pruned_rows(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are served unchanged, and a later repair knows which ids are missing on purpose."""
    monkeypatch.setattr(stores, "MIGRATIONS", stores.MIGRATIONS[:4])
    stores.connect_new(store_path).close()
    monkeypatch.undo()
    with closing(sqlite3.connect(store_path, isolation_level=None)) as old:
        columns = [row[1] for row in old.execute("PRAGMA table_info(exchanges)")]
        assert "settled_checksum" not in columns
        values = values_of(exchange_of())
        for name in ("system", "schema"):
            old.execute("INSERT OR IGNORE INTO texts VALUES (?, ?)", (values[f"{name}_sha256"], values[name]))
        own = [name for name in columns if name in values]
        for _ in range(9):
            places = ", ".join("?" * len(own))
            old.execute(f"INSERT INTO exchanges ({', '.join(own)}) VALUES ({places})", [values[name] for name in own])
        old.execute("DELETE FROM exchanges WHERE id IN (1, 2, 5, 8, 9)")
    with Store(store_path) as store:
        assert list(store.exchanges()) == [exchange_of()] * 4
        assert store.rows("SELECT value FROM facts WHERE name = 'pruned'")[0][0] == "1-2,5-5,8-9|1-2,5-5,8-9"
        secret = store.secret
        assert secret is not None
        assert len(secret) == 32
    with Store(store_path) as store:
        assert store.secret == secret


def test_every_store_has_its_own_secret(store: Store, tmp_path: Path) -> None:
    """A store does not recognise the marks of another one. A copy of the file is the same store."""
    with Store(tmp_path / "other.sqlite") as other:
        assert (store.id, store.secret) != (other.id, other.secret)
        assert None not in (store.id, store.secret, other.id, other.secret)
    store.compact()
    shutil.copyfile(store.path, tmp_path / "copy.sqlite")
    with Store(tmp_path / "copy.sqlite") as copy:
        assert (copy.id, copy.secret) == (store.id, store.secret)


# Files that are not stores


def _newer(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(stores.MIGRATIONS) + 1}")


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")


def _junk_header(path: Path) -> None:
    Store(path).close()
    path.write_bytes(b"x" * 100 + path.read_bytes()[100:])


def _truncated(path: Path) -> None:
    Store(path).close()
    path.write_bytes(path.read_bytes()[:5000])


NOT_STORES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a newer version's store": (_newer, "use that version"),
    "another program's SQLite file": (_foreign, "choose another place for the store"),
    "an empty file": (Path.touch, "store repair"),
    "a text file": (lambda path: path.write_text("notes " * 100), "store repair"),
    "a header of junk": (_junk_header, "store repair"),
    "a file cut off": (_truncated, "store repair"),
}


@pytest.mark.parametrize(("make", "advice"), NOT_STORES.values(), ids=NOT_STORES)
def test_a_file_that_is_not_a_usable_store_is_named_and_not_changed(
    store_path: Path, make: Callable[[Path], object], advice: str
) -> None:
    """The error names the file and what to do, and the bytes of the file do not change."""
    make(store_path)
    before = store_path.read_bytes()
    with pytest.raises(StoreError, match=advice) as caught, Store(store_path) as store:
        list(store.exchanges())
    assert str(store_path) in str(caught.value)
    assert store_path.read_bytes() == before
    assert [path.name for path in store_path.parent.iterdir()] == [store_path.name]


def test_repair_is_not_suggested_for_the_database_of_another_program(store_path: Path) -> None:
    """``store repair`` would move a sound file that has nothing to do with Dragoman."""
    _foreign(store_path)
    with pytest.raises(StoreError) as caught:
        Store(store_path)
    assert "store repair" not in str(caught.value)


def test_a_folder_at_the_path_of_the_store_is_an_error_and_stays_empty(store_path: Path) -> None:
    """Nothing is written into it."""
    store_path.mkdir()
    with pytest.raises(StoreError, match=store_path.name):
        Store(store_path)
    assert list(store_path.iterdir()) == []


def test_a_file_at_the_path_of_the_folder_of_the_store_is_an_error(tmp_path: Path) -> None:
    """The folder cannot be created where a file is."""
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(StoreError, match="folder"):
        Store(tmp_path / "folder" / "store.sqlite")


@pytest.mark.parametrize("name", ["disk is full", "locked", "newer", "readonly", "read-only"])
def test_a_word_in_the_path_does_not_change_the_advice(tmp_path: Path, name: str) -> None:
    """The advice follows from what went wrong and not from the name of a file."""
    advice = []
    for called in (name, "plain"):
        file = tmp_path / called
        file.write_text("a file where the folder should be")
        with pytest.raises(StoreError) as caught:
            Store(file / "store.sqlite")
        advice.append(str(caught.value).replace(called, "…"))
    assert advice[0] == advice[1]


def test_a_store_without_write_access_is_an_error_that_says_so(store_path: Path) -> None:
    """A run does not start with it."""
    Store(store_path).close()
    store_path.chmod(0o400)
    if os.access(store_path, os.W_OK):
        pytest.skip("this user may write any file")
    before = store_path.read_bytes()
    with pytest.raises(StoreError, match="write access"), Store(store_path) as store:
        store.save(exchange_of())
    assert store_path.read_bytes() == before


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that makes every path look like one on a read-only file system."""

    def begin() -> None:
        monkeypatch.setattr("dragoman.store.sqlite.store.is_read_only", lambda path: True)
        monkeypatch.setattr(stores, "is_read_only", lambda path: True)

    return begin


def test_a_store_on_a_read_only_file_system_can_be_read_and_says_why_it_cannot_be_written(
    store_path: Path, read_only: Callable[[], None]
) -> None:
    """No log is created beside it and cache entries are dropped. Saving a reply is an error that says what to do."""
    exchange = exchange_of()
    with Store(store_path) as store:
        store.save(exchange)
    before = store_path.read_bytes()
    read_only()
    with Store(store_path) as store:
        assert found(store, exchange.key) == exchange
        store.caches.save_finished("digest", "article", "state", b"record")
        assert store.caches.finished("digest") is None
        with pytest.raises(StoreError, match=r"its file system is read-only; make it writable, or use a copy"):
            store.save(exchange_of(request_of("another")))
        with pytest.raises(StoreError, match="read-only"):
            store.lease("x1:k", CLAUDE)
        assert len(store.rows("SELECT * FROM exchanges")) == 1
        assert list(store_path.parent.iterdir()) == [store_path]
    assert store_path.read_bytes() == before


def test_a_log_on_a_read_only_file_system_is_never_skipped(store_path: Path, read_only: Callable[[], None]) -> None:
    """Replies that are still in the log are read with the others, or no reply is."""
    with Store(store_path) as writer:
        writer.save(exchange_of())
        read_only()
        with Store(store_path) as store:
            assert found(store, exchange_of().key) == exchange_of()


UNWRITABLE: dict[str, Exception] = {
    "SQLite cannot make its log": sqlite3.OperationalError("unable to open database file"),
    "SQLite cannot write": sqlite3.OperationalError("attempt to write a readonly database"),
    "no new file": OSError(errno.EROFS, os.strerror(errno.EROFS)),
}


@pytest.mark.parametrize("error", UNWRITABLE.values(), ids=UNWRITABLE)
def test_every_error_of_a_read_only_file_system_says_that_it_is_read_only(
    store_path: Path, read_only: Callable[[], None], error: Exception
) -> None:
    """SQLite and the operating system report it in different words."""
    read_only()
    assert "its file system is read-only; make it writable" in str(stores.store_error(store_path, error))


def test_a_folder_in_which_no_log_can_be_created_is_named(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite has to write beside its file, but its own error only says that it cannot open the file."""
    Store(store_path).close()
    monkeypatch.setattr("os.access", lambda place, mode: False)
    message_text = str(stores.store_error(store_path, UNWRITABLE["SQLite cannot make its log"]))
    assert (
        f"the folder {store_path.parent} is not writable, and SQLite has to write there; give write access"
        in message_text
    )


def test_a_full_disk_is_reported_and_committed_replies_stay(store: Store) -> None:
    """SQLite's limit of pages stands for the disk, which has less room than the reply needs."""
    store.save(exchange_of())
    pages = store.rows("PRAGMA page_count")[0][0]
    store.rows(f"PRAGMA max_page_count = {pages + 1}")
    big = exchange_of(request_of("big"), body=message("x" * 50_000))
    with pytest.raises(StoreError, match="disk is full"):
        store.save(big)
    assert list(store.exchanges()) == [exchange_of()]
    store.rows("PRAGMA max_page_count = 100000")
    store.save(big)
    assert found(store, big.key) == big


def test_a_row_that_lost_its_text_is_a_store_error(store: Store) -> None:
    """The error says that the row is damaged and how to repair it. A partial reply is never served."""
    exchange = exchange_of()
    store.save(exchange)
    store.change([("DELETE FROM texts WHERE sha256 = ?", (sha256(exchange.request.system),))])
    with pytest.raises(StoreError, match="repair"):
        found(store, exchange.key)


def test_using_a_closed_store_is_a_store_error(store_path: Path) -> None:
    """And not an error of SQLite."""
    store = Store(store_path)
    store.close()
    with pytest.raises(StoreError):
        store.newest_row()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["a named pipe", "a folder"])
def test_a_path_that_is_not_a_regular_file_is_not_a_store(make: Callable[[Path], None], store_path: Path) -> None:
    """It is not opened, and no repair is suggested."""
    make(store_path)
    with pytest.raises(StoreError, match="it is not a regular file; choose another place for the store") as caught:
        Store(store_path)
    assert caught.value.hint == "store"
