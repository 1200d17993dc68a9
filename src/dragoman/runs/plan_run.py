"""Plan a whole run: the plan of each article in order, and their total. Sends nothing, except to the token counter.

`plan_article` plans one article.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.config import Settings
from dragoman.errors import ConfigError, RepliesElsewhere
from dragoman.output.run_file import read_run
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.estimate import Basis, Count
from dragoman.runs.missing_replies import check_store
from dragoman.runs.plan_article import ArticlePlan, planner_of
from dragoman.runs.session import Session, open_session
from dragoman.tasks.requests import Call


@dataclass
class PlanTotals:
    """The total of several article plans."""

    requests: int = 0
    shared: int = 0
    """Requests that are the same as another article's."""
    on_retry: int = 0
    """Articles about which ``retry`` would ask something again."""
    corrections_on_retry: int = 0
    """Articles of which ``retry`` would request a correction again."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Prompt tokens that are expected to be read from the prompt cache."""
    cost_usd: Decimal | None = Decimal(0)
    """None as soon as the price of one request is unknown."""
    bases: Counter[Basis] = field(default_factory=Counter)
    """Requests by where their token counts come from."""

    def add(self, plan: ArticlePlan) -> None:
        """Add the plan of one article."""
        self.on_retry += any(task.on_retry for task in plan.tasks)
        self.corrections_on_retry += any(task.correction_on_retry for task in plan.tasks)
        for task in plan.tasks:
            estimate = task.estimate
            self.requests += estimate.requests
            self.shared += task.shared
            self.prompt_tokens += estimate.prompt_tokens
            self.cached_tokens += estimate.cached_tokens
            self.bases[estimate.basis] += estimate.requests
            if self.cost_usd is None or estimate.cost_usd is None:
                self.cost_usd = None
            else:
                self.cost_usd += estimate.cost_usd


@dataclass(frozen=True)
class RunPlan:
    """The plan of a run, made while `plans` is read."""

    session: Session
    places: Sequence[ArticleFile]
    has_store: bool
    """Whether the store of the run exists; planning does not create it."""
    replies_elsewhere: RepliesElsewhere | None
    """The error with which the run itself would end before it sends anything; None when it would begin."""
    count: Count | None
    totals: PlanTotals = field(default_factory=PlanTotals)
    """The total of the plans that were read so far."""

    def plans(self) -> Iterator[ArticlePlan]:
        """The plan of each article, in order."""
        planner = planner_of(self.session, self.count)
        for place in self.places:
            plan = planner.plan(place)
            self.totals.add(plan)
            yield plan


@contextmanager
def open_plan(
    paths: Sequence[Path], settings: Settings, *, exact: bool, folder: Path | None, buy_again: bool
) -> Iterator[RunPlan]:
    """Plan a run of the articles at ``paths``, into ``folder`` if one is given.

    ``exact`` asks the service's free token counter. ``buy_again`` plans a run that pays again for replies that the
    store does not have. Raises `ConfigError`.
    """
    leave_out = [folder] if folder is not None else []
    places = discover.find(paths, leave_out=leave_out, follow_links=settings.follow_links)
    has_store = settings.store_path.exists()
    with ExitStack() as stack:
        changes: dict[str, Any] = {"max_cost": None}
        if not has_store:
            # An empty temporary store, because planning leaves nothing behind.
            changes["store"] = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "store.sqlite"
        session = stack.enter_context(open_session(settings.model_copy(update=changes), look_up=exact))
        replies_elsewhere: RepliesElsewhere | None = None
        if folder is not None:
            run, path = read_run(folder), settings.store_path
            try:
                check_store(session, folder, run, places, buy_again=buy_again, path=path)
            except RepliesElsewhere as error:
                replies_elsewhere = error
        yield RunPlan(session, places, has_store, replies_elsewhere, _counter(session) if exact else None)


def _counter(session: Session) -> Count:
    provider, model = session.provider, session.model
    if provider is None:
        raise ConfigError("exact token counts need the provider anthropic or bedrock: replay sends no requests")

    def count(call: Call) -> int:
        return provider.count_tokens(call.request, model)

    return count
