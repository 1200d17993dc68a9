"""What earlier replies have cost in tokens → factors that make the next estimate better.

The store has what the service counted for requests of the same model. Its counts divided by our estimates are
averaged by language; a language with fewer than `ENOUGH` replies takes the average of all.
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
"""Replies from which something is learned."""

LATEST = 300
"""Replies that are looked at, the newest first: a service may count otherwise next year."""


@dataclass(frozen=True)
class Learned:
    """Measured tokens ÷ estimated ones, by language; under None for all languages together."""

    prompt: Mapping[str | None, float] = field(default_factory=dict)
    output: Mapping[tuple[str, str | None], float] = field(default_factory=dict)
    """By task and language: output tokens ÷ tokens of the whole prompt as measured."""
    fixed: Mapping[str, float] = field(default_factory=dict)
    """By digest of the prompt: tokens of a request that were written to the prompt cache or read from it."""

    def prompt_factor(self, language: str | None) -> float | None:
        """What to multiply an estimate of prompt tokens with; None when nothing is known."""
        return self.prompt.get(language, self.prompt.get(None))

    def output_share(self, task: str, language: str | None) -> float | None:
        """Output tokens per token of the prompt; None when nothing is known."""
        return self.output.get((task, language), self.output.get((task, None)))

    def fixed_part(self, prompt_sha256: str) -> int | None:
        """Tokens of one request that pass through the prompt cache, 0 where it does not help; None when unknown."""
        found = self.fixed.get(prompt_sha256)
        return None if found is None else round(found)


def learn(kept: Iterable[tuple[Exchange, str | None]]) -> Learned:
    """From exchanges of one model, each with the language of its article where that is known."""
    prompts: dict[str | None, list[float]] = defaultdict(list)
    outputs: dict[tuple[str, str | None], list[float]] = defaultdict(list)
    fixed: dict[str, list[float]] = defaultdict(list)
    for exchange, language in kept:
        try:
            usage = exchange.reply.usage
        except ReplyRejected:
            continue
        if usage is None or not usage.prompt_tokens:
            continue
        fixed[exchange.prompt_sha256].append(usage.prompt_tokens - usage.input_tokens)
        for key in {language, None}:
            prompts[key].append(usage.prompt_tokens / prompt_tokens(exchange.request))
            outputs[exchange.task, key].append(usage.output_tokens / usage.prompt_tokens)
    return Learned(
        {key: fmean(found) for key, found in prompts.items() if len(found) >= ENOUGH},
        {key: fmean(found) for key, found in outputs.items() if len(found) >= ENOUGH},
        {key: fmean(found) for key, found in fixed.items() if len(found) >= ENOUGH},
    )
