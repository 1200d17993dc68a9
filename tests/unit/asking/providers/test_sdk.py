"""What both providers share: the schema and its fallback, counts of tokens, and addresses without secrets."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.asking.providers.sdk import without_secrets
from dragoman.core.models import table
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, refused, request_of

NATIVE = request_of(effort="medium", thinking="off")
TRANSIENT, ARTICLE, UNUSABLE = FailureKind.TRANSIENT, FailureKind.ARTICLE, FailureKind.UNUSABLE


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")


# The schema


REJECTIONS: dict[str, tuple[int, str, bool]] = {
    "as seen on Bedrock": (400, "output_config.format: Extra inputs are not permitted", True),
    "in other words": (400, "output_config.format is not supported by this model", True),
    "something else about the body": (400, "max_tokens: Extra inputs are not permitted", False),
    "as a validation error": (422, "output_config.format: Extra inputs are not permitted", True),
    "another status": (409, "output_config.format: Extra inputs are not permitted", False),
}


@pytest.mark.parametrize(("status", "message", "fallback"), REJECTIONS.values(), ids=REJECTIONS)
def test_only_a_rejected_schema_goes_into_the_prompt(status: int, message: str, *, fallback: bool) -> None:
    """At once, without a payment, and for the rest of the run. Any other rejection concerns the article."""
    ok: Any = httpx2.Response(200, text="{}")
    transport = Wire(refused(status, message), ok)
    provider = AnthropicProvider(http_client=transport.client)
    if not fallback:
        with pytest.raises(ProviderError):
            provider.send(NATIVE, MODEL)
        assert len(transport.requests) == 1
        return
    assert provider.send(NATIVE, MODEL).structured == "prompted"
    assert ["format" in body.get("output_config", {}) for body in transport.bodies] == [True, False]
    assert "# The schema" in transport.bodies[1]["system"][0]["text"]
    assert provider.send(NATIVE, MODEL).structured == "prompted"
    assert len(transport.requests) == 3
    # Another model may accept it.
    assert provider.send(NATIVE, table().find("claude-opus-5-5")).structured == "native"


def test_a_schema_that_must_be_native_does_not_fall_back() -> None:
    """``--structured native`` is an order, so its rejection is an error that ends the run."""
    transport = Wire(refused(400, "output_config.format: Extra inputs are not permitted"))
    with pytest.raises(ProviderError, match=r"Extra inputs.*does not accept the schema natively$") as caught:
        AnthropicProvider(http_client=transport.client, structured="native").send(NATIVE, MODEL)
    assert len(transport.requests) == 1
    assert (caught.value.kind, caught.value.maybe_paid, caught.value.status) == (UNUSABLE, False, 400)
    assert caught.value.hint == "schema"


def test_another_rejection_of_a_native_request_concerns_the_article() -> None:
    """It gives no advice about the schema."""
    transport = Wire(refused(400, "messages.0.content: Input should be a valid string"))
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client, structured="native").send(NATIVE, MODEL)
    assert (caught.value.kind, caught.value.hint) == (ARTICLE, None)


def test_a_fallback_that_fails_too_is_classified() -> None:
    """The error is that of the second request."""
    transport = Wire(refused(400, "output_config.format: Extra inputs are not permitted"), refused(529))
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    assert caught.value.kind is TRANSIENT


# Counting tokens


@pytest.mark.parametrize(("timeout", "seconds"), [(600.0, 30.0), (5.0, 5.0)])
def test_counting_tokens_may_take_thirty_seconds_and_never_longer_than_a_request(
    timeout: float, seconds: float
) -> None:
    """Nothing is generated, and the budget can do without the count."""
    wire = Wire(httpx2.Response(200, json={"input_tokens": 7}))
    assert AnthropicProvider(http_client=wire.client, timeout=timeout).count_tokens(NATIVE, MODEL) == 7
    assert wire.requests[0].extensions["timeout"]["read"] == seconds


@pytest.mark.parametrize("count", [0, -1, None, True, 1.5, "7"], ids=repr)
def test_only_a_positive_whole_number_is_a_count(count: object) -> None:
    """Any other answer is a failure of the service, which the budget can do without."""
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider().checked_count(count)
    assert (caught.value.kind, caught.value.unreadable) == (TRANSIENT, True)


# Addresses


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:password@host:8443/prefix?token=x#y", "https://host:8443/prefix"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://host:port/x", "http://host/x"),
    ],
)
def test_an_address_is_shown_without_secrets(address: str, shown: str) -> None:
    """Host, port and path stay; a port that is not a number is dropped."""
    assert without_secrets(address) == shown


@pytest.mark.parametrize(
    ("provider", "custom", "hint"),
    [
        (AnthropicProvider, False, "model"),
        (AnthropicProvider, True, "model or address"),
        (BedrockProvider, False, "model or region"),
        (BedrockProvider, True, "model or address"),
    ],
    ids=["Claude API", "another server", "Bedrock", "a gateway in front of Bedrock"],
)
@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_found_is_advised_by_what_the_service_has(
    status: int,
    provider: type[AnthropicProvider | BedrockProvider],
    custom: bool,
    hint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only Bedrock has regions, and only the address of another server can be wrong."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer-canary")
    client = Wire(refused(status, "no such thing")).client
    with pytest.raises(ProviderError) as caught:
        provider(base_url="http://127.0.0.1:8080" if custom else None, http_client=client).send(NATIVE, MODEL)
    assert (caught.value.kind, caught.value.hint) == (UNUSABLE, hint)
