"""The store remembers the requests that a service rejected for good, and nothing else about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.store.protocol import Rejection
from dragoman.store.sqlite.store import Store

KEY = "x1:" + "0" * 64
TOO_LONG = Rejection("a.txt", "1" * 64, 413, "the Claude API answered 413: quá dài", "2026-11-21T10:00:00Z")


def test_a_rejection_is_found_by_its_key_and_its_service(store_path: Path) -> None:
    """Also by the next process; another key, or another service, was not rejected."""
    with Store(store_path) as store:
        assert store.rejections.find(KEY, "anthropic") is None
        store.rejections.save(KEY, "anthropic", TOO_LONG)
    with Store(store_path) as store:
        assert store.rejections.find(KEY, "anthropic") == TOO_LONG
        assert store.rejections.find(KEY, "http://127.0.0.1:1") is None
        assert store.rejections.find("x1:" + "1" * 64, "anthropic") is None


def test_the_latest_rejection_of_a_request_counts(store_path: Path) -> None:
    """There is one row for each key and service."""
    later = Rejection("b.txt", "1" * 64, 400, "blocked", "2026-11-22T10:00:00Z")
    with Store(store_path) as store:
        store.rejections.save(KEY, "anthropic", TOO_LONG)
        store.rejections.save(KEY, "anthropic", later)
        assert store.rejections.find(KEY, "anthropic") == later
        assert len(store.rows("SELECT * FROM rejections")) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE rejections SET message = 'something else'",
        "UPDATE rejections SET status = 400",
        "UPDATE rejections SET message = CAST(x'ff' AS TEXT)",
    ],
    ids=["another message", "another status", "not text"],
)
def test_a_damaged_rejection_counts_as_absent(damage: str, store_path: Path) -> None:
    """The request is sent again, which costs nothing."""
    with Store(store_path) as store:
        store.rejections.save(KEY, "anthropic", TOO_LONG)
        store.change([(damage, ())])
        assert store.rejections.find(KEY, "anthropic") is None
