"""The numbers of claims and key points, boilerplate paragraphs and the figures of a quote are as the prompt asks."""

from __future__ import annotations

import pytest

from tests.unit.evidence.answers import claim, findings, quantity, source_of, summary


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


@pytest.mark.parametrize(("count", "noted"), [(1, False), (25, False), (26, True)])
def test_a_number_of_claims_that_was_not_requested_is_noted(count: int, noted: bool) -> None:
    found = findings(summary(claims=[claim(text_en=f"Mill {number} has workers.") for number in range(count)]))
    assert [(f.check, f.severity, f.field, f.got) for f in found] == (
        [("shape.claims", "note", "claims", str(count))] if noted else []
    )


STATING = "Die Ministerin reiste nach Wien. Sie sprach dort mit 300 Leuten über den Plan."
POEM = ("Der Wind geht durch die Bäume.", "Der Mond steht überm Tal.", "Ich habe viele Träume.")


@pytest.mark.parametrize(
    ("paragraphs", "boilerplate", "severity"),
    [((STATING,), [], "error"), ((STATING,), [1], "note"), (POEM, [], "note")],
    ids=["an article with figures", "text that is not the article", "a poem"],
)
def test_no_claim_is_an_error_where_the_article_states_something(
    paragraphs: tuple[str, ...], boilerplate: list[int], severity: str
) -> None:
    """An answer without claims may be right about a poem, and never about sentences with figures."""
    answer = summary(claims=[], boilerplate=boilerplate, entities=[])
    (found,) = findings(answer, source_of(*paragraphs))
    assert (found.check, found.severity, found.field) == ("shape.claims", severity, "claims")


@pytest.mark.parametrize(("count", "noted"), [(0, True), (2, True), (3, False), (7, False), (8, True)])
def test_a_number_of_key_points_that_was_not_requested_is_noted(count: int, noted: bool) -> None:
    found = findings(summary(key_points=[f"Mill {number} has workers." for number in range(count)]))
    assert [(f.check, f.severity, f.field, f.got) for f in found] == (
        [("shape.key_points", "note", "key_points", str(count))] if noted else []
    )


def test_boilerplate_paragraphs_that_do_not_exist_are_noted() -> None:
    (found,) = findings(summary(boilerplate=[1, 3, 4, 0]))
    assert (found.check, found.severity, found.field) == ("shape.boilerplate", "note", "boilerplate")
    assert "4, 0" in found.message
