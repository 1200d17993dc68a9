"""One attempt under the gate: the gate learns what came of it, and what concerns all requests ends the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dragoman.asking.attempt import Attempt, through
from dragoman.asking.breaker import FailedAttempt, TriesLeft
from dragoman.asking.limiter import RateLimiter, Slot
from dragoman.asking.rates import Limit
from dragoman.core.exchange import Usage
from dragoman.errors import FailureKind, Interrupted, ProviderError, StoreError
from dragoman.tasks.requests import prompt_tokens
from tests.support.builders import call_of, quick_limiter

CALL = call_of()
LONGEST = 300.0
"""Seconds that a run waits in these tests."""


class Listening(RateLimiter):
    """A gate that remembers what it was asked and told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.entered: list[tuple[Any, ...]] = []
        self.left: list[dict[str, Any]] = []

    def enter(self, prefix: str, input_tokens: int = 0, tries: TriesLeft = TriesLeft.FRESH) -> Slot:
        self.entered.append((prefix, input_tokens, tries))
        return super().enter(prefix, input_tokens, tries)

    def leave(self, slot: Slot, **told: Any) -> Any:
        self.left.append(told)
        return super().leave(slot, **told)


def attempt(
    limiter: RateLimiter,
    error: BaseException | None = None,
    did: Callable[[Attempt], None] = lambda _: None,
    **others: Any,
) -> None:
    """One attempt that does something and then raises, or not."""
    with through(limiter, CALL, LONGEST, **others) as passage:
        did(passage)
        if error is not None:
            raise error


def failed(limiter: RateLimiter, error: ProviderError, **others: Any) -> ProviderError:
    """What comes out of an attempt that fails so."""
    with pytest.raises(ProviderError) as caught:
        attempt(limiter, error, **others)
    assert caught.value.__cause__ is error
    return caught.value


def told(error: ProviderError) -> dict[str, Any]:
    """What the gate is told of an attempt that fails so."""
    limiter = Listening(8)
    failed(limiter, error)
    return limiter.left[0]


def test_an_answer_reports_what_it_used_without_what_the_cache_gave() -> None:
    """Cache reads do not count against a limit of input tokens; writes do."""
    limiter = Listening(8)
    usage = Usage(10, 5, cache_read_tokens=1000, cache_write_5m_tokens=200, cache_write_1h_tokens=30)
    attempt(limiter, did=lambda passage: passage.answered(usage))
    assert limiter.left[0]["used"] == {"input_tokens": 240, "output_tokens": 5}
    assert limiter.answers == 1


def test_an_answer_without_usage_is_an_answer() -> None:
    limiter = Listening(8)
    attempt(limiter, did=lambda passage: passage.answered(None))
    assert limiter.left[0]["used"] == {}
    assert limiter.answers == 1


def test_tokens_are_estimated_only_where_they_are_limited() -> None:
    """An estimate takes time, and requests of one prompt share its cache."""
    free, metered = Listening(8), Listening(8, {"input_tokens": 10**9})
    for limiter in (free, metered):
        attempt(limiter, tries=TriesLeft.LAST)
    assert free.entered == [(CALL.prompt.sha256, 0, TriesLeft.LAST)]
    assert metered.entered == [(CALL.prompt.sha256, prompt_tokens(CALL.request), TriesLeft.LAST)]


def test_a_failure_of_the_service_is_told_with_all_that_the_breaker_asks_about() -> None:
    error = ProviderError(
        FailureKind.TRANSIENT, "timed out after 5 s", maybe_paid=True, late=True, sent=True, retry_after=0.5
    )  # fmt: skip
    limiter = Listening(8)
    failed(limiter, error, tries=TriesLeft.TRIED)
    assert limiter.left[0]["failure"] == FailedAttempt(
        request=CALL.request.key,
        why="timed out",
        message="timed out after 5 s",
        maybe_paid=True,
        reached=True,
        late=True,
        tries=TriesLeft.TRIED,
        retry_after=0.5,
    )


@pytest.mark.parametrize(
    ("error", "refused", "failure", "well"),
    [
        (ProviderError(FailureKind.RATE_LIMITED, "429", status=429), True, True, False),
        (ProviderError(FailureKind.TRANSIENT, "529", status=529), True, True, False),
        (ProviderError(FailureKind.TRANSIENT, "500", status=500, maybe_paid=True), False, True, False),
        (ProviderError(FailureKind.TRANSIENT, "no connection", sent=False), False, True, False),
        (ProviderError(FailureKind.ARTICLE, "too long", status=400), False, False, True),
        (ProviderError(FailureKind.ARTICLE, "too long, as we know ourselves"), False, False, False),
        (ProviderError(FailureKind.UNUSABLE, "no key", status=401), False, False, False),
    ],
    ids=lambda value: str(value) if isinstance(value, ProviderError) else "",
)
def test_the_gate_is_told_what_kind_of_failure_it_was(
    error: ProviderError, *, refused: bool, failure: bool, well: bool
) -> None:
    """Turned away, a failure of the service, or an article that the service has looked at."""
    said = told(error)
    assert (said["refused"], said["failure"] is not None, said["well"]) == (refused, failure, well)


def test_limits_are_taken_from_the_error_or_else_from_the_reply() -> None:
    """Whichever came last says most."""
    of_reply, of_error = {"requests": Limit(60, 50)}, {"requests": Limit(30, 20)}

    def answered(passage: Attempt) -> None:
        passage.limits = of_reply  # type: ignore[assignment]

    limiter = Listening(8)
    attempt(limiter, did=answered)
    failed(limiter, ProviderError(FailureKind.TRANSIENT, "500"), did=answered)
    failed(limiter, ProviderError(FailureKind.TRANSIENT, "500", limits=of_error), did=answered)
    assert [said["limits"] for said in limiter.left] == [of_reply, of_reply, of_error]


@pytest.mark.parametrize("error", [Interrupted("stopped"), StoreError("locked"), ZeroDivisionError()], ids=str)
def test_what_is_no_failure_of_the_provider_passes_through_and_gives_its_slot_back(error: Exception) -> None:
    """The gate hears only that it is over."""
    limiter = Listening(1)
    with pytest.raises(type(error)) as caught:
        attempt(limiter, error)
    assert caught.value is error
    assert limiter.left == [
        {"used": None, "limits": {}, "refused": False, "retry_after": None, "failure": None, "well": False}
    ]
    attempt(limiter)


def test_an_error_names_its_request_and_whether_the_service_was_down() -> None:
    """An outage says nothing about the request, so it is tried again for as long as the breaker allows."""
    limiter = quick_limiter(4)
    attempt(limiter, did=lambda passage: passage.answered(None))
    errors = [failed(limiter, ProviderError(FailureKind.TRANSIENT, "500", status=500)) for _ in range(5)]
    assert {error.request_key for error in errors} == {CALL.request.key}
    assert [error.outage for error in errors] == [False, False, False, True, True]


def test_the_fault_of_an_article_is_no_outage_though_the_service_is_down() -> None:
    limiter = quick_limiter(4)
    for _ in range(5):
        failed(limiter, ProviderError(FailureKind.TRANSIENT, "500", status=500))
    assert limiter.breaker.is_open
    assert not failed(limiter, ProviderError(FailureKind.ARTICLE, "too long")).outage


# What ends the run


def closed(limiter: RateLimiter) -> bool:
    """Whether nothing more gets through."""
    try:
        attempt(limiter)
    except ProviderError as error:
        return not error.sent
    return False


def test_what_no_request_can_pass_closes_the_gate() -> None:
    limiter = Listening(8)
    error = failed(limiter, ProviderError(FailureKind.UNUSABLE, "no key", status=401, hint="address"))
    assert (str(error), error.kind, error.hint, error.status) == ("no key", FailureKind.UNUSABLE, "address", 401)
    assert closed(limiter)


@pytest.mark.parametrize(
    ("wait", "ends", "said"),
    [
        (300.0, False, ""),
        (301.0, True, "in 5 minutes"),
        (5399.0, True, "in 90 minutes"),
        (5400.0, True, "in 1.5 hours"),
        (7200.0, True, "in 2 hours"),
    ],
)
def test_nobody_waits_longer_than_the_run_would(wait: float, said: str, *, ends: bool) -> None:
    """The service names a time that is too far away: the run ends, and says when to come back."""
    limiter = Listening(8)
    error = failed(limiter, ProviderError(FailureKind.RATE_LIMITED, "slow down", status=429, retry_after=wait))
    assert (error.kind is FailureKind.UNUSABLE) == ends
    if ends:
        assert closed(limiter)
        assert str(error) == f"slow down. It asks to come back {said}"
        assert (error.hint, error.status, error.request_key) == ("later", 429, CALL.request.key)


def test_a_service_that_the_breaker_gives_up_ends_the_run_with_its_verdict() -> None:
    """Before any answer, three tries without a connection: the address is wrong."""
    limiter = quick_limiter(1)
    errors = [failed(limiter, ProviderError(FailureKind.TRANSIENT, "no connection", sent=False)) for _ in range(3)]
    assert [error.kind for error in errors] == [FailureKind.TRANSIENT, FailureKind.TRANSIENT, FailureKind.UNUSABLE]
    assert str(errors[2]) == "no connection (3 tries, none reached it)"
    assert (errors[2].hint, errors[2].sent) == ("address", False)
    assert closed(limiter)
