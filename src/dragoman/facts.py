"""What one run was, as a `RunReport`: counts, money, what is left, and where its replies are."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from dragoman.__about__ import VERSION
from dragoman.articles import Found
from dragoman.asking import LiveAsker
from dragoman.errors import DragomanError, StoreError
from dragoman.jobs import Counts
from dragoman.leaving import left
from dragoman.models import table
from dragoman.pricing import plain
from dragoman.reports.built import Total
from dragoman.resting import noted
from dragoman.run_report import RunReport
from dragoman.session import Session
from dragoman.store import Store
from dragoman.tokens import estimate


def facts_of(
    session: Session,
    started: datetime,
    counts: Counts,
    ended_by: DragomanError | None,
    code: int,
    total: Total | None,
    pending: Sequence[Found],
) -> RunReport:
    """The facts of a run that has ended with exit ``code``; ``total`` is of all of its folder, None when that could not
    be written, ``pending`` is what the budget or an interruption left."""
    settings, tally = session.settings, session.asker.tally
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
            prompts=[wording.prompt.name for wording in session.wordings],
            price_table=table().as_of,
            stored_replies_used=tally.hits,
            requests_sent=tally.attempts,
            replies_received=tally.replies + tally.rescued + tally.lost,
            maybe_paid_without_answer=tally.maybe_paid,
            retries=dict(tally.retries),
            retry_seconds=round(tally.retry_seconds, 1),
            tokens=dict(tally.tokens),
            cache=_about_cache(session),
            limits=session.asker.gate.facts() if isinstance(session.asker, LiveAsker) else None,
        )
        .noting_all(_money(session))
        .noting(
            out_cost_usd=total.cost_usd if total else None,
            out_replies_of_unknown_cost=total.unknown if total else None,
            max_cost_usd=plain(settings.max_cost),
            left=counts.statuses["pending"],
            left_cost_usd=plain(remaining.cost_usd),
            left_least_max_cost_usd=plain(remaining.least_max_cost_usd),
            rescued=tally.rescued,
            rescued_to=_rescued_to(session),
            lost=tally.lost,
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
    refreshed = session.asker.refreshed_after if isinstance(session.asker, LiveAsker) else None
    return report.noting(refreshed_after=refreshed)


def _store(store: Store) -> RunReport:
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
        cost_usd=plain(budget.paid),
        replies_of_unknown_cost=budget.unknown,
        unknown_cost_usd_at_most=plain(budget.unpriced) if priced or not budget.unknown else None,
        maybe_paid_usd_at_most=session.maybe_paid_usd_at_most,
    )


def _rescued_to(session: Session) -> str | None:
    asker = session.asker
    return str(asker.rescue.folder) if isinstance(asker, LiveAsker) and asker.tally.rescued else None


def _about_cache(session: Session) -> str | None:
    """Why the prompt cache could not help, where it could not."""
    model, tally = session.model, session.asker.tally
    if tally.replies < 2 or tally.tokens["cache_read"] or tally.tokens["cache_write"] or model.cache_minimum is None:
        return None
    fixed = {w.prompt.name: estimate(w.prompt.system) for w in session.wordings}
    short = [f"{name} (about {tokens:,} tokens)" for name, tokens in fixed.items() if tokens < model.cache_minimum]
    if not short:
        return None
    return f"too short for {model.id} to cache ({model.cache_minimum:,} tokens at least): {', '.join(short)}"
