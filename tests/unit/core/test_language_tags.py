"""Which tables serve a tag."""

from __future__ import annotations

import pytest

from dragoman.core.language_tags import primary


@pytest.mark.parametrize(
    ("tag", "tables"),
    [
        ("de-AT", "de"),
        ("zh-Hant", "zh"),
        ("FIL", "fil"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("TL-PH", "fil"),
        ("und", "und"),
    ],
)
def test_a_tag_is_served_by_the_tables_of_its_language(tag: str, tables: str) -> None:
    """Both standards of Norwegian share one file, and Tagalog has that of Filipino."""
    assert primary(tag) == tables
