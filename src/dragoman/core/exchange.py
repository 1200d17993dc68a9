"""Reply, Usage, Exchange: what came back, and a request with its reply as they are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from dragoman.core.once import once
from dragoman.core.request import Request
from dragoman.errors import ReplyRejected

Role = Literal["ask", "reask", "repair", "part"]
Origin = Literal["live", "batch", "altered", "handwritten"]
Endpoint = Literal["anthropic", "bedrock", "custom"]
Structured = Literal["native", "prompted"]

_PLAIN = re.compile(r"\d+(\.\d+)?")

_WORDS: dict[str, tuple[str, ...]] = {
    "role": get_args(Role),
    "origin": get_args(Origin),
    "endpoint": get_args(Endpoint),
    "structured": get_args(Structured),
}

_TEXTS = ("body", "items", "task", "prompt", "prompt_sha256", "article", "article_sha256", "created_at")
_TEXTS_OR_NONE = ("parent", "base_url", "model_sent", "price_table")

EXCHANGE_SCHEMA = "dragoman.exchange/1"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the service counted them; field meanings after the API reference, read 2026-11-21."""

    input_tokens: int
    """Billed at the full input rate; cache reads and writes are not in here."""
    output_tokens: int
    """Thinking included: it is billed as output."""
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        """All tokens of the prompt, whatever they were billed at."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens

    @classmethod
    def from_api(cls, value: Any) -> Usage | None:
        """Out of the ``usage`` object of a Messages reply; None when it does not tell both totals.

        Local servers leave fields out, or null: a good answer is not thrown away for that.
        """
        if not isinstance(value, dict):
            return None

        def count(given: Any) -> int | None:
            return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else None

        given, answered = count(value.get("input_tokens")), count(value.get("output_tokens"))
        if given is None or answered is None:
            return None
        by_ttl = value.get("cache_creation")
        told = by_ttl if isinstance(by_ttl, dict) else {}
        one_hour = count(told.get("ephemeral_1h_input_tokens")) or 0
        five_minutes = count(told.get("ephemeral_5m_input_tokens")) or 0
        written = count(value.get("cache_creation_input_tokens")) or 0
        return cls(
            input_tokens=given,
            output_tokens=answered,
            cache_read_tokens=count(value.get("cache_read_input_tokens")) or 0,
            cache_write_5m_tokens=max(five_minutes, written - one_hour),
            cache_write_1h_tokens=one_hour,
        )

    def to_json(self) -> dict[str, int]:
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_tokens": self.cache_read_tokens,
            "cache_write_5m_tokens": self.cache_write_5m_tokens,
            "cache_write_1h_tokens": self.cache_write_1h_tokens,
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply body says. ``text`` is all text blocks joined; ``usage`` is None when none was reported.

    ``refusal`` is the service's explanation when ``stop_reason`` is ``refusal``.
    """

    text: str
    stop_reason: str
    model: str
    usage: Usage | None
    refusal: str | None = None

    @classmethod
    def read(cls, body: str) -> Reply:
        """Out of the body of a Messages response, letter for letter as it came.

        Raises `ReplyRejected` (``bad_response``) when it is not such a body: cut off, a proxy's page, empty.
        """
        try:
            message = json.loads(body)
            text = "".join(block["text"] for block in message["content"] if block["type"] == "text")
            details = message.get("stop_details") or {}
            refusal = ": ".join(filter(None, (details.get("category"), details.get("explanation"))))
            reply = cls(
                text=text,
                stop_reason=message["stop_reason"] or "end_turn",
                model=message["model"],
                usage=Usage.from_api(message.get("usage")),
                refusal=refusal or None,
            )
            # Raises for what is no text, and for a lone surrogate, which could be neither stored nor written.
            "".join((text, reply.stop_reason, reply.model, refusal)).encode()
            return reply
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            start = str(body).strip()[:60].encode("utf-8", "replace").decode()
            raise ReplyRejected(
                "bad_response",
                (f"the service's reply is not a Messages body ({type(error).__name__}); it begins {start!r}",),
            ) from error


def storable(text: str) -> str:
    """A reply body that SQLite and files in UTF-8 take: a lone surrogate, which neither does, is written escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def is_decimal_string(amount: str) -> bool:
    """Whether a text is a plain decimal, as costs are kept."""
    return _PLAIN.fullmatch(amount) is not None


@dataclass(frozen=True, slots=True)
class Retry:
    """An attempt that brought nothing, and the wait for the next: ``why`` it failed (see `ProviderError.why`), and the
    seconds that were ``waited``."""

    why: str
    waited: float

    @classmethod
    def from_json(cls, value: Any) -> Retry:
        """Out of ``{"why": …, "waited": …}``. Raises KeyError, TypeError or ValueError for anything else."""
        if not isinstance(value["why"], str) or not isinstance(value["waited"], int | float):
            raise ValueError("a retry is not a reason and seconds")
        return cls(value["why"], value["waited"])

    def to_json(self) -> dict[str, Any]:
        return {"why": self.why, "waited": self.waited}


@dataclass(frozen=True)
class Exchange:
    """A request with its reply, letter for letter, and where both come from.

    A row of the store and a recording on disk are the same thing with the same key. ``parent`` is the key
    of the request that a re-ask, repair or part belongs to, and ``round`` counts these (0 for a first ask;
    for parts, the number of the part from 0). ``items`` names what a repair is about. ``cost_usd`` is a plain
    decimal string, None when unknown.
    ``created_at`` is UTC, ISO 8601, whole seconds. ``base_url`` is set for endpoint ``custom`` only.
    """

    request: Request
    body: str
    task: str
    role: Role
    origin: Origin
    endpoint: Endpoint
    structured: Structured
    prompt: str
    prompt_sha256: str
    article: str
    article_sha256: str
    created_at: str
    parent: str | None = None
    round: int = 0
    items: str = ""
    attempts: int = 1
    retries: tuple[Retry, ...] = ()
    """What came of the attempts before the one that brought this reply."""
    base_url: str | None = None
    model_sent: str | None = None
    cost_usd: str | None = None
    price_table: str | None = None

    @property
    def key(self) -> str:
        return self.request.key

    @once
    def reply(self) -> Reply:
        """Raises `ReplyRejected` (``bad_response``), see `Reply.read`."""
        return Reply.read(self.body)

    def to_json(self) -> dict[str, Any]:
        """The recording, with names in reading order."""
        return {
            "schema": EXCHANGE_SCHEMA,
            "key": self.key,
            "origin": self.origin,
            "endpoint": self.endpoint,
            "base_url": self.base_url,
            "article": self.article,
            "article_sha256": self.article_sha256,
            "task": self.task,
            "role": self.role,
            "parent": self.parent,
            "round": self.round,
            **({"items": self.items} if self.items else {}),
            "prompt": self.prompt,
            "prompt_sha256": self.prompt_sha256,
            "structured": self.structured,
            "model_sent": self.model_sent,
            "attempts": self.attempts,
            **({"retries": [retry.to_json() for retry in self.retries]} if self.retries else {}),
            "created_at": self.created_at,
            "cost_usd": self.cost_usd,
            "price_table": self.price_table,
            # One order of names, whether the request is new or comes out of the store.
            "request": {**self.request.neutral(), "schema": json.loads(self.request.schema.canonical)},
            "body": self.body,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Exchange:
        """The exchange that `to_json` wrote; the key is derived again, not believed.

        Raises KeyError, TypeError or ValueError when it is something else or its key does not fit.
        """
        if value["schema"] != EXCHANGE_SCHEMA:
            raise ValueError(f"schema is {value['schema']!r}, not {EXCHANGE_SCHEMA!r}")
        for name, words in _WORDS.items():
            if value[name] not in words:
                raise ValueError(f"{name} is {value[name]!r}, not one of {', '.join(words)}")
        if value["cost_usd"] is not None and not is_decimal_string(value["cost_usd"]):
            raise ValueError(f"cost_usd is {value['cost_usd']!r}, not a plain decimal")
        value = {"items": "", **value, "retries": tuple(map(Retry.from_json, value.get("retries", ())))}
        for name in (*_TEXTS, *_TEXTS_OR_NONE):
            if not isinstance(value[name], str) and (value[name] is not None or name in _TEXTS):
                raise ValueError(f"{name} is not a text")
        if not all(isinstance(value[name], int) for name in ("round", "attempts")):
            raise ValueError("round or attempts is not a number")
        fields = {name: value[name] for name in cls.__dataclass_fields__ if name != "request"}
        exchange = cls(request=Request.from_neutral(value["request"]), **fields)
        if exchange.request.neutral() != value["request"]:
            raise ValueError("the request holds something that no request of ours has")
        if exchange.key != value["key"]:
            raise ValueError(f"the key says {value['key']}, the request gives {exchange.key}")
        return exchange
