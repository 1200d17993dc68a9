"""The articles that a stopped run did not come to → what they would cost, estimated as `plan` does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dragoman.articles import Found
from dragoman.errors import DragomanError
from dragoman.planning import planner_of
from dragoman.pricing import enough
from dragoman.session import Session

SAMPLE = 100
"""Articles that are looked at, evenly spread: to prepare more than these would keep people waiting."""


@dataclass(frozen=True)
class Left:
    """USD that the articles left would cost, and the least --max-cost with which a request of theirs is certain to
    leave (of the articles looked at): its worst case fits. None when that is not known."""

    cost_usd: Decimal | None = None
    least_max_cost_usd: Decimal | None = None


def left(session: Session, places: Sequence[Found]) -> Left:
    """What ``places`` would cost, from a plan of `SAMPLE` of them."""
    if not places:
        return Left()
    planner = planner_of(session)
    looked_at = places[:: -(-len(places) // SAMPLE)]
    try:
        plans = [planner.plan(place) for place in looked_at]
    except DragomanError:
        return Left()  # the run has been told of: that the store fails now changes nothing of it
    amounts = [task.estimate.cost_usd for plan in plans for task in plan.tasks]
    if planner.least is None or None in amounts:
        return Left()
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Left((total * len(places) / len(looked_at)).quantize(Decimal("0.0001")), enough(planner.least))
