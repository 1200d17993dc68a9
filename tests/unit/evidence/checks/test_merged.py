"""Claims are told from their twins where several printed paragraphs came in one, or evidence stands in two."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.answers import TranslatedParagraph, Translation
from dragoman.evidence.checks import check_answer
from dragoman.reading.prepare import prepare_text
from tests.support import paths
from tests.unit.evidence.checks.claims import errors, findings
from tests.unit.evidence.checks.test_figures import findings as figure_findings

CASES: list[dict[str, Any]] = json.loads((paths.CASES / "merged.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['language']} {case['kind']}: {case['wrong']}")
def test_the_right_claim_has_no_error_and_its_twin_has_one(case: dict[str, Any]) -> None:
    """The figure of the twin may be that of another sentence: the one near the quote decides."""
    assert errors(case["language"], case["text"], case["right"], case["quote"]) == []
    found = errors(case["language"], case["text"], case["wrong"], case["quote"])
    assert any(name.startswith("value.") for name in found), found


def test_the_cases_cover_16_languages() -> None:
    merged = {case["language"] for case in CASES if case["kind"] == "figure of another sentence"}
    assert len(merged) >= 16


TOWN = (
    "Die Brücke kostet 250 Millionen Euro. Im Vorjahr waren dafür 200 Millionen Euro vorgesehen. Die Stadt hat 45.300 "
    "Einwohner. Bei 24 Unfällen wurden 240 Menschen verletzt. Die Steuern stiegen um 5,2 %."
)


@pytest.mark.parametrize(
    ("english", "quote"),
    [
        pytest.param(
            "The bridge costs 250 million euros, up from 200 million.",
            "Die Brücke kostet 250 Millionen Euro.",
            id="the figures of two sentences",
        ),
        pytest.param(
            "The cost rose by 50 million euros.",
            "Die Brücke kostet 250 Millionen Euro. Im Vorjahr waren dafür 200 Millionen Euro vorgesehen.",
            id="a difference",
        ),
        pytest.param(
            "The cost rose by 25%.",
            "Die Brücke kostet 250 Millionen Euro. Im Vorjahr waren dafür 200 Millionen Euro vorgesehen.",
            id="a rise in per cent",
        ),
        pytest.param("240 people were hurt.", "Bei 24 Unfällen", id="the rest of the sentence"),
        pytest.param("There were 24 accidents, with 240 people hurt.", "Bei 24 Unfällen", id="ten times as many"),
        pytest.param("The town has 45,300 inhabitants.", "Die Steuern stiegen um 5,2 %.", id="another kind of figure"),
        pytest.param(
            "The bridge costs a quarter of a billion euros.", "Die Brücke kostet 250 Millionen Euro.", id="words"
        ),
    ],
)
def test_a_right_figure_that_is_not_in_the_quote_is_no_error(english: str, quote: str) -> None:
    """It is beside it, follows from it, or is of another kind."""
    assert errors("de", TOWN, english, quote) == []


@pytest.mark.parametrize(
    ("language", "text", "wrong"),
    [
        ("zh-Hans", "这套房每平方米24万5。", "The flat costs 240,005 per square metre."),
        ("zh-Hans", "这辆车3万8。", "The car costs 30,008."),
        ("ko", "집값이 2억7천 올랐다.", "House prices rose by 200,007,000."),
        ("ko", "인구는 3만5천이다.", "The population is 30,005,000."),
        ("it", "La città ha 2 milioni e 350mila abitanti.", "The city has 350,000 inhabitants."),
        ("es", "La ciudad tiene 2 mil 345 habitantes.", "The city has 345 inhabitants."),
        ("fr", "La ville compte 1 million 250 mille habitants.", "The town has 250,000 inhabitants."),
        ("tr", "Kasabada 53 bin 537 kişi yaşıyor.", "The town has 537 inhabitants."),
        ("de", "Im Ort leben 12.345 Menschen.", "The town has 345 inhabitants."),
        ("ja", "町の人口は1万2345人だ。", "The town has 2,345 inhabitants."),
        ("de", "Der Ort zählt 12.345 Seelen.", "The town has 13,287 inhabitants."),
        ("ru", "В городе 45 310 жителей.", "The town has 46,270 inhabitants."),
        ("vi", "Thị trấn có 45.310 người.", "The town has 54,130 inhabitants."),
    ],
)
def test_another_figure_than_the_only_one_of_the_quote_is_an_error(language: str, text: str, wrong: str) -> None:
    """It has the same digits with other zeros, is the end of the figure, or is simply another number."""
    assert errors(language, text, wrong) == ["value.figure"]


@pytest.mark.parametrize(
    ("language", "text", "english"),
    [
        ("de", "Im Ort leben 12.345 Menschen.", "The town has more than 12,000 inhabitants."),
        ("de", "Im Ort leben 12.345 Menschen in 5.432 Häusern.", "There are 6,913 more people than houses."),
        ("de", "Von den 12.345 Menschen sind 5.000 Kinder.", "7,345 are adults."),
        ("de", "In 123 Häusern wohnen je 17 Familien.", "2,091 families live there."),
        ("ru", "Адрес: 350000, улица Красная, 122.", "The address is 122 Krasnaya Street."),
        (
            "zh-Hans",
            "这套房每平方米13万2。",
            "The flat costs 132,000 yuan per square metre, or 12,300 per square foot.",
        ),
    ],
)
def test_what_follows_from_the_figures_or_is_beside_them_is_no_error(language: str, text: str, english: str) -> None:
    """Roundings, sums, differences, products, and texts with several figures, of which one may be meant."""
    assert errors(language, text, english) == []


def test_a_changed_figure_is_an_error_in_the_quote_and_a_warning_in_its_paragraph() -> None:
    """Farther from the quote, the figure may be about something else."""
    text = "Die Brücke ist fertig. Der Tunnel, so heißt es, kostet 250 Millionen Euro. Er öffnet bald."
    severities = [
        {each.severity for each in findings("de", text, "It costs 270 million euros.", quote) if "value" in each.check}
        for quote in ("kostet 250 Millionen Euro", "Der Tunnel, so heißt es", "Die Brücke ist fertig.")
    ]
    assert severities == [{"error"}, {"warning"}, {"warning"}]


@pytest.mark.parametrize(
    ("language", "paragraphs", "right", "wrong"),
    [
        (
            "de",
            [
                "Die neue Brücke der Stadt kostet 250 Millionen Euro.",
                "Der Haushalt der Stadt umfasst 250 Milliarden Euro.",
            ],
            "The city’s new bridge costs 250 million euros.",
            "The city’s new bridge costs 250 billion euros.",
        ),
        (
            "zh-Hans",
            ["新建的大桥造价为2.5亿元。", "全市今年的预算为2500亿元。"],
            "The newly built bridge cost 250 million yuan.",
            "The newly built bridge cost 250 billion yuan.",
        ),
        (
            "hi",
            ["नए पुल पर 25 करोड़ रुपये ख़र्च हुए।", "राज्य का बजट 25,000 करोड़ रुपये है।"],
            "The new bridge cost 250 million rupees.",
            "The new bridge cost 250 billion rupees.",
        ),
    ],
)
def test_a_scale_of_another_paragraph_is_an_error_in_a_translation(
    language: str, paragraphs: list[str], right: str, wrong: str
) -> None:
    """The paragraph decides, although the source has the figure elsewhere."""
    source = replace(prepare_text("\n\n".join(paragraphs)), language=language)
    for english, expected in ((right, []), (wrong, ["value.scale"])):
        translation = Translation(paragraphs=[TranslatedParagraph(paragraph=1, text_en=english)])
        found = check_answer(source, None, translation)
        assert [each.check for each in found if each.severity == "error" and each.paragraph == 1] == expected


def test_a_title_with_a_group_of_digits_that_is_cut_is_an_error() -> None:
    """It is no number at all, so it need not be near anything."""
    text = "In der Stadt leben 2.200.112 Menschen."
    found = figure_findings("de", text, "People live there.", title="A city of 2,200,11 people")
    assert [(each.check, each.severity, each.field) for each in found] == [("value.figure", "error", "title_en")]
