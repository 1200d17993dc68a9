"""Quotes and names that are not in the source are reported with the nearest text; correct ones are not."""

from __future__ import annotations

import pytest

from tests.unit.evidence.answers import SOURCE, claim, findings, quantity, source_of, summary


def test_a_correct_answer_has_no_findings() -> None:
    good = summary(
        claim(speaker_en="Petra Lohmüller", speaker_source="Petra Lohmüller", quantities=[quantity("14 Leute")]),
        claim(paragraph=2, quote="stieg um 25 % … 1,2 Millionen Euro", quantities=[quantity("25 %")]),
    )
    assert findings(good) == []


def test_an_absent_quote_is_an_error_that_shows_both_texts() -> None:
    (found,) = findings(summary(claim(), claim(quote="hat wieder 15 Leute")))
    assert (found.check, found.severity, found.field) == ("quote.absent", "error", "claims.c2.quote")
    assert found.got == "hat wieder 15 Leute"
    assert found.expected == "hat wieder 14 Leute"
    assert found.paragraph == 1
    assert SOURCE.text[found.start : found.end] == "hat wieder 14 Leute"
    assert "the source has “14” where the quote has “15”" in found.message


@pytest.mark.parametrize("paragraph", [0, -1, 4, 10**12])
def test_an_absent_quote_of_no_paragraph_has_no_place(paragraph: int) -> None:
    (found,) = findings(summary(claim(quote="steht nirgends", paragraph=paragraph)))
    assert found.check == "quote.absent"
    assert (found.paragraph, found.start, found.end, found.expected) == (None, None, None, None)


@pytest.mark.parametrize("stated", [2, 3, 0, 99])
def test_a_quote_in_another_paragraph_is_noted(stated: int) -> None:
    """The evidence is correct; only the paragraph number is wrong."""
    (found,) = findings(summary(claim(paragraph=stated)))
    assert (found.check, found.severity, found.field) == ("quote.paragraph", "note", "claims.c1.paragraph")
    assert (found.paragraph, found.expected, found.got) == (1, "1", str(stated))
    assert SOURCE.text[found.start : found.end] == "hat wieder 14 Leute"


def test_a_quote_that_occurs_in_several_paragraphs_may_name_any_of_them() -> None:
    source = source_of("Der Turm ist alt.", "Ja, Der Turm ist alt.")
    for paragraph in (1, 2):
        answer = summary(claim(quote="Der Turm ist alt", paragraph=paragraph), entities=[])
        assert findings(answer, source) == []


@pytest.mark.parametrize("name", ["Petra Lohmöller", "Petra  Müller", "Kreb", "P. Lohmüller"])
def test_a_name_that_is_not_in_the_source_is_a_warning(name: str) -> None:
    entities = [
        {"name_en": "Krebsbach", "name_source": "Krebsbach", "kind": "place"},
        {"name_en": "X", "name_source": name, "kind": "person"},
    ]
    (found,) = findings(summary(entities=entities))
    assert (found.check, found.severity, found.field) == ("name.absent", "warning", "entities.2.name_source")
    assert found.got == name


def test_a_speaker_that_is_not_in_the_source_is_a_warning() -> None:
    (found,) = findings(summary(claim(speaker_en="Mayor", speaker_source="Bürgermeister")))
    assert (found.check, found.severity) == ("speaker.absent", "warning")
    assert found.field == "claims.c1.speaker_source"
    assert found.got == "Bürgermeister"


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        ("hat wieder 15 Leute", "the quote is not in the source: the source has “14” where the quote has “15”"),
        ("hat wieder 14 neue Leute", "the quote is not in the source: the quote adds “neue”"),
        ("alte Mühle am Krebsbach wieder 14", "the quote is not in the source: the quote leaves out “hat”"),
        ("Nothing of the kind at all", "the quote is not in the source, and no text of the source resembles it"),
    ],
)
def test_the_message_of_an_absent_quote_names_the_difference(quote: str, message: str) -> None:
    """The model reads it in a repair request, so it must say which words are wrong."""
    (found,) = findings(summary(claim(quote=quote)))
    assert found.message == message


def test_the_message_of_a_wrong_paragraph_names_both_numbers() -> None:
    (found,) = findings(summary(claim(paragraph=2)))
    assert found.message == "the quote is in paragraph 1, not in paragraph 2"
