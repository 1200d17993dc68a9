"""Counts of a run, and the exit code that follows from them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dragoman.core.field_paths import translation_path
from dragoman.core.header import header_of
from dragoman.core.record import Finding, Reason, Record, Status
from dragoman.errors import (
    BudgetReached,
    ConfigError,
    DragomanError,
    FailureKind,
    Interrupted,
    ProviderError,
    ReasonCode,
    StoreError,
)
from dragoman.evidence.checks.finding import finding
from dragoman.reading.discover import ArticleFile
from dragoman.runs.counts import Counts, exit_code, exit_code_of_one, exit_code_of_unread
from dragoman.runs.record_builder import unasked_record

BUDGET = BudgetReached("the next request may cost up to $1")
GONE = ProviderError(FailureKind.UNUSABLE, "the service answered 401")
DISK = StoreError("the disk is full")


def record(status: Status = "ok", code: ReasonCode | None = None, number: int = 0) -> Record:
    reason = Reason(code=code, message=f"because of {code}") if code else None
    unasked = unasked_record(ArticleFile(f"a{number}.txt", f"a{number}.txt"), Reason(code="interrupted", message="-"))
    return unasked.model_copy(update={"status": status, "reason": reason})


def counts_of(statuses: Iterable[Status]) -> Counts:
    return Counts.of(
        header_of(record(status, None if status in ("ok", "flagged") else "provider_error", number))
        for number, status in enumerate(statuses)
    )


def test_articles_whose_translation_has_an_error_are_counted() -> None:
    """Once each; an error of the summary, or a warning, does not count."""
    on_translation = [finding("translation.place", "error", translation_path(n), "-") for n in (1, 2)]
    others = [
        finding("translation.added", "warning", translation_path(1), "-"),
        finding("quote.absent", "error", "abstract", "-"),
    ]
    headers = [header_of(record().model_copy(update={"findings": found})) for found in (on_translation, others, [])]
    assert [header.translation_errors for header in headers] == [2, 0, 0]
    assert Counts.of(headers).translations_with_errors == 1


@pytest.mark.parametrize(
    ("statuses", "ended_by", "missing", "strict", "signal", "code"),
    [
        (["ok", "skipped"], None, False, False, None, 0),
        ([], None, False, False, None, 0),
        (["ok", "flagged"], None, False, False, None, 0),
        (["ok", "flagged"], None, False, True, None, 3),
        (["ok", "skipped"], None, False, True, None, 0),
        (["ok", "failed"], None, False, False, None, 3),
        (["ok", "refused"], None, False, False, None, 3),
        (["ok", "truncated"], None, False, False, None, 3),
        (["ok", "pending"], None, False, False, None, 3),
        (["failed", "pending"], None, True, False, None, 6),
        (["failed", "pending"], BUDGET, True, False, None, 5),
        (["failed", "pending"], GONE, True, False, None, 4),
        (["failed", "pending"], DISK, True, True, None, 7),
        (["pending"], Interrupted("stop"), False, False, None, 130),
        (["failed", "pending"], DISK, True, True, 2, 130),
        (["ok"], GONE, False, False, 15, 143),
        (["ok"], ConfigError("late"), False, False, None, 2),
    ],
    ids=[
        "all answered", "no article", "flags are allowed", "unless strict", "strict without flags", "failed", "refused",
        "truncated", "pending", "recording missing over failed", "budget over recording missing",
        "provider over recording missing", "store over all but a signal", "stopped without a signal",
        "SIGINT over store", "SIGTERM over provider", "settings",
    ],
)  # fmt: skip
def test_the_exit_code_is_that_of_the_most_serious_result(
    statuses: list[Status],
    ended_by: DragomanError | None,
    missing: bool,
    strict: bool,
    signal: int | None,
    code: int,
) -> None:
    """130/143, 7, 4, 5, 6, 3 in this order; 0 when every article is answered or skipped."""
    assert exit_code(counts_of(statuses), ended_by, missing=missing, strict=strict, signal=signal) == code


def test_counts_are_by_status_reason_and_severity() -> None:
    """These counts make up the last lines of a run."""
    finding = Finding(
        check="quotes", severity="error", field=None, paragraph=None, start=None, end=None,
        expected=None, got=None, message="-",
    )  # fmt: skip
    counts = counts_of(["ok", "failed", "failed"])
    counts.add(header_of(record("flagged").model_copy(update={"findings": [finding, finding]})))
    assert dict(counts.statuses) == {"ok": 1, "failed": 2, "flagged": 1}
    assert dict(counts.reasons) == {"provider_error": 2}
    assert dict(counts.findings) == {"error": 2}


UNREAD = {"empty": 0, "english": 0, "unsupported": 0, "link_not_followed": 3, "unreadable": 3, "too_large": 3}


@pytest.mark.parametrize(("code", "expected"), UNREAD.items(), ids=UNREAD)
def test_a_file_that_needs_no_request_is_no_failure_unless_it_is_a_link_that_was_named(
    code: ReasonCode, expected: int
) -> None:
    """`inspect` and `summarize` agree: a user who names a link means its target to be read."""
    status: Status = "skipped" if code in ("empty", "english", "unsupported", "link_not_followed") else "failed"
    assert exit_code_of_unread(code) == expected
    assert exit_code_of_one(header_of(record(status, code)), strict=False, signal=None) == expected


def test_one_article_has_the_exit_code_of_a_run_over_it() -> None:
    """Strict and signals count as they do in a run."""
    flagged = header_of(record("flagged"))
    assert exit_code_of_one(flagged, strict=False, signal=None) == 0
    assert exit_code_of_one(flagged, strict=True, signal=None) == 3
    assert exit_code_of_one(flagged, strict=False, signal=15) == 143
