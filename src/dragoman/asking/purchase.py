"""Buy one reply in one attempt: reserve, send, commit, read, settle.

Takes a call that no stored reply answers and returns its exchange with a price. The worst case of the attempt is
reserved in the budget before the request is sent, and the reply is committed to the store before anything reads it.
However the attempt ends, the reservation is replaced by what was paid, or by what may have been paid.

Nothing here waits for a limit or retries: `limiter` and `retries` do, and `ask` combines them.
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
from dragoman.core.models import Model, other_model, table
from dragoman.core.prices import decimal_string, is_bounded, price_of
from dragoman.errors import FailureKind, ProviderError, ReplyRejected, StoreError
from dragoman.store.protocol import ReplyStore, Scope, StoredExchange
from dragoman.tasks.requests import Call


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


@dataclass
class _Price:
    """What one attempt has cost, as far as it is known; nothing is paid while nothing was sent."""

    paid: Decimal | None = Decimal(0)
    """USD; None if it is not known what the reply cost, see `prices.price_of`."""
    maybe_paid: bool = False
    """Whether it may have been charged without a readable reply."""
    bounded: bool = True
    """Whether it cannot have cost more than the worst case."""


class Purchases:
    """What one invocation buys from ``provider``. Any number of threads may buy at once, each its own request.

    ``now`` returns the time that replies are stamped with.
    """

    def __init__(
        self,
        store: ReplyStore,
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
        self._counters = counters
        self._now = now
        self._reservations = Reservations(budget, provider, model)
        self._scope = Scope(provider.base_url)
        self._bought: dict[int, str] = {}
        """Keys of the exchanges bought here, by their row in the store."""

    def worst_case(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price."""
        return self._reservations.worst_case(call.request)

    def buy(self, call: Call, article: Article, retries: tuple[Retry, ...], outcome: Attempt) -> Exchange:
        """Return the reply to ``call``, stored and settled; ``retries`` are the attempts before this one.

        ``outcome`` gets the rate limits in the reply and what it used. Raises `BudgetReached` before anything is sent;
        `ProviderError` if no reply came or it is unreadable (then it stays in the store, unsettled); `StoreError` if
        the reply could not be stored.
        """
        reserved = self._reservations.reserve(call.request)
        price = _Price()
        self._counters.add(in_flight=1)
        try:
            received = self._send(call)
            outcome.limits = received.limits
            self._counters.record_left_out(received.left_out)
            price.maybe_paid = True
            exchange = self._exchange(call, article, retries, received)
            row = self._commit(exchange, price)
            self._read(exchange, outcome, price)
            return self.settle(StoredExchange(exchange, row, settled=False), call)
        except ProviderError as error:
            if error.maybe_paid:
                price.maybe_paid = True
                self._counters.add(maybe_paid=1)
            raise
        finally:
            self._counters.add(in_flight=-1)
            self._replace_reservation(call, reserved, price)

    def settle(self, stored: StoredExchange, call: Call) -> Exchange:
        """Settle a stored reply and return it with its price. Other requests may use it from now on, and its lease is
        released."""
        priced = self._priced(stored.exchange)
        lease = (call.request.key, self._scope)
        aside = not is_answer(priced) and self._has_answer(call)
        self._store.settle(stored.row, priced.cost_usd, priced.price_table, lease=lease, aside=aside)
        return priced

    def save_unreachable(self) -> StoreError | None:
        """Save outside the store the replies bought here that can no longer be found in it.

        Returns the error of the first one, None if all can be found. Called when nothing more is bought.
        """
        unreachable = (
            (exchange and self._priced(exchange), error) for exchange, error in self._store.unreachable(self._bought)
        )
        return self._rescue.save_all(unreachable)

    # The steps of an attempt

    def _send(self, call: Call) -> Received:
        try:
            received = self._provider.send(call.request, self._model)
        except ProviderError as error:
            self._counters.add(attempts=int(error.sent) + error.rejected_before)
            raise
        self._counters.add(attempts=1 + received.rejected_before)
        return received

    def _exchange(self, call: Call, article: Article, retries: tuple[Retry, ...], received: Received) -> Exchange:
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
            left_out=received.left_out,
        )

    def _commit(self, exchange: Exchange, price: _Price) -> int:
        """Store a reply and return its row. If the store does not accept it, save it elsewhere and raise an error that
        says where."""
        try:
            row = self._store.save(exchange)
        except StoreError as error:
            if is_readable(exchange):
                # Wherever the reply is stored now, it arrived, and its price is known.
                self._learn_price(exchange, price)
            raise self._rescue.save(self._priced(exchange), error) from error
        self._bought[row] = exchange.key
        self._counters.add(replies=1)
        return row

    def _read(self, exchange: Exchange, outcome: Attempt, price: _Price) -> None:
        """Report what a reply used. Raises `ProviderError` if it is unreadable: another attempt may be readable."""
        try:
            usage = exchange.reply.usage
            outcome.record_usage(usage)
            self._counters.record_usage(usage)
            self._reservations.learn(exchange.request, exchange.reply)
            self._learn_price(exchange, price)
            if (other := other_model(exchange.request.model, exchange.reply.model)) is not None:
                self._counters.record_other_model(other.id)
        except ReplyRejected as error:
            raise ProviderError(FailureKind.TRANSIENT, str(error), maybe_paid=True, unreadable=True) from error

    def _replace_reservation(self, call: Call, reserved: Decimal, price: _Price) -> None:
        """Replace the reservation by what was paid. If that is unknown, count the worst case: what was reserved, or
        more if the reply has shown that its kind can cost more."""
        unknown = price.maybe_paid or price.paid is None
        worst = self._reservations.at_most(call.request) if unknown else None
        self._budget.settle(
            reserved,
            None if price.maybe_paid else price.paid,
            max(reserved, worst) if worst is not None else None,
            answered=not price.maybe_paid,
            bounded=price.bounded,
        )

    # Prices

    def _cost(self, exchange: Exchange) -> Decimal | None:
        """USD of a reply; None if its price is not known. Raises `ReplyRejected` if it is unreadable."""
        return price_of(self._model, exchange.reply, times=self._provider.price_multiplier)

    def _learn_price(self, exchange: Exchange, price: _Price) -> None:
        """Note what a reply cost. Raises `ReplyRejected` if it is unreadable."""
        price.paid, price.maybe_paid = self._cost(exchange), False
        price.bounded = is_bounded(self._model, exchange.reply)

    def _priced(self, exchange: Exchange) -> Exchange:
        """The exchange with its price; an exchange that already has a price keeps it, whatever table it came from."""
        if exchange.cost_usd is not None or not is_readable(exchange):
            return exchange
        paid = decimal_string(self._cost(exchange))
        return replace(exchange, cost_usd=paid, price_table=table().as_of if paid is not None else None)

    def _has_answer(self, call: Call) -> bool:
        """Whether a request that was asked again had been answered before."""
        before = self._store.find(call.request.key, self._scope, settled=True)
        return before is not None and is_answer(before.exchange)


def is_answer(exchange: Exchange) -> bool:
    """Whether a reply contains anything for a record; a refusal of the model or of a filter does not."""
    return is_readable(exchange) and exchange.reply.ending != "blocked"


def is_readable(exchange: Exchange) -> bool:
    """Whether the body is a reply of the Messages API, and not a proxy's page or half a reply."""
    try:
        return bool(exchange.reply)
    except ReplyRejected:
        return False
