"""A service hangs when every failure since its last answer was a timeout and five probes were among them."""

from __future__ import annotations

import pytest

from dragoman.asking.hangs import Hangs


def after(*timeouts: bool) -> Hangs:
    """The state after failures, in this order; True is a timeout."""
    hangs = Hangs()
    for timed_out in timeouts:
        hangs.record_failure(timed_out=timed_out)
    return hangs


@pytest.mark.parametrize(("probes", "certain"), [(0, False), (4, False), (5, True), (6, True)])
def test_five_probes_that_timed_out_are_proof(probes: int, certain: bool) -> None:
    """With the five failures that opened the breaker, that makes ten requests, each of which may be charged."""
    assert after(*[True] * 10).certain(probes) is certain


@pytest.mark.parametrize("place", [0, 4, 9])
def test_one_failure_of_another_kind_shows_that_it_does_not_hang(place: int) -> None:
    """Whenever it occurred: the service sent something, or could not be reached."""
    timeouts = [True] * 10
    timeouts[place] = False
    hangs = after(*timeouts)
    assert not hangs.certain(100)
    assert not hangs.suspected


def test_failures_before_an_answer_do_not_count() -> None:
    hangs = after(True, False)
    hangs.record_answer()
    assert hangs.suspected
    hangs.record_failure(timed_out=True)
    assert hangs.certain(5)
