"""An OpenTelemetry span per article when the process has a tracer provider; otherwise nothing.

The provider is the user's (``opentelemetry-instrument dragoman run …``, or set up in Python). Dragoman imports no
library to find out whether there is one. The spans that the SDK makes for its requests are children of the article's
span. Spans contain ids, statuses, counts and money, and never text of an article, prompt or reply.
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
    # The API uses a provider of this class until the user sets one.
    return trace is not None and type(trace.get_tracer_provider()).__name__ != "ProxyTracerProvider"


def sdk_option() -> Any:
    """The tracing option for the SDK's client: metadata only, whatever its environment says, or no tracing."""
    return {"traces": {"content_mode": "metadata_only"}} if is_active() else False


@contextmanager
def article_span() -> Iterator[Attributes]:
    """A span around the work on one article. Entries put into the mapping become its attributes."""
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
    """The attributes of the span of an article."""
    errors = sum(finding.severity == "error" for finding in record.findings)
    attributes: dict[str, Any] = {
        "dragoman.article.id": record.article.id,
        "dragoman.article.bytes": record.article.bytes,
        "dragoman.language": record.source.language if record.source else None,
        "dragoman.status": record.status,
        "dragoman.reason": record.reason.code if record.reason else None,
        "dragoman.exchanges": len(record.exchanges),
        "dragoman.findings.errors": errors,
        "dragoman.cost_usd": float(record.cost_usd) if record.cost_usd else None,
    }
    return {name: value for name, value in attributes.items() if value is not None}
