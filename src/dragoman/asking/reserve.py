"""Reserve in the budget what one attempt can cost at most, before it is sent.

The worst case assumes one token per byte of the prompt: no tokenizer makes more, while an estimate can be far too low
for a script that the tokenizer does not know. Near the end of a budget this bound would leave money unused. So if it
does not fit what is left but an estimate would, Claude's own free token counter is asked, once per request, and its
count is reserved with a margin. The counters of custom servers are not trusted.
"""

from __future__ import annotations

from decimal import Decimal

from dragoman.asking.budget import Budget
from dragoman.asking.providers import Provider
from dragoman.core.exchange import Usage
from dragoman.core.models import Model
from dragoman.core.prices import worst_case
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

    def worst_case(self, request: Request) -> Decimal | None:
        """USD that one attempt can cost at most; None without a price."""
        return self._price(request, most_tokens(request))

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

    def check_count(self, request: Request, usage: Usage | None) -> None:
        """Compare a count with the usage in the reply: a counter that was too low is not asked again."""
        counted = self._counts.get(request.key)
        if counted is not None and usage is not None and usage.prompt_tokens > counted:
            self._trusts_counter = False

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
        return worst_case(self._model, tokens, request.max_tokens, times=self._provider.price_multiplier)
