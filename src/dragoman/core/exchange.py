"""Reply and Exchange: what a reply says, and a request with its reply as they are stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from dragoman.core.once import once
from dragoman.core.read_file import unique_names
from dragoman.core.request import Request
from dragoman.core.stop_reasons import Ending, ending_of
from dragoman.core.usage import Usage
from dragoman.errors import ReplyRejected

Role = Literal["ask", "reask", "repair", "part"]
Origin = Literal["live", "batch", "altered", "handwritten"]
SERVICE_ORIGINS: frozenset[Origin] = frozenset({"live", "batch"})
"""The origins of replies that a service gave."""
Endpoint = Literal["anthropic", "bedrock", "custom"]
Structured = Literal["native", "prompted"]

_DECIMAL = re.compile(r"\d+(\.\d+)?")

_ALLOWED_VALUES: dict[str, tuple[str, ...]] = {
    "role": get_args(Role),
    "origin": get_args(Origin),
    "endpoint": get_args(Endpoint),
    "structured": get_args(Structured),
}

_TEXT_FIELDS = ("body", "items", "task", "prompt", "prompt_sha256", "article", "article_sha256", "created_at")
_TEXT_OR_NULL_FIELDS = ("parent", "base_url", "model_sent", "price_table")

EXCHANGE_SCHEMA = "dragoman.exchange/1"

_GUARDRAIL = "amazon-bedrock-guardrailAction"
"""Field of a reply of Bedrock: ``INTERVENED`` if a guardrail changed or replaced the answer, else ``NONE``."""

_LONGEST_REFUSAL = 300
"""Characters of the words of a filter that a record quotes; AWS limits the message of a guardrail to 500."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The content of a reply body. ``text`` is all text blocks joined; ``usage`` is None when none was reported.

    ``refusal`` is set when the model refused or a filter intervened (``ending`` is ``blocked``): the service's category
    and explanation, else the words in the place of the answer, None without any. ``guarded`` says that a guardrail of
    Bedrock changed or replaced the answer, whatever the stop reason says.
    """

    text: str
    stop_reason: str
    model: str
    usage: Usage | None
    refusal: str | None = None
    guarded: bool = False

    @property
    def ending(self) -> Ending:
        """What the end of the reply means for its text."""
        return "blocked" if self.guarded else ending_of(self.stop_reason)

    @classmethod
    def read(cls, body: str) -> Reply:
        """Parse the body of a Messages response.

        Raises `ReplyRejected` (``bad_response``) when it is not such a body: cut off, empty, a page of a proxy, or an
        object in which a name occurs twice.
        """
        try:
            message = json.loads(body.removeprefix("\ufeff"), object_pairs_hook=unique_names)
            reply = cls(
                text="".join(_texts(message["content"])),
                stop_reason=message["stop_reason"] or "end_turn",
                # Some gateways leave it out; the answer was paid all the same.
                model="" if message.get("model") is None else message["model"],
                usage=Usage.from_api(message.get("usage")),
                guarded=message.get(_GUARDRAIL) == "INTERVENED",
            )
            if reply.ending == "blocked":
                reply = replace(reply, refusal=_explanation(message) or _words(reply.text))
            # Raises for a value that is no text, and for a lone surrogate, which can be neither stored nor written.
            "".join((reply.text, reply.stop_reason, reply.model, reply.refusal or "")).encode()
            return reply
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            start = str(body).strip()[:60].encode("utf-8", "replace").decode()
            raise ReplyRejected(
                "bad_response",
                (f"the service's reply is not a Messages body ({type(error).__name__}); it begins {start!r}",),
            ) from error


def _texts(content: Any) -> Iterator[str]:
    """The texts of the blocks. Local servers and filters send null where there is nothing. Raises TypeError or KeyError
    for anything that is not a list of blocks."""
    if not isinstance(content, list | None):
        raise TypeError("the content is not a list")
    yield from (block["text"] for block in content or () if block["type"] == "text" and block.get("text") is not None)


def _explanation(message: Mapping[str, Any]) -> str:
    """``category: explanation``, as far as the service gives them."""
    details = message.get("stop_details")
    given = [details.get(name) for name in ("category", "explanation")] if isinstance(details, dict) else []
    return ": ".join(part for part in given if isinstance(part, str) and part)


def _words(text: str) -> str | None:
    """The words in the place of an answer, on one line. Half an answer explains nothing."""
    return None if text.lstrip().startswith(("{", "```")) else " ".join(text.split())[:_LONGEST_REFUSAL] or None


def storable(text: str) -> str:
    """A reply body that can be stored in SQLite and in UTF-8 files: a lone surrogate is written as an escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def is_decimal_string(amount: str) -> bool:
    """Whether a text is a decimal number without sign or exponent, as costs are stored."""
    return _DECIMAL.fullmatch(amount) is not None


@dataclass(frozen=True, slots=True)
class Retry:
    """A failed attempt and the wait after it: ``why`` it failed (see `ProviderError.why`), and ``waited`` in
    seconds."""

    why: str
    waited: float

    @classmethod
    def from_json(cls, value: Any) -> Retry:
        """From ``{"why": …, "waited": …}``. Raises KeyError, TypeError or ValueError for anything else."""
        if not isinstance(value["why"], str) or not isinstance(value["waited"], int | float):
            raise ValueError("a retry lacks its reason or its seconds")
        return cls(value["why"], value["waited"])

    def to_json(self) -> dict[str, Any]:
        return {"why": self.why, "waited": self.waited}


def _names(value: Any) -> tuple[str, ...]:
    """A list of names. Raises ValueError for anything else."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError("left_out is not a list of names")
    return tuple(value)


@dataclass(frozen=True)
class Exchange:
    """A request with its reply, letter for letter, and where both come from.

    A row of the store and a recording on disk hold the same exchange under the same key. ``parent`` is the key of the
    request that a re-ask, repair or part belongs to, and ``round`` numbers these (0 for a first request; parts are
    numbered from 0). ``items`` names the items of a repair. ``cost_usd`` is a decimal string, None when unknown.
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
    """The failed attempts before the one that brought this reply."""
    base_url: str | None = None
    model_sent: str | None = None
    left_out: tuple[str, ...] = ()
    """Fields of the request that were not sent, because the service rejects them."""
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
        """The recording: names in reading order."""
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
            **({"left_out": list(self.left_out)} if self.left_out else {}),
            "attempts": self.attempts,
            **({"retries": [retry.to_json() for retry in self.retries]} if self.retries else {}),
            "created_at": self.created_at,
            "cost_usd": self.cost_usd,
            "price_table": self.price_table,
            # The same order of names whether the request is new or comes from the store.
            "request": {**self.request.neutral(), "schema": json.loads(self.request.schema.canonical)},
            "body": self.body,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Exchange:
        """The exchange that `to_json` wrote. The key is computed from the request, and must equal the stated one.

        Raises KeyError, TypeError or ValueError for anything else.
        """
        if value["schema"] != EXCHANGE_SCHEMA:
            raise ValueError(f"schema is {value['schema']!r}, not {EXCHANGE_SCHEMA!r}")
        for name, words in _ALLOWED_VALUES.items():
            if value[name] not in words:
                raise ValueError(f"{name} is {value[name]!r}, not one of {', '.join(words)}")
        if value["cost_usd"] is not None and not is_decimal_string(value["cost_usd"]):
            raise ValueError(f"cost_usd is {value['cost_usd']!r}, not a decimal number")
        value = {
            "items": "",
            **value,
            "retries": tuple(map(Retry.from_json, value.get("retries", ()))),
            "left_out": _names(value.get("left_out", [])),
        }
        for name in (*_TEXT_FIELDS, *_TEXT_OR_NULL_FIELDS):
            if not isinstance(value[name], str) and (value[name] is not None or name in _TEXT_FIELDS):
                raise ValueError(f"{name} is not text")
        if not all(isinstance(value[name], int) for name in ("round", "attempts")):
            raise ValueError("round or attempts is not a number")
        fields = {name: value[name] for name in cls.__dataclass_fields__ if name != "request"}
        exchange = cls(request=Request.from_neutral(value["request"]), **fields)
        if exchange.request.neutral() != value["request"]:
            raise ValueError("the request has fields or values that Dragoman does not write")
        if exchange.key != value["key"]:
            raise ValueError(f"the key is {value['key']}, but the key of the request is {exchange.key}")
        return exchange
