"""Two figures become one range if a connector stands between them; scores are dropped."""

from __future__ import annotations

import pytest

from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("5-8 % of it", "en", ["percent 5..8 %"]),
        ("between 5 and 8 percent", "en", ["percent 5..8 %"]),
        ("5 and 8 percent", "en", ["count 5", "percent 8 %"]),
        ("200至300亿元", "zh-Hans", ["money 20000000000..30000000000 CNY"]),
        ("$5 to 8 million US dollars", "en", ["money 5000000..8000000 USD"]),
        ("about 5 to 8 percent", "en", ["~percent 5..8 %"]),
        ("с 5 % до 7 %", "ru", ["percent 5..7 %"]),
        ("5 antara 8 hingga 9 peratus", "ms", ["count 5", "percent 8..9 %"]),
        ("5-8 November 2024", "en", ["date 2024-11-05", "date 2024-11-08"]),
        ("1950-53", "en", ["date 1950", "date 1953"]),
    ],
)
def test_a_connector_joins_two_figures(text: str, tag: str, quantities: list[str]) -> None:
    """Scale, unit and month are shared by both ends."""
    assert read(text, tag) == quantities


def test_a_word_of_change_near_from_makes_two_figures() -> None:
    """ "Rose from 5 to 80" says two figures. The word may stand 40 characters before the first of them."""
    near = "rose, said the man of the north from 5 to 80"
    far = "rose, as the man said of the whole of the north from 5 to 80"
    assert 20 < near.index("5") < 40 < far.index("5") < 80
    assert read(near) == ["count 5", "count 80"]
    assert read(far) == ["count 5..80"]


def test_two_low_numbers_with_a_dash_are_a_score() -> None:
    """Up to 20, they are the goals of a match; above, they are a range."""
    assert read("It ended 15-20 that day.") == []
    assert read("It ended 20-21 that day.") == ["count 20..21"]


def test_points_up_to_200_with_the_winner_first_are_a_score() -> None:
    """Higher numbers are two figures."""
    assert read("a result of 150 to 112 in it") == []
    assert read("a result of 250 to 112 in it") == ["count 250", "count 112"]


def test_ends_that_stand_far_apart_are_two_figures() -> None:
    """12 characters hold a connector and its gaps; what is longer is not looked at."""
    assert read("5 sampai dengan 8 persen", "id") == ["count 5", "percent 8 %"]
    assert read("5  hingga  8 persen", "ms") == read("5 hingga 8 persen", "ms")
