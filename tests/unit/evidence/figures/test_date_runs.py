"""Dates that are joined are each a date of its own, with the month and the year that they share."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dragoman.evidence.figures import find
from tests.support import paths
from tests.unit.evidence.figures.reading import read

CASES: list[dict[str, Any]] = json.loads((paths.CASES / "dates.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']} {case['text']}")
def test_the_dates_of_a_text_are_read_and_no_part_of_them_is_an_amount(case: dict[str, Any]) -> None:
    """Spans and lists of days and months, short years, other calendars, and what is no date."""
    found = find(case["text"], case["language"])
    dates = ["~" * quantity.vague + quantity.date for quantity in found if quantity.date]
    assert dates == case["dates"]
    assert [quantity for quantity in found if quantity.kind == "ordinal"] == []


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("5 March 2024 12 people came", "en", ["date 2024-03-05", "count 12 people"]),
        ("On March 5, 12 people came", "en", ["date --03-05", "count 12 people"]),
        ("They won 5, March 2024 was cold", "en", ["count 5", "date 2024-03"]),
        ("12 January 1, 2000", "en", ["count 12", "date 2000-01-01"]),
        ("In 2019, 12 people came", "en", ["date 2019", "count 12 people"]),
        ("March 5 and 7 people came", "en", ["date --03-05", "count 7 people"]),
        ("March 5 to 70 percent", "en", ["date --03-05", "percent 70 %"]),
        ("He scored 5, 7 and 9 points in March.", "en", ["count 5", "count 7", "count 9 points"]),
        ("le 5 mars 2024, 12 blessés", "fr", ["date 2024-03-05", "count 12 blessés"]),
        ("passe de 5 à 7 % en mars 2024", "fr", ["percent 5..7 %", "date 2024-03"]),
        ("2024年3月5日6人", "ja", ["date 2024-03-05", "count 6 人"]),
        ("24年3个月", "zh-Hans", ["span 24 年", "span 3 个月"]),
        ("Der 5. Platz und der 7. März", "de", ["ordinal 5", "date --03-07"]),
        ("een lading van 5 t", "nl", ["other 5 t"]),
    ],
)
def test_a_date_does_not_take_the_figure_beside_it(text: str, tag: str, quantities: list[str]) -> None:
    """What is counted after a date, and days that nothing joins, are figures of their own."""
    assert read(text, tag) == quantities


def test_each_date_of_a_run_has_its_own_place() -> None:
    """The places are those of the words that the text prints for each."""
    text = "vom 5., 6. bis 7. März 2024"
    assert [text[quantity.start : quantity.end] for quantity in find(text, "de")] == ["5.", "6.", "7. März 2024"]


def test_a_long_list_of_days_is_read_in_parts() -> None:
    """At most eight dates are read together, so that reading a hostile list takes linear time."""
    days = ", ".join(str(day) for day in range(1, 12)) + " and 12 March 2024"
    assert [quantity.date for quantity in find(days, "en")][-8:] == [f"2024-03-{day:02d}" for day in range(5, 13)]
