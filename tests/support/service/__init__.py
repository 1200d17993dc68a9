"""A loopback Messages service: what the tests and benchmarks talk to instead of Claude, over real sockets.

    with Service(script=[OVERLOADED, None]) as service:
        ...                       # point a client at service.url
        service.ledger            # every request, what was answered, whether it would have been paid for

    python -m tests.support.service --port 0 --latency 0.2 --ledger calls.jsonl

It binds 127.0.0.1 only, answers mechanically (`mechanical`), and misbehaves as scripted (`behaviours`).
"""

from .behaviours import (
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
    Status,
    TruncatedJson,
    rate_limited,
)
from .bodies import user_digest
from .mechanical import answer
from .server import Entry, Script, Service

__all__ = [
    "BEDROCK_SPEND_QUOTA",
    "FORBIDDEN",
    "MODEL_NOT_FOUND",
    "OVERLOADED",
    "SCHEMA_NOT_SUPPORTED",
    "SERVER_ERROR",
    "SPEND_LIMIT",
    "UNAUTHORIZED",
    "USAGE_LIMIT",
    "Answer",
    "Behaviour",
    "ContextWindow",
    "Drip",
    "EmptyBody",
    "Entry",
    "Hang",
    "HtmlPage",
    "MaxTokens",
    "RawBody",
    "Refusal",
    "Reset",
    "Script",
    "Service",
    "Status",
    "TruncatedJson",
    "answer",
    "rate_limited",
    "user_digest",
]
