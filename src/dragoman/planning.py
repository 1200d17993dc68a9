"""What a run would ask, why, and for how much: no calls.

The reason is found by comparing the request with what the store knows of the same bytes. A request that several
articles share, because their texts are the same, is sent once and counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from dragoman.articles import Article, Found
from dragoman.asking import LiveAsker
from dragoman.errors import RecordingMissing
from dragoman.estimating import NOTHING, Count, Estimate, Gauge
from dragoman.exchange import Role
from dragoman.learning import LATEST, Learned, learn
from dragoman.pipeline import Pipeline
from dragoman.records import Reason, Status
from dragoman.repair import carry_out
from dragoman.replaying import ReplayAsker
from dragoman.session import Session
from dragoman.source import Source
from dragoman.store import Known
from dragoman.tasks import ON_RETRY, Asked, Call, Part, Wording, parts

Why = Literal[
    "stored",  # every reply is there and valid
    "new",  # these bytes were never asked about
    "task added",  # asked about, but not for this task
    "prompt changed",
    "model changed",
    "server changed",  # asked about on another server, whose replies serve only there
    "request changed",  # same prompt and model: the preparation, the schema or a limit differs
    "repair",  # a check objects to something in the stored reply, and it goes back to be corrected
    "reply unusable",  # the stored reply goes back once with its errors, or with a higher limit, or cannot be read
    "refused before",  # kept as evidence; asked again on --retry
    "failed before",  # the same
    "refresh",  # --refresh asks everything anew
    "recording missing",  # replay cannot ask
    "shared",  # an article before it in this plan asks exactly the same
]

ASKED: frozenset[Why] = frozenset(
    {
        "new", "task added", "prompt changed", "model changed", "server changed", "request changed", "reply unusable",
        "repair", "refresh",
    }
)  # fmt: skip
"""Reasons that send a request."""


@dataclass(frozen=True)
class Planned:
    """One task of one article. The ``basis`` of its estimate says how its tokens are known: ``counted`` by the service,
    ``learned`` from what it counted for others, or ``estimated``; output tokens are never counted before.

    ``shared`` is the number of its requests that articles before it in the plan ask as well; they are not in the
    ``estimate``. ``on_retry`` says that nothing is asked because an unusable reply is kept, and that --retry would.
    """

    task: str
    why: Why
    estimate: Estimate = NOTHING
    shared: int = 0
    on_retry: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether a request is sent for it."""
        return self.why in ASKED or self.estimate.requests > 0


@dataclass(frozen=True)
class Plan:
    """What would happen to one article. ``status`` and ``reason`` are set when it needs no call at all."""

    article_id: str
    name: str
    status: Status | None
    reason: Reason | None
    language: str | None
    tasks: tuple[Planned, ...]


@dataclass
class Planner:
    """Plans one article after another. ``refresh`` asks everything anew."""

    pipeline: Pipeline
    asker: LiveAsker | ReplayAsker
    gauge: Gauge
    refresh: bool = False
    least: Decimal | None = None
    """USD that the cheapest of the planned requests may cost at most: under this cap it is certain to leave."""
    _seen: set[str] = field(default_factory=set)
    """Keys of the requests that are planned."""

    def plan(self, place: Found | Article) -> Plan:
        """The plan of the next article."""
        stage = self.pipeline.read(place)
        if stage.record is not None:
            record = stage.record
            language = record.source.language if record.source else None
            return Plan(record.article.id, record.article.name, record.status, record.reason, language, ())
        assert stage.article is not None
        assert stage.source is not None
        memo, wordings = self.pipeline.memo, self.pipeline.wordings
        if memo is not None and memo.recall(stage.article) is not None:
            tasks = tuple(Planned(wording.task, "stored") for wording in wordings)
        else:
            tasks = tuple(self._task(wording, stage.article, stage.source) for wording in wordings)
        return Plan(stage.article.id, stage.article.name, None, None, stage.source.language, tasks)

    def _task(self, wording: Wording, article: Article, source: Source) -> Planned:
        first = parts(wording, source)
        if self.refresh:
            return self._asked(wording, "refresh", source, [part.call for part in first])
        missing: list[Call] = []

        def kept(call: Call, _: bool) -> Asked:
            found = self.asker.kept(call)
            if found is None:
                missing.append(call)
                raise RecordingMissing("not kept")
            return Asked(found, bought=False)

        reviewed = carry_out(wording, source, kept, rounds=self.pipeline.repairs)
        if missing:
            return self._missing(wording, article, source, first, missing[0])
        if reviewed.unusable is not None and self.pipeline.retry:
            return self._asked(wording, "failed before", source, [reviewed.unusable])
        if reviewed.outcome.status == "ok":
            return Planned(wording.task, "stored")
        before: Why = "refused before" if reviewed.outcome.status == "refused" else "failed before"
        if self.pipeline.retry:
            return self._asked(wording, before, source, [part.call for part in first])
        ended = reviewed.outcome.reason
        live = isinstance(self.asker, LiveAsker)
        return Planned(wording.task, before, on_retry=live and ended is not None and ended.code in ON_RETRY)

    def _missing(
        self, wording: Wording, article: Article, source: Source, first: Sequence[Part], call: Call
    ) -> Planned:
        if isinstance(self.asker, ReplayAsker):
            return Planned(wording.task, "recording missing")
        if call.role in _AGAIN:
            why = _AGAIN[call.role]
        elif self.asker.store.find(call.request.key, self.asker.scope) is not None:
            why = "reply unusable"
        else:
            store, scope = self.asker.store, self.asker.scope
            why = reason(wording, store.known(article.sha256, scope))
            if why == "new" and store.known_elsewhere(article.sha256, wording.task, scope):
                why = "server changed"
        waiting = [part.call for part in first if self.asker.kept(part.call) is None]
        return self._asked(wording, why, source, waiting or [call])

    def _asked(self, wording: Wording, why: Why, source: Source, calls: Sequence[Call]) -> Planned:
        """The requests that no article before this one asks, and what they come to."""
        own = [call for call in calls if call.request.key not in self._seen]
        if not own:
            return Planned(wording.task, "shared", shared=len(calls))
        self._seen.update(call.request.key for call in own)
        worst = [self.asker.worst(call) for call in own] if isinstance(self.asker, LiveAsker) else []
        self.least = min((w for w in (self.least, *worst) if w is not None), default=None)
        return Planned(wording.task, why, self.gauge.estimate(wording, own, source.language), len(calls) - len(own))


def planner_of(session: Session, count: Count | None = None) -> Planner:
    """A planner for what a session would ask, with what its store has learned of the model."""
    learned, times = Learned(), Decimal(1)
    if session.store is not None and isinstance(session.asker, LiveAsker):
        learned = learn(session.store.measured(session.model.id, session.asker.scope, LATEST))
        times = session.asker.provider.times
    return Planner(session.pipeline, session.asker, Gauge(count, learned, times), session.settings.refresh)


_AGAIN: dict[Role, Why] = {"reask": "reply unusable", "repair": "repair"}


def reason(wording: Wording, known: Sequence[Known]) -> Why:
    """Why a request is not in the store, from what is known of the same bytes, newest first."""
    same_task = [item for item in known if item.task == wording.task]
    if not known:
        return "new"
    if not same_task:
        return "task added"
    prompt, model = wording.prompt.sha256, wording.model.id
    if any(item.prompt_sha256 == prompt and item.model == model for item in same_task):
        return "request changed"
    if any(item.prompt_sha256 == prompt for item in same_task):
        return "model changed"
    return "prompt changed"
