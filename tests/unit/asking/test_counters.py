"""Counts of one invocation by name, by reason and by kind of token; threads lose none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from dragoman.asking.counters import Counters
from dragoman.core.usage import Usage


def test_counts_go_up_and_down_by_name() -> None:
    counters = Counters()
    counters.add(hits=2, in_flight=1)
    counters.add(in_flight=-1, lost=3)
    assert (counters.hits, counters.in_flight, counters.lost, counters.replies) == (2, 0, 3, 0)


def test_a_count_that_does_not_exist_is_a_bug() -> None:
    """A misspelt name does not create a new count."""
    with pytest.raises(AttributeError):
        Counters().add(misspelt=1)


def test_retries_are_counted_by_reason_and_their_waits_add_up() -> None:
    counters = Counters()
    for why, seconds in (("429", 1.5), ("500", 2.0), ("429", 0.25)):
        counters.record_retry(why, seconds)
    assert counters.retries == {"429": 2, "500": 1}
    assert counters.retry_seconds == 3.75


def test_tokens_are_counted_as_they_are_billed() -> None:
    """Both kinds of cache writes are one count; input excludes everything read from or written to the cache."""
    counters = Counters()
    for _ in range(2):
        counters.record_usage(
            Usage(1, 10, cache_read_tokens=100, cache_write_5m_tokens=1000, cache_write_1h_tokens=10_000)
        )
    counters.record_usage(None)
    assert counters.tokens == {"input": 2, "output": 20, "cache_read": 200, "cache_write": 22_000}


def test_fields_that_were_left_out_are_noted_once() -> None:
    counters = Counters()
    for fields in ((), ("thinking",), ("thinking", "output_config")):
        counters.record_left_out(fields)
    assert counters.left_out == {"thinking", "output_config"}


def test_no_count_is_lost_between_threads() -> None:
    counters = Counters()

    def work(_: int) -> None:
        for _ in range(500):
            counters.add(attempts=1, in_flight=1)
            counters.add(in_flight=-1)
            counters.record_retry("429", 1.0)
            counters.record_usage(Usage(1, 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert (counters.attempts, counters.in_flight, counters.retries["429"], counters.tokens["input"]) == (
        4000,
        0,
        4000,
        4000,
    )
    assert counters.retry_seconds == 4000.0
