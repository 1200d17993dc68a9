"""A reply is parsed or rejected, and a stored exchange is exactly what was sent and received."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.exchange import Exchange, Reply, Retry
from dragoman.core.request import JsonSchema, Request
from dragoman.core.stop_reasons import Ending, ending_of
from dragoman.core.usage import Usage
from dragoman.errors import ReplyRejected
from tests.unit.core.test_request import FOREIGN, PLAIN, json_values

MESSAGE: dict[str, Any] = {
    "id": "msg_01",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-5-5",
    "content": [{"type": "text", "text": '{"title_en": "Gạo"}'}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "service_tier": "standard",
    },
}


def body(**changed: Any) -> str:
    """A Messages body with some fields changed; ``...`` removes a field."""
    return json.dumps({name: value for name, value in {**MESSAGE, **changed}.items() if value is not ...})


def exchange(request: Request = FOREIGN, text: str = "", **changed: Any) -> Exchange:
    made = Exchange(
        request=request,
        body=text or body(),
        task="summary",
        role="ask",
        origin="live",
        endpoint="anthropic",
        structured="native",
        prompt="summary/v1",
        prompt_sha256="0" * 64,
        article="Bài 1.txt",
        article_sha256="1" * 64,
        created_at="2026-11-21T10:00:00Z",
        model_sent="claude-haiku-5-5",
        cost_usd="0.0012",
        price_table="2026-11-21",
    )
    return replace(made, **changed)


def rejection(text: str) -> ReplyRejected:
    with pytest.raises(ReplyRejected) as caught:
        Reply.read(text)
    return caught.value


@given(st.text(), st.text(), st.dictionaries(st.text(max_size=5), json_values, max_size=3), st.integers(1, 128_000))
def test_an_exchange_survives_json(system: str, user: str, schema: dict[str, Any], limit: int) -> None:
    """A recording on disk equals the row of the store, whatever characters it has."""
    request = replace(FOREIGN, system=system, user=user, schema=JsonSchema(schema), max_tokens=limit)
    once = exchange(request, body(model=user[:10] or "m"))
    again = Exchange.from_json(json.loads(json.dumps(once.to_json())))
    assert again == once
    assert again.key == request.key
    assert Request.from_neutral(json.loads(json.dumps(request.neutral()))) == request


def test_every_field_of_an_exchange_is_in_the_recording() -> None:
    once = exchange(
        role="reask", origin="altered", endpoint="custom", structured="prompted", parent=PLAIN.key, round=2,
        attempts=3, retries=(Retry("429", 1.5), Retry("timed out", 2)),
        left_out=("output_config", "thinking"), base_url="http://127.0.0.1:9", cost_usd=None,
        price_table=None,
    )  # fmt: skip
    assert Exchange.from_json(once.to_json()) == once


def tampered(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads(json.dumps(exchange().to_json()))
    change(recording)
    return recording


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "user text": lambda r: r["request"]["messages"][0].update(content="Ignore the article."),
    "role of the message": lambda r: r["request"]["messages"][0].update(role="assistant"),
    "a second message": lambda r: r["request"]["messages"].append({"role": "user", "content": "x"}),
    "no message": lambda r: r["request"]["messages"].clear(),
    "system text": lambda r: r["request"].update(system=""),
    "schema": lambda r: r["request"]["schema"].clear(),
    "model": lambda r: r["request"].update(model="claude-opus-5-5"),
    "output limit": lambda r: r["request"].update(max_tokens=99),
    "a number as text": lambda r: r["request"].update(max_tokens="16000"),
    "a field of its own": lambda r: r["request"].update(temperature=1),
    "a field left out": lambda r: r["request"].pop("effort"),
    "key": lambda r: r.update(key="x1:" + "0" * 64),
    "tag of the key": lambda r: r.update(key=r["key"].replace("x1:", "x2:")),
    "schema of the recording": lambda r: r.update(schema="dragoman.exchange/9"),
    "body as an object": lambda r: r.update(body=json.loads(r["body"])),
    "article as an object": lambda r: r.update(article={}),
    "date as a number": lambda r: r.update(created_at=20261121),
    "address as a list": lambda r: r.update(base_url=[]),
    "no body": lambda r: r.update(body=None),
    "origin": lambda r: r.update(origin="made up"),
    "endpoint": lambda r: r.update(endpoint="elsewhere"),
    "role": lambda r: r.update(role="guess"),
    "round": lambda r: r.update(round="first"),
    "price": lambda r: r.update(cost_usd="cheap"),
    "what was left out as text": lambda r: r.update(left_out="thinking"),
    "what was left out as numbers": lambda r: r.update(left_out=[1]),
    "no request": lambda r: r.pop("request"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_recording_is_rejected(what: str) -> None:
    """The key is computed again, and a value outside of its list is not accepted."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        Exchange.from_json(tampered(TAMPERED[what]))


@pytest.mark.parametrize("value", [None, [], "x", 5, {}])
def test_any_other_json_is_rejected(value: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Exchange.from_json(value)


def test_a_messages_body_is_parsed() -> None:
    assert Reply.read(body()) == Reply(
        '{"title_en": "Gạo"}', "end_turn", "claude-sonnet-5-5", Usage(10, 5, service_tier="standard")
    )
    assert exchange().reply == Reply.read(body())


def test_thinking_is_not_part_of_the_answer() -> None:
    content = [
        {"type": "thinking", "thinking": "Hmm {", "signature": "x"},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "text", "text": "{"},
        {"type": "text", "text": "}"},
    ]
    assert Reply.read(body(content=content)).text == "{}"


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        ({"type": "refusal", "category": "cyber", "explanation": "Not this."}, "cyber: Not this."),
        ({"type": "refusal", "category": "bio", "explanation": None}, "bio"),
        ({"type": "refusal", "category": None, "explanation": "Not this."}, "Not this."),
        (None, None),
        (..., None),
    ],
)
def test_a_refusal_has_the_explanation_of_the_service(details: Any, refusal: str | None) -> None:
    reply = Reply.read(body(content=[], stop_reason="refusal", stop_details=details))
    assert (reply.text, reply.stop_reason, reply.refusal) == ("", "refusal", refusal)


@pytest.mark.parametrize("reason", ["max_tokens", "stop_sequence", "model_context_window_exceeded", "something new"])
def test_an_unknown_stop_reason_is_kept(reason: str) -> None:
    assert Reply.read(body(stop_reason=reason)).stop_reason == reason


ENDINGS: dict[str, tuple[str | None, Ending]] = {
    "an answer": ("end_turn", "complete"),
    "null": (None, "complete"),
    "a stop sequence": ("stop_sequence", "complete"),
    "the answer of another API": ("STOP", "complete"),
    "the output limit": ("max_tokens", "cut off"),
    "the output limit of another API": ("length", "cut off"),
    "the context": ("model_context_window_exceeded", "too long"),
    "a refusal": ("refusal", "blocked"),
    "Bedrock's guardrail": ("guardrail_intervened", "blocked"),
    "Bedrock's filter": ("content_filtered", "blocked"),
    "a filter of another API": ("content_filter", "blocked"),
    "Vertex's filter": ("SAFETY", "blocked"),
    "a list of blocked words": ("BLOCKLIST", "blocked"),
    "prohibited content": ("PROHIBITED_CONTENT", "blocked"),
    "recited content": ("RECITATION", "blocked"),
    "sensitive content": ("sensitive", "blocked"),
    "a filter of tomorrow": ("output_moderation_v2", "blocked"),
    "a tool": ("tool_use", "other"),
    "a pause": ("pause_turn", "other"),
    "output that Bedrock could not read": ("malformed_model_output", "other"),
    "a tool that Bedrock could not read": ("malformed_tool_use", "other"),
    "a reason of tomorrow": ("compaction", "other"),
}


@pytest.mark.parametrize(("reason", "ending"), ENDINGS.values(), ids=ENDINGS)
def test_a_stop_reason_says_whether_the_text_can_be_the_answer(reason: str | None, ending: Ending) -> None:
    """Those of the Messages API, of Bedrock and of gateways. An unknown one is none of an answer."""
    reply = Reply.read(body(stop_reason=reason))
    assert (reply.ending, reply.stop_reason) == (ending, reason or "end_turn")


def test_every_stop_reason_of_the_libraries_has_a_meaning() -> None:
    """Only these may be `other`: they are not about the text of an answer."""
    import botocore.loaders
    from anthropic.types import StopReason

    runtime = botocore.loaders.Loader().load_service_model("bedrock-runtime", "service-2")
    reasons = {*get_args(StopReason), *runtime["shapes"]["StopReason"]["enum"]}
    other = {reason for reason in reasons if ending_of(reason) == "other"}
    assert other == {"tool_use", "pause_turn", "malformed_model_output", "malformed_tool_use"}


GUARDRAILS: dict[str, tuple[Any, bool]] = {
    "intervened": ("INTERVENED", True),
    "did not intervene": ("NONE", False),
    "null": (None, False),
    "in other letters": ("intervened", False),
    "another word": ("MONITORED", False),
    "true": (True, False),
    "missing": (..., False),
}


@pytest.mark.parametrize(("action", "guarded"), GUARDRAILS.values(), ids=GUARDRAILS)
def test_a_guardrail_of_bedrock_intervenes_with_one_word(action: Any, *, guarded: bool) -> None:
    """Whatever the stop reason says; any other value leaves the answer as it is."""
    reply = Reply.read(body(**{"amazon-bedrock-guardrailAction": action}))
    assert (reply.guarded, reply.ending) == (guarded, "blocked" if guarded else "complete")


WORDS: dict[str, tuple[dict[str, Any], str | None]] = {
    "words of a filter": ({"content": [{"type": "text", "text": "Sorry,\n  no."}]}, "Sorry, no."),
    "words that are long": ({"content": [{"type": "text", "text": "no " * 500}]}, ("no " * 100)),
    "half an answer": ({"content": [{"type": "text", "text": ' {"title_en": "Ri'}]}, None),
    "no text": ({"content": []}, None),
    "no content": ({"content": None}, None),
    "an explanation and words": (
        {"stop_details": {"category": "bio"}, "content": [{"type": "text", "text": "x"}]},
        "bio",
    ),
    "details that are text": ({"stop_details": "no", "content": None}, None),
    "details of other types": ({"stop_details": {"category": 5, "explanation": ["x"]}, "content": None}, None),
}


@pytest.mark.parametrize("reason", ["refusal", "guardrail_intervened", "content_filter"])
@pytest.mark.parametrize(("changed", "refusal"), WORDS.values(), ids=WORDS)
def test_a_blocked_answer_has_the_words_of_the_filter(
    reason: str, changed: dict[str, Any], refusal: str | None
) -> None:
    """The service's explanation first. The words are on one line and cut to 300 characters."""
    assert Reply.read(body(stop_reason=reason, **changed)).refusal == refusal


ODD: dict[str, tuple[str, str]] = {
    "a byte order mark": ("\ufeff" + body(), '{"title_en": "Gạo"}'),
    "content null": (body(content=None), ""),
    "no content block": (body(content=[]), ""),
    "a text block without text": (body(content=[{"type": "text"}, {"type": "text", "text": "{}"}]), "{}"),
    "a text that is null": (body(content=[{"type": "text", "text": None}, {"type": "text", "text": "{}"}]), "{}"),
    "details that are text": (body(stop_details="no"), '{"title_en": "Gạo"}'),
}


@pytest.mark.parametrize(("odd", "text"), ODD.values(), ids=ODD)
def test_a_reply_of_odd_form_is_still_a_reply(odd: str, text: str) -> None:
    """It was paid for, and what it says can be read."""
    assert Reply.read(odd).text == text


def test_unknown_fields_of_a_body_are_ignored() -> None:
    content = [{"type": "text", "text": "{}", "citations": None}, {"type": "hologram", "data": 1}]
    assert Reply.read(body(content=content, container=None, x={"y": 1})).text == "{}"


NO_USAGE: list[Any] = [
    ..., None, {}, [], "many", {"input_tokens": 5}, {"output_tokens": 5},
    {"input_tokens": None, "output_tokens": 5}, {"input_tokens": "5", "output_tokens": 5},
    {"input_tokens": 5, "output_tokens": 1.5}, {"input_tokens": -5, "output_tokens": 5},
    {"input_tokens": True, "output_tokens": 5},
]  # fmt: skip


@pytest.mark.parametrize("usage", NO_USAGE, ids=repr)
def test_an_answer_without_usage_has_an_unknown_price(usage: Any) -> None:
    """Local servers omit fields. The answer is valid, and its tokens are unknown and not 0."""
    reply = Reply.read(body(usage=usage))
    assert reply.usage is None
    assert reply.text == '{"title_en": "Gạo"}'


@pytest.mark.parametrize(
    ("cache", "read", "written_5m", "written_1h"),
    [
        ({}, 0, 0, 0),
        ({"cache_read_input_tokens": 7}, 7, 0, 0),
        ({"cache_creation_input_tokens": 9}, 0, 9, 0),
        ({"cache_creation_input_tokens": 9, "cache_creation": None}, 0, 9, 0),
        (
            {
                "cache_creation_input_tokens": 9,
                "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 6},
            },
            0, 3, 6,
        ),
        ({"cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 6}}, 0, 3, 6),
        ({"cache_creation_input_tokens": 2, "cache_creation": {"ephemeral_1h_input_tokens": 6}}, 0, 0, 6),
        ({"cache_read_input_tokens": None, "cache_creation_input_tokens": "9", "cache_creation": [1]}, 0, 0, 0),
    ],
)  # fmt: skip
def test_cache_tokens_are_counted_by_their_time_to_live(
    cache: dict[str, Any], read: int, written_5m: int, written_1h: int
) -> None:
    """They have different prices. No count is ever negative."""
    usage = Reply.read(body(usage={"input_tokens": 10, "output_tokens": 5, **cache})).usage
    assert usage is not None
    assert usage.to_json() == Usage(10, 5, read, written_5m, written_1h).to_json()
    assert usage.prompt_tokens == 10 + read + written_5m + written_1h


BAD = {
    "empty": "",
    "white space": " \n",
    "null": "null",
    "list": "[]",
    "number": "5",
    "text": '"ok"',
    "truncated": body()[:-20],
    "two bodies": body() + body(),
    "content twice": body()[:-1] + ', "content": [{"type": "text", "text": "another"}]}',
    "usage twice, once escaped": body()[:-1] + ', "us\\u0061ge": {"input_tokens": 1, "output_tokens": 1}}',
    "text twice in a block": body().replace('"text": ', '"text": "another", "text": ', 1),
    "proxy page": "<html><body><h1>502 Bad Gateway</h1></body></html>",
    "error body": '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    "no content": body(content=...),
    "content of texts": body(content=["{}"]),
    "model a number": body(model=5),
    "no stop reason": body(stop_reason=...),
    "stop reason a number": body(stop_reason=5),
    "content a text": body(content="{}"),
    "content an object": body(content={}),
    "content false": body(content=False),
    "text a number": body(content=[{"type": "text", "text": 5}]),
    "text false": body(content=[{"type": "text", "text": False}]),
    "a block without a type": body(content=[{"text": "{}"}]),
    "deep": "[" * 100_000,
    "deep inside": '{"content": ' + '{"a":' * 50_000,
    "surrogate in the text": body(content=[{"type": "text", "text": "\ud800"}]),
    "surrogate in the model": body(model="\udfff"),
    "surrogate in the stop reason": body(stop_reason="\ud800"),
    "surrogate in the refusal": body(stop_reason="refusal", stop_details={"category": "\ud800"}),
    "surrogate in the body": "\ud800",
    "NUL": "\x00",
}


@pytest.mark.parametrize("model", [..., None, ""], ids=["missing", "null", "empty"])
def test_a_reply_that_names_no_model_is_a_reply(model: Any) -> None:
    """Some gateways leave it out. Another request would be charged too, and its reply would have no name either."""
    assert Reply.read(body(model=model)).model == ""


@pytest.mark.parametrize("what", BAD)
def test_any_other_body_is_rejected(what: str) -> None:
    """With one kind of error and a sentence that can be printed and stored."""
    error = rejection(BAD[what])
    assert error.code == "bad_response"
    assert "not a Messages body" in str(error)
    str(error).encode()
    assert len(str(error)) < 300


@given(st.text(max_size=80) | json_values.map(json.dumps))
def test_any_text_is_parsed_or_rejected(text: str) -> None:
    try:
        reply = Reply.read(text)
    except ReplyRejected:
        return
    assert isinstance(json.loads(text)["content"], list | None)
    assert isinstance(reply.model, str)


@given(
    st.dictionaries(
        st.sampled_from(["content", "model", "stop_reason", "stop_details", "usage"]), json_values, max_size=5
    )
)
def test_a_body_with_fields_of_other_types_is_parsed_or_rejected(changed: dict[str, Any]) -> None:
    """No value of another type reaches the price, the store or the record."""
    try:
        reply = Reply.read(body(**changed))
    except ReplyRejected:
        return
    assert all(isinstance(value, str) for value in (reply.text, reply.model, reply.stop_reason, reply.refusal or ""))
    counts = [] if reply.usage is None else list(reply.usage.to_json().values())
    assert all(type(count) is int and count >= 0 for count in counts)
