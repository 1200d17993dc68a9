"""Where a Call finds its Exchange: kept ones first, the provider only when there is none.

`LiveAsker` hits the store or pays: under a lease, with retries, through the gate; one attempt is a `purchase`. Those
that never ask are in `replaying`.
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
from dragoman.asking.rescue import Rescue
from dragoman.asking.retries import RetryPolicy
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange, Retry
from dragoman.core.file_lock import Held
from dragoman.core.models import Model
from dragoman.errors import DragomanError, FailureKind, Interrupted, ProviderError, StoreError
from dragoman.store import recordings
from dragoman.store.sqlite.store import EarlierAsk, Scope, Store, StoredExchange
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call

_LOOKED_AT = 10
"""Replies of a server that are looked at for one that can be read. Stores of earlier versions have up to three
unreadable ones for each article that got nothing else."""

DEFAULT_IN_FLIGHT = 1000
"""In flight at most where nobody says otherwise: as many as threads ask."""


class LiveAsker:
    """The store, and behind it a provider: nothing that is kept is paid for again.

    ``refresh`` takes nothing that was there when this asker was made, or up to row ``since`` where a refreshing goes on
    that was begun before. ``record`` is a folder that gets a recording of every exchange that was used, and
    ``recording`` tells whether it is still there. ``stop`` keeps further requests from being sent. ``now`` is the time
    of day, for the replies.
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
        recording: Held | None = None,
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
        self._start = store.high_water()
        self.refreshed_after = (self._start if since is None else since) if refresh else None
        """The row of the store up to which nothing serves this run; None where everything may."""
        self._answered: dict[tuple[str, ...], bool] = {}
        """By digests of prompts: whether the store had an answer to them when it was asked for one."""

    buys = True

    @property
    def times(self) -> Decimal:
        return self.provider.times

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
        the store has an answer. The store is asked once."""
        if self.limiter.answers:
            return True
        asked = tuple(prompts)
        if asked not in self._answered:
            kept = self.store.answers_of(self.model.id, asked, self.scope, _LOOKED_AT)
            self._answered[asked] = any(map(is_readable, kept))
        return self._answered[asked]

    def has_reply(self, call: Call) -> bool:
        return self.store.find(call.request.key, self.scope) is not None

    def earlier(self, article_sha256: str) -> list[EarlierAsk]:
        return self.store.known(article_sha256, self.scope)

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        return self.store.known_elsewhere(article_sha256, task, self.scope)

    def measured(self, most: int) -> list[tuple[Exchange, str | None]]:
        return self.store.measured(self.model.id, self.scope, most)

    @property
    def waiting_for(self) -> str | None:
        return self.limiter.waiting_for

    def limits(self) -> dict[str, Any]:
        return self.limiter.report()

    @property
    def rescued_to(self) -> Path | None:
        return self.rescue.folder if self.counters.rescued else None

    def on_limit(self, call: Callable[[dict[str, Any]], None]) -> None:
        self.limiter.on_event = call

    def on_rescue(self, call: Callable[[Path, str], None]) -> None:
        self.rescue.told = call

    def _serves(self, found: StoredExchange) -> bool:
        """Whether a row serves this run. A reply that cannot be read serves only the run that bought it: it says
        nothing about the article, and whatever stood between may be gone."""
        return is_readable(found.exchange) or found.row > self._start

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
            settled = found.settled or not is_readable(found.exchange)
            return Asked(found.exchange if settled else self._purchases.settled(found, call), bought=False)

    def _bought(self, call: Call, article: Article) -> Exchange:
        retries: list[Retry] = []
        maybe_paid = 0

        def again(error: ProviderError, seconds: float) -> None:
            nonlocal maybe_paid
            maybe_paid += int(error.maybe_paid)
            retries.append(Retry(error.why, round(seconds, 3)))
            self.counters.retried(error.why, seconds)

        def try_once() -> Exchange:
            with attempt(self.limiter, call, self.policy.total_seconds, self._tries(maybe_paid)) as outcome:
                return self._purchases.buy(call, article, tuple(retries), outcome)

        try:
            return self.policy.call(try_once, again)
        except ProviderError as error:
            unreadable = self._found(call, self._start, settled=False)
            if unreadable is None or error.kind not in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED):
                raise
            # It is evidence, and reading it says what is wrong with it. It is not settled: it may be a proxy's page,
            # and a later run asks again.
            return unreadable.exchange

    def _tries(self, maybe_paid: int) -> TriesLeft:
        """What a request has left after so many attempts that may have been charged."""
        if not maybe_paid:
            return TriesLeft.FRESH
        most = min(self.policy.maybe_paid, self.policy.attempts - 1)
        return TriesLeft.TRIED if maybe_paid < most else TriesLeft.LAST

    def worst(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price."""
        return self._purchases.worst(call)

    def ended(self, by: DragomanError | None) -> DragomanError | None:
        """What ended a run, with where its replies are if the store does not have them: asked when nothing more is
        bought."""
        gone = self._purchases.recovered()
        return self.rescue.way_back(by if gone is None or isinstance(by, StoreError) else gone)

    def _sleep(self, seconds: float) -> None:
        """Wait between attempts; a stop ends the wait and the request."""
        if self.stop.wait(seconds):
            raise Interrupted("stopped while waiting to ask again")
