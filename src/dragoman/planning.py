"""What a run would ask, why, and for how much: no calls.

The reason is found by comparing the request with what the store knows of the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from dragoman.articles import Article, Found
from dragoman.asking import LiveAsker, ReplayAsker
from dragoman.errors import RecordingMissing
from dragoman.exchange import Role, Usage
from dragoman.learning import Learned
from dragoman.pipeline import Pipeline
from dragoman.pricing import cost
from dragoman.records import Reason, Status
from dragoman.repair import carry_out
from dragoman.source import Source
from dragoman.store import Known
from dragoman.tasks import Asked, Call, Part, Wording, parts, prompt_tokens
from dragoman.tokens import estimate

Why = Literal[
    "stored",  # every reply is there and valid
    "new",  # these bytes were never asked about
    "task added",  # asked about, but not for this task
    "prompt changed",
    "model changed",
    "request changed",  # same prompt and model: the preparation, the schema or a limit differs
    "repair",  # a check objects to something in the stored reply, and it goes back to be corrected
    "reply unusable",  # the stored reply goes back once with its errors, or with a higher limit
    "refused before",  # kept as evidence; asked again on --retry
    "failed before",  # the same
    "refresh",  # --refresh asks everything anew
    "recording missing",  # replay cannot ask
]

Basis = Literal["counted", "learned", "estimated"]

ASKED: frozenset[Why] = frozenset(
    {"new", "task added", "prompt changed", "model changed", "request changed", "reply unusable", "repair", "refresh"}
)
"""Reasons that send a request."""

OUTPUT_SHARE = {"summary": (4_500, 0.6), "translation": (400, 0.9)}
"""Estimated output tokens: a fixed part, and a share of the article's own tokens. Fitted to the handwritten
answers of the samples (16 to 18 claims each): their texts by `tokens.estimate`, and 5 tokens for each name of
the JSON (2026-11). Thinking is not in it."""


@dataclass(frozen=True)
class Planned:
    """One task of one article. ``basis`` says how its tokens are known: ``counted`` by the service, ``learned`` from
    what it counted for others, or ``estimated``; output tokens are never counted before.

    ``cost_usd`` is None when the model has no price, and 0 when nothing would be sent.
    """

    task: str
    why: Why
    requests: int
    prompt_tokens: int
    output_tokens: int
    basis: Basis
    cost_usd: Decimal | None


@dataclass(frozen=True)
class Plan:
    """What would happen to one article. ``status`` and ``reason`` are set when it needs no call at all."""

    article_id: str
    name: str
    status: Status | None
    reason: Reason | None
    language: str | None
    tasks: tuple[Planned, ...]


Count = Callable[[Call], int]


def plan(
    pipeline: Pipeline,
    asker: LiveAsker | ReplayAsker,
    place: Found | Article,
    *,
    refresh: bool,
    count: Count | None,
    learned: Learned,
) -> Plan:
    """The plan of one article. ``count`` asks the service's free token counter, None estimates with what is learned."""
    stage = pipeline.read(place)
    if stage.record is not None:
        record = stage.record
        language = record.source.language if record.source else None
        return Plan(record.article.id, record.article.name, record.status, record.reason, language, ())
    assert stage.article is not None
    assert stage.source is not None
    if pipeline.memo is not None and pipeline.memo.recall(stage.article) is not None:
        stored = tuple(Planned(w.task, "stored", 0, 0, 0, "estimated", Decimal(0)) for w in pipeline.wordings)
        return Plan(stage.article.id, stage.article.name, None, None, stage.source.language, stored)
    gauge = _Gauge(count, learned, stage.source.language)
    tasks = tuple(
        _task(pipeline, asker, wording, stage.article, stage.source, refresh, gauge) for wording in pipeline.wordings
    )
    return Plan(stage.article.id, stage.article.name, None, None, stage.source.language, tasks)


_AGAIN: dict[Role, Why] = {"reask": "reply unusable", "repair": "repair"}


def _task(
    pipeline: Pipeline,
    asker: LiveAsker | ReplayAsker,
    wording: Wording,
    article: Article,
    source: Source,
    refresh: bool,
    gauge: _Gauge,
) -> Planned:
    first = parts(wording, source)
    if refresh:
        return _priced(asker, wording, "refresh", first, gauge)
    missing: list[Call] = []

    def kept(call: Call, _: bool) -> Asked:
        found = asker.kept(call)
        if found is None:
            missing.append(call)
            raise RecordingMissing("not kept")
        return Asked(found, bought=False)

    reviewed = carry_out(wording, source, kept, rounds=pipeline.repairs)
    outcome = reviewed.outcome
    if missing:
        if isinstance(asker, ReplayAsker):
            return Planned(wording.task, "recording missing", 0, 0, 0, "estimated", Decimal(0))
        if missing[0].role in _AGAIN:
            why = _AGAIN[missing[0].role]
        else:
            why = reason(wording, asker.store.known(article.sha256, asker.scope))
        waiting = [part for part in first if asker.kept(part.call) is None]
        return _priced(asker, wording, why, waiting or [Part(missing[0], ())], gauge)
    if reviewed.unusable is not None and pipeline.retry:
        return _priced(asker, wording, "failed before", [Part(reviewed.unusable, ())], gauge)
    if outcome.status == "ok":
        return Planned(wording.task, "stored", 0, 0, 0, "estimated", Decimal(0))
    before: Why = "refused before" if outcome.status == "refused" else "failed before"
    if pipeline.retry:
        return _priced(asker, wording, before, first, gauge)
    return Planned(wording.task, before, 0, 0, 0, "estimated", Decimal(0))


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


@dataclass(frozen=True)
class _Gauge:
    """How the tokens of the requests over one article are told."""

    count: Count | None
    learned: Learned
    language: str

    def prompt(self, call: Call) -> tuple[int, Basis]:
        if self.count is not None:
            return self.count(call), "counted"
        factor = self.learned.prompt_factor(self.language)
        estimated = prompt_tokens(call.request)
        return (estimated, "estimated") if factor is None else (round(estimated * factor), "learned")

    def output(self, wording: Wording, prompts: Sequence[int]) -> int:
        share = self.learned.output_share(wording.task, self.language)
        if share is not None:
            return round(share * sum(prompts))
        fixed, share = OUTPUT_SHARE[wording.task]
        shown = sum(prompts) - len(prompts) * prompt_tokens_without_article(wording)
        return int(fixed * len(prompts) + share * max(shown, 0))


def _priced(
    asker: LiveAsker | ReplayAsker, wording: Wording, why: Why, asked: Sequence[Part], gauge: _Gauge
) -> Planned:
    told = [gauge.prompt(part.call) for part in asked]
    tokens = [number for number, _ in told]
    output = gauge.output(wording, tokens)
    times = asker.provider.times if isinstance(asker, LiveAsker) else Decimal(1)
    amounts = [cost(wording.model, Usage(number, output // len(asked)), times=times) for number in tokens]
    total = None if None in amounts else sum((a for a in amounts if a is not None), Decimal(0))
    return Planned(wording.task, why, len(asked), sum(tokens), output, told[0][1], total)


def prompt_tokens_without_article(wording: Wording) -> int:
    """Estimated tokens that every request of a wording has in common: the part that can be cached."""
    return estimate(wording.prompt.system) + estimate(str(wording.prompt.schema)) + estimate(wording.prompt.user)
