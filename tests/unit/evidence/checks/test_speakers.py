"""The check of names and speakers warns rarely: about a name that appears nowhere, and a speaker where nobody
speaks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.answers import Summary
from dragoman.core.record import Finding
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import speakers
from dragoman.reading.prepare import prepare_text

GERMAN = "Katrin Ahlers leitet das Werk Harzwerk.\nDie Löhne steigen im März, sagte sie.\nDas Dach wird erneuert."
PERSIAN = "مهدی کریمی مدیرعامل است.\nاو گفت صادرات رشد کرده است.\nسقف کارخانه نو می‌شود."


def findings(language: str, text: str, english: str, paragraph: int = 2, **others: Any) -> list[Finding]:
    """The findings of the check for one claim whose quote is a whole paragraph."""
    source = prepare_text(text)
    source = replace(source, language=language, script="Latn" if language == "de" else "Arab")
    claim: dict[str, Any] = {
        "text_en": english, "paragraph": paragraph, "quote": text.split("\n")[paragraph - 1], "kind": "fact",
        "modality": "reported", "speaker_en": others.get("speaker"), "speaker_source": others.get("printed"),
        "event_date": None, "quantities": [],
    }  # fmt: skip
    answer = Summary.model_validate(
        {
            "title_en": "A report", "abstract": "A report.", "key_points": ["One.", "Two.", "Three."],
            "published": None, "publisher": None, "author": None, "syndicated_from": None,
            "entities": others.get("entities", []), "boilerplate": [], "claims": [claim],
        }
    )  # fmt: skip
    return speakers.check(source, locate_quotes(answer, source))


@pytest.mark.parametrize(
    "english",
    [
        "Wages rise in March, according to Stefan Brandt.",
        "Wages rise in March, according to chief executive Stefan Brandt.",
        "Stefan Brandt said wages would rise in March.",
        "Director Stefan Brandt, who runs the plant, told staff that wages would rise.",
    ],
)
def test_a_name_that_appears_nowhere_is_a_warning(english: str) -> None:
    """The fields are correct, but the English sentence attributes the statement to someone else."""
    (found,) = findings("de", GERMAN, english, speaker="Katrin Ahlers", printed="Katrin Ahlers")
    assert (found.check, found.severity, found.field) == ("attribution.name", "warning", "claims.c1.text_en")
    assert "Stefan Brandt" in (found.got or "")
    assert "Katrin Ahlers" in found.message


@pytest.mark.parametrize(
    "english",
    [
        "Katrin Ahlers said wages would rise in March.",
        "Kathrin Ahlers said wages would rise in March.",  # another spelling
        "Chief executive Ahlers said wages would rise in March.",
        "The Labour Ministry said wages would rise in March.",  # a body, whose name is translated
        "Wages at Stefan Brandt Street rise in March.",  # nobody says it
        "The director said wages would rise.",
    ],
)
def test_a_known_speaker_gives_no_finding(english: str) -> None:
    """This covers spellings, titles, organizations, and names about which nothing is said."""
    assert findings("de", GERMAN, english, speaker="Katrin Ahlers", printed="Katrin Ahlers") == []


def test_a_romanized_name_is_known_from_the_fields() -> None:
    """A source in another script cannot be searched for the name; the speaker and the entities can."""
    entity = {"name_en": "Mehdi Karimi", "name_source": "مهدی کریمی", "kind": "person"}
    right = "Mahdi Karimi said exports had grown."
    assert findings("fa", PERSIAN, right, speaker="Mehdi Karimi", printed="مهدی کریمی") == []
    assert findings("fa", PERSIAN, right, entities=[entity]) == []
    (found,) = findings("fa", PERSIAN, "Leila Ahmadi said exports had grown.", entities=[entity])
    assert found.check == "attribution.name"


def test_without_any_name_to_compare_with_there_is_no_finding() -> None:
    """With no speaker, no entities and another script, the name may be correct."""
    assert findings("fa", PERSIAN, "Leila Ahmadi said exports had grown.") == []


def test_a_speaker_in_the_same_script_must_occur_in_the_source() -> None:
    """speaker_en itself must occur there, because no romanization explains a difference."""
    found = findings("de", GERMAN, "Wages rise in March.", speaker="Stefan Brandt, director")
    assert [(f.check, f.field) for f in found] == [("attribution.name", "claims.c1.speaker_en")]


@pytest.mark.parametrize(("language", "text"), [("de", GERMAN), ("fa", PERSIAN)])
def test_a_speaker_where_nobody_speaks_is_a_warning(language: str, text: str) -> None:
    """Up to that place the source has no name, no verb of saying and no quotation marks."""
    (found,) = findings(language, text, "The roof is being renewed.", 3, speaker="residents")
    assert (found.check, found.severity, found.field) == (
        "attribution.speaker",
        "warning",
        "claims.c1.speaker_en",
    )
    assert findings(language, text, "It is rising.", 2, speaker="residents") == []


def test_a_speaker_who_was_named_before_may_continue() -> None:
    """Newspapers name a speaker once and then report for several paragraphs."""
    found = findings("de", GERMAN, "The roof is being renewed.", 3, speaker="Katrin Ahlers", printed="Katrin Ahlers")
    assert found == []


@pytest.mark.parametrize(
    ("name", "is_known"),
    [
        pytest.param("Katrin Ahlers", True, id="the same name"),
        pytest.param("Catrin Zahlers", True, id="similar words"),
        pytest.param("Ahlersmannbergerin Werkmeister", True, id="the same first five letters"),
        pytest.param("Kathi Ahle", False, id="too different"),
    ],
)
def test_a_name_is_known_if_half_of_its_words_are_similar(name: str, is_known: bool) -> None:
    """Romanizations differ, and names take endings."""
    found = findings("de", GERMAN, f"{name} said wages would rise in March.")
    assert (found == []) is is_known


@pytest.mark.parametrize(("length", "is_seen"), [(88, True), (92, False)])
def test_an_aside_about_the_speaker_is_at_most_ninety_characters_long(length: int, is_seen: bool) -> None:
    """“X, chairman of Y, said” names X as the speaker."""
    english = f"Stefan Brandt, {'a' * (length - 1)}, said wages would rise."
    found = findings("de", GERMAN, english, speaker="Katrin Ahlers", printed="Katrin Ahlers")
    assert ([f.check for f in found] == ["attribution.name"]) is is_seen
