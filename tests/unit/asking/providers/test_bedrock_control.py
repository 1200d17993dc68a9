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
