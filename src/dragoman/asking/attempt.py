"""Run one attempt under the rate limiter and report its outcome; end the run when no request can succeed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from dragoman.asking.breaker import FailedAttempt, GiveUpReason, TriesLeft
from dragoman.asking.limiter import RateLimiter
from dragoman.asking.rates import Limit, Meter
from dragoman.core.text import time_span
from dragoman.core.usage import Usage
from dragoman.errors import FailureKind, Hint, ProviderError
from dragoman.tasks.requests import Call, prompt_tokens

LONGEST_PATIENCE = 3600.0
"""Seconds. To let a command wait longer than an hour is no good advice: nothing else is done meanwhile."""

_SERVICE_FAILURES = (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)


@dataclass
class Attempt:
    """What the limiter needs to know about one attempt: the limits in its reply and what it used."""

    limits: Mapping[Meter, Limit] = field(default_factory=dict)
    used: Mapping[Meter, float] | None = None

    def record_usage(self, usage: Usage | None) -> None:
        """Record an answer with its usage. Cache reads do not count against a limit of input tokens."""
        tokens: dict[Meter, float] = {}
        if usage is not None:
            uncached = usage.prompt_tokens - usage.cache_read_tokens
            tokens = {"input_tokens": uncached, "output_tokens": usage.output_tokens}
        self.used = tokens


@contextmanager
def attempt(
    limiter: RateLimiter, call: Call, longest_wait: float, tries_left: TriesLeft = TriesLeft.FRESH
) -> Iterator[Attempt]:
    """Wait for a slot, run the block as one attempt, release the slot and report the outcome to the limiter.

    Raises the attempt's error, or one that ends the run: when the breaker has given the service up, or when the service
    asks to wait more than ``longest_wait`` seconds.
    """
    tokens = prompt_tokens(call.request) if limiter.limits_tokens else 0
    slot = limiter.acquire(call.prompt.sha256, tokens, tries_left)
    outcome = Attempt()
    error: ProviderError | None = None
    given_up: GiveUpReason | None = None
    try:
        yield outcome
    except ProviderError as raised:
        error = raised
    finally:
        failed = error is not None and error.kind in _SERVICE_FAILURES
        given_up = limiter.release(
            slot,
            used=outcome.used,
            limits=(error.limits if error else None) or outcome.limits,
            throttled=error is not None and error.throttled,
            retry_after=error.retry_after if error else None,
            failure=_failed_attempt(error, call, tries_left) if error is not None and failed else None,
            rejected=error is not None and error.kind is FailureKind.ARTICLE and error.status is not None,
        )
    if error is not None:
        _raise(limiter, error, given_up if failed else None, longest_wait, call.request.key)


def _failed_attempt(error: ProviderError, call: Call, tries_left: TriesLeft) -> FailedAttempt:
    return FailedAttempt(
        request=call.request.key,
        why=error.why,
        message=str(error),
        maybe_paid=error.maybe_paid,
        reached=error.sent,
        timed_out=error.timed_out,
        tries_left=tries_left,
        retry_after=error.retry_after,
    )


def _raise(
    limiter: RateLimiter, error: ProviderError, given_up: GiveUpReason | None, longest_wait: float, key: str
) -> NoReturn:
    """Raise the error of a failed attempt at the request ``key``, or one that ends the run for all requests."""
    wait = error.retry_after
    if given_up is not None:
        raised = _unusable(error, given_up.message, given_up.hint, key)
    elif error.kind in _SERVICE_FAILURES and wait is not None and wait > longest_wait:
        # Neither this request nor any other waits that long.
        hint: Hint = "then" if wait > LONGEST_PATIENCE else "later"
        raised = _unusable(error, f"{error}. It asks to come back in {time_span(wait)}", hint, key)
    else:
        outage = error.kind in _SERVICE_FAILURES and limiter.breaker.is_open
        raised = error.but(request_key=key, outage=outage)
    if raised.kind is FailureKind.UNUSABLE:
        limiter.close(raised)
    raise raised from error


def _unusable(error: ProviderError, message: str, hint: Hint, key: str) -> ProviderError:
    return ProviderError(
        FailureKind.UNUSABLE, message, request_key=key, status=error.status, maybe_paid=error.maybe_paid,
        sent=error.sent, hint=hint,
    )  # fmt: skip
