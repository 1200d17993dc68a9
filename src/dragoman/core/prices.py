"""Tokens and a model → money, or None for "unknown". Unknown is never 0.

Prices are list prices of the dated table in `models`; every amount is remembered with that date.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from dragoman.core.exchange import Usage
from dragoman.core.models import Model, Rates, table

_MILLION = Decimal(1_000_000)


def multiplier(endpoint: str, profile: str | None) -> Decimal:
    """What an endpoint costs more than list price: on Bedrock everything but the ``global`` profile does."""
    if endpoint == "bedrock" and profile != "global":
        return table().regional_multiplier
    return Decimal(1)


def cost(model: Model, usage: Usage | None, *, times: Decimal = Decimal(1)) -> Decimal | None:
    """USD for the tokens of one reply; None when the model has no price or the service told no usage."""
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
    """USD that one attempt can cost at most: the whole prompt written to the cache, the output limit used up."""
    rates = _rates(model, prompt_tokens)
    if rates is None:
        return None
    dearest_input = max(rates.input, rates.cache_write_5m)
    return (dearest_input * prompt_tokens + rates.output * max_tokens) / _MILLION * times


class Bill(NamedTuple):
    """What several replies cost together: USD of those whose price is known, and the number of all others."""

    known: Decimal
    unknown: int

    @property
    def whole(self) -> Decimal | None:
        """USD of all of them; None as soon as one price is unknown: never a sum that leaves a part out."""
        return None if self.unknown else self.known


def bill(costs: Iterable[str | None]) -> Bill:
    """Add up prices as they are kept: plain decimal strings, None for unknown."""
    known, unknown = Decimal(0), 0
    for cost in costs:
        if cost is None:
            unknown += 1
        else:
            known += Decimal(cost)
    return Bill(known, unknown)


def enough(amount: Decimal) -> Decimal:
    """An amount for people to give: three digits of it, and never less."""
    return amount.quantize(Decimal(1).scaleb(amount.adjusted() - 2), ROUND_CEILING)


def _rates(model: Model, prompt_tokens: int) -> Rates | None:
    if model.tier_above is not None and prompt_tokens > model.tier_above:
        return model.tier_rates
    return model.rates


def plain(amount: Decimal | None) -> str | None:
    """An amount as a plain decimal string, without exponent or trailing zeros; None stays None."""
    return None if amount is None else f"{amount.normalize():f}"
