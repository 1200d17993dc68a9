"""Derive the status, the reason and the price of a record: from its tasks, findings and exchanges, or from a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from dragoman.core.answers import Translation
from dragoman.core.prices import bill, decimal_string
from dragoman.core.record import (
    ArticleFacts,
    CheckedSummary,
    ExchangeFacts,
    Finding,
    Record,
    SourceFacts,
    Status,
    TaskFacts,
)
from dragoman.errors import ReasonCode

WORST_FIRST: tuple[Status, ...] = ("pending", "failed", "refused", "truncated", "flagged", "ok", "skipped")
"""The status of a record is the worst status of its tasks."""


def assemble_record(
    *,
    article: ArticleFacts,
    source: SourceFacts,
    tasks: dict[str, TaskFacts],
    summary: CheckedSummary | None,
    translation: Translation | None,
    findings: Sequence[Finding],
    exchanges: Sequence[ExchangeFacts],
    dragoman: str,
) -> Record:
    """The record of an article that was asked about. Only this function derives the status, the reason and the price of
    such a record from its tasks, findings and exchanges."""
    status = worst_status([facts.status for facts in tasks.values()])
    reason = next((facts.reason for facts in tasks.values() if facts.status == status), None)
    if status == "ok" and any(finding.severity == "error" for finding in findings):
        status = "flagged"
    return Record(
        article=article,
        source=source,
        status=status,
        reason=reason,
        tasks=tasks,
        summary=summary,
        translation=translation,
        findings=list(findings),
        exchanges=list(exchanges),
        cost_usd=total_cost([exchange.cost_usd for exchange in exchanges]),
        dragoman=dragoman,
    )


def total_cost(costs: Sequence[str | None]) -> str | None:
    """The price of the exchanges of a record or a task; None when one of them is unknown, or when there are none."""
    return decimal_string(bill(costs).total) if costs else None


def worst_status(statuses: list[Status]) -> Status:
    """The worst of several statuses; ``ok`` for none."""
    return min(statuses, key=WORST_FIRST.index, default="ok")


def status_of(code: ReasonCode) -> Status:
    """The status, of a task or a record, that belongs to a reason."""
    match code:
        case "empty" | "english" | "unsupported" | "link_not_followed":
            return "skipped"
        case "wall" | "unreadable" | "binary" | "undecodable" | "too_large" | "too_long":
            return "failed"
        case "invalid" | "bad_response" | "rejected" | "provider_error":
            return "failed"
        case "refused":
            return "refused"
        case "truncated":
            return "truncated"
        case "budget" | "interrupted" | "provider_unusable" | "recording_missing" | "store_trouble":
            return "pending"
        case _:
            assert_never(code)


def is_unanswered(status: Status) -> bool:
    """Whether a complete answer is missing that there should be."""
    match status:
        case "failed" | "refused" | "truncated" | "pending":
            return True
        case "ok" | "flagged" | "skipped":
            return False
        case _:
            assert_never(status)
