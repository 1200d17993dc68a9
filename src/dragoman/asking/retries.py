"""Decide which failures are retried, how often and for how long: one bounded tenacity policy, passed as an argument.

The SDKs' own retries are turned off: by default, a reset or a timeout may silently pay up to three times for one
answer. Here each attempt is counted, and attempts that may have been paid without an answer are reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from dragoman.errors import FailureKind, ProviderError

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """At most ``attempts`` tries of one request, with at most ``total_seconds`` of waiting between them.

    A throttled attempt (429, 503, 529) costs nothing and says nothing about the request: it does not count among the
    ``attempts``, and there are at most ``throttled_attempts`` of them. A failure in an outage (see `breaker`) that cost
    nothing does not count either: the breaker decides when the next attempt is sent and when to give up.

    An attempt that may have been paid (reset, timeout, unreadable reply, 5xx) is retried at most ``maybe_paid`` times:
    each may cost an answer that never arrives. The service's ``retry-after`` is obeyed in full if it fits what is left
    of ``total_seconds``; otherwise the request is given up. ``longest_wait`` limits one wait, in seconds, if the
    service does not say how long.

    ``sleep`` is an argument so that tests need not wait and a stop can wake a waiting thread; with None the asker
    supplies its own.
    """

    attempts: int = 6
    throttled_attempts: int = 100
    total_seconds: float = 300.0
    maybe_paid: int = 2
    longest_wait: float = 60.0
    sleep: Callable[[float], None] | None = field(default=None, repr=False)

    def call(self, ask: Callable[[], T], on_retry: Callable[[ProviderError, float], None] | None = None) -> T:
        """Return what ``ask`` returns, after as many attempts as it takes.

        ``on_retry`` is called before each wait for another attempt, with the error and the seconds of the wait. Raises
        the last `ProviderError`, copied with ``attempts`` and ``maybe_paid_attempts`` of all attempts.
        """
        counts = _AttemptCounts()

        def ask_and_count() -> T:
            counts.attempts += 1
            try:
                return ask()
            except ProviderError as error:
                counts.maybe_paid += int(error.maybe_paid)
                counts.throttled += int(error.throttled and not error.outage)
                counts.in_outage += int(error.outage and not error.maybe_paid)
                raise

        def may_retry(error: BaseException) -> bool:
            return (
                isinstance(error, ProviderError)
                and error.kind in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)
                and counts.maybe_paid <= self.maybe_paid
            )

        def should_give_up(state: RetryCallState) -> bool:
            counted = counts.attempts - counts.throttled - counts.in_outage
            waited = state.idle_for + state.upcoming_sleep
            if _in_outage(state) and counted < self.attempts:
                return False
            return (
                counted >= self.attempts or counts.throttled >= self.throttled_attempts or waited > self.total_seconds
            )

        backoff = wait_random_exponential(multiplier=1, max=self.longest_wait)

        def wait(state: RetryCallState) -> float:
            error = _error_of(state)
            if error is not None and error.retry_after is not None:
                return error.retry_after
            return 0.0 if _in_outage(state) else backoff(state)

        def report(state: RetryCallState) -> None:
            error = _error_of(state)
            if on_retry is not None and error is not None:
                on_retry(error, state.upcoming_sleep)

        retrying = Retrying(
            retry=retry_if_exception(may_retry),
            wait=wait,
            stop=should_give_up,
            sleep=self.sleep or time.sleep,
            before_sleep=report,
            reraise=True,
        )
        try:
            return retrying(ask_and_count)
        except ProviderError as error:
            raise error.but(attempts=counts.attempts, maybe_paid_attempts=counts.maybe_paid) from error


def _error_of(state: RetryCallState) -> ProviderError | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, ProviderError) else None


def _in_outage(state: RetryCallState) -> bool:
    error = _error_of(state)
    return error is not None and error.outage


class _AttemptCounts:
    attempts = 0
    throttled = 0
    in_outage = 0
    maybe_paid = 0
