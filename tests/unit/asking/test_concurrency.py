"""How many requests may be in flight: doubles with each round of answers, halves with refusals, then grows slowly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.asking.concurrency import Concurrency


def test_without_a_number_it_starts_with_four_and_grows_to_sixty_four() -> None:
    """By one for each answer; each figure by itself, so that a test fails when one of them changes."""
    concurrency = Concurrency()
    assert (concurrency.limit, concurrency.ceiling) == (4, 64)
    grown = [concurrency.answered() for _ in range(70)]
    assert grown == [True] * 60 + [False] * 10
    assert concurrency.limit == 64


@pytest.mark.parametrize("number", [1, 7, 200])
def test_a_number_is_where_it_starts_and_its_ceiling(number: int) -> None:
    concurrency = Concurrency(number)
    assert not concurrency.answered()
    assert (concurrency.limit, concurrency.ceiling) == (number, number)


@pytest.mark.parametrize(("in_flight", "limit"), [(63, 32), (9, 5), (1, 1), (0, 1)])
def test_a_refusal_halves_what_was_in_flight(in_flight: int, limit: int) -> None:
    """The refused request counts; one is always allowed."""
    concurrency = Concurrency(64)
    concurrency.refused(in_flight)
    assert concurrency.limit == limit


def test_after_a_refusal_it_grows_by_one_for_each_round_of_answers() -> None:
    """The service has shown where its limit is."""
    concurrency = Concurrency(64)
    concurrency.refused(63)
    for _ in range(33):
        concurrency.answered()
    assert concurrency.limit == 33


def test_after_an_outage_it_grows_from_four_as_at_first() -> None:
    """Also where it had been refused, and never from more than it had."""
    concurrency = Concurrency()
    for _ in range(60):
        concurrency.answered()
    concurrency.refused(63)
    concurrency.restart()
    assert concurrency.limit == 4
    concurrency.answered()
    assert concurrency.limit == 5
    small = Concurrency(2)
    small.restart()
    assert small.limit == 2


@given(st.none() | st.integers(1, 100), st.lists(st.sampled_from(["answered", "refused", "restart"]), max_size=200))
def test_it_stays_between_one_and_its_ceiling(asked: int | None, events: list[str]) -> None:
    concurrency = Concurrency(asked)
    for event in events:
        if event == "answered":
            concurrency.answered()
        elif event == "refused":
            concurrency.refused(concurrency.limit - 1)
        else:
            concurrency.restart()
        assert 1 <= concurrency.limit <= concurrency.ceiling
