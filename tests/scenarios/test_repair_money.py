"""Repairs and money: each repair is paid for once, found again by later runs, and never lost, whatever stops a run."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.asking.replay import ReplayAsker
from dragoman.core.answers import Translation
from dragoman.core.exchange import Exchange
from dragoman.core.record import CheckedSummary, Finding, Record
from dragoman.core.request import Request
from dragoman.core.source import Source
from dragoman.errors import (
    BudgetReached,
    ConfigError,
    FailureKind,
    Interrupted,
    ProviderError,
    RecordingMissing,
    StoreError,
)
from dragoman.evidence import checks
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline
from dragoman.runs.engines.threads import Pool
from dragoman.runs.estimate import CORRECTION_OUTPUT
from dragoman.store import maintenance
from dragoman.store.recordings import Recordings, path_of, write
from dragoman.store.salvage import salvage
from dragoman.store.sqlite import file
from dragoman.store.sqlite.store import Store
from dragoman.tasks.answering import Asked
from dragoman.tasks.repair import carry_out
from dragoman.tasks.requests import Call, parts
from dragoman.testing.handwritten import body_of, rekey, write_by_hand
from tests.support.builders import (
    LIBRARY,
    MODEL,
    Scripted,
    Step,
    exchange_of,
    found_child,
    hasty,
    message,
    source_of,
)
from tests.support.commands import files, here, records, run_facts, start, to, validate
from tests.support.repairs import (
    ARTICLE,
    BAD,
    CUT,
    ELSE_WRONG,
    GOOD,
    RIGHT,
    ROUNDS,
    SOURCE,
    SUMMARY,
    TEXTS,
    UNUSABLE,
    Ends,
    answer_of,
    broken,
    changed_to,
    contents,
    corrected,
    errors,
    is_repair,
    notes,
    pipeline_of,
    play,
    record_of,
    repair_of,
    requests_of,
    sent_back,
    status_and_reason,
    unchanged,
)
from tests.support.service import Answer, Behaviour, Refusal, Service, Status
from tests.support.service.mechanical import user_text


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def test_the_record_lists_each_repair_with_its_price(store: Store) -> None:
    """Both rounds in order, with role, tokens and cost, and both count in the cost of the task and of the record."""
    budget = Budget()
    record = record_of(pipeline_of(store, play(broken("c1"), changed_to(c1=ELSE_WRONG), corrected), budget=budget))
    assert [(e.role, e.task, e.cost_usd, e.stop_reason) for e in record.exchanges] == [
        ("ask", "summary", "0.003", "end_turn"),
        ("repair", "summary", "0.003", "end_turn"),
        ("repair", "summary", "0.003", "end_turn"),
    ]
    assert (record.cost_usd, record.tasks["summary"].cost_usd, budget.spent) == ("0.009", "0.009", Decimal("0.009"))


def spending(body: str) -> str:
    """A reply that costs more than half of the worst case of one request."""
    return json.dumps({**json.loads(body), "usage": {"input_tokens": 1000, "output_tokens": 13_000}})


def test_a_repair_that_does_not_fit_the_budget_is_left_for_the_next_run(store: Store) -> None:
    """The article is pending, with its answer, its cost and its errors. The next run sends the repair alone."""
    provider = play(spending(broken("c1")))
    pipeline = pipeline_of(store, provider, budget=Budget(Decimal("0.22")))
    outcome = pipeline.process(ARTICLE)
    record = outcome.record
    assert isinstance(outcome.error, BudgetReached)
    assert (status_and_reason(record), errors(record)) == (("pending", "budget"), ["claims.c1.text_en"])
    assert contents(record.summary) == {**GOOD, "c1": BAD["c1"]}
    assert [exchange.role for exchange in record.exchanges] == ["ask"]
    again = pipeline_of(store, play(AssertionError(), corrected))
    assert status_and_reason(record_of(again)) == ("ok", None)
    assert [is_repair(request) for request in requests_of(again)] == [True]


def test_each_repair_reserves_its_worst_case(store: Store) -> None:
    """When the second no longer fits, the corrections of the first are kept and the next run sends the second."""
    repairs = play(broken("c1", "c3"), lambda request: spending(str(step_body(changed_to(c1=ELSE_WRONG), request))))
    record = record_of(pipeline_of(store, repairs, budget=Budget(Decimal("0.22"))))
    assert status_and_reason(record) == ("pending", "budget")
    assert contents(record.summary) == {**GOOD, "c1": ELSE_WRONG}
    assert [exchange.role for exchange in record.exchanges] == ["ask", "repair"]
    again = pipeline_of(store, play(AssertionError(), corrected))
    assert status_and_reason(record_of(again)) == ("ok", None)
    assert [list(sent_back(request)) for request in requests_of(again)] == [["c1"]]


def step_body(step: Step, request: Request) -> str:
    assert not isinstance(step, Exception)
    return step if isinstance(step, str) else step(request)


def test_a_stop_after_the_answer_leaves_the_repair_for_the_next_run(store: Store) -> None:
    """Nothing more is sent. The next run sends the repair alone."""
    stop = threading.Event()

    def last(_: Request) -> str:
        stop.set()
        return broken("c1")

    pipeline = pipeline_of(store, last, stop=stop)
    outcome = pipeline.process(ARTICLE)
    assert (status_and_reason(outcome.record), len(requests_of(pipeline))) == (("pending", "interrupted"), 1)
    assert isinstance(outcome.error, Interrupted)
    again = pipeline_of(store, play(AssertionError(), corrected))
    assert (status_and_reason(record_of(again)), len(requests_of(again))) == (("ok", None), 1)


def test_a_repair_that_the_store_cannot_save_is_saved_in_a_folder(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is paid for, so the message names the folder. After an import the repair is used without a request."""
    save = store.save

    def full(exchange: Exchange) -> int:
        if exchange.role == "repair":
            raise StoreError("the disk is full")
        return save(exchange)

    kept = tmp_path / "kept"
    with monkeypatch.context() as patched:
        patched.setattr(store, "save", full)
        record = record_of(pipeline_of(store, play(broken("c1"), corrected), record=kept))
    assert status_and_reason(record) == ("pending", "store_trouble")
    assert record.reason is not None
    assert str(kept) in record.reason.message
    maintenance.import_recordings(store, kept)
    assert status_and_reason(record_of(pipeline_of(store))) == ("ok", None)


FAILING: dict[str, ProviderError] = {
    "lost on the way": ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=True),
    "out of time": ProviderError(FailureKind.TRANSIENT, "timed out", maybe_paid=True, timed_out=True),
    "rejected": ProviderError(FailureKind.ARTICLE, "something is off"),
}


@pytest.mark.parametrize("error", FAILING.values(), ids=FAILING)
def test_a_repair_without_a_reply_leaves_the_article_flagged_and_is_sent_again(
    store: Store, error: ProviderError
) -> None:
    """The answer stands, neither failed nor pending, and the next run sends the repair alone.

    No note mentions it, because it has no exchange: the record is the one of a run without repairs.
    """
    outcome = pipeline_of(store, play(broken("c1"), error)).process(ARTICLE)
    assert (status_and_reason(outcome.record), outcome.error) == (("flagged", None), None)
    assert outcome.unanswered is not None
    assert not outcome.finished
    assert outcome.record.to_json() == record_of(pipeline_of(store, repairs=0)).to_json()
    assert contents(outcome.record.summary)["c1"] == BAD["c1"]
    again = pipeline_of(store, play(AssertionError(), corrected))
    assert (status_and_reason(record_of(again)), len(requests_of(again))) == (("ok", None), 1)


def test_a_service_that_fails_at_every_repair_ends_the_run(store: Store, tmp_path: Path) -> None:
    """Answers are stored and only repairs are missing: as with any other request, the remaining ones are not tried."""
    count = 16
    found = []
    for number in range(count):
        path = tmp_path / f"a{number:02}.txt"
        path.write_text("\n\n".join((*TEXTS, str(number))), "utf-8")
        found.append(ArticleFile(path.name, str(path)))

    def prepare(article: Any) -> Source:
        return source_of((*TEXTS, article.name), language="zh-Hans")

    first = pipeline_of(store, broken("c1"), repairs=0)
    assert len(list(Pool(replace(first, prepare=prepare), found, 1, threading.Event()).outcomes())) == count
    failing = pipeline_of(store, play(AssertionError(), ProviderError(FailureKind.TRANSIENT, "overloaded")))
    pool = Pool(replace(failing, prepare=prepare), found, 1, threading.Event())
    outcomes = list(pool.outcomes())
    assert isinstance(pool.ended_by, ProviderError)
    assert len({request.key for request in requests_of(failing)}) == 1
    assert len(outcomes) == count


@pytest.mark.parametrize("ends", ROUNDS.values(), ids=ROUNDS)
def test_a_second_run_asks_nothing_and_gives_the_same_bytes(store: Store, ends: Ends) -> None:
    """However the repairs ended."""
    first = record_of(pipeline_of(store, play(broken(*ends.after), *ends.repairs)))
    assert record_of(pipeline_of(store)).to_json() == first.to_json()


Check = Callable[[Source, CheckedSummary | None, Translation | None], list[Finding]]


def reworded(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """Today's checks with other words in their messages."""
    found = checks.check_answer(source, summary, translation)
    return [one.model_copy(update={"message": f"Reworded: {one.message}"}) for one in found]


def objecting(field_: str, paragraph: int = 4) -> Check:
    """Today's checks and a new one, which reports an error in a field."""

    def check(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
        facts: dict[str, Any] = {"paragraph": paragraph, "start": None, "end": None, "expected": None, "got": None}
        more = Finding(check="new", severity="error", field=field_, message="a new check saw this", **facts)
        return [*checks.check_answer(source, summary, translation), more]

    return check


def silent_about(field_: str) -> Check:
    """Today's checks without their findings about one field."""
    return lambda source, summary, translation: [
        one for one in checks.check_answer(source, summary, translation) if one.field != field_
    ]


@pytest.mark.parametrize("ends", ROUNDS.values(), ids=ROUNDS)
def test_a_reworded_finding_costs_nothing(store: Store, ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stored repair is found by the items it is about, and the answer is the same."""
    first = record_of(pipeline_of(store, play(broken(*ends.after), *ends.repairs)))
    monkeypatch.setattr("dragoman.evidence.assess.check_answer", reworded)
    second = record_of(pipeline_of(store))
    assert (second.status, second.summary, second.exchanges) == (first.status, first.summary, first.exchanges)


def test_a_copy_of_an_article_shares_its_repairs(store: Store) -> None:
    """The same bytes under another name: another record, at no cost."""
    first = record_of(pipeline_of(store, play(broken("c1"), corrected)))
    twin = pipeline_of(store).process(replace(ARTICLE, name="twin.txt")).record
    assert (twin.summary, twin.exchanges) == (first.summary, first.exchanges)


def test_a_new_repair_prompt_does_not_repeat_earlier_repairs(store: Store) -> None:
    """The new prompt is used only for items that were not repaired yet."""
    first = record_of(pipeline_of(store, play(broken("c1"), corrected)))
    tomorrow = replace(SUMMARY, repair=replace(SUMMARY.repair, version=2, system="Correct otherwise."))
    assert record_of(pipeline_of(store, specs=[tomorrow])).to_json() == first.to_json()


def test_two_threads_pay_for_one_repair(store_path: Path) -> None:
    """The second thread, with a store object of its own, waits for the reply of the first."""
    with Store(store_path) as one, Store(store_path) as other:
        record_of(pipeline_of(one, broken("c1"), repairs=0))
        entered, waiting = threading.Event(), threading.Event()

        def slowly(request: Request) -> str:
            entered.set()
            waiting.wait(0.3)
            return corrected(request)

        provider = Scripted([play(AssertionError(), slowly)])
        records_: list[Record] = []

        def work(store: Store) -> None:
            asker = LiveAsker(store, provider, MODEL, Budget(), hasty())
            records_.append(record_of(pipeline_of(store, asker=asker)))

        threads = [threading.Thread(target=work, args=(store,)) for store in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(provider.sent) == 1
        assert records_[0].to_json() == records_[1].to_json()
        assert status_and_reason(records_[0]) == ("ok", None)


def test_copies_processed_at_once_pay_for_one_repair(store: Store, tmp_path: Path) -> None:
    """Four files of the same bytes and four workers: one answer and one repair."""
    found = []
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (tmp_path / name).write_bytes(ARTICLE.content)
        found.append(ArticleFile(name, str(tmp_path / name)))
    pipeline = pipeline_of(store, play(broken("c1"), corrected))
    records_ = [outcome.record for outcome in Pool(pipeline, found, 4, threading.Event()).outcomes()]
    assert [status_and_reason(record) for record in records_] == [("ok", None)] * 4
    assert [is_repair(request) for request in requests_of(pipeline)] == [False, True]
    assert len({json.dumps([one.key for one in record.exchanges]) for record in records_}) == 1


REFRESHED: dict[str, tuple[str, int]] = {
    "other words": (message(answer_of({"c1": ELSE_WRONG})), 1),
    "another place": (message(answer_of({"c2": {**BAD["c1"]}})), 1),
    "more items": (broken("c1", "c3"), 1),
    "nothing wrong": (message(answer_of()), 0),
}


@pytest.mark.parametrize(("second", "asked"), REFRESHED.values(), ids=REFRESHED)
def test_a_new_answer_never_gets_the_repair_of_an_earlier_one(store: Store, second: str, asked: int) -> None:
    """`--refresh` bought a new answer whose repair got no reply. The next run sends that repair and uses no other."""
    record_of(pipeline_of(store, play(broken("c1"), corrected)))
    busy = ProviderError(FailureKind.TRANSIENT, "busy")
    record_of(pipeline_of(store, play(second, busy), refresh=True))
    again = pipeline_of(store, play(AssertionError(), corrected))
    assert status_and_reason(record_of(again)) == ("ok", None)
    assert len(requests_of(again)) == asked


def test_refresh_buys_the_repair_again_too(store: Store) -> None:
    """Even when the new answer is the same letter for letter. From then on the newer repair is used."""
    record_of(pipeline_of(store, play(broken("c1"), unchanged)))
    again = pipeline_of(store, play(broken("c1"), corrected), refresh=True)
    assert (status_and_reason(record_of(again)), len(requests_of(again))) == (("ok", None), 2)
    assert status_and_reason(record_of(pipeline_of(store))) == ("ok", None)


def test_a_higher_number_of_repairs_buys_only_the_additional_ones(store: Store) -> None:
    """Each setting (0, 1, 2 and back) pays for its own round once, and always gives the same record."""
    given_: dict[int, str] = {}
    bought = []
    for repairs in (0, 1, 2, 1, 0, 2):
        steps = (broken("c1", "c3"), changed_to(c1=ELSE_WRONG), corrected)
        pipeline = pipeline_of(store, play(steps[0], steps[min(repairs, 2)]), repairs=repairs)
        record = record_of(pipeline).to_json()
        assert given_.setdefault(repairs, record) == record
        bought.append(len(requests_of(pipeline)))
    assert bought == [1, 1, 1, 0, 0, 0]
    assert [json.loads(given_[repairs])["status"] for repairs in (0, 1, 2)] == ["flagged", "flagged", "ok"]


UNREADABLE: dict[str, str] = {"a page": "<html>busy</html>", "no body": "", "half a body": CUT}
"""Replies that do not come from the model, perhaps from a proxy."""


@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE)
def test_an_unusable_repair_is_stored_and_the_article_is_flagged(store: Store, body: str) -> None:
    """It was paid for. Nothing of it is taken, each item has a note, and a later run does not send it again."""
    record = record_of(pipeline_of(store, play(broken("c1", "title_en"), body)))
    assert status_and_reason(record) == ("flagged", None)
    assert contents(record.summary) == {**GOOD, "c1": BAD["c1"], "title_en": BAD["title_en"]}
    assert notes(record.findings) == {"title_en": "unusable", "c1": "unusable"}
    assert [exchange.role for exchange in record.exchanges] == ["ask", "repair"]
    for finding in record.findings:
        assert "\n" not in finding.message
    again = record_of(pipeline_of(store))
    assert again.to_json() == record.to_json()
    kept = found_child(store, (parts(SUMMARY, SOURCE)[0].call.request.key, "repair", 1), items=marks(store))
    assert kept is not None
    assert kept.body == body


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_repair_with_an_unreadable_reply_is_noted_and_sent_again_by_the_next_run(store: Store, body: str) -> None:
    """The reply is stored as evidence, and no option is needed for another try."""
    outcome = pipeline_of(store, play(broken("c1", "title_en"), body)).process(ARTICLE)
    record = outcome.record
    assert (status_and_reason(record), outcome.finished) == (("flagged", None), False)
    assert contents(record.summary) == {**GOOD, "c1": BAD["c1"], "title_en": BAD["title_en"]}
    assert notes(record.findings) == {"title_en": "failed", "c1": "failed"}
    assert [exchange.role for exchange in record.exchanges] == ["ask", "repair"]
    again = pipeline_of(store, play(AssertionError(), message(RIGHT)))
    assert (status_and_reason(record_of(again)), len(requests_of(again))) == (("ok", None), 1)
    assert body in [exchange.body for exchange in store.exchanges()]


def marks(store: Store) -> str:
    (items,) = {exchange.items for exchange in store.exchanges() if exchange.role == "repair"}
    return items


@pytest.mark.parametrize("label", ["no JSON", "refused", "cut off"])
def test_retry_sends_an_unusable_repair_again(store: Store, label: str) -> None:
    """As for any stored refusal or failure. The answer itself is not asked again."""
    record_of(pipeline_of(store, play(broken("c1"), UNUSABLE[label])))
    again = pipeline_of(store, play(AssertionError(), corrected), retry=True)
    assert (status_and_reason(record_of(again)), len(requests_of(again))) == (("ok", None), 1)


RETRIED: dict[str, tuple[Step, str]] = {
    "right": (corrected, "ok"),
    "of no use again": (message("no, really"), "flagged"),
    "no reply": (ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=True), "flagged"),
    "rejected": (ProviderError(FailureKind.ARTICLE, "something is off"), "flagged"),
}


@pytest.mark.parametrize(("second", "status"), RETRIED.values(), ids=RETRIED)
def test_a_retried_repair_gives_the_record_that_the_next_run_gives(store: Store, second: Step, status: str) -> None:
    """The record has one repair per round: the newest, or the earlier one when the retry got no reply."""
    before = record_of(pipeline_of(store, play(broken("c1"), UNUSABLE["no JSON"])))
    retried = record_of(pipeline_of(store, play(AssertionError(), second), retry=True))
    assert status_and_reason(retried) == (status, None)
    assert [exchange.role for exchange in retried.exchanges] == ["ask", "repair"]
    assert retried.to_json() == record_of(pipeline_of(store)).to_json()
    if isinstance(second, Exception):
        assert retried.to_json() == before.to_json()


def test_a_retry_that_the_budget_stops_keeps_the_earlier_repair(store: Store) -> None:
    """The article is pending, and the earlier repair is still in the record with its notes."""
    before = record_of(pipeline_of(store, play(broken("c1"), UNUSABLE["no JSON"])))
    record = record_of(pipeline_of(store, retry=True, budget=Budget(Decimal("0.0001"))))
    assert status_and_reason(record) == ("pending", "budget")
    assert (record.summary, record.exchanges, record.findings) == (before.summary, before.exchanges, before.findings)


def test_a_retry_sends_only_the_round_that_failed(store: Store) -> None:
    """The first round was usable and is not bought again."""
    record_of(pipeline_of(store, play(broken("c1", "c3"), changed_to(c1=ELSE_WRONG), UNUSABLE["refused"])))
    again = pipeline_of(store, play(AssertionError(), corrected), retry=True)
    assert status_and_reason(record_of(again)) == ("ok", None)
    assert [list(sent_back(request)) for request in requests_of(again)] == [["c1"]]


def test_a_retry_does_not_repeat_a_repair_of_the_same_run(store: Store) -> None:
    """`--retry` is for replies that were stored before this run."""
    pipeline = pipeline_of(store, play(broken("c1"), UNUSABLE["no JSON"]), retry=True)
    assert (status_and_reason(record_of(pipeline)), len(requests_of(pipeline))) == (("flagged", None), 2)


def replayed(folder: Path, **others: Any) -> Pipeline:
    values: dict[str, Any] = {"specs": [SUMMARY], "max_article_tokens": 100_000, **others}
    return Pipeline(prepare=lambda _: SOURCE, asker=ReplayAsker(Recordings(folder)), **values)


@pytest.mark.parametrize("ends", ROUNDS.values(), ids=ROUNDS)
def test_recorded_repairs_replay_to_the_same_bytes(store: Store, tmp_path: Path, ends: Ends) -> None:
    """`--record` writes every round, whether bought or found in the store, and replay finds all of them."""
    bought = pipeline_of(store, play(broken(*ends.after), *ends.repairs), record=tmp_path / "one")
    record = record_of(bought).to_json()
    found = record_of(pipeline_of(store, record=tmp_path / "two")).to_json()
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert record == found == record_of(replayed(tmp_path / "one")).to_json()


def test_a_recorded_repair_is_found_whatever_the_wording_of_its_findings(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found by the items it is about, as in the store."""
    first = record_of(
        pipeline_of(store, play(broken("c1", "c3"), changed_to(c1=ELSE_WRONG), corrected), record=tmp_path)
    )
    monkeypatch.setattr("dragoman.evidence.assess.check_answer", reworded)
    second = record_of(replayed(tmp_path))
    assert (second.status, second.summary, second.exchanges) == (first.status, first.summary, first.exchanges)


SPOILT = ("", "c1", "c1#", "#", "c1#00000000", "c4#00000000", "c1#00000000 c1#00000000", "\x00 \u2028", "c1#0 " * 9_999)


@pytest.mark.parametrize("items", SPOILT, ids=range(len(SPOILT)))
def test_a_recording_with_other_item_marks_changes_nothing(store: Store, tmp_path: Path, items: str) -> None:
    """The key does not cover the marks. The recording is still found, but a correction of an unmarked item is not
    taken."""
    record_of(pipeline_of(store, play(broken("c1"), corrected), record=tmp_path))
    (repair,) = [exchange for exchange in Recordings(tmp_path) if exchange.role == "repair"]
    write(tmp_path, replace(repair, items=items))
    record = record_of(replayed(tmp_path))
    assert (status_and_reason(record), contents(record.summary)["c1"]) == (("flagged", None), BAD["c1"])


def test_exported_repairs_replay_to_the_same_bytes(store: Store, tmp_path: Path) -> None:
    """Exported repairs keep their item marks, and serve a run after import into another store."""
    record = record_of(pipeline_of(store, play(broken("c1"), corrected))).to_json()
    maintenance.export(store, tmp_path / "out")
    assert record_of(replayed(tmp_path / "out")).to_json() == record
    with Store(tmp_path / "other.sqlite") as other:
        assert maintenance.import_recordings(other, tmp_path / "out") == maintenance.Imported(2, 0)
        assert record_of(pipeline_of(other)).to_json() == record


def test_a_store_of_the_first_version_can_hold_repairs(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answers stay valid. The repair is sent, stored with its item marks, and found again."""
    first_version(store_path, monkeypatch, broken("c1"))
    with Store(store_path) as store:
        assert [exchange.items for exchange in store.exchanges()] == [""]
        pipeline = pipeline_of(store, play(AssertionError(), corrected))
        assert (status_and_reason(record_of(pipeline)), len(requests_of(pipeline))) == (("ok", None), 1)
    with Store(store_path) as store:
        assert status_and_reason(record_of(pipeline_of(store))) == ("ok", None)
        assert maintenance.verify(store) == []


def first_version(path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Make a store of the first version that holds one settled answer about the article."""
    with monkeypatch.context() as patched:
        patched.setattr(file, "MIGRATIONS", file.MIGRATIONS[:1])
        file.create(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(exchanges)")]
        assert "items" not in names
        with Store(path.with_name("donor.sqlite")) as donor:
            record_of(pipeline_of(donor, body, repairs=0))
            ((row,), texts) = donor.rows("SELECT * FROM exchanges"), donor.rows("SELECT * FROM texts")
        db.executemany("INSERT INTO texts VALUES (?, ?)", [tuple(text) for text in texts])
        places = ", ".join("?" * len(names))
        db.execute(f"INSERT INTO exchanges ({', '.join(names)}) VALUES ({places})", [row[name] for name in names])
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1


def damage(path: Path) -> None:
    """Overwrite a page of the file other than the first: the page of the index by article."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'exchanges_by_article'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(bytes(content))


def test_a_salvaged_store_keeps_its_repairs(store_path: Path) -> None:
    """They are found again by their item marks, so nothing is paid for twice."""
    with Store(store_path) as store:
        record = record_of(pipeline_of(store, play(broken("c1", "c3"), changed_to(c1=ELSE_WRONG), corrected)))
        before = list(store.exchanges())
    damage(store_path)
    assert salvage(store_path).saved == 3
    with Store(store_path) as store:
        assert list(store.exchanges()) == before
        assert record_of(pipeline_of(store)).to_json() == record.to_json()


def test_a_damaged_store_of_the_first_version_is_salvaged(store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answers are saved into a store of the current version, and their repairs are sent there."""
    first_version(store_path, monkeypatch, broken("c1"))
    damage(store_path)
    assert salvage(store_path).saved == 1
    with Store(store_path) as store:
        pipeline = pipeline_of(store, play(AssertionError(), corrected))
        assert (status_and_reason(record_of(pipeline)), len(requests_of(pipeline))) == (("ok", None), 1)


def test_a_store_of_the_first_version_without_its_first_page_is_salvaged(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version number is lost too. Its rows read as they do after a migration."""
    first_version(store_path, monkeypatch, broken("c1"))
    damage(store_path)
    store_path.write_bytes(bytes(4096) + store_path.read_bytes()[4096:])
    repaired = salvage(store_path)
    assert (repaired.saved, repaired.lost) == (1, 0)
    with Store(store_path) as store:
        assert [exchange.items for exchange in store.exchanges()] == [""]


def test_a_store_of_the_first_version_that_cannot_be_migrated_is_salvaged(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its schema is damaged. What is readable is read as it was written."""
    first_version(store_path, monkeypatch, broken("c1"))
    with closing(sqlite3.connect(store_path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA writable_schema = ON")
        db.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE sources (' WHERE name = 'leases'")
        db.commit()
    assert salvage(store_path).saved == 1
    with Store(store_path) as store:
        assert [exchange.items for exchange in store.exchanges()] == [""]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one article, for commands to read."""
    place = tmp_path / "in"
    place.mkdir()
    (place / "a.txt").write_text("\n\n".join(TEXTS) + "\n", "utf-8")
    return place


def behaving(answer: str | Behaviour, *repairs: str | Behaviour) -> Callable[[int, dict[str, Any]], Behaviour | None]:
    """A service script: ``answer`` for requests that are no repair, and each repair in turn; the last one repeats."""
    waiting = list(repairs)

    def script(_: int, body: dict[str, Any]) -> Behaviour:
        step = answer
        if "<paragraphs-" in user_text(body):
            step = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return Answer(step) if isinstance(step, str) else step

    return script


ANSWER = answer_of({"c1": BAD["c1"], "c4": BAD["c4"]})


FIXED = repair_of({"c1": GOOD["c1"], "c4": GOOD["c4"]})


HALF = repair_of({"c1": GOOD["c1"], "c4": BAD["c4"]})


def repairs_in(service: Service) -> int:
    return sum("<paragraphs-" in user_text(entry.body or {}) for entry in service.ledger)


COMMANDS: dict[str, tuple[tuple[str | Behaviour, ...], str, int]] = {
    "corrected": ((FIXED,), "ok", 0),
    "corrected in two rounds": ((HALF, repair_of({"c4": GOOD["c4"]})), "ok", 0),
    "wrong to the end": ((HALF, repair_of({"c4": BAD["c4"]})), "flagged", 0),
    "not to be used": (("no",), "flagged", 0),
    "refused": ((Refusal(),), "flagged", 0),
    "rejected by the service": ((Status(400, "invalid_request_error", "something is off"),), "flagged", 0),
    "no key any more": ((Status(401, "authentication_error", "invalid x-api-key"),), "pending", 4),
}


@pytest.mark.parametrize(("repairs", "status", "code"), COMMANDS.values(), ids=COMMANDS)
def test_check_gives_the_same_bytes_after_every_kind_of_repair(
    folder: Path, tmp_path: Path, store_path: Path, repairs: tuple[str | Behaviour, ...], status: str, code: int
) -> None:
    """`check OUT` uses the stored repairs without a request, and changes no file."""
    out = tmp_path / "out"
    with Service(script=behaving(ANSWER, *repairs)) as service:
        done = here("run", folder, "-o", out, *to(service, store_path))
        (record,) = records(out)
        assert (done.code, record["status"]) == (code, status)
        validate(record)
        before, asked = files(out), len(service.ledger)
        here("check", out)
        assert len(service.ledger) == asked
    assert files(out) == before


def test_check_gives_the_same_bytes_after_a_retried_repair(folder: Path, tmp_path: Path, store_path: Path) -> None:
    """`check` reads the repair that the record depends on and not the unusable one; `plan` knows both."""
    out = tmp_path / "out"
    with Service(script=behaving(ANSWER, "no", FIXED)) as service:
        options = to(service, store_path)
        here("run", folder, "-o", out, *options)
        assert (planned(folder, *options)["requests"], planned(folder, *options, "--retry")["requests"]) == (0, 1)
        assert here("run", folder, "-o", out, *options, "--retry").code == 0
        assert (records(out)[0]["status"], repairs_in(service)) == ("ok", 2)
        before = files(out)
        assert here("check", out).code == 0
        assert files(out) == before
        assert here("run", folder, "-o", tmp_path / "again", *options).code == 0
        assert (tmp_path / "again" / "records.jsonl").read_bytes() == (out / "records.jsonl").read_bytes()
        assert planned(folder, *options, "--retry")["why"] == "stored"
        assert len(service.ledger) == 3


def test_cached_records_are_kept_apart_by_the_number_of_repairs(folder: Path, tmp_path: Path, store_path: Path) -> None:
    """A record cached for one setting serves no other, and `--record` also writes the repair of a cached record."""
    kept = tmp_path / "kept"
    with Service(script=behaving(ANSWER, HALF, repair_of({"c4": GOOD["c4"]}))) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        for repairs, corrected_ in (("0", 0), ("1", 1), ("2", 2), ("0", 0), ("1", 1), ("2", 2)):
            assert here(*command, "--repairs", repairs).code == 0
            (record,) = records(tmp_path / "out")
            assert [e["role"] for e in record["exchanges"]] == ["ask", *["repair"] * corrected_]
            assert sum(finding["check"] == "repair.done" for finding in record["findings"]) == corrected_
        assert here(*command, "--record", kept).code == 0
        assert len(service.ledger) == 3
    assert sorted(exchange.round for exchange in Recordings(kept)) == [0, 1, 2]


def test_a_repair_left_by_the_budget_is_bought_by_the_next_run(folder: Path, tmp_path: Path, store_path: Path) -> None:
    """Exit 5 with the answer in OUT and marked as pending, also after `check`. The next run sends one request."""
    out = tmp_path / "out"
    costly = Answer(ANSWER, usage={"output_tokens": 13_000})
    with Service(script=behaving(costly, FIXED)) as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        assert here(*command, "--max-cost", "0.19").code == 5
        (record,) = records(out)
        assert (record["status"], record["reason"]["code"]) == ("pending", "budget")
        assert record["summary"]["claims"][0]["text_en"] == BAD["c1"]["text_en"]
        assert {finding["field"] for finding in record["findings"] if finding["severity"] == "error"} == {
            "claims.c1.text_en",
            "claims.c4.quote",
        }
        before = files(out)
        here("check", out)
        assert files(out) == before
        assert here(*command).code == 0
        assert (len(service.ledger), repairs_in(service)) == (2, 1)
    assert records(out)[0]["status"] == "ok"


OTHERS: dict[str, tuple[Check, set[str], dict[str, str]]] = {
    "more": (objecting("claims.c2.text_en"), {"c1", "c4"}, {"c1": "done", "c4": "done"}),
    "fewer": (silent_about("claims.c4.quote"), {"c1"}, {"c1": "done"}),
    "others": (
        lambda *given_: [*silent_about("claims.c4.quote")(*given_), *objecting("title_en")(*given_)[-1:]],
        {"c1"},
        {"c1": "done"},
    ),
    "in other words": (reworded, {"c1", "c4"}, {"c1": "done", "c4": "done"}),
}


@pytest.mark.parametrize(("check", "right", "noted"), OTHERS.values(), ids=OTHERS)
def test_stored_repairs_are_applied_whatever_the_checks_report_today(
    folder: Path,
    tmp_path: Path,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    check: Check,
    right: set[str],
    noted: dict[str, str],
) -> None:
    """An item that was repaired and still has a finding is used as repaired. No note claims that an item was sent back
    that was not."""
    out = tmp_path / "out"
    with Service(script=behaving(ANSWER, FIXED)) as service:
        here("run", folder, "-o", out, *to(service, store_path))
        monkeypatch.setattr("dragoman.evidence.assess.check_answer", check)
        assert here("check", out).code == 0
        assert len(service.ledger) == 2
    (record,) = records(out)
    summary = Record.model_validate(record).summary
    now = contents(summary)
    assert {name for name in ("c1", "c4") if now[name] == GOOD[name]} == right
    assert notes([Finding.model_validate(finding) for finding in record["findings"]]) == noted
    assert [exchange["role"] for exchange in record["exchanges"]] == ["ask", "repair"]


def test_a_missing_recording_of_a_repair_names_the_option_that_avoids_it(
    folder: Path, tmp_path: Path, store_path: Path
) -> None:
    """Exit 6 and `--repairs 0`, with which the record is flagged. Either way the answer and its errors are in OUT."""
    kept, out = tmp_path / "kept", tmp_path / "out"
    replay = ("--provider", "replay", "--recordings", kept)
    with Service(script=behaving(ANSWER, FIXED)) as service:
        here("run", folder, "-o", tmp_path / "live", "--record", kept, *to(service, store_path))
    assert here("run", folder, "-o", out, *replay).code == 0
    assert (out / "records.jsonl").read_bytes() == (tmp_path / "live" / "records.jsonl").read_bytes()
    (repair,) = [exchange for exchange in Recordings(kept) if exchange.role == "repair"]
    path_of(kept, repair.key).unlink()
    done = here("run", folder, "-o", tmp_path / "second", *replay)
    assert done.code == 6
    assert "--repairs 0" in done.stderr
    (record,) = records(tmp_path / "second")
    assert (record["status"], record["reason"]["code"]) == ("pending", "recording_missing")
    assert record["summary"]["claims"][0]["text_en"] == BAD["c1"]["text_en"]
    alone = here("summarize", folder / "a.txt", *replay)
    assert (alone.code, alone.stdout) == (6, "")
    assert "--repairs 0" in alone.stderr
    assert here("summarize", folder / "a.txt", *replay, "--repairs", "0").record["status"] == "flagged"
    assert here("run", folder, "-o", out, *replay, "--repairs", "0").code == 0
    assert records(out)[0]["status"] == "flagged"
    assert here("run", folder, "-o", out, *replay, "--repairs", "0", "--strict").code == 3


def planned(*arguments: object) -> dict[str, Any]:
    """What `plan --json` says about the one summary."""
    done = here("plan", *arguments, "--json")
    assert done.code == 0, done.stderr
    task: dict[str, Any] = json.loads(done.stdout)["tasks"]["summary"]
    return task


def test_a_plan_counts_one_request_for_a_repair_until_it_is_stored(
    folder: Path, tmp_path: Path, store_path: Path
) -> None:
    """It costs less than a new answer. Each round counts by itself."""
    with Service(script=behaving(ANSWER, HALF, repair_of({"c4": GOOD["c4"]}))) as service:
        options = (folder, *to(service, store_path))
        new = planned(*options)
        assert (new["why"], new["requests"]) == ("new", 1)
        here("run", *options, "-o", tmp_path / "out", "--repairs", "0")
        assert planned(*options, "--repairs", "0")["why"] == "stored"
        plans = []
        for repairs in ("1", "2"):
            plan = planned(*options, "--repairs", repairs)
            plans.append((plan["why"], plan["requests"]))
            assert Decimal(0) < Decimal(plan["cost_usd"]) < Decimal(new["cost_usd"])
            before = len(service.ledger)
            here("run", *options, "-o", tmp_path / "out", "--repairs", repairs)
            assert len(service.ledger) - before == 1
        assert plans == [("repair", 1), ("repair", 1)]
        assert {planned(*options, "--repairs", repairs)["why"] for repairs in ("0", "1", "2")} == {"stored"}
        assert planned(*options, "--refresh")["why"] == "refresh"


ON_RETRY = "1 article with a correction that could not be used: requested again only with --retry"


def test_an_unusable_repair_counts_as_stored_in_a_plan(folder: Path, tmp_path: Path, store_path: Path) -> None:
    """A run would not send it again. The plan and the run, also one that finds the finished record, say that --retry
    would."""
    with Service(script=behaving(ANSWER, "no")) as service:
        options = (folder, *to(service, store_path))
        assert ON_RETRY not in here("plan", *options).stderr
        for _ in range(2):
            assert ON_RETRY in here("run", *options, "-o", tmp_path / "out").stderr
            assert (planned(*options)["why"], planned(*options)["requests"]) == ("stored", 0)
            assert ON_RETRY in here("plan", *options).stderr
            assert ON_RETRY in here("plan", *options, "--repairs", "1").stderr
            assert ON_RETRY in here("summarize", folder / "a.txt", *options[1:]).stderr
        assert repairs_in(service) == 1
        facts = run_facts(tmp_path / "out")
        assert facts["repairs"] == {"without a usable correction": 2}
        assert ON_RETRY not in here("run", *options, "-o", tmp_path / "out", "--repairs", "0").stderr


def test_a_plan_of_a_retry_shows_the_correction_with_its_own_estimate(
    folder: Path, tmp_path: Path, store_path: Path
) -> None:
    """Two items are written again, and not the whole summary."""
    with Service(script=behaving(ANSWER, "no", FIXED)) as service:
        options = (folder, *to(service, store_path))
        whole = planned(*options)
        here("run", *options, "-o", tmp_path / "out")
        retry = planned(*options, "--retry")
        shown = here("plan", *options, "--retry")
        assert (retry["why"], retry["requests"]) == ("repair failed before", 1)
        assert retry["output_tokens_estimated"] == 2 * CORRECTION_OUTPUT < whole["output_tokens_estimated"] / 4
        assert "summary: correction (failed before), about " in shown.stdout
        assert ON_RETRY not in shown.stderr
        done = here("run", *options, "-o", tmp_path / "out", "--retry")
        assert (done.code, repairs_in(service)) == (0, 2)
        assert ON_RETRY not in done.stderr


def test_a_plan_for_replay_reports_a_missing_recording_of_a_repair(
    folder: Path, tmp_path: Path, store_path: Path
) -> None:
    """With no repairs, nothing is missing."""
    kept = tmp_path / "kept"
    with Service(script=behaving(ANSWER, FIXED)) as service:
        options = ("-o", tmp_path / "out", "--record", kept, "--repairs", "0")
        here("run", folder, *options, *to(service, store_path))
    replay = (folder, "--provider", "replay", "--recordings", kept)
    assert planned(*replay)["why"] == "recording missing"
    assert planned(*replay, "--repairs", "0")["why"] == "stored"


def test_two_processes_pay_for_one_repair(folder: Path, tmp_path: Path, store_path: Path) -> None:
    """Both print the same record. The service got one request for the answer and one for the repair."""
    with Service(script=behaving(ANSWER, FIXED), latency=0.3) as service:
        arguments = ("summarize", folder / "a.txt", *to(service, store_path))
        both = [start(*arguments, home=tmp_path, env={"ANTHROPIC_API_KEY": "x"}) for _ in range(2)]
        ends = [process.communicate(timeout=60) for process in both]
        assert [process.returncode for process in both] == [0, 0], ends
        assert ends[0][0] == ends[1][0]
        assert (len(service.ledger), repairs_in(service)) == (2, 1)
    assert json.loads(ends[0][0])["status"] == "ok"


def test_a_run_reports_corrected_and_still_wrong_items(folder: Path, tmp_path: Path, store_path: Path) -> None:
    """On stderr and in run.json; `--strict` counts those that are still wrong."""
    with Service(script=behaving(ANSWER, HALF, repair_of({"c4": BAD["c4"]}))) as service:
        done = here("run", folder, "-o", tmp_path / "out", "--strict", *to(service, store_path))
    assert done.code == 3
    assert "1 fixed" in done.stderr
    assert "1 still wrong" in done.stderr
    assert run_facts(tmp_path / "out")["repairs"] == {"corrected": 1, "still wrong": 1}


@pytest.mark.parametrize("repairs", ["-1", "3", "x"])
def test_an_invalid_number_of_repairs_is_rejected(folder: Path, tmp_path: Path, repairs: str) -> None:
    """Exit 2, and nothing is sent."""
    assert here("run", folder, "-o", tmp_path / "out", "--repairs", repairs).code == 2


# Written by hand

ON = "2026-11-22"


def written(folder: Path, *texts: str) -> list[Path]:
    """Recordings of an answer and its repairs, as `dragoman dev handwrite` makes them."""
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder.parent / f"reply{number}.json")
        paths[-1].write_text(text, "utf-8")
    kept = folder.parent / "recordings"
    done = here("dev", "handwrite", folder / "a.txt", *paths, "--recordings", kept, "--on", ON)
    assert done.code == 0, done.stderr
    return sorted(kept.iterdir())


def replay(folder: Path) -> dict[str, Any]:
    """The record that a replay of the `written` recordings gives."""
    kept = folder.parent / "recordings"
    return here("summarize", folder / "a.txt", "--provider", "replay", "--recordings", kept).record


def test_an_answer_and_its_repairs_can_be_written_by_hand(folder: Path) -> None:
    """Each is a recording that says that a person wrote it, and replay uses all of them."""
    assert len(written(folder, ANSWER, HALF, repair_of({"c4": GOOD["c4"]}))) == 3
    record = replay(folder)
    assert (record["status"], [e["role"] for e in record["exchanges"]]) == ("ok", ["ask", "repair", "repair"])
    assert {e["origin"] for e in record["exchanges"]} == {"handwritten"}


def test_an_answer_reasked_and_repaired_once_can_be_written_by_hand(folder: Path) -> None:
    """The last text leaves an error, and no further text is given: there are as many repairs as texts."""
    assert len(written(folder, "no", ANSWER, HALF)) == 3


def test_a_handwritten_repair_of_an_answer_without_errors_is_refused(folder: Path) -> None:
    """It would be dropped silently otherwise."""
    with pytest.raises(ConfigError):
        write_by_hand(folder / "a.txt", [answer_of(), FIXED], SUMMARY, folder.parent / "recordings", on=ON)


TOMORROW = {
    "summary": replace(SUMMARY, prompt=replace(LIBRARY.get("summary"), version=2, system="Read otherwise.")),
    "repair": replace(SUMMARY, repair=replace(LIBRARY.get("repair"), version=2, system="Correct otherwise.")),
}


@pytest.mark.parametrize("spec", TOMORROW.values(), ids=TOMORROW)
def test_rekey_moves_handwritten_repairs_to_a_new_prompt(folder: Path, spec: Any) -> None:
    """Each round gets the new request and parent. The old recordings are removed, and a second `rekey` changes
    nothing."""
    written(folder, ANSWER, HALF, repair_of({"c4": GOOD["c4"]}))
    kept = folder.parent / "recordings"
    bodies = {exchange.body for exchange in Recordings(kept)}
    changed, problems = rekey(kept, folder, [spec])
    assert problems == []
    now = list(Recordings(kept))
    assert (len(now), {exchange.body for exchange in now}) == (3, bodies)
    assert changed > 0
    (first,) = [exchange for exchange in now if exchange.role == "ask"]
    assert {exchange.parent for exchange in now if exchange.role == "repair"} == {first.key}
    assert all(exchange.items for exchange in now if exchange.role == "repair")
    assert rekey(kept, folder, [spec]) == (0, [])


def test_rekey_puts_reworded_findings_into_handwritten_repairs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request shows today's messages, so the recording is what a run would send."""
    written(folder, ANSWER, FIXED)
    kept = folder.parent / "recordings"
    monkeypatch.setattr("dragoman.evidence.assess.check_answer", reworded)
    assert rekey(kept, folder, [SUMMARY]) == (1, [])
    (repair,) = [exchange for exchange in Recordings(kept) if exchange.role == "repair"]
    assert "Reworded" in repair.request.user
    assert len(list(Recordings(kept))) == 2


def test_a_handwritten_repair_that_is_invalid_is_not_written(folder: Path) -> None:
    """It is parsed like a reply of a model, and the writer sees the errors."""
    kept = folder.parent / "recordings"
    kept.mkdir()
    with pytest.raises(ConfigError):
        write_by_hand(folder / "a.txt", [ANSWER, repair_of({"c1": GOOD["c1"]})], SUMMARY, kept, on=ON)
    assert list(kept.iterdir()) == []


def test_rekey_names_a_handwritten_repair_that_is_no_longer_needed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's checks report no error, so the repair has no request any more."""
    written(folder, ANSWER, FIXED)
    kept = folder.parent / "recordings"
    monkeypatch.setattr("dragoman.evidence.assess.check_answer", lambda *_: [])
    _, problems = rekey(kept, folder, [TOMORROW["summary"]])
    assert ["a.txt" in problem for problem in problems] == [True]


def test_a_handwritten_repair_never_corrects_a_live_answer(store: Store, folder: Path) -> None:
    """Not even when it is in the store."""
    record_of(pipeline_of(store, broken("c1"), repairs=0))
    asked: list[Call] = []

    def ask(call: Call, _: bool) -> Asked:
        asked.append(call)
        if call.role == "repair":
            raise RecordingMissing("not there")
        return Asked(exchange_of(call.request, body=broken("c1")), bought=False)

    carry_out(SUMMARY, SOURCE, ask, rounds=1)
    call = asked[-1]
    by_hand = exchange_of(
        call.request, body=body_of(repair_of({"c1": GOOD["c1"]})), origin="handwritten",
        role="repair", round=1, parent=call.parent, items=call.items,
    )  # fmt: skip
    store.settle(store.save(by_hand), None, None)
    pipeline = pipeline_of(store, play(AssertionError(), unchanged))
    assert (status_and_reason(record_of(pipeline)), len(requests_of(pipeline))) == (("flagged", None), 1)
