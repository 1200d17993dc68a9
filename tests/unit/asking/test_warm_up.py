"""The first request of each prompt is sent alone, for at most a minute; prompts do not wait for each other."""

from __future__ import annotations

from dragoman.asking.warm_up import WarmUp

NOW = 1000.0


def test_no_request_waits_before_the_first_is_sent() -> None:
    warm_up = WarmUp()
    assert not warm_up.must_wait("p", NOW)
    assert not warm_up.in_progress


def test_requests_of_a_prompt_wait_for_its_first_for_at_most_a_minute() -> None:
    """The first may hang: its own timeout is ten minutes."""
    warm_up = WarmUp()
    warm_up.record_sent("p", NOW)
    assert warm_up.in_progress
    assert [warm_up.must_wait("p", NOW + seconds) for seconds in (0, 59.9, 60.1, 119)] == [True, True, False, False]
    assert not warm_up.must_wait("q", NOW)


def test_the_minute_counts_from_the_first_request() -> None:
    """A request that is sent after the minute does not start another minute."""
    warm_up = WarmUp()
    warm_up.record_sent("p", NOW)
    warm_up.record_sent("p", NOW + 61)
    assert not warm_up.must_wait("p", NOW + 62)


def test_if_the_first_ends_without_an_answer_the_next_goes_alone() -> None:
    warm_up = WarmUp()
    warm_up.record_sent("p", NOW)
    warm_up.record_end("p")
    assert not warm_up.must_wait("p", NOW)
    assert not warm_up.in_progress
    warm_up.record_sent("p", NOW)
    assert warm_up.must_wait("p", NOW)


def test_requests_of_a_cached_prompt_never_wait_again() -> None:
    """`allow_concurrent` returns True only the first time."""
    warm_up = WarmUp()
    warm_up.record_sent("p", NOW)
    warm_up.record_end("p")
    assert [warm_up.allow_concurrent("p") for _ in range(3)] == [True, False, False]
    warm_up.record_sent("p", NOW)
    assert not warm_up.must_wait("p", NOW)
    assert not warm_up.in_progress


def test_ending_more_requests_than_were_waited_for_is_harmless() -> None:
    """Each of several requests in flight ends once; the others waited only for the first."""
    warm_up = WarmUp()
    warm_up.record_end("p")
    warm_up.record_sent("p", NOW)
    warm_up.record_end("p")
    warm_up.record_end("p")
    assert not warm_up.in_progress
