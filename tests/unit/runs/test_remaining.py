"""What the articles that a run did not reach would cost, from the plans of a sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pytest

from dragoman.errors import StoreError
from dragoman.reading.discover import ArticleFile
from dragoman.runs import remaining
from dragoman.runs.estimate import Estimate
from dragoman.runs.plan_article import ArticlePlan, TaskPlan
from dragoman.runs.remaining import Remaining, estimate_remaining
from dragoman.runs.session import Session

NO_SESSION = cast(Session, None)
"""The planner, which is replaced, is the only user of the session."""


@dataclass
class Planner:
    """Plans articles named by number; each has two tasks of ``cost`` each."""

    cost: Decimal | None = Decimal("0.005")
    least: Decimal | None = Decimal("0.12341")
    fails_at: int | None = None
    numbers: list[int] = field(default_factory=list)

    def plan(self, place: ArticleFile) -> ArticlePlan:
        self.numbers.append(int(place.name))
        if self.numbers[-1] == self.fails_at:
            raise StoreError("the disk is full")
        task = TaskPlan("summary", "new", Estimate(1, 100, 0, 10, "estimated", self.cost))
        return ArticlePlan(place.name, place.name, None, None, "vi", (task, task))


def estimated(monkeypatch: pytest.MonkeyPatch, count: int, **planner: Any) -> tuple[Remaining, list[int]]:
    """The estimate of so many articles, and the numbers of those that were planned."""
    planned = Planner(**planner)
    monkeypatch.setattr(remaining, "planner_of", lambda session: planned)
    places = [ArticleFile(f"{number}", f"{number}") for number in range(count)]
    return estimate_remaining(NO_SESSION, places), planned.numbers


@pytest.mark.parametrize(
    ("count", "step"), [(1, 1), (100, 1), (101, 2), (200, 2), (250, 3), (1000, 10)], ids=lambda number: f"{number}"
)
def test_the_price_of_the_sample_is_scaled_to_all_articles(
    count: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each article costs one cent, so all together cost a cent each, however few of them were planned."""
    estimate, numbers = estimated(monkeypatch, count)
    assert estimate.cost_usd == Decimal("0.01") * count
    assert numbers == list(range(0, count, step))


def test_at_most_a_hundred_articles_are_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user waits for them at the end of the run."""
    assert max(len(estimated(monkeypatch, count)[1]) for count in range(90, 1000, 7)) == 100


def test_the_cap_that_is_named_covers_the_worst_price_of_the_cheapest_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is rounded up, and not scaled: one request is enough to go on."""
    assert estimated(monkeypatch, 250)[0].least_max_cost_usd == Decimal("0.124")


UNKNOWN = {
    "a model without a price": {"cost": None, "least": None},
    "nothing to ask": {"least": None},
    "a store that fails": {"fails_at": 1},
}


@pytest.mark.parametrize("planner", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_is_none_and_never_zero(planner: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the estimate does not hide how the run ended."""
    assert estimated(monkeypatch, 3, **planner)[0] == Remaining(None, None)


def test_without_remaining_articles_nothing_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete run does not wait for a planner."""
    monkeypatch.setattr(remaining, "planner_of", lambda session: pytest.fail("no planner is needed"))
    assert estimate_remaining(NO_SESSION, []) == Remaining(None, None)
