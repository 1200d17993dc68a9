"""The behaviours that the service can be given for a request, as frozen values.

``generated`` says whether an answer was made, and so would be on the bill, whatever happened to it on the way. Where a
real service leaves that open (an empty 200, a page of a proxy) the default is true, so that promises about money are
tested against the worse case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole Message. Always generated.

    ``text`` None is the ordinary text; ``""`` gives empty ``content``. ``usage`` replaces the fields it
    names. ``model`` None is the model asked for.
    ``thinking`` puts a thinking block before the text.
    """

    text: str | None = None
    stop_reason: str = "end_turn"
    usage: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    thinking: str | None = None


@dataclass(frozen=True, slots=True)
class MaxTokens:
    """The ordinary text, cut after ``characters`` code points, with stop reason ``max_tokens``."""

    characters: int = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """Stop reason ``refusal``, its details, and no content unless ``text`` says otherwise."""

    category: str | None = "general_harms"
    explanation: str | None = "The request was declined."
    text: str = ""


@dataclass(frozen=True, slots=True)
class ContextWindow:
    """Stop reason ``model_context_window_exceeded`` after ``characters`` code points of the ordinary text."""

    characters: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """An error status with the service's own error body.

    ``{model}`` in the message becomes the model asked for. Over Bedrock the body is ``{"message": …}`` with
    header ``x-amzn-errortype``, and statuses that Bedrock does not document become those it has
    (401 → 403, 529 → 503); ``error_type`` is replaced by Bedrock's name unless it ends in ``Exception``.
    ``details`` goes into ``error.details``, where ``error_code`` stands.
    """

    code: int
    error_type: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] | None = None
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection ends with RST.

    ``before``: the request was read, nothing was generated. ``after``: the answer was generated, no byte of
    it was sent; a client cannot tell these two apart. ``mid-body``: after half the body. ``after-body``: the
    whole answer arrives, and the kept-alive connection is dead when it is used next.
    """

    when: Literal["before", "mid-body", "after", "after-body"] = "before"


@dataclass(frozen=True, slots=True)
class Hang:
    """The answer is generated, nothing is sent for ``seconds``, and then the ordinary answer if the client still
    listens.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Drip:
    """The ordinary answer, head and body, at ``bytes_per_second``: a read time-out never fires."""

    bytes_per_second: float


@dataclass(frozen=True, slots=True)
class TruncatedJson:
    """200 with the first half of the JSON and a matching content-length. Generated."""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """200 text/html, as from a proxy in between."""

    generated: bool = True


@dataclass(frozen=True, slots=True)
class EmptyBody:
    """200 with content-length 0."""

    generated: bool = True


@dataclass(frozen=True, slots=True)
class RawBody:
    """Any bytes under any status and headers: a wrong content type, gzip junk, JSON of another shape."""

    content: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    status: int = 200
    generated: bool = True


Behaviour = (
    Answer
    | MaxTokens
    | Refusal
    | ContextWindow
    | Status
    | Reset
    | Hang
    | Drip
    | TruncatedJson
    | HtmlPage
    | EmptyBody
    | RawBody
)

SCHEMA_NOT_SUPPORTED = Status(400, "invalid_request_error", "output_config.format: Extra inputs are not permitted")
UNAUTHORIZED = Status(401, "authentication_error", "invalid x-api-key")
FORBIDDEN = Status(403, "permission_error", "Your API key does not have permission to use the model {model}.")
MODEL_NOT_FOUND = Status(404, "not_found_error", "model: {model}")
SERVER_ERROR = Status(500, "api_error", "Internal server error")
OVERLOADED = Status(529, "overloaded_error", "Overloaded")
SPEND_LIMIT = Status(
    429,
    "rate_limit_error",
    "Your organization has reached its monthly spend limit. You will regain access on 2026-12-01 at 00:00 UTC.",
    details={"error_code": "enforced_spend_limit_reached"},
)
"""A 429 without retry-after that no waiting cures."""
USAGE_LIMIT = Status(
    400,
    "invalid_request_error",
    "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
)
"""The limit that a user has set, which the service reports as 400."""
BEDROCK_SPEND_QUOTA = Status(
    400, "ServiceQuotaExceededException", "Your request exceeds the service quota for your account."
)


def rate_limited(retry_after: str | None = "1") -> Status:
    """429; ``retry_after`` in seconds or as an HTTP date, None for no header."""
    return Status(
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of requests per minute.",
        {} if retry_after is None else {"retry-after": retry_after},
    )
