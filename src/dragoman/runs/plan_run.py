"""The plan of a whole run: every article's plan in order, and what they come to. No calls but to the token counter."""

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
from dragoman.runs.plan import Plan, planner_of
from dragoman.runs.session import Session, open_session
from dragoman.runs.waiting import check_store
from dragoman.tasks.requests import Call


@dataclass
class PlanTotals:
    """What the requests of a plan come to."""

    requests: int = 0
    shared: int = 0
    """Requests that are the same as another article's."""
    on_retry: int = 0
    """Articles of which something is asked again only with ``retry``."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)
    """None as soon as one price is not known."""
    bases: Counter[Basis] = field(default_factory=Counter)
    """Requests by how their tokens are known."""

    def add(self, planned: Plan) -> None:
        """Add the plan of one article."""
        self.on_retry += any(task.on_retry for task in planned.tasks)
        for task in planned.tasks:
            estimated = task.estimate
            self.requests += estimated.requests
            self.shared += task.shared
            self.prompt_tokens += estimated.prompt_tokens
            self.cached_tokens += estimated.cached_tokens
            self.bases[estimated.basis] += estimated.requests
            known = self.cost_usd is not None and estimated.cost_usd is not None
            self.cost_usd = (self.cost_usd or 0) + (estimated.cost_usd or Decimal(0)) if known else None


@dataclass(frozen=True)
class PlannedRun:
    """A run that is planned while `plans` is read."""

    session: Session
    found: Sequence[ArticleFile]
    has_store: bool
    """Whether the store of the run exists; planning does not make it."""
    elsewhere: RepliesElsewhere | None
    """Why the run itself would not begin."""
    count: Count | None
    totals: PlanTotals = field(default_factory=PlanTotals)
    """Of the plans that were read."""

    def plans(self) -> Iterator[Plan]:
        """The plan of each article, in order."""
        planner = planner_of(self.session, self.count)
        for place in self.found:
            planned = planner.plan(place)
            self.totals.add(planned)
            yield planned


@contextmanager
def open_plan(
    paths: Sequence[Path], settings: Settings, *, exact: bool, folder: Path | None, buy_again: bool
) -> Iterator[PlannedRun]:
    """Plan a run of the articles at ``paths``, into ``folder`` where one is given. ``exact`` asks the service's free
    token counter; ``buy_again`` plans a run that pays again for replies that the store lacks. Raises `ConfigError`.
    """
    leave_out = [folder] if folder is not None else []
    found = discover.find(paths, leave_out=leave_out, follow_links=settings.follow_links)
    has_store = settings.store_path.exists()
    with ExitStack() as stack:
        changed: dict[str, Any] = {"max_cost": None}
        if not has_store:
            # An empty one elsewhere: planning leaves nothing behind.
            changed["store"] = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "store.sqlite"
        session = stack.enter_context(open_session(settings.model_copy(update=changed)))
        elsewhere: RepliesElsewhere | None = None
        if folder is not None:
            try:
                check_store(session, folder, read_run(folder), found, anyway=buy_again, path=settings.store_path)
            except RepliesElsewhere as error:
                elsewhere = error
        yield PlannedRun(session, found, has_store, elsewhere, _counter(session) if exact else None)


def _counter(session: Session) -> Count:
    provider, model = session.provider, session.model
    if provider is None:
        raise ConfigError("--exact asks the service: it needs --provider anthropic or bedrock")

    def count(call: Call) -> int:
        return provider.count_tokens(call.request, model)

    return count
