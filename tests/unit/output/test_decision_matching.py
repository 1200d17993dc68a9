"""Decisions are tied to words and span, so they follow their claims and findings; none is guessed, none is dropped."""

from __future__ import annotations

from typing import Any

from dragoman.core.record import Record
from dragoman.output.decision_matching import FolderDecisions
from dragoman.output.decisions import Decision
from tests.support.folders import decide


def matched(record: Record, *decisions: dict[str, Any]) -> tuple[dict[str, str], dict[int, str], int]:
    """Verdicts by claim and by finding, and the number of decisions that are left over."""
    given = FolderDecisions(map(Decision.model_validate, decisions))
    decided = given.match(record)
    return (
        {name: applied.decision.verdict for name, applied in decided.claims.items()},
        {number: applied.decision.verdict for number, applied in decided.findings.items()},
        len(given.left_over()),
    )


def with_claims(record: Record, *changes: dict[str, Any]) -> Record:
    """The record, with claims derived from its first one."""
    assert record.summary is not None
    first = record.summary.claims[0]
    claims = []
    for number, change in enumerate(changes, start=1):
        span = change.pop("span", (0, 5))
        evidence = first.evidence.model_copy(update={"start": span[0], "end": span[1]})
        claims.append(first.model_copy(update={"id": f"c{number}", "evidence": evidence, **change}))
    return record.model_copy(update={"summary": record.summary.model_copy(update={"claims": claims})})


def test_a_decision_follows_its_claim_through_a_new_order(flagged: Record) -> None:
    """Claims may return in another order and so with other ids; the decision stays with the same words."""
    assert flagged.summary is not None
    turned = list(reversed(flagged.summary.claims))
    again = flagged.model_copy(
        update={
            "summary": flagged.summary.model_copy(
                update={"claims": [c.model_copy(update={"id": f"c{n}"}) for n, c in enumerate(turned, start=1)]}
            )
        }
    )
    assert matched(flagged, decide(flagged, "c1", "rejected")) == ({"c1": "rejected"}, {}, 0)
    assert matched(again, decide(flagged, "c1", "rejected")) == ({f"c{len(turned)}": "rejected"}, {}, 0)


def test_words_are_compared_in_one_unicode_form(flagged: Record) -> None:
    """A quote in decomposed form and a decision in composed form are the same words."""
    record = with_claims(flagged, {"quote": "cafe\u0301"})
    assert matched(record, decide(record, "c1", words="caf\u00e9"))[0] == {"c1": "accepted"}


def test_the_span_distinguishes_claims_on_the_same_words(flagged: Record) -> None:
    """The same sentence occurs twice in an article; one occurrence was decided on, the other was not."""
    record = with_claims(flagged, {"span": (0, 5)}, {"span": (50, 55)})
    assert matched(record, decide(record, "c2"))[0] == {"c2": "accepted"}


def test_the_english_distinguishes_claims_on_the_same_span(flagged: Record) -> None:
    """One sentence supports two claims."""
    record = with_claims(flagged, {"text_en": "One."}, {"text_en": "Two."})
    both = decide(record, "c1"), decide(record, "c2", "rejected")
    assert matched(record, *both)[0] == {"c1": "accepted", "c2": "rejected"}
    # The English of one has changed since: the other decision is sure, and so this one is too.
    again = with_claims(flagged, {"text_en": "Two."}, {"text_en": "One, said better."})
    assert matched(again, *both)[0] == {"c1": "rejected", "c2": "accepted"}


def test_ambiguous_decisions_are_left_over(flagged: Record) -> None:
    """Two claims have the words that were decided on, both with different English, so the match is not guessed."""
    record = with_claims(flagged, {"text_en": "One."}, {"text_en": "Two."})
    assert matched(record, decide(record, "c1", text_en="Neither.")) == ({}, {}, 1)


def test_a_decision_on_other_english_leaves_its_finding_open(flagged: Record) -> None:
    """An accepted claim had a different sentence, so it counts as undecided; an edited sentence is the person's own and
    remains.
    """
    assert flagged.summary is not None
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    claim = (flagged.findings[error].field or "").split(".")[1]
    for verdict, changed in (("accepted", True), ("edited", False)):
        given = FolderDecisions([Decision.model_validate(decide(flagged, claim, verdict, text_en="Other English."))])
        decided = given.match(flagged)
        assert decided.claims[claim].english_changed is changed
        assert ([n for n, _ in decided.open_findings(flagged)] == [error]) is changed


def test_the_latest_decision_counts(flagged: Record) -> None:
    """By its time, not by the order in the file or the spelling of the time. The earlier decision is not
    left over.
    """
    late = decide(flagged, "c1", "rejected", at="2026-11-21T12:00:00Z")
    early = decide(flagged, "c1", "accepted", at="2026-11-21T13:00:00+02:00")
    assert matched(flagged, late, early) == ({"c1": "rejected"}, {}, 0)


def test_a_finding_is_found_again_when_its_claim_has_another_number(flagged: Record) -> None:
    """Place and found text identify it; the same check elsewhere is a different finding."""
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    decision = decide(flagged, error)
    moved = flagged.findings[error].model_copy(update={"field": "claims.c1.quote"})
    assert moved.start is not None
    assert matched(flagged.model_copy(update={"findings": [moved]}), decision)[1] == {0: "accepted"}
    elsewhere = moved.model_copy(update={"start": 1, "end": 2})
    assert matched(flagged.model_copy(update={"findings": [elsewhere]}), decision) == ({}, {}, 1)


def test_findings_with_the_same_words_are_identified_by_their_place(samples: list[Record]) -> None:
    """All sentences that no claim covers have the same check and field."""
    record = next(record for record in samples if sum(f.check == "coverage.sentence" for f in record.findings) > 1)
    second = [n for n, finding in enumerate(record.findings) if finding.check == "coverage.sentence"][1]
    assert matched(record, decide(record, second, "rejected")) == ({}, {second: "rejected"}, 0)
