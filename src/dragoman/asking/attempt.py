"""One attempt's way through the gate: the gate learns what became of it, and trouble that concerns all requests ends
the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from dragoman.asking.breaker import FailedAttempt, GiveUpReason, TriesLeft
from dragoman.asking.limiter import RateLimiter
from dragoman.asking.rates import Limit, Meter
from dragoman.core.exchange import Usage
from dragoman.errors import FailureKind, Hint, ProviderError
from dragoman.tasks.requests import Call, prompt_tokens

_OF_THE_SERVICE = (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED)


@dataclass
class Attempt:
    """What came of one attempt, for the gate."""

    limits: Mapping[Meter, Limit] = field(default_factory=dict)
    used: Mapping[Meter, float] | None = None

    def answered(self, usage: Usage | None) -> None:
        """Cache reads do not count against a limit of input tokens."""
        tokens: dict[Meter, float] = {}
        if usage is not None:
            fresh = usage.prompt_tokens - usage.cache_read_tokens
            tokens = {"input_tokens": fresh, "output_tokens": usage.output_tokens}
        self.used = tokens


@contextmanager
def through(limiter: RateLimiter, call: Call, longest: float, tries: TriesLeft = TriesLeft.FRESH) -> Iterator[Attempt]:
    """Through the gate and out again, with what came of it. ``tries`` is what the request has left.

    Raises the attempt's error, or one that ends the run: for a service that the breaker has given up, or that asks to
    wait more than ``longest`` seconds.
    """
    tokens = prompt_tokens(call.request) if limiter.meters_tokens else 0
    slot = limiter.enter(call.prompt.sha256, tokens, tries)
    passage = Attempt()
    failed: ProviderError | None = None
    given_up: GiveUpReason | None = None
    try:
        yield passage
    except ProviderError as error:
        failed = error
    finally:
        ours = failed is not None and failed.kind in _OF_THE_SERVICE
        given_up = limiter.leave(
            slot,
            used=passage.used,
            limits=(failed.limits if failed else None) or passage.limits,
            refused=failed is not None and failed.refused,
            retry_after=failed.retry_after if failed else None,
            failure=_failure(failed, call, tries) if failed is not None and ours else None,
            well=failed is not None and failed.kind is FailureKind.ARTICLE and failed.status is not None,
        )
    if failed is not None:
        _raise(limiter, failed, given_up if ours else None, longest, call.request.key)


def _failure(error: ProviderError, call: Call, tries: TriesLeft) -> FailedAttempt:
    return FailedAttempt(
        request=call.request.key,
        why=error.why,
        message=str(error),
        maybe_paid=error.maybe_paid,
        reached=error.sent,
        late=error.late,
        tries=tries,
        retry_after=error.retry_after,
    )


def _raise(
    limiter: RateLimiter, error: ProviderError, given_up: GiveUpReason | None, longest: float, key: str
) -> NoReturn:
    """Raise what one failed attempt of the request ``key`` means: its error, or one that ends the run for all
    requests."""
    wait = error.retry_after
    if given_up is not None:
        ended = _unusable(error, given_up.message, given_up.hint, key)
    elif error.kind in _OF_THE_SERVICE and wait is not None and wait > longest:
        # Nobody waits that long, for this request or for the others.
        ended = _unusable(error, f"{error}. It asks to come back in {_span(wait)}", "later", key)
    else:
        outage = error.kind in _OF_THE_SERVICE and limiter.breaker.is_open
        ended = error.but(request_key=key, outage=outage)
    if ended.kind is FailureKind.UNUSABLE:
        limiter.close(ended)
    raise ended from error


def _unusable(error: ProviderError, said: str, hint: Hint, key: str) -> ProviderError:
    return ProviderError(
        FailureKind.UNUSABLE, said, request_key=key, status=error.status, maybe_paid=error.maybe_paid, sent=error.sent,
        hint=hint,
    )  # fmt: skip


def _span(seconds: float) -> str:
    """``30 minutes``, ``2.5 hours``."""
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours".replace(".0 ", " ")
