"""All checks of an answer together: their order, and that they change nothing."""

from __future__ import annotations

from dragoman.evidence.checks import check_answer
from tests.unit.evidence.answers import PARAGRAPHS, SOURCE, claim, findings, quantity, source_of, summary, translation


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


def test_an_untranslated_paragraph_is_an_error() -> None:
    """A translation that equals the original is not English."""
    (found,) = check_answer(
        SOURCE,
        None,
        translation(
            PARAGRAPHS[0],
            "In 2019 there were 9. Sales rose by 25% to 1.2 million euros.",
            "Flour costs 1.20 to 1.50 euros.",
        ),
    )
    assert (found.check, found.severity, found.field) == ("language.english", "error", "translation.1")
    assert found.got == PARAGRAPHS[0]


def test_text_that_is_the_same_in_english_may_stay_as_it_is() -> None:
    """This covers names, figures, addresses, and a passage that was English already."""
    same = ["OpenStreetMap", "2026-11-21", "A passage of plain English words that was printed in English all along."]
    assert check_answer(source_of(*same), None, translation(*same)) == []


def test_an_empty_answer_has_nothing_to_check() -> None:
    assert check_answer(SOURCE, None, None) == []
