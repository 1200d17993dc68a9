"""Bedrock's free calls, against botocore's own service model: names, parameters and answers are those of AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.core.models import table
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import request_of

SONNET = table().find("sonnet-5-5")


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stubber]]:
    """Real boto3 clients with preset answers; parameters are checked against the service model."""
    made: dict[str, Stubber] = {}
    real = boto3.Session.client

    def client(self: boto3.Session, name: str, **options: Any) -> Any:
        if name not in made:
            made[name] = Stubber(
                real(self, name, aws_access_key_id="x", aws_secret_access_key="x", region_name="eu-west-1", **options)
            )
            made[name].activate()
        return made[name].client

    monkeypatch.setattr(boto3.Session, "client", client)
    session = boto3.Session()
    for name in ("bedrock", "bedrock-runtime"):
        client(session, name)
    yield made
    for stub in made.values():
        stub.assert_no_pending_responses()


def test_ping_asks_the_control_plane_for_the_inference_profile(services: dict[str, Stubber]) -> None:
    """The call is free and shows whether region and account know the exact id that would be sent."""
    services["bedrock"].add_response(
        "get_inference_profile",
        {
            "inferenceProfileName": "EU Sonnet",
            "inferenceProfileArn": "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude",
            "inferenceProfileId": "eu.anthropic.claude-sonnet-5-5",
            "models": [{"modelArn": "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5"}],
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        },
        {"inferenceProfileIdentifier": "eu.anthropic.claude-sonnet-5-5"},
    )
    result = BedrockProvider(inference_profile="eu").ping(SONNET)
    assert result == "Amazon Bedrock in eu-west-1 knows eu.anthropic.claude-sonnet-5-5"


def test_ping_without_a_profile_asks_for_the_model(services: dict[str, Stubber]) -> None:
    """A bare id is the id of a foundation model."""
    services["bedrock"].add_response(
        "get_foundation_model",
        {"modelDetails": {"modelArn": "arn:aws:bedrock:eu-west-1::foundation-model/x", "modelId": "x"}},
        {"modelIdentifier": "anthropic.claude-sonnet-5-5"},
    )
    assert "anthropic.claude-sonnet-5-5" in BedrockProvider(inference_profile="").ping(SONNET)


def test_a_rejected_ping_says_what_to_do(services: dict[str, Stubber]) -> None:
    """Missing access is exit 4 with advice, and no request is counted as sent."""
    services["bedrock"].add_client_error("get_inference_profile", "AccessDeniedException", "not authorized", 403)
    with pytest.raises(ProviderError, match="doctor") as caught:
        BedrockProvider().ping(SONNET)
    assert (caught.value.kind, caught.value.sent) == (FailureKind.UNUSABLE, False)


# What is behind an inference profile

APPLICATION = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123def456"
HAIKU = "foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"
IN_EUROPE = [f"arn:aws:bedrock:{region}::{HAIKU}" for region in ("eu-west-1", "eu-central-1")]


def leads_to(services: dict[str, Stubber], arns: list[str], name: str = APPLICATION) -> None:
    """The control plane answers once that a profile leads to these models."""
    services["bedrock"].add_response(
        "get_inference_profile",
        {
            "inferenceProfileName": "ours",
            "inferenceProfileArn": APPLICATION,
            "inferenceProfileId": "abc123def456",
            "models": [{"modelArn": arn} for arn in arns],
            "status": "ACTIVE",
            "type": "APPLICATION",
        },
        {"inferenceProfileIdentifier": name},
    )


def profile_of(name: str = APPLICATION, **others: Any) -> BedrockProvider:
    sent_as = name if name.startswith("arn:") else None
    return BedrockProvider(region="eu-west-1", inference_profile="", sent_as=sent_as, **others)


@pytest.mark.parametrize("name", [APPLICATION, "abc123def456"])
def test_a_profile_is_looked_up_once_and_gives_price_and_abilities(services: dict[str, Stubber], name: str) -> None:
    """By its ARN or its id. A profile of several regions in one geography costs more than the list price."""
    leads_to(services, IN_EUROPE, name)
    provider, model = profile_of(name), table().find(name)
    haiku = table().find("haiku-4-5")
    for _ in range(2):
        found = provider.look_up(model)
        assert (found.id, found.behind, found.rates) == (name, "claude-haiku-4-5", haiku.rates)
        assert provider.takes_schema(found)
        assert provider.extra(found) == {"extra_body": {"anthropic_version": haiku.bedrock_version}}
    assert provider.price_multiplier == table().regional_multiplier
    assert provider.lookup_failure is None


def test_a_profile_of_all_regions_costs_the_list_price(services: dict[str, Stubber]) -> None:
    """One of its destinations has no region."""
    leads_to(services, [IN_EUROPE[0], f"arn:aws:bedrock:::{HAIKU}"])
    provider = profile_of()
    assert provider.price_multiplier == table().regional_multiplier
    provider.look_up(table().find(APPLICATION))
    assert provider.price_multiplier == 1


@pytest.mark.parametrize(
    "arns",
    [
        ["arn:aws:bedrock:eu-west-1::foundation-model/meta.llama4-70b-v1:0"],
        [IN_EUROPE[0], "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5"],
        ["arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-next-9", IN_EUROPE[0]],
    ],
    ids=["a model that is not in the table", "two models", "a known and an unknown model"],
)
def test_a_profile_that_does_not_lead_to_one_model_of_the_table_has_no_price(
    services: dict[str, Stubber], arns: list[str]
) -> None:
    leads_to(services, arns)
    provider = profile_of()
    for _ in range(2):
        with pytest.raises(ProviderError, match="not to one model of the table"):
            provider.look_up(table().find(APPLICATION))
    assert provider.lookup_failure is not None


def test_a_look_up_without_permission_is_reported_and_not_tried_again(services: dict[str, Stubber]) -> None:
    """With the permission that it needs. Nothing counts as sent."""
    services["bedrock"].add_client_error("get_inference_profile", "AccessDeniedException", "not authorized", 403)
    provider = profile_of()
    for _ in range(2):
        with pytest.raises(ProviderError, match=r"bedrock:GetInferenceProfile.*not authorized") as caught:
            provider.look_up(table().find(APPLICATION))
        assert not caught.value.sent


@pytest.mark.parametrize(
    "name",
    [
        "sonnet-5-5",
        "anthropic.claude-next-9",
        "eu.anthropic.claude-next-9",
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-5-5",
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-next-9",
        "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-next-9",
        "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdefghijkl",
    ],
)
def test_a_name_that_says_which_model_it_is_is_not_looked_up(services: dict[str, Stubber], name: str) -> None:
    """Nor is one that is billed otherwise than by tokens. The stub would raise."""
    model = table().find(name)
    assert profile_of(name).look_up(model) is model


def test_nothing_is_looked_up_where_the_user_named_the_model_or_another_server(
    services: dict[str, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS itself is asked about requests to another address only if the address of its control plane is set too."""
    model = table().find(APPLICATION)
    assert profile_of().look_up(model.with_behind(SONNET)) == model.with_behind(SONNET)
    elsewhere = {"base_url": "http://127.0.0.1:9"}
    provider = profile_of(**elsewhere)
    with pytest.raises(ProviderError, match=r"AWS is not asked, because requests go to http://127.0.0.1:9$"):
        provider.look_up(model)
    assert (provider.lookup_failure or "").endswith("; 1.1 times the list price is assumed")
    names_of_a_gateway = table().find("a-model-of-the-gateway")
    assert profile_of(names_of_a_gateway.id, **elsewhere).look_up(names_of_a_gateway) is names_of_a_gateway
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", "http://127.0.0.1:9")
    leads_to(services, IN_EUROPE)
    assert profile_of(**elsewhere).look_up(model).behind == "claude-haiku-4-5"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5", "get_foundation_model"),
        ("arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abcdefghijkl", "get_provisioned_model_throughput"),
        (APPLICATION, "get_inference_profile"),
    ],
)
def test_ping_asks_for_what_an_arn_names(services: dict[str, Stubber], name: str, call: str) -> None:
    """With the call of its kind."""
    services["bedrock"].add_client_error(call, "ResourceNotFoundException", "not found", 404)
    with pytest.raises(ProviderError, match="not found"):
        profile_of(name).ping(table().find(name))


def test_tokens_are_counted_for_the_model_behind_a_profile(services: dict[str, Stubber]) -> None:
    """The counter takes ids of foundation models only."""
    leads_to(services, IN_EUROPE)
    services["bedrock-runtime"].add_response(
        "count_tokens",
        {"inputTokens": 7},
        {"modelId": "anthropic.claude-haiku-4-5-20251001-v1:0", "input": ANY},
    )
    assert profile_of().count_tokens(request_of(), table().find(APPLICATION)) == 7


def test_tokens_are_counted_for_the_base_model_and_the_body_that_would_be_sent(services: dict[str, Stubber]) -> None:
    """The counter accepts no inference profile; the body is an InvokeModel body without `model`."""
    asked = request_of("Ein Text.")
    services["bedrock-runtime"].add_response(
        "count_tokens",
        {"inputTokens": 321},
        {"modelId": "anthropic.claude-sonnet-5-5", "input": {"invokeModel": {"body": ANY}}},
    )
    sent: list[bytes] = []
    services["bedrock-runtime"].client.meta.events.register(
        "provide-client-params.bedrock-runtime.CountTokens",
        lambda params, **_: sent.append(params["input"]["invokeModel"]["body"]),
    )
    assert BedrockProvider().count_tokens(asked, SONNET) == 321
    body = json.loads(sent[0])
    assert body["messages"][0]["content"] == asked.user
    assert "model" not in body
    assert body["anthropic_version"]
