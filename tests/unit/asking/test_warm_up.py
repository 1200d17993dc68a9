"""The first request of a prompt goes alone, for a minute at most, and each prompt by itself."""

from __future__ import annotations

from dragoman.asking.warm_up import WarmUp

NOW = 1000.0


def test_nobody_waits_before_the_first_has_left() -> None:
    warm_up = WarmUp()
    assert not warm_up.holds("p", NOW)
    assert not warm_up.in_progress


def test_others_of_its_prompt_wait_for_the_first_for_a_minute_at_most() -> None:
    """It may hang: its own time-out is ten minutes."""
    warm_up = WarmUp()
    warm_up.left("p", NOW)
    assert warm_up.in_progress
    assert [warm_up.holds("p", NOW + seconds) for seconds in (0, 59.9, 60.1, 119)] == [True, True, False, False]
    assert not warm_up.holds("q", NOW)


def test_the_minute_counts_from_the_first() -> None:
    """Whoever leaves after it was waited for long enough does not begin another minute."""
    warm_up = WarmUp()
    warm_up.left("p", NOW)
    warm_up.left("p", NOW + 61)
    assert not warm_up.holds("p", NOW + 62)


def test_when_the_first_comes_to_nothing_the_next_goes_alone() -> None:
    warm_up = WarmUp()
    warm_up.left("p", NOW)
    warm_up.ended("p")
    assert not warm_up.holds("p", NOW)
    assert not warm_up.in_progress
    warm_up.left("p", NOW)
    assert warm_up.holds("p", NOW)


def test_a_prompt_that_is_cached_never_holds_its_requests_again() -> None:
    """Only the first time is news."""
    warm_up = WarmUp()
    warm_up.left("p", NOW)
    warm_up.ended("p")
    assert [warm_up.let_together("p") for _ in range(3)] == [True, False, False]
    warm_up.left("p", NOW)
    assert not warm_up.holds("p", NOW)
    assert not warm_up.in_progress


def test_a_request_that_is_over_twice_does_no_harm() -> None:
    """Of several that are in flight, each is over once; only the first was waited for."""
    warm_up = WarmUp()
    warm_up.ended("p")
    warm_up.left("p", NOW)
    warm_up.ended("p")
    warm_up.ended("p")
    assert not warm_up.in_progress
