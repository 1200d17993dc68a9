"""The price of tokens on a model, in USD; None means that the price is unknown. It is never 0 for unknown.

Prices are the list prices of the dated table in `models`. Every stored cost also has the date of that table.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from dragoman.core.exchange import Usage
from dragoman.core.models import Model, Rates, table

_MILLION = Decimal(1_000_000)


def multiplier(endpoint: str, profile: str | None) -> Decimal:
    """The factor by which an endpoint's prices exceed list price: on Bedrock all profiles but ``global`` cost more."""
    if endpoint == "bedrock" and profile != "global":
        return table().regional_multiplier
    return Decimal(1)


def cost(model: Model, usage: Usage | None, *, times: Decimal = Decimal(1)) -> Decimal | None:
    """USD for the tokens of one reply; None when the model has no price or the service reported no usage."""
    if usage is None:
        return None
    rates = _rates(model, usage.prompt_tokens)
    if rates is None:
        return None
    amount = (
        rates.input * usage.input_tokens
        + rates.output * usage.output_tokens
        + rates.cache_read * usage.cache_read_tokens
        + rates.cache_write_5m * usage.cache_write_5m_tokens
        + rates.cache_write_1h * usage.cache_write_1h_tokens
    )
    return amount / _MILLION * times


def worst_case(model: Model, prompt_tokens: int, max_tokens: int, *, times: Decimal = Decimal(1)) -> Decimal | None:
    """The most USD that one attempt can cost: the whole prompt is written to the cache, and the output limit is
    reached."""
    rates = _rates(model, prompt_tokens)
    if rates is None:
        return None
    dearest_input = max(rates.input, rates.cache_write_5m)
    return (dearest_input * prompt_tokens + rates.output * max_tokens) / _MILLION * times


class Bill(NamedTuple):
    """The cost of several replies: the sum in USD of those whose price is known, and the number of all others."""

    priced_usd: Decimal
    unpriced: int

    @property
    def total(self) -> Decimal | None:
        """USD of all replies; None when any price is unknown, because a sum that leaves a part out would mislead."""
        return None if self.unpriced else self.priced_usd


def bill(costs: Iterable[str | None]) -> Bill:
    """Add up stored costs: decimal strings, or None for unknown."""
    priced_usd, unpriced = Decimal(0), 0
    for cost in costs:
        if cost is None:
            unpriced += 1
        else:
            priced_usd += Decimal(cost)
    return Bill(priced_usd, unpriced)


def round_up(amount: Decimal) -> Decimal:
    """An amount to show to people: three significant digits, rounded up so that it always suffices."""
    return amount.quantize(Decimal(1).scaleb(amount.adjusted() - 2), ROUND_CEILING)


def _rates(model: Model, prompt_tokens: int) -> Rates | None:
    if model.tier_above is not None and prompt_tokens > model.tier_above:
        return model.tier_rates
    return model.rates


def decimal_string(amount: Decimal | None) -> str | None:
    """An amount as a decimal string without exponent or trailing zeros; None for None."""
    return None if amount is None else f"{amount.normalize():f}"
