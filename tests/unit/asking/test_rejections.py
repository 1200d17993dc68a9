"""A request that the service rejected for good is not sent again, once it is known that the request is at fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.errors import FailureKind, ProviderError
from dragoman.store.sqlite.store import Store
from dragoman.tasks.requests import Call
from tests.support.builders import (
    MODEL,
    Scripted,
    Step,
    article_of,
    call_of,
    hasty,
    message,
    quick_limiter,
    source_of,
    summary_of,
)  # fmt: skip

GOOD = message(summary_of())
ARTICLE = article_of()
BAD, OTHER = (call_of(source=source_of([f"Ngân hàng số {number} giữ lãi suất."])) for number in (1, 2))
TOO_LONG = ProviderError(FailureKind.ARTICLE, "the Claude API answered 413: too long", status=413)


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def asker_of(store: Store, *script: Step, **others: Any) -> LiveAsker:
    """An asker over a scripted provider; without a script, any request fails the test."""
    steps: Sequence[Step] = script or [AssertionError("sent, although it was rejected before")]
    provider = others.pop("provider", None) or Scripted(list(steps))
    return LiveAsker(store, provider, MODEL, Budget(), hasty(), limiter=quick_limiter(), **others)


def rejected(asker: LiveAsker, call: Call, **options: Any) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        asker.ask(call, ARTICLE, **options)
    return raised.value


def test_a_rejected_request_is_not_sent_again_in_a_later_run(store: Store) -> None:
    """The later error is the same for the record, and says that nothing was sent."""
    first = asker_of(store, GOOD, TOO_LONG)
    first.ask(OTHER, ARTICLE)
    error = rejected(first, BAD)
    assert not error.remembered
    later = asker_of(store)
    again = rejected(later, BAD)
    assert (str(again), again.status, again.kind) == (str(error), 413, FailureKind.ARTICLE)
    assert (again.remembered, again.sent, again.maybe_paid) == (True, False, False)
    assert (later.counters.attempts, later.counters.hits) == (0, 0)


def test_a_rejection_is_remembered_when_the_service_answers_later_in_the_same_run(store: Store) -> None:
    """The order of the articles does not matter."""
    first = asker_of(store, TOO_LONG, GOOD)
    rejected(first, BAD)
    assert asker_of(store, TOO_LONG).earlier_rejection(BAD) is None
    first.ask(OTHER, ARTICLE)
    assert rejected(asker_of(store), BAD).remembered


def test_nothing_is_remembered_of_a_service_that_answered_nothing(store: Store) -> None:
    """A wrong setting may be at fault, and is corrected before the next run."""
    for _ in range(2):
        rejected(asker_of(store, TOO_LONG), BAD)
    assert asker_of(store, GOOD).ask(BAD, ARTICLE).bought


def test_an_answer_to_another_prompt_does_not_count(store: Store) -> None:
    """A server may accept the requests of one task and none of another, whose setting is wrong."""
    first = asker_of(store, GOOD, TOO_LONG)
    first.ask(call_of("translation"), ARTICLE)
    rejected(first, BAD)
    assert asker_of(store, GOOD).ask(BAD, ARTICLE).bought


PERMANENT = {400: True, 413: True, 422: True, 405: True, 408: False, 409: False, 424: False, 429: False, 500: False}


@pytest.mark.parametrize(("status", "permanent"), PERMANENT.items())
def test_only_a_rejection_of_the_request_itself_is_remembered(status: int, permanent: bool, store: Store) -> None:
    """Other failures pass: a service that says ``x-should-retry: false`` ends this run's attempts, no more."""
    error = ProviderError(FailureKind.ARTICLE, "no", status=status)
    assert error.permanent is permanent
    first = asker_of(store, GOOD, error)
    first.ask(OTHER, ARTICLE)
    rejected(first, BAD)
    assert (asker_of(store, GOOD).earlier_rejection(BAD) is not None) is permanent


@pytest.mark.parametrize("kind", [FailureKind.TRANSIENT, FailureKind.RATE_LIMITED, FailureKind.UNUSABLE])
def test_no_other_kind_of_failure_is_permanent(kind: FailureKind) -> None:
    """Whatever its status."""
    assert not ProviderError(kind, "no", status=400).permanent
    assert not ProviderError(FailureKind.ARTICLE, "no").permanent


def test_a_retry_and_a_refresh_send_a_rejected_request_again(store: Store) -> None:
    """Then its answer is stored like any other, and the rejection no longer matters."""
    first = asker_of(store, GOOD, TOO_LONG)
    first.ask(OTHER, ARTICLE)
    rejected(first, BAD)
    assert not rejected(asker_of(store, TOO_LONG), BAD, fresh=True).remembered
    assert asker_of(store, TOO_LONG, refresh=True).earlier_rejection(BAD) is None
    assert asker_of(store, GOOD).ask(BAD, ARTICLE, fresh=True).bought
    assert not asker_of(store).ask(BAD, ARTICLE).bought


def test_another_service_may_accept_what_one_rejected(store: Store) -> None:
    """Claude's API, Bedrock and a custom server have different limits and filters."""
    first = asker_of(store, GOOD, TOO_LONG)
    first.ask(OTHER, ARTICLE)
    rejected(first, BAD)
    for provider in (Scripted([GOOD], endpoint="bedrock"), Scripted([GOOD], "custom", "http://127.0.0.1:1")):
        assert asker_of(store, provider=provider).earlier_rejection(BAD) is None
