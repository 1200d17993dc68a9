"""One attempt to buy a reply: what is reserved, stored and paid, however the attempt ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dragoman.asking.attempt import Attempt
from dragoman.asking.budget import Budget
from dragoman.asking.counters import Counters
from dragoman.asking.purchase import Purchases, is_answer, is_readable
from dragoman.asking.rescue import Rescue
from dragoman.core.exchange import Exchange, Retry
from dragoman.core.prices import highest_geography_factor, worst_case
from dragoman.core.request import Request
from dragoman.errors import BudgetReached, FailureKind, ProviderError, RepliesRescued, StoreError
from dragoman.store.protocol import Scope, StoredExchange
from dragoman.store.sqlite.store import Store
from dragoman.tasks.requests import most_tokens
from tests.support.builders import MODEL, Scripted, Step, article_of, call_of, exchange_of, message, summary_of

CALL, ARTICLE = call_of(), article_of()
GOOD = message(summary_of())
REFUSAL = message("", stop_reason="refusal")
PRICE = Decimal("0.003")
"""What `GOOD` costs: 1,000 input tokens at $2 and 100 output tokens at $10 per million."""
LIST_WORST = worst_case(MODEL, most_tokens(CALL.request), CALL.request.max_tokens) or Decimal(0)
WORST = LIST_WORST * highest_geography_factor(MODEL)
"""The worst case before the service has said in which geography it answers."""
CAP = Decimal(10)
NOW = datetime(2026, 11, 30, 12, 0, 5, tzinfo=UTC)


@dataclass
class Shop:
    """Purchases from a scripted provider, with everything they change."""

    purchases: Purchases
    provider: Scripted
    store: Store
    budget: Budget
    counters: Counters
    attempt: Attempt

    def buy(self, *retries: Retry) -> Exchange:
        return self.purchases.buy(CALL, ARTICLE, retries, self.attempt)


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def shop_of(store: Store, step: Step, cap: Decimal | None = CAP) -> Shop:
    budget, counters, provider = Budget(cap), Counters(), Scripted([step])
    rescue = Rescue(store.path, counters, store.path.parent / "rescued")
    purchases = Purchases(store, provider, MODEL, budget, rescue, counters, lambda: NOW)
    return Shop(purchases, provider, store, budget, counters, Attempt())


@dataclass(frozen=True)
class Ending:
    """What the provider does, the error raised, and the money and the counts afterwards."""

    step: Step
    error: type[BaseException] | None = None
    paid: Decimal = Decimal(0)
    unanswered: Decimal = Decimal(0)
    attempts: int = 1
    replies: int = 0
    maybe_paid: int = 0
    store_accepts: bool = True
    """Whether the store accepts the reply."""


ENDINGS = {
    "an answer": Ending(GOOD, paid=PRICE, replies=1),
    "a refusal of the model": Ending(REFUSAL, paid=PRICE, replies=1),
    "no request sent": Ending(ProviderError(FailureKind.TRANSIENT, "x", sent=False), ProviderError, attempts=0),
    "throttled": Ending(ProviderError(FailureKind.RATE_LIMITED, "x"), ProviderError),
    "throttled, after two fields were rejected": Ending(
        ProviderError(FailureKind.RATE_LIMITED, "x", rejected_before=2), ProviderError, attempts=3
    ),
    "not sent, after a field was rejected": Ending(
        ProviderError(FailureKind.TRANSIENT, "x", sent=False, rejected_before=1), ProviderError
    ),
    "reset": Ending(
        ProviderError(FailureKind.TRANSIENT, "x", maybe_paid=True), ProviderError, unanswered=WORST, maybe_paid=1
    ),
    "a proxy's page": Ending("<html>", ProviderError, unanswered=WORST, replies=1, maybe_paid=1),
    "a bug in the provider": Ending(ZeroDivisionError(), ZeroDivisionError, attempts=0),
    "an answer that the store does not accept": Ending(GOOD, RepliesRescued, paid=PRICE, store_accepts=False),
    "a page that the store does not accept": Ending("<html>", RepliesRescued, unanswered=WORST, store_accepts=False),
}


@pytest.mark.parametrize("cap", [CAP, None], ids=["under a cap", "without a cap"])
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_however_an_attempt_ends_the_money_and_the_counts_are_right(
    ending: Ending, cap: Decimal | None, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was paid is known, or counted at its worst case; nothing stays reserved or in flight."""
    shop = shop_of(store, ending.step, cap)
    if not ending.store_accepts:
        monkeypatch.setattr(store, "save", lambda _: (_ for _ in ()).throw(StoreError("the disk is full")))
    if ending.error is None:
        shop.buy()
    else:
        with pytest.raises(ending.error):
            shop.buy()
    assert (shop.budget.paid, shop.budget.unanswered) == (ending.paid, ending.unanswered)
    counters = shop.counters
    assert (counters.attempts, counters.replies, counters.maybe_paid) == (
        ending.attempts,
        ending.replies,
        ending.maybe_paid,
    )
    assert (counters.in_flight, counters.rescued) == (0, int(not ending.store_accepts))
    if cap is not None:  # everything that is not spent can be reserved again
        left = cap - shop.budget.spent
        assert shop.budget.reserve(left) == left


def test_the_worst_case_is_reserved_before_the_request_is_sent(store: Store) -> None:
    """While it is in flight, another request waits for the money that this one may still need."""
    threads: list[threading.Thread] = []
    waited: list[bool] = []

    def reply(_: Request) -> str:
        threads.append(threading.Thread(target=lambda: shop.budget.reserve(WORST), daemon=True))
        threads[0].start()
        threads[0].join(0.2)
        waited.append(threads[0].is_alive() and shop.counters.in_flight == 1)
        return GOOD

    shop = shop_of(store, reply, WORST + PRICE)
    shop.buy()
    assert waited == [True]
    threads[0].join(10)
    assert not threads[0].is_alive()


def test_nothing_is_sent_that_does_not_fit_the_budget(store: Store) -> None:
    """The cap is a millionth of a dollar below the worst case."""
    shop = shop_of(store, GOOD, WORST - Decimal("0.000001"))
    with pytest.raises(BudgetReached):
        shop.buy()
    assert shop.provider.sent == []
    assert (shop.counters.attempts, shop.counters.in_flight, shop.budget.spent) == (0, 0, Decimal(0))


def test_an_exchange_has_its_time_and_its_retries(store: Store) -> None:
    """The time comes from the clock passed in; attempts are the retries and this one."""
    exchange = shop_of(store, GOOD).buy(Retry("429", 1.5), Retry("500", 2.0))
    assert exchange.created_at == "2026-11-30T12:00:05Z"
    assert (exchange.attempts, [retry.why for retry in exchange.retries]) == (3, ["429", "500"])
    stored = store.find(CALL.request.key, Scope(), settled=True)
    assert stored is not None
    assert stored.exchange == exchange


def test_an_unreadable_reply_stays_in_the_store_unsettled(store: Store) -> None:
    """It is kept as evidence. It may be a proxy's page, so no other run uses it."""
    with pytest.raises(ProviderError) as caught:
        shop_of(store, "<html>").buy()
    assert (caught.value.unreadable, caught.value.maybe_paid) == (True, True)
    assert store.find(CALL.request.key, Scope(), settled=True) is None
    stored = store.find(CALL.request.key, Scope())
    assert stored is not None
    assert stored.exchange.body == "<html>"


def test_the_tokens_used_are_reported_to_the_limiter(store: Store) -> None:
    """Input and output tokens of the reply; nothing for an unreadable reply."""
    shop = shop_of(store, GOOD)
    shop.buy()
    assert shop.attempt.used == {"input_tokens": 1000, "output_tokens": 100}
    unreadable = shop_of(store, "<html>")
    with pytest.raises(ProviderError):
        unreadable.buy()
    assert unreadable.attempt.used is None


def test_a_refusal_does_not_replace_an_older_answer(store: Store) -> None:
    """If the model refuses when it is asked again on --retry or --refresh, other runs still find the answer."""
    shop_of(store, GOOD).buy()
    refused = shop_of(store, REFUSAL).buy()
    assert (is_readable(refused), is_answer(refused)) == (True, False)
    stored = store.find(CALL.request.key, Scope(), settled=True)
    assert stored is not None
    assert stored.exchange.body == GOOD


def test_a_known_price_is_never_recalculated(store: Store) -> None:
    """A reply that a killed process left with its price keeps it, whatever table it came from."""
    priced = exchange_of(CALL.request, body=GOOD, cost_usd="0.5", price_table="2025-01-01")
    settled = shop_of(store, GOOD).purchases.settle(StoredExchange(priced, store.save(priced), settled=False), CALL)
    assert (settled.cost_usd, settled.price_table) == ("0.5", "2025-01-01")


def test_replies_that_disappeared_from_the_store_are_saved_elsewhere(store: Store) -> None:
    """The file was replaced meanwhile. Each reply is in the folder of rescued replies, with its price."""
    shop = shop_of(store, GOOD)
    shop.buy()
    assert shop.purchases.save_unreachable() is None
    store.path.rename(store.path.with_name("moved.db"))
    assert isinstance(shop.purchases.save_unreachable(), StoreError)
    assert (shop.counters.replies, shop.counters.rescued) == (0, 1)
    (saved,) = (store.path.parent / "rescued").iterdir()
    assert '"cost_usd": "0.003"' in saved.read_text("utf-8")
