"""The record of an article: from reviewed tasks, or from the reason why it was not asked about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.core.exchange import Exchange
from dragoman.core.record import Finding, Reason
from dragoman.errors import BudgetReached, DragomanError, FailureKind, ProviderError, StoreError
from dragoman.reading.discover import ArticleFile
from dragoman.runs.record_builder import exchange_facts, record_of, unasked_record, unreached_record
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.review import Review
from tests.support.builders import article_of, exchange_of, message, request_of, source_of, spec_of

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


def other_models(*exchanges: Exchange) -> list[Finding]:
    """What a record says about the models of these exchanges."""
    outcome = TaskOutcome(BOTH[0], "pending", Reason(code="budget", message="x"), None, exchanges, BudgetReached("x"))
    record = record_of(ARTICLE, SOURCE, [Review(outcome)])
    return [finding for finding in record.findings if finding.check == "service.model"]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("claude-opus-5-5", "claude-opus-5-5 answered, but claude-sonnet-5-5 was asked; the price is that of"),
        ("claude-opus-5-5-20260922", "claude-opus-5-5 answered, but claude-sonnet-5-5 was asked; the price is that of"),
        ("claude-sonnet-5", "claude-sonnet-5 answered"),
        (
            "anthropic/claude-opus-4.8",
            "claude-opus-4-8 answered, but claude-sonnet-5-5 was asked; the price is that of",
        ),
        ("mini-claude-sonnet-5-5", "mini-claude-sonnet-5-5 answered, but claude-sonnet-5-5 was asked; no price"),
        ("claude-sonnet-5-5-mini", "claude-sonnet-5-5-mini answered, but claude-sonnet-5-5 was asked; no price"),
        ("llama3", "llama3 answered, but claude-sonnet-5-5 was asked; no price is known for it"),
        ("", "a model without a name answered"),
    ],
)
def test_another_model_than_the_one_asked_is_a_warning_of_the_record(model: str, words: str) -> None:
    """With the name that the reply has. A warning does not flag the record."""
    (found,) = other_models(exchange_of(body=message("{}", model=model)))
    assert found.message.startswith(words)
    assert (found.severity, found.task, found.got) == ("warning", "summary", model)


@pytest.mark.parametrize(
    "model",
    [
        "claude-sonnet-5-5", "claude-sonnet-5-5-20260928", "anthropic.claude-sonnet-5-5",
        "us.anthropic.claude-sonnet-5-5", "bedrock/anthropic.claude-sonnet-5-5-v1:0", "claude-sonnet-5-5-latest",
        "anthropic/claude-sonnet-5.5", "Claude-Sonnet-5-5", "claude-sonnet-5-5[1m]", "claude-sonnet-5-5:thinking",
        "anthropic--claude-sonnet-5-5", "databricks-claude-sonnet-5-5", "anthropic/claude-sonnet-5.5:beta",
    ],
)  # fmt: skip
def test_another_spelling_of_the_same_model_is_no_warning(model: str) -> None:
    assert other_models(exchange_of(body=message("{}", model=model))) == []


def test_each_other_model_is_told_once_for_each_task_and_only_of_replies_of_a_service() -> None:
    """A reply written by hand names no model, and one that cannot be read none at all. A server may call its own models
    what it likes."""
    replies = [exchange_of(body=message("{}", model=name)) for name in ("claude-opus-5-5", "claude-haiku-5-5") * 2]
    assert [finding.got for finding in other_models(*replies)] == ["claude-opus-5-5", "claude-haiku-5-5"]
    translated = exchange_of(task="translation", body=message("{}", model="claude-opus-5-5"))
    assert [finding.task for finding in other_models(translated)] == ["translation"]
    by_hand = exchange_of(origin="handwritten", body=message("{}", model="handwritten"))
    assert other_models(by_hand, exchange_of(body="<html>")) == []
    local = exchange_of(replace(request_of(), model="llama3"), body=message("{}", model="llama3:7b"))
    assert other_models(local) == []


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


TERMS: dict[str, tuple[dict[str, object], str | None, str, str]] = {
    "a geography": ({"inference_geo": "us"}, "0.1", "note", "this reply cost 1.1 times the list price for the geo"),
    "a batch": ({"service_tier": "batch"}, "0.1", "note", "this reply cost 0.5 times the list price for the service"),
    "an unknown geography": (
        {"inference_geo": "mars"}, None, "warning", "the price of this reply is unknown: no price is known for the geo",
    ),
    "an unknown tier": (
        {"service_tier": "priority"}, None, "warning",
        "the price of this reply is unknown: no price is known for the service tier priority",
    ),
    "two unknown terms": (
        {"service_tier": "x", "speed": "fast"}, None, "warning",
        "the price of this reply is unknown: no price is known for the service tier x and the speed fast",
    ),
    "tools of the service": (
        {"server_tool_use": {"web_search_requests": 2}}, None, "warning",
        "the price of this reply is unknown: it used tools of the service (web_search_requests)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("terms", "cost", "severity", "words"), TERMS.values(), ids=TERMS)
def test_what_changed_a_price_or_made_it_unknown_is_a_finding(
    terms: dict[str, object], cost: str | None, severity: str, words: str
) -> None:
    """Once for a task, however many of its replies state it; without such terms there is none."""
    usage = {"input_tokens": 100, "output_tokens": 10}
    ((found, text),) = price_findings({**usage, **terms}, cost, 2)
    assert (found, text[: len(words)]) == (severity, words)
    plain = {"inference_geo": "global", "service_tier": "standard", "speed": "standard"}
    assert price_findings({**usage, **plain}, cost, 1) == []
    # A price that was stored by a table that knew other terms is not explained by this one.
    assert price_findings({**usage, **terms}, None if cost else "0.1", 1) == []


def price_findings(usage: object, cost: str | None, replies: int) -> list[tuple[str, str]]:
    """What a record says about the prices of replies with this usage."""
    exchanges = tuple(
        exchange_of(body=message("{}", usage=usage), cost_usd=cost, round=number) for number in range(replies)
    )
    outcome = TaskOutcome(BOTH[0], "pending", Reason(code="budget", message="x"), None, exchanges, BudgetReached("x"))
    record = record_of(ARTICLE, SOURCE, [Review(outcome)])
    return [(found.severity, found.message) for found in record.findings if found.check == "service.price"]
