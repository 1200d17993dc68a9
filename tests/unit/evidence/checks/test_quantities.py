"""Two quantities are the same figure if one may be the other, rounded or as a share."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.checks.quantities import (
    TextQuantities,
    bounds,
    is_small,
    moved,
    read,
    read_lines,
    read_part,
    rounds_to,
    same_value,
    shown,
    values,
)
from dragoman.evidence.figures import Quantity


@pytest.mark.parametrize(
    ("exact", "shown_value", "is_same"),
    [
        ("1250.5", "1250", True),
        ("1250.5", "1300", True),  # two digits
        ("1250.5", "1000", False),  # one digit is compared as if it had two
        ("95", "100", True),
        ("94", "100", False),
        ("5", "50", False),
        ("-5", "5", False),
        ("0", "0", True),
        ("0", "1", False),
    ],
)
def test_a_figure_may_be_rounded_to_two_digits_or_more(exact: str, shown_value: str, is_same: bool) -> None:
    assert rounds_to(Decimal(exact), Decimal(shown_value)) is is_same


@pytest.mark.parametrize(
    ("english", "language", "source"),
    [
        ("40%", "zh-Hans", "四成"),
        ("33%", "de", "ein Drittel"),
        ("1.25 trillion dong", "vi", "1.250,5 tỷ đồng"),
        ("9 billion yuan", "zh-Hans", "90亿元"),
    ],
)
def test_equal_figures_in_other_words_have_the_same_value(english: str, language: str, source: str) -> None:
    assert same_value(read(english, "en").quantities[0], read(source, language).quantities[0])


@pytest.mark.parametrize(
    ("english", "language", "source"),
    [
        ("90 billion yuan", "zh-Hans", "90亿元"),
        ("25 people", "de", "0,25 Personen"),
        ("2026 people", "de", "im Jahr 2026"),
    ],
)
def test_other_figures_do_not(english: str, language: str, source: str) -> None:
    """Only shares may differ by a factor of a hundred, and an amount is never a date."""
    assert not same_value(read(english, "en").quantities[0], read(source, language).quantities[0])


@pytest.mark.parametrize(
    ("text", "expected"), [("12 people", True), ("13 people", False), ("5%", False), ("$5", False)]
)
def test_counts_up_to_twelve_are_small(text: str, expected: bool) -> None:
    """People write and count them in too many ways; money and percentages are always compared."""
    assert is_small(read(text, "en").quantities[0]) is expected


def test_a_range_is_two_figures() -> None:
    (figure,) = read("20 to 30 tonnes", "en").quantities
    assert values(figure) == {Decimal(20), Decimal(30)}
    assert [bound.value for bound in bounds(figure)] == [Decimal(20), Decimal(30)]
    assert shown(figure) == "20–30"


def test_a_value_is_shown_in_full() -> None:
    assert shown(read("90亿元", "zh-Hans").quantities[0]) == "9,000,000,000"


def test_a_moved_quantity_differs_only_in_its_offsets() -> None:
    (figure,) = read("30 tonnes", "en").quantities
    assert moved(figure, 7) == figure._replace(start=figure.start + 7, end=figure.end + 7)


def test_a_line_of_a_source_reads_the_same_alone_and_in_its_source() -> None:
    """A paragraph has the same quantities whether it is read by itself or cut out of the whole source."""
    lines = ["Năm 2024 có 1.200 người, tăng 5 % so với 2019.", "", "Doanh thu 48 tỷ đồng", "từ ngày 5/3/2024, hơn 300"]
    text = "\n".join(lines)
    whole = read_lines(text, "vi")
    start = 0
    for line in lines:
        assert read_part(whole, start, start + len(line)) == read(line, "vi")
        start += len(line) + 1
    assert read_part(whole, 4, 20) == read(text[4:20], "vi")


numbers = st.decimals(min_value="-1e13", max_value="1e13", allow_nan=False, places=2).map(
    lambda number: number.normalize()
)
figures = st.builds(
    lambda kind, value, high: Quantity(kind, None if high else value, value, high, None, False, 0, 1),
    st.sampled_from(["count", "money", "percent", "other"]),
    numbers,
    st.none() | numbers,
)


@given(figures, st.lists(figures, max_size=8), st.sampled_from([1, 10, 100, "0.01", "1.049", "0.951", "1.1"]))
def test_all_figures_with_the_same_value_are_near(figure: Quantity, others: list[Quantity], factor: int | str) -> None:
    """`TextQuantities.near` only leaves out what `same_value` would not accept, in either direction."""
    scaled = [each._replace(value=None if each.value is None else each.value * Decimal(factor)) for each in [figure]]
    quantities = (*others, *scaled)
    near = TextQuantities("", "en", quantities).near(figure)
    for other in quantities:
        if same_value(figure, other) or same_value(other, figure):
            assert other in near
