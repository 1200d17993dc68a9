"""How often, how long and for which failures a request is tried again; every number has a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.errors import BudgetReached, DragomanError, FailureKind, Interrupted, ProviderError, StoreError
from tests.support.builders import hasty

TRIED_AGAIN = (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)


def error(
    kind: FailureKind = FailureKind.TRANSIENT, *, after: float | None = None, paid: bool = False
) -> ProviderError:
    return ProviderError(kind, "trouble", retry_after=after, maybe_paid=paid)


@dataclass
class Asked:
    """Fails as told, then answers; ``times`` is how often it was asked."""

    errors: Sequence[BaseException]
    times: int = 0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> str:
        self.times += 1
        if self.times <= len(self.errors):
            raise self.errors[self.times - 1]
        return "answer"


def test_an_answer_is_given_back_at_once() -> None:
    """No failure, no wait, one try."""
    asked = Asked([])
    assert hasty(asked.slept).call(asked) == "answer"
    assert (asked.times, asked.slept) == (1, [])


def test_what_may_succeed_later_is_tried_again() -> None:
    """Overload and rate limits; the answer of a later attempt counts."""
    asked = Asked([error(), error(FailureKind.RATE_LIMITED)])
    assert hasty(asked.slept).call(asked) == "answer"
    assert (asked.times, len(asked.slept)) == (3, 2)


@pytest.mark.parametrize("kind", [FailureKind.UNUSABLE, FailureKind.ARTICLE])
def test_what_cannot_succeed_is_not_tried_again(kind: FailureKind) -> None:
    """Credentials, spend limits and refused requests: once, whatever the service says about waiting."""
    asked = Asked([error(kind, after=1)] * 2)
    with pytest.raises(ProviderError) as caught:
        hasty(asked.slept).call(asked)
    assert (asked.times, asked.slept, caught.value.attempts) == (1, [], 1)


@pytest.mark.parametrize("other", [StoreError("x"), Interrupted("x"), BudgetReached("x"), ZeroDivisionError()])
def test_what_is_not_the_providers_trouble_passes_through(other: DragomanError | ZeroDivisionError) -> None:
    """A full disk is not cured by asking again."""
    asked = Asked([other])
    with pytest.raises(type(other)) as caught:
        hasty(asked.slept).call(asked)
    assert caught.value is other
    assert (asked.times, asked.slept) == (1, [])


def test_tries_are_bounded_and_counted_on_the_last_error() -> None:
    """``attempts`` includes the first; the error that comes out is raised from the last one, which stays as it was."""
    errors = [error() for _ in range(9)]
    asked = Asked(errors)
    with pytest.raises(ProviderError) as caught:
        hasty(attempts=4, total_seconds=1e9).call(asked)
    assert caught.value.__cause__ is errors[3]
    assert (str(caught.value), caught.value.kind) == (str(errors[3]), errors[3].kind)
    assert [error.attempts for error in errors] == [1] * 9
    assert (asked.times, caught.value.attempts, caught.value.maybe_paid_attempts) == (4, 4, 0)


@pytest.mark.parametrize("allowed", [0, 1, 2])
def test_what_may_have_been_paid_is_tried_again_only_so_often(allowed: int) -> None:
    """Each such attempt may cost an answer that never arrives; free failures in between do not count."""
    asked = Asked([error(paid=bool(n % 2)) for n in range(20)])
    with pytest.raises(ProviderError) as caught:
        hasty(attempts=20, total_seconds=1e9, maybe_paid=allowed).call(asked)
    assert caught.value.maybe_paid_attempts == allowed + 1
    assert asked.times == 2 * (allowed + 1)


def test_retry_after_is_obeyed_to_the_letter() -> None:
    """As long as it fits: not less, not more, also when it is nought."""
    asked = Asked([error(after=seconds) for seconds in (0.0, 0.25, 40.0, 120.0)])
    hasty(asked.slept).call(asked)
    assert asked.slept == [0.0, 0.25, 40.0, 120.0]


def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    """Sooner than told would be rude and useless, so the request is given up, without waiting first."""
    asked = Asked([error(after=200.0), error(after=200.0)])
    with pytest.raises(ProviderError):
        hasty(asked.slept, total_seconds=300).call(asked)
    assert asked.slept == [200.0]


def test_waits_grow_and_stay_under_their_bound() -> None:
    """Without a word from the service, each wait is drawn from a range that doubles up to ``longest_wait``."""
    asked = Asked([error() for _ in range(19)])
    hasty(asked.slept, attempts=20, total_seconds=1e9, longest_wait=8).call(asked)
    assert all(wait <= min(8, 2**number) for number, wait in enumerate(asked.slept))
    assert len(set(asked.slept)) > 10


failures = st.builds(
    lambda kind, after, paid: (kind, after, paid),
    st.sampled_from(list(FailureKind)),
    st.none() | st.floats(0, 500),
    st.booleans(),
)


@settings(deadline=None, database=None, max_examples=200)
@given(st.lists(failures, max_size=12), st.integers(1, 8), st.floats(0, 1000), st.integers(0, 3))
def test_no_bound_is_ever_passed(
    planned: list[tuple[FailureKind, float | None, bool]], attempts: int, total: float, maybe_paid: int
) -> None:
    """Whatever a service does: tries, waiting and attempts that may have been paid stay inside the policy."""
    asked = Asked([error(kind, after=after, paid=paid) for kind, after, paid in planned])
    policy = hasty(asked.slept, attempts=attempts, total_seconds=total, maybe_paid=maybe_paid)
    try:
        policy.call(asked)
        failed, told = planned[: asked.times - 1], None
    except ProviderError as last:
        failed, told = planned[: asked.times], (last.attempts, last.maybe_paid_attempts)
    assert told in (None, (asked.times, sum(paid for _, _, paid in failed)))
    refused = sum(kind is FailureKind.RATE_LIMITED for kind, _, _ in failed)
    assert asked.times - refused <= attempts
    assert sum(asked.slept) <= total
    assert sum(paid for _, _, paid in failed) <= maybe_paid + 1
    assert all(kind in TRIED_AGAIN for kind, _, _ in failed[:-1])
    for (_, after, _), slept in zip(failed, asked.slept, strict=False):
        assert after is None or slept == after


def test_being_told_to_slow_down_is_no_failure_of_the_request_and_has_its_own_bound() -> None:
    """A storm of 429 costs nothing: it uses up none of the tries, and does not go on for ever either."""
    stormy = Asked([error(FailureKind.RATE_LIMITED, after=0.1) for _ in range(30)])
    hasty(stormy.slept, attempts=2).call(stormy)
    assert stormy.times == 31
    endless = Asked([error(FailureKind.RATE_LIMITED, after=0.0) for _ in range(500)])
    with pytest.raises(ProviderError):
        hasty(endless.slept, attempts=2, refusals=40).call(endless)
    assert endless.times == 40


def test_one_policy_serves_many_calls_without_mixing_their_counts() -> None:
    """Threads share it: each call begins from nothing."""
    policy = hasty(attempts=3, total_seconds=1e9)

    def outer() -> str:
        inner = Asked([error(paid=True), error(paid=True)])
        policy.call(inner)
        assert inner.times == 3
        return again()

    again: Callable[[], str] = Asked([error(paid=True), error(paid=True)])
    assert policy.call(outer) == "answer"


# How much of everything, where nothing else was said


def asked_until_given_up(*errors: ProviderError, **others: float) -> Asked:
    """How a request goes that fails in the same way for ever."""
    asked = Asked([each for _ in range(300) for each in errors])
    with pytest.raises(ProviderError):
        hasty(asked.slept, **others).call(asked)
    return asked


def test_a_request_is_tried_six_times() -> None:
    """Waits of a minute each would not fit: only the tries count here."""
    assert asked_until_given_up(error(after=0.0)).times == 6


def test_a_request_that_may_have_been_charged_is_tried_again_twice() -> None:
    assert asked_until_given_up(error(after=0.0, paid=True)).times == 3


def test_a_request_is_turned_away_a_hundred_times_at_most() -> None:
    assert asked_until_given_up(error(FailureKind.RATE_LIMITED, after=0.0)).times == 100


def test_a_request_waits_five_minutes_in_all() -> None:
    assert asked_until_given_up(error(FailureKind.RATE_LIMITED, after=100.0)).slept == [100.0] * 3


def test_a_wait_that_the_service_does_not_name_is_a_minute_at_most() -> None:
    """Each is drawn between nothing and a bound that doubles up to a minute."""
    slept = asked_until_given_up(error(), attempts=200, total_seconds=1e9).slept
    assert 30.0 < max(slept) <= 60.0
