"""Where a Call finds its Exchange: kept ones first, the provider only when there is none.

`LiveAsker` hits the store or pays; those that never ask are in `replaying`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from dragoman.asking.attempt import Attempt, through
from dragoman.asking.breaker import Tries
from dragoman.asking.budget import Budget
from dragoman.asking.counters import Counters
from dragoman.asking.limiter import RateLimiter
from dragoman.asking.providers import Provider, Received
from dragoman.asking.rescue import Rescue
from dragoman.asking.reserve import Reserve
from dragoman.asking.retries import RetryPolicy
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange, Retry
from dragoman.core.file_lock import FolderLock
from dragoman.core.models import Model, table
from dragoman.core.prices import cost, decimal_string
from dragoman.errors import DragomanError, FailureKind, Interrupted, ProviderError, ReplyRejected, StoreError
from dragoman.store import recordings
from dragoman.store.sqlite.store import Scope, Store, StoredExchange
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call

_LOOKED_AT = 10
"""Replies of a server that are looked at for one that can be read. Stores of earlier versions have up to three
unreadable ones for each article that got nothing else."""

MOST_THREADS = 1000
"""In flight at most where nobody says otherwise: as many as threads ask."""


class Asker(Protocol):
    """Answers calls. ``fresh`` asks anew whatever is kept (never in replay)."""

    counters: Counters

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked: ...


class LiveAsker:
    """The store, and behind it a provider: nothing that is kept is paid for again.

    ``refresh`` takes nothing that was there when this asker was made, or up to row ``since`` where a refreshing goes on
    that was begun before. ``record`` is a folder that gets a recording of every exchange that was used, and
    ``recording`` tells whether it is still there. ``stop`` keeps further requests from being sent.
    """

    def __init__(
        self,
        store: Store,
        provider: Provider,
        model: Model,
        budget: Budget,
        policy: RetryPolicy,
        *,
        refresh: bool = False,
        since: int | None = None,
        record: Path | None = None,
        recording: FolderLock | None = None,
        stop: threading.Event | None = None,
        limiter: RateLimiter | None = None,
    ) -> None:
        self.store = store
        self.provider = provider
        self.model = model
        self.budget = budget
        self.reserve = Reserve(budget, provider, model)
        self.stop = stop or threading.Event()
        self.limiter = limiter or RateLimiter(MOST_THREADS, stop=self.stop)
        self.policy = replace(policy, sleep=self._sleep) if policy.sleep is time.sleep else policy
        self.scope = Scope(provider.base_url)
        self.counters = Counters()
        self.rescue = Rescue(store.path, self.counters, record, store.secret)
        self._record = record
        self._recording = recording
        self._saved: dict[int, str] = {}
        """Rows of the store that this asker has bought, with their keys."""
        self._start = store.high_water()
        self.refreshed_after = (self._start if since is None else since) if refresh else None
        """The row of the store up to which nothing serves this run; None where everything may."""

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """A kept exchange, or a new one. Raises what ends a run, and `ProviderError` when retries are used up."""
        after = self._start if fresh else self.refreshed_after or 0
        while True:
            kept = self.kept(call, after=after)
            if kept is not None:
                asked = Asked(kept, bought=False)
                break
            if self.stop.is_set():
                raise Interrupted("stopped before this request was sent")
            if self.store.lease(call.request.key, self.scope):
                asked = self._leased(call, article, after)
                break
            # Somebody else is asking for exactly this: their reply will be in the store.
            self.stop.wait(0.05)
        self.counters.add(hits=int(not asked.bought))
        if self._record is not None:
            if self._recording is not None:
                self._recording.check()
            recordings.write(self._record, asked.exchange)
        return asked

    def kept(self, call: Call, *, after: int = 0) -> Exchange | None:
        """What the store has for a call and its buyer is done with, among rows with an id over ``after``."""
        found = self._found(call, after, settled=True)
        return found.exchange if found and self._serves(found) else None

    def has_answered(self, prompts: Sequence[str]) -> bool:
        """Whether this server is known to answer requests with these prompts (their digests): it did in this run, or
        the store has an answer."""
        if self.limiter.answers:
            return True
        kept = self.store.answers_of(self.model.id, prompts, self.scope, _LOOKED_AT)
        return any(map(_is_readable, kept))

    def _serves(self, found: StoredExchange) -> bool:
        """Whether a row serves this run. A reply that cannot be read serves only the run that bought it: it says
        nothing about the article, and whatever stood between may be gone."""
        return _is_readable(found.exchange) or found.row > self._start

    def _found(self, call: Call, after: int, *, settled: bool) -> StoredExchange | None:
        found = self.store.find(call.request.key, self.scope, after=after, settled=settled)
        if found is None and call.parent is not None and call.role != "part":
            found = self.store.find_child(
                call.parent, call.role, call.round, self.scope, items=call.items, after=after, settled=settled
            )
        return found

    @contextmanager
    def _giving_back(self, call: Call) -> Iterator[None]:
        """Gives a lease back at the end. Leases expire: an error on the way is the one to tell."""
        try:
            yield
        except BaseException:
            with suppress(StoreError):
                self.store.release(call.request.key, self.scope)
            raise
        self.store.release(call.request.key, self.scope)

    def _leased(self, call: Call, article: Article, after: int) -> Asked:
        with self._giving_back(call):
            # Between the look-up and the lease another process may have committed the reply; one that died
            # may have left it unsettled.
            found = self._found(call, after, settled=False)
            if found is None or not self._serves(found):
                return Asked(self._bought(call, article), bought=True)
            settled = found.settled or not _is_readable(found.exchange)
            return Asked(found.exchange if settled else self._settled(found, call), bought=False)

    def _bought(self, call: Call, article: Article) -> Exchange:
        retries: list[Retry] = []
        maybe_paid = 0

        def again(error: ProviderError, seconds: float) -> None:
            nonlocal maybe_paid
            maybe_paid += int(error.maybe_paid)
            retries.append(Retry(error.why, round(seconds, 3)))
            self.counters.retried(error.why, seconds)

        def attempt() -> Exchange:
            """Reserve, send, commit, read, settle."""
            with through(self.limiter, call, self.policy.total_seconds, self._tries(maybe_paid)) as passage:
                return self._paid_for(call, article, tuple(retries), passage)

        try:
            return self.policy.call(attempt, again)
        except ProviderError as error:
            error.request_key = call.request.key
            unreadable = self._found(call, self._start, settled=False)
            if unreadable is None or error.kind not in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED):
                raise
            # It is evidence, and reading it says what is wrong with it. It is not settled: it may be a proxy's page,
            # and a later run asks again.
            return unreadable.exchange

    def _tries(self, maybe_paid: int) -> Tries:
        """What a request has left after so many attempts that may have been charged."""
        if not maybe_paid:
            return Tries.FRESH
        most = min(self.policy.maybe_paid, self.policy.attempts - 1)
        return Tries.TRIED if maybe_paid < most else Tries.LAST

    def worst(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price."""
        return self.reserve.worst(call.request)

    def _paid_for(self, call: Call, article: Article, retries: tuple[Retry, ...], passage: Attempt) -> Exchange:
        reserved = self.reserve.take(call.request)
        paid: Decimal | None = Decimal(0)
        unread = False
        self.counters.add(in_flight=1)
        try:
            received = self._sent(call)
            passage.limits = received.limits
            unread = True
            exchange = self._exchange(call, article, retries, received)
            try:
                row = self.store.save(exchange)
            except StoreError as error:
                if _is_readable(exchange):
                    # Wherever it is now, it came, and its price can be told.
                    paid, unread = self._cost(exchange), False
                raise self.rescue.keep(self._priced(exchange), error) from error
            self._saved[row] = exchange.key
            self.counters.add(replies=1)
            try:
                passage.answered(exchange.reply.usage)
                self.counters.used(exchange.reply.usage)
                self.reserve.used(call.request, exchange.reply.usage)
                paid, unread = self._cost(exchange), False
            except ReplyRejected as error:
                raise ProviderError(FailureKind.TRANSIENT, str(error), maybe_paid=True, unreadable=True) from error
            return self._settled(StoredExchange(exchange, row, settled=False), call)
        except ProviderError as error:
            if error.maybe_paid:
                unread = True
                self.counters.add(maybe_paid=1)
            raise
        finally:
            self.counters.add(in_flight=-1)
            # What may have been paid and cannot be told counts at what was set aside, or else at its worst case.
            worst = self.worst(call) if not reserved and (unread or paid is None) else None
            self.budget.settle(reserved, None if unread else paid, worst, answered=not unread)

    def _sent(self, call: Call) -> Received:
        try:
            received = self.provider.send(call.request, self.model)
        except ProviderError as error:
            self.counters.add(attempts=int(error.sent))
            raise
        self.counters.add(attempts=1)
        return received

    def _exchange(self, call: Call, article: Article, retries: tuple[Retry, ...], received: Received) -> Exchange:
        """What an attempt brought, after ``retries``."""
        return Exchange(
            request=call.request,
            body=received.body,
            task=call.task,
            role=call.role,
            origin="live",
            endpoint=self.provider.endpoint,
            structured=received.structured,
            prompt=call.prompt.name,
            prompt_sha256=call.prompt.sha256,
            article=article.name,
            article_sha256=article.sha256,
            created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            parent=call.parent,
            round=call.round,
            items=call.items,
            attempts=len(retries) + 1,
            retries=retries,
            base_url=self.provider.base_url,
            model_sent=received.model_sent,
        )

    def ended(self, by: DragomanError | None) -> DragomanError | None:
        """What ended a run, with where its replies are if the store does not have them: asked when nothing more is
        bought."""
        unreachable = (
            (found and self._priced(found), trouble) for found, trouble in self.store.unreachable(self._saved)
        )
        gone = self.rescue.recover(unreachable)
        return self.rescue.way_back(by if gone is None or isinstance(by, StoreError) else gone)

    def _cost(self, exchange: Exchange) -> Decimal | None:
        """USD of a reply; None when its price is not known. Raises `ReplyRejected` when it cannot be read."""
        return cost(self.model, exchange.reply.usage, times=self.provider.times)

    def _priced(self, exchange: Exchange) -> Exchange:
        """The exchange with its price; one that has a price keeps it, by whatever table."""
        if exchange.cost_usd is not None or not _is_readable(exchange):
            return exchange
        paid = decimal_string(self._cost(exchange))
        return replace(exchange, cost_usd=paid, price_table=table().as_of if paid is not None else None)

    def _settled(self, stored: StoredExchange, call: Call) -> Exchange:
        priced = self._priced(stored.exchange)
        lease = (call.request.key, self.scope)
        aside = not _is_answer(priced) and self._has_answer(call)
        self.store.settle(stored.row, priced.cost_usd, priced.price_table, lease=lease, aside=aside)
        return priced

    def _has_answer(self, call: Call) -> bool:
        """Whether a request that was asked anew was answered before."""
        before = self.store.find(call.request.key, self.scope, settled=True)
        return before is not None and _is_answer(before.exchange)

    def _sleep(self, seconds: float) -> None:
        """Wait between attempts; a stop ends the wait and the request."""
        if self.stop.wait(seconds):
            raise Interrupted("stopped while waiting to ask again")


def _is_answer(exchange: Exchange) -> bool:
    """Whether there is anything in a reply for a record: a refusal is none."""
    return _is_readable(exchange) and exchange.reply.stop_reason != "refusal"


def _is_readable(exchange: Exchange) -> bool:
    try:
        return bool(exchange.reply)
    except ReplyRejected:
        return False
