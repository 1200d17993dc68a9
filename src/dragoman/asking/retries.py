"""Which failures are tried again, how often and how long: one bounded tenacity policy, passed in.

The SDKs' own retries are off: with their defaults a reset or a time-out silently pays up to three times for
one answer. Here each attempt is counted, and those that may have been paid without an answer are told.
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
    """At most ``attempts`` tries of one request, at most ``total_seconds`` of waiting between them.

    A refusal for going too fast, or by an overloaded service (429, 503, 529), costs nothing and says nothing of
    the request: it does not count among the ``attempts``, and there are at most ``refusals`` of them. Neither counts a
    failure in an outage (see `breaker`) that cost nothing: the breaker says when the next attempt leaves and when to
    give up.
    An attempt that may have been paid (reset, time-out, unreadable reply, 5xx) is tried again at most
    ``maybe_paid`` times: each may cost an answer that never arrives. The service's ``retry-after`` is obeyed
    in full, as long as it fits what is left of ``total_seconds``; otherwise the request is given up.
    ``sleep`` is an argument so that tests wait for nothing and a stop can wake a waiting worker; None lets the asker
    wait as its run does.
    """

    attempts: int = 6
    refusals: int = 100
    total_seconds: float = 300.0
    maybe_paid: int = 2
    longest_wait: float = 60.0
    sleep: Callable[[float], None] | None = field(default=None, repr=False)

    def call(self, ask: Callable[[], T], told: Callable[[ProviderError, float], None] | None = None) -> T:
        """What ``ask`` returns, after as many attempts as it takes.

        ``told`` is called before each wait for another attempt, with what failed and the seconds of the wait.
        Raises, from the last `ProviderError`, one like it that counts all ``attempts`` and ``maybe_paid_attempts``.
        """
        counters = _Counters()

        def attempt() -> T:
            counters.attempts += 1
            try:
                return ask()
            except ProviderError as error:
                counters.maybe_paid += int(error.maybe_paid)
                counters.refusals += int(error.throttled and not error.outage)
                counters.outages += int(error.outage and not error.maybe_paid)
                raise

        def may_retry(error: BaseException) -> bool:
            return (
                isinstance(error, ProviderError)
                and error.kind in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)
                and counters.maybe_paid <= self.maybe_paid
            )

        def give_up(state: RetryCallState) -> bool:
            counted = counters.attempts - counters.refusals - counters.outages
            waited = state.idle_for + state.upcoming_sleep
            if _in_outage(state) and counted < self.attempts:
                return False
            return counted >= self.attempts or counters.refusals >= self.refusals or waited > self.total_seconds

        backoff = wait_random_exponential(multiplier=1, max=self.longest_wait)

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, ProviderError) else None
            if asked is not None:
                return asked
            return 0.0 if _in_outage(state) else backoff(state)

        def tell(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            if told is not None and isinstance(error, ProviderError):
                told(error, state.upcoming_sleep)

        retrying = Retrying(
            retry=retry_if_exception(may_retry),
            wait=wait,
            stop=give_up,
            sleep=self.sleep or time.sleep,
            before_sleep=tell,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except ProviderError as error:
            raise error.but(attempts=counters.attempts, maybe_paid_attempts=counters.maybe_paid) from error


def _in_outage(state: RetryCallState) -> bool:
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, ProviderError) and error.outage


class _Counters:
    attempts = 0
    refusals = 0
    outages = 0
    maybe_paid = 0
