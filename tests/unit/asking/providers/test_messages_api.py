"""The neutral request as a Messages body, and every failure of the service as what may be done about it."""

from __future__ import annotations

import email.utils
import json
import re
import time
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    """What one send over such a transport raises, and what was sent."""
    transport = Wire(response)
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    return caught.value, transport


# The body


def test_the_body_is_what_the_api_takes() -> None:
    """Literally: a cache breakpoint on the system part, the schema and effort, one user turn, no sampling."""
    assert messages_api.body(NATIVE, MODEL, "native", "as-sent") == {
        "model": "as-sent",
        "max_tokens": 1000,
        "system": [{"type": "text", "text": "You read.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "read this"}],
        "output_config": {"effort": "medium", "format": {"type": "json_schema", "schema": NATIVE.schema}},
        "thinking": {"type": "between_tools"},
    }


def test_a_prompted_schema_stands_in_the_system_part() -> None:
    """Where it is cached with the rest; the user turn stays the same, and no format is sent."""
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
def test_thinking_is_turned_off_in_the_form_the_model_takes(model: str, form: dict[str, str] | None) -> None:
    """A wrong form is a 400; where it cannot be turned off nothing is said; left on, nothing is said either."""
    assert messages_api.body(NATIVE, table().find(model), "native", model).get("thinking") == form
    assert "thinking" not in messages_api.body(request_of(), table().find(model), "native", model)


@pytest.mark.parametrize("model", table().models)
def test_no_model_is_sent_what_the_api_no_longer_takes(model: str) -> None:
    """Sampling parameters, a prefilled answer and forced tools are refused by the current API version."""
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
    """Kind and whether an answer may have been paid; one request leaves, because the SDK's own retries are off."""
    error, transport = failure(refused(status, "something", {"request-id": "req_7"}))
    assert (error.kind, error.maybe_paid, error.status) == (*expected, status)
    said = "a redirect" if status == 302 else "something (request req_7)"
    assert re.search(rf"the Claude API answered {status}[:,] {re.escape(said)}", str(error))
    assert error.__cause__ is not None
    assert len(transport.requests) == 1
    assert transport.requests[0].headers["x-stainless-retry-count"] == "0"


SAID: dict[str, tuple[int, str, FailureKind]] = {
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
    "another bad request": (400, "messages.0.content: Input should be a valid string", ARTICLE),
}


@pytest.mark.parametrize(("status", "said", "kind"), SAID.values(), ids=SAID)
def test_what_the_service_says_decides_where_the_status_does_not(status: int, said: str, kind: FailureKind) -> None:
    """A limit of money ends the run and is never tried again; a limit of rate is waited for."""
    error, transport = failure(refused(status, said))
    assert (error.kind, error.maybe_paid, len(transport.requests)) == (kind, False, 1)
    assert said in str(error)


@pytest.mark.parametrize(
    "said",
    [
        "Your API key does not have permission to use the specified resource.",
        "This credential is only authorized for other requests.",
    ],
)
def test_a_key_without_the_right_is_not_told_to_be_set(said: str) -> None:
    """403: it is known. 401: it is not."""
    denied, _ = failure(refused(403, said))
    assert "The key is known, but has no right to this" in str(denied)
    assert "Set ANTHROPIC_API_KEY" not in str(denied)
    unknown, _ = failure(refused(401, "invalid x-api-key"))
    assert "Set ANTHROPIC_API_KEY" in str(unknown)
    assert "no right" not in str(unknown)


@pytest.mark.parametrize("code", ["enforced_spend_limit_reached", "contract_spend_limit_reached"])
def test_a_spend_limit_known_by_its_code_is_unusable(code: str) -> None:
    """Whatever its words, and although it comes as a 429 that says when to come back."""
    details = {"error_code": code}
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "Stop.", "details": details}}
    error, transport = failure(httpx2.Response(429, json=body, headers={"retry-after": "5"}))
    assert (error.kind, len(transport.requests)) == (UNUSABLE, 1)


CONNECTIONS: dict[str, tuple[Exception, FailureKind, bool]] = {
    "no connection": (httpx2.ConnectError("refused"), TRANSIENT, False),
    "no connection in time": (httpx2.ConnectTimeout("slow"), TRANSIENT, False),
    "no free connection": (httpx2.PoolTimeout("busy"), TRANSIENT, False),
    "a proxy that refuses": (httpx2.ProxyError("407 Proxy Authentication Required"), TRANSIENT, False),
    "no answer in time": (httpx2.ReadTimeout("slow"), TRANSIENT, True),
    "a reset": (httpx2.ReadError("reset"), TRANSIENT, True),
    "a reset while sending": (httpx2.WriteError("reset"), TRANSIENT, True),
    "a body that breaks off": (httpx2.RemoteProtocolError("peer closed"), TRANSIENT, True),
    "a header that cannot be sent": (httpx2.LocalProtocolError("Illegal header"), UNUSABLE, False),
    "an address that is none": (httpx2.UnsupportedProtocol("no"), UNUSABLE, False),
}


@pytest.mark.parametrize(("error", "kind", "paid"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_a_broken_connection_may_have_been_paid_once_it_stood(
    error: Exception, kind: FailureKind, *, paid: bool
) -> None:
    """Before it stood nothing was generated; after that, who knows. Sent once."""
    told, transport = failure(error)
    assert (told.kind, told.maybe_paid, len(transport.requests)) == (kind, paid, 1)


def test_a_reply_that_is_only_late_says_so() -> None:
    """Time that was up is told apart from a connection that broke or never stood: it may mean a service that hangs."""
    late = {label for label, (error, _, _) in CONNECTIONS.items() if failure(error)[0].late}
    assert late == {"no answer in time"}


def test_a_reply_packed_wrongly_may_have_been_paid() -> None:
    """gzip in the header, something else in the body."""

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
def test_whatever_comes_with_200_is_given_back_letter_for_letter(body: str) -> None:
    """Reading it is somebody else's work, after it was committed."""
    transport = Wire(httpx2.Response(200, headers={"content-type": "application/json"}, content=body.encode()))
    received = AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    assert (received.body, received.structured, received.model_sent) == (body, "native", "claude-sonnet-5-5")


def test_a_page_in_the_place_of_an_error_is_told_in_one_short_line() -> None:
    """A gateway's HTML does not fill the screen."""
    error, _ = failure(httpx2.Response(502, html="<html>\n\n" + "<p>Bad gateway</p>\n" * 500))
    assert "\n" not in str(error)
    assert len(str(error)) < 700


def test_a_service_that_says_not_to_ask_again_is_not_asked_again() -> None:
    """``x-should-retry: false`` wins over the status."""
    error, _ = failure(refused(529, headers={"x-should-retry": "false"}))
    assert error.kind is ARTICLE


# How long to wait


WAITS: dict[str, tuple[dict[str, str], float | None]] = {
    "nothing said": ({}, None),
    "seconds": ({"retry-after": "7"}, 7.0),
    "fractions": ({"retry-after": " 0.5 "}, 0.5),
    "nought": ({"retry-after": "0"}, 0.0),
    "milliseconds": ({"retry-after-ms": "250"}, 0.25),
    "milliseconds before seconds": ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    "a date that is past": ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    "a negative number": ({"retry-after": "-5"}, None),
    "a word": ({"retry-after": "soon"}, None),
    "negative milliseconds": ({"retry-after-ms": "-5"}, 0.0),
    "milliseconds that are none": ({"retry-after-ms": "soon"}, None),
    "an impossible date": ({"retry-after": "Wed, 99 Foo 2015 07:28:00 GMT"}, None),
    "nothing in it": ({"retry-after": ""}, None),
}


@pytest.mark.parametrize(("headers", "seconds"), WAITS.values(), ids=WAITS)
def test_the_wait_is_read_as_the_service_said_it(headers: dict[str, str], seconds: float | None) -> None:
    """In seconds, milliseconds or as a date; what is none of these is not guessed."""
    assert messages_api.retry_after(headers) == seconds
    error, _ = failure(refused(429, headers=headers))
    assert error.retry_after == seconds


def test_a_date_is_waited_for() -> None:
    """An HTTP date is as many seconds away as the clock says, to its own second."""
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    seconds = messages_api.retry_after({"retry-after": date})
    assert seconds is not None
    assert 0 < seconds <= 100


@settings(deadline=None, database=None)
@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text() | st.floats().map(str)))
def test_no_header_breaks_the_wait(headers: dict[str, str]) -> None:
    """Whatever a gateway writes there: a number of seconds that is not negative, or nothing."""
    seconds = messages_api.retry_after(headers)
    assert seconds is None or seconds >= 0


# The schema


REFUSALS: dict[str, tuple[int, str, bool]] = {
    "as seen on Bedrock": (400, "output_config.format: Extra inputs are not permitted", True),
    "in other words": (400, "output_config.format is not supported by this model", True),
    "something else about the body": (400, "max_tokens: Extra inputs are not permitted", False),
    "another status": (422, "output_config.format: Extra inputs are not permitted", False),
}


@pytest.mark.parametrize(("status", "said", "fallback"), REFUSALS.values(), ids=REFUSALS)
def test_only_a_refused_schema_goes_into_the_prompt(status: int, said: str, *, fallback: bool) -> None:
    """At once, without a payment, and for the rest of the run; any other refusal is the article's."""
    ok: Any = httpx2.Response(200, text="{}")
    transport = Wire(refused(status, said), ok)
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
    # Another model may take it.
    assert provider.send(NATIVE, table().find("claude-opus-5-5")).structured == "native"


def test_a_schema_that_was_asked_for_natively_does_not_fall_back() -> None:
    """``--structured native`` is an order: its refusal is said."""
    transport = Wire(refused(400, "output_config.format: Extra inputs are not permitted"))
    with pytest.raises(ProviderError, match=r"Extra inputs.*give --structured prompted, or leave it out") as caught:
        AnthropicProvider(http_client=transport.client, structured="native").send(NATIVE, MODEL)
    assert len(transport.requests) == 1
    # No article would fare better.
    assert (caught.value.kind, caught.value.maybe_paid, caught.value.status) == (UNUSABLE, False, 400)


def test_another_refusal_of_a_native_request_is_the_articles() -> None:
    """And says nothing of --structured."""
    transport = Wire(refused(400, "messages.0.content: Input should be a valid string"))
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client, structured="native").send(NATIVE, MODEL)
    assert caught.value.kind is ARTICLE
    assert "--structured" not in str(caught.value)


def test_a_fallback_that_fails_too_is_classified() -> None:
    """The second request's trouble is what is told."""
    transport = Wire(refused(400, "output_config.format: Extra inputs are not permitted"), refused(529))
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=transport.client).send(NATIVE, MODEL)
    assert caught.value.kind is TRANSIENT


def test_no_error_repeats_a_credential() -> None:
    """A transport quotes the header it cannot send; the message does not."""
    quoted = httpx2.LocalProtocolError("Illegal header value b'Bearer sk-ant-canary\\n'")
    error, _ = failure(quoted)
    assert "canary" not in str(error)
