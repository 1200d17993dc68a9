"""Looking after the store: it is counted, verified, exported, pruned and repaired without losing what was paid for."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from dragoman.core.article import article_id
from dragoman.core.exchange import Exchange
from dragoman.core.text import sha256
from dragoman.errors import ConfigError, StoreError
from dragoman.store import maintenance
from dragoman.store.maintenance import Imported
from dragoman.store.recordings import Recordings, path_of
from dragoman.store.recordings import write as write_recording
from dragoman.store.sqlite import file as store_file
from dragoman.store.sqlite.file import connect_new
from dragoman.store.sqlite.salvage import Salvaged, salvage
from dragoman.store.sqlite.store import Store
from tests.support.builders import LIBRARY, exchange_of, found, message, request_of, source_of
from tests.support.commands import here

PAGE = 4096


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def of_article(name: str, number: int = 0, **others: str) -> Exchange:
    """An exchange about an article of that name, with a digest of its own."""
    values = {"article": f"{name}.txt", "article_sha256": (name * 64)[:64], **others}
    return exchange_of(request_of(f"{name} {number}"), **values)


def bought(store: Store, exchange: Exchange) -> None:
    """Saved and settled, as a run leaves it."""
    store.settle(store.save(exchange), exchange.cost_usd, exchange.price_table)


# Counting


def test_money_is_counted_in_all_and_by_group_and_unknown_is_not_nought(store: Store) -> None:
    """By day, model, prompt and provider; a reply without a price is counted apart, never as 0."""
    store.save(of_article("a", cost_usd="0.10", created_at="2026-11-20T10:00:00Z"))
    store.save(of_article("a", 1, cost_usd="0.2", endpoint="bedrock"))
    store.save(of_article("b", prompt="translation/v1"))
    store.caches.remember("d", "text/plain", "1", source_of())
    told = maintenance.stats(store)
    assert (told["exchanges"], told["articles"], told["prepared_sources"]) == (3, 2, 1)
    assert (told["cost_usd"], told["unknown_cost"]) == ("0.3", 1)
    assert told["by_day"] == {
        "2026-11-20": {"exchanges": 1, "cost_usd": "0.1", "unknown_cost": 0},
        "2026-11-21": {"exchanges": 2, "cost_usd": "0.2", "unknown_cost": 1},
    }
    assert {name: group["exchanges"] for name, group in told["by_provider"].items()} == {"anthropic": 2, "bedrock": 1}
    assert {name: group["cost_usd"] for name, group in told["by_prompt"].items()} == {
        "summary/v1": "0.3",
        "translation/v1": "0",
    }


# Verifying


def test_a_sound_store_has_nothing_to_report(store: Store) -> None:
    """Whatever letters are in it."""
    store.save(exchange_of(request_of("đ 👩‍👩‍👧 \0"), body=message("ﬁ")))
    assert maintenance.verify(store) == []


TAMPERED = {
    "the article": "UPDATE exchanges SET user = 'another article'",
    "the model": "UPDATE exchanges SET model = 'claude-haiku-5-5'",
    "the output limit": "UPDATE exchanges SET max_tokens = 1",
    "the prompt": "UPDATE texts SET text = 'Obey.' WHERE text LIKE 'You read%'",
    "the schema": "UPDATE texts SET text = '{}' WHERE text LIKE '%properties%'",
    "the key": "UPDATE exchanges SET key = 'x1:0'",
    "the prompt, gone": "DELETE FROM texts WHERE text LIKE 'You read%'",
    "the schema, gone": "DELETE FROM texts WHERE text LIKE '%properties%'",
    "the schema, no JSON": "UPDATE texts SET text = '{' WHERE text LIKE '%properties%'",
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_request_is_found(store: Store, change: str) -> None:
    """The key is derived again from what the row says was asked; the article is named."""
    row = store.save(exchange_of())
    store.save(exchange_of(request_of("other", system="Other.", schema={"type": "array"})))
    store.change([(f"{change} AND sha256 > ''" if "texts" in change else f"{change} WHERE id = {row}", ())])
    (problem,) = maintenance.verify(store)
    assert f"exchange {row} of a.txt" in problem


DAMAGED = {
    "the reply": "UPDATE exchanges SET body = replace(body, '0', '8')",
    "who said it": "UPDATE exchanges SET origin = 'batch'",
    "what it cost": "UPDATE exchanges SET cost_usd = '0.l'",
    "what it cost, another amount": "UPDATE exchanges SET cost_usd = '0.11'",
    "what it cost, gone": "UPDATE exchanges SET cost_usd = NULL",
    "by which prices": "UPDATE exchanges SET price_table = '2025-01-02'",
    "its state": "UPDATE exchanges SET settled = 3",
    "which service said it": "UPDATE exchanges SET endpoint = 'bedrock'",
    "how many tokens": "UPDATE exchanges SET body = replace(body, '1000', '1001')",
    "one checksum of the two": "UPDATE exchanges SET checksum = NULL",
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED)
def test_a_reply_that_is_not_as_it_was_saved_is_found_and_serves_nobody(store: Store, change: str) -> None:
    """SQLite reads on over damage inside a text; the checksum of the row does not."""
    exchange = of_article("a", body=message("100 of 100"), cost_usd="0.10", price_table="2025-01-01")
    bought(store, exchange)
    store.change([(change, ())])
    (problem,) = maintenance.verify(store)
    assert "exchange 1 of a.txt" in problem
    with pytest.raises(StoreError, match="dragoman store repair"):
        found(store, exchange.key)


def test_a_reply_of_a_store_without_checksums_is_served_as_it_stands(store: Store) -> None:
    """Rows that earlier versions wrote have none; the key still covers their requests."""
    exchange = of_article("a")
    bought(store, exchange)
    store.change([("UPDATE exchanges SET checksum = NULL, settled_checksum = NULL", ())])
    assert maintenance.verify(store) == []
    assert found(store, exchange.key) == exchange
    assert maintenance.unsealed(store) == (1, 0)


def test_a_reply_of_a_store_without_a_checksum_of_prices_is_served_and_counted(store: Store, store_path: Path) -> None:
    """Rows of the version before this one have one checksum of two; `store verify` says how many there are."""
    bought(store, of_article("a", cost_usd="0.10"))
    bought(store, of_article("b", cost_usd="0.10"))
    store.change([("UPDATE exchanges SET settled_checksum = NULL WHERE id = 1", ())])
    assert maintenance.verify(store) == []
    assert maintenance.unsealed(store) == (0, 1)
    store.settle(1, "0.20", None)
    assert maintenance.unsealed(store) == (0, 0)
    store.change([("UPDATE exchanges SET settled_checksum = NULL, checksum = NULL WHERE id = 1", ())])
    done = here("store", "verify", "--store", store_path)
    assert (done.code, done.stdout) == (0, "2 replies: every key matches its request, and the file is undamaged\n")
    assert done.stderr == ("1 reply saved by an earlier version without a checksum: only the key was verified\n")


# Exporting


def test_what_is_exported_is_what_a_run_would_be_served(store: Store, tmp_path: Path) -> None:
    """The newest reply of each key, as recordings that are read again equal."""
    for exchange in (of_article("a"), of_article("b"), of_article("a", body=message("newer"))):
        bought(store, exchange)
    assert maintenance.export(store, tmp_path / "out") == 2
    library = Recordings(tmp_path / "out")
    for key in (of_article("a").key, of_article("b").key):
        assert library.find(key) == found(store, key, settled=True)


def test_what_was_set_aside_is_not_exported_in_place_of_the_answer(store: Store, tmp_path: Path) -> None:
    """A refusal that a later run brought is newer, but no run would be served it."""
    bought(store, of_article("a"))
    store.settle(store.save(of_article("a", body=message("no"))), None, None, aside=True)
    maintenance.export(store, tmp_path / "out")
    assert list(Recordings(tmp_path / "out")) == [of_article("a")]


def test_one_article_can_be_exported_alone(store: Store, tmp_path: Path) -> None:
    """By the name it was asked under."""
    store.save(of_article("a"))
    store.save(of_article("b"))
    assert maintenance.export(store, tmp_path / "out", article="b.txt") == 1
    assert list(Recordings(tmp_path / "out")) == [of_article("b")]


def test_a_test_servers_answer_does_not_take_the_place_of_claudes_in_an_export(store: Store, tmp_path: Path) -> None:
    """Asked the same of a local server later, Claude's reply is what the recording holds."""
    paid = of_article("a")
    store.save(paid)
    store.save(replace(paid, endpoint="custom", base_url="http://localhost:8080", body=message("local")))
    maintenance.export(store, tmp_path / "out")
    assert list(Recordings(tmp_path / "out")) == [paid]


def test_what_was_exported_can_be_put_into_another_store_once(store: Store, tmp_path: Path) -> None:
    """Live replies come back as they were; a second time there is nothing to take; handwritten ones stay out."""
    priced = of_article("a", cost_usd="0.1", price_table="2025-01-01")
    for exchange in (priced, of_article("b")):
        bought(store, exchange)
    maintenance.export(store, tmp_path / "out")
    write_recording(tmp_path / "out", of_article("c", origin="handwritten"))
    with Store(tmp_path / "other.sqlite") as other:
        assert maintenance.import_recordings(other, tmp_path / "out") == Imported(2, 1)
        assert maintenance.import_recordings(other, tmp_path / "out") == Imported(0, 3)
        assert {e.key: e for e in other.exchanges()} == {e.key: e for e in store.exchanges()}
        assert found(other, priced.key, settled=True) == priced


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off": (lambda whole: whole[:300], "it is cut off or is no JSON (line "),
    "empty": (lambda _: b"", "it is cut off or is no JSON (line 1, column 1)"),
    "another JSON": (lambda _: b'{"articles": 3}', "it is no recording: 'schema' is missing"),
    "a list": (lambda _: b"[1]", "it is no recording: a value in it is of another kind"),
    "no text": (lambda whole: whole[:100] + b"\xff" + whole[100:], "it is not text in UTF-8"),
    "changed": (lambda whole: whole.replace(b'"max_tokens": 1', b'"max_tokens": 2'), "the request gives x1:"),
    "nested": (lambda _: b"[" * 100_000, "it is nested too deep"),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_recording_is_named_and_the_others_are_taken(
    spoil: Callable[[bytes], bytes], why: str, store: Store, tmp_path: Path
) -> None:
    """File and reason in words, exit 3 and what to do; when it is whole again it alone is taken."""
    for name in ("a", "b", "c"):
        bought(store, of_article(name))
    maintenance.export(store, tmp_path / "kept")
    spoilt = path_of(tmp_path / "kept", of_article("b").key)
    whole = spoilt.read_bytes()
    spoilt.write_bytes(spoil(whole))
    command = ("store", "import", tmp_path / "kept", "--store", tmp_path / "other.sqlite")
    for counts in ("2 replies imported, 0 left out", "0 replies imported, 2 left out"):
        done = here(*command)
        assert (done.code, done.stdout) == (3, "")
        named, told, then = [line for line in done.stderr.splitlines() if "now count as" not in line]
        assert named.startswith(f"recording {spoilt} cannot be used: ")
        assert why in named
        assert told.startswith(counts)
        assert then.startswith("dragoman: 1 file could not be read. Replace them with complete copies and import again")
    spoilt.write_bytes(whole)
    done = here(*command)
    assert (done.code, done.stderr.splitlines()[0]) == (
        0,
        "1 reply imported, 2 left out (already in the store, or not of origin live or batch)",
    )
    assert "imported replies now count as replies of the service" in done.stderr
    with Store(tmp_path / "other.sqlite") as other:
        assert sorted(e.key for e in other.exchanges()) == sorted(e.key for e in store.exchanges())


# Pruning


def names_of(name: str) -> dict[str, str]:
    """All the ways to name an article."""
    digest = (name * 64)[:64]
    return {"name": f"{name}.txt", "digest": digest, "id": article_id(f"{name}.txt", digest), "short": digest[:10]}


@pytest.mark.parametrize("way", names_of("a"))
def test_an_article_is_pruned_by_any_of_its_names_and_no_other_goes(store: Store, way: str) -> None:
    """Its exchanges, its memo and its texts go; what another article still needs stays whole."""
    kept = of_article("b", created_at="2026-11-22T00:00:00Z")
    store.save(exchange_of(request_of("a", system="Only of a."), article="a.txt", article_sha256="a" * 64))
    store.save(of_article("a", 1))
    store.save(kept)
    for digest in ("a" * 64, "b" * 64):
        store.caches.remember(digest, "text/plain", "1", source_of())
    what = maintenance.prunable(store, article=names_of("a")[way])
    assert (len(what.ids), what.articles, what.unknown_cost) == (2, frozenset({"a" * 64}), 2)
    assert len(list(store.exchanges())) == 3
    maintenance.prune(store, what)
    assert list(store.exchanges()) == [kept]
    assert [row["sha256"] for row in store.rows("SELECT sha256 FROM sources")] == ["b" * 64]
    assert store.rows("SELECT count(*) FROM texts")[0][0] == 2
    assert maintenance.verify(store) == []


def test_a_day_prunes_what_was_asked_before_it(store: Store) -> None:
    """The day itself stays; the money that goes with it is told before."""
    store.save(of_article("a", cost_usd="0.10", created_at="2026-11-20T23:59:59Z"))
    store.save(of_article("a", 1, cost_usd="0.20", created_at="2026-11-21T00:00:00Z"))
    what = maintenance.prunable(store, before="2026-11-21")
    assert (len(what.ids), what.cost_usd, what.unknown_cost) == (1, Decimal("0.10"), 0)
    maintenance.prune(store, what)
    assert [exchange.cost_usd for exchange in store.exchanges()] == ["0.20"]


def test_an_article_that_keeps_a_reply_keeps_its_memo(store: Store) -> None:
    """Pruned by day, an article that was also asked later is still prepared."""
    store.save(of_article("a", created_at="2026-11-20T00:00:00Z"))
    store.save(of_article("a", 1))
    store.caches.remember("a" * 64, "text/plain", "1", source_of())
    maintenance.prune(store, maintenance.prunable(store, article="a.txt", before="2026-11-21"))
    assert store.caches.source("a" * 64, "text/plain", "1") is not None


@pytest.mark.parametrize("wrong", [{"article": "nothing.txt"}, {"before": "yesterday"}, {"before": "2026-13-01"}])
def test_nothing_is_pruned_by_a_name_or_day_that_there_is_not(store: Store, wrong: dict[str, str]) -> None:
    """A slip of the pen must not read as "everything"."""
    store.save(of_article("a"))
    with pytest.raises(ConfigError):
        maintenance.prunable(store, **wrong)


def test_a_pruned_article_leaves_no_trace_in_the_file(store: Store) -> None:
    """Its words are gone from the bytes on disk, not only from the tables."""
    store.save(exchange_of(request_of("the secret canary article"), body=message("the secret canary answer")))
    store.save(of_article("b"))
    maintenance.prune(store, maintenance.prunable(store, article="a.txt"))
    store.close()
    assert b"secret canary" not in b"".join(path.read_bytes() for path in store.path.parent.iterdir())


def test_a_prune_elsewhere_does_not_harm_what_is_saved_after_it(store: Store) -> None:
    """Another process removes a prompt's text that this one has just used: the next reply brings it along again."""
    store.save(of_article("a"))
    with Store(store.path) as other:
        maintenance.prune(other, maintenance.prunable(other))
        assert list(other.exchanges()) == []
    store.save(of_article("b"))
    assert list(store.exchanges()) == [of_article("b")]
    assert maintenance.verify(store) == []


# Repairing


def filled(path: Path, count: int = 40, *, compact: bool = True) -> dict[str, Exchange]:
    """A store of some pages, all of it in the file itself; gives its exchanges by key."""
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
    """The numbers, from 0, of the pages that a table's rows are on."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype <> 'internal'", (table,))
        return sorted(row[0] - 1 for row in rows)


def zeroed(number: int) -> Callable[[bytes], bytes]:
    """The file with one page of zeros, as a disk may leave it."""
    return lambda content: content[: number * PAGE] + bytes(PAGE) + content[(number + 1) * PAGE :]


def damaged_by(path: Path, damage: Callable[[bytes], bytes]) -> bytes:
    content = damage(path.read_bytes())
    path.write_bytes(content)
    return content


def test_what_a_bad_page_does_not_touch_is_saved_and_the_damaged_file_is_kept(store_path: Path) -> None:
    """Whichever page is lost: what comes back is as it was saved, most comes back, and nothing is thrown away."""
    made = filled(store_path)
    sound = store_path.read_bytes()
    for number in pages_of(store_path, "exchanges")[::5]:
        store_path.write_bytes(sound)
        bad = damaged_by(store_path, zeroed(number))
        repaired = maintenance.repair(store_path)
        assert repaired.damaged.read_bytes() == bad
        assert repaired.damaged.name.startswith(f"{store_path.name}.damaged-")
        repaired.damaged.unlink()
        with Store(store_path) as store:
            back = {exchange.key: exchange for exchange in store.exchanges()}
            assert maintenance.verify(store) == []
        assert len(back) == repaired.saved
        assert len(made) > repaired.saved > len(made) / 2
        assert all(made[key] == exchange for key, exchange in back.items())


@pytest.mark.parametrize("index", ["exchanges_by_key", "sqlite_autoindex_texts_1"])
def test_a_lost_index_loses_no_reply(store_path: Path, index: str) -> None:
    """Rows are read by their place, not by the index of keys, and the texts they share by their digests."""
    made = filled(store_path)
    damaged_by(store_path, zeroed(pages_of(store_path, index)[0]))
    assert maintenance.repair(store_path).saved == len(made)
    with Store(store_path) as store:
        assert all(found(store, key, settled=True) == exchange for key, exchange in made.items())


def test_a_lost_root_page_of_the_replies_loses_none(store_path: Path) -> None:
    """It only says where the others are; each of these is read by itself."""
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


@pytest.mark.parametrize(("note", "saved"), [("as it is", 20), ("damaged", 40)])
def test_a_pruned_reply_is_not_brought_back_by_a_repair(
    store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: str, saved: int
) -> None:
    """The prune was cut off before the space was given back: its rows still stand on older pages. What keeps them away
    is the note of their ids; without it, a reply too many is better than one too few."""
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
        assert salvage(file, log, db, {}) == Salvaged(saved, 0)
    with Store(target) as mended:
        days = {exchange.created_at[:10] for exchange in mended.exchanges()}
    assert days == ({"2026-11-22"} if saved == 20 else {"2026-11-20", "2026-11-22"})


@pytest.mark.parametrize(("beyond", "lost"), [(0, 0), (1, 1), (10**9, 0)])
def test_a_highest_id_that_cannot_be_is_not_believed(store_path: Path, tmp_path: Path, beyond: int, lost: int) -> None:
    """A damaged number must not be told as thousands of lost replies: no more can be lost than fitted into the file."""
    made = filled(store_path, 3)
    with Store(store_path) as store:
        store.change([("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'exchanges'", (beyond,))])
        store.compact()
    with closing(connect_new(tmp_path / "new")) as db:
        assert salvage(store_path, tmp_path / "no log", db, {}) == Salvaged(len(made), lost, len(made))


@pytest.mark.parametrize(("short_of_it", "lost"), [(0, True), (-1, False)])
def test_how_many_rows_may_be_lost_is_bounded_by_the_smallest_row(
    store_path: Path, tmp_path: Path, short_of_it: int, *, lost: bool
) -> None:
    """A row is never smaller than its key and four digests: 67 + 4 × 64 = 323 bytes."""
    made = filled(store_path, 3)
    most = store_path.stat().st_size // (67 + 4 * 64)
    with Store(store_path) as store:
        store.change([("UPDATE sqlite_sequence SET seq = seq + ?", (most - short_of_it,))])
        store.compact()
    with closing(connect_new(tmp_path / "new")) as db:
        told = salvage(store_path, tmp_path / "no log", db, {}).lost
    assert told == (most if lost else 0)
    assert len(made) == 3


def test_what_stands_behind_damage_in_the_log_is_saved(store_path: Path) -> None:
    """SQLite reads no further than the damage and then removes the log; a repair keeps all behind it."""
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
    repaired = maintenance.repair(store_path)
    assert repaired.saved >= len(made) - 1
    assert repaired.damaged.with_name(f"{repaired.damaged.name}-wal").read_bytes() == logged
    with Store(store_path) as store:
        assert {e.key for e in made[2:]} <= {exchange.key for exchange in store.exchanges()}


def test_a_log_that_only_lacks_its_end_is_no_damage(store_path: Path) -> None:
    """A process that was killed in the midst of a commit leaves one; nothing was kept that is not there."""
    log = store_path.with_name(f"{store_path.name}-wal")
    with Store(store_path) as store:
        for name in "abc":
            bought(store, of_article(name))
        content, logged = store_path.read_bytes(), log.read_bytes()
    store_path.write_bytes(content)
    log.write_bytes(logged + logged[-24 - PAGE : -PAGE - 20])
    with pytest.raises(ConfigError, match="nothing is wrong"):
        maintenance.repair(store_path)
    with Store(store_path) as store:
        assert len(list(store.exchanges())) == 3


def test_a_file_that_was_cut_off_gives_back_its_first_part(store_path: Path) -> None:
    """The newest rows are at its end; the older ones are saved."""
    made = filled(store_path)
    damaged_by(store_path, lambda content: content[: len(content) * 3 // 4 // PAGE * PAGE])
    repaired = maintenance.repair(store_path)
    assert 0 < repaired.saved < len(made)
    with Store(store_path) as store:
        assert all(made[exchange.key] == exchange for exchange in store.exchanges())


def test_a_reply_with_damage_inside_is_lost_and_one_that_never_was_an_answer_is_kept(store_path: Path) -> None:
    """The checksum tells the two apart, and nothing is counted as saved that no run would take."""
    damaged, evidence = exchange_of(request_of("a"), body=message("100")), exchange_of(request_of("b"), body="<html>")
    with Store(store_path) as store:
        for exchange in (damaged, evidence):
            bought(store, exchange)
    damaged_by(store_path, lambda content: content.replace(b'"100"', b'"700"'))
    repaired = maintenance.repair(store_path)
    assert (repaired.saved, repaired.lost) == (1, 1)
    with Store(store_path) as store:
        assert list(store.exchanges()) == [evidence]


SHARED = {"the prompt": "You read", "the schema": '{"properties"'}


@pytest.mark.parametrize("begins", SHARED.values(), ids=SHARED)
def test_a_damaged_prompt_text_loses_no_reply_where_the_prompt_is_at_hand(store_path: Path, begins: str) -> None:
    """It stands once for all its replies; without the prompt itself, all of them would be lost."""
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
    without = maintenance.repair(store_path)
    assert (without.saved, without.lost) == (0, 3)
    without.damaged.unlink()
    store_path.write_bytes(sound)
    repaired = maintenance.repair(store_path, LIBRARY.shared_texts())
    assert (repaired.saved, repaired.lost) == (3, 0)
    with Store(store_path) as store:
        assert list(store.exchanges()) == made


FIRST_PAGES: dict[str, Callable[[bytes], bytes]] = {
    "a header of junk": lambda content: b"x" * 100 + content[100:],
    "a first page of zeros": zeroed(0),
    "a first page of junk": lambda content: b"x" * PAGE + content[PAGE:],
    "names of tables that are none": lambda content: content.replace(b"exchanges", b"exch\xc7\xe1nge"),
    "tables that begin elsewhere": lambda content: content.replace(b"exchanges\x05CREATE", b"exchanges\x03CREATE"),
}


@pytest.mark.parametrize("compact", [True, False], ids=["compacted", "as it grew"])
@pytest.mark.parametrize("damage", FIRST_PAGES.values(), ids=FIRST_PAGES)
def test_a_lost_first_page_loses_no_reply(store_path: Path, damage: Callable[[bytes], bytes], *, compact: bool) -> None:
    """It tells where the tables begin; in every store of ours they begin on the same pages."""
    made = filled(store_path, compact=compact)
    sound = store_path.read_bytes()
    bad = damaged_by(store_path, damage)
    assert bad != sound
    repaired = maintenance.repair(store_path)
    assert (repaired.saved, repaired.lost, repaired.damaged.read_bytes()) == (len(made), 0, bad)
    with Store(store_path) as store:
        assert all(found(store, key, settled=True) == exchange for key, exchange in made.items())
        assert maintenance.verify(store) == []
    assert len(list(store_path.parent.iterdir())) == 2


def test_a_lost_first_page_and_another_lose_what_stood_on_the_other(store_path: Path) -> None:
    """What is said to be lost and what is saved make up what was there."""
    made = filled(store_path)
    second = pages_of(store_path, "exchanges")[5]
    damaged_by(store_path, lambda content: zeroed(0)(zeroed(second)(content)))
    repaired = maintenance.repair(store_path)
    assert repaired.lost
    assert repaired.saved + repaired.lost == len(made)


def test_a_lost_first_page_does_not_hide_what_is_still_in_the_log(store_path: Path) -> None:
    """A process that was killed leaves its last replies beside the file; they are saved with the others."""
    made = filled(store_path)
    last = exchange_of(request_of("the last"))
    with Store(store_path) as store:
        bought(store, last)
        beside = {name: Path(f"{store_path}{name}").read_bytes() for name in ("-wal", "-shm")}
        content = store_path.read_bytes()
    store_path.write_bytes(zeroed(0)(content))
    for name, kept in beside.items():
        Path(f"{store_path}{name}").write_bytes(kept)
    assert maintenance.repair(store_path).saved == len(made) + 1
    with Store(store_path) as store:
        assert found(store, last.key) == last


HOPELESS: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda content: b"",
    "nothing but the first page": lambda content: content[:PAGE],
    "a bad first page and no other": lambda content: bytes(PAGE),
    "zeros": lambda content: bytes(len(content)),
    "another file": lambda content: b"x" * len(content),
}


@pytest.mark.parametrize("damage", HOPELESS.values(), ids=HOPELESS)
def test_where_nothing_can_be_read_a_new_store_is_made_beside_the_old_file(
    store_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    """The bytes are kept under the other name, work can go on, and nobody says that nothing was lost."""
    filled(store_path, 3)
    bad = damaged_by(store_path, damage)
    repaired = maintenance.repair(store_path)
    assert (repaired.saved, repaired.lost, repaired.damaged.read_bytes()) == (0, None, bad)
    with Store(store_path) as store:
        store.save(exchange_of())
    assert len(list(store_path.parent.iterdir())) == 2


def test_a_place_where_nothing_can_be_made_is_store_trouble(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged store on a read-only file system: it says so, and the store is as it was."""
    filled(store_path, 3)
    bad = damaged_by(store_path, zeroed(0))

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(store_file, "is_read_only", lambda path: True)
    monkeypatch.setattr(maintenance, "connect_new", refuse)
    monkeypatch.setattr(maintenance, "remove", refuse)
    with pytest.raises(StoreError, match=r"its file system is read-only; make it writable, or name a copy"):
        maintenance.repair(store_path)
    assert store_path.read_bytes() == bad


def test_a_sound_store_is_not_repaired(store_path: Path) -> None:
    """Nothing is moved where nothing is wrong."""
    filled(store_path, 3)
    before = store_path.read_bytes()
    with pytest.raises(ConfigError, match="nothing is wrong"):
        maintenance.repair(store_path)
    assert store_path.read_bytes() == before
    assert list(store_path.parent.iterdir()) == [store_path]


def test_a_place_without_a_store_is_not_repaired(store_path: Path) -> None:
    """It is named, and nothing is made there."""
    with pytest.raises(ConfigError, match=store_path.name):
        maintenance.repair(store_path)
    assert not store_path.exists()


@pytest.mark.parametrize("pragma", ["user_version = 99", "application_id = 1"], ids=["newer", "another program's"])
def test_a_sound_file_that_is_not_ours_is_not_repaired(store_path: Path, pragma: str) -> None:
    """A newer dragoman's store or another program's database is not damage."""
    filled(store_path, 3)
    with closing(sqlite3.connect(store_path)) as db:
        db.execute(f"PRAGMA {pragma}")
    before = store_path.read_bytes()
    with pytest.raises(StoreError):
        maintenance.repair(store_path)
    assert store_path.read_bytes() == before


def test_a_tampered_row_is_left_out_by_a_repair(store_path: Path) -> None:
    """What does not answer its own key is not served again; it stays in the damaged file."""
    made = filled(store_path, 3)
    with Store(store_path) as store:
        store.change([("UPDATE exchanges SET user = 'another' WHERE id = 2", ())])
    repaired = maintenance.repair(store_path)
    assert (repaired.saved, repaired.lost) == (2, 1)
    with Store(store_path) as store:
        assert len(list(store.exchanges())) == len(made) - 1


def test_a_repaired_store_is_as_private_as_any(store_path: Path) -> None:
    """Mode 0600."""
    filled(store_path, 3)
    damaged_by(store_path, zeroed(0))
    maintenance.repair(store_path)
    assert store_path.stat().st_mode & 0o777 == 0o600


def test_stats_are_plain_json(store: Store) -> None:
    """They go to stdout as they are."""
    store.save(of_article("a", cost_usd="0.10"))
    assert json.loads(json.dumps(maintenance.stats(store)))["cost_usd"] == "0.1"
