"""The plan of one article: why a request would be sent, and how plans add up over articles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast, get_args

import pytest

from dragoman.asking.asker import Asker
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.core.source import Source
from dragoman.errors import ArticleError, FailureKind, ProviderError
from dragoman.runs.article import Pipeline
from dragoman.runs.calibration import Calibration
from dragoman.runs.estimate import Gauge
from dragoman.runs.plan_article import ASKED, Planner, TaskPlan, Why, planner_of, why_not_stored
from dragoman.runs.session import Session
from dragoman.store.protocol import EarlierAsk
from dragoman.tasks.requests import Call, parts
from tests.support.builders import MODEL, article_of, exchange_of, message, source_of, spec_of, summary_of

SPEC = spec_of("summary")


def ask(**changed: str) -> EarlierAsk:
    """An earlier request like the one that `SPEC` would send."""
    values = {
        "task": "summary", "prompt": SPEC.prompt.name, "prompt_sha256": SPEC.prompt.sha256, "model": MODEL.id,
        "key": "x1:0",
    }  # fmt: skip
    return EarlierAsk(**{**values, **changed})


EARLIER: dict[str, tuple[list[EarlierAsk], Why]] = {
    "nothing": ([], "new"),
    "another task": ([ask(task="translation")], "task added"),
    "the same": ([ask()], "request changed"),
    "another model": ([ask(model="claude-haiku-5-5")], "model changed"),
    "another prompt": ([ask(prompt_sha256="1" * 64)], "prompt changed"),
    "another prompt and model": ([ask(prompt_sha256="1" * 64, model="claude-haiku-5-5")], "prompt changed"),
    "another model, then another prompt": ([ask(prompt_sha256="1" * 64), ask(model="other")], "model changed"),
    "the same, then another model": ([ask(model="other"), ask()], "request changed"),
}


@pytest.mark.parametrize(("earlier", "why"), EARLIER.values(), ids=EARLIER)
def test_the_reason_is_the_smallest_difference_from_an_earlier_request(earlier: list[EarlierAsk], why: Why) -> None:
    """About the same bytes; the newest request is not more important than an older one that is more alike."""
    assert why_not_stored(SPEC, earlier) == why


def test_each_reason_either_sends_a_request_or_does_not() -> None:
    """Every reason is in one of the two lists."""
    not_asked = {"stored", "refused before", "failed before", "recording missing", "shared"}
    assert set(get_args(Why)) == ASKED | not_asked
    assert all(TaskPlan("summary", why).is_asked for why in ASKED)
    assert not any(TaskPlan("summary", cast(Why, why)).is_asked for why in not_asked)


@dataclass
class Store:
    """An asker with the stored exchanges of a dictionary, and a worst price for each request in turn."""

    stored: dict[str, Exchange] = field(default_factory=dict)
    rejections: dict[str, ProviderError] = field(default_factory=dict)
    buys: bool = True
    prices: list[Decimal] = field(default_factory=lambda: [Decimal("0.3"), Decimal("0.2"), Decimal("0.4")])
    most: list[int] = field(default_factory=list)
    price_multiplier: Decimal = Decimal(1)
    named: list[EarlierAsk] = field(default_factory=list)

    def stored_reply(self, call: Call) -> Exchange | None:
        return self.stored.get(call.request.key)

    def earlier_rejection(self, call: Call) -> ProviderError | None:
        return self.rejections.get(call.request.key)

    def worst_case(self, call: Call) -> Decimal | None:
        return self.prices.pop(0)

    def has_reply(self, call: Call) -> bool:
        return False

    def earlier_asks(self, article_sha256: str) -> list[EarlierAsk]:
        return []

    def asks_by_name(self, article: str) -> list[EarlierAsk]:
        return self.named

    def was_asked_about(self, article: Article) -> bool:
        return True

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        return False

    def recent_replies(self, most: int) -> list[tuple[Exchange, str | None]]:
        self.most.append(most)
        return []


def planner(store: Store, prepare: Callable[[Article], Source], *, refresh: bool = False, **more: Any) -> Planner:
    asker = cast(Asker, store)
    pipeline = Pipeline(prepare, asker, (SPEC,), max_article_tokens=100_000, **more)
    return Planner(pipeline, asker, Gauge(None, Calibration()), refresh)


def by_name(article: Article) -> Source:
    """The text of an article is its name, so that no two articles have the same."""
    return source_of([f"Ngân hàng {article.name} giữ lãi suất ở mức 4,5%."])


def test_a_request_that_an_earlier_article_has_too_is_shared_and_costs_nothing() -> None:
    """Three articles, two of which have the same text: two requests."""
    plans = planner(Store(), lambda article: by_name(article_of(name=article.name[0])))
    tasks = [plans.plan(article_of(name=name)).tasks[0] for name in ("a1", "b1", "a2")]
    assert [(task.why, task.shared, task.estimate.requests) for task in tasks] == [
        ("new", 0, 1),
        ("new", 0, 1),
        ("shared", 1, 0),
    ]
    assert tasks[2].estimate.cost_usd == 0


def test_the_planner_remembers_the_lowest_worst_price() -> None:
    """Under a cap of that price, one of the planned requests is certain to be sent."""
    plans = planner(Store(), by_name)
    lowest = []
    for name in "abc":
        plans.plan(article_of(name=name))
        lowest.append(plans.least)
    assert lowest == [Decimal("0.3"), Decimal("0.2"), Decimal("0.2")]


def test_a_stored_reply_is_planned_as_stored_unless_everything_is_asked_again() -> None:
    """With `refresh` the store is not even looked at."""
    source = source_of()
    call = planner(Store(), lambda _: source)
    call.plan(article_of())
    (key,) = call._planned
    store = Store({key: exchange_of(body=message(summary_of(source)))})
    (task,) = planner(store, lambda _: source).plan(article_of()).tasks
    assert (task.why, task.is_asked) == ("stored", False)
    (task,) = planner(store, lambda _: source, refresh=True).plan(article_of()).tasks
    assert (task.why, task.is_asked, task.estimate.requests) == ("refresh", True, 1)


def version(paragraphs: list[str], *, task: str = "summary", sha256: str = "1" * 64) -> EarlierAsk:
    """An earlier request about an article of the same name with these paragraphs."""
    call = parts(spec_of(task), source_of(paragraphs))[0].call
    return ask(task=task, article_sha256=sha256, created_at="2026-11-20T10:00:00Z", user=call.request.user)


PARAGRAPHS = [
    "Ngân hàng giữ lãi suất ở mức 4,5%.",
    "Ông Minh nói giá gạo tăng mạnh.",
    "Ngày mai trời có mưa rào ở Huế.",
]
VERSIONS: dict[str, tuple[list[EarlierAsk], Why, tuple[int, ...] | None]] = {
    "nothing of this name": ([], "new", None),
    "one word": ([version([*PARAGRAPHS[:2], "Ngày mai trời có mưa to ở Huế."])], "article changed", (3,)),
    "a paragraph more": ([version(PARAGRAPHS[:2])], "article changed", (3,)),
    "a paragraph less": ([version([*PARAGRAPHS, "Hết tin hôm nay từ Hà Nội."])], "article changed", ()),
    "the newest of two": (
        [version(PARAGRAPHS[1:], sha256="2" * 64), version(PARAGRAPHS[:1])],
        "article changed",
        (1,),
    ),
    "another text of this name": ([version(["Các nhà khoa học phát hiện một loài cá lạ."])], "new", None),
    "the same paragraphs, another task": ([version(PARAGRAPHS, task="translation")], "task added", None),
    "the same paragraphs": ([version(PARAGRAPHS)], "request changed", None),
    "a request that shows no paragraphs": ([ask(user="Tóm tắt.")], "new", None),
}


@pytest.mark.parametrize(("named", "why", "changed"), VERSIONS.values(), ids=VERSIONS)
def test_a_changed_article_is_planned_as_changed_and_not_as_new(
    named: list[EarlierAsk], why: Why, changed: tuple[int, ...] | None
) -> None:
    """Its name was asked about with nearly the same paragraphs. A name alone says nothing, and neither does another
    spacing."""
    (task,) = planner(Store(named=named), lambda _: source_of(PARAGRAPHS)).plan(article_of()).tasks
    assert (task.why, task.is_asked) == (why, True)
    assert (task.change and task.change.difference.changed) == changed
    assert (task.change and task.change.since) == (None if changed is None else "2026-11-20T10:00:00Z")


def test_a_refused_reply_is_asked_again_only_on_retry() -> None:
    """The plan says that a retry would ask."""
    source = source_of()
    first = planner(Store(), lambda _: source)
    first.plan(article_of())
    store = Store(dict.fromkeys(first._planned, exchange_of(body=message("", stop_reason="refusal"))))
    (task,) = planner(store, lambda _: source).plan(article_of()).tasks
    assert (task.why, task.is_asked, task.on_retry) == ("refused before", False, True)
    (task,) = planner(store, lambda _: source, retry=True).plan(article_of()).tasks
    assert (task.why, task.is_asked, task.on_retry) == ("refused before", True, False)


def test_replay_says_that_a_recording_is_missing() -> None:
    """It cannot ask, so nothing is estimated."""
    (task,) = planner(Store(buys=False), by_name).plan(article_of()).tasks
    assert (task.why, task.is_asked) == ("recording missing", False)


def test_an_article_that_needs_no_request_has_a_status_and_no_tasks() -> None:
    """The reason of its record is the reason of its plan."""

    def empty(_: Article) -> Source:
        raise ArticleError("empty", "there is no text in it")

    plan = planner(Store(), empty).plan(article_of())
    assert (plan.status, plan.reason and plan.reason.code, plan.language, plan.tasks) == ("skipped", "empty", None, ())


def test_a_planner_is_calibrated_with_the_newest_three_hundred_replies() -> None:
    """Of the model that the session asks."""
    store = Store()

    @dataclass
    class Opened:
        asker: Store
        pipeline: Any = None
        settings: Any = field(default_factory=lambda: type("Settings", (), {"refresh": False}))

    planner_of(cast(Session, Opened(store)))
    assert store.most == [300]


@pytest.mark.parametrize(("retry", "requests"), [(False, 0), (True, 1)])
def test_a_request_that_the_service_rejected_before_is_asked_again_only_on_retry(retry: bool, requests: int) -> None:
    """The plan says that it failed before, and what --retry would ask."""
    source = by_name(article_of(name="a"))
    key = parts(SPEC, source)[0].call.request.key
    error = ProviderError(FailureKind.ARTICLE, "too long", status=413, sent=False, remembered=True)
    plan = planner(Store(rejections={key: error}), lambda _: source, retry=retry).plan(article_of(name="a"))
    [task] = plan.tasks
    assert (task.why, task.estimate.requests, task.on_retry) == ("failed before", requests, not retry)
