"""Checks report each problem as a finding with its place, and report nothing about correct answers."""

from __future__ import annotations

from typing import Any

import pytest

from dragoman.core.answers import Summary, Translation
from dragoman.core.record import Finding
from dragoman.core.source import Source, numbered
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import check_answer
from tests.unit.core.test_answers import CLAIM, SUMMARY

PARAGRAPHS = [
    "Die alte Mühle am Krebsbach hat wieder 14 Leute, sagte Petra Lohmüller am Montag.",
    "Im Jahr 2019 waren es 9. Der Umsatz stieg um 25 % auf 1,2 Millionen Euro.",
    "Das Mehl kostet 1,20 bis 1,50 Euro.",
]


def source_of(*paragraphs: str) -> Source:
    text, ranges, position = "\n".join(paragraphs), [], 0
    for paragraph in paragraphs:
        ranges.append((position, position + len(paragraph)))
        position += len(paragraph) + 1
    return Source(text, numbered(ranges), "de", "Latn", "utf-8", "utf-8", text)


SOURCE = source_of(*PARAGRAPHS)


def claim(**changed: Any) -> dict[str, Any]:
    """A correct claim, with some fields changed."""
    right = {"quote": "hat wieder 14 Leute", "quantities": []}
    return {**CLAIM, **right, **changed}


def summary(*claims: dict[str, Any], **changed: Any) -> Summary:
    entities = [{"name_en": "Petra Lohmüller", "name_source": "Petra Lohmüller", "kind": "person"}]
    return Summary.model_validate(
        {**SUMMARY, "entities": entities, "boilerplate": [], "claims": list(claims or [claim()]), **changed}
    )


def findings(answer: Summary, source: Source = SOURCE) -> list[Finding]:
    """The findings about quotes, names and shape. Omissions, negations and figures have their own test files."""
    found = check_answer(source, locate_quotes(answer, source), None)
    return [finding for finding in found if not finding.check.startswith(("coverage.", "polarity.", "value."))]


def quantity(quote: str) -> dict[str, Any]:
    return {"quote": quote, "value": None, "unit": None, "approximate": False}


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
    ("quote", "figure"),
    [
        ("stieg um 25 %", "5 %"),
        ("stieg um 25 %", "25 Prozent"),
        ("stieg um 25 %", "24 %"),
        ("auf 1,2 Millionen Euro", "2 Millionen Euro"),
        ("auf 1,2 Millionen Euro", "1,2 Million"),
        ("stieg um 25 %", "2019"),
    ],
)
def test_a_figure_that_is_not_in_its_quote_is_a_warning(quote: str, figure: str) -> None:
    """Part of a figure is a different figure, and a figure of the next sentence is no evidence here."""
    (found,) = findings(summary(claim(paragraph=2, quote=quote, quantities=[quantity(figure)])))
    assert (found.check, found.severity, found.paragraph) == ("quantity.quote", "warning", 2)
    assert found.field == "claims.c1.quantities.1.quote"
    assert (found.expected, found.got) == (quote, figure)


@pytest.mark.parametrize(
    ("quote", "figure"),
    [
        ("stieg um 25\u00a0%", "25 %"),
        ("stieg um 25 %", "２５ %"),
        ("kostet 1,20 bis 1,50 Euro", "1,20"),
        ("kostet 1,20 bis 1,50 Euro", "1,50 Euro"),
        ("Zwischen 10-15 Leuten", "10"),
        ("Zwischen 10-15 Leuten", "15 Leuten"),
        ("Zwischen 10–15 Leuten", "15 Leuten"),
        ("约90亿元", "90亿元"),
        ("حضر ٣٤٠ زائرًا", "٣٤٠ زائرا"),
    ],
)
def test_a_figure_in_another_form_or_at_an_end_of_a_range_is_in_its_quote(quote: str, figure: str) -> None:
    """The prompt asks for a range as two quantities, one for each end."""
    answer = summary(claim(quote=quote, quantities=[quantity(figure)]))
    assert [found.check for found in findings(answer, source_of(quote)) if found.check == "quantity.quote"] == []


@pytest.mark.parametrize(("count", "noted"), [(0, True), (1, False), (25, False), (26, True)])
def test_a_number_of_claims_that_was_not_asked_for_is_noted(count: int, noted: bool) -> None:
    found = findings(summary(claims=[claim()] * count))
    assert [(f.check, f.severity, f.field, f.got) for f in found] == (
        [("shape.claims", "note", "claims", str(count))] if noted else []
    )


@pytest.mark.parametrize(("count", "noted"), [(0, True), (2, True), (3, False), (7, False), (8, True)])
def test_a_number_of_key_points_that_was_not_asked_for_is_noted(count: int, noted: bool) -> None:
    found = findings(summary(key_points=["One."] * count))
    assert [(f.check, f.severity, f.field, f.got) for f in found] == (
        [("shape.key_points", "note", "key_points", str(count))] if noted else []
    )


def test_boilerplate_paragraphs_that_do_not_exist_are_noted() -> None:
    (found,) = findings(summary(boilerplate=[1, 3, 4, 0]))
    assert (found.check, found.severity, found.field) == ("shape.boilerplate", "note", "boilerplate")
    assert "4, 0" in found.message


def test_findings_come_in_a_stable_order() -> None:
    """They are sorted by family and then by place in the answer, so the same answer gives the same bytes."""
    answer = summary(
        claim(quote="fehlt", quantities=[quantity("7")]),
        claim(paragraph=3),
        claim(quote="auch nicht da"),
        key_points=[],
    )
    found = [(f.check, f.field) for f in findings(answer)]
    assert found == [
        ("quote.absent", "claims.c1.quote"),
        ("quote.paragraph", "claims.c2.paragraph"),
        ("quote.absent", "claims.c3.quote"),
        ("shape.key_points", "key_points"),
        ("quantity.quote", "claims.c1.quantities.1.quote"),
    ]
    assert findings(answer) == findings(answer)


def test_checks_do_not_change_the_answer() -> None:
    """Items that fail a check are flagged and neither dropped nor rewritten."""
    answer = summary(claim(quote="fehlt"), entities=[{"name_en": "X", "name_source": "Y", "kind": "other"}])
    kept = locate_quotes(answer, SOURCE).model_dump(exclude={"claims": {"__all__": {"id", "evidence"}}})
    assert kept == answer.model_dump()


def translation(*texts: str) -> Translation:
    entries = [{"paragraph": number, "text_en": text} for number, text in enumerate(texts, start=1)]
    return Translation.model_validate({"paragraphs": entries})


def test_an_untranslated_paragraph_is_an_error() -> None:
    """A translation that equals the original is not English."""
    (found,) = check_answer(SOURCE, None, translation(PARAGRAPHS[0], "In 2019 there were 9.", "Flour costs 1.20."))
    assert (found.check, found.severity, found.field) == ("language.english", "error", "translation.1")
    assert found.got == PARAGRAPHS[0]


def test_text_that_is_the_same_in_english_may_stay_as_it_is() -> None:
    """This covers names, figures, addresses, and a passage that was English already."""
    same = ["OpenStreetMap", "2026-11-21", "A passage of plain English words that was printed in English all along."]
    assert check_answer(source_of(*same), None, translation(*same)) == []


def test_an_empty_answer_has_nothing_to_check() -> None:
    assert check_answer(SOURCE, None, None) == []
