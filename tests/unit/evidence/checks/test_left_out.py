"""A quote that leaves out what turns its meaning round is reported, and one that leaves out only an aside is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.record import Finding
from dragoman.evidence.assess import assess
from tests.support import paths
from tests.unit.evidence.answers import claim, source_of, summary

CASES: dict[str, list[dict[str, str]]] = json.loads((paths.CASES / "left_out.json").read_text("utf-8"))
NEGATION, QUALIFIER, GAP = "quote.negation_left_out", "quote.qualifier_left_out", "quote.gap"
SPEAKER = "quote.speaker_left_out"
NOT_PLANNED = "Компания «Ладога» не планирует закрывать завод в Выборге, заявил директор Савин."


def found(language: str, text: str, quote: str, text_en: str, **changed: Any) -> list[Finding]:
    """The errors and warnings about the only claim of an answer."""
    fields = {"speaker_en": None, "speaker_source": None, "event_date": None, **changed}
    answer = summary(claim(quote=quote, text_en=text_en, **fields), entities=[])
    findings = assess(replace(source_of(text), language=language), answer).findings
    return [finding for finding in findings if finding.severity != "note" and finding.claim]


def checks(*case: str, **changed: Any) -> list[str]:
    return [finding.check for finding in found(*case, **changed)]


@pytest.mark.parametrize("case", CASES["turned"], ids=lambda case: case["id"])
def test_a_quote_that_turns_its_meaning_round_is_reported(case: dict[str, str]) -> None:
    """A negation, a denial, a condition or a doubt is left out, or words of different clauses are joined."""
    seen = checks(case["language"], case["text"], case["quote"], case["text_en"])
    assert {case["check"]} & set(seen) if "check" in case else {NEGATION, QUALIFIER, GAP, "quote.absent"} & set(seen)


@pytest.mark.parametrize("case", CASES["honest"], ids=lambda case: case["id"])
def test_an_honest_quote_gives_no_finding(case: dict[str, str]) -> None:
    """An aside, an attribution, members of a list, another clause or a phrase such as "not only" is left out."""
    assert checks(case["language"], case["text"], case["quote"], case["text_en"]) == []


@pytest.mark.parametrize(
    "changed",
    [{"speaker_en": "the opposition"}, {"modality": "hedged"}, {"text_en": "The opposition says the minister did it."}],
    ids=["speaker", "modality", "text"],
)
def test_an_accusation_with_its_speaker_gives_no_finding(changed: dict[str, Any]) -> None:
    """The claim does not state it as a fact, although the quote alone would."""
    text, quote = "Der Minister hat gelogen, behauptet die Opposition.", "Der Minister hat gelogen"
    assert SPEAKER in checks("de", text, quote, "The minister has lied.")
    text_en = changed.pop("text_en", "The minister has lied.")
    assert SPEAKER not in checks("de", text, quote, text_en, **changed)


@pytest.mark.parametrize(("adverbs", "is_told"), [(0, True), (2, False)])
def test_a_speaker_behind_the_quote_is_beside_it(adverbs: int, is_told: bool) -> None:
    """Verbs further away mostly belong to another clause."""
    text = f"Der Minister hat gelogen, {'wie gestern ' * adverbs}behauptet die Opposition."
    assert (SPEAKER in checks("de", text, "Der Minister hat gelogen", "The minister has lied.")) is is_told


@pytest.mark.parametrize(("words", "is_told"), [(1, True), (4, False)])
def test_a_speaker_between_the_verb_and_the_quote_is_short(words: int, is_told: bool) -> None:
    """The opposition claims: 30 characters between the verb and the quote, and more may be another statement."""
    text = f"Gestern sagte die Opposition {'im Rat ' * words}: Der Minister hat gelogen."
    assert (SPEAKER in checks("de", text, "Der Minister hat gelogen", "The minister has lied.")) is is_told


@pytest.mark.parametrize(("length", "severity"), [(195, None), (230, "warning"), (395, "warning"), (430, "error")])
def test_an_ellipsis_over_200_characters_is_doubtful(length: int, severity: str | None) -> None:
    """And over 400 it is an error: no sentence and no aside is so long."""
    omitted = ("mit dem Rad am Fluss " * 30)[:length].strip()
    reported = found(
        "de", f"Der Bürgermeister fuhr {omitted} nach Hause.", "Der Bürgermeister fuhr … nach Hause", "He went."
    )
    assert [finding.severity for finding in reported if finding.check == GAP] == ([severity] if severity else [])


def test_a_left_out_negation_that_the_claim_lacks_too_is_an_error_with_its_place() -> None:
    """It is sent back for correction, so the message names the word."""
    (finding,) = found("ru", NOT_PLANNED, "планирует закрывать завод в Выборге", "Ladoga plans to close the plant.")
    assert (finding.check, finding.severity, finding.field) == (NEGATION, "error", "claims.c1.quote")
    assert (finding.start, finding.end, finding.expected) == (18, 20, "не")
    assert finding.message == "the quote leaves out “не”, which negates its words in the source"


def test_a_negation_that_only_the_claim_has_is_one_warning() -> None:
    """The claim is right and the quote does not carry it. The comparison of negations does not report it again."""
    (finding,) = found("ru", NOT_PLANNED, "планирует закрывать завод", "Ladoga does not plan to close the plant.")
    assert (finding.check, finding.severity) == (NEGATION, "warning")
    assert finding.message == "the quote leaves out the negation “не”, which the claim states"


def test_a_negation_further_away_is_a_warning() -> None:
    """It most probably negates the quote, but it may belong to other words."""
    text = "Компания не намерена в ближайшие годы закрывать завод."
    (finding,) = found("ru", text, "закрывать завод", "The company closes the plant.")
    assert (finding.check, finding.severity) == (NEGATION, "warning")


def test_a_quote_with_a_negation_of_its_own_is_left_to_the_comparison_of_negations() -> None:
    text = "Никто из них не знает, что завод не закроют."
    assert NEGATION not in checks("ru", text, "завод не закроют", "The plant will not be closed.")


@pytest.mark.parametrize("modality", ["hedged", "denied"])
def test_a_claim_that_is_marked_as_uncertain_keeps_its_doubt(modality: str) -> None:
    case = ("ru", "Он якобы украл 5 млн рублей.", "украл 5 млн рублей", "He stole 5 million roubles.")
    assert checks(*case) == [QUALIFIER]
    assert checks(*case, modality=modality) == []


@pytest.mark.parametrize("text_en", ["He allegedly stole 5 million roubles.", "He is accused of stealing 5 million."])
def test_a_claim_that_states_the_doubt_itself_gives_no_finding(text_en: str) -> None:
    assert checks("ru", "Он якобы украл 5 млн рублей.", "украл 5 млн рублей", text_en) == []


def test_a_language_without_words_gives_no_finding() -> None:
    assert checks("is", "Verksmiðjunni verður ekki lokað.", "verður … lokað", "The plant will close.") == []


@pytest.mark.parametrize(("length", "expected"), [(190, []), (230, [GAP])])
def test_an_ellipsis_leaves_out_no_more_than_a_long_aside(length: int, expected: list[str]) -> None:
    """What is longer than any aside is none, whatever stands at its ends."""
    aside = ("в старом порту " * 50)[: length - 4].strip()
    text = f"Компания, {aside}, открыла завод."
    assert checks("ru", text, "Компания … открыла завод", "The company opened a plant.") == expected


def test_a_gap_that_is_too_long_is_an_error_that_gives_its_length() -> None:
    text = f"Компания, {'в порту ' * 300}, открыла завод."
    (finding,) = found("ru", text, "Компания … открыла завод", "The company opened a plant.")
    assert finding.severity == "error"
    assert finding.message == "the ellipsis leaves out 2,404 characters: the pieces are no quote"


@pytest.mark.parametrize(("words", "is_reported"), [(9, True), (40, False)])
def test_a_negation_reaches_as_far_as_its_clause_and_no_further_than_its_limit(words: int, is_reported: bool) -> None:
    text = f"Компания не{' там' * words} закрывать завод."
    seen = checks("ru", text, "закрывать завод", "The company closes the plant.")
    assert (NEGATION in seen) == is_reported
