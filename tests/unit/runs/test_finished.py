"""The cache of finished records: what it gives back, and when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from dragoman.core.header import StoredRecord, header_of
from dragoman.core.outcome import Outcome
from dragoman.runs.finished import FinishedRecords
from dragoman.runs.record_builder import record_of
from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.review import Review
from tests.support.builders import article_of, exchange_of, source_of, spec_of

ARTICLE = article_of()
SPECS = (spec_of("summary"),)
EXCHANGE = exchange_of()


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def stored_record(store: Store) -> StoredRecord:
    """The record of an article that depends on one exchange of the store."""
    store.settle(store.save(EXCHANGE), EXCHANGE.cost_usd, EXCHANGE.price_table)
    outcome = TaskOutcome(SPECS[0], "ok", None, None, (EXCHANGE,))
    record = record_of(ARTICLE, source_of(), [Review(outcome)])
    return StoredRecord(header_of(record), Outcome(record, None).line)


def test_a_record_comes_back_as_it_was_saved(store: Store) -> None:
    """Header and line, without parsing an answer again."""
    records = FinishedRecords(store, Scope(), SPECS)
    assert records.find(ARTICLE) is None
    record = stored_record(store)
    records.save(ARTICLE, record)
    found = records.find(ARTICLE)
    assert found is not None
    assert (found.header, found.line) == (record.header, record.line)


def test_a_record_is_not_found_under_anything_else_that_makes_a_record(store: Store) -> None:
    """Another name, other bytes, another task, other settings."""
    FinishedRecords(store, Scope(), SPECS, 2).save(ARTICLE, stored_record(store))
    assert FinishedRecords(store, Scope(), SPECS, 2).find(ARTICLE) is not None
    for article in (article_of(name="b.txt"), article_of("khác")):
        assert FinishedRecords(store, Scope(), SPECS, 2).find(article) is None
    assert FinishedRecords(store, Scope(), (spec_of("translation"),), 2).find(ARTICLE) is None
    assert FinishedRecords(store, Scope(), SPECS, 1).find(ARTICLE) is None


def test_a_record_is_not_found_when_a_newer_reply_takes_the_place_of_its_own(store: Store) -> None:
    """The exchanges of its request keys must be the same."""
    records = FinishedRecords(store, Scope(), SPECS)
    records.save(ARTICLE, stored_record(store))
    newer = exchange_of(created_at="2026-11-22T10:00:00Z")
    store.settle(store.save(newer), None, None)
    assert records.find(ARTICLE) is None


@pytest.mark.parametrize("offset", [0, 3, 4, 40], ids=["checksum", "end of the checksum", "header", "record"])
def test_a_damaged_entry_is_not_found(offset: int, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not notice damage inside a value; the four bytes of the checksum do."""
    records = FinishedRecords(store, Scope(), SPECS)
    records.save(ARTICLE, stored_record(store))
    finished = store.caches.finished

    def damaged(digest: str) -> tuple[str, bytes] | None:
        entry = finished(digest)
        assert entry is not None
        state, content = entry
        return state, content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :]

    monkeypatch.setattr(store.caches, "finished", damaged)
    assert records.find(ARTICLE) is None


def test_an_entry_of_another_form_is_not_found(store: Store) -> None:
    """Behind the four bytes of a right checksum there must be a header and a record."""
    records = FinishedRecords(store, Scope(), SPECS)
    record = stored_record(store)
    records.save(ARTICLE, record)
    digest = records._digest(ARTICLE)
    entry = store.caches.finished(digest)
    assert entry is not None
    for lines, is_found in ((record.header.to_json() + b"\n" + record.line, True), (b"no header\n{}", False)):
        store.caches.save_finished(digest, ARTICLE.sha256, entry[0], crc32(lines).to_bytes(4) + lines)
        assert (records.find(ARTICLE) is not None) is is_found
