"""An assessment locates every quote of an answer and runs all checks, without changing the answer."""

from __future__ import annotations

from dragoman.evidence.assess import assess, locate_quotes
from tests.unit.evidence.answers import PARAGRAPHS, SOURCE, claim, source_of, summary, translation


def test_checks_do_not_change_the_answer() -> None:
    """Items that fail a check are flagged and neither dropped nor rewritten."""
    answer = summary(claim(quote="fehlt"), entities=[{"name_en": "X", "name_source": "Y", "kind": "other"}])
    kept = locate_quotes(answer, SOURCE).model_dump(exclude={"claims": {"__all__": {"id", "evidence"}}})
    assert kept == answer.model_dump()


def test_each_claim_gets_an_id_and_the_place_of_its_quote() -> None:
    """The occurrence in the stated paragraph is the evidence, and the others are listed."""
    source = source_of("Der Turm ist alt.", "Ja, Der Turm ist alt.")
    answer = summary(claim(quote="Der Turm ist alt", paragraph=2), claim(quote="fehlt"), entities=[])
    first, second = locate_quotes(answer, source).claims
    assert (first.id, second.id) == ("c1", "c2")
    assert first.evidence.match == "exact"
    assert (first.evidence.start, first.evidence.end) == (22, 38)
    assert first.evidence.others == [(0, 16)]
    assert (second.evidence.match, second.evidence.start, second.evidence.end) == ("absent", None, None)


def test_an_assessment_has_the_part_of_its_task() -> None:
    """A summary comes back with its evidence, a translation as it is; each with its findings."""
    summary_assessment = assess(SOURCE, summary())
    assert summary_assessment.summary is not None
    assert summary_assessment.translation is None
    answer = translation(
        PARAGRAPHS[0],
        "In 2019 there were 9. Sales rose by 25% to 1.2 million euros.",
        "Flour costs 1.20 to 1.50 euros.",
    )
    translation_assessment = assess(SOURCE, answer)
    assert translation_assessment.summary is None
    assert translation_assessment.translation == answer
    assert [finding.check for finding in translation_assessment.findings] == ["language.english"]
