"""Prices follow the table, unknown stays unknown, and no reply costs more than its worst case.

A reply costs what the model costs that answered, with everything in its usage that changes the price.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.exchange import Reply
from dragoman.core.models import table
from dragoman.core.prices import (
    cost,
    decimal_string,
    highest_geography_factor,
    is_bounded,
    multiplier,
    price_of,
    worst_case,
)
from dragoman.core.usage import Usage
from tests.support.builders import message

SONNET = table().find("sonnet-5-5")
HAIKU = table().find("haiku-5-5")
UNKNOWN = table().find("a-model-of-tomorrow")

counts = st.integers(0, 300_000)


def reply_of(model: str, usage: dict[str, Any] | None = None, **more: Any) -> Reply:
    """A reply with 1,000 input and 2,000 output tokens that names a model; ``more`` are other fields of its usage."""
    counted = {"input_tokens": 1_000, "output_tokens": 2_000, **more} if usage is None else usage
    return Reply.read(message("{}", model=model, usage=counted))


def usd(asked: str, answered: str, *, times: str = "1", **usage: Any) -> str | None:
    """The price of such a reply to a request for ``asked``."""
    return decimal_string(price_of(table().find(asked), reply_of(answered, **usage), times=Decimal(times)))


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


# The model that answered

SONNET_USD = "0.022"  # 1,000 × 2 + 2,000 × 10
OPUS_USD = "0.044"  # 1,000 × 4 + 2,000 × 20


@pytest.mark.parametrize(
    ("asked", "answered", "amount"),
    [
        ("haiku-5-5", "claude-opus-5-5", OPUS_USD),
        ("opus-5-5", "claude-sonnet-5-5", SONNET_USD),
        ("sonnet-5-5", "claude-sonnet-5-5-20260928", SONNET_USD),
        ("sonnet-5-5", "anthropic.claude-sonnet-5-5", SONNET_USD),
        ("sonnet-5-5", "eu.anthropic.claude-sonnet-5-5", SONNET_USD),
        ("sonnet-5-5", "anthropic.claude-sonnet-5-5-v1:0", SONNET_USD),
        ("sonnet-5-5", "bedrock/us.anthropic.claude-sonnet-5-5-20260928-v1:0", SONNET_USD),
        ("sonnet-5-5", "openrouter/anthropic/claude-sonnet-5-5", SONNET_USD),
        ("sonnet-5-5", "claude-sonnet-5-5@20260928", SONNET_USD),
        ("sonnet-5-5", "claude-sonnet-5-5-latest", SONNET_USD),
        ("sonnet-5-5", "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5", SONNET_USD),
        ("a-model-of-tomorrow", "claude-sonnet-5-5", SONNET_USD),
        ("sonnet-5-5", "a-model-of-tomorrow", None),
        ("sonnet-5-5", "claude-sonnet-5-5-fast", None),
        ("sonnet-5-5", "claude-sonnet-5", SONNET_USD),
        ("sonnet-5-5", "claude", None),
        ("sonnet-5-5", "", None),
        ("a-model-of-tomorrow", "a-model-of-tomorrow", None),
    ],
)
def test_a_reply_costs_what_the_model_costs_that_answered(asked: str, answered: str, amount: str | None) -> None:
    """Under each of its names. A model that is not in the table has no price: never that of the model asked."""
    assert usd(asked, answered) == amount


def test_a_name_that_is_not_in_the_table_costs_what_the_model_behind_it_costs() -> None:
    """A user named that model, or the service was asked for it. A reply that names another model costs what that one
    costs."""
    local = table().find("my-server").with_behind(SONNET)
    assert decimal_string(price_of(local, reply_of("my-server:7b"))) == SONNET_USD
    assert decimal_string(price_of(local, reply_of("claude-opus-5-5"))) == OPUS_USD
    renamed = SONNET.with_behind(SONNET)
    assert decimal_string(price_of(renamed, reply_of("production"))) == SONNET_USD


def test_what_is_billed_by_the_hour_has_no_price_by_tokens() -> None:
    """Provisioned throughput, whatever model answers, unless the user says what a reply costs."""
    provisioned = table().find("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl")
    assert price_of(provisioned, reply_of("claude-sonnet-5-5")) is None
    assert price_of(provisioned.with_behind(SONNET), reply_of("claude-sonnet-5-5")) is not None


# What the usage says besides tokens


@pytest.mark.parametrize(
    ("model", "usage", "amount"),
    [
        ("sonnet-5-5", {"inference_geo": "us"}, "0.0242"),
        ("sonnet-5-5", {"inference_geo": "US"}, "0.0242"),
        ("sonnet-5-5", {"inference_geo": "global"}, "0.022"),
        ("sonnet-5-5", {"inference_geo": None}, "0.022"),
        ("sonnet-5-5", {"inference_geo": ""}, "0.022"),
        ("sonnet-5-5", {"inference_geo": "not_available"}, "0.022"),
        ("sonnet-5-5", {"inference_geo": "eu"}, None),
        ("sonnet-5-5", {"inference_geo": 5}, None),
        ("haiku-5-5", {"inference_geo": "us"}, "0.00121"),
        ("opus-4-6", {"inference_geo": "us"}, "0.0605"),
        ("haiku-4-5", {"inference_geo": "us"}, "0.011"),
        ("sonnet-4-5", {"inference_geo": "not_available"}, "0.033"),
        ("sonnet-5-5", {"service_tier": "standard"}, "0.022"),
        ("sonnet-5-5", {"service_tier": None}, "0.022"),
        ("sonnet-5-5", {"service_tier": "batch"}, "0.011"),
        ("sonnet-5-5", {"service_tier": "batch", "inference_geo": "us"}, "0.0121"),
        ("sonnet-5-5", {"service_tier": "priority"}, None),
        ("sonnet-5-5", {"service_tier": "flex"}, None),
        ("sonnet-5-5", {"speed": "standard"}, "0.022"),
        ("sonnet-5-5", {"speed": "fast"}, None),
        ("sonnet-5-5", {"server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 3}}, "0.022"),
        ("sonnet-5-5", {"server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0}}, None),
        ("sonnet-5-5", {"server_tool_use": {"code_execution_requests": 2}}, None),
        ("sonnet-5-5", {"fallback_credit": {"status": {"type": "not_applied", "reason": "expired"}}}, "0.022"),
        ("sonnet-5-5", {"fallback_credit": {"status": {"type": "redeemed"}}}, None),
        ("sonnet-5-5", {"output_tokens_details": {"thinking_tokens": 1_500}}, "0.022"),
        ("sonnet-5-5", {"a_field_of_tomorrow": 1}, "0.022"),
        # 1,000 × 2 + 2,000 × 10 + 3,000 × 2.5 + 1,000 × 4
        (
            "sonnet-5-5",
            {
                "cache_creation_input_tokens": 4_000,
                "cache_creation": {"ephemeral_5m_input_tokens": 3_000, "ephemeral_1h_input_tokens": 1_000},
            },
            "0.0335",
        ),
        (
            "sonnet-5-5",
            {
                "cache_creation_input_tokens": None,
                "cache_creation": {"ephemeral_5m_input_tokens": 3_000, "ephemeral_1h_input_tokens": 1_000},
            },
            "0.0335",
        ),
        ("sonnet-5-5", {"cache_creation_input_tokens": 4_000, "cache_creation": None}, "0.032"),
        ("sonnet-5-5", {"cache_creation_input_tokens": 4_000, "cache_creation": {}}, "0.032"),
        (
            "sonnet-5-5",
            {"cache_creation_input_tokens": 4_000, "cache_creation": {"ephemeral_1h_input_tokens": 1_000}},
            None,
        ),
        (
            "sonnet-5-5",
            {"cache_creation_input_tokens": 500, "cache_creation": {"ephemeral_5m_input_tokens": 1_000}},
            None,
        ),
        ("sonnet-5-5", {"cache_read_input_tokens": "3000"}, None),
        ("sonnet-5-5", {"cache_read_input_tokens": -1}, None),
        ("sonnet-5-5", {"cache_creation_input_tokens": 1.5}, None),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_the_usage_of_a_reply_changes_its_price(model: str, usage: dict[str, Any], amount: str | None) -> None:
    """The geography (since Opus 4.6), the tier, and the lifetime of what was cached. Whatever has no known price, and
    numbers that contradict each other, make the price unknown."""
    assert usd(model, f"claude-{model}", **usage) == amount


@pytest.mark.parametrize(("times", "geo"), [("1.1", None), ("1.1", "us"), ("1", "us"), ("1.1", "global")])
def test_a_place_is_paid_for_once(times: str, geo: str | None) -> None:
    """On Bedrock the inference profile says where a model runs, on the direct API the geography."""
    assert usd("sonnet-5-5", "claude-sonnet-5-5", times=times, inference_geo=geo) == "0.0242"


def test_the_dearest_geography_is_the_most_that_one_can_cost() -> None:
    assert highest_geography_factor(SONNET) == max(table().geographies.values()) == Decimal("1.1")
    assert highest_geography_factor(table().find("opus-4-5")) == 1


# Several attempts


def attempt(model: str | None, input_tokens: int, output_tokens: int, kind: str = "message", **more: Any) -> Any:
    named = {} if model is None else {"model": model}
    return {"type": kind, **named, "input_tokens": input_tokens, "output_tokens": output_tokens, **more}


FABLE, OPUS = "claude-fable-5-2", "claude-opus-4-8"
SERVED = attempt(OPUS, 1_000, 2_000, "fallback_message")
FALLBACKS: dict[str, tuple[Any, str | None]] = {
    # 1,000 × 8 + 299 × 40 + 1,000 × 5 + 2,000 × 25
    "declined while it answered": ([attempt(FABLE, 1_000, 299), SERVED], "0.07496"),
    "declined before any output": ([attempt(FABLE, 1_000, 0), SERVED], "0.055"),
    "two hops": ([attempt(FABLE, 1_000, 100), attempt("claude-opus-5", 1_000, 10), SERVED], "0.07225"),
    "served directly": ([SERVED], "0.055"),
    "a dated id": ([attempt(FABLE, 1_000, 299), {**SERVED, "model": f"{OPUS}-20260528"}], "0.07496"),
    "a cache read": ([attempt(FABLE, 0, 299, cache_read_input_tokens=1_000), SERVED], "0.06716"),
    "a cache write": ([attempt(FABLE, 0, 299, cache_creation_input_tokens=1_000), SERVED], "0.07696"),
    "a model of unknown price": ([attempt("claude-mythos-9", 1_000, 299), SERVED], None),
    "a hop without a model": ([attempt(None, 1_000, 299, "advisor_message"), SERVED], None),
    "a hop without tokens": ([{"type": "message", "model": FABLE}, SERVED], None),
    "only the declined hop": ([attempt(FABLE, 1_000, 299)], None),
    "no list": ({"message": 1}, None),
    "an entry that is none": (["x"], None),
    "an empty list": ([], "0.055"),
    "null": (None, "0.055"),
}


@pytest.mark.parametrize(("iterations", "amount"), FALLBACKS.values(), ids=FALLBACKS)
def test_every_attempt_of_a_fallback_is_paid_at_the_price_of_its_model(iterations: Any, amount: str | None) -> None:
    """The counts of the reply are those of the model that answered, and are not counted twice. An attempt that was
    declined before any output costs nothing. If one attempt is not known, the price is not."""
    assert usd("fable-5-2", OPUS, iterations=iterations) == amount


def test_a_geography_and_a_tier_hold_for_every_attempt() -> None:
    iterations = FALLBACKS["declined while it answered"][0]
    assert usd("fable-5-2", OPUS, iterations=iterations, inference_geo="us") == "0.082456"
    assert usd("fable-5-2", OPUS, iterations=iterations, service_tier="batch") == "0.03748"
    assert usd("fable-5-2", OPUS, iterations=iterations, inference_geo="eu") is None


@pytest.mark.parametrize(
    ("iterations", "amount"),
    [
        ([attempt(None, 1_000, 2_000)], "0.022"),
        ([attempt(None, 400, 0), attempt("claude-sonnet-5-5", 600, 2_000)], "0.022"),
        # The counts of the reply leave out what compacting and advising used: + 500 × 2 + 100 × 10, + 100 × 4 + 50 × 20
        ([attempt(None, 500, 100, "compaction"), attempt(None, 1_000, 2_000)], "0.024"),
        ([attempt(None, 1_000, 2_000), attempt("claude-opus-5-5", 100, 50, "advisor_message")], "0.0234"),
    ],
    ids=["one", "a loop", "compaction", "an advisor"],
)
def test_a_loop_of_one_model_is_paid_once_and_with_all_that_the_total_leaves_out(iterations: Any, amount: str) -> None:
    assert usd("sonnet-5-5", "claude-sonnet-5-5", iterations=iterations) == amount


@pytest.mark.parametrize(
    ("answered", "usage", "bounded"),
    [
        ("claude-sonnet-5-5", {}, True),
        ("claude-opus-5-5", {"input_tokens": 1}, True),
        ("a-model-of-tomorrow", {}, False),
        ("a-model-of-tomorrow", {"input_tokens": 1, "output_tokens": 1}, False),
        ("claude-sonnet-5-5", {"input_tokens": 1, "output_tokens": 1, "speed": "fast"}, False),
        ("claude-sonnet-5-5", {"input_tokens": 1, "output_tokens": 1, "inference_geo": "mars"}, False),
    ],
)
def test_only_a_missing_usage_leaves_the_worst_case_as_a_bound(
    answered: str, usage: dict[str, Any], bounded: bool
) -> None:
    """A model without a price, and terms that are not in the table, can cost anything."""
    reply = reply_of(answered, usage)
    assert price_of(SONNET, reply) is None
    assert is_bounded(SONNET, reply) is bounded


@given(
    st.sampled_from(sorted(table().models)),
    st.dictionaries(
        st.sampled_from(["inference_geo", "service_tier", "speed", "iterations", "server_tool_use", "cache_creation"]),
        st.none() | st.text() | st.integers() | st.lists(st.dictionaries(st.text(), st.integers())) | st.just({}),
    ),
)
def test_no_value_in_the_usage_makes_a_reply_free_or_an_error(name: str, usage: dict[str, Any]) -> None:
    """The price is what the tokens cost with one of the factors of the table, or unknown."""
    listed = cost(table().models[name], Usage(1_000, 2_000))
    assert listed is not None
    price = price_of(table().models[name], reply_of(name, **usage))
    assert price is None or price >= listed * min(table().service_tiers.values())


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
