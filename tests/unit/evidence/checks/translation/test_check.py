"""A paragraph of a translation that is no translation of its source is a finding, and a good translation has none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.answers import TranslatedParagraph, Translation
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.evidence.checks import check_answer
from dragoman.reading.prepare import prepare_text
from tests.support import paths
from tests.support.corpus import ARTICLES

CASES = json.loads((paths.CASES / "translations.json").read_text("utf-8"))
GOOD: list[str] = CASES["english"]


def source_in(language: str, *paragraphs: str) -> Source:
    """A source of these paragraphs. One sentence is too short to detect every language."""
    script = "Latn" if paragraphs[0][0] < "ɐ" else "Zzzz"
    return replace(prepare_text("\n".join(paragraphs)), language=language, script=script)


SOURCE = source_in(CASES["source"]["language"], *CASES["source"]["paragraphs"])


def found(source: Source, *english: str) -> list[Finding]:
    entries = [TranslatedParagraph(paragraph=number, text_en=text) for number, text in enumerate(english, start=1)]
    return check_answer(source, None, Translation(paragraphs=entries))


def damaged(changes: dict[str, Any]) -> list[str]:
    """The good English with some paragraphs replaced: by a text, by that of another paragraph, or by a text so many
    times."""
    english = list(GOOD)
    for number, change in changes.items():
        match change:
            case int():
                english[int(number) - 1] = GOOD[change - 1]
            case [text, times]:
                english[int(number) - 1] = " ".join([text] * times)
            case text:
                english[int(number) - 1] = text
    return english


@pytest.mark.parametrize("case", CASES["cases"], ids=[case["label"] for case in CASES["cases"]])
def test_english_that_is_no_translation_is_found_at_its_paragraph(case: dict[str, Any]) -> None:
    findings = found(SOURCE, *damaged(case["english"]))
    fields = {f"translation.{number}" for number in case["english"]}
    hits = {(each.check, each.severity) for each in findings if each.field in fields}
    assert (case["check"], case["severity"]) in hits


def test_a_good_translation_has_no_finding() -> None:
    assert found(SOURCE, *GOOD) == []


@pytest.mark.parametrize("name", ARTICLES)
def test_the_english_of_the_corpus_has_no_finding(name: str) -> None:
    """Fourteen articles in fourteen languages."""
    article = ARTICLES[name]
    assert found(source_in(article["language"], *article["paragraphs"]), *article["english"]) == []


HONEST = {
    "de headline, byline, caption": ("de", ("Foto: dpa", "Photo: dpa"), ("Von Anna Berg", "By Anna Berg")),
    "de numbers in words": ("de", ("Drei Häuser brannten, 13 Menschen flohen.", "3 houses burned, thirteen people fled.")),  # noqa: E501
    "fr hour": ("fr", ("La réunion commence à 19 h 30.", "The meeting begins at 7:30 p.m.")),
    "it decade": ("it", ("La fabbrica chiuse negli anni ’80.", "The factory closed in the 1980s.")),
    "es century": ("es", ("El puente es del siglo XIX.", "The bridge is from the 19th century.")),
    "ru table": ("ru", ("Москва | 12,5 | 340", "Moscow | 12.5 | 340"), ("Тула | 8,1 | 95", "Tula | 8.1 | 95")),
    "de names only": ("de", ("Anna Berg, Otto Klein", "Anna Berg, Otto Klein"), ("Otto Klein", "Otto Klein")),
    "es proper name": (
        "es",
        (
            "El Ministerio para la Transición Ecológica y el Reto Demográfico lo niega.",
            "The Ministerio para la Transición Ecológica y el Reto Demográfico denies it.",
        ),
    ),
    "de English words": (
        "de",
        ("Das Motto lautet: „we build bridges between people“.", "The motto is “we build bridges between people”."),
    ),
    "de apology that is said": (
        "de",
        (
            "„Es tut mir leid, ich kann dazu nichts sagen“, sagte der Sprecher.",
            "“I'm sorry, I can't comment on that,” said the spokesman.",
        ),
    ),
    "de not available": ("de", ("Nicht verfügbar", "Not available")),
    "signs only": ("de", ("***", "***"), ("Ende", "End")),
    "de refrain": (
        "de",
        (
            "Wir gehen nicht fort! Wir gehen nicht fort! Wir gehen nicht fort! Wir gehen nicht fort! So riefen sie.",
            "We will not leave! We will not leave! We will not leave! We will not leave! That was their call.",
        ),
    ),
    "zh refrain": ("zh-Hans", ("加油！加油！加油！加油！加油！加油！", "Come on! Come on! Come on! Come on! Come on! Come on!")),  # noqa: E501
    "de said twice": (
        "de",
        ("Der Rat lehnt den Bau der neuen Brücke ab.", "The council rejects the construction of the new bridge."),
        ("„Der Rat lehnt den Bau der neuen Brücke ab.“", "“The council rejects the construction of the new bridge.”"),
    ),
    "zh scale": ("zh-Hans", ("公司收入90亿元。", "The company's revenue was 9 billion yuan.")),
    "hi lakh": ("hi", ("इस पर 3 लाख रुपये खर्च हुए।", "300,000 rupees were spent on this.")),
    "sv without a table of numbers": ("sv", ("Paketet kostar 2,75 miljarder kronor.", "The package costs 2.75 billion kronor.")),  # noqa: E501
    "ru name in brackets": (
        "ru",
        ("Завод «Северная звезда» закрыт.", "The plant Severnaya Zvezda (Северная звезда) is closed."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_what_honest_translations_do_is_no_error(name: str) -> None:
    """Captions, names, numbers in words, hours, decades, refrains, quoted apologies."""
    language, *pairs = HONEST[name]
    findings = found(source_in(str(language), *(pair[0] for pair in pairs)), *(pair[1] for pair in pairs))
    assert [each for each in findings if each.severity == "error"] == []


OTHER_LANGUAGES = {
    "ru": (
        ("Министр Орлова посетила Новгород и встретилась с рабочими.", "Minister Orlova visited Novgorod and met workers."),  # noqa: E501
        ("Директор Сидоренко ответил, что завод в Калуге закрыт.", "Director Sidorenko replied that the Kaluga plant is closed."),  # noqa: E501
    ),
    "hi": (
        ("मंत्री शर्मा ने जयपुर में किसानों से मुलाकात की; राजस्थान के गोविंद धाकड़ भी थे।", "Minister Sharma met farmers in Jaipur; Govind Dhakad of Rajasthan was there too."),  # noqa: E501
        ("निदेशक कपूर ने कहा कि नागपुर का कारखाना बंद है, महाराष्ट्र के संजय कुलकर्णी ने पुष्टि की।", "Director Kapoor said that the factory in Nagpur is closed; Sanjay Kulkarni of Maharashtra confirmed it."),  # noqa: E501
    ),
    "ja": (
        ("スミス社長はクリスティーナ・ロバーツ氏とワルシャワで新しい工場を発表した。", "President Smith announced a new factory in Warsaw with Christina Roberts."),  # noqa: E501
        ("パナソニックのサラ・マクドナルド氏はバルセロナとマンチェスターの事務所を閉鎖すると述べた。", "Sarah McDonald of Panasonic said that she would close the offices in Barcelona and Manchester."),  # noqa: E501
    ),
    "zh-Hans": (
        ("公司去年收入90亿元，增长12.5%。", "The company had revenue of 9 billion yuan last year, up 12.5%."),
        ("新厂房占地4200平方米，将雇用860人。", "The new plant covers 4,200 square metres and will employ 860 people."),
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_exchanged_paragraphs_are_found_in_other_scripts(language: str) -> None:
    """By the sounds of names where there are no figures; in Chinese by figures."""
    first, second = OTHER_LANGUAGES[language]
    source = source_in(language, first[0], second[0])
    assert found(source, first[1], second[1]) == []
    exchanged = found(source, second[1], first[1])
    assert {"translation.place"} <= {each.check for each in exchanged}
    assert {each.field for each in exchanged} >= {"translation.1", "translation.2"}


def test_a_paragraph_number_that_the_source_lacks_is_left_alone() -> None:
    """The parser refuses such a reply, but a record of another version may have one."""
    answer = Translation(paragraphs=[TranslatedParagraph(paragraph=9, text_en="Nothing of this is in the source.")])
    assert check_answer(SOURCE, None, answer) == []


def test_two_checks_of_one_answer_agree() -> None:
    english = damaged({"2": 3, "3": 2})
    assert found(SOURCE, *english) == found(SOURCE, *english)
