"""A budget holds under every kind of reply and failure, with threads: spending never exceeds the cap."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.asking.providers import Received
from dragoman.core.exchange import Endpoint
from dragoman.core.models import Model, Rates
from dragoman.core.prices import highest_geography_factor, worst_case
from dragoman.core.request import Request
from dragoman.errors import BudgetReached, DragomanError, FailureKind, ProviderError
from dragoman.store.sqlite.store import Store
from dragoman.tasks.requests import ADDED, most_tokens, prompt_tokens
from tests.support.builders import MODEL, article_of, call_of, hasty, message, quick_limiter, source_of

from .amount import ALL

KINDS = (
    "full", "full", "cheap", "cheap", "cached", "no usage", "odd usage", "junk", "empty",
    "429", "529", "500", "reset", "unreachable",
)  # fmt: skip


@dataclass
class Purse:
    """Provider that counts what a service would really charge, where the replies are made and not where they are
    read.
    """

    model: Model
    chance: random.Random
    kinds: tuple[str, ...]
    endpoint: Endpoint = "anthropic"
    base_url: str | None = None
    address_note: str | None = None
    price_multiplier: Decimal = Decimal(1)
    per_byte: float = 1.0
    """Tokens per byte that its tokenizer counts."""
    counts: str = "no counter"
    """``no counter``, ``right``, or ``low`` by the tolerated amount."""

    def __post_init__(self) -> None:
        self.charged = Decimal(0)
        self.sent = 0
        self._lock = threading.Lock()

    def send(self, request: Request, model: Model) -> Received:
        """Return a reply of a random kind, charged at most at the worst case of its request; or fail, charged or
        not.
        """
        with self._lock:
            self.sent += 1
            kind, share = self.chance.choice(self.kinds), self.chance.random()
        most = self._tokens(request)
        worst = worst_case(self.model, most, request.max_tokens, times=self.price_multiplier) or Decimal(0)
        match kind:
            case "429":
                raise ProviderError(FailureKind.RATE_LIMITED, "429", retry_after=0.0, status=429)
            case "529":
                raise ProviderError(FailureKind.TRANSIENT, "529", retry_after=0.0, status=529)
            case "unreachable":
                raise ProviderError(FailureKind.TRANSIENT, "no connection", sent=False)
            case "500" | "reset":
                self._charge(worst if share < 0.5 else Decimal(0))
                raise ProviderError(FailureKind.TRANSIENT, kind, maybe_paid=True, retry_after=0.0)
            case "junk" | "empty":
                self._charge(worst)
                return Received("<html>" if kind == "junk" else "", "native", model.id)
            case _:
                return Received(self._message(kind, share, most, request.max_tokens, worst), "native", model.id)

    def _tokens(self, request: Request) -> int:
        """Return the most tokens that it may bill for the prompt."""
        return int((most_tokens(request) - ADDED) * self.per_byte) + ADDED

    def _message(self, kind: str, share: float, most: int, room: int, worst: Decimal) -> str:
        """Return a complete reply and its price."""
        inputs, outputs = (most, room) if kind == "full" else (int(most * share), int(room * share / 10))
        if kind in ("no usage", "odd usage"):
            self._charge(worst)
            odd = None if kind == "no usage" else {"input_tokens": None, "output_tokens": -1}
            return message("{}", usage=odd)
        rates = self.model.rates
        assert rates is not None
        if kind == "cached":
            written = inputs // 2
            fresh = rates.input * (inputs - written) + rates.cache_write_5m * written
            self._charge((fresh + rates.output * outputs) / 10**6 * self.price_multiplier)
            usage = {
                "input_tokens": inputs - written, "output_tokens": outputs, "cache_creation_input_tokens": written,
            }  # fmt: skip
            return message("{}", usage=usage)
        self._charge((rates.input * inputs + rates.output * outputs) / 10**6 * self.price_multiplier)
        return message("{}", tokens=(inputs, outputs))

    def _charge(self, amount: Decimal) -> None:
        with self._lock:
            self.charged += amount

    def ping(self, model: Model) -> str:
        raise AssertionError("nothing here pings")

    @property
    def lookup_failure(self) -> str | None:
        return None

    def look_up(self, model: Model) -> Model:
        return model

    def count_tokens(self, request: Request, model: Model) -> int:
        match self.counts:
            case "right":
                return self._tokens(request)
            case "low":
                return int((self._tokens(request) - ADDED) / 1.05) + 1
            case _:
                raise ProviderError(FailureKind.UNUSABLE, "404", status=404)

    def close(self) -> None:
        """There is nothing to release."""


def priced(input_rate: int, output_rate: int) -> Model:
    """Return a model with other prices, in cents per million tokens."""
    rates = Rates(
        input=Decimal(input_rate) / 100, output=Decimal(output_rate) / 100, cache_read=Decimal(input_rate) / 1000,
        cache_write_5m=Decimal(input_rate) / 80, cache_write_1h=Decimal(input_rate) / 50,
    )  # fmt: skip
    return replace(MODEL, rates=rates, tier_above=None, tier_rates=None)


def spend(asker: LiveAsker, workers: int, calls: int) -> list[DragomanError]:
    """Send requests for this many different articles at once; return the errors that were raised."""
    raised: list[DragomanError] = []

    def ask(number: int) -> None:
        try:
            asker.ask(call_of(source=source_of([f"Bài {number}."]), model=asker.model), article_of(name=f"{number}"))
        except DragomanError as error:
            raised.append(error)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(ask, range(calls)))
    return raised


@settings(
    max_examples=120 if ALL else 8, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(
    seed=st.integers(0, 2**32),
    cases=st.integers(1, 60),
    workers=st.integers(1, 8),
    input_rate=st.integers(1, 3000),
    output_rate=st.integers(1, 15000),
    kinds=st.sets(st.sampled_from(KINDS), min_size=1).map(lambda found: tuple(sorted(found))),
    times=st.sampled_from([Decimal(1), Decimal("1.1")]),
    per_byte=st.sampled_from([0.1, 0.25, 0.5, 1.0]),
    counts=st.sampled_from(["no counter", "right", "low"]),
)
def test_spending_never_exceeds_the_cap_whatever_the_replies(
    seed: int, cases: int, workers: int, input_rate: int, output_rate: int, kinds: tuple[str, ...], times: Decimal,
    per_byte: float, counts: str,
) -> None:  # fmt: skip
    """The service's own bill stays within the cap and within the spending that the run reports. Nothing stays reserved.

    The cap is a few worst cases wide, in tenths, so that it is reached while requests are in flight.
    """
    model = priced(input_rate, output_rate)
    request = call_of(source=source_of(["Bài 11."]), model=model).request
    worst = worst_case(model, most_tokens(request), request.max_tokens, times=times)
    assert worst is not None
    cap = worst * cases / 10
    budget = Budget(cap)
    with TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite") as store:
        purse = Purse(model, random.Random(seed), kinds, price_multiplier=times, per_byte=per_byte, counts=counts)
        asker = LiveAsker(store, purse, model, budget, hasty(attempts=4), limiter=quick_limiter())
        raised = spend(asker, workers, 12)
        assert purse.charged <= budget.spent <= cap
        # Unused money is available for the next request: no reservation was left behind. Before the first reply, the
        # dearest geography is reserved.
        left = cap - budget.spent
        if left >= worst:
            budget.settle(budget.reserve(worst), Decimal(0))
        if left >= worst * highest_geography_factor(model):
            assert not any(isinstance(error, BudgetReached) for error in raised)


@settings(max_examples=40 if ALL else 6, deadline=None, database=None)
@given(seed=st.integers(0, 2**32), workers=st.integers(1, 6))
def test_a_reply_above_its_worst_case_is_counted_and_ends_the_spending(seed: int, workers: int) -> None:
    """Dragoman cannot control a service that bills more than its worst case. Only the requests then in flight may
    exceed it.
    """
    request = call_of(source=source_of(["Bài 1."])).request
    worst = worst_case(MODEL, most_tokens(request), request.max_tokens)
    assert worst is not None
    dear = int(prompt_tokens(request) * 50)
    budget = Budget(worst * 3)

    class Dear(Purse):
        def send(self, request: Request, model: Model) -> Received:
            self.sent += 1
            return Received(message("{}", tokens=(dear, request.max_tokens)), "native", model.id)

    with TemporaryDirectory() as folder, Store(Path(folder) / "store.sqlite") as store:
        purse = Dear(MODEL, random.Random(seed), KINDS)
        spend(LiveAsker(store, purse, MODEL, budget, hasty(attempts=2), limiter=quick_limiter()), workers, 8)
        assert purse.sent <= 3
        assert len(store.rows("SELECT id FROM exchanges")) == purse.sent
