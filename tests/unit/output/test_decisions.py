"""Decisions of people are validated strictly, tied to words and span, never guessed and never dropped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.record import Record
from dragoman.errors import ConfigError
from dragoman.output.decision_matching import Decisions
from dragoman.output.decisions import Decision, read_decisions
from dragoman.output.folder import read_records
from tests.support.commands import here
from tests.support.folders import decide, sample_folder, save_decisions, write_records


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    return list(read_records(sample_folder(tmp_path_factory.mktemp("decided") / "out")))


@pytest.fixture
def flagged(samples: list[Record]) -> Record:
    """The sample with an absent quote."""
    return next(record for record in samples if record.status == "flagged")


def matched(record: Record, *decisions: dict[str, Any]) -> tuple[dict[str, str], dict[int, str], int]:
    """Verdicts by claim and by finding, and the number of decisions that are left over."""
    given = Decisions(map(Decision.model_validate, decisions))
    decided = given.of(record)
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


def test_a_decision_on_other_english_says_so_and_settles_nothing(flagged: Record) -> None:
    """An accepted claim had a different sentence, so it counts as undecided; an edited sentence is the person's own and
    remains.
    """
    assert flagged.summary is not None
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    claim = (flagged.findings[error].field or "").split(".")[1]
    for verdict, changed in (("accepted", True), ("edited", False)):
        given = Decisions([Decision.model_validate(decide(flagged, claim, verdict, text_en="Other English."))])
        decided = given.of(flagged)
        assert decided.claims[claim].english_changed is changed
        assert ([n for n, _ in decided.open(flagged)] == [error]) is changed


def test_the_latest_decision_counts(flagged: Record) -> None:
    """The moment decides, not the order in the file or the spelling of the time; the earlier decision is not
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


def test_a_decision_about_an_edited_article_is_left_over_and_not_dropped(tmp_path: Path, flagged: Record) -> None:
    """The bytes of the article have changed: the command prints the words, the verdict, the note and the reason."""
    out = write_records(tmp_path / "out", [flagged])
    save_decisions(out, decide(flagged, "c1", "rejected", article="0" * 64, note="seen twice"))
    done = here("decisions", "show", out)
    assert done.code == 0
    assert "Left over: 1" in done.stdout
    assert "seen twice" in done.stdout
    assert "was edited" in " ".join(done.stdout.split())
    assert "1 decision; 1 no longer applies to anything" in done.stderr


def test_decisions_are_printed_with_words_verdict_and_note(tmp_path: Path, flagged: Record) -> None:
    """People get them article by article, programs get one JSON object per decision."""
    out = write_records(tmp_path / "out", [flagged])
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    save_decisions(out, decide(flagged, "c2", "edited", note="too strong"), decide(flagged, error, "rejected"))
    told = " ".join(here("decisions", "show", out).stdout.split())
    for part in (flagged.article.name, "✎ edited: Edited English. (too strong)", "✗ rejected", "quote.absent"):
        assert part in told
    lines = [json.loads(line) for line in here("decisions", "show", out, "--json").stdout.splitlines()]
    assert [(line["about"], line["verdict"], line["state"]) for line in lines] == [
        ("c2", "edited", "applies"),
        (flagged.findings[error].field, "rejected", "applies"),
    ]


def test_without_a_file_there_are_no_decisions(tmp_path: Path, flagged: Record) -> None:
    """Nothing on stdout, one line on stderr, exit 0."""
    done = here("decisions", "show", write_records(tmp_path / "out", [flagged]))
    assert (done.code, done.stdout) == (0, "")
    assert "no decisions" in done.stderr


def test_a_byte_order_mark_is_accepted(tmp_path: Path, flagged: Record) -> None:
    """Some editors write one."""
    path = save_decisions(tmp_path, decide(flagged, "c1"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_decisions(tmp_path)) == 1


BAD: dict[str, tuple[Any, str]] = {
    "another verdict": ({"verdict": "maybe"}, "decisions, entry 1, verdict"),
    "edited without English": ({"verdict": "edited", "text": " "}, "no English"),
    "no digest": ({"article": "es-embalse.md"}, "decisions, entry 1, article"),
    "half a span": ({"start": None, "end": 5}, "start and end"),
    "a span backwards": ({"start": 9, "end": 5}, "end is before start"),
    "no moment": ({"at": "yesterday"}, "offset from UTC"),
    "a moment of no zone": ({"at": "2026-11-21T10:00:00"}, "offset from UTC"),
    "no words": ({"words": ""}, "decisions, entry 1, words"),
    "an unknown field": ({"notes": "x"}, "decisions, entry 1, notes"),
}


@pytest.mark.parametrize("label", BAD)
def test_a_bad_entry_is_refused_with_its_place(label: str, tmp_path: Path, flagged: Record) -> None:
    """Exit 2 with the file, the entry, the field and what to do; no traceback."""
    change, said = BAD[label]
    out = write_records(tmp_path / "out", [flagged])
    path = save_decisions(out, decide(flagged, "c1", **change))
    done = here("decisions", "show", out)
    assert (done.code, done.stdout) == (2, "")
    for part in (str(path), said, "Save it again"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert here("show", out).code == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"schema":"dragoman.decisions/2","decisions":[]}', b"\xff\xfe", b"[" * 100_000, b"null"],
    ids=["empty", "cut off", "a list", "another version", "not UTF-8", "deep", "null"],
)
def test_a_file_that_holds_no_decisions_is_refused(content: bytes, tmp_path: Path) -> None:
    """Whatever its bytes are, the result is a `ConfigError` that names the file."""
    (tmp_path / "decisions.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"decisions\.json"):
        read_decisions(tmp_path)
