"""The facts of a run for `run.json`: at its start, at its end, and why the prompt cache could not help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from dragoman.asking.counters import Counters
from dragoman.config import Settings
from dragoman.core.tokens import estimate
from dragoman.errors import StoreError
from dragoman.output.build_state import FolderCost
from dragoman.reading.discover import ArticleFile
from dragoman.runs import run_json
from dragoman.runs.counts import Counts
from dragoman.runs.remaining import Remaining
from dragoman.runs.run_json import report_at_end, report_at_start
from dragoman.runs.session import Session, open_session
from dragoman.store.sqlite.store import Store
from tests.support.builders import MODEL, spec_of

STARTED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture
def live(store_path: Path) -> Iterator[Session]:
    with open_session(Settings(store=store_path, max_cost=Decimal("5.00"))) as session:
        yield session


def test_a_run_that_has_begun_has_no_end(live: Session) -> None:
    """`run.json` says so until the end, so that a killed run is recognised. The store is noted at once."""
    report = report_at_start(live, STARTED)
    assert report.started_at == "2026-11-21T10:00:00Z"
    assert (report.ended_at, report.exit_code, report.ended_by, report.seconds) == (None,) * 4
    assert live.store is not None
    assert (report.store, report.store_id, report.store_rows) == (str(live.store.path), live.store.id, 0)


def test_a_store_that_fails_during_the_run_is_still_named(live: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its number of rows is unknown."""

    def gone(_: Store) -> int:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(Store, "highest_row_ever", gone)
    assert live.store is not None
    report = report_at_start(live, STARTED)
    assert (report.store, report.store_id, report.store_rows) == (str(live.store.path), live.store.id, None)


def test_the_end_reports_counts_money_and_what_remains(live: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remaining cost is an estimate of the articles that were not reached, and of no others."""
    estimated: list[list[ArticleFile]] = []

    def estimate_remaining(_: Session, places: list[ArticleFile]) -> Remaining:
        estimated.append(places)
        return Remaining(Decimal("0.1200"), Decimal("0.05"))

    monkeypatch.setattr(run_json, "estimate_remaining", estimate_remaining)
    counts = Counts()
    counts.statuses.update(ok=3, pending=2)
    counts.reasons.update(budget=2)
    live.asker.counters.add(hits=1, attempts=7, replies=3, rescued=2, lost=1, maybe_paid=1)
    remaining = [ArticleFile("a.txt", "a.txt"), ArticleFile("b.txt", "b.txt")]
    report = report_at_end(live, STARTED, counts, StoreError("full"), 7, FolderCost("0.5", 1), remaining)
    assert estimated == [remaining]
    assert (report.exit_code, report.ended_by, report.ended_at is not None) == (7, "full", True)
    assert (report.articles, report.left, report.reasons) == (5, 2, {"budget": 2})
    assert (report.left_cost_usd, report.left_least_max_cost_usd, report.max_cost_usd) == ("0.12", "0.05", "5")
    assert (report.requests_sent, report.stored_replies_used, report.maybe_paid_without_answer) == (7, 1, 1)
    assert report.replies_received == 3 + 2 + 1  # in the store, saved elsewhere, lost
    assert (report.out_cost_usd, report.out_replies_of_unknown_cost) == ("0.5", 1)


def test_a_folder_that_could_not_be_written_has_no_total(live: Session) -> None:
    """None stands for unknown, and never 0."""
    report = report_at_end(live, STARTED, Counts(), None, 0, None, [])
    assert (report.out_cost_usd, report.out_replies_of_unknown_cost, report.left_cost_usd) == (None, None, None)


def session_of(minimum: int | None, *, replies: int = 2, read: int = 0, written: int = 0) -> Session:
    """A session whose model caches prompts of ``minimum`` tokens, after so many replies and tokens of the cache."""
    model = replace(MODEL, cache_minimum=minimum)
    counters = Counters(replies=replies)
    counters.tokens.update(cache_read=read, cache_write=written)
    asker = SimpleNamespace(counters=counters)
    return cast(Session, SimpleNamespace(model=model, specs=(spec_of("summary", model),), asker=asker))


def test_a_prompt_that_is_too_short_for_the_cache_is_reported() -> None:
    """With its length and the length that the model needs."""
    tokens = estimate(spec_of("summary").prompt.system)
    assert run_json._why_not_cached(session_of(1_000_000)) == (
        f"too short for {MODEL.id} to cache (1,000,000 tokens at least): summary/v1 (about {tokens:,} tokens)"
    )


HELPS: dict[str, Session] = {
    "a prompt that is long enough": session_of(1),
    "a model without a cache": session_of(None),
    "one request": session_of(1_000_000, replies=1),
    "tokens that were read": session_of(1_000_000, read=1),
    "tokens that were written": session_of(1_000_000, written=1),
}


@pytest.mark.parametrize("session", HELPS.values(), ids=HELPS)
def test_nothing_is_said_of_a_cache_that_helped_or_was_not_needed(session: Session) -> None:
    """Prompts other than the system prompt may have been long enough: the service's count decides."""
    assert run_json._why_not_cached(session) is None
