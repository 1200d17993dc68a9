"""Dates in digits and with words become partial ISO; what cannot be a date is not one."""

from __future__ import annotations

import pytest

from tests.unit.evidence.figures.reading import read


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("25/07/2024", "en", ["date 2024-07-25"]),
        ("07/25/2024", "en", ["date 2024-07-25"]),
        ("04/07/2024", "en", ["~date 2024"]),
        ("04/07/2024", "en-US", ["date 2024-04-07"]),
        ("04/07/2024", "fr", ["date 2024-07-04"]),
        ("2024-07-25", "en", ["date 2024-07-25"]),
        ("3.5.24", "de", ["date 2024-05-03"]),
        ("ngày 14/8", "vi", ["date --08-14"]),
        ("14/8", "vi", []),
        ("令和6年5月3日", "ja", ["date 2024-05-03"]),
        ("令和元年", "ja", ["date 2019"]),
        ("113年5月3日", "zh-Hant", ["date 2024-05-03"]),
        ("2024年5月", "zh-Hans", ["date 2024-05"]),
        ("二〇二四年五月十三日", "zh-Hans", ["date 2024-05-13"]),
        ("5月", "zh-Hans", []),
        ("5일", "ko", []),
    ],
)
def test_dates_in_digits(text: str, tag: str, quantities: list[str]) -> None:
    """A day or a month alone is no date; an order that nothing settles leaves the year."""
    assert read(text, tag) == quantities


@pytest.mark.parametrize(
    ("text", "tag", "quantities"),
    [
        ("14 August 2023", "en", ["date 2023-08-14"]),
        ("August 14, 2023", "en", ["date 2023-08-14"]),
        ("2023 August 14", "en", ["date 2023-08-14"]),
        ("14. August 2023", "de", ["date 2023-08-14"]),
        ("14 de agosto de 2023", "es", ["date 2023-08-14"]),
        ("Aug. 5", "en", ["date --08-05"]),
        ("5 بهمن 1402", "fa", ["date 2024-01-25"]),
        ("năm 1789", "vi", ["date 1789"]),
        ("พ.ศ. 2562", "th", ["date 2019"]),
        ("1446 هـ", "ar", ["~date 2024"]),
        ("2019 году", "ru", ["date 2019"]),
        ("March 5 people came", "en", ["count 5 people"]),
    ],
)
def test_dates_with_words(text: str, tag: str, quantities: list[str]) -> None:
    """Month names, words for year, eras and the calendars of a language."""
    assert read(text, tag) == quantities


def test_no_date_is_later_than_2200() -> None:
    """A greater number after a month is not a year."""
    assert read("on 5 March 2200") == ["date 2200-03-05"]
    assert read("on 5 March 2201") == ["count 5"]
