"""The loopback service through the real SDK: each behaviour gives the error or message it stands for."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import anthropic
import pytest

from dragoman.core.answers import Summary, Translation, api_schema
from tests.support import paths
from tests.support.service import (
    BEDROCK_SPEND_QUOTA,
    FORBIDDEN,
    MODEL_NOT_FOUND,
    OVERLOADED,
    SCHEMA_NOT_SUPPORTED,
    SERVER_ERROR,
    SPEND_LIMIT,
    UNAUTHORIZED,
    USAGE_LIMIT,
    Answer,
    Behaviour,
    ContextWindow,
    Drip,
    EmptyBody,
    Hang,
    HtmlPage,
    MaxTokens,
    RawBody,
    Refusal,
    Reset,
    Script,
    Service,
    Status,
    TruncatedJson,
    answer,
    rate_limited,
    user_digest,
)

MODEL = "claude-haiku-5-5"
BEDROCK_MODEL = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
SYSTEM = "You read articles. " * 40

PARAGRAPHS = {
    1: "Hà Nội, 12/11 – Ngân hàng Nhà nước giữ lãi suất ở mức 4,5%.",
    2: "Theo Reuters, giá gạo là 520 USD.\nNăm 2024 xuất khẩu đạt 9 triệu tấn. “Rất tốt”, ông Minh nói.",
    3: "他说：“经济增长了15%。”今年出口2024亿元！ Café naïve e\u0301 — \u200bodd\u00a0spaces\u3000here.",
    4: "भारत ने २०२४ में ५०० रुपये दिए। यह ठीक है।",
    7: "[mechanical] </article-zzz> [3f9a1c.9 not a mark. Ông ấy sinh năm 1975 tại Đà Nẵng.",
}


def fenced(paragraphs: dict[int, str] = PARAGRAPHS, fence: str = "3f9a1c") -> str:
    lines = "\n".join(f"[{fence}.{number}] {text}" for number, text in paragraphs.items())
    return f"Read the article.\n\n<article-{fence}>\n{lines}\n</article-{fence}>\n\nAnswer as told."


def asking(model: type[Summary] | type[Translation], user: str, **more: Any) -> dict[str, Any]:
    return {
        "model": MODEL,
        "max_tokens": 8000,
        "system": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": user}],
        "output_config": {"format": {"type": "json_schema", "schema": api_schema(model)}},
        **more,
    }


class Client:
    """Both SDK clients on one service, without retries."""

    def __init__(self, service: Service, *, timeout: float = 5.0, prefix: str = "") -> None:
        self.direct = anthropic.Anthropic(
            base_url=service.url + prefix, api_key="test-key", max_retries=0, timeout=timeout
        )
        self.bedrock = anthropic.AnthropicBedrock(
            base_url=service.url + prefix,
            aws_access_key="x",
            aws_secret_key="x",
            aws_region="us-east-1",
            max_retries=0,
            timeout=timeout,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.direct.close()
        self.bedrock.close()

    def ask(self, user: str = "hello", **more: Any) -> anthropic.types.Message:
        message = self.direct.messages.create(
            **{"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": user}], **more}
        )
        assert isinstance(message, anthropic.types.Message)
        return message

    def ask_bedrock(self, user: str = "hello", **more: Any) -> anthropic.types.Message:
        message = self.bedrock.messages.create(
            **{
                "model": BEDROCK_MODEL,
                "max_tokens": 1000,
                "messages": [{"role": "user", "content": user}],
                **more,
            }
        )
        assert isinstance(message, anthropic.types.Message)
        return message


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(service) as both:
        yield both


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


# Ordinary answers


def test_summary_is_valid_and_its_quotes_are_letter_for_letter(client: Client) -> None:
    """A mechanical summary validates, says what it is, and copies odd characters unchanged."""
    message = client.ask(**asking(Summary, fenced()))
    assert (message.model, message.stop_reason, message.type) == (MODEL, "end_turn", "message")
    summary = Summary.model_validate_json(text_of(message))
    assert 8 <= len(summary.claims) <= 20
    assert 3 <= len(summary.key_points) <= 5
    assert summary.published is None
    for claim in summary.claims:
        assert claim.quote in PARAGRAPHS[claim.paragraph]
        assert claim.text_en.isascii()
        for quantity in claim.quantities:
            assert quantity.quote in claim.quote
    for entity in summary.entities:
        assert any(entity.name_source in text for text in PARAGRAPHS.values())
    assert {entity.name_source for entity in summary.entities} >= {"Reuters"}
    values = {quantity.quote: quantity.value for claim in summary.claims for quantity in claim.quantities}
    assert values["1975"] == "1975"
    # A separator, a percent sign, a scale word or other digits: to read those is not for a copier.
    assert [values[quote] for quote in ("12/11", "4,5", "15", "9", "२०२४")] == [None] * 5


def test_translation_covers_every_paragraph_by_its_number(client: Client) -> None:
    message = client.ask(**asking(Translation, fenced()))
    translation = Translation.model_validate_json(text_of(message))
    assert [item.paragraph for item in translation.paragraphs] == list(PARAGRAPHS)
    assert translation.paragraphs[1].text_en == f"[mechanical] Paragraph 2, {len(PARAGRAPHS[2])} characters."


@pytest.mark.parametrize("model", [Summary, Translation])
def test_schema_in_the_prompt_tells_the_task_too(model: type[Summary] | type[Translation]) -> None:
    """Without output_config.format the system prompt says what is asked, over Bedrock as well."""
    prompt = "Answer with JSON after this schema: " + json.dumps(api_schema(model))
    with Service() as service, Client(service) as client:
        message = client.ask_bedrock(fenced(), system=prompt, max_tokens=8000)
        model.model_validate_json(text_of(message))


@pytest.mark.parametrize("user", ["", "no article", "<article-ab>\nnothing marked\n</article-ab>"])
@pytest.mark.parametrize("model", [Summary, Translation])
def test_answer_is_valid_where_there_is_no_article(model: type[Summary] | type[Translation], user: str) -> None:
    model.model_validate_json(answer(asking(model, user)))


def test_long_article_without_full_stops_keeps_quotes_short_and_whole() -> None:
    """A quote of a long stretch ends before white space, or at least not inside a letter or figure."""
    thai = "ก\u0e49า" * 400
    paragraphs = {1: thai, 2: "word " * 300, 3: "、".join(["123456789"] * 100)}
    summary = Summary.model_validate_json(answer(asking(Summary, fenced(paragraphs))))
    for claim in summary.claims:
        assert claim.quote in paragraphs[claim.paragraph]
        assert len(claim.quote) < 420
    assert len(summary.claims[0].quote) % 3 in (0, 2)  # never between the letter and its mark
    assert summary.claims[1].quote.endswith("word")


def test_usage_counts_three_characters_a_token_and_honours_the_cache(client: Client) -> None:
    user = fenced()
    first = client.ask(**asking(Summary, user)).usage
    second = client.ask(**asking(Summary, user)).usage
    total, kept = len(SYSTEM + user) // 3, len(SYSTEM) // 3
    assert first.cache_creation is not None
    assert first.cache_creation.ephemeral_5m_input_tokens == kept
    assert (first.input_tokens, first.cache_creation_input_tokens, first.cache_read_input_tokens) == (
        total - kept,
        kept,
        0,
    )
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, kept)
    uncached = client.ask(user, system=SYSTEM).usage
    assert (uncached.input_tokens, uncached.cache_read_input_tokens) == (total, 0)


def test_output_limit_of_the_request_is_kept(client: Client) -> None:
    message = client.ask(**asking(Summary, fenced(), max_tokens=20))
    assert (message.stop_reason, len(text_of(message))) == ("max_tokens", 60)


def test_tokens_are_counted_and_models_described_for_free(service: Service, client: Client) -> None:
    user = "a" * 300
    counted = client.direct.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": user}])
    assert counted.input_tokens == 100
    model = client.direct.models.retrieve(MODEL)
    assert (model.id, model.line, model.lifecycle) == (MODEL, "haiku", "active")
    assert model.capabilities is not None
    assert model.capabilities.structured_outputs.supported
    with pytest.raises(anthropic.NotFoundError):
        client.direct.models.retrieve("gpt-none")
    assert [(entry.kind, entry.model, entry.generated) for entry in service.ledger] == [
        ("count_tokens", MODEL, False),
        ("models", MODEL, False),
        ("models", "gpt-none", False),
    ]
    assert service.generated == {}


def test_headers_carry_rate_limits_and_ids(client: Client) -> None:
    raw = client.direct.messages.with_raw_response.create(
        model=MODEL, max_tokens=10, messages=[{"role": "user", "content": "hello"}]
    )
    assert raw.headers["request-id"] == "req_000000000000000000000001"
    for name in ("requests", "tokens", "input-tokens", "output-tokens"):
        assert int(raw.headers[f"anthropic-ratelimit-{name}-limit"]) > 0
        assert int(raw.headers[f"anthropic-ratelimit-{name}-remaining"]) >= 0
        assert raw.headers[f"anthropic-ratelimit-{name}-reset"].endswith("Z")


# The ledger


def test_ledger_holds_what_left_the_client_and_what_was_paid(service: Service) -> None:
    with Client(service, prefix="/some/prefix") as client:
        client.ask("one")
        client.ask("one")
        client.ask_bedrock("two")
    direct, again, bedrock = service.ledger
    assert (direct.kind, direct.path, direct.model) == ("messages", "/some/prefix/v1/messages", MODEL)
    assert direct.headers["authorization"] == "Bearer test-key"
    assert direct.headers["anthropic-version"] == "2026-10-21"
    assert direct.body == {
        "model": MODEL,
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "one"}],
    }
    assert (direct.number, again.number, direct.answered, direct.generated) == (1, 2, 200, True)
    assert abs(direct.at - time.time()) < 60
    assert (bedrock.kind, bedrock.model) == ("bedrock", BEDROCK_MODEL)
    assert bedrock.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=x/")
    assert bedrock.body is not None
    assert "model" not in bedrock.body
    assert bedrock.body["anthropic_version"] == "2026-10-21"
    assert service.generated == {user_digest(direct.body): 2, user_digest(bedrock.body): 1}
    assert service.paid == 3


def test_requests_that_the_api_refuses_are_refused(service: Service, client: Client) -> None:
    """Removed parameters and prefill are errors that cost nothing; older versions take the former."""
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        client.ask(extra_body={"temperature": 0})
    with pytest.raises(anthropic.BadRequestError, match="prefill"):
        client.ask(messages=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "{"}])
    assert client.ask_bedrock(extra_body={"anthropic_version": "bedrock-2023-05-31", "temperature": 0})
    assert service.paid == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /v1/messages HTTP/1.1\r\ncontent-length: 1\r\n\r\n{", 400),
        (b"POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n[]", 400),
        (b"POST /v1/messages HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", 401),
        (b"POST /v1/messages HTTP/1.1\r\nx-api-key: x\r\ncontent-length: 2\r\n\r\n{}", 400),
        (
            b"POST /model/a/invoke HTTP/1.1\r\nauthorization: x\r\ncontent-length: 73\r\n\r\n"
            b'{"model":"a","anthropic_version":"1","max_tokens":1,"messages":[{"x":1}]}',
            400,
        ),
        (b"POST /model/a/invoke HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", 403),
        (b"GET /elsewhere HTTP/1.1\r\n\r\n", 404),
        (b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", 411),
        (b"POST /v1/messages HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", 413),
        (b"junk\r\n\r\n", 400),
        (b"a" * 70_000, 431),
    ],
)
def test_malformed_requests_are_answered(service: Service, sent: bytes, status: int) -> None:
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as raw:
        raw.sendall(sent)
        assert raw.recv(65536).startswith(b"HTTP/1.1 %d " % status)


def test_pipelined_and_split_requests_are_answered_in_turn(service: Service) -> None:
    one = b"GET /v1/models/claude-a HTTP/1.1\r\nx-api-key: x\r\nanthropic-version: 2026-10-21\r\n\r\n"
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as raw:
        raw.sendall(one + one[:30])
        time.sleep(0.02)
        raw.sendall(one[30:])
        for _ in range(2):
            reply = http.client.HTTPResponse(raw)
            reply.begin()
            assert reply.status == 200
            reply.close()
            break  # the second reply may already be in the first reader's buffer
    deadline = time.monotonic() + 5
    while len(service.ledger) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [entry.answered for entry in service.ledger] == [200, 200]


# Behaviours

ERRORS: list[tuple[Behaviour, type[Exception], int | str, bool]] = [
    (SCHEMA_NOT_SUPPORTED, anthropic.BadRequestError, 400, False),
    (USAGE_LIMIT, anthropic.BadRequestError, 400, False),
    (UNAUTHORIZED, anthropic.AuthenticationError, 401, False),
    (FORBIDDEN, anthropic.PermissionDeniedError, 403, False),
    (MODEL_NOT_FOUND, anthropic.NotFoundError, 404, False),
    (rate_limited(), anthropic.RateLimitError, 429, False),
    (SPEND_LIMIT, anthropic.EnforcedSpendLimitReachedError, 429, False),
    (SERVER_ERROR, anthropic.InternalServerError, 500, False),
    (Status(500, "api_error", "lost", generated=True), anthropic.InternalServerError, 500, True),
    (OVERLOADED, anthropic.OverloadedError, 529, False),
    (Reset("before"), anthropic.APIConnectionError, "reset before", False),
    (Reset("mid-body"), anthropic.APIConnectionError, "reset mid-body", True),
    (Reset("after"), anthropic.APIConnectionError, "reset after", True),
    (TruncatedJson(), json.JSONDecodeError, "truncated json", True),
    # The SDK hands a page over as a str that is typed as a Message; `Client` asserts that it is one.
    (HtmlPage(), AssertionError, "html page", True),
    (EmptyBody(), json.JSONDecodeError, "empty body", True),
    (
        RawBody(b"\x1f\x8bjunk", {"content-type": "application/json", "content-encoding": "gzip"}),
        anthropic.APIConnectionError,
        200,
        True,
    ),
]


@pytest.mark.parametrize("bedrock", [False, True], ids=["direct", "bedrock"])
@pytest.mark.parametrize(("behaviour", "error", "answered", "generated"), ERRORS, ids=[str(case[2]) for case in ERRORS])
def test_fault_is_the_error_it_stands_for(
    behaviour: Behaviour, error: type[Exception], answered: int | str, generated: bool, bedrock: bool
) -> None:
    """The fault raises its class, the ledger knows what was paid, and the next request is ordinary."""
    if bedrock:
        renamed = {401: (403, anthropic.PermissionDeniedError), 529: (503, anthropic.ServiceUnavailableError)}
        if isinstance(answered, int) and answered in renamed:
            answered, error = renamed[answered]
        if behaviour is SPEND_LIMIT:
            error = anthropic.RateLimitError  # Bedrock has no error_code
    with Service(script=[behaviour]) as service, Client(service) as client:
        ask = client.ask_bedrock if bedrock else client.ask
        with pytest.raises(error):
            ask()
        assert ask().stop_reason == "end_turn"
        assert [entry.answered for entry in service.ledger] == [answered, 200]
        assert [entry.generated for entry in service.ledger] == [generated, True]
        assert service.paid == 1 + generated


def test_error_bodies_have_the_real_shapes() -> None:
    script = [rate_limited("7"), SPEND_LIMIT, MODEL_NOT_FOUND, SCHEMA_NOT_SUPPORTED, BEDROCK_SPEND_QUOTA]
    with Service(script=script) as service, Client(service) as client:
        with pytest.raises(anthropic.RateLimitError) as limited:
            client.ask()
        assert limited.value.response.headers["retry-after"] == "7"
        assert limited.value.type == "rate_limit_error"
        assert limited.value.request_id == "req_000000000000000000000001"
        assert isinstance(limited.value.body, dict)
        assert limited.value.body["request_id"] == limited.value.request_id
        with pytest.raises(anthropic.EnforcedSpendLimitReachedError) as spent:
            client.ask()
        assert "retry-after" not in spent.value.response.headers
        with pytest.raises(anthropic.NotFoundError) as missing:
            client.ask()
        assert missing.value.api_message == f"model: {MODEL}"
        for name, said in (
            ("ValidationException", "output_config.format: Extra inputs are not permitted"),
            ("ServiceQuotaExceededException", "Your request exceeds the service quota for your account."),
        ):
            with pytest.raises(anthropic.BadRequestError) as refused:
                client.ask_bedrock()
            assert refused.value.response.headers["x-amzn-errortype"] == name
            assert refused.value.response.headers["x-amzn-requestid"]
            assert refused.value.body == {"message": said}


def test_scripted_answers_are_served_letter_for_letter() -> None:
    odd = 'quote " back \\ \u2028 \u200b é e\u0301 ﷽ 𝔘 \x7f'
    script: Script = [
        Answer(odd),
        Answer(""),
        Answer("cut", "stop_sequence", {"output_tokens": 7, "cache_read_input_tokens": 5}, "claude-other"),
        Answer("{}", thinking="let me see"),
    ]
    with Service(script=script) as service, Client(service) as client:
        first = client.ask()
        assert (text_of(first), first.model) == (odd, MODEL)
        assert client.ask().content == []
        third = client.ask_bedrock()
        assert (third.stop_reason, third.model) == ("stop_sequence", "claude-other")
        assert (third.usage.output_tokens, third.usage.cache_read_input_tokens) == (7, 5)
        fourth = client.ask_bedrock()
        assert [block.type for block in fourth.content] == ["thinking", "text"]
        assert fourth.model == "claude-haiku-4-5-20251001"


def test_stop_reasons_other_than_the_end() -> None:
    script: Script = [MaxTokens(50), Refusal("cyber", "No."), ContextWindow()]
    with Service(script=script) as service, Client(service) as client:
        cut = client.ask(**asking(Summary, fenced()))
        assert (cut.stop_reason, len(text_of(cut))) == ("max_tokens", 50)
        refused = client.ask_bedrock()
        assert (refused.stop_reason, refused.content) == ("refusal", [])
        assert refused.stop_details is not None
        assert (refused.stop_details.category, refused.stop_details.explanation) == ("cyber", "No.")
        full = client.ask()
        assert (full.stop_reason, full.content) == ("model_context_window_exceeded", [])
        assert service.paid == 3


def test_hang_outlasts_the_read_timeout_and_is_paid() -> None:
    with Service(script=[Hang(30), Hang(0.05)]) as service, Client(service, timeout=0.4) as client:
        with pytest.raises(anthropic.APITimeoutError):
            client.ask()
        assert text_of(client.ask())
        assert [(entry.answered, entry.generated) for entry in service.ledger] == [("hang", True)] * 2


def test_drip_passes_every_read_timeout() -> None:
    """A slow body never trips a read time-out: only a deadline for the whole call ends it."""
    with Service(script=[Drip(2_000), Drip(10)]) as service, Client(service, timeout=0.25) as client:
        before = time.monotonic()
        assert text_of(client.ask())
        assert time.monotonic() - before > 0.25
        ended: list[Exception] = []

        def ask() -> None:
            try:
                client.ask()
            except anthropic.APIConnectionError as error:
                ended.append(error)

        asked = threading.Thread(target=ask)
        asked.start()
        asked.join(0.7)
        assert asked.is_alive()
        service.close()
        asked.join()
        assert len(ended) == 1


def test_connection_reset_after_the_body_is_found_dead_later() -> None:
    with Service(script=[Reset("after-body")]) as service, Client(service) as client:
        assert text_of(client.ask())
        time.sleep(0.1)
        assert text_of(client.ask())  # the pool has noticed by then
        assert [entry.answered for entry in service.ledger] == ["reset after-body", 200]


def test_every_behaviour_is_carried_out_on_every_endpoint() -> None:
    """No combination of behaviour and endpoint falls through to an error of the service itself."""
    examples = [
        Hang(0.01) if kind is Hang else Drip(1e6) if kind is Drip else OVERLOADED if kind is Status else None
        for kind in get_args(Behaviour)
    ]
    whole = [
        example or (RawBody(b"{}") if kind is RawBody else kind())
        for example, kind in zip(examples, get_args(Behaviour), strict=True)
    ]
    for behaviour in whole:
        with (
            Service(script=lambda n, b, do=behaviour: do, free_script=[behaviour]) as service,  # type: ignore[misc]
            Client(service) as client,
        ):
            for call in (client.ask, client.ask_bedrock, lambda: client.direct.models.retrieve(MODEL)):
                with contextlib.suppress(anthropic.APIError, ValueError, AssertionError):
                    call()
            assert len(service.ledger) == 3
            assert not service.ledger[2].generated


# Settings


def test_callable_script_sees_number_and_body() -> None:
    def script(number: int, body: dict[str, Any]) -> Behaviour | None:
        return SERVER_ERROR if body["messages"][0]["content"] == "bad" else Answer(str(number))

    with Service(script=script, free_script=[UNAUTHORIZED]) as service, Client(service) as client:
        with pytest.raises(anthropic.AuthenticationError):
            client.direct.models.retrieve(MODEL)
        assert text_of(client.ask("good")) == "1"
        with pytest.raises(anthropic.InternalServerError):
            client.ask("bad")
        assert text_of(client.ask("good")) == "3"


def test_failing_script_is_told_to_the_test() -> None:
    def script(number: int, body: dict[str, Any]) -> Behaviour | None:
        raise LookupError("a bug in the test")

    service = Service(script=script)
    with Client(service.__enter__()) as client, pytest.raises(anthropic.InternalServerError, match="failed"):
        client.ask()
    with pytest.raises(LookupError, match="a bug"):
        service.__exit__(None, None, None)


def test_latency_holds_answers_back_side_by_side() -> None:
    """Ten answers of 0.4 s each arrive together; errors do not wait."""
    with Service(latency=0.4, script=[SERVER_ERROR]) as service, Client(service) as client:
        before = time.monotonic()
        with pytest.raises(anthropic.InternalServerError):
            client.ask()
        assert time.monotonic() - before < 0.4
        before = time.monotonic()
        threads = [threading.Thread(target=client.ask) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 0.4 <= time.monotonic() - before < 3
        assert service.most_at_once == 10


def test_limit_answers_429_with_retry_after() -> None:
    with Service(limit_rpm=30) as service, Client(service) as client:
        client.ask()
        with pytest.raises(anthropic.RateLimitError) as limited:
            client.ask()
        assert limited.value.response.headers["retry-after"] in ("1", "2")
        assert limited.value.response.headers["anthropic-ratelimit-requests-limit"] == "30"
        assert service.paid == 1


def test_service_ends_with_connections_open_and_frees_its_port() -> None:
    with Service(script=[Hang(60)]) as service:
        address = urlsplit(service.url)
        waiting = http.client.HTTPConnection(address.hostname or "", address.port)
        body = json.dumps({"model": MODEL, "max_tokens": 1, "messages": [{"role": "user", "content": "a"}]})
        waiting.request("POST", "/v1/messages", body, {"x-api-key": "x", "anthropic-version": "2026-10-21"})
        while not service.ledger:
            time.sleep(0.005)
    waiting.close()
    with Service(port=address.port or 0) as again:
        assert again.url == service.url
        with pytest.raises(OSError, match="in use"):
            Service(port=address.port or 0).start()


def test_process_serves_prints_its_address_and_writes_its_ledger(tmp_path: Path) -> None:
    root = paths.ROOT
    ledger = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-m", "tests.support.service", "--latency", "0.01", "--ledger", str(ledger)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on http://127.0.0.1:")
            address = urlsplit(line.split()[-1])
            connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
            body = json.dumps({"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "é\n"}]})
            headers = {"X-Api-Key": "x", "anthropic-version": "2026-10-21"}
            for sent in (body, json.dumps(json.loads(body), indent=1)):
                connection.request("POST", "/v1/messages", sent, headers)
                assert json.load(connection.getresponse())["type"] == "message"
            connection.close()
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    entries = [json.loads(row) for row in ledger.read_text().splitlines()]
    assert [(entry["number"], entry["answered"], entry["generated"]) for entry in entries] == [
        (1, 200, True),
        (2, 200, True),
    ]
    assert [entry["body"] for entry in entries] == [json.loads(body)] * 2
    assert entries[0]["headers"]["x-api-key"] == "x"
    assert entries[0]["user_sha256"] == user_digest(entries[0]["body"])
    assert os.stat(ledger).st_mode & 0o777 == 0o600
