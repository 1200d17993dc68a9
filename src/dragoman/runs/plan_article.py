"""Plan one article: which requests a run would send about it, why, and at what price. Nothing is sent.

The reason is found by comparing the request with earlier requests about the same bytes in the store. A request that
several articles share, because their texts are the same, is sent once and counted once. `plan_run` plans a whole run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from dragoman.asking.asker import Asker
from dragoman.core.article import Article
from dragoman.core.exchange import Role
from dragoman.core.record import Reason, Status
from dragoman.core.shown_paragraphs import Difference, are_versions, difference, shown_paragraphs
from dragoman.core.source import Source
from dragoman.errors import Hint, RecordingMissing
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline
from dragoman.runs.calibration import LATEST, calibrate
from dragoman.runs.estimate import NOTHING, Count, Estimate, Gauge
from dragoman.runs.session import Session
from dragoman.store.protocol import EarlierAsk
from dragoman.tasks.answering import ON_RETRY, Asked
from dragoman.tasks.repair import carry_out
from dragoman.tasks.requests import Call, Part, TaskSpec, as_asked_before, parts

Why = Literal[
    "stored",  # every reply is stored and valid
    "new",  # nothing was asked about this article before
    "article changed",  # an article of this name was asked about when some of its paragraphs were different
    "task added",  # these bytes were asked about, but not for this task
    "prompt changed",
    "model changed",
    "server changed",  # asked on another server, whose replies serve only there
    "request changed",  # same prompt and model, but the preparation, the schema or a limit differs
    "repair",  # a check found errors in the stored reply, which is sent back for correction
    "reply unusable",  # the stored reply is sent back once with its errors or a higher limit, or cannot be read
    "repair failed before",  # the stored reply to a repair is not usable; the setting `retry` asks again
    "refused before",  # stored as evidence; asked again only with the setting `retry`
    "failed before",  # the same
    "refresh",  # the setting `refresh` asks everything again
    "recording missing",  # replay cannot ask
    "shared",  # an earlier article in this plan has exactly the same request
]

ASKED: frozenset[Why] = frozenset(
    {
        "new", "article changed", "task added", "prompt changed", "model changed", "server changed", "request changed",
        "reply unusable", "repair", "repair failed before", "refresh",
    }
)  # fmt: skip
"""Reasons for which a request is sent."""


@dataclass(frozen=True)
class ArticleChange:
    """How an article differs from the version that was asked about before."""

    since: str
    """When that version was asked about: UTC, ISO 8601."""
    difference: Difference

    @property
    def sentence(self) -> str:
        """``since 2026-11-21: paragraph 3 differs``."""
        return f"since {self.since[:10]}: {self.difference}"


@dataclass(frozen=True)
class TaskPlan:
    """The plan of one task of one article.

    The ``basis`` of its estimate says where the prompt tokens come from: ``counted`` by the service, ``learned`` from
    what the service counted for other requests, or ``estimated``. Output tokens are never counted in advance.
    """

    task: str
    why: Why
    estimate: Estimate = NOTHING
    shared: int = 0
    """Requests that earlier articles in the plan have as well; the ``estimate`` does not include them."""
    on_retry: bool = False
    """Whether nothing is asked because an unusable reply is stored, and ``retry`` would ask again."""
    correction_on_retry: bool = False
    """Whether ``retry`` would request a correction again, whose stored reply is unusable."""
    change: ArticleChange | None = None
    """What changed in the article, if that is why it is asked about."""

    @property
    def is_asked(self) -> bool:
        """Whether a request is sent for this task."""
        return self.why in ASKED or self.estimate.requests > 0


@dataclass(frozen=True)
class ArticlePlan:
    """The plan of one article. ``status`` and ``reason`` are set when it needs no request at all."""

    article_id: str
    name: str
    status: Status | None
    reason: Reason | None
    language: str | None
    tasks: tuple[TaskPlan, ...]
    hint: Hint | None = None
    """What may help an article that cannot be read."""


@dataclass
class Planner:
    """Plans one article after another, in the order of the run. ``refresh`` asks everything again."""

    pipeline: Pipeline
    asker: Asker
    gauge: Gauge
    refresh: bool = False
    least: Decimal | None = None
    """The lowest worst-case price of a planned request, in USD: under this cap, that request is certain to be sent."""
    _planned: set[str] = field(default_factory=set)
    """Keys of the requests that were planned."""

    def plan(self, place: ArticleFile | Article) -> ArticlePlan:
        """The plan of the next article."""
        read = self.pipeline.read(place)
        if read.record is not None:
            record = read.record
            language = record.source.language if record.source else None
            hint = read.unread.hint if read.unread is not None else None
            reason = record.reason
            if reason is not None and read.unread is not None:
                reason = Reason(code=reason.code, message=read.unread.what)  # a plan names the article itself
            return ArticlePlan(record.article.id, record.article.name, record.status, reason, language, (), hint)
        assert read.article is not None
        assert read.source is not None
        finished_records, specs = self.pipeline.finished_records, self.pipeline.specs
        if finished_records is not None and (cached := finished_records.find(read.article)) is not None:
            on_retry = self.asker.buys and cached.header.correction_on_retry
            tasks = tuple(
                TaskPlan(spec.task, "stored", correction_on_retry=on_retry and spec.task == "summary") for spec in specs
            )
        else:
            tasks = tuple(self._task(spec, read.article, read.source) for spec in specs)
        return ArticlePlan(read.article.id, read.article.name, None, None, read.source.language, tasks)

    def _task(self, spec: TaskSpec, article: Article, source: Source) -> TaskPlan:
        if self.refresh:
            return self._asked(spec, "refresh", source, [part.call for part in parts(spec, source)])
        source = as_asked_before(spec, source, self.asker.has_reply, lambda: self.asker.was_asked_about(article))
        first_parts = parts(spec, source)
        missing: list[Call] = []

        def find_stored(call: Call, _: bool) -> Asked:
            exchange = self.asker.stored_reply(call)
            if exchange is None and (rejection := self.asker.earlier_rejection(call)) is not None:
                raise rejection
            if exchange is None:
                missing.append(call)
                raise RecordingMissing("not stored")
            return Asked(exchange, bought=False)

        review = carry_out(
            spec,
            source,
            find_stored,
            rounds=self.pipeline.repairs,
            is_stored=lambda call: self.asker.stored_reply(call) is not None,
        )
        if missing:
            return self._missing(spec, article, source, first_parts, missing[0])
        if review.unusable is not None and self.pipeline.retry:
            return self._asked(spec, "repair failed before", source, [review.unusable])
        if review.outcome.status == "ok":
            on_retry = self.asker.buys and review.unusable is not None
            return TaskPlan(spec.task, "stored", correction_on_retry=on_retry)
        why: Why = "refused before" if review.outcome.status == "refused" else "failed before"
        if self.pipeline.retry:
            return self._asked(spec, why, source, [part.call for part in first_parts])
        reason = review.outcome.reason
        on_retry = self.asker.buys and reason is not None and reason.code in ON_RETRY
        return TaskPlan(spec.task, why, on_retry=on_retry)

    def _missing(
        self, spec: TaskSpec, article: Article, source: Source, first_parts: Sequence[Part], call: Call
    ) -> TaskPlan:
        """The plan of a task whose reply to ``call`` is not stored, or not usable."""
        if not self.asker.buys:
            return TaskPlan(spec.task, "recording missing")
        if call.role in _WHY_OF_ROLE:
            why = _WHY_OF_ROLE[call.role]
        elif self.asker.has_reply(call):
            why = "reply unusable"
        else:
            why = why_not_stored(spec, self.asker.earlier_asks(article.sha256))
            if why == "new" and self.asker.asked_elsewhere(article.sha256, spec.task):
                why = "server changed"
        change = None
        if why == "new":
            why, change = why_another_version(spec, source, self.asker.asks_by_name(article.name))
        not_stored = [part.call for part in first_parts if self.asker.stored_reply(part.call) is None]
        planned = self._asked(spec, why, source, not_stored or [call])
        return replace(planned, change=change) if planned.why == why else planned

    def _asked(self, spec: TaskSpec, why: Why, source: Source, calls: Sequence[Call]) -> TaskPlan:
        """The plan of a task that sends ``calls``, except for requests that an earlier article in the plan has too."""
        own_calls = [call for call in calls if call.request.key not in self._planned]
        if not own_calls:
            return TaskPlan(spec.task, "shared", shared=len(calls))
        self._planned.update(call.request.key for call in own_calls)
        worst_prices = [self.asker.worst_case(call) for call in own_calls]
        self.least = min((price for price in (self.least, *worst_prices) if price is not None), default=None)
        estimate = self.gauge.estimate(spec, own_calls, source.language)
        return TaskPlan(spec.task, why, estimate, len(calls) - len(own_calls))


def planner_of(session: Session, count: Count | None = None) -> Planner:
    """A planner of what a session would ask, calibrated with the stored replies of its model."""
    asker = session.asker
    gauge = Gauge(count, calibrate(asker.recent_replies(LATEST)), asker.price_multiplier)
    return Planner(session.pipeline, asker, gauge, session.settings.refresh)


_WHY_OF_ROLE: dict[Role, Why] = {"reask": "reply unusable", "repair": "repair"}


def why_another_version(
    spec: TaskSpec, source: Source, earlier: Sequence[EarlierAsk]
) -> tuple[Why, ArticleChange | None]:
    """Why the store has no reply about an article whose bytes are new, from the ``earlier`` requests about articles of
    its name, newest first; with what changed in it, if that is why.

    A name alone says nothing: standard input has the same one for every article. An article that only has another
    spacing has not changed.
    """
    now = {paragraph.number: source.paragraph_text(paragraph.number) for paragraph in source.paragraphs}
    versions: dict[str, list[EarlierAsk]] = {}
    for ask in sorted(earlier, key=lambda ask: ask.task != spec.task):
        versions.setdefault(ask.article_sha256, []).append(ask)
    for asks in versions.values():
        # The requests for one task show each paragraph once; those for all tasks show the same paragraphs.
        before = {number: text for ask in reversed(asks) for number, text in shown_paragraphs(ask.user).items()}
        if are_versions(now, before):
            change = difference(now, dict(sorted(before.items())))
            if change.is_none:
                return why_not_stored(spec, asks), None
            return "article changed", ArticleChange(asks[0].created_at, change)
    return "new", None


def why_not_stored(spec: TaskSpec, earlier: Sequence[EarlierAsk]) -> Why:
    """Why the store has no reply to a task's request, from the earlier requests about the same bytes."""
    same_task = [ask for ask in earlier if ask.task == spec.task]
    if not earlier:
        return "new"
    if not same_task:
        return "task added"
    prompt, model = spec.prompt.sha256, spec.model.id
    if any(ask.prompt_sha256 == prompt and ask.model == model for ask in same_task):
        return "request changed"
    if any(ask.prompt_sha256 == prompt for ask in same_task):
        return "model changed"
    return "prompt changed"
