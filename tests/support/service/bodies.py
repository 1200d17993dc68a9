"""The bodies and headers that the service sends: messages, errors, usage, model information.

Shapes after the installed SDK's types (anthropic 2.12.0) and botocore 1.44's bedrock-runtime model, read
2026-11-21. Nothing in here knows about sockets.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import mechanical

BEDROCK_ERRORS = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
BEDROCK_STATUSES = {401: 403, 529: 503}

_BEDROCK_ID = re.compile(r"(?:[a-z-]+\.)?anthropic\.(?P<name>.+?)(?:-v\d+(?::\d+)?)?$")


@dataclass(frozen=True)
class Question:
    """A request body as read. ``body`` is shared between equal requests: read it, do not change it."""

    body: dict[str, Any]
    system: str
    user: str
    cached: str
    """The system text up to the last block with cache_control; empty when none asks for caching."""
    ttl: str

    @functools.cached_property
    def user_sha256(self) -> str:
        return _digest(self.user)

    @functools.cached_property
    def ordinary(self) -> str:
        return mechanical.answer(self.body)


def read_question(raw: bytes) -> Question:
    """The question in a request body. Raises ValueError when it is not a JSON object."""
    body = json.loads(raw)
    if not isinstance(body, dict):
        raise ValueError("the body is not a JSON object")
    blocks = body.get("system") or ()
    cached, ttl = "", "5m"
    if isinstance(blocks, str):
        system = blocks
    else:
        system = ""
        for block in blocks:
            system += str(block.get("text", ""))
            if control := block.get("cache_control"):
                cached, ttl = system, control.get("ttl", "5m")
    if control := body.get("cache_control"):
        cached, ttl = system, control.get("ttl", "5m")
    return Question(body, system, mechanical.user_text(body), cached, ttl)


def _digest(text: str) -> str:
    # JSON can carry a lone surrogate; everything else is the plain SHA-256 of the UTF-8.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def user_digest(body: Mapping[str, Any]) -> str:
    """The key of ``Service.generated``: hex SHA-256 of the user turns' text, joined by newlines."""
    return _digest(mechanical.user_text(body))


def count(text: str) -> int:
    """Tokens of a text by rule of thumb: three characters each, never zero."""
    return max(1, len(text) // 3)


def count_input(question: Question) -> int:
    """All input tokens of a question, cached or not."""
    return count(question.system + question.user)


def usage(question: Question, text: str, *, warm: bool) -> dict[str, Any]:
    """The usage object; ``warm`` says that the cached part was seen before."""
    kept = len(question.cached) // 3
    written = 0 if warm else kept
    hour = question.ttl == "1h"
    return {
        "input_tokens": count_input(question) - kept,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": kept - written,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 0 if hour else written,
            "ephemeral_1h_input_tokens": written if hour else 0,
        },
        "output_tokens": count(text),
        "service_tier": "standard",
    }


def message(
    number: int,
    model: str,
    text: str,
    use: Mapping[str, Any],
    *,
    stop_reason: str = "end_turn",
    stop_details: Mapping[str, Any] | None = None,
    thinking: str | None = None,
) -> dict[str, Any]:
    """A Message as the API returns it. An empty text is empty content."""
    content: list[dict[str, Any]] = []
    if thinking is not None:
        content.append({"type": "thinking", "thinking": thinking, "signature": "bWVjaGFuaWNhbA=="})
    if text:
        content.append({"type": "text", "text": text, "citations": None})
    return {
        "id": f"msg_{number:024d}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "stop_details": stop_details,
        "usage": use,
    }


def dump(value: Any) -> bytes:
    """Compact JSON in UTF-8; escaped where a lone surrogate cannot be written otherwise."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def error(kind: str, message: str, request_id: str, details: Mapping[str, Any] | None) -> bytes:
    """An error body of the Messages API."""
    inner: dict[str, Any] = {"type": kind, "message": message}
    if details is not None:
        inner["details"] = dict(details)
    return dump({"type": "error", "error": inner, "request_id": request_id})


def plain_model(name: str) -> str:
    """The model's own name in a Bedrock id: ``us.anthropic.claude-x-v1:0`` gives ``claude-x``."""
    found = _BEDROCK_ID.fullmatch(name)
    return found["name"] if found else name


def model_info(name: str) -> dict[str, Any] | None:
    """A ModelInfo that claims what a current model has, or None for a name that is no Claude model."""
    if not name.startswith(("claude-", mechanical.MODEL)):
        return None
    yes, no = {"supported": True}, {"supported": False}
    lines = [line for line in ("haiku", "sonnet", "opus", "fable", "mythos") if line in name]
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "created_at": "2026-10-07T00:00:00Z",
        "deprecated_at": None,
        "retires_at": None,
        "lifecycle": "active",
        "line": lines[0] if lines else None,
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": {
            "batch": yes,
            "citations": yes,
            "code_execution": no,
            "context_management": {"supported": False},
            "effort": {"supported": True, "low": yes, "medium": yes, "high": yes, "xhigh": yes, "max": yes},
            "image_input": yes,
            "pdf_input": yes,
            "server_tools": {"supported": False, "code_execution": no, "web_search": no},
            "structured_outputs": yes,
            "thinking": {
                "supported": True,
                "types": {"adaptive": yes, "between_tools": no, "disabled": yes, "enabled": no},
            },
        },
    }
