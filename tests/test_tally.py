"""Counts of one invocation: by name, by reason, by kind of token, and none is lost between threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dragoman.exchange import Usage
from dragoman.tally import Tally


def test_counts_go_up_and_down_by_name() -> None:
    tally = Tally()
    tally.add(hits=2, in_flight=1)
    tally.add(in_flight=-1, lost=3)
    assert (tally.hits, tally.in_flight, tally.lost, tally.replies) == (2, 0, 3, 0)


def test_a_count_that_does_not_exist_is_a_bug() -> None:
    """A misspelt name is no new count."""
    with pytest.raises(AttributeError):
        Tally().add(misspelt=1)


def test_retries_are_counted_by_reason_and_their_waits_add_up() -> None:
    tally = Tally()
    for why, seconds in (("429", 1.5), ("500", 2.0), ("429", 0.25)):
        tally.retried(why, seconds)
    assert tally.retries == {"429": 2, "500": 1}
    assert tally.retry_seconds == 3.75


def test_tokens_are_counted_as_they_are_billed() -> None:
    """Both kinds of cache writes are one count; input is what the cache had no part in."""
    tally = Tally()
    for _ in range(2):
        tally.used(Usage(1, 10, cache_read_tokens=100, cache_write_5m_tokens=1000, cache_write_1h_tokens=10_000))
    tally.used(None)
    assert tally.tokens == {"input": 2, "output": 20, "cache_read": 200, "cache_write": 22_000}


def test_no_count_is_lost_between_threads() -> None:
    tally = Tally()

    def work(_: int) -> None:
        for _ in range(500):
            tally.add(attempts=1, in_flight=1)
            tally.add(in_flight=-1)
            tally.retried("429", 1.0)
            tally.used(Usage(1, 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert (tally.attempts, tally.in_flight, tally.retries["429"], tally.tokens["input"]) == (4000, 0, 4000, 4000)
    assert tally.retry_seconds == 4000.0
