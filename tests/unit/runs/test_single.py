"""One article without an output folder: its result, and whether only a retry asks again."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path

import pytest

from dragoman.config import Settings
from dragoman.errors import BudgetReached
from dragoman.runs.single import process_single
from tests.support.builders import article_of
from tests.support.service import Hang, Refusal, Service, Status


def test_an_answered_article_has_its_record(store_path: Path) -> None:
    """With the source text, because there is no folder for it."""
    with Service() as service:
        result = process_single(article_of(), Settings(base_url=service.url, store=store_path))
    assert result.answered() is result.record
    assert result.record.source is not None
    assert result.record.source.text is not None
    assert (result.ended_by, result.maybe_paid, result.only_on_retry) == (None, 0, False)


def test_what_left_an_article_pending_is_raised_only_when_its_record_is_asked_for(store_path: Path) -> None:
    """The caller may report the money first."""
    with Service() as service:
        settings = Settings(base_url=service.url, store=store_path, max_cost=Decimal("0.0001"))
        result = process_single(article_of(), settings)
    assert (result.record.status, result.only_on_retry) == ("pending", False)
    with pytest.raises(BudgetReached):
        result.answered()


def test_a_refused_article_is_asked_again_only_on_retry_unless_it_was_just_asked_with_refresh(store_path: Path) -> None:
    """The refusal is stored, so the same command would only repeat it."""
    with Service(script=lambda *_: Refusal()) as service:
        settings = Settings(base_url=service.url, store=store_path)
        assert process_single(article_of(), settings).only_on_retry
        assert not process_single(article_of(), settings.model_copy(update={"refresh": True})).only_on_retry


def test_requests_that_may_have_been_charged_without_an_answer_are_counted(store_path: Path) -> None:
    """With the most that they can have cost."""
    with Service(script=lambda *_: Hang(2)) as service:
        settings = Settings(base_url=service.url, store=store_path, timeout=0.2, attempts=1)
        result = process_single(article_of(), settings)
    assert (result.record.status, result.maybe_paid) == ("failed", 1)
    assert Decimal(result.maybe_paid_usd_at_most or 0) > 0


@pytest.mark.parametrize("answers_others", [True, False], ids=["answers others", "answers none"])
def test_a_rejected_article_is_asked_again_only_on_retry_once_the_service_answers_others(
    answers_others: bool, store_path: Path
) -> None:
    """Until it does, a setting may be at fault, and the same command sends the request again."""
    is_bad = threading.Event()
    too_large = Status(413, "request_too_large", "too large")
    with Service(script=lambda *_: too_large if is_bad.is_set() else None) as service:
        settings = Settings(base_url=service.url, store=store_path)
        if answers_others:
            process_single(article_of("Ngân hàng giữ lãi suất ở mức 4,5%."), settings)
        is_bad.set()
        before = len(service.ledger)
        for sent in (1, 1 if answers_others else 2):
            result = process_single(article_of(), settings)
            assert (result.record.status, result.record.reason and result.record.reason.code) == ("failed", "rejected")
            assert result.only_on_retry is answers_others
            assert len(service.ledger) == before + sent
        process_single(article_of(), settings.model_copy(update={"retry": True}))
        assert len(service.ledger) == before + sent + 1
