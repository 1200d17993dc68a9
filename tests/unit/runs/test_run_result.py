"""The result of a run: whether it may go on, which problems are an article's own, and what only a retry asks again."""

from __future__ import annotations

from typing import Any

import pytest

from dragoman.core.outcome import Outcome
from dragoman.core.record import Reason, Status
from dragoman.core.run_report import RunReport
from dragoman.errors import (
    ArticleError,
    BudgetReached,
    DragomanError,
    FailureKind,
    ProviderError,
    ReasonCode,
    RepliesRescued,
    StoreError,
)
from dragoman.reading.discover import ArticleFile
from dragoman.runs.counts import Counts
from dragoman.runs.record_builder import unasked_record
from dragoman.runs.run_result import MOST_NAMED, Problem, Run, problem_of


def result_of(ended_by: DragomanError | None, exit_code: int = 0, *problems: Problem, **facts: Any) -> Run:
    return Run(Counts(), problems, ended_by, exit_code, RunReport(**facts))


BROKEN = StoreError("it broke", "mend it")
GOES_ON: dict[str, tuple[DragomanError, bool]] = {
    "a cap that is too low for one request": (BudgetReached("raise it", cap_too_low=True), False),
    "a cap that was reached, whatever its message says": (BudgetReached("raise --max-cost"), True),
    "an unusable service": (ProviderError(FailureKind.UNUSABLE, "no"), True),
    "a store that cannot be used": (BROKEN, True),
    "replies that must be imported first": (RepliesRescued(BROKEN, "Replies are in DIR", "import DIR"), False),
}


@pytest.mark.parametrize(("ended_by", "goes_on"), GOES_ON.values(), ids=GOES_ON)
def test_whether_the_same_command_may_go_on_depends_on_the_kind_of_error(
    ended_by: DragomanError, goes_on: bool
) -> None:
    """Not on the text of its message."""
    assert result_of(ended_by, ended_by.exit_code).may_go_on is goes_on


def test_what_ended_a_run_is_not_a_problem_of_each_article() -> None:
    """Each request that was waiting got an error of its own that says the same. Other errors are problems."""
    gone = ProviderError(FailureKind.UNUSABLE, "gone")
    repeated = Problem("a", "pending", "gone", ProviderError(FailureKind.UNUSABLE, "gone"))
    of_another_type = Problem("b", "pending", "gone", StoreError("gone"))
    own = Problem("c", "failed", "gone")
    run = result_of(gone, 4, repeated, of_another_type, own)
    assert run.own_problems == (of_another_type, own)
    assert result_of(None, 3, own).own_problems == (own,)
    assert run.troubles == ("a: pending: gone", "b: pending: gone", "c: failed: gone")


def test_a_saved_reply_does_not_make_what_ended_the_run_a_problem_of_an_article() -> None:
    """Both errors say where replies were saved, in different words; the failure beneath them is the same."""
    reached = Problem("a", "pending", "full", RepliesRescued(StoreError("full"), "A reply is in DIR/1", "import DIR"))
    waiting = Problem("b", "pending", "full", StoreError("full"))
    other = Problem("c", "pending", "locked", RepliesRescued(StoreError("locked"), "A reply is in DIR/2", "import DIR"))
    ended_by = RepliesRescued(StoreError("full"), "2 replies are in DIR", "import DIR")
    assert result_of(ended_by, 7, reached, waiting, other).own_problems == (other,)
    assert result_of(StoreError("full"), 7, reached, waiting, other).own_problems == (other,)


def outcome_of(status: Status, code: ReasonCode | None = None, **fields: Any) -> Outcome:
    reason = Reason(code=code, message=f"because of {code}") if code else None
    unasked = unasked_record(ArticleFile("a.txt", "a.txt"), Reason(code="interrupted", message="-"))
    return Outcome(unasked.model_copy(update={"status": status, "reason": reason}), None, **fields)


WHATS: dict[str, tuple[Outcome, str | None]] = {
    "answered": (outcome_of("ok"), None),
    "refused": (outcome_of("refused", "refused"), "because of refused"),
    "pending, for the budget": (outcome_of("pending", "budget"), None),
    "pending, interrupted": (outcome_of("pending", "interrupted"), None),
    "pending, for the store": (outcome_of("pending", "store_trouble"), "because of store_trouble"),
    "skipped": (outcome_of("skipped", "english"), None),
    "a link that was not followed": (outcome_of("skipped", "link_not_followed"), "because of link_not_followed"),
    "unreadable": (
        outcome_of("failed", "unreadable", unread=ArticleError("unreadable", "a.txt cannot be read", what="unread")),
        "unread",
    ),
    "a repair without an answer": (
        outcome_of("flagged", unanswered=ProviderError(FailureKind.TRANSIENT, "timed out")),
        "its repair got no answer: timed out",
    ),
}


@pytest.mark.parametrize(("outcome", "what"), WHATS.values(), ids=WHATS)
def test_an_article_is_a_problem_unless_it_is_answered_needs_no_request_or_remains(
    outcome: Outcome, what: str | None
) -> None:
    """The message leaves out the name, with which the line begins."""
    problem = problem_of(outcome)
    assert (problem and problem.what) == what
    assert problem is None or problem.line == f"a.txt: {outcome.header.status}: {what}"


def test_ten_problems_are_named_and_more_are_reported() -> None:
    """Articles that remain for the next run are no problems."""
    problems = [Problem(f"{number}", "failed", "no") for number in range(MOST_NAMED)]
    assert MOST_NAMED == 10
    assert not result_of(None, 3, *problems, reasons={"unreadable": 10, "budget": 5}).has_more_problems
    assert result_of(None, 3, *problems, reasons={"unreadable": 10, "store_trouble": 1}).has_more_problems


def test_articles_remain_after_a_budget_or_a_signal() -> None:
    """A signal after the last article leaves none."""
    assert result_of(BudgetReached("no"), 5, left=0).has_remaining
    assert result_of(None, 130, left=1).has_remaining
    assert not result_of(None, 130, left=0).has_remaining
    assert not result_of(StoreError("no"), 7, left=1).has_remaining


def test_corrections_that_only_retry_asks_again_are_counted_where_that_helps() -> None:
    """As for articles."""
    for facts, expected in (({"provider": "anthropic"}, 2), ({"provider": "replay"}, 0), ({"refreshed_after": 0}, 0)):
        run = Run(Counts(corrections_on_retry=2), (), None, 0, RunReport(**facts))
        assert run.corrections_only_on_retry == expected


def test_articles_that_only_retry_asks_again_are_counted_where_that_helps() -> None:
    """Not in replay, which never asks, nor after a refresh, which has just asked."""
    reasons = {"refused": 2, "truncated": 1, "unreadable": 4, "budget": 8}
    assert result_of(None, 3, provider="anthropic", reasons=reasons).only_on_retry == 3
    assert result_of(None, 3, provider="replay", reasons=reasons).only_on_retry == 0
    rejected = {**reasons, "rejected": 5}
    assert result_of(None, 3, provider="anthropic", reasons=rejected).only_on_retry == 8
    # Rejected by a service that is not known to answer anything: the next run sends them, last of all.
    assert result_of(None, 3, provider="anthropic", reasons=rejected, ask_last=["a.txt"]).only_on_retry == 3
    assert result_of(None, 3, provider="anthropic", refreshed_after=0, reasons=reasons).only_on_retry == 0
