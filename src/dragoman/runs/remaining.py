"""Estimate what the articles that a run did not reach would cost, in the same way as a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dragoman.core.prices import round_up
from dragoman.errors import DragomanError
from dragoman.reading.discover import ArticleFile
from dragoman.runs.plan_article import planner_of
from dragoman.runs.session import Session

SAMPLE = 100
"""How many articles are planned at most, evenly spread over all. Planning prepares each article, and the user waits for
the end of the run."""


@dataclass(frozen=True)
class Remaining:
    """What the remaining articles would cost; each amount is None when it is not known."""

    cost_usd: Decimal | None = None
    """The estimated price of all remaining articles."""
    least_max_cost_usd: Decimal | None = None
    """The lowest cap under which the cheapest request of the sample is certain to be sent: its worst-case price fits.
    """


def estimate_remaining(session: Session, places: Sequence[ArticleFile]) -> Remaining:
    """Estimate the price of the articles at ``places``, from the plans of `SAMPLE` of them or a few less."""
    if not places:
        return Remaining()
    planner = planner_of(session)
    sample = places[:: -(-len(places) // SAMPLE)]
    try:
        plans = [planner.plan(place) for place in sample]
    except DragomanError:
        return Remaining()  # the run has ended and says why; an error in this estimate would only hide that
    amounts = [task.estimate.cost_usd for plan in plans for task in plan.tasks]
    if planner.least is None or None in amounts:
        return Remaining()
    sample_cost = sum((amount for amount in amounts if amount is not None), Decimal(0))
    cost = sample_cost * len(places) / len(sample)
    return Remaining(cost.quantize(Decimal("0.0001")), round_up(planner.least))
