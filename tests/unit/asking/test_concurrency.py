"""The limit of requests in flight doubles with each round of answers, is halved by throttling, then grows slowly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.asking.concurrency import Concurrency


def test_without_a_number_it_starts_with_four_and_grows_to_sixty_four() -> None:
    """It grows by one for each answer. The figures are literal, so that the test fails when one of them changes."""
    concurrency = Concurrency()
    assert (concurrency.limit, concurrency.ceiling) == (4, 64)
    grown = [concurrency.record_answer() for _ in range(70)]
    assert grown == [True] * 60 + [False] * 10
    assert concurrency.limit == 64


@pytest.mark.parametrize("number", [1, 7, 200])
def test_a_requested_number_is_both_the_start_and_the_ceiling(number: int) -> None:
    concurrency = Concurrency(number)
    assert not concurrency.record_answer()
    assert (concurrency.limit, concurrency.ceiling) == (number, number)


@pytest.mark.parametrize(("in_flight", "limit"), [(63, 32), (9, 5), (1, 1), (0, 1)])
def test_a_throttled_request_halves_what_was_in_flight(in_flight: int, limit: int) -> None:
    """The throttled request counts too, and one request is always allowed."""
    concurrency = Concurrency(64)
    concurrency.record_throttling(in_flight)
    assert concurrency.limit == limit


def test_after_throttling_it_grows_by_one_for_each_round_of_answers() -> None:
    """The service has shown where its limit is."""
    concurrency = Concurrency(64)
    concurrency.record_throttling(63)
    for _ in range(33):
        concurrency.record_answer()
    assert concurrency.limit == 33


def test_after_an_outage_it_grows_from_four_as_at_the_start() -> None:
    """Also if it was throttled before, and never from more than it had."""
    concurrency = Concurrency()
    for _ in range(60):
        concurrency.record_answer()
    concurrency.record_throttling(63)
    concurrency.restart()
    assert concurrency.limit == 4
    concurrency.record_answer()
    assert concurrency.limit == 5
    small = Concurrency(2)
    small.restart()
    assert small.limit == 2


@given(st.none() | st.integers(1, 100), st.lists(st.sampled_from(["answer", "throttling", "restart"]), max_size=200))
def test_it_stays_between_one_and_its_ceiling(requested: int | None, events: list[str]) -> None:
    concurrency = Concurrency(requested)
    for event in events:
        if event == "answer":
            concurrency.record_answer()
        elif event == "throttling":
            concurrency.record_throttling(concurrency.limit - 1)
        else:
            concurrency.restart()
        assert 1 <= concurrency.limit <= concurrency.ceiling
