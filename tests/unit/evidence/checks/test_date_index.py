"""Dates are looked up by their parts, which gives what comparing each with each gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.checks.date_index import DateIndex, parts
from dragoman.evidence.checks.quantities import read
from dragoman.evidence.figures import Quantity

DATES = st.sampled_from(
    ["2024", "2024-03", "2024-03-05", "2024-05-05", "2023-03-05", "2023", "--03-05", "--03-06", "--03", "2023-12-31"]
)


def date_of(date: str) -> Quantity:
    return Quantity(
        kind="date", value=None, low=None, high=None, unit=None, vague=False, start=0, end=1, date=date, bound="exact"
    )


@given(st.lists(DATES, max_size=5), DATES)
def test_a_date_agrees_with_one_that_shares_a_part_and_has_no_part_that_differs(dates: list[str], date: str) -> None:
    def agree(other: str) -> bool:
        both = [(a, b) for a, b in zip(parts(date), parts(other), strict=True) if a and b]
        return bool(both) and all(a == b for a, b in both)

    assert DateIndex.of("x", [date_of(each) for each in dates]).agrees(date) == any(map(agree, dates))


@pytest.mark.parametrize(
    ("date", "expected"),
    [("2024-03-05", ["2023-03-05", "2024-05-05"]), ("2023-05-05", ["2023-03-05", "2024-05-05"]), ("2024-03", [])],
)
def test_a_slip_has_the_day_and_either_the_year_or_the_month(date: str, expected: list[str]) -> None:
    dates = ["2024-05-05", "2023-03-05", "2024-03-06", "2024-03"]
    index = DateIndex.of("x", [date_of(each) for each in dates])
    assert sorted(each.date or "" for each in index.slips(date)) == expected


def test_a_number_of_another_calendar_finds_the_date_that_prints_it() -> None:
    text = read("ปี 2559 และปี 2567", "th")
    (found,) = text.date_index.in_other_years["2559"]
    assert (found.date, text.printed(found)) == ("2016", "ปี 2559")
    assert "2016" not in text.date_index.in_other_years
