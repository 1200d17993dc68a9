"""One attempt's way through the gate: what came of it is told to the gate, and a failure that is everybody's ends the
run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from dragoman.errors import ProviderError, Trouble
from dragoman.exchange import Usage
from dragoman.gate import HOPELESS, Gate, Ticket
from dragoman.rates import Limit, Meter
from dragoman.tasks import Call, prompt_tokens


@dataclass
class Passage:
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
def through(gate: Gate, call: Call, longest: float) -> Iterator[Passage]:
    """Through the gate and out again, with what came of it.

    Raises the attempt's error, or one that ends the run: for a service that is waited for in vain, or that asks to
    wait more than ``longest`` seconds.
    """
    tokens = prompt_tokens(call.request) if gate.meters_tokens else 0
    ticket = gate.enter(call.prompt.sha256, tokens)
    began = time.monotonic()
    passage = Passage()
    refused, wait, failed = False, None, False
    try:
        yield passage
    except ProviderError as error:
        passage.limits = error.limits or passage.limits
        refused, wait = error.refused, error.retry_after
        failed = error.kind is Trouble.TRANSIENT and not refused
        ended = _ended(gate, ticket, error, time.monotonic() - began, longest)
        if ended.kind is Trouble.UNUSABLE:
            gate.close(str(ended))
        if ended is error:
            raise
        raise ended from error
    finally:
        gate.leave(ticket, used=passage.used, limits=passage.limits, refused=refused, retry_after=wait, failed=failed)


def _ended(gate: Gate, ticket: Ticket, error: ProviderError, seconds: float, longest: float) -> ProviderError:
    """What one failed attempt of ``seconds`` means for all: the same error, or one that ends the run."""
    wait = error.retry_after
    if error.refused and wait is not None and wait > longest:
        # Nobody waits that long, for this request or for the others.
        said = f"{error}. It asks to wait {wait:,.0f} seconds: run again then"
    elif error.late and gate.waited_in_vain(ticket):
        said = (
            f"{HOPELESS} requests in a row were waited for in vain, the last for {seconds:,.1f} seconds: {error}. "
            "Run again when the service answers; if it only takes its time, with more --timeout"
        )
    else:
        return error
    return ProviderError(Trouble.UNUSABLE, said, status=error.status, maybe_paid=error.maybe_paid)
