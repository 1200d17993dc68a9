"""Where a Call finds its Exchange: kept ones first, the provider only when there is none.

`LiveAsker` hits the store or pays; `ReplayAsker` reads recordings and can never ask; `KeptAsker` gives back
what a record rests on, for reading it again.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from dragoman import recordings
from dragoman.articles import Article
from dragoman.errors import (
    Interrupted,
    ProviderError,
    RecordingMissing,
    RepliesRescued,
    ReplyRejected,
    StoreError,
    Trouble,
)
from dragoman.exchange import Exchange, Usage
from dragoman.files import sync_folder
from dragoman.gate import HOPELESS, Gate, Limit, Meter, Ticket
from dragoman.limits import Budget
from dragoman.models import Model, table
from dragoman.pricing import cost, plain, worst_case
from dragoman.providers import Provider, Received
from dragoman.retries import RetryPolicy
from dragoman.store import Scope, Store, Stored
from dragoman.store_file import import_command
from dragoman.tasks import Asked, Call, prompt_tokens
from dragoman.tokens import MARGIN

UNREACHABLE = 3
"""So many tries without a connection, before any reply has come, and the server counts as not there."""


class Asker(Protocol):
    """Answers calls. ``fresh`` asks anew whatever is kept (never in replay)."""

    tally: Tally

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked: ...


@dataclass
class Tally:
    """Counts of one invocation, shared by its threads. Money is counted by the `Budget`."""

    hits: int = 0
    replies: int = 0
    attempts: int = 0
    maybe_paid: int = 0
    in_flight: int = 0
    """Requests on their way now: sent, and no reply of theirs is stored yet. What waits for a limit is not."""
    rescued: int = 0
    """Paid replies that the store did not take and that are kept elsewhere."""
    lost: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    """Of the replies that were bought: ``input``, ``cache_read``, ``cache_write`` and ``output``."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, **counts: int) -> None:
        """Count up by name."""
        with self._lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def used(self, usage: Usage | None) -> None:
        """Count the tokens of one reply, as far as the service told them."""
        if usage is None:
            return
        written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
        with self._lock:
            self.tokens.update(
                input=usage.input_tokens, cache_read=usage.cache_read_tokens, cache_write=written,
                output=usage.output_tokens,
            )  # fmt: skip


MOST_THREADS = 1000
"""In flight at most where nobody says otherwise: as many as threads ask."""


@dataclass
class _Passage:
    """What came of one attempt, for the gate."""

    limits: Mapping[Meter, Limit] = field(default_factory=dict)
    used: Mapping[Meter, float] | None = None

    def answered(self, usage: Usage | None) -> None:
        """Cache reads do not count against a limit of input tokens."""
        tokens: dict[Meter, float] = {}
        if usage is not None:
            fresh = usage.prompt_tokens - usage.cache_read_tokens
            tokens = {"input_tokens": fresh, "output_tokens": usage.output_tokens}
        self.used = tokens


class LiveAsker:
    """The store, and behind it a provider: nothing that is kept is paid for again.

    ``refresh`` takes nothing that was there when this asker was made. ``record`` is a folder that gets a
    recording of every exchange that was used. ``stop`` keeps further requests from being sent.
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
        record: Path | None = None,
        stop: threading.Event | None = None,
        gate: Gate | None = None,
    ) -> None:
        self.store = store
        self.provider = provider
        self.model = model
        self.budget = budget
        self.stop = stop or threading.Event()
        self.gate = gate or Gate(MOST_THREADS, stop=self.stop)
        self.policy = replace(policy, sleep=self._sleep) if policy.sleep is time.sleep else policy
        self.scope = Scope(provider.base_url)
        self.tally = Tally()
        self._record = record
        self._rescue: Path | None = None
        self._rescuing = threading.Lock()
        self._start = store.high_water()
        self._refresh = refresh

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """A kept exchange, or a new one. Raises what ends a run, and `ProviderError` when retries are used up."""
        after = self._start if fresh or self._refresh else 0
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
        self.tally.add(hits=int(not asked.bought))
        if self._record is not None:
            recordings.write(self._record, asked.exchange)
        return asked

    @property
    def rescue(self) -> Path:
        """Where replies go that the store does not take: the folder of recordings, or else one that nobody else can
        read, or have made before; made when it is needed."""
        if self._record is not None:
            return self._record
        with self._rescuing:
            if self._rescue is None:
                self._rescue = Path(tempfile.mkdtemp(prefix="dragoman-rescued-"))
                sync_folder(self._rescue.parent)
            return self._rescue

    def kept(self, call: Call, *, after: int = 0) -> Exchange | None:
        """What the store has for a call and its buyer is done with, among rows with an id over ``after``."""
        found = self._found(call, after, settled=True)
        return found.exchange if found else None

    def _found(self, call: Call, after: int, *, settled: bool) -> Stored | None:
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
            if found is None or not (found.settled or _is_readable(found.exchange)):
                return Asked(self._bought(call, article), bought=True)
            return Asked(found.exchange if found.settled else self._settled(found, call), bought=False)

    def _bought(self, call: Call, article: Article) -> Exchange:
        numbers = itertools.count(1)
        try:
            return self.policy.call(lambda: self._attempt(call, article, next(numbers)))
        except ProviderError as error:
            error.request_key = call.request.key
            unreadable = self._found(call, self._start, settled=False)
            if unreadable is None or error.kind not in (Trouble.TRANSIENT, Trouble.RATE_LIMITED):
                raise
            # What came is evidence; reading it says what is wrong with it.
            self.store.settle(unreadable.row, None, None, lease=(call.request.key, self.scope))
            return unreadable.exchange

    def _attempt(self, call: Call, article: Article, number: int) -> Exchange:
        """One attempt: reserve, send, commit, read, settle."""
        with self._passage(call) as passage:
            return self._paid_for(call, article, number, passage)

    def worst(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price."""
        tokens = int(prompt_tokens(call.request) * MARGIN)
        return worst_case(self.model, tokens, call.request.max_tokens, times=self.provider.times)

    def _paid_for(self, call: Call, article: Article, number: int, passage: _Passage) -> Exchange:
        # Estimating tokens takes time: it is left out where nothing is held to a cap.
        reserved = self.budget.reserve(self.worst(call) if self.budget.cap is not None else None)
        paid: Decimal | None = Decimal(0)
        unread = False
        self.tally.add(in_flight=1)
        try:
            received = self._sent(call, number)
            passage.limits = received.limits
            unread = True
            exchange = Exchange(
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
                attempts=number,
                base_url=self.provider.base_url,
                model_sent=received.model_sent,
            )
            try:
                row = self._saved(exchange)
            except StoreError:
                if _is_readable(exchange):
                    # Wherever it is now, it came, and its price can be told.
                    paid, unread = cost(self.model, exchange.reply.usage, times=self.provider.times), False
                raise
            self.tally.add(replies=1)
            try:
                usage = exchange.reply.usage
                passage.answered(usage)
                self.tally.used(usage)
                paid, unread = cost(self.model, usage, times=self.provider.times), False
            except ReplyRejected as error:
                raise ProviderError(Trouble.TRANSIENT, str(error), maybe_paid=True) from error
            return self._settled(Stored(exchange, row, settled=False), call)
        except ProviderError as error:
            if error.maybe_paid:
                unread = True
                self.tally.add(maybe_paid=1)
            raise
        finally:
            self.tally.add(in_flight=-1)
            # What may have been paid and cannot be told counts at its worst case.
            worst = self.worst(call) if unread or paid is None else None
            self.budget.settle(reserved, None if unread else paid, worst, answered=not unread)

    @contextmanager
    def _passage(self, call: Call) -> Iterator[_Passage]:
        """Through the gate and out again, with what came of it."""
        tokens = prompt_tokens(call.request) if self.gate.meters_tokens else 0
        ticket = self.gate.enter(call.prompt.sha256, tokens)
        began = time.monotonic()
        passage = _Passage()
        refused, wait, failed = False, None, False
        try:
            yield passage
        except ProviderError as error:
            passage.limits = error.limits or passage.limits
            refused, wait = error.refused, error.retry_after
            failed = error.kind is Trouble.TRANSIENT and not refused
            ended = self._ended(error, ticket, time.monotonic() - began)
            if ended.kind is Trouble.UNUSABLE:
                self.gate.close(str(ended))
            if ended is error:
                raise
            raise ended from error
        finally:
            self.gate.leave(
                ticket, used=passage.used, limits=passage.limits, refused=refused, retry_after=wait, failed=failed
            )

    def _ended(self, error: ProviderError, ticket: Ticket, seconds: float) -> ProviderError:
        """What one failed attempt of ``seconds`` means for all: the same error, or one that ends the run."""
        wait = error.retry_after
        if error.refused and wait is not None and wait > self.policy.total_seconds:
            # Nobody waits that long, for this request or for the others.
            said = f"{error}. It asks to wait {wait:,.0f} seconds: run again then"
        elif error.late and self.gate.waited_in_vain(ticket):
            said = (
                f"{HOPELESS} requests in a row were waited for in vain, the last for {seconds:,.1f} seconds: {error}. "
                "Run again when the service answers; if it only takes its time, with more --timeout"
            )
        else:
            return error
        return ProviderError(Trouble.UNUSABLE, said, status=error.status, maybe_paid=error.maybe_paid)

    def _sent(self, call: Call, number: int) -> Received:
        try:
            received = self.provider.send(call.request, self.model)
        except ProviderError as error:
            self.tally.add(attempts=int(error.sent))
            if not error.sent and not self.tally.replies and number >= UNREACHABLE:
                error.kind = Trouble.UNUSABLE
            raise
        self.tally.add(attempts=1)
        return received

    def _priced(self, exchange: Exchange) -> Exchange:
        """The exchange with its price; one that has a price keeps it, by whatever table."""
        if exchange.cost_usd is not None or not _is_readable(exchange):
            return exchange
        paid = plain(cost(self.model, exchange.reply.usage, times=self.provider.times))
        return replace(exchange, cost_usd=paid, price_table=table().as_of if paid is not None else None)

    def _settled(self, stored: Stored, call: Call) -> Exchange:
        priced = self._priced(stored.exchange)
        lease = (call.request.key, self.scope)
        self.store.settle(stored.row, priced.cost_usd, priced.price_table, lease=lease)
        return priced

    def _saved(self, exchange: Exchange) -> int:
        """Commit a reply. When the store does not take it, it is paid for all the same: keep it elsewhere."""
        try:
            return self.store.save(exchange)
        except StoreError as error:
            try:
                place = recordings.write(self.rescue, self._priced(exchange))
                self.tally.add(rescued=1)
            except (StoreError, OSError) as also:
                self.tally.add(lost=1)
                raise StoreError(f"{error.what}. A paid reply is lost: {also}", error.cure, "run again") from error
            command = import_command(self.rescue, self.store.path)
            raise RepliesRescued(error, f"A reply that is paid for was kept in {place}", command) from error

    def _sleep(self, seconds: float) -> None:
        """Wait between attempts; a stop ends the wait and the request."""
        if self.stop.wait(seconds):
            raise Interrupted("stopped while waiting to ask again")


def _is_readable(exchange: Exchange) -> bool:
    try:
        return bool(exchange.reply)
    except ReplyRejected:
        return False


class ReplayAsker:
    """Recordings and nothing else: no store, no provider, no network."""

    def __init__(self, library: recordings.Recordings) -> None:
        self.library = library
        self.tally = Tally()

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """The recorded exchange. Raises `RecordingMissing` with the nearest one."""
        found = self.kept(call)
        if found is None:
            raise self.library.missing(call.request, article=article.name, task=call.task, prompt=call.prompt.name)
        self.tally.add(hits=1)
        return Asked(found, bought=False)

    def kept(self, call: Call) -> Exchange | None:
        """What the recordings have for a call."""
        found = self.library.find(call.request.key)
        if found is None and call.parent is not None and call.role != "part":
            found = self.library.find_child(call.parent, call.role, call.round, call.items)
        return found


class KeptAsker:
    """The exchanges that one record rests on, whatever today's prompts would ask.

    They are given back in the order of asking; those that today's reading no longer needs are passed over.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = list(exchanges)
        self._next = 0
        self.tally = Tally()

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """The next kept exchange of this task, role and round. Raises `RecordingMissing` when there is none."""
        for place in range(self._next, len(self._exchanges)):
            exchange = self._exchanges[place]
            if (exchange.task, exchange.role, exchange.round) == (call.task, call.role, call.round):
                self._next = place + 1
                self.tally.add(hits=1)
                return Asked(exchange, bought=False)
        raise RecordingMissing(
            f"no kept reply for article {article.name}, task {call.task}, {call.role} {call.round}: "
            "`dragoman run` would ask for it"
        )
