"""Compare the token counts of earlier replies with our estimates, to make the next estimate better.

The store has what the service counted for requests to the same model. These counts, divided by our estimates, are
averaged by language. A language with fewer than `ENOUGH` replies uses the average of all languages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean

from dragoman.core.exchange import Exchange
from dragoman.errors import ReplyRejected
from dragoman.tasks.requests import prompt_tokens

ENOUGH = 3
"""How many replies an average needs."""

LATEST = 300
"""How many replies are compared, the newest first: next year the service may count differently."""


@dataclass(frozen=True)
class Calibration:
    """Ratios of measured tokens to estimates. The key None stands for all languages together."""

    prompt: Mapping[str | None, float] = field(default_factory=dict)
    """By language: prompt tokens as counted ÷ as estimated."""
    output: Mapping[tuple[str, str | None], float] = field(default_factory=dict)
    """By task and language, without repairs: output tokens ÷ tokens of the whole prompt, both as counted."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    """By digest of the prompt: tokens of a request that were written to the prompt cache or read from it."""

    def prompt_factor(self, language: str | None) -> float | None:
        """What an estimate of prompt tokens must be multiplied by; None when too little was measured."""
        return self.prompt.get(language, self.prompt.get(None))

    def output_share(self, task: str, language: str | None) -> float | None:
        """Output tokens per prompt token; None when too little was measured."""
        return self.output.get((task, language), self.output.get((task, None)))

    def fixed_part(self, prompt_sha256: str) -> int | None:
        """Tokens of one request that pass through the prompt cache, 0 where the cache does not help; None when too
        little was measured."""
        tokens = self.fixed.get(prompt_sha256)
        return None if tokens is None else round(tokens)


def calibrate(measured: Iterable[tuple[Exchange, str | None]]) -> Calibration:
    """The calibration for one model from its exchanges, each with the language of its article, if known.

    Exchanges without a readable reply or without token counts are passed over.
    """
    prompts: dict[str | None, list[float]] = defaultdict(list)
    outputs: dict[tuple[str, str | None], list[float]] = defaultdict(list)
    fixed: dict[str, list[float]] = defaultdict(list)
    for exchange, language in measured:
        try:
            usage = exchange.reply.usage
        except ReplyRejected:
            continue
        if usage is None or not usage.prompt_tokens:
            continue
        fixed[exchange.prompt_sha256].append(usage.prompt_tokens - usage.input_tokens)
        for key in {language, None}:
            prompts[key].append(usage.prompt_tokens / prompt_tokens(exchange.request))
            if exchange.role != "repair":  # it writes a few items, not an answer
                outputs[exchange.task, key].append(usage.output_tokens / usage.prompt_tokens)
    return Calibration(
        {key: fmean(ratios) for key, ratios in prompts.items() if len(ratios) >= ENOUGH},
        {key: fmean(ratios) for key, ratios in outputs.items() if len(ratios) >= ENOUGH},
        {key: fmean(tokens) for key, tokens in fixed.items() if len(tokens) >= ENOUGH},
    )
