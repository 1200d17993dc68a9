"""What `dragoman.run` returns: the counts of a run, the problems of its articles, its exit code, and `run.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dragoman.core.outcome import Outcome
from dragoman.core.record import Status
from dragoman.errors import BudgetReached, DragomanError, Hint, ReasonCode, RepliesRescued
from dragoman.runs.counts import Counts
from dragoman.tasks.answering import ON_RETRY

if TYPE_CHECKING:
    from dragoman.core.run_report import RunReport

MOST_NAMED = 10
"""How many articles with a problem, and how many remaining articles, a result names: the first ones."""

REMAINING: frozenset[ReasonCode] = frozenset({"budget", "interrupted"})
"""Reasons that are no problem of an article: it remains for the next run."""


@dataclass(frozen=True)
class Problem:
    """An article without a whole answer: its name, the status of its record, what happened, the ``error`` that left it
    pending, if one did, and the ``hint`` at what may help, if anything may."""

    name: str
    status: Status
    what: str
    error: DragomanError | None = None
    hint: Hint | None = None

    @property
    def line(self) -> str:
        """The problem in one line."""
        return f"{self.name}: {self.status}: {self.what}"


@dataclass(frozen=True)
class Run:
    """The result of a run over many articles; ``facts`` is what `run.json` holds.

    ``problems`` are those of the first `MOST_NAMED` articles without a whole answer. ``remaining`` has the names of the
    first `MOST_NAMED` articles that the run did not reach because of the budget or an interruption; they are not among
    the problems.
    """

    counts: Counts
    problems: tuple[Problem, ...]
    ended_by: DragomanError | None
    exit_code: int
    facts: RunReport
    remaining: tuple[str, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """The problems, one line each."""
        return tuple(problem.line for problem in self.problems)

    @property
    def own_problems(self) -> tuple[Problem, ...]:
        """The problems of single articles, without those that only repeat what ended the run."""
        cause = _without_rescue(self.ended_by)
        return tuple(problem for problem in self.problems if cause is None or not _are_same(problem.error, cause))

    @property
    def has_more_problems(self) -> bool:
        """Whether more articles than those in ``problems`` have a reason, the skipped ones included."""
        return sum(count for code, count in self.facts.reasons.items() if code not in REMAINING) > len(self.problems)

    @property
    def interrupted(self) -> bool:
        """Whether a signal ended the run."""
        return self.exit_code > 128

    @property
    def has_remaining(self) -> bool:
        """Whether the budget or a signal kept the run from reaching every article."""
        return isinstance(self.ended_by, BudgetReached) or (self.interrupted and self.facts.left > 0)

    @property
    def may_go_on(self) -> bool:
        """Whether the same command continues the run without any other step first."""
        too_low = isinstance(self.ended_by, BudgetReached) and self.ended_by.cap_too_low
        return not too_low and not isinstance(self.ended_by, RepliesRescued)

    @property
    def rejected_without_any_answer(self) -> int:
        """How many articles were rejected by a service that is not known to answer any: the next run asks them again.
        0 if that ended the run, whose error says so."""
        return self.facts.reasons.get("rejected", 0) if self.facts.ask_last and self.ended_by is None else 0

    @property
    def only_on_retry(self) -> int:
        """How many articles the next run asks again only with ``retry``: their replies are stored, but unusable."""
        if not self._keeps_unusable:
            return 0
        # Rejections are remembered only once the service has answered anything; until then they are asked last.
        codes = ON_RETRY - {"rejected"} if self.facts.ask_last else ON_RETRY
        return sum(self.facts.reasons.get(code, 0) for code in codes)

    @property
    def corrections_only_on_retry(self) -> int:
        """Of how many articles the next run requests a correction again only with ``retry``."""
        return self.counts.corrections_on_retry if self._keeps_unusable else 0

    @property
    def _keeps_unusable(self) -> bool:
        """Whether the same command leaves stored replies alone that cannot be used, where ``retry`` would not."""
        return self.facts.provider != "replay" and self.facts.refreshed_after is None


def problem_of(outcome: Outcome) -> Problem | None:
    """The problem of an article, which has no whole answer or is a link that was not followed.

    None when the article has an answer, needed no request, or remains for the next run.
    """
    header = outcome.header
    if outcome.unanswered is not None:
        return Problem(header.name, header.status, f"its repair got no answer: {outcome.unanswered}")
    if header.reason is None or header.reason.code in REMAINING:
        return None
    if header.status == "skipped" and header.reason.code != "link_not_followed":
        return None
    what = outcome.unread.what if outcome.unread is not None else header.reason.message
    return Problem(header.name, header.status, what, outcome.error, outcome.hint)


def _without_rescue(error: DragomanError | None) -> DragomanError | None:
    """The error without the place where a paid reply was saved."""
    return error.original if isinstance(error, RepliesRescued) else error


def _are_same(error: DragomanError | None, cause: DragomanError) -> bool:
    """Whether an article's error repeats ``cause``. When a service is given up, each waiting request gets an error of
    its own that says the same."""
    error = _without_rescue(error)
    return type(error) is type(cause) and error is not None and error.args == cause.args
