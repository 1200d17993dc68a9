"""The budget: no request is sent whose worst-case price does not fit what is left.

The worst case of an attempt is reserved before the request is sent and settled when its reply arrives, so requests in
flight count. One budget belongs to one invocation.
"""

from __future__ import annotations

import threading
from decimal import Decimal

from dragoman.core.prices import decimal_string
from dragoman.errors import BudgetReached


class Budget:
    """USD that one invocation may spend; with ``cap`` None there is no limit, but spending is still counted."""

    def __init__(self, cap: Decimal | None = None) -> None:
        self.cap = cap
        self._changed = threading.Condition()
        self._reserved = Decimal(0)
        self._paid = Decimal(0)
        self._unknown = 0
        self._unbounded = 0
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
        """The number of replies whose price is not known."""
        return self._unknown

    @property
    def unbounded(self) -> int:
        """How many of the `unknown` replies may have cost more than their worst case."""
        return self._unbounded

    def has_room(self, amount: Decimal) -> bool:
        """Whether an amount fits what is not spent yet; requests in flight may still need some of that."""
        return self.cap is None or self.spent + amount <= self.cap

    def reserve(self, worst: Decimal | None) -> Decimal:
        """Reserve the worst case of one attempt; returns the amount to `settle` with.

        Waits while requests in flight may still turn out cheaper than reserved. Raises `BudgetReached` when the amount
        cannot fit any more. ``worst`` None (no price) fits only if there is no cap.
        """
        with self._changed:
            amount = worst or Decimal(0)
            if self.cap is not None:
                if worst is None:
                    raise BudgetReached("this model has no price, so it cannot run under a budget")
                if worst > self.cap:
                    raise BudgetReached(
                        f"one request may cost up to ${decimal_string(worst)}, more than the whole budget of "
                        f"${self.cap}",
                        cap_too_low=True,
                    )
                while self.spent + self._reserved + worst > self.cap:
                    if not self._reserved or self.spent + worst > self.cap:
                        raise BudgetReached(
                            f"the next request may cost up to ${decimal_string(worst)}, but only "
                            f"${decimal_string(max(self.cap - self.spent, Decimal(0)))} of ${self.cap} is left"
                        )
                    self._changed.wait()
            self._reserved += amount
            return amount

    def settle(
        self,
        reserved: Decimal,
        paid: Decimal | None,
        worst: Decimal | None = None,
        *,
        answered: bool = True,
        bounded: bool = True,
    ) -> None:
        """Replace a reservation by what was paid; None if that is not known.

        Then the ``worst`` case counts as spent, or else the reservation (both are 0 if there is no price): as
        `unpriced` if a reply came, as `unanswered` if no readable reply came. ``bounded`` is false when the reply may
        have cost more.
        """
        with self._changed:
            self._reserved -= reserved
            if paid is not None:
                self._paid += paid
            elif answered:
                self._unknown += 1
                self._unbounded += not bounded
                self._unpriced += worst or reserved
            else:
                self._unanswered += worst or reserved
            self._changed.notify_all()
