"""A stored reply costs nothing, a new reply is committed before it is read, and money is counted however a request
ends.
"""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.asking.limiter import RateLimiter
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.replay import ReplayAsker
from dragoman.asking.retries import RetryPolicy
from dragoman.core.exchange import Exchange, Reply
from dragoman.core.models import table
from dragoman.core.prices import highest_geography_factor, worst_case
from dragoman.core.request import Request
from dragoman.errors import (
    BudgetReached,
    FailureKind,
    Interrupted,
    ProviderError,
    RepliesRescued,
    StoreError,
)
from dragoman.store.protocol import Scope
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from dragoman.tasks.requests import most_tokens
from tests.support.builders import (
    MODEL,
    Scripted,
    Step,
    Wire,
    article_of,
    call_of,
    exchange_of,
    found,
    hasty,
    in_processes,
    message,
    quick_limiter,
    refused,
    summary_of,
)

CLAUDE = Scope()
CALL = call_of()
ARTICLE = article_of()
GOOD = message(summary_of())
PRICE = Decimal("0.003")
"""What `GOOD` costs: 1,000 tokens in at $2 and 100 out at $10 a million."""
LIST_WORST = worst_case(MODEL, most_tokens(CALL.request), CALL.request.max_tokens) or Decimal(0)
WORST = LIST_WORST * highest_geography_factor(MODEL)
"""The worst case before the service has said in which geography it answers."""
JUNK = {"a proxy's page": "<html>", "nothing": "", "cut off": GOOD[:-30], "another thing": '{"ok": true}'}

overloaded = ProviderError(FailureKind.TRANSIENT, "overloaded")
reset = ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=True)
rejected = ProviderError(FailureKind.ARTICLE, "too long")
unusable = ProviderError(FailureKind.UNUSABLE, "no credit")


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def asker_of(store: Store, *script: Step, budget: Budget | None = None, **others: Any) -> LiveAsker:
    """An asker over a scripted provider. An empty script fails the test on any request."""
    steps: Sequence[Step] = script or [AssertionError("asked, although the answer is stored")]
    policy = others.pop("policy", None) or hasty()
    others.setdefault("limiter", quick_limiter(stop=others.get("stop")))
    return LiveAsker(
        store, others.pop("provider", None) or Scripted(list(steps)), MODEL, budget or Budget(), policy, **others
    )


def sent(asker: LiveAsker) -> int:
    """The number of requests that the provider received."""
    assert isinstance(asker.provider, Scripted)
    return len(asker.provider.sent)


def leases(store: Store) -> int:
    return int(store.rows("SELECT count(*) FROM leases")[0][0])


# Storing and paying


def test_an_answer_is_bought_once_and_found_afterwards(store: Store) -> None:
    """The second time costs nothing, also for the asker of another process and for another article with the same
    text.
    """
    first = asker_of(store, GOOD)
    bought = first.ask(CALL, ARTICLE)
    assert bought.bought
    assert (first.counters.replies, first.counters.hits, first.budget.spent) == (1, 0, PRICE)
    second = asker_of(store)
    found = second.ask(CALL, article_of(name="b.txt"))
    assert not found.bought
    assert found.exchange == bought.exchange
    assert (second.counters.replies, second.counters.hits, second.budget.spent) == (0, 1, Decimal(0))


def test_an_exchange_says_where_its_reply_came_from_and_what_it_cost(store: Store) -> None:
    """Article, prompt, endpoint, price and the date of the price table are stored with it."""
    exchange = asker_of(store, overloaded, GOOD).ask(CALL, ARTICLE).exchange
    assert exchange == found(store, CALL.request.key, settled=True)
    assert exchange.request == CALL.request
    assert exchange.body == GOOD
    assert (exchange.origin, exchange.endpoint, exchange.base_url) == ("live", "anthropic", None)
    assert (exchange.article, exchange.article_sha256) == (ARTICLE.name, ARTICLE.sha256)
    assert (exchange.prompt, exchange.prompt_sha256) == (CALL.prompt.name, CALL.prompt.sha256)
    assert (exchange.attempts, exchange.cost_usd, exchange.price_table) == (2, "0.003", table().as_of)
    assert [retry.why for retry in exchange.retries] == [overloaded.why]


def test_two_threads_with_the_same_request_pay_once(store: Store) -> None:
    """The second thread waits for the first one's reply and takes it from the store."""
    asked = threading.Event()

    def slowly(_: Request) -> str:
        asked.set()
        time.sleep(0.1)
        return GOOD

    asker = asker_of(store, slowly, AssertionError("asked twice"))
    got: list[Exchange] = []
    threads = [threading.Thread(target=lambda: got.append(asker.ask(CALL, ARTICLE).exchange)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked.is_set()
    assert got == [got[0]] * 4
    assert (sent(asker), asker.counters.replies, asker.counters.hits, asker.budget.spent) == (1, 1, 3, PRICE)


def test_an_unreadable_reply_is_not_taken_by_another_thread_while_attempts_remain(store: Store) -> None:
    """While one thread still retries, the other waits. Both get the good reply instead of the unreadable one
    before it.
    """
    junk_is_in = threading.Event()

    def good(_: Request) -> str:
        junk_is_in.set()
        time.sleep(0.2)
        return GOOD

    asker = asker_of(store, "<html>", good)
    got: list[str] = []

    def late() -> None:
        assert junk_is_in.wait(10)
        got.append(asker.ask(CALL, ARTICLE).exchange.body)

    other = threading.Thread(target=late)
    other.start()
    got.append(asker.ask(CALL, ARTICLE).exchange.body)
    other.join()
    assert got == [GOOD, GOOD]
    assert sent(asker) == 2


def test_processes_with_the_same_request_pay_once(store: Store) -> None:
    """Four processes on one store send one request."""
    script = """
import sys, time
from pathlib import Path
from tests.support.builders import *
from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.store.sqlite.store import Store
def slowly(_):
    time.sleep(0.3)
    return message(summary_of())
with Store(Path(sys.argv[2])) as store:
    asker = LiveAsker(store, Scripted([slowly]), MODEL, Budget(), hasty())
    print("ready", flush=True)
    sys.stdin.readline()
    asker.ask(call_of(), article_of())
    print(asker.counters.replies)
"""
    processes = in_processes(4, script, store.path)
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sorted(process.communicate()[0] for process in processes) == ["0\n", "0\n", "0\n", "1\n"]


def test_a_reply_is_committed_before_anything_reads_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in parsing costs no second request: the reply is in the store, and the next run finds it there."""

    def bug(body: str) -> Reply:
        raise ZeroDivisionError

    monkeypatch.setattr(Reply, "read", bug)
    with pytest.raises(ZeroDivisionError):
        asker_of(store, GOOD).ask(CALL, ARTICLE)
    monkeypatch.undo()
    assert asker_of(store).ask(CALL, ARTICLE).exchange.body == GOOD


def test_refresh_sends_a_request_again_once_and_keeps_the_old_reply(store: Store) -> None:
    """Replies from before this run are not used; replies that this run bought are."""
    asker_of(store, GOOD).ask(CALL, ARTICLE)
    asker = asker_of(store, message("newer"), refresh=True)
    for _ in range(2):
        assert asker.ask(CALL, ARTICLE).exchange.reply.text == "newer"
    assert sent(asker) == 1
    assert [exchange.body for exchange in store.exchanges()] == [GOOD, message("newer")]


def test_fresh_sends_one_request_again(store: Store) -> None:
    """This is what --retry does for failed requests; the rest of the run still uses the store."""
    asker_of(store, GOOD).ask(CALL, ARTICLE)
    asker = asker_of(store, message("newer"))
    assert asker.ask(CALL, ARTICLE).exchange.body == GOOD
    assert asker.ask(CALL, ARTICLE, fresh=True).bought
    assert not asker.ask(CALL, ARTICLE, fresh=True).bought


def test_a_reask_is_found_again_when_its_wording_changed(store: Store) -> None:
    """A re-ask is found by parent, role and round, so that better error messages do not cost a second one. A part is
    found only by its key.
    """
    reask = replace(CALL, role="reask", round=1, parent=CALL.request.key)
    reworded = replace(reask, request=replace(CALL.request, user="worded otherwise"))
    asker_of(store, GOOD).ask(reask, ARTICLE)
    assert not asker_of(store).ask(reworded, ARTICLE).bought
    part = replace(reworded, role="part")
    assert asker_of(store, GOOD).ask(part, ARTICLE).bought


def test_an_answer_of_a_local_server_is_served_only_for_its_own_address(store: Store) -> None:
    """For the real service, or for another local server, the request is sent."""
    here = Scripted([GOOD], endpoint="custom", base_url="http://localhost:8080")
    there = Scripted([GOOD], endpoint="custom", base_url="http://localhost:9090")
    exchange = asker_of(store, provider=here).ask(CALL, ARTICLE).exchange
    assert (exchange.endpoint, exchange.base_url) == ("custom", "http://localhost:8080")
    assert not asker_of(store, provider=here).ask(CALL, ARTICLE).bought
    assert asker_of(store, provider=there).ask(CALL, ARTICLE).bought
    assert asker_of(store, GOOD).ask(CALL, ARTICLE).bought


@pytest.mark.parametrize(
    ("left", "asked", "body"), [(GOOD, 0, GOOD), ("<html>", 1, message("newer"))], ids=["an answer", "junk"]
)
def test_a_reply_that_a_killed_process_committed_is_used_if_it_can_be_read(
    store: Store, left: str, asked: int, body: str
) -> None:
    """The reply was committed but not read. A valid answer gets its price and is served; an unreadable one is requested
    again.
    """
    store.save(exchange_of(CALL.request, body=left))
    asker = asker_of(store, message("newer"))
    exchange = asker.ask(CALL, ARTICLE).exchange
    assert (exchange.body, exchange.cost_usd, sent(asker)) == (body, "0.003", asked)
    assert exchange == found(store, CALL.request.key, settled=True)


def test_a_known_price_is_never_recalculated(store: Store) -> None:
    """The reply was paid for at the prices of its own day and endpoint, whatever the prices of this run are."""
    old = exchange_of(CALL.request, body=GOOD, endpoint="bedrock", cost_usd="0.0033", price_table="2025-01-01")
    store.save(old)
    for _ in range(2):
        assert asker_of(store).ask(CALL, ARTICLE).exchange == old


# Replies that cannot be read


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_an_unreadable_reply_is_stored_and_requested_again(store: Store, junk: str) -> None:
    """It may have been charged, so it stays as evidence, and the answer of the next attempt is served."""
    asker = asker_of(store, junk, GOOD)
    assert asker.ask(CALL, ARTICLE).exchange.body == GOOD
    assert [exchange.body for exchange in store.exchanges()] == [junk, GOOD]
    assert (asker.counters.attempts, asker.counters.replies, asker.counters.maybe_paid) == (2, 2, 1)
    assert asker.budget.spent == WORST + PRICE
    assert asker_of(store).ask(CALL, ARTICLE).exchange.body == GOOD


def test_unreadable_replies_are_bought_a_limited_number_of_times_and_are_no_answer_for_a_later_run(
    store: Store,
) -> None:
    """After ``maybe_paid`` further attempts the unreadable reply is the result in this run: it is stored as evidence
    and returned for the same request. It may be the page of a proxy, so the next run sends the request again.
    """
    asker = asker_of(store, "<html>", policy=hasty(maybe_paid=1))
    asked = asker.ask(CALL, ARTICLE)
    assert (asked.exchange.body, asked.bought, sent(asker)) == ("<html>", True, 2)
    assert asker.budget.spent == 2 * WORST
    assert asker.ask(CALL, ARTICLE).exchange.body == "<html>"
    assert sent(asker) == 2
    again = asker_of(store, GOOD)
    assert again.ask(CALL, ARTICLE).exchange.body == GOOD
    assert [exchange.body for exchange in store.exchanges()] == ["<html>", "<html>", GOOD]


def test_an_unreadable_reply_that_an_earlier_version_stored_as_an_answer_is_requested_again(store: Store) -> None:
    """Stores of earlier versions contain settled rows of this kind; users need no option to get past them."""
    row = store.save(exchange_of(CALL.request, body="<html>"))
    store.settle(row, None, None)
    assert asker_of(store, GOOD).ask(CALL, ARTICLE).exchange.body == GOOD


def test_an_unreadable_reply_does_not_replace_an_older_answer(store: Store) -> None:
    """A proxy's page that a --refresh received belongs to that run; the next run uses the older answer."""
    asker_of(store, GOOD).ask(CALL, ARTICLE)
    assert asker_of(store, "<html>", refresh=True).ask(CALL, ARTICLE).exchange.body == "<html>"
    assert asker_of(store).ask(CALL, ARTICLE).exchange.body == GOOD


def test_an_unreadable_reply_does_not_hide_that_the_service_is_unusable(store: Store) -> None:
    """The credit ran out between two attempts: that ends the run, whatever the attempt before it returned."""
    with pytest.raises(ProviderError) as caught:
        asker_of(store, "<html>", unusable).ask(CALL, ARTICLE)
    assert caught.value.kind is FailureKind.UNUSABLE


# The budget


WAYS_OUT: dict[str, tuple[list[Step], Decimal, int]] = {
    "an answer": ([GOOD], PRICE, 0),
    "an answer at the second try": ([overloaded, GOOD], PRICE, 0),
    "an answer after one that may have been paid": ([reset, GOOD], WORST + PRICE, 1),
    "a rejected request": ([rejected], Decimal(0), 0),
    "no service": ([unusable], Decimal(0), 0),
    "overload to the end": ([overloaded], Decimal(0), 0),
    "resets to the end": ([reset], 3 * WORST, 3),
    "junk to the end": (["<html>"], 3 * WORST, 3),
    "a stop after a reset": ([reset, Interrupted("stopped")], WORST, 1),
    "a bug after a reset": ([reset, ZeroDivisionError()], WORST, 1),
    "an answer that tells no usage": ([message(summary_of(), tokens=None)], WORST, 0),
}


@pytest.mark.parametrize(("script", "spent", "maybe_paid"), WAYS_OUT.values(), ids=WAYS_OUT)
def test_however_a_request_ends_money_is_settled_and_the_lease_released(
    store: Store, script: list[Step], spent: Decimal, maybe_paid: int
) -> None:
    """An attempt that may have been charged counts at its worst case. Nothing stays reserved and nothing stays
    leased.
    """
    budget = Budget(Decimal(100))
    asker = asker_of(store, *script, budget=budget)
    with suppress(ProviderError, Interrupted, ZeroDivisionError):
        asker.ask(CALL, ARTICLE)
    assert (budget.spent, asker.counters.maybe_paid) == (spent, maybe_paid)
    assert leases(store) == 0
    # Nothing is reserved any more: the whole rest can be.
    budget.settle(budget.reserve(Decimal(100) - spent), Decimal(0))


KINDS: dict[str, tuple[list[Step], tuple[Decimal, Decimal, Decimal]]] = {
    "an answer after a reset": ([reset, GOOD], (PRICE, Decimal(0), WORST)),
    "an answer after overload": ([overloaded, GOOD], (PRICE, Decimal(0), Decimal(0))),
    "junk, then an answer": (["<html>", GOOD], (PRICE, Decimal(0), WORST)),
    "an answer that tells no usage": ([message(summary_of(), tokens=None)], (Decimal(0), WORST, Decimal(0))),
}


@pytest.mark.parametrize(("script", "money"), KINDS.values(), ids=KINDS)
def test_possible_charges_are_counted_apart_from_known_costs(
    store: Store, script: list[Step], money: tuple[Decimal, Decimal, Decimal]
) -> None:
    """This covers replies with a price, replies without one, and attempts without a reply."""
    asker = asker_of(store, *script)
    asker.ask(CALL, ARTICLE)
    assert (asker.budget.paid, asker.budget.unpriced, asker.budget.unanswered) == money


def test_nothing_is_sent_that_does_not_fit_the_budget(store: Store) -> None:
    """The worst case of one attempt must fit; with a cent too little, no request is sent."""
    asker = asker_of(store, budget=Budget(WORST - Decimal("0.01")))
    with pytest.raises(BudgetReached):
        asker.ask(CALL, ARTICLE)
    assert (sent(asker), asker.counters.attempts, leases(store)) == (0, 0, 0)


def test_a_retry_must_fit_the_budget_too(store: Store) -> None:
    """After an attempt that may have been charged, the budget is too small for another."""
    asker = asker_of(store, reset, GOOD, budget=Budget(WORST * Decimal("1.5")))
    with pytest.raises(BudgetReached):
        asker.ask(CALL, ARTICLE)
    assert (sent(asker), asker.budget.spent) == (1, WORST)


def test_a_stored_answer_needs_no_budget(store: Store) -> None:
    """A run whose budget is used up still returns everything that was paid for."""
    asker_of(store, GOOD).ask(CALL, ARTICLE)
    assert asker_of(store, budget=Budget(Decimal("0.0001"))).ask(CALL, ARTICLE).exchange.body == GOOD


def test_concurrent_requests_never_exceed_the_budget(store: Store) -> None:
    """Requests in flight count at their worst case, and those that turn out cheaper make room for others."""
    budget = Budget(WORST * 2)
    highest: list[Decimal] = []

    def reply(_: Request) -> str:
        highest.append(budget.spent + budget._reserved)
        time.sleep(0.01)
        return message("{}", tokens=(5000, 2000))

    asker = asker_of(store, reply, budget=budget)
    ended: list[str] = []

    def ask(number: int) -> None:
        call = replace(CALL, request=replace(CALL.request, user=f"{CALL.request.user}{number % 10}"))
        call = replace(call, request=replace(call.request, system=f"{call.request.system[:-1]}{number // 10}"))
        try:
            asker.ask(call, ARTICLE)
            ended.append("answered")
        except BudgetReached:
            ended.append("not sent")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 20
    assert {"answered", "not sent"} == set(ended)
    assert max(highest) <= WORST * 2
    assert budget.spent == ended.count("answered") * Decimal("0.03") <= WORST * 2


def test_only_what_was_sent_and_not_stored_yet_counts_as_in_flight(store: Store) -> None:
    """Of four askers, two may pass the limiter: two are in flight. At the end, after failures or answers, none is."""
    both = threading.Barrier(2)
    counted: list[int] = []

    def reply(_: Request) -> str:
        both.wait(10)
        counted.append(asker.counters.in_flight)
        both.wait(10)
        return GOOD

    limiter = RateLimiter(2)
    limiter.release(limiter.acquire(CALL.prompt.sha256), used={})  # the first of a prompt goes alone
    asker = asker_of(store, reply, limiter=limiter)
    calls = [replace(CALL, request=replace(CALL.request, user=f"{CALL.request.user}{number}")) for number in range(4)]
    threads = [threading.Thread(target=asker.ask, args=(call, ARTICLE)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [2, 2, 2, 2]
    assert asker.counters.in_flight == 0
    failing = asker_of(store, unusable)
    with pytest.raises(ProviderError):
        failing.ask(replace(CALL, request=replace(CALL.request, user="another")), ARTICLE)
    assert failing.counters.in_flight == 0


# Stopping


def test_after_a_stop_no_request_is_sent_but_stored_replies_are_returned(store: Store) -> None:
    """No request is sent after a stop; a stored reply needs none."""
    stop = threading.Event()
    stop.set()
    asker = asker_of(store, stop=stop)
    with pytest.raises(Interrupted):
        asker.ask(CALL, ARTICLE)
    assert leases(store) == 0
    asker_of(store, GOOD).ask(CALL, ARTICLE)
    assert not asker.ask(CALL, ARTICLE).bought


def test_a_stop_ends_the_wait_between_two_attempts(store: Store) -> None:
    """A request that must wait an hour before its next attempt does not keep the command from ending."""
    stop = threading.Event()

    def overload(_: Request) -> str:
        stop.set()
        raise ProviderError(FailureKind.RATE_LIMITED, "later", retry_after=299)

    asker = asker_of(store, overload, stop=stop, policy=RetryPolicy(), limiter=RateLimiter(1, stop=stop))
    with pytest.raises(Interrupted):
        asker.ask(CALL, ARTICLE)
    assert (sent(asker), leases(store)) == (1, 0)


def test_a_stop_ends_the_wait_for_the_reply_of_another_process(store: Store) -> None:
    """The other process may be slow; this one was asked to end."""
    stop = threading.Event()
    asker = asker_of(store, stop=stop)
    with Store(store.path) as other:
        assert other.lease(CALL.request.key, CLAUDE)
        threading.Timer(0.05, stop.set).start()
        with pytest.raises(Interrupted):
            asker.ask(CALL, ARTICLE)
    assert sent(asker) == 0


# Disk errors


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """Make the store refuse any further page while the context lasts."""
    store.rows(f"PRAGMA max_page_count = {store.rows('PRAGMA page_count')[0][0]}")
    yield
    store.rows("PRAGMA max_page_count = 1000000")


def rescued(tmp_path: Path) -> list[Path]:
    return list(tmp_path.rglob("x1-*.json"))


@pytest.mark.parametrize("recording", [True, False])
def test_a_paid_reply_that_the_store_cannot_take_is_saved_elsewhere_and_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, recording: bool
) -> None:
    """The error names the place, and no other user can read it there."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = tmp_path / ("record" if recording else "temporary")
    asker = asker_of(store, message("x" * 100_000), record=tmp_path / "record" if recording else None)
    with full_disk(store), pytest.raises(StoreError, match="disk is full") as caught:
        asker.ask(CALL, ARTICLE)
    (file,) = rescued(folder)
    assert asker.rescue.folder == file.parent
    assert str(file) in str(caught.value)
    assert Recordings(file.parent).find(CALL.request.key) is not None
    if not recording:
        assert stat.S_IMODE(file.stat().st_mode) & stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0
    assert asker.budget.spent == asker.budget.paid > 0  # it arrived: nothing is uncertain about its price
    # The disk has room again: nothing was lost, and nothing is leased for ever.
    store.change([("DELETE FROM leases", ())])
    assert list(store.exchanges()) == []


def test_the_error_says_to_import_saved_replies_before_running_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error lists the steps in order; a lease that cannot be released either does not hide them."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asker = asker_of(store, message("x" * 100_000))

    def full(*_: Any) -> None:
        raise StoreError("another error")

    monkeypatch.setattr(store, "release", full)
    with full_disk(store), pytest.raises(RepliesRescued) as caught:
        asker.ask(CALL, ARTICLE)
    steps = ["make room", f"`dragoman store import {asker.rescue.folder} --store {store.path}`", "run again"]
    places = [str(caught.value).find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)


def test_a_lease_that_cannot_be_taken_is_a_store_error_before_anything_is_sent(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first write finds a full disk, and it comes before the first payment."""
    asker = asker_of(store)

    def full(*_: Any) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "lease", full)
    with pytest.raises(StoreError):
        asker.ask(CALL, ARTICLE)
    assert sent(asker) == 0


# Recording


def test_every_exchange_that_was_used_is_recorded_and_replays(store: Store, tmp_path: Path) -> None:
    """Stored replies are recorded as well as bought ones, so the folder is complete, and replay returns the same
    exchanges.
    """
    bought = asker_of(store, GOOD, record=tmp_path / "first").ask(CALL, ARTICLE)
    asker_of(store, record=tmp_path / "second").ask(CALL, ARTICLE)
    for folder in ("first", "second"):
        replayed = ReplayAsker(Recordings(tmp_path / folder)).ask(CALL, ARTICLE)
        assert replayed.exchange == bought.exchange
        assert not replayed.bought


# Secrets


CANARIES = {
    "ANTHROPIC_API_KEY": "sk-ant-canary-one",
    "ANTHROPIC_BASE_URL": "https://canary-user:canary-password@gateway.example/prefix",
}


@pytest.mark.parametrize(
    "response",
    [refused(401, "bad key"), refused(500), refused(400), refused(404, "no such model"), None],
    ids=["401", "500", "400", "404", "an answer"],
)
def test_no_secret_is_written_or_printed(
    store_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, response: Any
) -> None:
    """Keys, and user and password of an address, appear in no file, no error and no cause of an error."""
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    wire = Wire(response or httpx2.Response(200, text=GOOD))
    said = ""
    with Store(store_path) as store:
        provider = AnthropicProvider(http_client=wire.client)
        asker = LiveAsker(
            store, provider, MODEL, Budget(), hasty(), record=tmp_path / "record", limiter=quick_limiter()
        )
        try:
            asker.ask(CALL, ARTICLE)
        except ProviderError as error:
            cause: BaseException | None = error
            while cause is not None:
                said += f"{cause!r} {cause} "
                cause = cause.__cause__ or cause.__context__
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    assert wire.requests
    assert (said == "") == (response is None)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == (2 if response is None else 1)
    for content in (*(path.read_bytes() for path in files), said.encode()):
        assert b"canary" not in content


def test_an_address_is_stored_without_its_secrets(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is stored with its port and path, and without user and password."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://user:password@gateway.example:8443/prefix")
    provider = AnthropicProvider(http_client=Wire(httpx2.Response(200, text=GOOD)).client)
    exchange = LiveAsker(store, provider, MODEL, Budget(), hasty()).ask(CALL, ARTICLE).exchange
    assert (exchange.endpoint, exchange.base_url) == ("custom", "https://gateway.example:8443/prefix")
    assert json.loads(json.dumps(exchange.to_json()))["base_url"] == "https://gateway.example:8443/prefix"


ODD_USAGE: dict[str, tuple[Any, str | None]] = {
    "none": (None, None),
    "null tokens": ({"input_tokens": None, "output_tokens": 5}, None),
    "no output tokens": ({"input_tokens": 5}, None),
    "negative tokens": ({"input_tokens": -5, "output_tokens": 5}, None),
    "words": ({"input_tokens": "many", "output_tokens": 5}, None),
    "fractions": ({"input_tokens": 5.5, "output_tokens": 5}, None),
    "a list": ([5, 5], None),
    "null cache fields": (
        {"input_tokens": 500, "output_tokens": 0, "cache_read_input_tokens": None, "cache_creation": None},
        "0.001",
    ),
    "a cache written for an hour": (
        {
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_creation_input_tokens": 2000,
            "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 1000},
        },
        "0.0065",
    ),
    "a cache read": ({"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 1000}, "0.0001"),
}


@pytest.mark.parametrize(("usage", "cost"), ODD_USAGE.values(), ids=ODD_USAGE)
def test_an_answer_is_accepted_whatever_token_counts_it_reports(store: Store, usage: Any, cost: str | None) -> None:
    """Local servers report few or nonsensical counts. The reply is bought once, and its price is known or unknown,
    never 0.
    """
    asker = asker_of(store, message(summary_of(), usage=usage))
    exchange = asker.ask(CALL, ARTICLE).exchange
    assert (exchange.cost_usd, sent(asker)) == (cost, 1)
    assert (exchange.price_table is None) == (cost is None)
    assert asker.budget.unknown == (cost is None)
    assert asker_of(store).ask(CALL, ARTICLE).exchange.cost_usd == cost
