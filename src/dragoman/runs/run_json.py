"""What one run was, as a `RunReport`: counts, money, what is left, and where its replies are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from dragoman.__about__ import VERSION
from dragoman.core.models import table
from dragoman.core.prices import decimal_string
from dragoman.core.run_report import RunReport
from dragoman.core.tokens import estimate
from dragoman.errors import DragomanError, StoreError
from dragoman.output.build_state import FolderCost
from dragoman.reading.discover import ArticleFile
from dragoman.runs.engines.threads import Counts
from dragoman.runs.remaining import left
from dragoman.runs.session import Session
from dragoman.runs.waiting import noted
from dragoman.store.protocol import ReplyStore


def facts_of(
    session: Session,
    started: datetime,
    counts: Counts,
    ended_by: DragomanError | None,
    code: int,
    total: FolderCost | None,
    pending: Sequence[ArticleFile],
) -> RunReport:
    """The facts of a run that has ended with exit ``code``; ``total`` is of all of its folder, None when that could not
    be written, ``pending`` is what the budget or an interruption left."""
    settings, counters = session.settings, session.asker.counters
    remaining = left(session, pending)
    return (
        begun(session, started)
        .noting(
            ended_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            exit_code=code,
            ended_by=str(ended_by) if ended_by else None,
            articles=sum(counts.statuses.values()),
            statuses=dict(counts.statuses),
            reasons=dict(counts.reasons),
            findings=dict(counts.findings),
            repairs=dict(counts.repairs),
            provider=settings.provider,
            endpoint=session.provider.endpoint if session.provider else None,
            base_url=session.provider.base_url if session.provider else None,
            model=session.model.id,
            prompts=[spec.prompt.name for spec in session.specs],
            price_table=table().as_of,
            stored_replies_used=counters.hits,
            requests_sent=counters.attempts,
            replies_received=counters.replies + counters.rescued + counters.lost,
            maybe_paid_without_answer=counters.maybe_paid,
            retries=dict(counters.retries),
            retry_seconds=round(counters.retry_seconds, 1),
            tokens=dict(counters.tokens),
            cache=_about_cache(session),
            limits=session.asker.limits(),
        )
        .noting_all(_money(session))
        .noting(
            out_cost_usd=total.cost_usd if total else None,
            out_replies_of_unknown_cost=total.unknown if total else None,
            max_cost_usd=decimal_string(settings.max_cost),
            left=counts.statuses["pending"],
            left_cost_usd=decimal_string(remaining.cost_usd),
            left_least_max_cost_usd=decimal_string(remaining.least_max_cost_usd),
            rescued=counters.rescued,
            rescued_to=_rescued_to(session),
            lost=counters.lost,
            recordings=str(settings.recordings.absolute()) if settings.recordings else None,
        )
    )


def begun(session: Session, started: datetime) -> RunReport:
    """The facts of a run that has only begun: as long as they stand there, it is not over, or was killed."""
    report = RunReport(
        dragoman=VERSION,
        started_at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ended_at=None,
        seconds=None,
        exit_code=None,
        ended_by=None,
    )
    if session.store is not None:
        report = report.noting_all(_store(session.store))
    return report.noting(refreshed_after=session.asker.refreshed_after)


def _store(store: ReplyStore) -> RunReport:
    """Which store the records rest on. The number of rows is not known for one that went away meanwhile."""
    with suppress(StoreError):
        return noted(store)
    return RunReport(store=str(store.path.absolute()), store_id=store.id, store_rows=None)


def _money(session: Session) -> RunReport:
    """What replies cost, and apart from it what may have been charged: for a price that is not known, and for attempts
    that brought no answer. None where no price is known."""
    budget = session.budget
    priced = session.provider is None or session.model.rates is not None
    return RunReport(
        cost_usd=decimal_string(budget.paid),
        replies_of_unknown_cost=budget.unknown,
        unknown_cost_usd_at_most=decimal_string(budget.unpriced) if priced or not budget.unknown else None,
        maybe_paid_usd_at_most=session.maybe_paid_usd_at_most,
    )


def _rescued_to(session: Session) -> str | None:
    folder = session.asker.rescued_to
    return None if folder is None else str(folder)


def _about_cache(session: Session) -> str | None:
    """Why the prompt cache could not help, where it could not."""
    model, counters = session.model, session.asker.counters
    if (
        counters.replies < 2
        or counters.tokens["cache_read"]
        or counters.tokens["cache_write"]
        or model.cache_minimum is None
    ):
        return None
    fixed = {w.prompt.name: estimate(w.prompt.system) for w in session.specs}
    short = [f"{name} (about {tokens:,} tokens)" for name, tokens in fixed.items() if tokens < model.cache_minimum]
    if not short:
        return None
    return f"too short for {model.id} to cache ({model.cache_minimum:,} tokens at least): {', '.join(short)}"
