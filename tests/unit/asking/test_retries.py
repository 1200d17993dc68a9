"""How often, for how long and after which failures a request is retried; every number has a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.errors import BudgetReached, DragomanError, FailureKind, Interrupted, ProviderError, StoreError
from tests.support.builders import hasty

RETRIED = (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)


def error(
    kind: FailureKind = FailureKind.TRANSIENT, *, after: float | None = None, paid: bool = False
) -> ProviderError:
    return ProviderError(kind, "failed", retry_after=after, maybe_paid=paid)


@dataclass
class Request:
    """Raises the given errors one after another, then answers; ``times`` counts the attempts."""

    errors: Sequence[BaseException]
    times: int = 0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> str:
        self.times += 1
        if self.times <= len(self.errors):
            raise self.errors[self.times - 1]
        return "answer"


def test_an_answer_is_returned_at_once() -> None:
    """No failure, no wait, one attempt."""
    request = Request([])
    assert hasty(request.slept).call(request) == "answer"
    assert (request.times, request.slept) == (1, [])


def test_failures_that_may_pass_are_retried() -> None:
    """Overload and rate limits; the answer of a later attempt counts."""
    request = Request([error(), error(FailureKind.RATE_LIMITED)])
    assert hasty(request.slept).call(request) == "answer"
    assert (request.times, len(request.slept)) == (3, 2)


@pytest.mark.parametrize("kind", [FailureKind.UNUSABLE, FailureKind.ARTICLE])
def test_requests_that_cannot_succeed_are_not_retried(kind: FailureKind) -> None:
    """Wrong credentials, spend limits and rejected requests get one attempt, even if the service names a wait."""
    request = Request([error(kind, after=1)] * 2)
    with pytest.raises(ProviderError) as caught:
        hasty(request.slept).call(request)
    assert (request.times, request.slept, caught.value.attempts) == (1, [], 1)


@pytest.mark.parametrize("failure", [StoreError("x"), Interrupted("x"), BudgetReached("x"), ZeroDivisionError()])
def test_errors_that_are_not_the_providers_pass_through(failure: DragomanError | ZeroDivisionError) -> None:
    """A retry does not help against a full disk."""
    request = Request([failure])
    with pytest.raises(type(failure)) as caught:
        hasty(request.slept).call(request)
    assert caught.value is failure
    assert (request.times, request.slept) == (1, [])


def test_attempts_are_bounded_and_counted_on_the_last_error() -> None:
    """``attempts`` includes the first. The error is raised from the last one, which is not changed."""
    errors = [error() for _ in range(9)]
    request = Request(errors)
    with pytest.raises(ProviderError) as caught:
        hasty(attempts=4, total_seconds=1e9).call(request)
    assert caught.value.__cause__ is errors[3]
    assert (str(caught.value), caught.value.kind) == (str(errors[3]), errors[3].kind)
    assert [error.attempts for error in errors] == [1] * 9
    assert (request.times, caught.value.attempts, caught.value.maybe_paid_attempts) == (4, 4, 0)


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_attempts_that_may_have_been_paid_have_their_own_bound(allowed: int) -> None:
    """Each such attempt may cost an answer that never arrives; free failures in between do not count."""
    request = Request([error(paid=bool(n % 2)) for n in range(20)])
    with pytest.raises(ProviderError) as caught:
        hasty(attempts=20, total_seconds=1e9, maybe_paid=allowed).call(request)
    assert caught.value.maybe_paid_attempts == allowed + 1
    assert request.times == 2 * (allowed + 1)


def test_the_wait_that_a_service_names_is_kept_exactly() -> None:
    """Neither shorter nor longer, even if it is zero, as long as it fits."""
    request = Request([error(after=seconds) for seconds in (0.0, 0.25, 40.0, 120.0)])
    hasty(request.slept).call(request)
    assert request.slept == [0.0, 0.25, 40.0, 120.0]


def test_a_wait_that_does_not_fit_is_not_started() -> None:
    """A retry before that time would fail, so the request is given up without a wait."""
    request = Request([error(after=200.0), error(after=200.0)])
    with pytest.raises(ProviderError):
        hasty(request.slept, total_seconds=300).call(request)
    assert request.slept == [200.0]


def test_waits_grow_and_stay_below_their_bound() -> None:
    """If the service names no time, each wait is drawn from a range that doubles up to ``longest_wait``."""
    request = Request([error() for _ in range(19)])
    hasty(request.slept, attempts=20, total_seconds=1e9, longest_wait=8).call(request)
    assert all(wait <= min(8, 2**number) for number, wait in enumerate(request.slept))
    assert len(set(request.slept)) > 10


failures = st.builds(
    lambda kind, after, paid: (kind, after, paid),
    st.sampled_from(list(FailureKind)),
    st.none() | st.floats(0, 500),
    st.booleans(),
)


@settings(deadline=None, database=None, max_examples=200)
@given(st.lists(failures, max_size=12), st.integers(1, 8), st.floats(0, 1000), st.integers(0, 3))
def test_no_bound_is_ever_exceeded(
    planned: list[tuple[FailureKind, float | None, bool]], attempts: int, total: float, maybe_paid: int
) -> None:
    """For any failures, the attempts, waits and attempts that may have been paid stay within the policy."""
    request = Request([error(kind, after=after, paid=paid) for kind, after, paid in planned])
    policy = hasty(request.slept, attempts=attempts, total_seconds=total, maybe_paid=maybe_paid)
    try:
        policy.call(request)
        failed, counts = planned[: request.times - 1], None
    except ProviderError as last:
        failed, counts = planned[: request.times], (last.attempts, last.maybe_paid_attempts)
    assert counts in (None, (request.times, sum(paid for _, _, paid in failed)))
    throttled = sum(kind is FailureKind.RATE_LIMITED for kind, _, _ in failed)
    assert request.times - throttled <= attempts
    assert sum(request.slept) <= total
    assert sum(paid for _, _, paid in failed) <= maybe_paid + 1
    assert all(kind in RETRIED for kind, _, _ in failed[:-1])
    for (_, after, _), slept in zip(failed, request.slept, strict=False):
        assert after is None or slept == after


def test_throttled_attempts_do_not_count_as_attempts_and_have_their_own_bound() -> None:
    """A storm of 429 costs nothing, so it uses up no attempts. But it does not go on for ever."""
    stormy = Request([error(FailureKind.RATE_LIMITED, after=0.1) for _ in range(30)])
    hasty(stormy.slept, attempts=2).call(stormy)
    assert stormy.times == 31
    endless = Request([error(FailureKind.RATE_LIMITED, after=0.0) for _ in range(500)])
    with pytest.raises(ProviderError):
        hasty(endless.slept, attempts=2, throttled_attempts=40).call(endless)
    assert endless.times == 40


def test_one_policy_serves_many_calls_without_mixing_their_counts() -> None:
    """Threads share the policy; each call starts its counts at zero."""
    policy = hasty(attempts=3, total_seconds=1e9)

    def outer() -> str:
        inner = Request([error(paid=True), error(paid=True)])
        policy.call(inner)
        assert inner.times == 3
        return again()

    again: Callable[[], str] = Request([error(paid=True), error(paid=True)])
    assert policy.call(outer) == "answer"


# The defaults


def until_given_up(*errors: ProviderError, **others: float) -> Request:
    """A request that always fails in the same way, after the policy gave it up."""
    request = Request([error for _ in range(300) for error in errors])
    with pytest.raises(ProviderError):
        hasty(request.slept, **others).call(request)
    return request


def test_a_request_is_attempted_six_times() -> None:
    """Waits of a minute each would not fit, so the service asks for no wait here."""
    assert until_given_up(error(after=0.0)).times == 6


def test_a_request_that_may_have_been_charged_is_retried_twice() -> None:
    assert until_given_up(error(after=0.0, paid=True)).times == 3


def test_a_request_is_throttled_at_most_a_hundred_times() -> None:
    assert until_given_up(error(FailureKind.RATE_LIMITED, after=0.0)).times == 100


def test_a_request_waits_at_most_five_minutes_in_total() -> None:
    assert until_given_up(error(FailureKind.RATE_LIMITED, after=100.0)).slept == [100.0] * 3


def test_a_wait_is_at_most_a_minute_if_the_service_names_none() -> None:
    """Each is drawn between zero and a bound that doubles up to a minute."""
    slept = until_given_up(error(), attempts=200, total_seconds=1e9).slept
    assert 30.0 < max(slept) <= 60.0
