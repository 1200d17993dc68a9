"""The budget: nothing is sent whose worst-case price does not fit what is left.

The worst case of an attempt is reserved before it leaves and settled when its reply comes, so requests in
flight count. One budget belongs to one invocation.
"""

from __future__ import annotations

import threading
from decimal import Decimal

from dragoman.core.prices import decimal_string
from dragoman.errors import BudgetReached


class Budget:
    """USD that one invocation may spend; ``cap`` None means without limit (spending is still counted)."""

    def __init__(self, cap: Decimal | None = None) -> None:
        self.cap = cap
        self._lock = threading.Condition()
        self._reserved = Decimal(0)
        self._paid = Decimal(0)
        self._unknown = 0
        self._unpriced = Decimal(0)
        self._unanswered = Decimal(0)

    @property
    def spent(self) -> Decimal:
        """USD that count against the cap: `paid`, `unpriced` and `unanswered` together."""
        return self._paid + self._unpriced + self._unanswered

    @property
    def paid(self) -> Decimal:
        """USD for replies whose price is known."""
        return self._paid

    @property
    def unpriced(self) -> Decimal:
        """USD that the `unknown` replies cost at most, as far as their worst case is known."""
        return self._unpriced

    @property
    def unanswered(self) -> Decimal:
        """USD that attempts without a readable reply cost at most, if they were charged at all."""
        return self._unanswered

    @property
    def unknown(self) -> int:
        """Replies whose price is not known."""
        return self._unknown

    def has_room(self, amount: Decimal) -> bool:
        """Whether an amount fits what is not spent yet; requests in flight may still need some of that."""
        return self.cap is None or self.spent + amount <= self.cap

    def reserve(self, worst: Decimal | None) -> Decimal:
        """Set aside the worst case of one attempt; returns what to `settle` with.

        Waits while requests in flight may still turn out cheaper than reserved. Raises `BudgetReached` when
        it cannot fit any more. ``worst`` None (no price) fits only without a cap.
        """
        with self._lock:
            amount = worst or Decimal(0)
            if self.cap is not None:
                if worst is None:
                    raise BudgetReached("this model has no price, so it cannot run under --max-cost")
                if worst > self.cap:
                    raise BudgetReached(
                        f"one request may cost up to ${decimal_string(worst)}, more than the whole budget of "
                        f"${self.cap}: raise --max-cost",
                        cap_too_low=True,
                    )
                while self.spent + self._reserved + worst > self.cap:
                    if not self._reserved or self.spent + worst > self.cap:
                        raise BudgetReached(
                            f"the next request may cost up to ${decimal_string(worst)}, and "
                            f"${decimal_string(max(self.cap - self.spent, Decimal(0)))} of ${self.cap} is left"
                        )
                    self._lock.wait()
            self._reserved += amount
            return amount

    def settle(
        self, reserved: Decimal, paid: Decimal | None, worst: Decimal | None = None, *, answered: bool = True
    ) -> None:
        """Replace a reservation by what was paid; None when that is not known.

        Then its ``worst`` case counts as spent, or else the reservation (both are 0 where nothing has a price):
        as `unpriced` when a reply came, as `unanswered` when none did that can be read.
        """
        with self._lock:
            self._reserved -= reserved
            if paid is not None:
                self._paid += paid
            elif answered:
                self._unknown += 1
                self._unpriced += worst or reserved
            else:
                self._unanswered += worst or reserved
            self._lock.notify_all()
