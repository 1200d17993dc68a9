"""The loopback service: routes requests, follows its script, keeps the ledger.

Speaks ``POST …/v1/messages``, ``POST …/v1/messages/count_tokens``, ``GET …/v1/models/{id}`` and Bedrock's
``POST …/model/{id}/invoke`` on 127.0.0.1, one event loop, no other thread. It holds clients to the contract:
credentials, versions and required fields must be there, and what the API no longer takes is a 400.
It does not stream, and forgets everything when it ends.
"""

from __future__ import annotations

import asyncio
import functools
import json
import math
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import unquote

from . import bodies
from .behaviours import (
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
    Status,
    TruncatedJson,
    rate_limited,
)
from .bodies import Question
from .protocol import Connection, Delivery, HttpRequest, response

Kind = Literal["messages", "bedrock", "count_tokens", "models", "unknown"]
Script = Callable[[int, dict[str, Any]], Behaviour | None] | Iterable[Behaviour | None]
"""What to do with request number N (from 1) and its body. None, or the end of a list: the ordinary answer."""

PAGE = b"<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"
API_VERSION = "2026-10-21"
# Published limits of a start tier, only to have plausible numbers in the headers.
REQUESTS_PER_MINUTE, INPUT_PER_MINUTE, OUTPUT_PER_MINUTE = 1_000_000, 2_000_000_000, 400_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as the service saw it, and what it did.

    ``number`` counts all requests from 1. ``headers`` have lower-case names. ``body`` is None where there was
    none or it was no JSON object; equal requests share it. ``answered`` is the status, or the name of the
    fault for what is not a plain response. ``generated``: an answer was made, and would be paid for.
    ``at`` is in seconds since the epoch, taken when the request was read whole.
    """

    number: int
    kind: Kind
    path: str
    model: str | None
    headers: Mapping[str, str]
    body: dict[str, Any] | None
    answered: int | str
    generated: bool
    user_sha256: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A routed request. ``question`` is None for a request without a body."""

    number: int
    kind: Kind
    model: str
    question: Question | None
    http: HttpRequest

    @property
    def request_id(self) -> str:
        return f"req_{self.number:024d}"

    @property
    def costs(self) -> bool:
        return self.kind in ("messages", "bedrock")


class Service:
    """A running service. Enter it, or call `start` and `close`; in a loop of your own, `open` and `shut`.

    ``script`` is for requests that cost something (messages, bedrock), ``free_script`` for count_tokens and
    models, which have only an ordinary answer and the errors; each counts the requests that reach it.
    ``latency`` is in seconds and holds generated answers back; errors
    come at once. ``limit_rpm`` answers 429 with retry-after beyond that many paid requests a minute, evenly
    spread, with a burst of one second's worth. ``ledger_file`` gets one JSON line per request, written at
    once; ``keep`` False leaves the entries out of memory, for long loads.

    A script that raises answers 500, and leaving the ``with`` block raises what it raised.
    """

    def __init__(
        self,
        *,
        script: Script = (),
        free_script: Script = (),
        latency: float = 0.0,
        limit_rpm: float | None = None,
        port: int = 0,
        ledger_file: Path | None = None,
        keep: bool = True,
    ) -> None:
        self._script = _follow(script)
        self._free_script = _follow(free_script)
        self._latency = latency
        self._limit = None if limit_rpm is None else _Limit(limit_rpm)
        self._port = port
        self._ledger_file = ledger_file
        self._ledger_fd = -1
        self._keep = keep
        self._entries: list[Entry] = []
        self._generated: Counter[str] = Counter()
        self._answered: Counter[int | str] = Counter()
        self._requests = 0
        self._paid_requests = 0
        self._free_requests = 0
        self._systems: set[str] = set()
        # Loads repeat a few bodies many times; everything else passes through.
        self._read = functools.lru_cache(maxsize=256)(bodies.read_question)
        self._connections: set[Connection] = set()
        self._in_hand = 0
        self._most_in_hand = 0
        self._failures: list[Exception] = []
        self._resets = (0, "")
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; any path may be added as a prefix."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def ledger(self) -> tuple[Entry, ...]:
        """Every request so far, in order of arrival. A request is here before its answer is sent."""
        return tuple(self._entries)

    @property
    def generated(self) -> dict[str, int]:
        """Answers generated so far, per `bodies.user_digest` of the request."""
        return dict(self._generated)

    @property
    def answered(self) -> dict[int | str, int]:
        """Requests so far by what the ledger says of them: a status, or the name of a fault."""
        return dict(self._answered)

    @property
    def paid(self) -> int:
        """Answers generated so far."""
        return sum(self.generated.values())

    @property
    def most_at_once(self) -> int:
        """The largest number of requests that were in hand together."""
        return self._most_in_hand

    # Running: in a thread of its own, or in a loop that is there already.

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None and self._failures:
            raise self._failures[0]

    def start(self) -> None:
        """Serve from a thread; returns when the port is open. Raises OSError when it cannot be."""
        started = threading.Event()
        trouble: list[OSError] = []

        def serve() -> None:
            with asyncio.Runner() as runner:
                loop = self._loop = runner.get_loop()
                try:
                    runner.run(self.open())
                except OSError as error:
                    trouble.append(error)
                    return
                finally:
                    started.set()
                loop.run_forever()
                runner.run(self.shut())

        self._thread = threading.Thread(target=serve, name="service", daemon=True)
        self._thread.start()
        started.wait()
        if trouble:
            self._thread.join()
            raise trouble[0]

    def close(self) -> None:
        """End a service that was started: the port is free and every connection is closed on return."""
        if self._thread is not None and self._loop is not None:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None

    async def open(self) -> None:
        """Open the port in the running loop."""
        if self._ledger_file is not None:
            # Owner only: headers are in it, and so whatever key a client was given.
            self._ledger_fd = os.open(self._ledger_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self), "127.0.0.1", self._port, backlog=2048
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
            while self._connections:
                for connection in list(self._connections):
                    connection.abort()
                await asyncio.sleep(0)
            await self._server.wait_closed()
        if self._ledger_fd >= 0:
            os.close(self._ledger_fd)
            self._ledger_fd = -1

    # What a connection calls.

    def opened(self, connection: Connection) -> None:
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def delivered(self) -> None:
        self._in_hand -= 1

    def respond(self, request: HttpRequest) -> Delivery:
        """Decide what becomes of a request, and write it down."""
        self._requests += 1
        self._in_hand += 1
        self._most_in_hand = max(self._most_in_hand, self._in_hand)
        kind, model = _route(request)
        question: Question | None = None
        problem: Status | None = None
        if kind == "unknown":
            problem = Status(404, "not_found_error", "Not found")
        elif request.method == "POST":
            try:
                question = self._read(request.body)
            except (ValueError, TypeError, AttributeError, RecursionError) as error:
                problem = _invalid(f"The request body is not valid JSON: {error}")
        if question is not None and kind != "bedrock":
            model = str(question.body.get("model", ""))
        asked = Asked(self._requests, kind, model, question, request)
        behaviour = problem or _objection(asked) or self._limited(asked) or self._scripted(asked)
        try:
            delivery, answered, generated = self._carry_out(asked, behaviour)
        except Exception as error:  # a bug here or in a script is reported to both sides, not lost in this thread
            self._failures.append(error)
            failed = Status(500, "api_error", f"The service failed: {error!r}")
            delivery, answered, generated = self._carry_out(asked, failed)
        self._write_down(asked, answered, generated)
        return delivery

    def _limited(self, asked: Asked) -> Status | None:
        if self._limit is None or not asked.costs:
            return None
        wait = self._limit.take(time.monotonic())
        return rate_limited(str(math.ceil(wait))) if wait > 0 else None

    def _scripted(self, asked: Asked) -> Behaviour | None:
        if asked.costs:
            self._paid_requests += 1
            number, script = self._paid_requests, self._script
        else:
            self._free_requests += 1
            number, script = self._free_requests, self._free_script
        try:
            return script(number, asked.question.body if asked.question else {})
        except Exception as error:  # a bug in a test: shown there, not lost in this thread
            self._failures.append(error)
            return Status(500, "api_error", f"The script failed: {error!r}")

    # From a behaviour to bytes.

    def _carry_out(self, asked: Asked, behaviour: Behaviour | None) -> tuple[Delivery, int | str, bool]:
        """The delivery, what the ledger calls it, and whether an answer was generated."""
        late = self._latency if asked.costs else 0.0
        match behaviour:
            case None | Answer() | MaxTokens() | Refusal() | ContextWindow():
                whole = self._ordinary(asked, behaviour)
                if isinstance(whole, Status):
                    return self._carry_out(asked, whole)
                return Delivery(whole, late), 200, asked.costs
            case Status():
                status, content = self._error(asked, behaviour)
                return Delivery(content, late if behaviour.generated else 0.0), status, behaviour.generated
            case RawBody(content, headers, status, generated):
                return Delivery(response(status, headers, content), late), status, generated
            case HtmlPage(generated):
                headers = {"content-type": "text/html; charset=utf-8"}
                return Delivery(response(200, headers, PAGE), late), "html page", generated
            case EmptyBody(generated):
                return Delivery(response(200, self._headers(asked), b""), late), "empty body", generated
            case Reset("before"):
                return Delivery(b"", how="reset"), "reset before", False
            case _:
                whole = self._ordinary(asked, None)
                if isinstance(whole, Status):
                    return self._carry_out(asked, whole)
                return *self._spoiled(asked, behaviour, whole, late), asked.costs

    def _spoiled(
        self, asked: Asked, behaviour: Reset | Hang | Drip | TruncatedJson, whole: bytes, late: float
    ) -> tuple[Delivery, str]:
        body_at = whole.index(b"\r\n\r\n") + 4
        half = body_at + (len(whole) - body_at) // 2
        match behaviour:
            case Reset(when):
                cut = {"after": 0, "mid-body": half}.get(when)
                return Delivery(whole, late, "reset", cut=cut), f"reset {when}"
            case Hang(seconds):
                return Delivery(whole, seconds), "hang"
            case Drip(rate):
                return Delivery(whole, late, "drip", rate), "drip"
            case TruncatedJson():
                cut_off = response(200, self._headers(asked), whole[body_at:half])
                return Delivery(cut_off, late), "truncated json"

    def _ordinary(self, asked: Asked, behaviour: Answer | MaxTokens | Refusal | ContextWindow | None) -> bytes | Status:
        """A whole 200 response with what the behaviour asks for; a Status where there is nothing to give."""
        if asked.question is None:
            info = bodies.model_info(asked.model)
            if info is None:
                return Status(404, "not_found_error", "model: {model}")
            return response(200, self._headers(asked), bodies.dump(info))
        if asked.kind == "count_tokens":
            counted = {"input_tokens": bodies.count_input(asked.question)}
            return response(200, self._headers(asked), bodies.dump(counted))
        made = self._message(asked, asked.question, behaviour)
        return response(200, self._headers(asked, made["usage"]), bodies.dump(made))

    def _message(
        self, asked: Asked, question: Question, behaviour: Answer | MaxTokens | Refusal | ContextWindow | None
    ) -> dict[str, Any]:
        model, text, stop_reason = bodies.plain_model(asked.model), "", "end_turn"
        details: dict[str, Any] | None = None
        thinking: str | None = None
        usage: Mapping[str, Any] = {}
        match behaviour:
            case None:
                limit = 3 * int(question.body.get("max_tokens") or 0)
                text, stop_reason = question.ordinary[:limit], "end_turn"
                if len(question.ordinary) > limit:
                    stop_reason = "max_tokens"
            case Answer():
                text = question.ordinary if behaviour.text is None else behaviour.text
                stop_reason, thinking, usage = behaviour.stop_reason, behaviour.thinking, behaviour.usage
                model = behaviour.model or model
            case MaxTokens(characters):
                text, stop_reason = question.ordinary[:characters], "max_tokens"
            case Refusal(category, explanation, text):
                stop_reason = "refusal"
                details = {"type": "refusal", "category": category, "explanation": explanation}
            case ContextWindow(characters):
                text, stop_reason = question.ordinary[:characters], "model_context_window_exceeded"
        use = bodies.usage(question, text, warm=question.cached in self._systems) | dict(usage)
        if question.cached:
            self._systems.add(question.cached)
        return bodies.message(
            asked.number,
            model,
            text,
            use,
            stop_reason=stop_reason,
            stop_details=details,
            thinking=thinking,
        )

    def _error(self, asked: Asked, status: Status) -> tuple[int, bytes]:
        text = status.message.replace("{model}", asked.model)
        headers = {**self._headers(asked), **status.headers}
        code = status.code
        if asked.kind == "bedrock":
            code = bodies.BEDROCK_STATUSES.get(code, code)
            named = status.error_type if status.error_type.endswith("Exception") else None
            headers["x-amzn-errortype"] = named or bodies.BEDROCK_ERRORS.get(code, "UnknownException")
            body = bodies.dump({"message": text})
        else:
            body = bodies.error(status.error_type, text, asked.request_id, status.details)
        return code, response(code, headers, body)

    def _headers(self, asked: Asked, usage: Mapping[str, Any] | None = None) -> dict[str, str]:
        headers = {"content-type": "application/json"}
        if asked.kind == "bedrock":
            headers["x-amzn-requestid"] = asked.request_id
            if usage is not None:
                headers["x-amzn-bedrock-input-token-count"] = str(usage["input_tokens"])
                headers["x-amzn-bedrock-output-token-count"] = str(usage["output_tokens"])
            return headers
        headers["request-id"] = asked.request_id
        headers["anthropic-organization-id"] = "00000000-0000-0000-0000-000000000000"
        if asked.kind == "messages":
            left = REQUESTS_PER_MINUTE if self._limit is None else int(self._limit.left)
            allowed = REQUESTS_PER_MINUTE if self._limit is None else int(self._limit.per_minute)
            reset = self._reset_time()
            for name, limit, remaining in (
                ("requests", allowed, left),
                ("tokens", INPUT_PER_MINUTE + OUTPUT_PER_MINUTE, INPUT_PER_MINUTE + OUTPUT_PER_MINUTE),
                ("input-tokens", INPUT_PER_MINUTE, INPUT_PER_MINUTE),
                ("output-tokens", OUTPUT_PER_MINUTE, OUTPUT_PER_MINUTE),
            ):
                headers[f"anthropic-ratelimit-{name}-limit"] = str(limit)
                headers[f"anthropic-ratelimit-{name}-remaining"] = str(remaining)
                headers[f"anthropic-ratelimit-{name}-reset"] = reset
        return headers

    def _reset_time(self) -> str:
        second = int(time.time())
        if second != self._resets[0]:
            self._resets = (second, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second + 1)))
        return self._resets[1]

    # The ledger.

    def _write_down(self, asked: Asked, answered: int | str, generated: bool) -> None:
        question = asked.question
        digest = question.user_sha256 if question is not None and asked.costs else None
        generated = generated and asked.costs
        self._answered[answered] += 1
        if generated and digest is not None:
            self._generated[digest] += 1
        entry = Entry(
            number=asked.number,
            kind=asked.kind,
            path=asked.http.target,
            model=asked.model or None,
            headers=asked.http.headers,
            body=question.body if question is not None else None,
            answered=answered,
            generated=generated,
            user_sha256=digest,
            at=time.time(),
        )
        if self._keep:
            self._entries.append(entry)
        if self._ledger_fd >= 0:
            os.write(self._ledger_fd, _ledger_line(entry, asked.http.body))


class _Limit:
    """A token bucket: ``per_minute`` evenly, one second's worth at once."""

    def __init__(self, per_minute: float) -> None:
        self.per_minute = per_minute
        self._capacity = max(1.0, per_minute / 60)
        self.left = self._capacity
        self._at = time.monotonic()

    def take(self, now: float) -> float:
        """0.0 when a request may pass, else the seconds until the next one may."""
        rate = self.per_minute / 60
        self.left = min(self._capacity, self.left + (now - self._at) * rate)
        self._at = now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) / rate


def _follow(script: Script) -> Callable[[int, dict[str, Any]], Behaviour | None]:
    if callable(script):
        return script
    steps: Iterator[Behaviour | None] = iter(script)
    return lambda number, body: next(steps, None)


def _route(request: HttpRequest) -> tuple[Kind, str]:
    path = request.target.partition("?")[0]
    if request.method == "POST":
        if path.endswith("/v1/messages"):
            return "messages", ""
        if path.endswith("/v1/messages/count_tokens"):
            return "count_tokens", ""
        head, _, action = path.rpartition("/")
        before, _, model = head.rpartition("/")
        if action == "invoke" and before.endswith("/model"):
            return "bedrock", unquote(model)
    elif request.method == "GET":
        before, _, model = path.rpartition("/")
        if before.endswith("/v1/models") and model:
            return "models", unquote(model)
    return "unknown", ""


def _invalid(message: str) -> Status:
    return Status(400, "invalid_request_error", message)


def _objection(asked: Asked) -> Status | None:
    """What the real endpoint would refuse in this request, or None."""
    headers = asked.http.headers
    if asked.kind == "bedrock":
        if "authorization" not in headers:
            return Status(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    elif "authorization" not in headers and "x-api-key" not in headers:
        return Status(401, "authentication_error", "x-api-key header is required")
    elif "anthropic-version" not in headers:
        return _invalid("anthropic-version: header is required")
    if asked.question is None:
        return None
    body = asked.question.body
    required = {
        "bedrock": ("anthropic_version", "max_tokens", "messages"),
        "messages": ("model", "max_tokens", "messages"),
    }
    for name in required.get(asked.kind, ("model", "messages")):
        if not body.get(name):
            return _invalid(f"{name}: Field required")
    refused = ["temperature", "top_p", "top_k"]
    if asked.kind == "bedrock":
        version = body["anthropic_version"]
        refused.append("model")
    else:
        version = headers["anthropic-version"]
    for name in refused:
        if name in body and (name == "model" or version == API_VERSION):
            return _invalid(f"{name}: Extra inputs are not permitted")
    if not isinstance(body.get("max_tokens", 0), int):
        return _invalid("max_tokens: Input should be a valid integer")
    if body.get("stream"):
        return _invalid("stream: this service does not stream")
    if body["messages"][-1].get("role") != "user":
        return _invalid("This model does not support assistant message prefill.")
    return None


def _ledger_line(entry: Entry, raw: bytes) -> bytes:
    """One JSON line; the body goes in as it came where that is one line already, which costs nothing."""
    facts = {name: getattr(entry, name) for name in Entry.__slots__ if name != "body"}
    head = json.dumps(facts, separators=(",", ":")).encode()
    body = b"null" if entry.body is None else json.dumps(entry.body).encode() if b"\n" in raw else raw
    return head[:-1] + b',"body":' + body + b"}\n"
