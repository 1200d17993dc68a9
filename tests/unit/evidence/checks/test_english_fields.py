"""Every English text of an answer is checked, under its path in the record."""

from __future__ import annotations

from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks.english_fields import english_fields, running_text
from tests.unit.evidence.answers import SOURCE, claim, summary, translation


def test_every_english_text_is_given_with_its_path_in_the_order_of_the_record() -> None:
    checked = locate_quotes(summary(claim(paragraph=2), key_points=["One.", "Two.", "Three."]), SOURCE)
    fields = list(english_fields(checked, translation("Leaves.", "Stays.")))
    assert [(field.path, field.paragraph) for field in fields] == [
        ("title_en", None),
        ("abstract", None),
        ("key_points.1", None),
        ("key_points.2", None),
        ("key_points.3", None),
        ("claims.c1.text_en", 2),
        ("translation.1", 1),
        ("translation.2", 2),
    ]
    assert fields[:5] == list(running_text(checked))


def test_an_answer_without_text_has_no_fields() -> None:
    assert list(english_fields(None, None)) == []
