"""The price of tokens on a model, in USD; None means that the price is unknown. It is never 0 for unknown.

Prices are the list prices of the dated table in `models`. Every stored cost also has the date of that table.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from dragoman.core.exchange import Reply
from dragoman.core.models import Model, Rates, table
from dragoman.core.usage import Attempt, Usage

_MILLION = Decimal(1_000_000)


def multiplier(endpoint: str, profile: str | None) -> Decimal:
    """The factor by which an endpoint's prices exceed list price: on Bedrock all profiles but ``global`` cost more."""
    if endpoint == "bedrock" and profile != "global":
        return table().regional_multiplier
    return Decimal(1)


def price_of(asked: Model, reply: Reply, *, times: Decimal = Decimal(1)) -> Decimal | None:
    """USD for a reply to a request for ``asked``; None if it is not known what it cost.

    It costs what the model costs that it names. All attempts are paid that the service lists, each at the price of its
    own model, except one that was declined before it had any output
    (https://platform.claude.com/cookbook/fable-5-fallback-billing-guide, section 4). ``times`` is what the endpoint
    costs as a multiple of the list price.
    """
    usage = reply.usage
    if usage is None or usage.unclear is not None:
        return None
    attempts = usage.attempts or (Attempt(None, usage, answered=True),)
    paid = [attempt for attempt in attempts if attempt.answered or attempt.usage.output_tokens]
    names = [reply.model if attempt.model is None else attempt.model for attempt in paid]
    amounts = [
        cost(answered(asked, name), usage.of(attempt), times=times) for name, attempt in zip(names, paid, strict=True)
    ]
    return None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))


def answered(asked: Model, name: str) -> Model:
    """The model whose price counts for a reply that names ``name``: the one of that name, whichever was asked.

    A name that is not in the table counts as the model behind the one that was asked, if that is known.
    """
    if not asked.by_tokens:
        return asked
    found = table().find_answered(name)
    if found.id == asked.id:
        return asked
    return found if found.known or asked.behind is None else table().models[asked.behind]


def cost(model: Model, usage: Usage | None, *, times: Decimal = Decimal(1)) -> Decimal | None:
    """USD for the tokens of a model, counted once: the attempts that ``usage`` may list are not looked at.

    None when the model has no price, when the service reported no usage, or when it states something in it that the
    table has no factor for.
    """
    if usage is None:
        return None
    rates = _rates(model, usage.prompt_tokens)
    place, tier, speed = (term.factor for term in _terms(model, usage))
    if rates is None or place is None or tier is None or speed is None:
        return None
    amount = (
        rates.input * usage.input_tokens
        + rates.output * usage.output_tokens
        + rates.cache_read * usage.cache_read_tokens
        + rates.cache_write_5m * usage.cache_write_5m_tokens
        + rates.cache_write_1h * usage.cache_write_1h_tokens
    )
    # On Bedrock the profile says where the model runs: a place is paid for once, whoever names it.
    return amount / _MILLION * max(times, place) * tier * speed


class PriceTerms(NamedTuple):
    """What a reply states that changes its price, in words; ``known`` is false if the price is unknown because of
    it."""

    text: str
    known: bool


def price_terms(asked: Model, reply: Reply) -> PriceTerms | None:
    """What a reply to a request for ``asked`` states besides its tokens that changes its price, or makes it unknown;
    None for nothing. A missing usage, and a model without a price, are no terms."""
    usage = reply.usage
    model = answered(asked, reply.model)
    if usage is None or model.rates is None:
        return None
    if usage.unclear is not None:
        return PriceTerms(usage.unclear, known=False)
    terms = _terms(model, usage)
    unknown = [f"{term.name} {term.value}" for term in terms if term.factor is None]
    if unknown:
        return PriceTerms(f"no price is known for {' and '.join(unknown)}", known=False)
    changed = [f"{term.factor} times the list price for {term.name} {term.value}" for term in terms if term.factor != 1]
    return PriceTerms(", ".join(changed), known=True) if changed else None


class _Term(NamedTuple):
    """A field of a usage that changes the price: its name for people, its value, and what it costs as a multiple of the
    list price; None if that is not known."""

    name: str
    value: str | None
    factor: Decimal | None


def _terms(model: Model, usage: Usage) -> tuple[_Term, _Term, _Term]:
    """The geography, the service tier and the speed that a usage states; None counts as the usual one."""
    tier, speed = usage.service_tier, usage.speed
    return (
        _Term("the geography", usage.inference_geo, geography_factor(model, usage.inference_geo)),
        _Term("the service tier", tier, table().service_tiers.get(tier or "standard")),
        _Term("the speed", speed, table().speeds.get(speed or "standard")),
    )


def is_bounded(asked: Model, reply: Reply) -> bool:
    """Whether a reply of unknown price cannot have cost more than the worst case of its request: only its usage is
    missing. A model without a price, and terms that are not in the table, can cost anything."""
    return reply.usage is None and answered(asked, reply.model).rates is not None


def geography_factor(model: Model, geography: str | None) -> Decimal | None:
    """What a model costs in a geography as a multiple of the list price; None if that is not known."""
    factor = table().geographies.get(geography or "global")
    return Decimal(1) if factor is not None and not model.geographic_price else factor


def highest_geography_factor(model: Model) -> Decimal:
    """The most that a geography can cost, as a multiple of the list price."""
    return max(table().geographies.values()) if model.geographic_price else Decimal(1)


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
