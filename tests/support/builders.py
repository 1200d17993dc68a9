"""Build what the tests of money and disk need: sources, wordings, exchanges, answers and a scripted provider."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2

from dragoman.asking.ask import DEFAULT_IN_FLIGHT
from dragoman.asking.breaker import Breaker, BreakerTiming
from dragoman.asking.limiter import RateLimiter
from dragoman.asking.providers import Received
from dragoman.asking.retries import RetryPolicy
from dragoman.core.article import Article, make_article
from dragoman.core.exchange import Endpoint, Exchange, Role
from dragoman.core.models import Model, table
from dragoman.core.request import Request
from dragoman.core.source import Source, numbered
from dragoman.errors import FailureKind, ProviderError
from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store
from dragoman.tasks.prompts import Prompt, PromptLibrary
from dragoman.tasks.requests import Call, TaskSpec, parts

MODEL = table().find("claude-sonnet-5-5")
LIBRARY = PromptLibrary()
CLAUDE = Scope()
CREATED = "2026-11-21T10:00:00Z"
TEXTS = ("Ngân hàng giữ lãi suất ở mức 4,5%.", "Ông Minh nói giá gạo tăng.")


def source_of(texts: Sequence[str] = TEXTS, *, language: str = "vi") -> Source:
    """Return a Source with these paragraphs, one per line."""
    text = "\n".join(texts)
    ranges, start = [], 0
    for piece in texts:
        ranges.append((start, start + len(piece)))
        start += len(piece) + 1
    return Source(text, numbered(ranges), language, "Latn", "utf-8", "utf-8", extracted=text)


def article_of(content: str = "\n".join(TEXTS), *, name: str = "a.txt") -> Article:
    """Return an Article of plain text."""
    return make_article(name, content.encode(), "text/plain")


def spec_of(task: str = "summary", model: Model = MODEL, prompt: Prompt | None = None) -> TaskSpec:
    """Return the newest released wording of a task."""
    return TaskSpec(prompt or LIBRARY.get(task), LIBRARY.get("reask"), LIBRARY.get("repair"), model)


def call_of(task: str = "summary", source: Source | None = None, model: Model = MODEL) -> Call:
    """Return the first call of a task for a source."""
    return parts(spec_of(task, model), source or source_of())[0].call


def request_of(user: str = "read this", **others: Any) -> Request:
    """Return a small request."""
    schema = {"type": "object", "properties": {"x": {"type": "string"}}}
    values: dict[str, Any] = {"model": MODEL.id, "system": "You read.", "schema": schema, "max_tokens": 1000, **others}
    return Request(user=user, **values)


def exchange_of(request: Request | None = None, **others: Any) -> Exchange:
    """Return a live exchange with the real service."""
    values: dict[str, Any] = {
        "body": message("{}"),
        "task": "summary",
        "role": "ask",
        "origin": "live",
        "endpoint": "anthropic",
        "structured": "native",
        "prompt": "summary/v1",
        "prompt_sha256": "0" * 64,
        "article": "a.txt",
        "article_sha256": "a" * 64,
        "created_at": CREATED,
        **others,
    }
    return Exchange(request=request or request_of(), **values)


def summary_of(source: Source | None = None, **others: Any) -> str:
    """Return a valid answer to ``summary``: one claim, quoted from the first paragraph."""
    source = source or source_of()
    claim = {
        "text_en": "The bank keeps its rate.",
        "paragraph": 1,
        "quote": source.paragraph_text(1),
        "kind": "fact",
        "modality": "asserted",
        "speaker_en": None,
        "speaker_source": None,
        "event_date": None,
        "quantities": [],
    }
    value = {
        "title_en": "Rates stay",
        "abstract": "The bank keeps its rate. Rice is dearer.",
        "key_points": ["The rate stays.", "Rice is dearer.", "Mr Minh says so."],
        "published": None,
        "publisher": None,
        "author": None,
        "syndicated_from": None,
        "entities": [],
        "boilerplate": [],
        "claims": [claim],
        **others,
    }
    return json.dumps(value, ensure_ascii=False)


TEXTS_EN = ("The bank keeps its interest rate at 4.5%.", "Mr Minh said that the price of rice is rising.")
"""`TEXTS` in English."""


def translation_of(numbers: Sequence[int]) -> str:
    """Return a valid answer to ``translation`` for the paragraphs with these numbers, right for those of `TEXTS`."""
    texts = dict(enumerate(TEXTS_EN, start=1))
    entries = [{"paragraph": n, "text_en": texts.get(n, f"English of paragraph {n}.")} for n in numbers]
    return json.dumps({"paragraphs": entries})


def message(
    text: str, *, stop_reason: str = "end_turn", tokens: tuple[int, int] | None = (1000, 100), **more: Any
) -> str:
    """Return the body of a Messages reply with a text. ``tokens`` are input and output tokens; None omits usage."""
    value: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5-20260928",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop_reason,
        "usage": {"input_tokens": tokens[0], "output_tokens": tokens[1]} if tokens else None,
        **more,
    }
    return json.dumps(value, ensure_ascii=False)


Step = str | Exception | Callable[[Request], str]
"""What a scripted provider does with a request: return this body, raise this error, or call this function."""


@dataclass
class Scripted:
    """Provider that plays a script, one step per request, and repeats the last step. ``sent`` lists the requests it
    received.
    """

    script: list[Step]
    endpoint: Endpoint = "anthropic"
    base_url: str | None = None
    address_note: str | None = None
    price_multiplier: Decimal = Decimal(1)
    counts: int | Exception = field(default_factory=lambda: ProviderError(FailureKind.UNUSABLE, "there is no counter"))
    """Result of counting tokens, or the error it raises."""
    counted: list[Request] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def send(self, request: Request, model: Model) -> Received:
        with self._lock:
            step = self.script[min(len(self.sent), len(self.script) - 1)]
            self.sent.append(request)
        if isinstance(step, Exception):
            raise step
        return Received(step(request) if callable(step) else step, "native", model.id)

    @property
    def lookup_failure(self) -> str | None:
        return None

    def look_up(self, model: Model) -> Model:
        return model

    def ping(self, model: Model) -> str:
        raise AssertionError("nothing here pings")

    def count_tokens(self, request: Request, model: Model) -> int:
        self.counted.append(request)
        if isinstance(self.counts, Exception):
            raise self.counts
        return self.counts

    def close(self) -> None:
        """There is nothing to release."""


def hasty(slept: list[float] | None = None, **others: Any) -> RetryPolicy:
    """Return a retry policy that does not wait. The waits it would have made are appended to ``slept``."""
    waits = [] if slept is None else slept
    return RetryPolicy(sleep=waits.append, **others)


QUICK = 1000.0
"""Factor by which outages are faster in tests that do not wait."""


def quick_waits(patience: float = BreakerTiming().patience) -> BreakerTiming:
    """Return the waits of the breaker, scaled from seconds to milliseconds."""
    return BreakerTiming(**{name: seconds / QUICK for name, seconds in asdict(BreakerTiming(patience)).items()})


def quick_limiter(concurrency: int | None = DEFAULT_IN_FLIGHT, stop: threading.Event | None = None) -> RateLimiter:
    """Return a limiter that waits milliseconds during an outage."""
    return RateLimiter(concurrency, stop=stop or threading.Event(), breaker=Breaker(quick_waits()))


Responder = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


def found(store: Store, key: str, scope: Scope = CLAUDE, **others: Any) -> Exchange | None:
    """Return the exchange that the store has for a key, settled or not."""
    stored = store.find(key, scope, **others)
    return stored.exchange if stored else None


def found_child(store: Store, place: tuple[str, Role, int], scope: Scope = CLAUDE, **others: Any) -> Exchange | None:
    """Return the exchange that the store has for a position under a parent, settled or not."""
    stored = store.find_child(*place, scope, **others)
    return stored.exchange if stored else None


class Wire:
    """Transport under the SDK: records every HTTP request and plays responses, repeating the last one."""

    def __init__(self, *responses: Responder) -> None:
        self.responses = responses
        self.requests: list[httpx2.Request] = []

    @property
    def client(self) -> httpx2.Client:
        """The client to pass to a provider as ``http_client``."""
        return httpx2.Client(transport=httpx2.MockTransport(self._respond))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The JSON bodies of all requests."""
        return [json.loads(request.content) for request in self.requests]

    def _respond(self, request: httpx2.Request) -> httpx2.Response:
        response = self.responses[min(len(self.requests), len(self.responses) - 1)]
        self.requests.append(request)
        if isinstance(response, Exception):
            raise response
        if isinstance(response, httpx2.Response):
            # A response can be read only once, so each request gets its own.
            return httpx2.Response(response.status_code, headers=response.headers, content=response.content)
        return response(request)


def refused(status: int, said: str = "no", headers: dict[str, str] | None = None, **error: str) -> httpx2.Response:
    """Return an error response of the Messages API."""
    body = {"type": "error", "error": {"type": "an_error", "message": said, **error}, "request_id": "req_1"}
    return httpx2.Response(status, json=body, headers=headers)


def in_processes(count: int, script: str, *arguments: str | Path) -> list[subprocess.Popen[str]]:
    """Run ``script`` in ``count`` Python processes at once; their ``sys.argv`` holds their number and ``arguments``."""
    names = [str(argument) for argument in arguments]
    return [
        subprocess.Popen(
            [sys.executable, "-c", script, str(number), *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in range(count)
    ]
