"""The caches of a store return what was computed before, and no commit waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.core.source import Source, Step
from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, source_of

CLAUDE = Scope()


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def sources_in_the_file(store: Store) -> int:
    """The number of cached sources that another process sees."""
    with Store(store.path) as other:
        return int(other.rows("SELECT count(*) FROM sources")[0][0])


def test_a_source_is_found_under_its_recipe_only(store: Store) -> None:
    """Another recipe could read the same bytes in another way, so its source replaces the old one."""
    plain = source_of()
    source = Source(
        text=plain.text,
        paragraphs=plain.paragraphs,
        language="vi",
        script="Latn",
        encoding="utf-8",
        encoding_from="bom",
        extracted="\x01" + plain.text,
        steps=(Step(0, 1, "", "control character"),),
        notes=("a note",),
    )
    store.caches.save_source("d", "text/plain", "1", source)
    assert store.caches.source("d", "text/plain", "1") == source
    assert store.caches.source("d", "text/html", "1") is None
    assert store.caches.source("d", "text/plain", "2") is None
    store.caches.save_source("d", "text/plain", "2", plain)
    assert store.caches.source("d", "text/plain", "1") is None


DAMAGED = {
    "bytes that are not text": "CAST(replace(CAST(source AS BLOB), x'6f', x'ff') AS TEXT)",
    "another letter": "replace(source, 'o', 'a')",
    "not JSON": "substr(source, 1, 20)",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_source_counts_as_absent(store: Store, damage: str) -> None:
    """It can be prepared again, so it is no error, and no request is made from the damaged text."""
    exchange = exchange_of(article_sha256="d")
    store.save(exchange)
    store.caches.save_source("d", "text/plain", "1", source_of())
    store.caches.commit()
    store.change([(f"UPDATE sources SET source = {damage}", ())])
    assert store.caches.source("d", "text/plain", "1") is None
    assert [ask for ask, _ in store.newest_first_asks(exchange.request.model, CLAUDE, 9)] == [exchange]


def test_a_finished_record_with_a_damaged_state_matches_no_exchanges(store: Store) -> None:
    """Bytes that are not text are no error either."""
    store.caches.save_finished("digest", "article", "1:1", b"record")
    store.caches.commit()
    store.change([("UPDATE finished SET state = CAST(x'31ff31' AS TEXT)", ())])
    finished = store.caches.finished("digest")
    assert finished is not None
    assert finished[0] != "1:1"


def test_an_entry_is_written_with_the_next_commit_of_the_store(store: Store) -> None:
    """A separate commit would wait for the disk once more."""
    store.caches.save_source("d", "text/plain", "1", source_of())
    assert sources_in_the_file(store) == 0
    store.save(exchange_of())
    assert sources_in_the_file(store) == 1


def test_an_entry_that_is_not_written_yet_is_found(store: Store) -> None:
    """Looking it up writes it; looking up another digest does not."""
    store.caches.save_source("d", "text/plain", "1", source_of())
    assert store.caches.source("other", "text/plain", "1") is None
    assert sources_in_the_file(store) == 0
    assert store.caches.source("d", "text/plain", "1") == source_of()
    assert sources_in_the_file(store) == 1


def test_at_most_64_entries_wait_to_be_written(store: Store) -> None:
    """A run that commits nothing else would keep all its sources in memory, and lose them when it is killed."""
    for number in range(63):
        store.caches.save_source(str(number), "text/plain", "1", source_of())
    assert sources_in_the_file(store) == 0
    store.caches.save_source("63", "text/plain", "1", source_of())
    assert sources_in_the_file(store) == 64


def test_closing_a_store_writes_the_entries_that_wait(store_path: Path) -> None:
    """There may be no other commit before that."""
    with Store(store_path) as store:
        store.caches.save_finished("digest", "article", "1:1", b"record")
    with Store(store_path) as store:
        assert store.caches.finished("digest") == ("1:1", b"record")


def test_an_entry_replaces_the_earlier_one_of_the_same_digest(store: Store) -> None:
    """A record is finished again when an exchange is added to it."""
    store.caches.save_finished("digest", "article", "1:1", b"first")
    store.caches.save_finished("digest", "article", "2:2", b"second")
    assert store.caches.finished("digest") == ("2:2", b"second")
