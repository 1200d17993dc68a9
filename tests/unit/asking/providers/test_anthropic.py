"""What the process sends to the direct API, or to a server that speaks it, asserted at the SDK's transport."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.core.models import table
from dragoman.errors import ConfigError, FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, call_of, message, refused, request_of, summary_of
from tests.support.service import Service

REQUEST = request_of(effort="medium", thinking="off")
LOCAL = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")


def answering() -> Wire:
    return Wire(httpx2.Response(200, text=message(summary_of())))


def test_exactly_one_request_is_sent() -> None:
    """Address, method, version and body are compared literally; the key is in the authorization header and nowhere
    else.
    """
    wire = answering()
    received = AnthropicProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert (received.structured, received.model_sent) == ("native", "claude-sonnet-5-5")
    (request,) = wire.requests
    assert (request.method, str(request.url)) == ("POST", "https://api.anthropic.com/v1/messages")
    assert request.headers["anthropic-version"] == "2026-10-21"
    assert request.headers["authorization"] == "Bearer sk-ant-canary"
    assert [name for name, value in request.headers.items() if "canary" in value] == ["authorization"]
    assert b"canary" not in request.content
    assert wire.bodies == [
        {
            "model": "claude-sonnet-5-5",
            "max_tokens": 1000,
            "system": [{"type": "text", "text": "You read.", "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": "read this"}],
            "output_config": {"effort": "medium", "format": {"type": "json_schema", "schema": REQUEST.schema}},
            "thinking": {"type": "between_tools"},
        }
    ]


def test_a_request_contains_nothing_about_the_machine(tmp_path: Path) -> None:
    """It contains the article and the prompt, but no path, host name or user name."""
    import getpass
    import socket

    wire = answering()
    AnthropicProvider(http_client=wire.client).send(call_of().request, MODEL)
    content = wire.requests[0].content.decode()
    for secret in (str(Path.cwd()), str(Path.home()), str(tmp_path), f"{getpass.getuser()}@", socket.gethostname()):
        assert secret not in content


@pytest.mark.parametrize("max_tokens", [16_000, 32_000, 128_000])
def test_a_long_answer_may_be_requested_without_streaming(max_tokens: int) -> None:
    """The SDK refuses long answers without streaming unless a timeout is set, so Dragoman sets one."""
    wire = answering()
    AnthropicProvider(http_client=wire.client).send(request_of(max_tokens=max_tokens), MODEL)
    assert wire.bodies[0]["max_tokens"] == max_tokens
    assert wire.requests[0].extensions["timeout"]["read"] == 600.0


def test_the_time_limit_is_the_one_that_was_set() -> None:
    """``--timeout`` reaches the transport."""
    wire = answering()
    AnthropicProvider(http_client=wire.client, timeout=7).send(REQUEST, MODEL)
    assert wire.requests[0].extensions["timeout"]["read"] == 7


def test_one_client_serves_all_requests() -> None:
    """Connections are reused, and nothing from one request carries over to the next."""
    wire = answering()
    provider = AnthropicProvider(http_client=wire.client)
    for user in ("one", "two"):
        provider.send(request_of(user), MODEL)
    assert [body["messages"][0]["content"] for body in wire.bodies] == ["one", "two"]
    assert provider.client() is provider.client()


def test_text_arrives_unchanged() -> None:
    """This covers every script and characters that JSON must escape."""
    text = 'Ngân hàng 銀行 بنك \u2028 \\ " \x00 👩‍👩‍👧'
    wire = answering()
    AnthropicProvider(http_client=wire.client).send(request_of(text), MODEL)
    assert wire.bodies[0]["messages"][0]["content"] == text


# Other servers


@pytest.mark.parametrize("by", ["argument", "environment"])
def test_another_server_gets_the_schema_in_the_prompt(monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    """Some servers silently ignore the output format. The exchange records that the schema was in the prompt, and the
    address.
    """
    if by == "environment":
        monkeypatch.setenv("ANTHROPIC_BASE_URL", LOCAL)
    wire = answering()
    provider = AnthropicProvider(base_url=LOCAL if by == "argument" else None, http_client=wire.client)
    assert (provider.endpoint, provider.base_url) == ("custom", LOCAL)
    assert provider.send(REQUEST, MODEL).structured == "prompted"
    assert str(wire.requests[0].url) == f"{LOCAL}/v1/messages"
    assert "format" not in wire.bodies[0]["output_config"]
    assert json.dumps(REQUEST.schema) in wire.bodies[0]["system"][0]["text"]


@pytest.mark.parametrize(("order", "has_format"), [("native", True), ("prompted", False)])
def test_the_setting_for_sending_the_schema_is_followed(order: str, *, has_format: bool) -> None:
    """This applies to any server, including the official one."""
    for base_url in (None, LOCAL):
        wire = answering()
        provider = AnthropicProvider(base_url=base_url, http_client=wire.client, structured=order)  # type: ignore[arg-type]
        assert provider.send(REQUEST, MODEL).structured == order
        assert ("format" in wire.bodies[0]["output_config"]) is has_format


OFFICIAL = ["https://api.anthropic.com", "https://api.anthropic.com/"]


@pytest.mark.parametrize("url", OFFICIAL)
def test_the_official_address_is_not_a_custom_server(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """This holds however the address is set."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    provider = AnthropicProvider(http_client=answering().client)
    assert (provider.endpoint, provider.base_url) == ("anthropic", None)


STORED: dict[str, str] = {
    "http://127.0.0.1:8080/": "http://127.0.0.1:8080",
    "https://gateway.example/team/a/": "https://gateway.example/team/a",
    "https://user:pass-canary@gateway.example:8443/a": "https://gateway.example:8443/a",
    "http://[::1]:8080": "http://[::1]:8080",
}


@pytest.mark.parametrize(("given", "stored"), STORED.items())
def test_an_address_is_stored_without_its_secrets(given: str, stored: str) -> None:
    """User and password enter neither the store nor a message."""
    provider = AnthropicProvider(base_url=given, http_client=Wire(refused(500)).client)
    assert provider.base_url == stored
    with pytest.raises(ProviderError) as caught:
        provider.send(REQUEST, MODEL)
    assert stored in str(caught.value)
    assert "canary" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize("end", ["?x=canary", "#canary", "/v1?x=canary", "/v1/messages?x=canary", "?", "#", "/a?#"])
@pytest.mark.parametrize("by", ["base_url", "ANTHROPIC_BASE_URL", "a profile"])
def test_an_address_with_a_query_or_a_fragment_is_a_settings_error(
    by: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path of a request would become a part of it. The message does not show it: it may be a credential."""
    url = f"https://gateway.example{end}"
    if by == "ANTHROPIC_BASE_URL":
        monkeypatch.setenv(by, url)
    elif by == "a profile":
        (tmp_path / "configs").mkdir()
        profile = {"authentication": {"type": "user_oauth"}, "base_url": url}
        (tmp_path / "configs" / "default.json").write_text(json.dumps(profile))
        monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
        monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(ConfigError, match="has a query or a fragment") as caught:
        AnthropicProvider(base_url=url if by == "base_url" else None)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:8080", "http://localhost:port", "ftp://host", "http://", "http://h:99999"])
def test_an_invalid_address_is_reported_before_anything_is_sent(url: str) -> None:
    """A mistake in the settings is not a failure of the service. The address may contain a password, so the message
    does not repeat it.
    """
    with pytest.raises(ConfigError) as caught:
        AnthropicProvider(base_url=f"{url}?canary")
    assert "canary" not in str(caught.value)


# Credentials


ADVICE = "Set ANTHROPIC_API_KEY"

WITHOUT: dict[str, dict[str, str]] = {
    "no variable": {},
    "an empty key": {"ANTHROPIC_API_KEY": ""},
    "a profile that there is not": {"ANTHROPIC_PROFILE": "nobody"},
    "an identity token that there is not": {
        "ANTHROPIC_IDENTITY_TOKEN_FILE": "/nowhere/token",
        "ANTHROPIC_FEDERATION_RULE_ID": "rule",
        "ANTHROPIC_ORGANIZATION_ID": "org",
    },
}


@pytest.mark.parametrize("variables", WITHOUT.values(), ids=WITHOUT)
def test_without_credentials_nothing_is_sent_and_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """The provider is unusable for the whole run, and nothing was paid."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    wire = answering()
    with pytest.raises(ProviderError, match=ADVICE) as caught:
        AnthropicProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert (caught.value.kind, caught.value.maybe_paid, wire.requests) == (FailureKind.UNUSABLE, False, [])


def test_a_local_server_needs_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A placeholder is sent instead."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    wire = answering()
    AnthropicProvider(base_url=LOCAL, http_client=wire.client).send(REQUEST, MODEL)
    assert wire.requests[0].headers["authorization"] == "Bearer not-needed"


def test_a_key_with_a_line_break_is_unusable_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """This runs over a real socket, because the HTTP library quotes a header that it cannot send. Line breaks are
    common in copied keys.
    """
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary\n")
    with Service() as service:
        with pytest.raises(ProviderError) as caught:
            AnthropicProvider(base_url=service.url).send(REQUEST, MODEL)
        assert not service.ledger
    assert (caught.value.kind, caught.value.maybe_paid) == (FailureKind.UNUSABLE, False)
    assert "canary" not in str(caught.value)


def test_a_key_that_no_header_can_hold_is_unusable_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes in another encoding in the environment are not a bug, and nothing is sent."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0001\udce9")
    wire = answering()
    with pytest.raises(ProviderError, match="a character that no header can hold") as caught:
        AnthropicProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert (caught.value.kind, caught.value.sent, wire.requests) == (FailureKind.UNUSABLE, False, [])
    assert "canary" not in f"{caught.value} {caught.value.__cause__!r}"


# Free calls


def test_a_ping_asks_for_the_model_and_nothing_more() -> None:
    """One free call shows that the key and the model work."""
    wire = Wire(
        httpx2.Response(
            200,
            json={
                "id": "claude-sonnet-5-5",
                "type": "model",
                "display_name": "x",
                "created_at": "2026-09-28T00:00:00Z",
            },
        )
    )
    assert AnthropicProvider(http_client=wire.client).ping(MODEL) == "the Claude API knows claude-sonnet-5-5"
    assert [(r.method, r.url.path) for r in wire.requests] == [("GET", "/v1/models/claude-sonnet-5-5")]


def test_tokens_are_counted_over_the_same_body() -> None:
    """The free counter gets the body that would be sent, without the output limit."""
    wire = Wire(httpx2.Response(200, json={"input_tokens": 1234}))
    assert AnthropicProvider(http_client=wire.client).count_tokens(REQUEST, MODEL) == 1234
    (body,) = wire.bodies
    assert wire.requests[0].url.path == "/v1/messages/count_tokens"
    assert body.keys() == {"model", "system", "messages", "output_config", "thinking"}


@pytest.mark.parametrize("free", ["ping", "count_tokens"])
def test_a_free_call_that_fails_is_classified_like_any_other(free: str) -> None:
    """It is also sent only once."""
    wire = Wire(refused(401))
    provider = AnthropicProvider(http_client=wire.client)
    with pytest.raises(ProviderError, match=ADVICE) as caught:
        provider.ping(MODEL) if free == "ping" else provider.count_tokens(REQUEST, MODEL)
    assert (caught.value.kind, len(wire.requests)) == (FailureKind.UNUSABLE, 1)


@pytest.mark.parametrize("name", [name for name in table().models if not table().find(name).end_of_life])
def test_every_model_of_the_table_can_be_requested(name: str) -> None:
    """Each is requested by its own id, with the released prompt."""
    wire = answering()
    model = table().find(name)
    AnthropicProvider(http_client=wire.client).send(call_of(model=model).request, model)
    assert wire.bodies[0]["model"] == name
