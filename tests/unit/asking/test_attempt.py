"""One attempt under the limiter: its outcome is reported, and a failure that concerns all requests ends the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dragoman.asking.attempt import Attempt, attempt
from dragoman.asking.breaker import FailedAttempt, TriesLeft
from dragoman.asking.limiter import RateLimiter, Slot
from dragoman.asking.rates import Limit
from dragoman.core.usage import Usage
from dragoman.errors import FailureKind, Interrupted, ProviderError, StoreError
from dragoman.tasks.requests import prompt_tokens
from tests.support.builders import call_of, quick_limiter

CALL = call_of()
LONGEST = 300.0
"""Seconds that a run waits in these tests."""


class Listening(RateLimiter):
    """A limiter that remembers the calls it received."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.acquired: list[tuple[Any, ...]] = []
        self.released: list[dict[str, Any]] = []

    def acquire(self, prompt: str, input_tokens: int = 0, tries_left: TriesLeft = TriesLeft.FRESH) -> Slot:
        self.acquired.append((prompt, input_tokens, tries_left))
        return super().acquire(prompt, input_tokens, tries_left)

    def release(self, slot: Slot, **outcome: Any) -> Any:
        self.released.append(outcome)
        return super().release(slot, **outcome)


def run_attempt(
    limiter: RateLimiter,
    error: BaseException | None = None,
    action: Callable[[Attempt], None] = lambda _: None,
    **others: Any,
) -> None:
    """Run an attempt with ``action``, then raise ``error`` if there is one."""
    with attempt(limiter, CALL, LONGEST, **others) as outcome:
        action(outcome)
        if error is not None:
            raise error


def failed(limiter: RateLimiter, error: ProviderError, **others: Any) -> ProviderError:
    """The error that an attempt raises after ``error``."""
    with pytest.raises(ProviderError) as caught:
        run_attempt(limiter, error, **others)
    assert caught.value.__cause__ is error
    return caught.value


def reported(error: ProviderError) -> dict[str, Any]:
    """What is reported to the limiter about an attempt that fails with ``error``."""
    limiter = Listening(8)
    failed(limiter, error)
    return limiter.released[0]


def test_an_answer_reports_its_tokens_without_cache_reads() -> None:
    """Cache reads do not count against a limit of input tokens; writes do."""
    limiter = Listening(8)
    usage = Usage(10, 5, cache_read_tokens=1000, cache_write_5m_tokens=200, cache_write_1h_tokens=30)
    run_attempt(limiter, action=lambda outcome: outcome.record_usage(usage))
    assert limiter.released[0]["used"] == {"input_tokens": 240, "output_tokens": 5}
    assert limiter.answers == 1


def test_an_answer_without_usage_counts_as_an_answer() -> None:
    limiter = Listening(8)
    run_attempt(limiter, action=lambda outcome: outcome.record_usage(None))
    assert limiter.released[0]["used"] == {}
    assert limiter.answers == 1


def test_tokens_are_estimated_only_if_they_are_limited() -> None:
    """An estimate takes time, and requests of one prompt share its cache."""
    free, metered = Listening(8), Listening(8, {"input_tokens": 10**9})
    for limiter in (free, metered):
        run_attempt(limiter, tries_left=TriesLeft.LAST)
    assert free.acquired == [(CALL.prompt.sha256, 0, TriesLeft.LAST)]
    assert metered.acquired == [(CALL.prompt.sha256, prompt_tokens(CALL.request), TriesLeft.LAST)]


def test_a_failure_of_the_service_is_reported_with_all_that_the_breaker_needs() -> None:
    error = ProviderError(
        FailureKind.TRANSIENT, "timed out after 5 s", maybe_paid=True, timed_out=True, sent=True, retry_after=0.5
    )  # fmt: skip
    limiter = Listening(8)
    failed(limiter, error, tries_left=TriesLeft.TRIED)
    assert limiter.released[0]["failure"] == FailedAttempt(
        request=CALL.request.key,
        why="timed out",
        message="timed out after 5 s",
        maybe_paid=True,
        reached=True,
        timed_out=True,
        tries_left=TriesLeft.TRIED,
        retry_after=0.5,
    )


@pytest.mark.parametrize(
    ("error", "throttled", "failure", "rejected"),
    [
        (ProviderError(FailureKind.RATE_LIMITED, "429", status=429), True, True, False),
        (ProviderError(FailureKind.TRANSIENT, "529", status=529), True, True, False),
        (ProviderError(FailureKind.TRANSIENT, "500", status=500, maybe_paid=True), False, True, False),
        (ProviderError(FailureKind.TRANSIENT, "no connection", sent=False), False, True, False),
        (ProviderError(FailureKind.ARTICLE, "too long", status=400), False, False, True),
        (ProviderError(FailureKind.ARTICLE, "too long, found without asking"), False, False, False),
        (ProviderError(FailureKind.UNUSABLE, "no key", status=401), False, False, False),
    ],
    ids=lambda value: str(value) if isinstance(value, ProviderError) else "",
)
def test_the_limiter_learns_which_kind_of_failure_it_was(
    error: ProviderError, *, throttled: bool, failure: bool, rejected: bool
) -> None:
    """Throttled, a failure of the service, or an article that the service examined and rejected."""
    outcome = reported(error)
    assert (outcome["throttled"], outcome["failure"] is not None, outcome["rejected"]) == (throttled, failure, rejected)


def test_limits_are_taken_from_the_error_or_else_from_the_reply() -> None:
    """Whichever came last is the more recent."""
    of_reply, of_error = {"requests": Limit(60, 50)}, {"requests": Limit(30, 20)}

    def receive_limits(outcome: Attempt) -> None:
        outcome.limits = of_reply  # type: ignore[assignment]

    limiter = Listening(8)
    run_attempt(limiter, action=receive_limits)
    failed(limiter, ProviderError(FailureKind.TRANSIENT, "500"), action=receive_limits)
    failed(limiter, ProviderError(FailureKind.TRANSIENT, "500", limits=of_error), action=receive_limits)
    assert [outcome["limits"] for outcome in limiter.released] == [of_reply, of_reply, of_error]


@pytest.mark.parametrize("error", [Interrupted("stopped"), StoreError("locked"), ZeroDivisionError()], ids=str)
def test_other_errors_pass_through_and_release_the_slot(error: Exception) -> None:
    """The limiter learns only that the attempt has ended."""
    limiter = Listening(1)
    with pytest.raises(type(error)) as caught:
        run_attempt(limiter, error)
    assert caught.value is error
    assert limiter.released == [
        {"used": None, "limits": {}, "throttled": False, "retry_after": None, "failure": None, "rejected": False}
    ]
    run_attempt(limiter)


def test_an_error_names_its_request_and_whether_the_service_was_down() -> None:
    """An outage says nothing about the request, so it is retried for as long as the breaker allows."""
    limiter = quick_limiter(4)
    run_attempt(limiter, action=lambda outcome: outcome.record_usage(None))
    errors = [failed(limiter, ProviderError(FailureKind.TRANSIENT, "500", status=500)) for _ in range(5)]
    assert {error.request_key for error in errors} == {CALL.request.key}
    assert [error.outage for error in errors] == [False, False, False, True, True]


def test_an_error_of_the_article_is_no_outage_even_while_the_service_is_down() -> None:
    limiter = quick_limiter(4)
    run_attempt(limiter, action=lambda outcome: outcome.record_usage(None))
    for _ in range(5):
        failed(limiter, ProviderError(FailureKind.TRANSIENT, "500", status=500))
    assert limiter.breaker.is_open
    assert not failed(limiter, ProviderError(FailureKind.ARTICLE, "too long")).outage


# What ends the run


def closed(limiter: RateLimiter) -> bool:
    """Whether the limiter lets no more requests through."""
    try:
        run_attempt(limiter)
    except ProviderError as error:
        return not error.sent
    return False


def test_a_failure_that_no_request_can_avoid_closes_the_limiter() -> None:
    limiter = Listening(8)
    error = failed(limiter, ProviderError(FailureKind.UNUSABLE, "no key", status=401, hint="address"))
    assert (str(error), error.kind, error.hint, error.status) == ("no key", FailureKind.UNUSABLE, "address", 401)
    assert closed(limiter)


@pytest.mark.parametrize(
    ("wait", "ends", "said", "hint"),
    [
        (300.0, False, "", None),
        (301.0, True, "in 5 minutes", "later"),
        (3600.0, True, "in 60 minutes", "later"),
        (3601.0, True, "in 60 minutes", "then"),
        (5399.0, True, "in 90 minutes", "then"),
        (5400.0, True, "in 1.5 hours", "then"),
        (86400.0, True, "in 24 hours", "then"),
    ],
)
def test_no_request_waits_longer_than_the_run_would(wait: float, said: str, hint: str | None, *, ends: bool) -> None:
    """If the service asks for a longer wait, the run ends and says when to come back. After hours, it is no use to let
    the command wait longer."""
    limiter = Listening(8)
    error = failed(limiter, ProviderError(FailureKind.RATE_LIMITED, "slow down", status=429, retry_after=wait))
    assert (error.kind is FailureKind.UNUSABLE) == ends
    if ends:
        assert closed(limiter)
        assert str(error) == f"slow down. It asks to come back {said}"
        assert (error.hint, error.status, error.request_key) == (hint, 429, CALL.request.key)


def test_a_service_that_the_breaker_gives_up_ends_the_run_with_its_reason() -> None:
    """Three attempts without a connection and no earlier answer: the address is wrong."""
    limiter = quick_limiter(1)
    errors = [failed(limiter, ProviderError(FailureKind.TRANSIENT, "no connection", sent=False)) for _ in range(3)]
    assert [error.kind for error in errors] == [FailureKind.TRANSIENT, FailureKind.TRANSIENT, FailureKind.UNUSABLE]
    assert str(errors[2]) == "no connection (3 attempts, no connection)"
    assert (errors[2].hint, errors[2].sent) == ("address", False)
    assert closed(limiter)
