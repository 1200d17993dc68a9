"""A span for each article, where the process has an OpenTelemetry provider; nothing at all elsewhere.

The provider is the user's (``opentelemetry-instrument dragoman run …``, or set up in Python): it is used when it is
there, and no library is imported to find out. The SDK's own spans for its requests lie below an article's.
Never any text of an article, a prompt or a reply: ids, statuses, counts and money.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dragoman.core.record import Record

Attributes = dict[str, "str | int | float | bool"]


def is_active() -> bool:
    """Whether this process records traces."""
    trace = sys.modules.get("opentelemetry.trace")
    # The provider that stands in until one is set is named so by the API.
    return trace is not None and type(trace.get_tracer_provider()).__name__ != "ProxyTracerProvider"


def sdk_option() -> Any:
    """What the SDK's client is told of tracing: metadata, whatever its environment says, or nothing."""
    return {"traces": {"content_mode": "metadata_only"}} if is_active() else False


@contextmanager
def article_span() -> Iterator[Attributes]:
    """A span around the work on one article; what is put into the mapping becomes its attributes."""
    attributes: Attributes = {}
    if not is_active():
        yield attributes
        return
    tracer = sys.modules["opentelemetry.trace"].get_tracer("dragoman")
    with tracer.start_as_current_span("dragoman.article", record_exception=False) as span:
        try:
            yield attributes
        finally:
            span.set_attributes(attributes)


def record_attributes(record: Record) -> Attributes:
    """What a span says of an article."""
    errors = sum(finding.severity == "error" for finding in record.findings)
    told: dict[str, Any] = {
        "dragoman.article.id": record.article.id,
        "dragoman.article.bytes": record.article.bytes,
        "dragoman.language": record.source.language if record.source else None,
        "dragoman.status": record.status,
        "dragoman.reason": record.reason.code if record.reason else None,
        "dragoman.exchanges": len(record.exchanges),
        "dragoman.findings.errors": errors,
        "dragoman.cost_usd": float(record.cost_usd) if record.cost_usd else None,
    }
    return {name: value for name, value in told.items() if value is not None}
