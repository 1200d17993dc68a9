"""Values of cells that come from the text forms in records."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dragoman.output.tables.columns import full_date, to_decimal


@pytest.mark.parametrize(
    ("partial", "day"),
    [("2024-11-05", date(2024, 11, 5)), ("2024-11", None), ("2024", None), ("--11-05", None), (None, None)],
)
def test_only_a_date_with_year_month_and_day_is_a_date(partial: str | None, day: date | None) -> None:
    """A missing month or day is not invented."""
    assert full_date(partial) == day


def test_decimal_strings_stay_exact() -> None:
    """Never through a float."""
    assert to_decimal("0.10") == Decimal("0.10")
    assert str(to_decimal("0.10")) == "0.10"
    assert to_decimal(None) is None
