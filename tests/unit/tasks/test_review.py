"""The result of a task with the findings about its answer, and when it is final."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.core.answers import Summary
from dragoman.errors import FailureKind, ProviderError
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.review import Review, review
from tests.support.builders import source_of, spec_of, summary_of

SOURCE = source_of()
OK = TaskOutcome(spec_of(), "ok", None, Summary.model_validate_json(summary_of()), ())


def test_a_task_without_an_answer_has_no_findings() -> None:
    """There is nothing to check."""
    assert review(SOURCE, replace(OK, status="refused", answer=None)) == Review(
        replace(OK, status="refused", answer=None)
    )


def test_claims_are_numbered_in_the_order_of_the_answer() -> None:
    """Findings refer to them by these ids."""
    summary = review(SOURCE, OK).summary
    assert summary is not None
    assert [claim.id for claim in summary.claims] == [f"c{n}" for n in range(1, len(summary.claims) + 1)]


FINAL: dict[str, tuple[Review, bool]] = {
    "answered": (Review(OK), True),
    "answered, with a repair that cannot be used": (Review(OK, unusable=None), True),
    "answered, with a repair that got no reply": (
        Review(OK, unanswered=ProviderError(FailureKind.TRANSIENT, "reset")),
        False,
    ),
    "pending": (Review(replace(OK, status="pending")), False),
    "refused": (Review(replace(OK, status="refused", answer=None)), False),
}


@pytest.mark.parametrize(("reviewed", "final"), FINAL.values(), ids=FINAL)
def test_only_an_answer_that_asking_again_would_not_change_is_finished(reviewed: Review, final: bool) -> None:
    """A repair that got no reply is sent again by the next run, and may change the answer."""
    assert reviewed.finished == final
