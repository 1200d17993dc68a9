"""A request becomes a Messages body, and every failure of the service is classified by what may be done about it."""

from __future__ import annotations

import json
import re

import httpx2
import pytest

from dragoman.asking.providers import messages_api
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.core.models import table
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, refused, request_of

NATIVE = request_of(effort="medium", thinking="off")
TRANSIENT, LIMITED, ARTICLE, UNUSABLE = (
    FailureKind.TRANSIENT,
    FailureKind.RATE_LIMITED,
    FailureKind.ARTICLE,
    FailureKind.UNUSABLE,
)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")


def failure(response: httpx2.Response | Exception) -> tuple[ProviderError, Wire]:
    """The error that one request over such a transport raises, and the transport."""
    transport = Wire(response)
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    return caught.value, transport


# The body


def test_the_body_is_what_the_api_expects() -> None:
    """Compared literally: a cache breakpoint on the system part, schema and effort, one user turn, no sampling."""
    assert messages_api.body(NATIVE, MODEL, "native", "as-sent") == {
        "model": "as-sent",
        "max_tokens": 1000,
        "system": [{"type": "text", "text": "You read.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "read this"}],
        "output_config": {"effort": "medium", "format": {"type": "json_schema", "schema": NATIVE.schema}},
        "thinking": {"type": "between_tools"},
    }


def test_a_prompted_schema_is_in_the_system_part() -> None:
    """There it is cached with the rest. The user turn stays the same, and no format is sent."""
    body = messages_api.body(NATIVE, MODEL, "prompted", "as-sent")
    (system,) = body["system"]
    assert system["text"].startswith("You read.\n")
    assert system["text"].endswith(json.dumps(NATIVE.schema))
    assert body["messages"] == [{"role": "user", "content": "read this"}]
    assert body["output_config"] == {"effort": "medium"}


THINKING = {
    "claude-sonnet-5-5": {"type": "between_tools"},
    "claude-haiku-5-5": {"type": "disabled"},
    "claude-opus-5-5": None,
    "claude-haiku-4-5": None,
    "a-model-of-tomorrow": None,
}


@pytest.mark.parametrize(("model", "form"), THINKING.items(), ids=THINKING)
def test_thinking_is_turned_off_in_the_form_the_model_accepts(model: str, form: dict[str, str] | None) -> None:
    """A wrong form is a 400. Nothing is sent if thinking cannot be turned off, or is left on."""
    assert messages_api.body(NATIVE, table().find(model), "native", model).get("thinking") == form
    assert "thinking" not in messages_api.body(request_of(), table().find(model), "native", model)


@pytest.mark.parametrize("model", table().models)
def test_no_model_is_sent_what_the_api_no_longer_accepts(model: str) -> None:
    """The current API version rejects sampling parameters, a prefilled answer and forced tools."""
    body = messages_api.body(NATIVE, table().find(model), "native", model)
    assert body.keys() <= {"model", "max_tokens", "system", "messages", "output_config", "thinking"}
    assert [turn["role"] for turn in body["messages"]] == ["user"]
    assert ("effort" in body["output_config"]) == table().find(model).effort


# Failures


STATUSES: dict[int, tuple[FailureKind, bool]] = {
    302: (UNUSABLE, False),
    400: (ARTICLE, False),
    401: (UNUSABLE, False),
    402: (UNUSABLE, False),
    403: (UNUSABLE, False),
    404: (UNUSABLE, False),
    408: (TRANSIENT, True),
    409: (TRANSIENT, False),
    413: (ARTICLE, False),
    422: (ARTICLE, False),
    424: (TRANSIENT, True),
    429: (LIMITED, False),
    500: (TRANSIENT, True),
    502: (TRANSIENT, True),
    503: (TRANSIENT, False),
    504: (TRANSIENT, True),
    520: (TRANSIENT, True),
    524: (TRANSIENT, True),
    529: (TRANSIENT, False),
}


@pytest.mark.parametrize(("status", "expected"), STATUSES.items(), ids=map(str, STATUSES))
def test_each_status_is_classified_and_sent_once(status: int, expected: tuple[FailureKind, bool]) -> None:
    """By its kind and whether an answer may have been paid. One request is sent: the SDK's own retries are off."""
    error, transport = failure(refused(status, "something", {"request-id": "req_7"}))
    assert (error.kind, error.maybe_paid, error.status) == (*expected, status)
    message = "a redirect" if status == 302 else "something (request req_7)"
    assert re.search(rf"the Claude API answered {status}[:,] {re.escape(message)}", str(error))
    assert error.__cause__ is not None
    assert len(transport.requests) == 1
    assert transport.requests[0].headers["x-stainless-retry-count"] == "0"


MESSAGES: dict[str, tuple[int, str, FailureKind]] = {
    "a user's spend limit": (400, "You have reached your specified API usage limits.", UNUSABLE),
    "no credit": (400, "Your credit balance is too low to access the Claude API.", UNUSABLE),
    "a workspace's spend limit": (429, "This workspace has reached its spend limit.", UNUSABLE),
    "billing": (403, "There is an issue with your billing.", UNUSABLE),
    "a rate limit": (429, "This request would exceed the rate limit of 50,000 input tokens per minute.", LIMITED),
    "Bedrock's rate limit": (429, "Too many tokens, please wait before trying again.", LIMITED),
    "a prompt that is too long": (400, "prompt is too long: 1200000 tokens > 1000000 maximum", ARTICLE),
    "a context that is too small": (400, "input length and max_tokens exceed context window", ARTICLE),
    "a wrong model id": (400, "The provided model identifier is invalid.", UNUSABLE),
    "a model without on-demand": (400, "Invocation with on-demand throughput isn't supported.", UNUSABLE),
    "a model without access": (403, "You don't have access to the model with the specified model ID.", UNUSABLE),
    "a filter before the service": (403, "Your request was flagged as a violation of our usage policy.", ARTICLE),
    "a gateway's filter": (403, "Blocked by content filter", ARTICLE),
    "a gateway's filter by its code": (403, "content_filter", ARTICLE),
    "Azure's filter": (403, "The response was filtered due to Azure's content management policy.", ARTICLE),
    "Azure's filter, as it answers": (
        400,
        "filtered due to Azure's content management policy. content_filter",
        ARTICLE,
    ),
    "a policy of the account": (403, "explicit deny in a service control policy", UNUSABLE),
    "another bad request": (400, "messages.0.content: Input should be a valid string", ARTICLE),
}


@pytest.mark.parametrize(("status", "message", "kind"), MESSAGES.values(), ids=MESSAGES)
def test_the_services_message_decides_if_the_status_does_not(status: int, message: str, kind: FailureKind) -> None:
    """A spend limit ends the run and is never retried; a rate limit is waited for."""
    error, transport = failure(refused(status, message))
    assert (error.kind, error.maybe_paid, len(transport.requests)) == (kind, False, 1)
    assert message in str(error)


HINTS = {
    "no such model": (404, "model: no-such-model", "model"),
    "a model id that Bedrock does not know": (400, "The provided model identifier is invalid.", "profile"),
    "a daily quota": (429, "You have exceeded your daily token quota.", "quota"),
}


@pytest.mark.parametrize(("status", "message", "hint"), HINTS.values(), ids=HINTS)
def test_a_hint_stands_for_advice_that_names_options(status: int, message: str, hint: str) -> None:
    """The message itself names no option: the commands turn the hint into words."""
    error, _ = failure(refused(status, message))
    assert (error.kind, error.hint) == (UNUSABLE, hint)
    assert " --" not in str(error)


@pytest.mark.parametrize(
    "message",
    [
        "Your API key does not have permission to use the specified resource.",
        "This credential is only authorized for other requests.",
    ],
)
def test_the_advice_for_a_key_without_permission_is_not_to_set_a_key(message: str) -> None:
    """With 403 the key is valid, with 401 it is not."""
    denied, _ = failure(refused(403, message))
    assert "The key is valid but has no permission for this" in str(denied)
    assert "Set ANTHROPIC_API_KEY" not in str(denied)
    unknown, _ = failure(refused(401, "invalid x-api-key"))
    assert "Set ANTHROPIC_API_KEY" in str(unknown)
    assert "no permission" not in str(unknown)


@pytest.mark.parametrize(("wait", "kind"), [("60", LIMITED), ("61", UNUSABLE)])
def test_a_quota_that_is_back_within_a_minute_is_a_rate_limit(wait: str, kind: FailureKind) -> None:
    """The service mentions a daily quota, but names a short wait: then the wait is believed."""
    error, _ = failure(refused(429, "You have exceeded your daily token quota.", {"retry-after": wait}))
    assert error.kind is kind


@pytest.mark.parametrize("code", ["enforced_spend_limit_reached", "contract_spend_limit_reached"])
def test_a_spend_limit_is_recognised_by_its_code(code: str) -> None:
    """Whatever the message says, and although it is a 429 with a time to come back."""
    details = {"error_code": code}
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "Stop.", "details": details}}
    error, transport = failure(httpx2.Response(429, json=body, headers={"retry-after": "5"}))
    assert (error.kind, len(transport.requests)) == (UNUSABLE, 1)


CONNECTIONS: dict[str, tuple[Exception, FailureKind, bool]] = {
    "no connection": (httpx2.ConnectError("refused"), TRANSIENT, False),
    "no connection in time": (httpx2.ConnectTimeout("slow"), TRANSIENT, False),
    "no free connection": (httpx2.PoolTimeout("busy"), TRANSIENT, False),
    "a proxy that rejects": (httpx2.ProxyError("407 Proxy Authentication Required"), TRANSIENT, False),
    "no answer in time": (httpx2.ReadTimeout("slow"), TRANSIENT, True),
    "a reset": (httpx2.ReadError("reset"), TRANSIENT, True),
    "a reset while sending": (httpx2.WriteError("reset"), TRANSIENT, True),
    "a body that breaks off": (httpx2.RemoteProtocolError("peer closed"), TRANSIENT, True),
    "a header that cannot be sent": (httpx2.LocalProtocolError("Illegal header"), UNUSABLE, False),
    "an invalid address": (httpx2.UnsupportedProtocol("no"), UNUSABLE, False),
}


@pytest.mark.parametrize(("error", "kind", "paid"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_a_broken_connection_may_have_been_paid_once_it_was_established(
    error: Exception, kind: FailureKind, *, paid: bool
) -> None:
    """Before that nothing was generated; afterwards an answer may have been. The request is sent once."""
    raised, transport = failure(error)
    assert (raised.kind, raised.maybe_paid, len(transport.requests)) == (kind, paid, 1)


def test_a_timeout_is_marked_as_one() -> None:
    """It may mean that the service hangs, unlike a connection that broke or was never established."""
    late = {label for label, (error, _, _) in CONNECTIONS.items() if failure(error)[0].timed_out}
    assert late == {"no answer in time"}


def test_a_reply_that_cannot_be_decompressed_may_have_been_paid() -> None:
    """The header says gzip, but the body is something else."""

    def junk(request: httpx2.Request) -> httpx2.Response:
        stream = httpx2.ByteStream(b"not gzip at all")
        return httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    transport = Wire(junk)
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    assert (caught.value.kind, caught.value.maybe_paid) == (TRANSIENT, True)


BODIES = {
    "a proxy's page": "<html><body>Please sign in</body></html>",
    "nothing": "",
    "half a reply": '{"id":"msg_1","type":"message","content":[{"ty',
    "odd letters": "\u2028 \ufeff đ 🧭",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_any_body_with_status_200_is_returned_unchanged(body: str) -> None:
    """It is parsed elsewhere, after it was committed to the store."""
    transport = Wire(httpx2.Response(200, headers={"content-type": "application/json"}, content=body.encode()))
    received = AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    assert (received.body, received.structured, received.model_sent) == (body, "native", "claude-sonnet-5-5")


def test_a_page_instead_of_an_error_becomes_one_short_line() -> None:
    """The HTML of a gateway does not fill the screen."""
    error, _ = failure(httpx2.Response(502, html="<html>\n\n" + "<p>Bad gateway</p>\n" * 500))
    assert "\n" not in str(error)
    assert len(str(error)) < 700


def test_a_request_is_not_retried_if_the_service_says_so() -> None:
    """``x-should-retry: false`` overrides the status."""
    error, _ = failure(refused(529, headers={"x-should-retry": "false"}))
    assert error.kind is ARTICLE


def test_no_error_repeats_a_credential() -> None:
    """The HTTP library quotes a header that it cannot send; the message does not."""
    quoted = httpx2.LocalProtocolError("Illegal header value b'Bearer sk-ant-canary\\n'")
    error, _ = failure(quoted)
    assert "canary" not in str(error)
