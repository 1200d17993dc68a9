"""What a server does not know of a request is left out there for the rest of the run, or the run ends with advice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.providers import optional_fields
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.asking.providers.error_answers import ErrorAnswer
from dragoman.asking.providers.optional_fields import (
    CACHE_CONTROL,
    EFFORT,
    FORMAT,
    OUTPUT_CONFIG,
    SYSTEM_BLOCKS,
    THINKING,
)
from dragoman.core.models import table
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, message, refused, request_of, summary_of

REQUEST = request_of(effort="medium", thinking="off")
LOCAL = "http://127.0.0.1:8080"
ALL = (CACHE_CONTROL, EFFORT, FORMAT, OUTPUT_CONFIG, SYSTEM_BLOCKS, THINKING)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "bearer-canary")


Body = dict[str, Any]
OK = httpx2.Response(200, text=message(summary_of()))


def strict(has: Callable[[Body], Any], rejection: httpx2.Response) -> Wire:
    """A server that rejects every body in which ``has`` finds something."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        response = rejection if has(json.loads(request.content)) else OK
        return httpx2.Response(response.status_code, headers=response.headers, content=response.content)

    return Wire(answer)


HAS: dict[str, Callable[[Body], Any]] = {
    EFFORT: lambda body: "effort" in body.get("output_config", {}),
    FORMAT: lambda body: "format" in body.get("output_config", {}),
    OUTPUT_CONFIG: lambda body: "output_config" in body,
    THINKING: lambda body: "thinking" in body,
    CACHE_CONTROL: lambda body: "cache_control" in json.dumps(body["system"]),
    SYSTEM_BLOCKS: lambda body: not isinstance(body["system"], str),
}

REJECTIONS: dict[str, tuple[str, str]] = {
    "effort, as pydantic says it": (EFFORT, "output_config.effort: Extra inputs are not permitted"),
    "effort, in the API's words": (EFFORT, "This model does not support the effort parameter."),
    "effort, by its name alone": (EFFORT, "Unknown parameter: 'effort'"),
    "a level of effort": (EFFORT, "output_config.effort: Input should be 'low' or 'high'"),
    "effort, as a path": (EFFORT, "body -> output_config -> effort: extra fields not permitted"),
    "format, as on Bedrock": (FORMAT, "output_config.format: Extra inputs are not permitted"),
    "format, a schema that is too large": (FORMAT, "output_config.format.schema: Schema is too complex"),
    "format, in words": (FORMAT, "Structured outputs are not supported for this model"),
    "output_config": (OUTPUT_CONFIG, "output_config: Extra inputs are not permitted"),
    "output_config, as Bedrock says it": (
        OUTPUT_CONFIG,
        "Malformed input request: #: extraneous key [output_config] is not permitted, please reformat your input and "
        "try again.",
    ),
    "output_config, as Go says it": (OUTPUT_CONFIG, 'json: unknown field "output_config"'),
    "output_config, as serde says it": (
        OUTPUT_CONFIG,
        "unknown field `output_config`, expected one of `model`, `thinking`, `system`, `max_tokens`",
    ),
    "output_config, as JSON Schema says it": (
        OUTPUT_CONFIG,
        "Additional properties are not allowed ('output_config' was unexpected)",
    ),
    "output_config, as OpenAI says it": (OUTPUT_CONFIG, "Unrecognized request argument supplied: output_config"),
    "thinking": (THINKING, "thinking: Extra inputs are not permitted"),
    "thinking, in words": (THINKING, "Thinking is not supported on this model"),
    "thinking, a form": (
        THINKING,
        "thinking: Input tag 'between_tools' found using 'type' does not match any of the expected tags: 'disabled'",
    ),
    "thinking, a form, as Bedrock says it": (
        THINKING,
        "Malformed input request: #/thinking/type: between_tools is not a valid enum value, please reformat your input",
    ),
    "thinking, as litellm says it": (
        THINKING,
        "litellm.UnsupportedParamsError: bedrock does not support parameters: ['thinking'], for model=x. To drop these "
        "set `litellm.drop_params=True`",
    ),
    "cache_control": (CACHE_CONTROL, "system.0.cache_control: Extra inputs are not permitted"),
    "cache_control, in a union": (CACHE_CONTROL, "system.0.text.cache_control: Extra inputs are not permitted"),
    "cache_control, in words": (CACHE_CONTROL, "Prompt caching is not available in this region"),
    "system, as pydantic says it": (SYSTEM_BLOCKS, "system: Input should be a valid string"),
    "system, as Bedrock says it": (
        SYSTEM_BLOCKS,
        "Malformed input request: #/system: expected type: String, found: JSONArray, please reformat your input",
    ),
    "system, as Go says it": (
        SYSTEM_BLOCKS,
        "json: cannot unmarshal array into Go struct field Request.system of type string",
    ),
    "system, as serde says it": (SYSTEM_BLOCKS, "system: invalid type: sequence, expected a string at line 1 column 9"),
}


SERVERS = ("a local server", "the Claude API", "Bedrock")
ON_SERVERS = {
    f"{label}, {server}": (server, field, said)
    for label, (field, said) in REJECTIONS.items()
    for server in SERVERS
    if (server, field) != ("a local server", FORMAT)  # it is never sent one
}


@pytest.mark.parametrize(("server", "field", "said"), ON_SERVERS.values(), ids=ON_SERVERS)
def test_a_field_that_a_server_does_not_know_is_left_out_from_then_on(server: str, field: str, said: str) -> None:
    """After one rejection, which cost nothing, and for this model only. The reply says what was left out, and without
    the output format the schema is in the prompt.
    """
    rejection = refused(400, said) if server != "Bedrock" else httpx2.Response(400, json={"message": said})
    wire = strict(HAS[field], rejection)
    sender: AnthropicProvider | BedrockProvider
    if server == "Bedrock":
        sender = BedrockProvider(http_client=wire.client)
    else:
        sender = AnthropicProvider(base_url=LOCAL if server == "a local server" else None, http_client=wire.client)
    for _ in range(3):
        received = sender.send(REQUEST, MODEL)
        assert received.left_out == (field,)
        prompted = server == "a local server" or field in (FORMAT, OUTPUT_CONFIG)
        assert received.structured == ("prompted" if prompted else "native")
        assert ("# The schema" in json.dumps(wire.bodies[-1]["system"])) is prompted
    assert [bool(HAS[field](body)) for body in wire.bodies] == [True, False, False, False]
    assert optional_fields.rejected(None, wire.bodies[0]) == frozenset()
    other = table().find("claude-opus-5-5")
    sender.send(REQUEST, other)
    if field != THINKING:  # that model is never sent it
        assert HAS[field](wire.bodies[4])


DETAILS = [
    {"type": "extra_forbidden", "loc": ["body", "output_config"], "msg": "Extra inputs are not permitted", "input": {}},
    {"type": "extra_forbidden", "loc": ["body", "thinking"], "msg": "Extra inputs are not permitted", "input": {}},
]
FORMS: dict[str, httpx2.Response] = {
    "a validation error": httpx2.Response(422, json={"detail": DETAILS}),
    "a validation error in an envelope": httpx2.Response(400, json={"error": {"message": DETAILS}}),
    "one sentence": refused(400, "output_config: Extra inputs are not permitted; thinking: Extra inputs not permitted"),
    "lines": refused(400, "2 errors\noutput_config\n  Extra inputs are not permitted\nthinking\n  not permitted\n"),
    "an error in a 200": httpx2.Response(
        200,
        json={
            "type": "error",
            "error": {"type": "invalid_request_error", "message": "output_config, thinking: not supported"},
        },
    ),
    "an error of a gateway": httpx2.Response(
        500, json={"error": {"message": "UnsupportedParamsError: does not support parameters: output_config, thinking"}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("rejection", FORMS.values(), ids=FORMS)
def test_several_fields_are_left_out_one_after_the_other(rejection: httpx2.Response) -> None:
    """However the server says it. At most one request per field is rejected."""
    wire = strict(lambda body: {"output_config", "thinking"} & body.keys(), rejection)
    received = AnthropicProvider(base_url=LOCAL, http_client=wire.client).send(REQUEST, MODEL)
    assert received.left_out == (OUTPUT_CONFIG, THINKING)
    assert len(wire.requests) <= 3


def test_a_server_that_knows_nothing_optional_gets_the_plainest_request() -> None:
    """It rejects one field after the other, each once, and the last request has only what every request needs."""
    said = {OUTPUT_CONFIG: "unknown field output_config", THINKING: "unknown field thinking"}

    def answer(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        for field, sentence in said.items():
            if field in body:
                return refused(400, sentence)
        return refused(400, "system must be a string") if not isinstance(body["system"], str) else OK

    wire = Wire(answer)
    sender = AnthropicProvider(base_url=LOCAL, http_client=wire.client)
    assert sender.send(REQUEST, MODEL).left_out == (OUTPUT_CONFIG, SYSTEM_BLOCKS, THINKING)
    assert sender.send(REQUEST, MODEL).left_out == (OUTPUT_CONFIG, SYSTEM_BLOCKS, THINKING)
    assert wire.bodies[-1].keys() == {"model", "max_tokens", "system", "messages"}
    assert len(wire.requests) == 5


OTHERS: dict[str, tuple[int, str, FailureKind]] = {
    "the article is too long": (400, "prompt is too long: 9 tokens > 1 maximum", FailureKind.ARTICLE),
    "content that is not accepted": (400, "messages.0.content: Input should be a valid string", FailureKind.ARTICLE),
    "a filter": (400, "Output blocked by content filtering policy", FailureKind.ARTICLE),
    "nothing in particular": (400, "Bad request", FailureKind.ARTICLE),
    "a failure while thinking": (500, "Internal error while thinking: unexpected end", FailureKind.TRANSIENT),
    "another status": (409, "thinking: Extra inputs are not permitted", FailureKind.TRANSIENT),
}


@pytest.mark.parametrize(("status", "said", "kind"), OTHERS.values(), ids=OTHERS)
def test_any_other_rejection_leaves_nothing_out(status: int, said: str, kind: FailureKind) -> None:
    """It concerns the article, or the service, and is reported after one request."""
    wire = Wire(refused(status, said))
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(base_url=LOCAL, http_client=wire.client).send(REQUEST, MODEL)
    assert (caught.value.kind, len(wire.requests)) == (kind, 1)


REQUIRED: dict[str, str] = {
    "the output limit": "max_tokens: Extra inputs are not permitted",
    "the output limit, as OpenAI says it": "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "the messages": 'json: unknown field "messages"',
    "the system part": "system: Extra inputs are not permitted",
    "the version": "#: extraneous key [anthropic_version] is not permitted",
    "the model": "Unrecognized request argument supplied: model",
}


@pytest.mark.parametrize("said", REQUIRED.values(), ids=REQUIRED)
@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_does_not_know_what_every_request_has_ends_the_run(said: str, status: int) -> None:
    """It would reject every article. The hint says that it may not speak this API."""
    wire = Wire(refused(status, said))
    with pytest.raises(ProviderError, match="none can succeed there") as caught:
        AnthropicProvider(base_url=LOCAL, http_client=wire.client).send(REQUEST, MODEL)
    assert (caught.value.kind, caught.value.hint, caught.value.maybe_paid) == (FailureKind.UNUSABLE, "api", False)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("field", [FORMAT, OUTPUT_CONFIG])
def test_a_schema_that_must_be_native_is_not_left_out(field: str) -> None:
    """``--structured native`` is an order: the run ends with advice. Another field is still left out."""
    wire = strict(HAS[field], refused(400, f"{field}: Extra inputs are not permitted"))
    with pytest.raises(ProviderError, match=r"does not accept the schema natively$") as caught:
        AnthropicProvider(base_url=LOCAL, http_client=wire.client, structured="native").send(REQUEST, MODEL)
    assert (caught.value.kind, caught.value.hint, len(wire.requests)) == (FailureKind.UNUSABLE, "schema", 1)
    wire = strict(HAS[EFFORT], refused(400, f"{EFFORT}: Extra inputs are not permitted"))
    received = AnthropicProvider(base_url=LOCAL, http_client=wire.client, structured="native").send(REQUEST, MODEL)
    assert (received.structured, received.left_out) == ("native", (EFFORT,))


def test_a_count_is_of_the_request_that_would_be_sent() -> None:
    """Without the fields that the server rejected before."""
    wire = strict(HAS[THINKING], refused(400, "thinking: Extra inputs are not permitted"))
    sender = AnthropicProvider(base_url=LOCAL, http_client=wire.client)
    sender.send(REQUEST, MODEL)
    assert "thinking" not in sender.arguments(REQUEST, MODEL, MODEL.id)


def test_the_request_key_does_not_change() -> None:
    """What is left out is a matter of the server, like its address."""
    before = REQUEST.key
    wire = strict(HAS[THINKING], refused(400, "thinking: Extra inputs are not permitted"))
    AnthropicProvider(base_url=LOCAL, http_client=wire.client).send(REQUEST, MODEL)
    assert REQUEST.key == before
    assert request_of(effort="medium", thinking="off").key == before


@settings(deadline=None, database=None)
@given(st.sets(st.sampled_from(ALL)), st.text(), st.sampled_from([400, 422, 500]))
def test_what_is_rejected_was_sent_and_is_gone_afterwards(left_out: set[str], said: str, status: int) -> None:
    """So a server that rejects everything gets at most one request per field."""
    sender = AnthropicProvider()
    complete = sender.arguments(REQUEST, MODEL, MODEL.id)
    arguments = optional_fields.without(complete, left_out)
    for sentence in (said, *(f"{field}: Extra inputs are not permitted" for field in ALL), "system must be a string"):
        rejected = optional_fields.rejected(ErrorAnswer(status, {}, (sentence,)), arguments)
        assert not rejected & left_out
        kept = optional_fields.without(complete, left_out | rejected)
        assert optional_fields.rejected(ErrorAnswer(status, {}, (sentence,)), kept) & rejected == frozenset()
        assert {"model", "max_tokens", "system", "messages"} <= kept.keys()


def test_rejected_requests_are_counted_with_the_attempt_that_follows() -> None:
    """The server received them: two fields in turn, then a reply, or an error that has another cause."""

    def answer(last: httpx2.Response) -> Callable[[httpx2.Request], httpx2.Response]:
        def answered(request: httpx2.Request) -> httpx2.Response:
            body = json.loads(request.content)
            field = next((field for field in (EFFORT, THINKING) if HAS[field](body)), None)
            return refused(400, f"{field}: Extra inputs are not permitted") if field is not None else last

        return answered

    provider = AnthropicProvider(base_url=LOCAL, http_client=Wire(answer(OK)).client)
    assert [provider.send(REQUEST, MODEL).rejected_before for _ in range(2)] == [2, 0]
    provider = AnthropicProvider(base_url=LOCAL, http_client=Wire(answer(refused(500))).client)
    for rejected in (2, 0):
        with pytest.raises(ProviderError) as caught:
            provider.send(REQUEST, MODEL)
        assert (caught.value.rejected_before, caught.value.sent) == (rejected, True)
