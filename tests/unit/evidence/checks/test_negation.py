"""A negation on one side only is reported if the case is clear."""

from __future__ import annotations

import json

import pytest

from dragoman.evidence.checks.negation import compare_negation
from tests.conftest import shared

DROPPED = {
    "vi": ("Nhà máy sẽ không đóng cửa trong năm nay.", "The plant will close this year."),
    "hi": ("कारख़ाना इस साल बंद नहीं होगा।", "The plant will close this year."),
    "zh-Hans": ("工厂今年不会关闭。", "The plant will close this year."),
    "ja": ("工場は今年閉鎖されない。", "The plant will close this year."),
    "ru": ("Завод в этом году не закроют.", "The plant will close this year."),
    "ar": ("لن يغلق المصنع هذا العام.", "The plant will close this year."),
    "de": ("Das Werk wird dieses Jahr nicht geschlossen.", "The plant will close this year."),
    "es": ("La planta no cerrará este año.", "The plant will close this year."),
    "tr": ("Fabrika bu yıl kapanacak değil.", "The factory will close this year."),
}
ADDED = {
    "vi": ("Nhà máy sẽ đóng cửa trong năm nay.", "The plant will not close this year."),
    "zh-Hans": ("工厂今年将关闭。", "The plant will not close this year."),
    "ru": ("Завод в этом году закроют.", "The plant will not close this year."),
    "de": ("Das Werk wird dieses Jahr geschlossen.", "The plant will not close this year."),
}
SILENT = {
    "both": ("de", "Das Werk wird nicht geschlossen.", "The plant will not be closed."),
    "another word for it": ("ru", "Завод не закроют.", "The plant is to stay open instead of closing."),
    "a denial": ("es", "La planta no cerrará, dijo.", "He denied that the plant would close."),
    "a prefix": ("fr", "Le pont n'est pas sûr.", "The bridge is unsafe."),
    "not only": ("zh-Hans", "他不仅写书，还教书。", "He writes books and teaches."),
    "no less than": ("ru", "Погибло не менее десяти коров.", "At least ten cows died."),
    "no list of cues": ("is", "Verksmiðjunni verður ekki lokað.", "The plant will close."),
}


@pytest.mark.parametrize(("language", "pair"), DROPPED.items(), ids=DROPPED)
def test_a_dropped_negation_is_reported(language: str, pair: tuple[str, str]) -> None:
    """The quote has a negation and the claim has none."""
    difference = compare_negation(language, *pair)
    assert difference is not None
    assert difference[0] == "polarity.dropped"


@pytest.mark.parametrize(("language", "pair"), ADDED.items(), ids=ADDED)
def test_an_added_negation_is_reported(language: str, pair: tuple[str, str]) -> None:
    """The claim has a negation and the quote has none."""
    difference = compare_negation(language, *pair)
    assert difference is not None
    assert difference[0] == "polarity.added"


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT)
def test_an_unclear_case_gives_no_finding(case: tuple[str, str, str]) -> None:
    """This covers other words for a negation, phrases that only look like one, and languages without a list."""
    assert compare_negation(*case) is None


def test_false_alarms_on_human_translations_stay_under_their_ceiling() -> None:
    """110 sentences in 23 languages with their English: 9 of 2,530 alarms were measured in 2026-11."""
    lines = shared("corpus", "aligned", "ntrex_numeral_rich.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    pairs = [(language, text, row["en"]) for row in rows for language, text in row["translations"].items()]
    alarms = sum(compare_negation(*pair) is not None for pair in pairs)
    assert alarms <= 0.004 * len(pairs)
