"""An error is the same error whether it has a status of its own or stands in a reply with status 200."""

from __future__ import annotations

import json
import re
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic._error_classes import ERROR_CLASSES
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.asking.providers.error_answers import answer_of, error_in_reply
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, message, request_of, summary_of

TRANSIENT, LIMITED, ARTICLE, UNUSABLE = (
    FailureKind.TRANSIENT,
    FailureKind.RATE_LIMITED,
    FailureKind.ARTICLE,
    FailureKind.UNUSABLE,
)
REQUEST = request_of()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer-canary")


def failure(response: httpx2.Response) -> tuple[ProviderError, Wire]:
    """The error that one request raises, and the transport."""
    wire = Wire(response)
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=wire.client).send(REQUEST, MODEL)
    return caught.value, wire


def envelope(kind: str, said: str = "Something", **more: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": said, **more}, "request_id": "req_1"}


# Errors in a reply with status 200


KINDS: dict[str, tuple[int, FailureKind]] = {
    "invalid_request_error": (400, ARTICLE),
    "authentication_error": (401, UNUSABLE),
    "billing_error": (402, UNUSABLE),
    "permission_error": (403, UNUSABLE),
    "not_found_error": (404, UNUSABLE),
    "conflict_error": (409, TRANSIENT),
    "request_too_large": (413, ARTICLE),
    "rate_limit_error": (429, LIMITED),
    "api_error": (500, TRANSIENT),
    "timeout_error": (504, TRANSIENT),
    "overloaded_error": (529, TRANSIENT),
}


@pytest.mark.parametrize(("kind", "expected"), KINDS.items(), ids=KINDS)
def test_an_error_in_a_200_is_the_error_of_its_type(kind: str, expected: tuple[int, FailureKind]) -> None:
    """Classified like the status that it usually has, never paid, and reported in the service's own words."""
    error, wire = failure(httpx2.Response(200, json=envelope(kind), headers={"request-id": "req_7"}))
    assert (error.status, error.kind, error.maybe_paid, len(wire.requests)) == (*expected, False, 1)
    assert f"answered 200 with the error {kind}: Something (request req_7)" in str(error)
    usual, _ = failure(httpx2.Response(expected[0], json=envelope(kind)))
    assert (error.kind, error.hint, error.throttled) == (usual.kind, usual.hint, usual.throttled)


BODIES: dict[str, tuple[Any, int, str]] = {
    "Bedrock's exception": ({"__type": "ThrottlingException", "message": "Slow"}, 429, "Slow"),
    "with its namespace": ({"__type": "com.amazonaws.bedrock#AccessDeniedException", "Message": "No"}, 403, "No"),
    "a model that failed": ({"__type": "ModelErrorException", "message": "x"}, 424, "x"),
    "a message of Bedrock alone": ({"message": "Too many tokens, please wait before trying again."}, 429, "Too many"),
    "a message of a gateway": ({"message": "Internal server error"}, 500, "Internal server error"),
    "a message about capacity": ({"message": "The system is currently overloaded"}, 529, "overloaded"),
    "a wrong key": ({"message": "The security token included in the request is invalid."}, 403, "security token"),
    "without a type": ({"error": {"message": "Overloaded"}}, 529, "Overloaded"),
    "only a sentence": ({"error": "model is not loaded"}, 500, "model is not loaded"),
    "a name and a sentence": ({"error": "rate_limit_exceeded", "message": "Later"}, 429, "Later"),
    "a number as its code": ({"error": {"code": 503, "message": "x"}}, 503, "x"),
    "digits as its code": ({"error": {"code": "429", "type": "None", "message": "x"}}, 429, "x"),
    "a status in words": ({"error": {"code": 1, "status": "RESOURCE_EXHAUSTED", "message": "x"}}, 429, "x"),
    "a list of errors": ({"success": False, "errors": [{"code": 10000, "message": "Authentication"}]}, 401, "Authent"),
    "no credential": ({"success": False, "message": "Unauthorized"}, 401, "Unauthorized"),
    "a key in words": ({"error": {"message": "Incorrect API key provided"}}, 401, "API key"),
    "a list of one": ([{"error": {"code": 429, "message": "x", "status": "RESOURCE_EXHAUSTED"}}], 429, "x"),
    "in AWS's envelope": ({"Output": {"__type": "a.b#UnknownOperationException"}, "Version": "1.0"}, 404, "no reason"),
    "a fault of Apigee": (
        {"fault": {"faultstring": "Rate limit quota violation", "detail": {"errorcode": "policies.x"}}},
        429,
        "quota",
    ),
    "msg": ({"status": "error", "msg": "rate limit"}, 429, "rate limit"),
    "a detail": ({"detail": "Not Found"}, 500, "Not Found"),
    "problems with their places": (
        {"error": {"type": "invalid_request_error"}, "detail": [{"loc": ["body", "x", 0], "msg": "Field required"}]},
        400,
        "x.0: Field required",
    ),
    "no reason": ({"type": "error", "error": {"type": "api_error"}}, 500, "no reason"),
    "an error beside no content": ({"type": "message", "content": [], "error": {"type": "overloaded_error"}}, 529, ""),
    "no content at all": ({"content": None, "error": {"type": "api_error", "message": "x"}}, 500, "x"),
}


@pytest.mark.parametrize(("body", "status", "said"), BODIES.values(), ids=BODIES)
def test_an_error_is_recognised_in_every_form(body: Any, status: int, said: str) -> None:
    """Its name decides, then a number, then its words. An unknown error counts as one of the service."""
    answer = error_in_reply(json.dumps(body), {})
    assert answer is not None
    assert (answer.status, answer.in_reply) == (status, True)
    assert said in answer.message


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "text/event-stream", "nonsense", ""])
@pytest.mark.parametrize(
    "before",
    ["", "\ufeff", "\n  ", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"],
    ids=["plain", "byte order mark", "white space", "comments of a stream"],
)
def test_the_content_type_does_not_matter(content_type: str, before: str) -> None:
    content = (before + json.dumps(envelope("overloaded_error"))).encode()
    error, _ = failure(httpx2.Response(200, content=content, headers={"content-type": content_type}))
    assert (error.status, error.maybe_paid) == (529, False)


def test_the_name_of_an_error_may_be_in_the_headers_of_bedrock() -> None:
    wire = Wire(httpx2.Response(200, json={"message": "x"}, headers={"x-amzn-errortype": "ThrottlingException:http"}))
    with pytest.raises(ProviderError) as caught:
        BedrockProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert (caught.value.kind, caught.value.status, caught.value.maybe_paid) == (LIMITED, 429, False)


def test_an_error_in_a_stream_of_events_is_an_error() -> None:
    """Some gateways stream, whatever was asked for, and keep the connection alive before the error."""
    data = json.dumps(envelope("overloaded_error"))
    for before in ("", 'event: ping\ndata: {"type": "ping"}\n\n', ": waiting\n\n"):
        error, _ = failure(httpx2.Response(200, text=f"{before}event: error\ndata: {data}\n\n"))
        assert (error.status, error.maybe_paid) == (529, False)


def test_a_hint_in_the_headers_of_a_200_is_obeyed() -> None:
    error, _ = failure(httpx2.Response(200, json=envelope("rate_limit_error"), headers={"retry-after": "7"}))
    assert error.retry_after == 7.0


def test_a_credential_in_such_an_error_is_masked() -> None:
    error, _ = failure(httpx2.Response(200, json=envelope("api_error", "no sk-ant-canary here")))
    assert "canary" not in f"{error} {error.__cause__}"


REPLIES: dict[str, str] = {
    "a reply": message(summary_of()),
    "a reply with an empty error": json.dumps({**json.loads(message("x")), "error": None}),
    "a reply about an error": message(json.dumps(envelope("overloaded_error"))),
    "a reply without text": message("", content=[]),
    "a reply without content": message("", content=None),
    "a stream of a reply": 'event: message_start\ndata: {"type": "message_start", "message": {}}\n\n',
    "a reply of another API": json.dumps({"choices": [{"message": {"content": "x"}}], "message": "x"}),
    "a reply of a local server": json.dumps({"message": {"role": "assistant", "content": "x"}, "done": True}),
    "a stream of pings and a reply": 'data: {"type": "ping"}\n\ndata: {"type": "message_start", "message": {}}\n\n',
    "a list of two": '[{"error": "x"}, {"error": "y"}]',
    "a page": "<html><body>error</body></html>",
    "half a reply": '{"type": "error", "error": {"ty',
    "nothing": "",
    "a list": "[1]",
    "an empty object": "{}",
    "deeply nested": "[" * 100_000,
}


@pytest.mark.parametrize("body", REPLIES.values(), ids=REPLIES)
def test_anything_else_is_returned_to_be_stored(body: str) -> None:
    """A reply may have been paid, whatever it says, so it is stored before it is read."""
    wire = Wire(httpx2.Response(200, text=body))
    assert AnthropicProvider(http_client=wire.client).send(REQUEST, MODEL).body == body


@pytest.mark.parametrize("body", [{"error": [""]}, {"error": " "}, {"type": "error", "errors": ["", {"msg": " "}]}])
def test_an_error_without_a_word_says_that_no_reason_was_given(body: dict[str, Any]) -> None:
    answer = error_in_reply(json.dumps(body), {})
    assert answer is not None
    assert answer.message == "the service gave no reason"


@settings(deadline=None, database=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "error", "errors", "message", "detail", "code", "content", "__type", "loc"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_an_error_with_a_status_or_none(value: Any) -> None:
    answer = error_in_reply(json.dumps(value), {})
    assert answer is None or (400 <= answer.status <= 599 and answer.message)


@pytest.mark.parametrize("free", ["ping", "count"])
def test_a_free_call_recognises_them_too(free: str) -> None:
    wire = Wire(httpx2.Response(200, json=envelope("authentication_error", "invalid key")))
    provider = AnthropicProvider(http_client=wire.client)
    with pytest.raises(ProviderError):
        provider.ping(MODEL) if free == "ping" else provider.count_tokens(REQUEST, MODEL)


# Classes of the SDK


CODES: dict[str, tuple[int, FailureKind]] = {
    "enforced_spend_limit_reached": (429, UNUSABLE),
    "contract_spend_limit_reached": (429, UNUSABLE),
    "linked_organization_spend_limit_reached": (402, UNUSABLE),
    "linked_organization_billing_unavailable": (402, UNUSABLE),
    "ramp_limit_exceeded": (429, LIMITED),
    "organization_on_hold": (400, UNUSABLE),
    "cmek_key_disabled": (400, UNUSABLE),
    "cmek_key_network_blocked": (400, UNUSABLE),
    "cmek_key_unreachable": (503, TRANSIENT),
    "request_body_timeout": (400, TRANSIENT),
    "user_profile_required": (400, UNUSABLE),
    "a_code_of_tomorrow": (400, ARTICLE),
}


@pytest.mark.parametrize(("code", "expected"), CODES.items(), ids=CODES)
def test_an_error_code_decides_whatever_the_message_says(code: str, expected: tuple[int, FailureKind]) -> None:
    """By the code and the status, in a 200 as well; on Bedrock too, where the SDK names other classes."""
    status, kind = expected
    body = envelope("invalid_request_error" if status == 400 else "an_error", "Stop.", details={"error_code": code})
    error, _ = failure(httpx2.Response(status, json=body))
    assert (error.kind, error.maybe_paid) == (kind, False)
    wire = Wire(httpx2.Response(status, json=body))
    with pytest.raises(ProviderError) as caught:
        BedrockProvider(http_client=wire.client).send(REQUEST, MODEL)
    assert caught.value.kind is kind


@pytest.mark.parametrize("key", ERROR_CLASSES, ids=lambda key: f"{key[0]} {key[1]}")
def test_every_class_of_the_sdk_is_read_by_status_and_code(key: tuple[int, str | None]) -> None:
    """The SDK has a class for each of them, and renames them from release to release. None is an unknown error."""
    status, code = key
    body = envelope("an_error", "Stop.", **({"details": {"error_code": code}} if code else {}))
    response = httpx2.Response(status, json=body, request=httpx2.Request("POST", "http://x"))
    error = anthropic.Anthropic(api_key="x")._make_status_error_from_response(response)
    assert type(error) is ERROR_CLASSES[key]
    answer = answer_of(error)
    assert answer is not None
    assert (answer.status, answer.code, answer.problems) == (status, code, ("Stop.",))
    failed, _ = failure(httpx2.Response(status, json=body))
    assert (failed.status, failed.kind in FailureKind) == (status, True)


def test_no_class_of_a_status_is_named_in_the_providers() -> None:
    """A renamed class would end the run with an AttributeError in the middle of an error."""
    from pathlib import Path

    from dragoman.asking import providers

    names = {kind.__name__ for kind in ERROR_CLASSES.values()}
    text = "".join(path.read_text("utf-8") for path in Path(providers.__file__).parent.glob("*.py"))
    assert {name for name in names if re.search(rf"\b{name}\b", text)} == set()
