"""One article from its file to its record. Every outcome is a record, and the same exchanges give the same bytes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.asking.replay import ReplayAsker
from dragoman.core.article import Article
from dragoman.core.assemble import WORST_FIRST, total_cost, worst_status
from dragoman.core.outcome import Outcome
from dragoman.core.record import Status
from dragoman.core.request import Request
from dragoman.core.source import Source
from dragoman.errors import (
    ArticleError,
    BudgetReached,
    FailureKind,
    ProviderError,
    ReasonCode,
    StoreError,
)
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from tests.support.builders import (
    MODEL,
    Scripted,
    Step,
    article_of,
    hasty,
    message,
    quick_limiter,
    source_of,
    spec_of,
    summary_of,
    translation_of,
)

SOURCE = source_of()
ARTICLE = article_of()
SUMMARY = message(summary_of())
TRANSLATION = message(translation_of((1, 2)))
REFUSAL = message("", stop_reason="refusal")
BOTH = (spec_of("summary"), spec_of("translation"))


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def by_task(summary: Step, translation: Step) -> Step:
    """One answer for each task, in any order of the requests."""

    def reply(request: Request) -> str:
        step = translation if request.system == BOTH[1].prompt.system else summary
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, str) else step(request)

    return reply


def pipeline_of(store: Store, *script: Step, budget: Budget | None = None, **others: Any) -> Pipeline:
    """A pipeline with a scripted provider, whose articles have the source `SOURCE`."""
    provider = Scripted(list(script) or [AssertionError("asked, although nothing should be")])
    asker = LiveAsker(
        store, provider, MODEL, budget or Budget(), hasty(), record=others.pop("record", None), limiter=quick_limiter()
    )
    values: dict[str, Any] = {
        "prepare": lambda _: SOURCE,
        "asker": asker,
        "specs": BOTH,
        "max_article_tokens": 100_000,
        **others,
    }
    return Pipeline(**values)


def requests(pipeline: Pipeline) -> int:
    assert isinstance(pipeline.asker, LiveAsker)
    assert isinstance(pipeline.asker.provider, Scripted)
    return len(pipeline.asker.provider.sent)


def status_and_reason(outcome: Outcome) -> tuple[Status, ReasonCode | None]:
    record = outcome.record
    return record.status, record.reason.code if record.reason else None


# Answers


def test_the_record_of_an_answered_article_has_its_prices_quotes_and_exchanges(store: Store) -> None:
    """Both tasks with their prompts and prices, each claim with the place of its quote, and both exchanges."""
    outcome = pipeline_of(store, by_task(SUMMARY, TRANSLATION)).process(ARTICLE)
    record = outcome.record
    assert (status_and_reason(outcome), outcome.error, outcome.source) == (("ok", None), None, SOURCE)
    assert (record.article.id, record.article.sha256, record.article.bytes) == (
        ARTICLE.id,
        ARTICLE.sha256,
        ARTICLE.size,
    )
    assert record.summary is not None
    (claim,) = record.summary.claims
    assert (claim.id, claim.evidence.match) == ("c1", "exact")
    assert SOURCE.text[claim.evidence.start : claim.evidence.end] == claim.quote
    assert record.translation is not None
    assert [entry.paragraph for entry in record.translation.paragraphs] == [1, 2]
    assert {name: (t.status, t.prompt, t.cost_usd) for name, t in record.tasks.items()} == {
        "summary": ("ok", BOTH[0].prompt.name, "0.003"),
        "translation": ("ok", BOTH[1].prompt.name, "0.003"),
    }
    assert [(e.task, e.cost_usd, e.stop_reason) for e in record.exchanges] == [
        ("summary", "0.003", "end_turn"),
        ("translation", "0.003", "end_turn"),
    ]
    assert record.cost_usd == "0.006"


def test_an_error_finding_flags_an_answered_article(store: Store) -> None:
    """A quote does not occur in the source: the answer stays in the record, with an error finding."""
    invented = message(summary_of().replace(SOURCE.paragraph_text(1), "Câu này không có trong bài."))
    record = pipeline_of(store, by_task(invented, TRANSLATION)).process(ARTICLE).record
    assert record.status == "flagged"
    assert record.summary is not None
    assert record.summary.claims[0].evidence.match == "absent"
    assert any(finding.severity == "error" for finding in record.findings)


def test_the_same_exchanges_give_the_same_bytes(store: Store, tmp_path: Path) -> None:
    """Whether they are bought, stored or replayed. A record contains no fact about the run."""
    bought = pipeline_of(store, by_task(SUMMARY, TRANSLATION), record=tmp_path).process(ARTICLE).record.to_json()
    stored = pipeline_of(store).process(ARTICLE).record.to_json()
    replayed = pipeline_of(store, asker=ReplayAsker(Recordings(tmp_path))).process(ARTICLE).record.to_json()
    assert bought == stored == replayed


def test_a_copy_of_an_article_costs_nothing_and_has_its_own_record(store: Store) -> None:
    """The same text under another name gives another record with the same exchanges."""
    first = pipeline_of(store, by_task(SUMMARY, TRANSLATION)).process(ARTICLE).record
    second = pipeline_of(store).process(article_of(name="twin.txt")).record
    assert first.article.id != second.article.id
    assert first.exchanges == second.exchanges


# Status


def test_the_status_of_a_record_is_the_worst_of_its_tasks() -> None:
    """For every pair of statuses, in both orders."""
    for first, second in itertools.product(WORST_FIRST, repeat=2):
        assert worst_status([first, second]) == WORST_FIRST[min(map(WORST_FIRST.index, (first, second)))]
    assert worst_status([]) == "ok"


ENDS: dict[str, tuple[Step, Step, tuple[Status, ReasonCode | None]]] = {
    "ok and refused": (SUMMARY, REFUSAL, ("refused", "refused")),
    "refused and ok": (REFUSAL, TRANSLATION, ("refused", "refused")),
    "invalid and refused": (message("{}"), REFUSAL, ("failed", "invalid")),
    "refused and rejected": (REFUSAL, ProviderError(FailureKind.ARTICLE, "no"), ("failed", "rejected")),
    "failing and ok": (
        ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=True),
        TRANSLATION,
        ("failed", "provider_error"),
    ),
    "ok and unusable": (SUMMARY, ProviderError(FailureKind.UNUSABLE, "no key"), ("pending", "provider_unusable")),
    "refused and unusable": (REFUSAL, ProviderError(FailureKind.UNUSABLE, "no key"), ("pending", "provider_unusable")),
}


@pytest.mark.parametrize(("summary", "translation", "end"), ENDS.values(), ids=ENDS)
def test_a_record_has_the_worst_status_of_its_tasks_and_each_task_its_own(
    store: Store, summary: Step, translation: Step, end: tuple[Status, ReasonCode | None]
) -> None:
    """The reason is that of the worst task. The answer of a task stays, whatever the other task has."""
    outcome = pipeline_of(store, by_task(summary, translation)).process(ARTICLE)
    record = outcome.record
    assert status_and_reason(outcome) == end
    assert any(task.reason == record.reason for task in record.tasks.values() if task.status == record.status)
    assert (record.summary is not None) == (summary == SUMMARY)
    assert (record.translation is not None) == (translation == TRANSLATION)
    assert (outcome.error is not None) == (record.status == "pending")


def test_the_answer_of_one_task_stays_when_the_other_is_not_reached(store: Store) -> None:
    """The budget ends between them: the record has the summary and its price, and the next run buys the rest."""
    budget = Budget(Decimal("0.205"))
    outcome = pipeline_of(store, by_task(SUMMARY, TRANSLATION), budget=budget).process(ARTICLE)
    assert status_and_reason(outcome) == ("pending", "budget")
    assert isinstance(outcome.error, BudgetReached)
    assert outcome.record.summary is not None
    assert (outcome.record.cost_usd, outcome.record.tasks["summary"].status) == ("0.003", "ok")
    again = pipeline_of(store, by_task(AssertionError(), TRANSLATION))
    assert status_and_reason(again.process(ARTICLE)) == ("ok", None)
    assert requests(again) == 1


def test_an_error_that_ends_the_run_also_ends_the_requests_of_the_article(store: Store) -> None:
    """The next task would fail in the same way, so it is pending for the same reason."""
    pipeline = pipeline_of(store, ProviderError(FailureKind.UNUSABLE, "no key"))
    record = pipeline.process(ARTICLE).record
    assert requests(pipeline) == 1
    assert {task.status for task in record.tasks.values()} == {"pending"}
    assert len({task.reason for task in record.tasks.values()}) == 1


def test_a_missing_recording_of_one_task_does_not_hide_that_of_another(store: Store, tmp_path: Path) -> None:
    """Replay looks up each task."""
    recording = pipeline_of(store, SUMMARY, record=tmp_path, specs=BOTH[:1])
    recording.process(ARTICLE)
    for specs in (BOTH, BOTH[::-1]):
        outcome = pipeline_of(store, asker=ReplayAsker(Recordings(tmp_path)), specs=specs).process(ARTICLE)
        assert status_and_reason(outcome) == ("pending", "recording_missing")
        assert outcome.record.summary is not None
        assert outcome.error is not None


def test_an_unknown_price_makes_the_sum_unknown() -> None:
    """A sum never omits one of its parts."""
    assert total_cost(["0.10", "0.10"]) == "0.2"
    assert total_cost(["0.10", None]) is None
    assert total_cost([]) is None


def test_a_reply_that_could_not_be_read_is_still_in_the_record(store: Store) -> None:
    """Its exchange is in the record, with null for unknown values."""
    record = pipeline_of(store, "<html>", specs=BOTH[:1]).process(ARTICLE).record
    assert (record.status, record.reason.code if record.reason else None) == ("failed", "bad_response")
    (exchange,) = record.exchanges
    assert (exchange.stop_reason, exchange.model_answered, exchange.usage, exchange.cost_usd) == (None,) * 4
    assert record.cost_usd is None


# Articles without requests


def no_text(_: Article) -> Source:
    raise ArticleError("empty", "there is no text in it")


def binary(_: Article) -> Source:
    raise ArticleError("binary", "not text")


def english(_: Article) -> Source:
    return source_of(
        ["The central bank left its main interest rate unchanged on Friday, as most economists had expected."] * 3,
        language="en",
    )


def endless(_: Article) -> Source:
    return source_of(["chữ " * 5000])


UNASKED: dict[str, tuple[Callable[[Article], Source], tuple[Status, ReasonCode], bool]] = {
    "English": (english, ("skipped", "english"), True),
    "empty": (no_text, ("skipped", "empty"), False),
    "binary": (binary, ("failed", "binary"), False),
    "too long": (endless, ("failed", "too_long"), True),
}


@pytest.mark.parametrize(("prepare", "end", "has_source"), UNASKED.values(), ids=UNASKED)
def test_no_request_is_sent_for_an_article_that_needs_none(
    store: Store, prepare: Callable[[Article], Source], end: tuple[Status, ReasonCode], *, has_source: bool
) -> None:
    """It is skipped or failed, with its reason, and the record has the source if there is one."""
    pipeline = pipeline_of(store, prepare=prepare, max_article_tokens=1000)
    outcome = pipeline.process(ARTICLE)
    assert status_and_reason(outcome) == end
    assert (requests(pipeline), outcome.record.exchanges, outcome.record.cost_usd) == (0, [], None)
    assert (outcome.source is not None) == (outcome.record.source is not None) == has_source


FILES: dict[str, tuple[Callable[[Path], object], tuple[Status, ReasonCode]]] = {
    "of another kind": (lambda path: path.with_suffix(".pdf").write_bytes(b"%PDF"), ("skipped", "unsupported")),
    "too large": (lambda path: path.write_bytes(b"x" * 2000), ("failed", "too_large")),
    "deleted": (lambda path: None, ("failed", "unreadable")),
    "a folder by now": (Path.mkdir, ("failed", "unreadable")),
}


@pytest.mark.parametrize(("make", "end"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_is_a_record(
    store: Store, tmp_path: Path, make: Callable[[Path], object], end: tuple[Status, ReasonCode]
) -> None:
    """The record has a name and an id, and null for everything that depends on the bytes."""
    path = tmp_path / "a.txt"
    make(path)
    (path,) = [*tmp_path.glob("a.*"), path][:1]
    outcome = pipeline_of(store, max_file_bytes=1000).process(ArticleFile(path.name, str(path)))
    assert status_and_reason(outcome) == end
    assert (outcome.record.article.sha256, outcome.record.article.name) == (None, path.name)
    assert outcome.record.tasks == {}


def test_a_store_error_while_reading_leaves_the_article_pending(store: Store) -> None:
    """The cache of sources cannot be written. That ends the run, but it is not the fault of the article."""

    def full(_: Article) -> Source:
        raise StoreError("the disk is full")

    outcome = pipeline_of(store, prepare=full).process(ARTICLE)
    assert status_and_reason(outcome) == ("pending", "store_trouble")
    assert isinstance(outcome.error, StoreError)


def test_a_bug_is_raised() -> None:
    """It never becomes a record."""

    def bug(_: Article) -> Source:
        raise ZeroDivisionError

    pipeline = Pipeline(bug, ReplayAsker(Recordings(Path("nowhere"))), BOTH, max_article_tokens=1)
    with pytest.raises(ZeroDivisionError):
        pipeline.process(ARTICLE)


class Held:
    """Work that reports its start, and continues only when another article is finished."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.go_on.wait(20), "the other article had to wait"


def processed_meanwhile(pipeline: Pipeline, held: Held, first: Article, second: Article) -> list[Outcome]:
    """``first`` is held in the middle of its work, while ``second`` is processed completely."""
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda article=article: outcomes.append(pipeline.process(article)), daemon=True)
        for article in (first, second)
    ]
    threads[0].start()
    assert held.begun.wait(20)
    threads[1].start()
    threads[1].join(20)
    assert not threads[1].is_alive(), "an article waited for the work on another one"
    held.go_on.set()
    threads[0].join(20)
    return outcomes


def test_an_article_that_takes_long_to_prepare_does_not_block_another(store: Store) -> None:
    """No lock is held while an article is read: one hostile article does not stop a run."""
    held, slow = Held(), article_of(name="slow.txt")

    def prepare(article: Article) -> Source:
        if article.name == slow.name:
            held()
        return SOURCE

    pipeline = pipeline_of(store, by_task(SUMMARY, TRANSLATION), prepare=prepare)
    names = [outcome.record.article.name for outcome in processed_meanwhile(pipeline, held, slow, ARTICLE)]
    assert names == [ARTICLE.name, slow.name]


def test_an_article_that_takes_long_to_check_does_not_block_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No lock is held while an answer is checked against its article either."""
    held, slow = Held(), source_of(("Một bài khác.", "Đoạn hai."))

    def check(source: Source, *answers: Any) -> list[Any]:
        if source is slow:
            held()
        return []

    monkeypatch.setattr("dragoman.evidence.assess.check_answer", check)
    by_name = {"slow.txt": slow, ARTICLE.name: SOURCE}
    translation = message(translation_of((1, 2)))
    script = by_task(
        lambda request: message(summary_of(slow if "Một bài khác" in request.user else SOURCE)), translation
    )
    pipeline = pipeline_of(store, script, prepare=lambda article: by_name[article.name])
    outcomes = processed_meanwhile(pipeline, held, article_of("x", name="slow.txt"), ARTICLE)
    assert [outcome.record.article.name for outcome in outcomes] == [ARTICLE.name, "slow.txt"]


# Requests of later runs


def test_a_refusal_stays_until_a_retry_sends_that_request_alone(store: Store) -> None:
    """The refusal is stored and served for free. A retry buys that task alone, and then its answer is served."""
    pipeline_of(store, by_task(SUMMARY, REFUSAL)).process(ARTICLE)
    assert status_and_reason(pipeline_of(store).process(ARTICLE)) == ("refused", "refused")
    again = pipeline_of(store, by_task(AssertionError(), TRANSLATION), retry=True)
    assert status_and_reason(again.process(ARTICLE)) == ("ok", None)
    assert requests(again) == 1
    assert status_and_reason(pipeline_of(store).process(ARTICLE)) == ("ok", None)
    assert sum(exchange.reply.stop_reason == "refusal" for exchange in store.exchanges()) == 1


def test_an_invalid_answer_is_requested_again_once_and_then_stays(store: Store) -> None:
    """Two requests the first time, none the second time, two more on a retry."""
    counts = []
    for retry in (False, False, True, False):
        pipeline = pipeline_of(store, message("{}"), specs=BOTH[:1], retry=retry)
        assert status_and_reason(pipeline.process(ARTICLE)) == ("failed", "invalid")
        counts.append(requests(pipeline))
    assert counts == [2, 0, 2, 0]


def test_a_failure_without_a_reply_is_sent_again_by_the_next_run(store: Store) -> None:
    """There was no reply to store, so no retry option is needed."""
    specs = BOTH[:1]
    failing = pipeline_of(store, ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=True), specs=specs)
    assert status_and_reason(failing.process(ARTICLE)) == ("failed", "provider_error")
    assert status_and_reason(pipeline_of(store, SUMMARY, specs=specs).process(ARTICLE)) == ("ok", None)


def test_a_retry_does_not_double_the_attempts_on_a_failing_service(store: Store) -> None:
    """The limit of the retry policy is the same with and without it."""
    counts = []
    for retry in (False, True):
        pipeline = pipeline_of(
            store, ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=True), specs=BOTH[:1], retry=retry
        )
        pipeline.process(ARTICLE)
        counts.append(requests(pipeline))
    assert counts[0] == counts[1] == hasty().maybe_paid + 1


def test_the_source_is_inline_only_without_an_output_folder(store: Store) -> None:
    """A record names a file or contains the text, never both. The digest is always that of the text."""
    records = [
        pipeline_of(store, by_task(SUMMARY, TRANSLATION), inline=inline).process(ARTICLE).record.source
        for inline in (False, True)
    ]
    assert records[0] is not None
    assert records[1] is not None
    assert [(facts.file, facts.text) for facts in records if facts] == [
        (f"sources/{ARTICLE.id}.txt", None),
        (None, SOURCE.text),
    ]
    assert records[0].sha256 == records[1].sha256
