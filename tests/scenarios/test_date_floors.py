"""How many of CLDR's dates and spans are read is pinned: the shares may rise, and they are never lowered silently."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.support.benchmarks import load


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return load("dates")


def test_dates_of_every_language_are_read_as_cldr_prints_them(bench: ModuleType) -> None:
    """Each form has a floor, and each language prints at least 20 texts of each form that is not left out."""
    table = bench.counts(bench.measured())
    assert set(table) == set(bench.load_floors())
    assert min(verdicts.total() for by_language in table.values() for verdicts in by_language.values()) >= 20
    assert bench.failures(table) == []


def test_a_floor_that_is_not_met_is_named(bench: ModuleType) -> None:
    """Dates that are read wrong or not at all fall below the floors of their form and of their language."""
    wrong = {"long": {"de": bench.Counter({"right": 90, "wrong": 10})}}
    assert bench.failures(wrong) == [
        "long: 90.00 % right and 10.00 % wrong; 99 and 0.2 needed",
        "long in de: 90.0 % right; 95 needed",
    ]


@pytest.mark.parametrize(
    ("text", "dates", "verdict"),
    [
        ("5.–7. März 2024", ("2024-03-05", "2024-03-07"), "right"),
        ("5.–7. März 2024", ("2024-03-05", "2024-03-08"), "wrong"),
        ("5.–7. März", ("2024-03-05", "2024-03-07"), "open"),
        ("7. März 2024", ("2024-03-05", "2024-03-07"), "open"),
        ("7. März 2024, 12 Menschen", ("2024-03-07",), "wrong"),
    ],
)
def test_part_of_a_date_is_open_and_an_amount_is_wrong(
    bench: ModuleType, text: str, dates: tuple[str, ...], verdict: str
) -> None:
    """Only a text of which all dates are read, and nothing else, is right."""
    item = bench.Printed("de", "yMMMd", text, dates)
    assert bench.verdict(item, bench.find(text, "de")) == verdict
