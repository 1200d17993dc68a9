"""The articles that a stopped run did not come to → what they would cost, estimated as `plan` does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dragoman.core.prices import round_up
from dragoman.errors import DragomanError
from dragoman.reading.discover import ArticleFile
from dragoman.runs.plan import planner_of
from dragoman.runs.session import Session

SAMPLE = 100
"""Articles that are looked at, evenly spread: to prepare more than these would keep people waiting."""


@dataclass(frozen=True)
class Remaining:
    """USD that the articles left would cost, and the least --max-cost with which a request of theirs is certain to
    leave (of the articles looked at): its worst case fits. None when that is not known."""

    cost_usd: Decimal | None = None
    least_max_cost_usd: Decimal | None = None


def left(session: Session, places: Sequence[ArticleFile]) -> Remaining:
    """What ``places`` would cost, from a plan of `SAMPLE` of them."""
    if not places:
        return Remaining()
    planner = planner_of(session)
    looked_at = places[:: -(-len(places) // SAMPLE)]
    try:
        plans = [planner.plan(place) for place in looked_at]
    except DragomanError:
        return Remaining()  # the run has been told of: that the store fails now changes nothing of it
    amounts = [task.estimate.cost_usd for plan in plans for task in plan.tasks]
    if planner.least is None or None in amounts:
        return Remaining()
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Remaining((total * len(places) / len(looked_at)).quantize(Decimal("0.0001")), round_up(planner.least))
