"""What a run would ask, why, and for how much: no calls.

The reason is found by comparing the request with what the store knows of the same bytes. A request that several
articles share, because their texts are the same, is sent once and counts once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from dragoman.asking.asker import Asker
from dragoman.core.article import Article
from dragoman.core.exchange import Role
from dragoman.core.record import Reason, Status
from dragoman.core.source import Source
from dragoman.errors import RecordingMissing
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline
from dragoman.runs.calibration import LATEST, learn
from dragoman.runs.estimate import NOTHING, Count, Estimate, Gauge
from dragoman.runs.session import Session
from dragoman.store.protocol import EarlierAsk
from dragoman.tasks.answering import ON_RETRY, Asked
from dragoman.tasks.repair import carry_out
from dragoman.tasks.requests import Call, Part, TaskSpec, parts

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
    asker: Asker
    gauge: Gauge
    refresh: bool = False
    least: Decimal | None = None
    """USD that the cheapest of the planned requests may cost at most: under this cap it is certain to leave."""
    _seen: set[str] = field(default_factory=set)
    """Keys of the requests that are planned."""

    def plan(self, place: ArticleFile | Article) -> Plan:
        """The plan of the next article."""
        stage = self.pipeline.read(place)
        if stage.record is not None:
            record = stage.record
            language = record.source.language if record.source else None
            return Plan(record.article.id, record.article.name, record.status, record.reason, language, ())
        assert stage.article is not None
        assert stage.source is not None
        finished_records, specs = self.pipeline.finished_records, self.pipeline.specs
        if finished_records is not None and finished_records.recall(stage.article) is not None:
            tasks = tuple(Planned(spec.task, "stored") for spec in specs)
        else:
            tasks = tuple(self._task(spec, stage.article, stage.source) for spec in specs)
        return Plan(stage.article.id, stage.article.name, None, None, stage.source.language, tasks)

    def _task(self, spec: TaskSpec, article: Article, source: Source) -> Planned:
        first = parts(spec, source)
        if self.refresh:
            return self._asked(spec, "refresh", source, [part.call for part in first])
        missing: list[Call] = []

        def kept(call: Call, _: bool) -> Asked:
            found = self.asker.stored_reply(call)
            if found is None:
                missing.append(call)
                raise RecordingMissing("not kept")
            return Asked(found, bought=False)

        reviewed = carry_out(spec, source, kept, rounds=self.pipeline.repairs)
        if missing:
            return self._missing(spec, article, source, first, missing[0])
        if reviewed.unusable is not None and self.pipeline.retry:
            return self._asked(spec, "failed before", source, [reviewed.unusable])
        if reviewed.outcome.status == "ok":
            return Planned(spec.task, "stored")
        before: Why = "refused before" if reviewed.outcome.status == "refused" else "failed before"
        if self.pipeline.retry:
            return self._asked(spec, before, source, [part.call for part in first])
        ended = reviewed.outcome.reason
        on_retry = self.asker.buys and ended is not None and ended.code in ON_RETRY
        return Planned(spec.task, before, on_retry=on_retry)

    def _missing(self, spec: TaskSpec, article: Article, source: Source, first: Sequence[Part], call: Call) -> Planned:
        if not self.asker.buys:
            return Planned(spec.task, "recording missing")
        if call.role in _AGAIN:
            why = _AGAIN[call.role]
        elif self.asker.has_reply(call):
            why = "reply unusable"
        else:
            why = reason(spec, self.asker.earlier_asks(article.sha256))
            if why == "new" and self.asker.asked_elsewhere(article.sha256, spec.task):
                why = "server changed"
        waiting = [part.call for part in first if self.asker.stored_reply(part.call) is None]
        return self._asked(spec, why, source, waiting or [call])

    def _asked(self, spec: TaskSpec, why: Why, source: Source, calls: Sequence[Call]) -> Planned:
        """The requests that no article before this one asks, and what they come to."""
        own = [call for call in calls if call.request.key not in self._seen]
        if not own:
            return Planned(spec.task, "shared", shared=len(calls))
        self._seen.update(call.request.key for call in own)
        worst = [self.asker.worst_case(call) for call in own]
        self.least = min((w for w in (self.least, *worst) if w is not None), default=None)
        return Planned(spec.task, why, self.gauge.estimate(spec, own, source.language), len(calls) - len(own))


def planner_of(session: Session, count: Count | None = None) -> Planner:
    """A planner for what a session would ask, with what its store has learned of the model."""
    asker = session.asker
    gauge = Gauge(count, learn(asker.recent_replies(LATEST)), asker.price_multiplier)
    return Planner(session.pipeline, asker, gauge, session.settings.refresh)


_AGAIN: dict[Role, Why] = {"reask": "reply unusable", "repair": "repair"}


def reason(spec: TaskSpec, known: Sequence[EarlierAsk]) -> Why:
    """Why a request is not in the store, from what is known of the same bytes, newest first."""
    same_task = [item for item in known if item.task == spec.task]
    if not known:
        return "new"
    if not same_task:
        return "task added"
    prompt, model = spec.prompt.sha256, spec.model.id
    if any(item.prompt_sha256 == prompt and item.model == model for item in same_task):
        return "request changed"
    if any(item.prompt_sha256 == prompt for item in same_task):
        return "model changed"
    return "prompt changed"
