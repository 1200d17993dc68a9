"""Requests that are not sent yet → tokens and money: what `plan` prints, and what a stopped run says is left.

The fixed part of a prompt is taken to be written to the prompt cache by the first request that has it and read by
all that follow, as far as replies have shown so or, before any, the model's table says that it is long enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from dragoman.core.exchange import Usage
from dragoman.core.models import Model
from dragoman.core.prices import cost
from dragoman.core.tokens import estimate
from dragoman.runs.calibration import Learned
from dragoman.tasks.requests import Call, TaskSpec, prompt_tokens

Basis = Literal["counted", "learned", "estimated"]

Count = Callable[[Call], int]

OUTPUT_SHARE = {"summary": (4_500, 0.6), "translation": (400, 0.9)}
"""Estimated output tokens: a fixed part, and a share of the article's own tokens. Fitted to the handwritten
answers of the samples (16 to 18 claims each): their texts by `tokens.estimate`, and 5 tokens for each name of
the JSON (2026-11). Thinking is not in it."""


@dataclass(frozen=True)
class Estimate:
    """Several requests together. ``cached_tokens`` of the ``prompt_tokens`` are read from the prompt cache.

    ``cost_usd`` is None when the model has no price.
    """

    requests: int
    prompt_tokens: int
    cached_tokens: int
    output_tokens: int
    basis: Basis
    cost_usd: Decimal | None


NOTHING = Estimate(0, 0, 0, 0, "estimated", Decimal(0))
"""What costs nothing, for no request is sent."""


@dataclass
class Gauge:
    """Estimates the requests of one plan, in the order in which they would leave.

    ``count`` asks the service's free token counter, None estimates with what is learned; ``times`` is what the
    provider costs more than list price.
    """

    count: Count | None
    learned: Learned
    times: Decimal = Decimal(1)
    _written: set[str] = field(default_factory=set)
    """Digests of the prompts whose fixed part is in the cache by now."""

    def estimate(self, spec: TaskSpec, calls: Sequence[Call], language: str) -> Estimate:
        """What ``calls`` of one task, about an article in ``language``, come to; there is at least one."""
        told = [self._prompt(call, language) for call in calls]
        tokens = [number for number, _ in told]
        output = self._output(spec, tokens, language)
        usages = [
            self._usage(spec.model, call, number, output // len(calls))
            for call, number in zip(calls, tokens, strict=True)
        ]
        amounts = [cost(spec.model, usage, times=self.times) for usage in usages]
        total = None if None in amounts else sum((a for a in amounts if a is not None), Decimal(0))
        cached = sum(usage.cache_read_tokens for usage in usages)
        return Estimate(len(calls), sum(tokens), cached, output, told[0][1], total)

    def _prompt(self, call: Call, language: str) -> tuple[int, Basis]:
        if self.count is not None:
            return self.count(call), "counted"
        factor = self.learned.prompt_factor(language)
        estimated = prompt_tokens(call.request)
        return (estimated, "estimated") if factor is None else (round(estimated * factor), "learned")

    def _output(self, spec: TaskSpec, prompts: Sequence[int], language: str) -> int:
        share = self.learned.output_share(spec.task, language)
        if share is not None:
            return round(share * sum(prompts))
        fixed, share = OUTPUT_SHARE[spec.task]
        shown = sum(prompts) - len(prompts) * _without_article(spec)
        return int(fixed * len(prompts) + share * max(shown, 0))

    def _usage(self, model: Model, call: Call, tokens: int, output: int) -> Usage:
        fixed = min(self._fixed(model, call), tokens)
        if call.prompt.sha256 in self._written:
            return Usage(tokens - fixed, output, cache_read_tokens=fixed)
        self._written.add(call.prompt.sha256)
        return Usage(tokens - fixed, output, cache_write_5m_tokens=fixed)

    def _fixed(self, model: Model, call: Call) -> int:
        """Tokens of a prompt that the service keeps for the next request."""
        measured = self.learned.fixed_part(call.prompt.sha256)
        if measured is not None:
            return measured
        estimated = estimate(call.request.system)
        return estimated if model.cache_minimum is not None and estimated >= model.cache_minimum else 0


def _without_article(spec: TaskSpec) -> int:
    """Estimated tokens that every request of a wording has in common, cached or not."""
    return estimate(spec.prompt.system) + estimate(str(spec.prompt.schema)) + estimate(spec.prompt.user)
