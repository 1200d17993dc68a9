"""Find the exchange for a call: a stored one first, a new one from the provider only if none is stored.

`LiveAsker` looks in the store, and otherwise buys the reply: under a lease, with retries, through the rate limiter. One
attempt to buy is a `purchase`. Askers that never send anything are in `replay`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.asking.attempt import attempt
from dragoman.asking.breaker import TriesLeft
from dragoman.asking.budget import Budget
from dragoman.asking.counters import Counters
from dragoman.asking.limiter import RateLimiter
from dragoman.asking.providers import Provider
from dragoman.asking.purchase import Purchases, is_readable, utc_now
from dragoman.asking.rejections import Rejections
from dragoman.asking.rescue import Rescue
from dragoman.asking.retries import RetryPolicy
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange, Retry
from dragoman.core.file_lock import FolderLock
from dragoman.core.models import Model
from dragoman.errors import DragomanError, FailureKind, Interrupted, ProviderError, StoreError
from dragoman.store import recordings
from dragoman.store.protocol import EarlierAsk, ReplyStore, Scope, StoredExchange
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call

_REPLIES_EXAMINED = 10
"""How many replies of a server are examined for a readable one. Stores of earlier versions have up to three unreadable
replies for each article that got no other."""

DEFAULT_IN_FLIGHT = 1000
"""Maximum requests in flight of an asker without a limiter of its own: as many as threads ask."""

LEASE_POLL_SECONDS = 0.05
"""How often to check for the reply while another process asks for exactly the same request."""


class LiveAsker:
    """The store, and a provider behind it: no stored reply is paid for again.

    With ``refresh``, replies are not used that were stored before this asker was made, or up to row ``since`` if it
    continues an earlier refresh. ``record`` is a folder that gets a recording of every exchange used, and ``recording``
    the lock that detects when the folder is replaced. ``stop`` prevents further requests. ``now`` returns the time of
    day that replies are stamped with.
    """

    def __init__(
        self,
        store: ReplyStore,
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
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.provider = provider
        self.model = model
        self.budget = budget
        self.stop = stop or threading.Event()
        self.limiter = limiter or RateLimiter(DEFAULT_IN_FLIGHT, stop=self.stop)
        self.policy = policy if policy.sleep is not None else replace(policy, sleep=self._sleep)
        self.scope = Scope(provider.base_url)
        self.counters = Counters()
        self.rescue = Rescue(store.path, self.counters, record, store.secret)
        self._record = record
        self._recording = recording
        self._purchases = Purchases(store, provider, model, budget, self.rescue, self.counters, now)
        self._first_row = store.newest_row()
        """The newest row of the store when this asker was made."""
        self.refreshed_after = (self._first_row if since is None else since) if refresh else None
        """The row of the store up to which no reply is used in this run; None if every reply may be used."""
        service = provider.base_url or provider.endpoint
        self._rejections = Rejections(store.rejections, service, self._has_stored_answer, now)
        self._has_answered: dict[tuple[str, ...], bool] = {}
        """By digests of prompts: whether the store had an answer to them when it was searched."""

    buys = True

    @property
    def price_multiplier(self) -> Decimal:
        return self.provider.price_multiplier

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """Return a stored exchange, or a new one.

        Raises the errors that end a run, and `ProviderError` when the retries are used up, or when the service rejected
        the same request in an earlier run (unless ``fresh``).
        """
        after = self._first_row if fresh else self.refreshed_after or 0
        while True:
            stored = self.stored_reply(call, after=after)
            if stored is not None:
                asked = Asked(stored, bought=False)
                break
            if not fresh and (rejection := self.earlier_rejection(call)) is not None:
                raise rejection
            if self.stop.is_set():
                raise Interrupted("stopped before this request was sent")
            if self.store.lease(call.request.key, self.scope):
                asked = self._ask_under_lease(call, article, after)
                break
            # Another process is asking for exactly this request: its reply will be in the store.
            self.stop.wait(LEASE_POLL_SECONDS)
        self.counters.add(hits=int(not asked.bought))
        if self._record is not None:
            if self._recording is not None:
                self._recording.check()
            recordings.write(self._record, asked.exchange)
        return asked

    def stored_reply(self, call: Call, *, after: int = 0) -> Exchange | None:
        """The stored exchange that answers a call and is settled, among rows with an id over ``after``."""
        stored = self._find(call, after, settled=True)
        return stored.exchange if stored and self._is_usable(stored) else None

    def earlier_rejection(self, call: Call) -> ProviderError | None:
        """The error with which the service rejected exactly this request in an earlier run, unless this run asks
        everything again."""
        return self._rejections.find(call) if self.refreshed_after is None else None

    def has_answered(self, prompts: Sequence[str]) -> bool:
        """Whether this server has answered requests with these prompts (their digests): in this run, or in one whose
        answer is stored. The store is searched once."""
        if self.limiter.answers:
            return True
        digests = tuple(prompts)
        if digests not in self._has_answered:
            self._has_answered[digests] = self._has_stored_answer(*digests)
        return self._has_answered[digests]

    def _has_stored_answer(self, *prompts: str) -> bool:
        """Whether the store has an answer of this server to any of these prompts (their digests)."""
        replies = self.store.newest_answers(self.model.id, prompts, self.scope, _REPLIES_EXAMINED)
        return any(map(is_readable, replies))

    def has_reply(self, call: Call) -> bool:
        return self.store.find(call.request.key, self.scope) is not None

    def earlier_asks(self, article_sha256: str) -> list[EarlierAsk]:
        return self.store.earlier_asks(article_sha256, self.scope)

    def asks_by_name(self, article: str) -> list[EarlierAsk]:
        return self.store.asks_by_name(article, self.scope)

    def was_asked_about(self, article: Article) -> bool:
        return bool(self.earlier_asks(article.sha256) or self.asks_by_name(article.name))

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        return self.store.asked_elsewhere(article_sha256, task, self.scope)

    def recent_replies(self, most: int) -> list[tuple[Exchange, str | None]]:
        return self.store.newest_first_asks(self.model.id, self.scope, most)

    @property
    def waiting_for(self) -> str | None:
        return self.limiter.waiting_for

    def limits(self) -> dict[str, Any]:
        return self.limiter.report()

    @property
    def rescued_to(self) -> Path | None:
        return self.rescue.folder if self.counters.rescued else None

    def on_limit(self, callback: Callable[[dict[str, Any]], None]) -> None:
        self.limiter.on_event = callback

    def on_rescue(self, callback: Callable[[Path, str], None]) -> None:
        self.rescue.on_rescue = callback

    def _is_usable(self, stored: StoredExchange) -> bool:
        """Whether a stored exchange may be used in this run.

        An unreadable reply is used only in the run that bought it: it says nothing about the article, and its cause
        (a proxy's page, for example) may be gone.
        """
        return is_readable(stored.exchange) or stored.row > self._first_row

    def _find(self, call: Call, after: int, *, settled: bool) -> StoredExchange | None:
        stored = self.store.find(call.request.key, self.scope, after=after, settled=settled)
        if stored is None and call.parent is not None and call.role != "part":
            stored = self.store.find_child(
                call.parent, call.role, call.round, self.scope, items=call.items, after=after, settled=settled
            )
        return stored

    @contextmanager
    def _releasing_lease(self, call: Call) -> Iterator[None]:
        """Release the lease at the end. If the block raised, that error is reported even when releasing fails too:
        leases expire by themselves."""
        try:
            yield
        except BaseException:
            with suppress(StoreError):
                self.store.release(call.request.key, self.scope)
            raise
        self.store.release(call.request.key, self.scope)

    def _ask_under_lease(self, call: Call, article: Article, after: int) -> Asked:
        with self._releasing_lease(call):
            # Between the look-up and the lease, another process may have stored the reply; a process that died may
            # have left it unsettled.
            stored = self._find(call, after, settled=False)
            if stored is None or not self._is_usable(stored):
                return Asked(self._buy(call, article), bought=True)
            settled = stored.settled or not is_readable(stored.exchange)
            return Asked(stored.exchange if settled else self._purchases.settle(stored, call), bought=False)

    def _buy(self, call: Call, article: Article) -> Exchange:
        retries: list[Retry] = []
        maybe_paid = 0

        def on_retry(error: ProviderError, seconds: float) -> None:
            nonlocal maybe_paid
            maybe_paid += int(error.maybe_paid)
            retries.append(Retry(error.why, round(seconds, 3)))
            self.counters.record_retry(error.why, seconds)

        def try_once() -> Exchange:
            with attempt(self.limiter, call, self.policy.total_seconds, self._tries_left(maybe_paid)) as outcome:
                return self._purchases.buy(call, article, tuple(retries), outcome)

        try:
            exchange = self.policy.call(try_once, on_retry)
        except ProviderError as error:
            self._rejections.record_rejection(call, article, error)
            unreadable = self._find(call, self._first_row, settled=False)
            if unreadable is None or error.kind not in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED):
                raise
            # The unreadable reply is evidence, and parsing it will say what is wrong with it. It is not settled: it may
            # be a proxy's page, and a later run asks again.
            return unreadable.exchange
        self._rejections.record_answer(call)
        return exchange

    def _tries_left(self, maybe_paid: int) -> TriesLeft:
        """What a request has left after ``maybe_paid`` attempts that may have been charged."""
        if not maybe_paid:
            return TriesLeft.FRESH
        most = min(self.policy.maybe_paid, self.policy.attempts - 1)
        return TriesLeft.TRIED if maybe_paid < most else TriesLeft.LAST

    def worst_case(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price."""
        return self._purchases.worst_case(call)

    def finish(self, error: DragomanError | None) -> DragomanError | None:
        """Save replies that disappeared from the store, and return the error that ended the run.

        If there are paid replies outside the store, the returned error says where. Called when nothing more is bought.
        """
        store_error = self._purchases.save_unreachable()
        return self.rescue.with_location(error if store_error is None or isinstance(error, StoreError) else store_error)

    def _sleep(self, seconds: float) -> None:
        """Wait between attempts; a stop ends the wait and the request."""
        if self.stop.wait(seconds):
            raise Interrupted("stopped while waiting to ask again")
