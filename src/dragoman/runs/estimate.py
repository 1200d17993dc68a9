"""Estimate the tokens and the price of requests before they are sent, for plans and for the rest of a stopped run.

The first request with a prompt is assumed to write the fixed part of that prompt to the prompt cache, and all later
requests to read it from there. How long that part is comes from earlier replies. Before there are enough of them, it is
the whole system prompt if the model's table says that it is long enough to be cached, otherwise nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from dragoman.core.models import Model
from dragoman.core.prices import cost
from dragoman.core.tokens import estimate
from dragoman.core.usage import Usage
from dragoman.runs.calibration import Calibration
from dragoman.tasks.requests import Call, TaskSpec, prompt_tokens

Basis = Literal["counted", "learned", "estimated"]

Count = Callable[[Call], int]

OUTPUT_SHARE = {"summary": (4_500, 0.6), "translation": (400, 0.9)}
"""Estimated output tokens of a task: a fixed number, and a share of the article's own tokens. Fitted to the handwritten
answers of the samples (16 to 18 claims each): their texts by `tokens.estimate`, and 5 tokens for each name in the JSON
(2026-11). Does not include thinking."""

CORRECTION_OUTPUT = 285
"""Estimated output tokens of a repair for each item that it corrects: the mean of the repairs of the samples, which
correct one claim each, counted in the same way. A title or a key point takes less."""


@dataclass(frozen=True)
class Estimate:
    """The estimate of several requests together."""

    requests: int
    prompt_tokens: int
    cached_tokens: int
    """Those of the ``prompt_tokens`` that are read from the prompt cache."""
    output_tokens: int
    basis: Basis
    """Where the prompt tokens come from."""
    cost_usd: Decimal | None
    """None when the model has no price."""


NOTHING = Estimate(0, 0, 0, 0, "estimated", Decimal(0))
"""The estimate when no request is sent."""


@dataclass
class Gauge:
    """Estimates the requests of one plan, in the order in which they would be sent.

    ``count`` asks the service's free token counter; if it is None, prompt tokens are estimated and multiplied by the
    ratio in ``calibration``. ``times`` is the provider's price as a multiple of the list price.
    """

    count: Count | None
    calibration: Calibration
    times: Decimal = Decimal(1)
    _cached_prompts: set[str] = field(default_factory=set)
    """Digests of the prompts whose fixed part an earlier request of the plan writes to the cache."""

    def estimate(self, spec: TaskSpec, calls: Sequence[Call], language: str) -> Estimate:
        """Estimate the ``calls`` of one task about an article in ``language``; there must be at least one."""
        prompts = [self._prompt(call, language) for call in calls]
        tokens = [count for count, _ in prompts]
        output = self._output(spec, calls, tokens, language)
        usages = [
            self._usage(spec.model, call, count, output // len(calls))
            for call, count in zip(calls, tokens, strict=True)
        ]
        amounts = [cost(spec.model, usage, times=self.times) for usage in usages]
        total = None if None in amounts else sum((a for a in amounts if a is not None), Decimal(0))
        cached = sum(usage.cache_read_tokens for usage in usages)
        return Estimate(len(calls), sum(tokens), cached, output, prompts[0][1], total)

    def _prompt(self, call: Call, language: str) -> tuple[int, Basis]:
        """Tokens of a prompt, and where the number comes from."""
        if self.count is not None:
            return self.count(call), "counted"
        factor = self.calibration.prompt_factor(language)
        estimated = prompt_tokens(call.request)
        return (estimated, "estimated") if factor is None else (round(estimated * factor), "learned")

    def _output(self, spec: TaskSpec, calls: Sequence[Call], prompts: Sequence[int], language: str) -> int:
        """Output tokens of all requests of a task together: from their items for repairs, and otherwise from the tokens
        of each prompt."""
        if calls[0].role == "repair":
            return CORRECTION_OUTPUT * sum(len(call.items.split()) for call in calls)
        share = self.calibration.output_share(spec.task, language)
        if share is not None:
            return round(share * sum(prompts))
        fixed, share = OUTPUT_SHARE[spec.task]
        article_tokens = sum(prompts) - len(prompts) * _tokens_without_article(spec)
        return int(fixed * len(prompts) + share * max(article_tokens, 0))

    def _usage(self, model: Model, call: Call, tokens: int, output: int) -> Usage:
        fixed = min(self._fixed(model, call), tokens)
        if call.prompt.sha256 in self._cached_prompts:
            return Usage(tokens - fixed, output, cache_read_tokens=fixed)
        self._cached_prompts.add(call.prompt.sha256)
        return Usage(tokens - fixed, output, cache_write_5m_tokens=fixed)

    def _fixed(self, model: Model, call: Call) -> int:
        """Tokens of a prompt that the service caches for the next request."""
        measured = self.calibration.fixed_part(call.prompt.sha256)
        if measured is not None:
            return measured
        estimated = estimate(call.request.system)
        return estimated if model.cache_minimum is not None and estimated >= model.cache_minimum else 0


def _tokens_without_article(spec: TaskSpec) -> int:
    """Estimated tokens that all requests of a task have in common, cached or not."""
    return estimate(spec.prompt.system) + estimate(str(spec.prompt.schema)) + estimate(spec.prompt.user)
