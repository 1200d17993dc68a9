"""Reserve in the budget what one attempt can cost at most, before it is sent.

The worst case assumes one token per byte of the prompt: no tokenizer makes more, while an estimate can be far too low
for a script that the tokenizer does not know. Near the end of a budget this bound would leave money unused. So if it
does not fit what is left but an estimate would, Claude's own free token counter is asked, once per request, and its
count is reserved with a margin. The counters of custom servers are not trusted.

Two things that raise a price are known only from a reply: the geography that the workspace of an account prescribes,
and another model than the one that was asked. Before the first reply of Claude's API the dearest geography is assumed;
from then on, the dearest model and geography that this invocation has seen.
"""

from __future__ import annotations

import threading
from decimal import Decimal

from dragoman.asking.budget import Budget
from dragoman.asking.providers import Provider
from dragoman.core.exchange import Reply
from dragoman.core.models import Model
from dragoman.core.prices import answered, geography_factor, highest_geography_factor, worst_case
from dragoman.core.request import Request
from dragoman.core.tokens import MARGIN, at_most
from dragoman.errors import BudgetReached, ProviderError
from dragoman.tasks.requests import ADDED, most_tokens, prompt_tokens

COUNT_MARGIN = Decimal("1.05")
"""The counter of the Messages API is documented as an estimate: the tokens of a request "may differ by a small amount"
(read 2026-11-30). Together with `ADDED`, this takes "small" to be a twentieth plus a thousand tokens."""


class Reservations:
    """Worst-case reservations of one invocation in its budget. Any number of threads may reserve at once."""

    def __init__(self, budget: Budget, provider: Provider, model: Model) -> None:
        self._budget = budget
        self._provider = provider
        self._model = model
        self._counts: dict[str, int] = {}
        """Tokens to reserve, by request key. Each request is asked for by one thread at a time."""
        # A server of another kind may count in one way and bill in another.
        self._trusts_counter = provider.endpoint in ("anthropic", "bedrock")
        self._lock = threading.Lock()
        self._models: tuple[Model, ...] = (model,)
        """The model that is asked and those that have answered, as far as they have a price."""
        self._geographies: frozenset[str | None] = frozenset()
        """The geographies that replies have named; None for none."""

    def worst_case(self, request: Request) -> Decimal | None:
        """USD that one attempt can cost at most; None without a price."""
        return self._price(request, most_tokens(request))

    def at_most(self, request: Request) -> Decimal | None:
        """The same, by the service's own count if it was asked for it."""
        return self._price(request, self._counts.get(request.key, most_tokens(request)))

    def reserve(self, request: Request) -> Decimal:
        """Reserve what one attempt can cost at most; returns the amount to settle with.

        Raises `BudgetReached` when it does not fit any more.
        """
        if self._budget.cap is None:
            return self._budget.reserve(None)
        try:
            return self._budget.reserve(self.worst_case(request))
        except BudgetReached:
            counted = self._counted_price(request)
            if counted is None:
                raise
        return self._budget.reserve(counted)

    def learn(self, request: Request, reply: Reply) -> None:
        """Learn from a reply what attempts can cost. A counter that was too low is not asked again."""
        usage, counted = reply.usage, self._counts.get(request.key)
        if counted is not None and usage is not None and usage.prompt_tokens > counted:
            self._trusts_counter = False
        answering = answered(self._model, reply.model)
        with self._lock:
            if usage is not None:
                self._geographies |= {usage.inference_geo}
            if answering.rates is not None and answering.id not in {model.id for model in self._models}:
                self._models += (answering,)

    def _counted_price(self, request: Request) -> Decimal | None:
        """USD at most by the service's count; None if the count does not help."""
        estimated = self._price(request, int(prompt_tokens(request) * MARGIN))
        if estimated is None or not self._budget.has_room(estimated):
            return None
        if self._trusts_counter and request.key not in self._counts:
            self._count(request)
        return self._price(request, self._counts[request.key]) if self._trusts_counter else None

    def _count(self, request: Request) -> None:
        """Ask the service for its count. A failure does not concern the run: the bound still applies, and nothing more
        is counted, whether the service has no counter, the account may not use it, or it does not answer."""
        try:
            counted = self._provider.count_tokens(request, self._model)
        except ProviderError:
            self._trusts_counter = False
            return
        # A schema that is counted as native, and then turns out not to be supported, is sent inside the prompt.
        most = int(counted * COUNT_MARGIN) + ADDED + at_most(request.schema.text)
        self._counts[request.key] = min(most, most_tokens(request))

    def _price(self, request: Request, tokens: int) -> Decimal | None:
        if self._model.rates is None:
            return None
        prices = (worst_case(model, tokens, request.max_tokens, times=self._times(model)) for model in self._models)
        return max(price for price in prices if price is not None)

    def _times(self, model: Model) -> Decimal:
        """What an attempt can cost at most as a multiple of the list price."""
        if not self._geographies and self._provider.endpoint == "anthropic":
            geography = highest_geography_factor(model)
        else:
            factors = (geography_factor(model, name) for name in self._geographies)
            geography = max((factor for factor in factors if factor is not None), default=Decimal(1))
        return max(self._provider.price_multiplier, geography)
