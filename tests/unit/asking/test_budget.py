"""A budget is never exceeded, whatever the threads do, and a request waits while it may still fit."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.budget import Budget
from dragoman.cli.advice import advised
from dragoman.errors import BudgetReached

CENT = Decimal("0.01")
PATIENCE = 10.0
"""Seconds after which a thread that should have ended counts as stuck."""


class Ledger:
    """What the threads hold at one time, counted independently of the budget."""

    def __init__(self, cap: Decimal) -> None:
        self.cap = cap
        self.lock = threading.Lock()
        self.held = Decimal(0)
        self.most = Decimal(0)

    def add(self, amount: Decimal) -> None:
        with self.lock:
            self.held += amount
            self.most = max(self.most, self.held)


def spend(budget: Budget, ledger: Ledger, seed: int) -> int:
    """Make twenty attempts at random prices, each settled for at most its worst case; returns how many did not fit."""
    chance = random.Random(seed)
    rejected = 0
    for _ in range(20):
        worst = chance.randint(1, 30) * CENT
        try:
            reserved = budget.reserve(worst)
        except BudgetReached:
            rejected += 1
            continue
        ledger.add(worst)
        paid = worst * chance.randint(0, 10) / 10
        # Returned before it is settled, so that the ledger never holds more than is reserved.
        ledger.add(paid - worst)
        budget.settle(reserved, paid)
    return rejected


@settings(max_examples=15)
@given(st.integers(1, 400), st.integers(0, 2**32), st.integers(2, 6))
def test_spent_and_reserved_together_never_exceed_the_cap(cents: int, seed: int, workers: int) -> None:
    cap = cents * CENT
    budget, ledger = Budget(cap), Ledger(cap)
    with ThreadPoolExecutor(workers) as pool:
        rejected = sum(pool.map(lambda number: spend(budget, ledger, seed + number), range(workers)))
    assert ledger.most <= cap
    assert budget.spent == ledger.held <= cap
    assert budget.unknown == 0
    if budget.spent <= cap - 30 * CENT:
        # What fits is not rejected: at the end there is room for any price, so there always was.
        assert rejected == 0


def reserving(budget: Budget, worst: Decimal) -> tuple[threading.Thread, list[Decimal | BudgetReached]]:
    """A thread that reserves ``worst``, and the list that gets the outcome."""
    outcome: list[Decimal | BudgetReached] = []

    def work() -> None:
        try:
            outcome.append(budget.reserve(worst))
        except BudgetReached as error:
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, outcome


def test_a_request_waits_while_others_may_turn_out_cheaper() -> None:
    """Worst cases are ten times the true price, so to give up at once would leave most of the budget unused."""
    budget = Budget(Decimal(1))
    first = budget.reserve(Decimal("0.9"))
    thread, outcome = reserving(budget, Decimal("0.5"))
    thread.join(0.05)
    assert outcome == []
    budget.settle(first, Decimal("0.1"))
    thread.join(PATIENCE)
    assert outcome == [Decimal("0.5")]
    assert budget.spent == Decimal("0.1")


def test_a_waiting_request_is_rejected_once_it_can_no_longer_fit() -> None:
    budget = Budget(Decimal(1))
    first = budget.reserve(Decimal("0.9"))
    thread, outcome = reserving(budget, Decimal("0.5"))
    budget.settle(first, Decimal("0.9"))
    thread.join(PATIENCE)
    assert isinstance(outcome[0], BudgetReached)


def test_every_waiting_request_gets_an_outcome() -> None:
    """One settlement may admit several requests, or reject several; none is forgotten."""
    budget = Budget(Decimal(1))
    first = budget.reserve(Decimal(1))
    waiting = [reserving(budget, Decimal("0.4")) for _ in range(5)]
    budget.settle(first, Decimal(0))
    granted = 0
    for _ in range(5):
        for thread, outcome in waiting:
            thread.join(0.2)
            if outcome and isinstance(reserved := outcome[0], Decimal):
                outcome.clear()
                granted += 1
                budget.settle(reserved, Decimal("0.4"))
    for thread, _ in waiting:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert granted == 2
    assert budget.spent == Decimal("0.8")


def test_a_request_that_can_never_fit_is_rejected_at_once_even_while_others_are_in_flight() -> None:
    budget = Budget(Decimal(1))
    budget.settle(budget.reserve(Decimal("0.6")), Decimal("0.6"))
    budget.reserve(Decimal("0.1"))
    with pytest.raises(BudgetReached, match=r"up to \$0\.5, but only \$0\.4 of \$1 is left"):
        budget.reserve(Decimal("0.5"))


def test_the_whole_budget_can_be_used_to_the_last_cent() -> None:
    budget = Budget(Decimal("0.03"))
    for _ in range(3):
        budget.settle(budget.reserve(CENT), CENT)
    assert budget.spent == Decimal("0.03")
    with pytest.raises(BudgetReached):
        budget.reserve(Decimal("0.000001"))


def test_the_message_does_not_round_small_amounts_to_zero() -> None:
    """A request to a cheap model costs less than a hundredth of a cent."""
    with pytest.raises(BudgetReached) as caught:
        Budget(Decimal("0.00001")).reserve(Decimal("0.00002"))
    assert "$0.00002" in str(caught.value)
    assert "0.0000 " not in str(caught.value)


def test_only_a_cap_that_no_request_fits_should_be_raised() -> None:
    """The message names no option, so the commands add the advice. After a cap that was merely reached, the next run
    has the whole cap again.
    """
    budget = Budget(Decimal(1))
    with pytest.raises(BudgetReached) as too_low:
        budget.reserve(Decimal(2))
    assert str(too_low.value) == "one request may cost up to $2, more than the whole budget of $1"
    assert advised(too_low.value) == f"{too_low.value}. Raise --max-cost"
    budget.settle(budget.reserve(Decimal(1)), Decimal(1))
    with pytest.raises(BudgetReached) as used_up:
        budget.reserve(Decimal("0.1"))
    assert advised(used_up.value) == str(used_up.value)


def test_a_model_without_a_price_cannot_run_under_a_cap() -> None:
    with pytest.raises(BudgetReached, match="no price"):
        Budget(Decimal(100)).reserve(None)


def test_without_a_cap_every_request_fits_and_is_counted() -> None:
    budget = Budget()
    first, second, third = budget.reserve(Decimal(10**6)), budget.reserve(None), budget.reserve(Decimal(1))
    budget.settle(first, Decimal("12.5"))
    budget.settle(second, None)
    budget.settle(third, Decimal(0))
    assert (budget.spent, budget.unknown) == (Decimal("12.5"), 1)


def test_what_was_paid_and_what_may_have_been_paid_are_counted_apart() -> None:
    """Both count against the cap, but a reply without a price and an attempt without a reply are not known costs."""
    budget = Budget(Decimal(10))
    budget.settle(budget.reserve(Decimal(1)), Decimal("0.25"))
    budget.settle(budget.reserve(Decimal(2)), None, Decimal(2))
    budget.settle(budget.reserve(Decimal(3)), None, Decimal(3), answered=False)
    budget.settle(budget.reserve(Decimal(4)), Decimal(0))
    assert (budget.paid, budget.unpriced, budget.unanswered) == (Decimal("0.25"), Decimal(2), Decimal(3))
    assert (budget.spent, budget.unknown) == (Decimal("5.25"), 1)


def test_an_attempt_that_cost_nothing_does_not_change_the_budget() -> None:
    budget = Budget(CENT)
    for _ in range(50):
        budget.settle(budget.reserve(CENT), Decimal(0))
    assert budget.spent == 0
