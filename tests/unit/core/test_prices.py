"""Prices follow the table, unknown stays unknown, and no reply costs more than its worst case."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.exchange import Usage
from dragoman.core.models import table
from dragoman.core.prices import cost, decimal_string, multiplier, worst_case

SONNET = table().find("sonnet-5-5")
HAIKU = table().find("haiku-5-5")
UNKNOWN = table().find("a-model-of-tomorrow")

counts = st.integers(0, 300_000)


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (Usage(1_000_000, 0), "2"),
        (Usage(0, 1_000_000), "10"),
        (Usage(0, 0, cache_read_tokens=1_000_000), "0.1"),
        (Usage(0, 0, cache_write_5m_tokens=1_000_000), "2.5"),
        (Usage(0, 0, cache_write_1h_tokens=1_000_000), "4"),
        # 1,500 × 2 + 800 × 10 + 2,000 × 0.10 + 1,000 × 2.5 + 500 × 4 = 15,700 millionths
        (Usage(1_500, 800, 2_000, 1_000, 500), "0.0157"),
        (Usage(1, 0), "0.000002"),
        (Usage(0, 0), "0"),
    ],
)
def test_prices_equal_those_computed_by_hand(usage: Usage, usd: str) -> None:
    assert decimal_string(cost(SONNET, usage)) == usd


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        # 100,000 × 0.10 + 1,000 × 0.50: the last prompt of the lower tier
        (Usage(100_000, 1_000), "0.0105"),
        # 100,001 × 0.50 + 1,000 × 2.50: one token more, and all of it costs the higher price
        (Usage(100_001, 1_000), "0.0525005"),
        # The cache counts as prompt: 1 × 0.50 + 100,000 × 0.05 + 1,000 × 2.50
        (Usage(1, 1_000, cache_read_tokens=100_000), "0.0075005"),
        # 50,000 × 0.50 + 50,001 × 0.625 + 0
        (Usage(50_000, 0, cache_write_5m_tokens=50_001), "0.056250625"),
        # 100,001 × 1.00
        (Usage(0, 0, cache_write_1h_tokens=100_001), "0.100001"),
        # A long answer does not lift the tier: 100 × 0.10 + 120,000 × 0.50
        (Usage(100, 120_000), "0.06001"),
    ],
)
def test_a_long_prompt_is_billed_entirely_at_the_higher_price(usage: Usage, usd: str) -> None:
    assert decimal_string(cost(HAIKU, usage)) == usd


def test_an_unknown_price_is_never_zero() -> None:
    """Without a price or without usage the cost is None, even when zero tokens would cost nothing."""
    assert cost(UNKNOWN, Usage(0, 0)) is None
    assert cost(SONNET, None) is None
    assert worst_case(UNKNOWN, 10, 10) is None
    assert decimal_string(None) is None


@pytest.mark.parametrize(
    ("endpoint", "profile", "times"),
    [
        ("anthropic", None, "1"),
        ("bedrock", "global", "1"),
        ("bedrock", "us", "1.1"),
        ("bedrock", "eu", "1.1"),
        ("bedrock", "us-gov", "1.1"),
        ("anthropic", "us", "1"),
        ("custom", "us", "1"),
    ],
)
def test_a_geographic_profile_costs_a_tenth_more(endpoint: str, profile: str | None, times: str) -> None:
    assert multiplier(endpoint, profile) == Decimal(times)


def test_the_multiplier_reaches_every_price() -> None:
    usage = Usage(1_500, 800, 2_000, 1_000, 500)
    assert decimal_string(cost(SONNET, usage, times=Decimal("1.1"))) == "0.01727"
    # 1,000 × 2.5 + 500 × 10 = 7,500 millionths, and a tenth more
    assert decimal_string(worst_case(SONNET, 1_000, 500)) == "0.0075"
    assert decimal_string(worst_case(SONNET, 1_000, 500, times=Decimal("1.1"))) == "0.00825"


def test_the_worst_case_uses_the_price_of_the_tier() -> None:
    # 100,001 × 0.625 + 1,000 × 2.50
    assert decimal_string(worst_case(HAIKU, 100_001, 1_000)) == "0.065000625"
    # 100,000 × 0.125 + 1,000 × 0.50
    assert decimal_string(worst_case(HAIKU, 100_000, 1_000)) == "0.013"


@given(st.sampled_from(sorted(table().models)), counts, counts, counts, counts, st.integers(0, 50_000), st.data())
def test_no_reply_within_its_limits_costs_more_than_the_worst_case(
    name: str, fresh: int, read: int, written: int, output: int, spare: int, data: st.DataObject
) -> None:
    """However the prompt is split over the five-minute cache that Dragoman asks for, in every tier."""
    model = table().models[name]
    usage = Usage(fresh, output, read, written)
    times = data.draw(st.sampled_from([Decimal(1), Decimal("1.1")]))
    most = worst_case(model, usage.prompt_tokens + spare, output + spare, times=times)
    paid = cost(model, usage, times=times)
    assert most is not None
    assert paid is not None
    assert Decimal(0) <= paid <= most


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.0042100", "0.00421"),
        ("1E+3", "1000"),
        ("1E-7", "0.0000001"),
        ("0", "0"),
        ("0.000", "0"),
        ("12", "12"),
        ("100", "100"),
    ],
)
def test_an_amount_is_written_without_exponent_or_trailing_zeros(amount: str, text: str) -> None:
    assert decimal_string(Decimal(amount)) == text


@given(st.decimals(0, 10_000, places=9, allow_nan=False))
def test_the_written_amount_has_the_same_value(amount: Decimal) -> None:
    text = decimal_string(amount)
    assert text is not None
    assert Decimal(text) == amount
    assert set(text) <= set("0123456789.")
    assert "." not in text or not text.endswith(("0", "."))
