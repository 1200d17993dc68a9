"""Every model is found by each of its names, and every row of the table is complete."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import get_args, get_type_hints

import pytest
from anthropic.types import ThinkingConfigParam

from dragoman.core.models import PROFILE_PREFIXES, Model, Rates, arn_of, profile_prefix, table
from dragoman.tasks.requests import request_of
from tests.support.builders import spec_of

KNOWN = sorted(table().models)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("claude-haiku-5-5", "claude-haiku-5-5"),
        ("haiku-5-5", "claude-haiku-5-5"),
        ("  opus-5-5\n", "claude-opus-5-5"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-sonnet-5-5-20260928", "claude-sonnet-5-5"),
        ("anthropic.claude-sonnet-5-5", "claude-sonnet-5-5"),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("eu.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("jp.anthropic.claude-fable-5-2", "claude-fable-5-2"),
        ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-5-5", "claude-opus-5-5"),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0",
            "claude-haiku-4-5",
        ),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-5-5",
            "claude-sonnet-5-5",
        ),
        (
            "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us-gov.anthropic.claude-opus-4-6-v1",
            "claude-opus-4-6",
        ),
    ],
)
def test_a_model_is_found_by_each_of_its_names(name: str, id: str) -> None:
    """Short, dated, and on Bedrock with and without a profile. All give one row, so one request key."""
    found = table().find(name)
    assert (found.id, found.known) == (id, True)


@pytest.mark.parametrize("id", KNOWN)
@pytest.mark.parametrize("profile", [None, *PROFILE_PREFIXES])
def test_every_model_is_found_on_bedrock_with_every_profile(id: str, profile: str | None) -> None:
    model = table().models[id]
    name = f"{profile}.{model.bedrock}" if profile else str(model.bedrock)
    assert table().find(name) is model
    assert profile_prefix(name) == profile


@pytest.mark.parametrize("name", ["", "sonnet", "claude", "llama3.3:70b", "claude-sonnet-55", "anthropic.claude-new-9"])
def test_an_unknown_name_is_a_model_without_a_price(name: str) -> None:
    """It is sent as given, without parameters that the model may not support, and its price is unknown."""
    model = table().find(name)
    assert model == Model(id=name, known=False, context=200_000, max_output=64_000, bedrock=name)
    assert model.rates is None
    assert not any((model.structured_direct, model.structured_bedrock, model.effort, model.thinks))


ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012"
OPAQUE = f"{ACCOUNT}:application-inference-profile/abc123def456"


@pytest.mark.parametrize(
    ("name", "kind", "by_tokens"),
    [
        (OPAQUE, "application-inference-profile", True),
        (f"{ACCOUNT}:inference-profile/eu.anthropic.claude-new-9", "inference-profile", True),
        (f"{ACCOUNT}:provisioned-model/abcdefghijkl", "provisioned-model", False),
        (f"{ACCOUNT}:custom-model-deployment/abcdefghijkl", "custom-model-deployment", False),
        (f"{ACCOUNT}:imported-model/abcdefghijkl", "imported-model", False),
        (f"{ACCOUNT}:default-prompt-router/anthropic.claude:1", "default-prompt-router", False),
    ],
)
def test_an_arn_that_names_no_model_of_the_table_is_unknown_under_its_whole_name(
    name: str, kind: str, by_tokens: bool
) -> None:
    """Only inference profiles and foundation models are billed by tokens."""
    model = table().find(name)
    assert (model.id, model.known, model.rates, model.by_tokens) == (name, False, None, by_tokens)
    arn = arn_of(name)
    assert arn is not None
    assert (arn.region, arn.kind, f"{ACCOUNT}:{arn.kind}/{arn.id}") == ("eu-west-1", kind, name)


@pytest.mark.parametrize("name", ["arn:aws:s3:::bucket/anthropic.claude-opus-5-5", "arn:aws:bedrock:eu-west-1", "arn"])
def test_other_arns_are_no_names_of_models(name: str) -> None:
    assert arn_of(name) is None
    assert not table().find(name).known


@pytest.mark.parametrize("name", [OPAQUE, "my-local-model", "abc123def456"])
@pytest.mark.parametrize("id", KNOWN)
@pytest.mark.parametrize("task", ["summary", "translation"])
def test_what_is_behind_a_name_gives_it_a_price_and_changes_no_request_key(name: str, id: str, task: str) -> None:
    """Whether it is known what is behind a name must not matter to what is found in the store."""
    bare, behind = table().find(name), table().models[id]
    known = bare.with_behind(behind)
    assert (known.rates, known.behind, known.structured_bedrock) == (behind.rates, id, behind.structured_bedrock)
    assert known.bedrock_version == behind.bedrock_version
    spec = spec_of(task)
    keys = {request_of(spec.prompt, model, "text").key for model in (bare, known)}
    assert len(keys) == 1


@pytest.mark.parametrize("name", ["us.claude-sonnet-5-5", "usa.anthropic.claude-sonnet-5-5", "anthropic.x", "us", ""])
def test_only_known_prefixes_are_profiles(name: str) -> None:
    assert profile_prefix(name) is None


@pytest.mark.parametrize("id", KNOWN)
def test_every_row_is_complete_and_plausible(id: str) -> None:
    """Prices are ordered as everywhere: cache reads, input, writes for 5 minutes, writes for an hour, output."""
    model = table().models[id]
    assert model.id == id
    assert model.known
    assert 0 < model.max_output < model.context
    assert model.bedrock is not None
    assert model.bedrock.startswith(f"anthropic.{id}")
    assert model.cache_minimum is not None
    assert model.cache_minimum >= 512
    assert model.rates is not None
    for rates in filter(None, (model.rates, model.tier_rates)):
        assert Decimal(0) < rates.cache_read < rates.input < rates.cache_write_5m < rates.cache_write_1h < rates.output
        assert rates.cache_write_5m == rates.input * Decimal("1.25")
        assert rates.cache_write_1h == rates.input * 2
    assert (model.tier_above is None) == (model.tier_rates is None)


@pytest.mark.parametrize("id", [id for id in KNOWN if table().models[id].tier_rates])
def test_a_higher_tier_is_never_cheaper(id: str) -> None:
    """Otherwise the worst case of a short prompt would be too low."""
    model = table().models[id]
    assert model.rates is not None
    assert model.tier_rates is not None
    assert all(getattr(model.tier_rates, f.name) >= getattr(model.rates, f.name) for f in fields(Rates))


def test_thinking_is_turned_off_with_a_value_of_the_sdk() -> None:
    known = {word for kind in get_args(ThinkingConfigParam) for word in get_args(get_type_hints(kind)["type"])}
    used = {model.thinking_off for model in table().models.values()} - {None}
    assert used <= known
    assert "disabled" in used


@pytest.mark.parametrize("id", KNOWN)
def test_thinking_is_turned_off_only_where_it_is_on(id: str) -> None:
    model = table().models[id]
    assert model.thinks or model.thinking_off is None


def test_older_models_keep_the_older_api_version_on_bedrock() -> None:
    """Bedrock offers the newest version only for 4.7 and later."""
    older = {id for id, model in table().models.items() if model.bedrock_version}
    assert older == {id for id in KNOWN if re.search(r"-4-[56]$", id)}


def test_the_table_is_dated_and_its_default_is_in_it() -> None:
    date.fromisoformat(table().as_of)
    assert table().find(table().default).known
    assert table().regional_multiplier == Decimal("1.1")
    for model in table().models.values():
        assert model.end_of_life is None or date.fromisoformat(model.end_of_life)


def test_two_models_share_no_name() -> None:
    on_bedrock = [model.bedrock for model in table().models.values()]
    assert len(set(on_bedrock)) == len(on_bedrock)
