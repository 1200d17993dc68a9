"""A store can be counted, verified, exported and pruned without losing paid replies that were not meant to go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from dragoman.core.article import article_id
from dragoman.core.exchange import Exchange
from dragoman.errors import ConfigError, StoreError
from dragoman.store import maintenance
from dragoman.store.maintenance import Imported
from dragoman.store.protocol import Rejection
from dragoman.store.recordings import Recordings, path_of
from dragoman.store.recordings import write as write_recording
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, found, message, request_of, source_of
from tests.support.commands import here

PAGE = 4096


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def of_article(name: str, number: int = 0, **others: str) -> Exchange:
    """An exchange about an article of that name, with its own digest."""
    values = {"article": f"{name}.txt", "article_sha256": (name * 64)[:64], **others}
    return exchange_of(request_of(f"{name} {number}"), **values)


def bought(store: Store, exchange: Exchange) -> None:
    """Save and settle an exchange, as a run does."""
    store.settle(store.save(exchange), exchange.cost_usd, exchange.price_table)


# Counting


def test_money_is_counted_in_total_and_by_group_and_unknown_is_not_zero(store: Store) -> None:
    """By day, model, prompt and provider; a reply without a price is counted separately and never as 0."""
    store.save(of_article("a", cost_usd="0.10", created_at="2026-11-20T10:00:00Z"))
    store.save(of_article("a", 1, cost_usd="0.2", endpoint="bedrock"))
    store.save(of_article("b", prompt="translation/v1"))
    store.caches.save_source("d", "text/plain", "1", source_of())
    counts = maintenance.stats(store)
    assert (counts["exchanges"], counts["articles"], counts["prepared_sources"]) == (3, 2, 1)
    assert (counts["cost_usd"], counts["unknown_cost"]) == ("0.3", 1)
    assert counts["by_day"] == {
        "2026-11-20": {"exchanges": 1, "cost_usd": "0.1", "unknown_cost": 0},
        "2026-11-21": {"exchanges": 2, "cost_usd": "0.2", "unknown_cost": 1},
    }
    assert {name: group["exchanges"] for name, group in counts["by_provider"].items()} == {"anthropic": 2, "bedrock": 1}
    assert {name: group["cost_usd"] for name, group in counts["by_prompt"].items()} == {
        "summary/v1": "0.3",
        "translation/v1": "0",
    }


# Verifying


def test_a_sound_store_has_nothing_to_report(store: Store) -> None:
    """With any characters in it."""
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
    """The key is computed again from the request in the row, and the problem names the article."""
    row = store.save(exchange_of())
    store.save(exchange_of(request_of("other", system="Other.", schema={"type": "array"})))
    store.change([(f"{change} AND sha256 > ''" if "texts" in change else f"{change} WHERE id = {row}", ())])
    (problem,) = maintenance.verify(store)
    assert f"exchange {row} of a.txt" in problem


DAMAGED = {
    "the reply": "UPDATE exchanges SET body = replace(body, '0', '8')",
    "the origin": "UPDATE exchanges SET origin = 'batch'",
    "the price": "UPDATE exchanges SET cost_usd = '0.l'",
    "the price, another amount": "UPDATE exchanges SET cost_usd = '0.11'",
    "the price, removed": "UPDATE exchanges SET cost_usd = NULL",
    "the price table": "UPDATE exchanges SET price_table = '2025-01-02'",
    "the state": "UPDATE exchanges SET settled = 3",
    "the service": "UPDATE exchanges SET endpoint = 'bedrock'",
    "the number of tokens": "UPDATE exchanges SET body = replace(body, '1000', '1001')",
    "one of two checksums": "UPDATE exchanges SET checksum = NULL",
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED)
def test_a_changed_reply_is_reported_and_never_served(store: Store, change: str) -> None:
    """SQLite does not notice damage inside a text; the checksum of the row does."""
    exchange = of_article("a", body=message("100 of 100"), cost_usd="0.10", price_table="2025-01-01")
    bought(store, exchange)
    store.change([(change, ())])
    (problem,) = maintenance.verify(store)
    assert "exchange 1 of a.txt" in problem
    with pytest.raises(StoreError, match="dragoman store repair"):
        found(store, exchange.key)


def test_a_reply_of_a_store_without_checksums_is_served(store: Store) -> None:
    """Rows of earlier versions have none. The key still covers their requests."""
    exchange = of_article("a")
    bought(store, exchange)
    store.change([("UPDATE exchanges SET checksum = NULL, settled_checksum = NULL", ())])
    assert maintenance.verify(store) == []
    assert found(store, exchange.key) == exchange
    assert maintenance.unsealed(store) == (1, 0)


def test_a_reply_of_a_store_without_a_checksum_of_prices_is_served_and_counted(store: Store, store_path: Path) -> None:
    """Rows of the previous version have one of two checksums. `store verify` counts them."""
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


def test_an_export_holds_the_replies_that_a_run_would_be_served(store: Store, tmp_path: Path) -> None:
    """The newest reply of each key, as recordings that give back the same exchanges."""
    for exchange in (of_article("a"), of_article("b"), of_article("a", body=message("newer"))):
        bought(store, exchange)
    assert maintenance.export(store, tmp_path / "out") == 2
    library = Recordings(tmp_path / "out")
    for key in (of_article("a").key, of_article("b").key):
        assert library.find(key) == found(store, key, settled=True)


def test_a_reply_that_was_set_aside_is_not_exported_in_place_of_the_answer(store: Store, tmp_path: Path) -> None:
    """A refusal from a later run is newer, but would not be served to any run."""
    bought(store, of_article("a"))
    store.settle(store.save(of_article("a", body=message("no"))), None, None, aside=True)
    maintenance.export(store, tmp_path / "out")
    assert list(Recordings(tmp_path / "out")) == [of_article("a")]


def test_one_article_can_be_exported_alone(store: Store, tmp_path: Path) -> None:
    """By the name of the article in its requests."""
    store.save(of_article("a"))
    store.save(of_article("b"))
    assert maintenance.export(store, tmp_path / "out", article="b.txt") == 1
    assert list(Recordings(tmp_path / "out")) == [of_article("b")]


def test_a_reply_of_a_local_server_does_not_replace_that_of_claude_in_an_export(store: Store, tmp_path: Path) -> None:
    """When the same request is later sent to a local server, the recording still holds the reply of Claude."""
    paid = of_article("a")
    store.save(paid)
    store.save(replace(paid, endpoint="custom", base_url="http://localhost:8080", body=message("local")))
    maintenance.export(store, tmp_path / "out")
    assert list(Recordings(tmp_path / "out")) == [paid]


def test_an_export_can_be_imported_into_another_store_once(store: Store, tmp_path: Path) -> None:
    """Live replies are imported unchanged, a second import takes none, and handwritten replies are left out."""
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
    "cut off": (lambda whole: whole[:300], "it is cut off or is not JSON (line "),
    "empty": (lambda _: b"", "it is cut off or is not JSON (line 1, column 1)"),
    "another JSON": (lambda _: b'{"articles": 3}', "it is not a recording: 'schema' is missing"),
    "a list": (lambda _: b"[1]", "it is not a recording: a value in it has another type"),
    "not text": (lambda whole: whole[:100] + b"\xff" + whole[100:], "it is not UTF-8 text"),
    "changed": (lambda whole: whole.replace(b'"max_tokens": 1', b'"max_tokens": 2'), "the key of the request is x1:"),
    "nested": (lambda _: b"[" * 100_000, "it is nested too deep"),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILT.values(), ids=SPOILT)
def test_a_damaged_recording_is_named_and_the_others_are_imported(
    spoil: Callable[[bytes], bytes], why: str, store: Store, tmp_path: Path
) -> None:
    """Exit 3, with the file, the reason and what to do. Once the file is complete, only it is imported."""
    for name in ("a", "b", "c"):
        bought(store, of_article(name))
    maintenance.export(store, tmp_path / "exported")
    spoilt = path_of(tmp_path / "exported", of_article("b").key)
    whole = spoilt.read_bytes()
    spoilt.write_bytes(spoil(whole))
    command = ("store", "import", tmp_path / "exported", "--store", tmp_path / "other.sqlite")
    for counts in ("2 replies imported, 0 left out", "0 replies imported, 2 left out"):
        done = here(*command)
        assert (done.code, done.stdout) == (3, "")
        problem, counted, advice = [line for line in done.stderr.splitlines() if "now count as" not in line]
        assert problem.startswith(f"recording {spoilt} cannot be used: ")
        assert why in problem
        assert counted.startswith(counts)
        assert advice.startswith(
            "dragoman: 1 file could not be read. Replace them with complete copies and import again"
        )
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
    """Every way to name an article."""
    digest = (name * 64)[:64]
    return {"name": f"{name}.txt", "digest": digest, "id": article_id(f"{name}.txt", digest), "short": digest[:10]}


@pytest.mark.parametrize("way", names_of("a"))
def test_an_article_is_pruned_by_any_of_its_names_and_no_other_article_is(store: Store, way: str) -> None:
    """Its exchanges, its cached source and its texts are removed. Texts that another article needs stay."""
    remaining = of_article("b", created_at="2026-11-22T00:00:00Z")
    store.save(exchange_of(request_of("a", system="Only of a."), article="a.txt", article_sha256="a" * 64))
    store.save(of_article("a", 1))
    store.save(remaining)
    for digest in ("a" * 64, "b" * 64):
        store.caches.save_source(digest, "text/plain", "1", source_of())
    selection = maintenance.prunable(store, article=names_of("a")[way])
    assert (len(selection.ids), selection.articles, selection.unknown_cost) == (2, frozenset({"a" * 64}), 2)
    assert len(list(store.exchanges())) == 3
    maintenance.prune(store, selection)
    assert list(store.exchanges()) == [remaining]
    assert [row["sha256"] for row in store.rows("SELECT sha256 FROM sources")] == ["b" * 64]
    assert store.rows("SELECT count(*) FROM texts")[0][0] == 2
    assert maintenance.verify(store) == []


def test_a_day_prunes_the_exchanges_before_it(store: Store) -> None:
    """Exchanges of the day itself stay. What the removed ones cost is known before they are removed."""
    store.save(of_article("a", cost_usd="0.10", created_at="2026-11-20T23:59:59Z"))
    store.save(of_article("a", 1, cost_usd="0.20", created_at="2026-11-21T00:00:00Z"))
    selection = maintenance.prunable(store, before="2026-11-21")
    assert (len(selection.ids), selection.cost_usd, selection.unknown_cost) == (1, Decimal("0.10"), 0)
    maintenance.prune(store, selection)
    assert [exchange.cost_usd for exchange in store.exchanges()] == ["0.20"]


@pytest.mark.parametrize("chosen", [{"article": "a.txt"}, {"before": "2026-11-21"}])
def test_what_is_pruned_of_an_article_includes_its_rejected_requests(store: Store, chosen: dict[str, str]) -> None:
    """Also when no reply about it is stored. A later run sends such a request again."""
    for name, day in (("a", "20"), ("b", "21")):
        rejection = Rejection(f"{name}.txt", name * 64, 413, "too long", f"2026-11-{day}T00:00:00Z")
        store.rejections.save(f"x1:{name}", "anthropic", rejection)
    selection = maintenance.prunable(store, **chosen)
    assert (selection.ids, selection.rejections) == ((), (("x1:a", "anthropic"),))
    maintenance.prune(store, selection)
    assert store.rejections.find("x1:a", "anthropic") is None
    assert store.rejections.find("x1:b", "anthropic") is not None


def test_an_article_that_keeps_a_reply_keeps_its_cached_source(store: Store) -> None:
    """It has later exchanges, so its source may be needed again."""
    store.save(of_article("a", created_at="2026-11-20T00:00:00Z"))
    store.save(of_article("a", 1))
    store.caches.save_source("a" * 64, "text/plain", "1", source_of())
    maintenance.prune(store, maintenance.prunable(store, article="a.txt", before="2026-11-21"))
    assert store.caches.source("a" * 64, "text/plain", "1") is not None


@pytest.mark.parametrize("wrong", [{"article": "nothing.txt"}, {"before": "yesterday"}, {"before": "2026-13-01"}])
def test_an_unknown_name_or_an_invalid_day_prunes_nothing(store: Store, wrong: dict[str, str]) -> None:
    """A typing error must not select all exchanges."""
    store.save(of_article("a"))
    with pytest.raises(ConfigError):
        maintenance.prunable(store, **wrong)


def test_a_pruned_article_leaves_no_trace_in_the_file(store: Store) -> None:
    """Its words are removed from the bytes on disk, not only from the tables."""
    store.save(exchange_of(request_of("the secret canary article"), body=message("the secret canary answer")))
    store.save(of_article("b"))
    maintenance.prune(store, maintenance.prunable(store, article="a.txt"))
    store.close()
    assert b"secret canary" not in b"".join(path.read_bytes() for path in store.path.parent.iterdir())


def test_pruning_in_another_process_does_not_harm_later_replies(store: Store) -> None:
    """Another process removes the text of a prompt that this one has just used. The next reply saves it again."""
    store.save(of_article("a"))
    with Store(store.path) as other:
        maintenance.prune(other, maintenance.prunable(other))
        assert list(other.exchanges()) == []
    store.save(of_article("b"))
    assert list(store.exchanges()) == [of_article("b")]
    assert maintenance.verify(store) == []


def test_stats_are_plain_json(store: Store) -> None:
    """They are printed unchanged."""
    store.save(of_article("a", cost_usd="0.10"))
    assert json.loads(json.dumps(maintenance.stats(store)))["cost_usd"] == "0.1"
