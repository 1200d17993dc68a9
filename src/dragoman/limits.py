"""The budget: nothing is sent whose worst-case price does not fit what is left.

The worst case of an attempt is reserved before it leaves and settled when its reply comes, so requests in
flight count. One budget belongs to one invocation.
"""

from __future__ import annotations

import threading
from decimal import Decimal

from dragoman.errors import BudgetReached
from dragoman.pricing import plain


class Budget:
    """USD that one invocation may spend; ``cap`` None means without limit (spending is still counted)."""

    def __init__(self, cap: Decimal | None = None) -> None:
        self.cap = cap
        self._lock = threading.Condition()
        self._spent = Decimal(0)
        self._reserved = Decimal(0)
        self._unknown = 0

    @property
    def spent(self) -> Decimal:
        """USD settled so far, attempts that may have been paid without an answer at their worst case."""
        return self._spent

    @property
    def unknown(self) -> int:
        """Replies whose price is not known; counted in `spent` at their worst case, where that is known."""
        return self._unknown

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
                        f"one request may cost up to ${plain(worst)}, more than the whole budget of ${self.cap}: "
                        "raise --max-cost"
                    )
                while self._spent + self._reserved + worst > self.cap:
                    if not self._reserved or self._spent + worst > self.cap:
                        raise BudgetReached(
                            f"the next request may cost up to ${plain(worst)}, and "
                            f"${plain(max(self.cap - self._spent, Decimal(0)))} of ${self.cap} is left"
                        )
                    self._lock.wait()
            self._reserved += amount
            return amount

    def settle(self, reserved: Decimal, paid: Decimal | None, worst: Decimal | None = None) -> None:
        """Replace a reservation by what was paid; None when a reply came and its price is not known.

        Then its ``worst`` case counts as spent, or else the reservation (both are 0 where nothing has a price).
        """
        with self._lock:
            self._reserved -= reserved
            self._unknown += int(paid is None)
            self._spent += (worst or reserved) if paid is None else paid
            self._lock.notify_all()
