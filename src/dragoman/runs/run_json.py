"""Collect the facts of one run for `run.json`: its counts, its money, what remains, and where its replies are."""

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
from dragoman.runs.counts import Counts
from dragoman.runs.missing_replies import store_facts
from dragoman.runs.remaining import estimate_remaining
from dragoman.runs.session import Session
from dragoman.store.protocol import ReplyStore


def report_at_start(session: Session, started: datetime) -> RunReport:
    """The facts of a run that begins. If `run.json` still says this, the run is not over, or it was killed."""
    report = RunReport(
        dragoman=VERSION,
        started_at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        ended_at=None,
        seconds=None,
        exit_code=None,
        ended_by=None,
    )
    if session.store is not None:
        report = report.noting_all(_store_facts(session.store))
    return report.noting(refreshed_after=session.asker.refreshed_after)


def report_at_end(
    session: Session,
    started: datetime,
    counts: Counts,
    ended_by: DragomanError | None,
    code: int,
    total: FolderCost | None,
    remaining: Sequence[ArticleFile],
) -> RunReport:
    """The facts of a run that has ended with exit ``code``.

    ``total`` is the total of the whole folder, None when the folder could not be written. ``remaining`` are the
    articles that the run did not reach because of the budget or an interruption.
    """
    settings, counters = session.settings, session.asker.counters
    to_do = estimate_remaining(session, remaining)
    return (
        report_at_start(session, started)
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
            lookup_failure=session.provider.lookup_failure if session.provider else None,
            prompts=[spec.prompt.name for spec in session.specs],
            price_table=table().as_of,
            stored_replies_used=counters.hits,
            requests_sent=counters.attempts,
            replies_received=counters.replies + counters.rescued + counters.lost,
            maybe_paid_without_answer=counters.maybe_paid,
            retries=dict(counters.retries),
            retry_seconds=round(counters.retry_seconds, 1),
            tokens=dict(counters.tokens),
            answered_by=dict(counters.other_models),
            cache=_why_not_cached(session),
            left_out=sorted(counters.left_out),
            limits=session.asker.limits(),
        )
        .noting_all(_money(session))
        .noting(
            out_cost_usd=total.cost_usd if total else None,
            out_replies_of_unknown_cost=total.unknown if total else None,
            max_cost_usd=decimal_string(settings.max_cost),
            left=counts.statuses["pending"],
            left_cost_usd=decimal_string(to_do.cost_usd),
            left_least_max_cost_usd=decimal_string(to_do.least_max_cost_usd),
            rescued=counters.rescued,
            rescued_to=_rescued_to(session),
            lost=counters.lost,
            recordings=str(settings.recordings.absolute()) if settings.recordings else None,
        )
    )


def _store_facts(store: ReplyStore) -> RunReport:
    """Which store the records depend on. The number of rows is unknown if the store has become unusable."""
    with suppress(StoreError):
        return store_facts(store)
    return RunReport(store=str(store.path.absolute()), store_id=store.id, store_rows=None)


def _money(session: Session) -> RunReport:
    """What the replies cost and, separately, what may have been charged: for replies of unknown price, and for attempts
    that brought no answer. None where no price is known."""
    budget = session.budget
    return RunReport(
        cost_usd=decimal_string(budget.paid),
        replies_of_unknown_cost=budget.unknown,
        unknown_cost_usd_at_most=decimal_string(budget.unpriced) if session.has_bounds else None,
        maybe_paid_usd_at_most=session.maybe_paid_usd_at_most,
    )


def _rescued_to(session: Session) -> str | None:
    folder = session.asker.rescued_to
    return None if folder is None else str(folder)


def _why_not_cached(session: Session) -> str | None:
    """Why the prompt cache could not help; None if it helped, or if the run sent too few requests for it to matter."""
    model, counters = session.model, session.asker.counters
    if (
        counters.replies < 2
        or counters.tokens["cache_read"]
        or counters.tokens["cache_write"]
        or model.cache_minimum is None
    ):
        return None
    fixed_parts = {spec.prompt.name: estimate(spec.prompt.system) for spec in session.specs}
    too_short = [
        f"{name} (about {tokens:,} tokens)" for name, tokens in fixed_parts.items() if tokens < model.cache_minimum
    ]
    if not too_short:
        return None
    return f"too short for {model.id} to cache ({model.cache_minimum:,} tokens at least): {', '.join(too_short)}"
