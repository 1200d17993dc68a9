"""The record of an article: from reviewed tasks, or from the reason why it was not asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.core.record import Reason
from dragoman.errors import BudgetReached, DragomanError, FailureKind, ProviderError, StoreError
from dragoman.reading.discover import ArticleFile
from dragoman.runs.record_builder import exchange_facts, record_of, unasked_record, unreached_record
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.review import Review
from tests.support.builders import article_of, exchange_of, source_of, spec_of

SOURCE = source_of()
ARTICLE = article_of()
BOTH = (spec_of("summary"), spec_of("translation"))


def test_an_article_that_was_not_reached_names_its_tasks(tmp_path: Path) -> None:
    """Each task is pending with its prompt and model; the article was not read."""
    reason = Reason(code="budget", message="no money")
    record = unreached_record(ArticleFile("a.txt", str(tmp_path / "a.txt")), BOTH, reason)
    assert (record.status, record.reason, record.article.sha256, record.source) == ("pending", reason, None, None)
    assert {name: (t.status, t.reason, t.cost_usd) for name, t in record.tasks.items()} == {
        "summary": ("pending", reason, None),
        "translation": ("pending", reason, None),
    }


ERRORS: list[DragomanError] = [
    BudgetReached("no money"),
    StoreError("full"),
    ProviderError(FailureKind.UNUSABLE, "no key"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_pending_task_keeps_what_its_parts_have_cost(error: DragomanError) -> None:
    """Two parts of a translation were paid for and the third was not asked: the record has the price of both."""
    reason = Reason(code="budget", message="x")
    paid = tuple(exchange_of(task="translation", round=number, cost_usd="0.01") for number in range(2))
    outcome = TaskOutcome(BOTH[1], "pending", reason, None, paid, error)
    record = record_of(ARTICLE, SOURCE, [Review(outcome)])
    assert (record.status, record.cost_usd, len(record.exchanges)) == ("pending", "0.02", 2)


def test_an_article_that_could_not_be_read_has_an_id_of_its_name() -> None:
    """Without its bytes, the name is all that distinguishes it from another."""
    reason = Reason(code="unreadable", message="it is gone")
    first, second = (unasked_record(ArticleFile(name, name), reason) for name in ("a.txt", "b.txt"))
    assert (first.status, first.reason, first.tasks, first.source) == ("failed", reason, {}, None)
    assert (first.article.sha256, first.article.bytes, first.article.media_type) == (None, None, None)
    assert first.article.id != second.article.id
    assert first == unasked_record(ArticleFile("a.txt", "elsewhere/a.txt"), reason)


def test_an_article_that_was_read_and_not_asked_about_keeps_what_was_read() -> None:
    """Its record has the digest of its bytes and its source."""
    record = unasked_record(ARTICLE, Reason(code="english", message="-"), source=SOURCE, inline=True)
    assert (record.status, record.article.sha256) == ("skipped", ARTICLE.sha256)
    assert record.source is not None
    assert record.source.text == SOURCE.text


def test_an_exchange_without_a_readable_reply_says_what_is_known_of_its_request() -> None:
    """Its reply was paid for all the same."""
    facts = exchange_facts(exchange_of(body="<html>", cost_usd="0.01"))
    assert (facts.model_answered, facts.stop_reason, facts.usage) == (None, None, None)
    assert (facts.task, facts.cost_usd, facts.endpoint) == ("summary", "0.01", "anthropic")
