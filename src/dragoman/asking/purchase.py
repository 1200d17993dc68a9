"""Buy one reply in one attempt: reserve, send, commit, read, settle.

In goes a call that no stored reply serves; out comes its exchange with a price. The worst case of the attempt is
reserved in the budget before the request leaves, and the reply is committed to the store before anything reads it. On
every way out, whatever failed, the reservation is replaced by what was paid, or by what may have been.

Nothing here waits for a limit or tries again: `limiter` and `retries` do, and `asking` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from dragoman.asking.attempt import Attempt
from dragoman.asking.budget import Budget
from dragoman.asking.counters import Counters
from dragoman.asking.providers import Provider, Received
from dragoman.asking.rescue import Rescue
from dragoman.asking.reserve import Reservations
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange, Retry
from dragoman.core.models import Model, table
from dragoman.core.prices import cost, plain
from dragoman.errors import FailureKind, ProviderError, ReplyRejected, StoreError
from dragoman.store.sqlite.store import Scope, Store, StoredExchange
from dragoman.tasks.requests import Call


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


@dataclass
class _Price:
    """What one attempt has cost, as far as it is known; nothing is paid while nothing was sent."""

    paid: Decimal | None = Decimal(0)
    """USD; None when the model has no price or the reply names no usage."""
    unread: bool = False
    """Whether it may have been charged without a reply that can be read."""


class Purchases:
    """What one invocation buys from ``provider``. Any number of threads may buy at once, each a request of its own.

    ``now`` gives the time at which a reply is said to have been made.
    """

    def __init__(
        self,
        store: Store,
        provider: Provider,
        model: Model,
        budget: Budget,
        rescue: Rescue,
        counters: Counters,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._provider = provider
        self._model = model
        self._budget = budget
        self._rescue = rescue
        self._tally = counters
        self._now = now
        self._reserve = Reservations(budget, provider, model)
        self._scope = Scope(provider.base_url)
        self._saved: dict[int, str] = {}
        """Rows of the store that were bought here, with their keys."""

    def worst(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price."""
        return self._reserve.worst(call.request)

    def buy(self, call: Call, article: Article, retries: tuple[Retry, ...], passage: Attempt) -> Exchange:
        """The reply to ``call``, stored and settled; ``retries`` are the attempts before this one. ``passage`` gets
        what the service said about its rates, and what was used.

        Raises `BudgetReached` before anything is sent; `ProviderError` where no reply came or it cannot be read (then
        it stays in the store, not settled); `StoreError` where the reply could not be stored.
        """
        reserved = self._reserve.take(call.request)
        price = _Price()
        self._tally.add(in_flight=1)
        try:
            received = self._sent(call)
            passage.limits = received.limits
            price.unread = True
            exchange = self._exchange(call, article, retries, received)
            row = self._committed(exchange, price)
            self._read(exchange, passage, price)
            return self.settled(StoredExchange(exchange, row, settled=False), call)
        except ProviderError as error:
            if error.maybe_paid:
                price.unread = True
                self._tally.add(maybe_paid=1)
            raise
        finally:
            self._tally.add(in_flight=-1)
            self._pay(call, reserved, price)

    def settled(self, stored: StoredExchange, call: Call) -> Exchange:
        """A stored reply with its price; from now on it serves other requests, and the lease on it is given back."""
        priced = self._priced(stored.exchange)
        lease = (call.request.key, self._scope)
        aside = not is_answer(priced) and self._has_answer(call)
        self._store.settle(stored.row, priced.cost_usd, priced.price_table, lease=lease, aside=aside)
        return priced

    def recovered(self) -> StoreError | None:
        """Save replies outside the store that were bought here and that nobody would find in it any more; the error of
        the first one, None where all are there. To be called when nothing more is bought."""
        unreachable = (
            (exchange and self._priced(exchange), trouble) for exchange, trouble in self._store.unreachable(self._saved)
        )
        return self._rescue.recover(unreachable)

    # The steps of an attempt

    def _sent(self, call: Call) -> Received:
        try:
            received = self._provider.send(call.request, self._model)
        except ProviderError as error:
            self._tally.add(attempts=int(error.sent))
            raise
        self._tally.add(attempts=1)
        return received

    def _exchange(self, call: Call, article: Article, retries: tuple[Retry, ...], received: Received) -> Exchange:
        """What an attempt brought, after ``retries``."""
        return Exchange(
            request=call.request,
            body=received.body,
            task=call.task,
            role=call.role,
            origin="live",
            endpoint=self._provider.endpoint,
            structured=received.structured,
            prompt=call.prompt.name,
            prompt_sha256=call.prompt.sha256,
            article=article.name,
            article_sha256=article.sha256,
            created_at=self._now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            parent=call.parent,
            round=call.round,
            items=call.items,
            attempts=len(retries) + 1,
            retries=retries,
            base_url=self._provider.base_url,
            model_sent=received.model_sent,
        )

    def _committed(self, exchange: Exchange, price: _Price) -> int:
        """The row in which a reply is stored. Where the store does not take it, it is saved elsewhere, and the error
        says where."""
        try:
            row = self._store.save(exchange)
        except StoreError as error:
            if is_readable(exchange):
                # Wherever it is stored now, it came, and its price is known.
                price.paid, price.unread = self._cost(exchange), False
            raise self._rescue.keep(self._priced(exchange), error) from error
        self._saved[row] = exchange.key
        self._tally.add(replies=1)
        return row

    def _read(self, exchange: Exchange, passage: Attempt, price: _Price) -> None:
        """Report what a reply used. Raises `ProviderError` where it cannot be read: another attempt may bring one."""
        try:
            usage = exchange.reply.usage
            passage.record_usage(usage)
            self._tally.used(usage)
            self._reserve.used(exchange.request, usage)
            price.paid, price.unread = self._cost(exchange), False
        except ReplyRejected as error:
            raise ProviderError(FailureKind.TRANSIENT, str(error), maybe_paid=True, unreadable=True) from error

    def _pay(self, call: Call, reserved: Decimal, price: _Price) -> None:
        """Replace the reservation. What may have been paid and is not known counts at what was reserved, or, where
        nothing was, at its worst case."""
        unknown = price.unread or price.paid is None
        worst = self.worst(call) if unknown and not reserved else None
        self._budget.settle(reserved, None if price.unread else price.paid, worst, answered=not price.unread)

    # Prices

    def _cost(self, exchange: Exchange) -> Decimal | None:
        """USD of a reply; None when its price is not known. Raises `ReplyRejected` when it cannot be read."""
        return cost(self._model, exchange.reply.usage, times=self._provider.times)

    def _priced(self, exchange: Exchange) -> Exchange:
        """The exchange with its price; one that has a price keeps it, by whatever table."""
        if exchange.cost_usd is not None or not is_readable(exchange):
            return exchange
        paid = plain(self._cost(exchange))
        return replace(exchange, cost_usd=paid, price_table=table().as_of if paid is not None else None)

    def _has_answer(self, call: Call) -> bool:
        """Whether a request that was asked again was answered before."""
        before = self._store.find(call.request.key, self._scope, settled=True)
        return before is not None and is_answer(before.exchange)


def is_answer(exchange: Exchange) -> bool:
    """Whether there is anything in a reply for a record: a refusal has nothing."""
    return is_readable(exchange) and exchange.reply.stop_reason != "refusal"


def is_readable(exchange: Exchange) -> bool:
    """Whether a body is a reply at all, and not the page of a proxy or half of a reply."""
    try:
        return bool(exchange.reply)
    except ReplyRejected:
        return False
