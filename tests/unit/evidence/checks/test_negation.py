"""A negation on one side only is reported if the case is clear."""

from __future__ import annotations

import json

import pytest

from dragoman.evidence.checks.negation import compare_negation
from tests.conftest import shared
from tests.support import paths

CASES = json.loads((paths.CASES / "negations.json").read_text("utf-8"))
SILENT = {
    "both": ("de", "Das Werk wird nicht geschlossen.", "The plant will not be closed."),
    "another word for it": ("ru", "Завод не закроют.", "The plant is to stay open instead of closing."),
    "a denial": ("es", "La planta no cerrará, dijo.", "He denied that the plant would close."),
    "a prefix": ("fr", "Le pont n'est pas sûr.", "The bridge is unsafe."),
    "not only": ("zh-Hans", "他不仅写书，还教书。", "He writes books and teaches."),
    "no less than": ("ru", "Погибло не менее десяти коров.", "At least ten cows died."),
    "a number": ("vi", "Bến số 3 dài 350 m.", "Berth No. 3 is 350 metres long."),
    "no list of cues": ("is", "Verksmiðjunni verður ekki lokað.", "The plant will close."),
}


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: f"{case['language']}-{case['label']}")
def test_a_negation_on_one_side_only_is_reported(case: dict[str, str]) -> None:
    """Dropped or added, in 28 languages; the English that has it where the quote has it gives no finding."""
    assert compare_negation(case["language"], case["quote"], case["wrong"]) is not None
    assert compare_negation(case["language"], case["quote"], case["right"]) is None


@pytest.mark.parametrize("case", CASES["silent"], ids=lambda case: f"{case['language']}-{case['label']}")
def test_a_word_that_only_looks_like_a_negation_gives_no_finding(case: dict[str, str]) -> None:
    assert compare_negation(case["language"], case["quote"], case["right"]) is None


def test_a_finding_says_which_side_is_negated() -> None:
    dropped = compare_negation("de", "Niemand kam.", "Somebody came.")
    added = compare_negation("de", "Jemand kam.", "Somebody didn't come.")
    assert dropped == ("polarity.dropped", "the quote has the negation “Niemand”, but the claim has none")
    assert added == ("polarity.added", "the claim has the negation “n't”, but the quote has none")


@pytest.mark.parametrize("word", ["investigation", "increase", "industry", "important", "understand", "united", "unit"])
def test_an_english_word_is_not_negative_because_it_begins_like_one(word: str) -> None:
    assert compare_negation("de", "Das Werk wird nicht gebaut.", f"The plant is built: {word}.") is not None


@pytest.mark.parametrize(
    "word", ["unsafe", "inadmissible", "impossible", "irregular", "illegal", "useless", "disallowed"]
)
def test_an_english_word_may_be_negative_by_its_form(word: str) -> None:
    assert compare_negation("de", "Das ist nicht erlaubt.", f"That is {word}.") is None


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT)
def test_an_unclear_case_gives_no_finding(case: tuple[str, str, str]) -> None:
    """This covers other words for a negation, phrases that only look like one, and languages without a list."""
    assert compare_negation(*case) is None


def test_false_alarms_on_human_translations_stay_under_their_ceiling() -> None:
    """110 sentences in 23 languages with their English: 8 of 2,530 alarms were measured in 2026-12."""
    lines = shared("corpus", "aligned", "ntrex_numeral_rich.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    pairs = [(language, text, row["en"]) for row in rows for language, text in row["translations"].items()]
    alarms = sum(compare_negation(*pair) is not None for pair in pairs)
    assert alarms <= 0.004 * len(pairs)
