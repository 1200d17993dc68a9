"""What the process sends to Amazon Bedrock, asserted at the SDK's transport with invented keys."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from anthropic.lib.aws import _auth
from botocore.exceptions import ClientError, SSOTokenLoadError
from botocore.session import Session

from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.config import Settings
from dragoman.core.models import table
from dragoman.errors import ConfigError, FailureKind, ProviderError
from dragoman.runs.session import provider_of
from tests.support.builders import MODEL, Wire, message, refused, request_of, summary_of

REQUEST = request_of(effort="medium", thinking="off")
HAIKU = table().find("claude-haiku-4-5")
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIACANARYID",
    "AWS_SECRET_ACCESS_KEY": "secret-canary-key",
    "AWS_SESSION_TOKEN": "token-canary",
    "AWS_REGION": "eu-west-1",
    # The key of the other service must not go to this one.
    "ANTHROPIC_API_KEY": "sk-ant-canary",
}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    # The SDK remembers AWS sessions, and with them the credentials of an earlier test.
    _auth._get_session.cache_clear()  # type: ignore[attr-defined]  # typed as a plain function


def answering() -> Wire:
    return Wire(httpx2.Response(200, text=message(summary_of())))


def aws_error(status: int, name: str, said: str, **headers: str) -> httpx2.Response:
    """An error response of InvokeModel."""
    named = {"x-amzn-errortype": name, "x-amzn-requestid": "aws-7", **headers}
    return httpx2.Response(status, json={"message": said}, headers=named)


def failure(response: httpx2.Response | Exception, **options: Any) -> tuple[ProviderError, Wire]:
    wire = Wire(response)
    with pytest.raises(ProviderError) as caught:
        BedrockProvider(http_client=wire.client, **options).send(REQUEST, MODEL)
    return caught.value, wire


def test_exactly_one_signed_request_is_sent() -> None:
    """InvokeModel is called in the named region, with the model in the path and the API version in the body."""
    wire = answering()
    received = BedrockProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert (received.structured, received.model_sent) == ("native", "global.anthropic.claude-sonnet-5-5")
    (request,) = wire.requests
    host = "bedrock-runtime.eu-west-1.amazonaws.com"
    assert str(request.url) == f"https://{host}/model/global.anthropic.claude-sonnet-5-5/invoke"
    assert request.method == "POST"
    assert wire.bodies == [
        {
            "anthropic_version": "2026-10-21",
            "max_tokens": 1000,
            "system": [{"type": "text", "text": "You read.", "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": "read this"}],
            "output_config": {"effort": "medium", "format": {"type": "json_schema", "schema": REQUEST.schema}},
            "thinking": {"type": "between_tools"},
        }
    ]


def test_the_signature_shows_the_key_id_and_no_secret() -> None:
    """The request is signed with SigV4 for the service ``bedrock``; neither the secret key nor the key of the other
    service is in any part of it.
    """
    wire = answering()
    BedrockProvider(http_client=wire.client).send(REQUEST, MODEL)
    (request,) = wire.requests
    signature = (
        r"AWS4-HMAC-SHA256 Credential=AKIACANARYID/\d{8}/eu-west-1/bedrock/aws4_request, .*Signature=[0-9a-f]{64}"
    )
    assert re.fullmatch(signature, request.headers["authorization"])
    assert request.headers["x-amz-security-token"] == "token-canary"
    everything = f"{request.url} {request.headers.raw} {request.content!r}"
    assert "secret-canary-key" not in everything
    assert "sk-ant" not in everything


def test_a_bearer_token_of_bedrock_is_used_instead_of_a_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token comes from the standard variable of AWS."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer-canary")
    wire = answering()
    BedrockProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert wire.requests[0].headers["authorization"] == "Bearer bearer-canary"


REGIONAL = table().regional_multiplier
IDS: dict[str, tuple[str, str, str, Decimal]] = {
    "everywhere": ("claude-sonnet-5-5", "global", "global.anthropic.claude-sonnet-5-5", Decimal(1)),
    "in the US": ("claude-sonnet-5-5", "us", "us.anthropic.claude-sonnet-5-5", REGIONAL),
    "in the EU": ("claude-haiku-4-5", "eu", "eu.anthropic.claude-haiku-4-5-20251001-v1:0", REGIONAL),
    "in one region": ("claude-haiku-5-5", "", "anthropic.claude-haiku-5-5", REGIONAL),
    "an id as AWS gives it": (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "us",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        REGIONAL,
    ),
    "an id of tomorrow": ("anthropic.claude-next-1", "us", "us.anthropic.claude-next-1", REGIONAL),
}


@pytest.mark.parametrize(("model", "profile", "sent", "times"), IDS.values(), ids=IDS)
def test_a_model_is_sent_under_its_id_and_profile(model: str, profile: str, sent: str, times: Decimal) -> None:
    """Only the inference profile ``global`` is at list price."""
    wire = answering()
    provider = BedrockProvider(inference_profile=profile, http_client=wire.client)
    assert provider.send(REQUEST, table().find(model)).model_sent == sent
    assert wire.requests[0].url.path == f"/model/{sent}/invoke"
    assert provider.price_multiplier == times


def test_an_arn_is_sent_as_given() -> None:
    """The ARN of an application's own inference profile is sent with its slash escaped, so that it stays one segment of
    the path. Before that, AWS is asked once which model is behind it, and that it does not say is no failure.
    """
    arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc"
    wire = answering()
    provider = BedrockProvider(http_client=wire.client)
    for _ in range(2):
        assert provider.send(REQUEST, table().find(arn)).model_sent == arn
    asked = f"/inference-profiles/{quote(arn, safe='')}".encode()
    sent = f"/model/{arn.replace('/', '%2F')}/invoke".encode()
    assert [request.url.raw_path for request in wire.requests] == [asked, sent, sent]
    assert "bedrock:GetInferenceProfile" in (provider.lookup_failure or "")


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5", REGIONAL),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-5-5", REGIONAL),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-sonnet-5-5", Decimal(1)),
        ("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123def456", REGIONAL),
        ("abc123def456", REGIONAL),
        ("eu.anthropic.claude-sonnet-5-5", REGIONAL),
        ("global.anthropic.claude-sonnet-5-5", Decimal(1)),
        ("sonnet-5-5", Decimal(1)),
    ],
)
def test_a_name_of_bedrock_is_sent_as_given_and_tells_profile_and_region(
    name: str, times: Decimal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the settings of a run: an ARN goes to its own region, at the price of its own profile."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    region = None if name.startswith("arn:") else "eu-west-1"
    wire = answering()
    provider = provider_of(Settings(provider="bedrock", model=name, region=region), http_client=wire.client)
    received = provider.send(REQUEST, table().find(name))
    assert received.model_sent == ("global.anthropic.claude-sonnet-5-5" if name == "sonnet-5-5" else name)
    assert wire.requests[-1].url.host == "bedrock-runtime.eu-west-1.amazonaws.com"
    assert provider.price_multiplier == times


def test_the_user_may_say_which_profile_is_behind_a_name() -> None:
    """Then the price is that of the profile, whatever the setting for other names."""
    settings = Settings(provider="bedrock", model="abc123def456", model_price_as="global.anthropic.claude-sonnet-5-5")
    assert provider_of(settings, http_client=answering().client).price_multiplier == 1
    settings = settings.model_copy(update={"model_price_as": "sonnet-5-5"})
    assert provider_of(settings, http_client=answering().client).price_multiplier == REGIONAL


VERSIONS = {
    name: table().find(name).bedrock_version or "2026-10-21"
    for name in table().models
    if not table().find(name).end_of_life
}


def test_the_older_models_are_those_that_need_the_older_version() -> None:
    """Bedrock serves the newest API version from Claude 4.7 on (platform documentation, read 2026-11-21)."""
    older = {name for name, version in VERSIONS.items() if version == "bedrock-2023-05-31"}
    assert older == {"claude-opus-4-5", "claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5"}


@pytest.mark.parametrize(("name", "version"), VERSIONS.items(), ids=VERSIONS)
def test_each_model_is_requested_with_the_api_version_that_serves_it(name: str, version: str) -> None:
    """The version set here overrides the SDK's default."""
    wire = answering()
    BedrockProvider(http_client=wire.client).send(REQUEST, table().find(name))
    assert wire.bodies[0]["anthropic_version"] == version


def test_a_model_without_native_schemas_on_bedrock_gets_the_schema_in_the_prompt() -> None:
    """The model table says which models these are."""
    wire = answering()
    assert (
        BedrockProvider(http_client=wire.client).send(REQUEST, table().find("claude-fable-5-1")).structured
        == "prompted"
    )
    assert "format" not in wire.bodies[0]["output_config"]


def test_a_schema_that_is_refused_goes_into_the_prompt_for_the_rest_of_the_run() -> None:
    """Which models accept a schema changes over time, so a rejection by the service decides for the rest of the run."""
    no = aws_error(400, "ValidationException", "output_config.format: Extra inputs are not permitted")
    wire = Wire(no, httpx2.Response(200, text="{}"))
    provider = BedrockProvider(http_client=wire.client)
    assert [provider.send(REQUEST, MODEL).structured for _ in range(2)] == ["prompted", "prompted"]
    assert ["format" in body["output_config"] for body in wire.bodies] == [True, False, False]


@pytest.mark.parametrize("region", ["us-east-1", "ap-northeast-1"])
def test_a_named_region_wins_over_the_environment(region: str) -> None:
    """``--region`` overrides the variables of AWS."""
    wire = answering()
    BedrockProvider(region=region, http_client=wire.client).send(REQUEST, MODEL)
    assert wire.requests[0].url.host == f"bedrock-runtime.{region}.amazonaws.com"


def test_a_gateway_in_front_of_bedrock_is_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets the schema in the prompt, and its address is stored without secrets."""
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", "https://user:canary@gateway.example/aws")
    wire = Wire(refused(500))
    provider = BedrockProvider(http_client=wire.client)
    assert (provider.endpoint, provider.base_url) == ("custom", "https://gateway.example/aws")
    assert provider.structured_for(MODEL) == "prompted"
    with pytest.raises(ProviderError) as caught:
        provider.send(REQUEST, MODEL)
    assert "canary" not in str(caught.value)
    assert wire.requests[0].url.host == "gateway.example"


def test_an_invalid_address_is_a_settings_error() -> None:
    """It is reported before anything is sent."""
    with pytest.raises(ConfigError):
        BedrockProvider(base_url="gateway.example")


def test_an_address_with_a_query_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path of a request cannot be added to it."""
    monkeypatch.setenv("ANTHROPIC_BEDROCK_BASE_URL", "https://gateway.example/aws?x=canary")
    with pytest.raises(ConfigError, match="has a query or a fragment") as caught:
        BedrockProvider()
    assert "canary" not in str(caught.value)


# Failures


ERRORS: dict[str, tuple[int, str, str, FailureKind, bool]] = {
    "throttled": (429, "ThrottlingException", "Too many requests", FailureKind.RATE_LIMITED, False),
    "tokens of the day": (429, "ThrottlingException", "Too many tokens per day", FailureKind.UNUSABLE, False),
    "model not ready": (429, "ModelNotReadyException", "Wait", FailureKind.RATE_LIMITED, False),
    "model timeout": (408, "ModelTimeoutException", "Slow", FailureKind.TRANSIENT, True),
    "model error": (424, "ModelErrorException", "Failed", FailureKind.TRANSIENT, True),
    "internal": (500, "InternalServerException", "Oops", FailureKind.TRANSIENT, True),
    "unavailable": (503, "ServiceUnavailableException", "Busy", FailureKind.TRANSIENT, False),
    "denied": (403, "AccessDeniedException", "User is not authorized", FailureKind.UNUSABLE, False),
    "expired": (403, "ExpiredTokenException", "The security token is expired", FailureKind.UNUSABLE, False),
    "no such model": (404, "ResourceNotFoundException", "Could not resolve", FailureKind.UNUSABLE, False),
    "wrong id": (400, "ValidationException", "The provided model identifier is invalid.", FailureKind.UNUSABLE, False),
    "needs a profile": (
        400,
        "ValidationException",
        "Invocation of model ID x with on-demand throughput isn't supported. Retry with an inference profile.",
        FailureKind.UNUSABLE,
        False,
    ),
    "too long": (400, "ValidationException", "Input is too long for requested model.", FailureKind.ARTICLE, False),
    "malformed": (400, "ValidationException", "Malformed input request", FailureKind.ARTICLE, False),
}


@pytest.mark.parametrize(("status", "name", "said", "kind", "paid"), ERRORS.values(), ids=ERRORS)
def test_each_error_of_bedrock_is_classified_after_one_request(
    status: int, name: str, said: str, kind: FailureKind, *, paid: bool
) -> None:
    """The error contains the service's message and its request id, which AWS returns in a different place than the
    direct API.
    """
    error, wire = failure(aws_error(status, name, said))
    assert (error.kind, error.maybe_paid, error.status, len(wire.requests)) == (kind, paid, status, 1)
    assert f"Amazon Bedrock answered {status}: {said} (request aws-7)" in str(error)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("User: arn:aws:iam::1:user/a is not authorized to perform: bedrock:InvokeModel", True),
        ("You don't have access to the model with the specified model ID.", True),
        ("The security token included in the request is invalid.", False),
        ("The security token included in the request is expired", False),
        ("The request signature we calculated does not match the signature you provided.", False),
        ("Missing Authentication Token", False),
        ("Authentication failed: Please make sure your API Key is valid.", False),
    ],
)
def test_a_403_of_bedrock_means_unknown_credentials_or_no_access(said: str, *, known: bool) -> None:
    """Unknown credentials must be corrected; valid ones need access to the model."""
    error, _ = failure(aws_error(403, "AccessDeniedException", said))
    assert ("have no permission for this: request access to the model" in str(error)) is known
    assert ("Check the AWS credentials" in str(error)) is not known


def test_bedrock_may_send_retry_after() -> None:
    """The header is used as it is for the direct API."""
    error, _ = failure(aws_error(429, "ThrottlingException", "Wait", **{"retry-after": "3"}))
    assert error.retry_after == 3.0


@pytest.mark.parametrize(
    ("broken", "paid"),
    [(httpx2.ConnectError("x"), False), (httpx2.ReadTimeout("x"), True), (httpx2.ReadError("x"), True)],
)
def test_a_broken_connection_is_classified_as_for_the_direct_api(broken: Exception, *, paid: bool) -> None:
    """Before the connection is established it costs nothing; afterwards it may have been charged. The request is sent
    once.
    """
    error, wire = failure(broken)
    assert (error.kind, error.maybe_paid, len(wire.requests)) == (FailureKind.TRANSIENT, paid, 1)


# Credentials and region


ADVICE = "Check the AWS credentials"


def test_without_credentials_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider is unusable, with advice. Tests do not query the metadata service of the instance."""
    for name in SECRETS.keys() - {"AWS_REGION"}:
        monkeypatch.delenv(name)
    error, wire = failure(httpx2.Response(200, text="{}"))
    assert (error.kind, error.maybe_paid, wire.requests) == (FailureKind.UNUSABLE, False, [])
    assert ADVICE in str(error)


def test_without_a_region_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says that the region is missing."""
    monkeypatch.delenv("AWS_REGION")
    error, wire = failure(httpx2.Response(200, text="{}"))
    assert (error.kind, wire.requests) == (FailureKind.UNUSABLE, [])
    assert "region" in str(error)
    assert ADVICE in str(error)


def test_an_unknown_profile_is_unusable() -> None:
    """``--profile`` is misspelled."""
    error, wire = failure(httpx2.Response(200, text="{}"), profile="nobody")
    assert (error.kind, wire.requests) == (FailureKind.UNUSABLE, [])
    assert "nobody" in str(error)


def test_a_profile_of_the_settings_file_signs_with_its_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The standard chain of AWS uses the profile's keys and region instead of those in the environment."""
    file = tmp_path / "credentials"
    file.write_text("[work]\naws_access_key_id = AKIAOFTHEPROFILE\naws_secret_access_key = x\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.delenv("AWS_REGION")
    wire = answering()
    BedrockProvider(profile="work", http_client=wire.client).send(REQUEST, MODEL)
    assert "Credential=AKIAOFTHEPROFILE/" in wire.requests[0].headers["authorization"]
    assert wire.requests[0].url.host == "bedrock-runtime.us-west-2.amazonaws.com"


RUN_OUT: dict[str, Exception] = {
    "a role that may not be assumed": ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole"),
    "a sign-on that expired": SSOTokenLoadError(error_msg="expired", profile_name="work"),
}


@pytest.mark.parametrize("raised", RUN_OUT.values(), ids=RUN_OUT)
def test_credentials_that_cannot_be_obtained_are_unusable(monkeypatch: pytest.MonkeyPatch, raised: Exception) -> None:
    """boto raises its own errors while signing, before anything is sent. They are neither a bug in Dragoman nor a
    reason to retry.
    """
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)

    def fail(_: Session) -> None:
        raise raised

    monkeypatch.setattr(Session, "get_credentials", fail)
    error, wire = failure(httpx2.Response(200, text="{}"))
    assert (error.kind, error.maybe_paid, wire.requests) == (FailureKind.UNUSABLE, False, [])
    assert ADVICE in str(error)
