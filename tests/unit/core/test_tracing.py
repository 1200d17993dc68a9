"""Without a tracer provider there is no span, and the attributes of a span contain no text."""

from __future__ import annotations

from dragoman.core import tracing
from dragoman.core.record import Record
from tests.support.folders import EXPECTED

SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]


def test_without_a_provider_nothing_is_traced() -> None:
    """The work is done as usual, and the SDK gets no tracing option."""
    assert not tracing.is_active()
    assert tracing.sdk_option() is False
    with tracing.article_span() as attributes:
        attributes["dragoman.status"] = "ok"


def test_the_attributes_of_an_article_are_ids_statuses_counts_and_money() -> None:
    """No value is a text of the article or of the answer."""
    for record in SAMPLES:
        attributes = tracing.record_attributes(record)
        assert attributes["dragoman.article.id"] == record.article.id
        assert attributes["dragoman.exchanges"] == len(record.exchanges)
        texts = {value for value in attributes.values() if isinstance(value, str)}
        assert texts <= {record.article.id, record.status, record.source.language if record.source else None}
