"""What the model states about the figures of a claim is compared with what Dragoman reads in the same words."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dragoman.core.source import Source, numbered
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks.model_figures import check_stated
from tests.support import paths
from tests.unit.evidence.answers import claim, source_of, summary

CASES: list[dict[str, Any]] = json.loads((paths.CASES / "quantities.json").read_text("utf-8"))["cases"]
LANGUAGES = sorted({case["language"] for case in CASES})
TEXT = "Оборот составил 45 млн рублей, доля 40 %, площадь 640 гектаров."
SOURCE = Source(TEXT, numbered([(0, len(TEXT))]), "ru", "Cyrl", "utf-8", "utf-8", TEXT)


def messages(quote: str, value: str | None, unit: str | None) -> list[str]:
    stated = {"quote": quote, "value": value, "unit": unit, "approximate": False}
    (checked,) = locate_quotes(summary(claim(quote=TEXT, quantities=[stated])), SOURCE).claims
    return [finding.message for finding in check_stated(SOURCE, checked)]


@pytest.mark.parametrize(
    ("quote", "value", "unit", "message"),
    [
        ("45 млн рублей", "450000000", "RUB", "the model read “45 млн рублей” as 450,000,000; it is 45,000,000"),
        ("45 млн рублей", "45000000", "USD", "the model read “45 млн рублей” as an amount in USD; it is in RUB"),
        (
            "640 гектаров",
            "640",
            "square kilometres",
            "the model read the unit of “640 гектаров” as “square kilometres”; the source prints “гектаров”",
        ),
    ],
)
def test_a_wrong_field_is_an_error_with_both_readings(quote: str, value: str, unit: str, message: str) -> None:
    assert messages(quote, value, unit) == [message]


@pytest.mark.parametrize(
    ("quote", "value", "unit"),
    [
        pytest.param("45 млн рублей", "45000000", "RUB", id="right"),
        pytest.param("45 млн рублей", None, None, id="nothing stated"),
        pytest.param("40 %", "0.4", "share", id="a percentage as a share, with the unit that says so"),
        pytest.param("45 млн рублей, доля 40 %", "45000000", "USD", id="two figures"),
        pytest.param("640 гектаров", "640", "ha", id="a short form of the unit"),
    ],
)
def test_a_right_or_unclear_field_gives_no_finding(quote: str, value: str | None, unit: str | None) -> None:
    assert messages(quote, value, unit) == []


def wrong_values(text: str, language: str, quote: str, value: str | None, unit: str | None) -> list[str]:
    """The values of a stated quantity that are errors: its own, or none."""
    stated = {"quote": quote, "value": value, "unit": unit, "approximate": False}
    source = replace(source_of(text), language=language)
    (checked,) = locate_quotes(summary(claim(quote=text, quantities=[stated]), entities=[]), source).claims
    return [f.got or "" for f in check_stated(source, checked) if (f.field or "").endswith(".value")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_at_another_power_of_ten_is_an_error_in_every_language(language: str) -> None:
    """Each figure of quantities.json, with its scale word, ten, a hundred and a thousand times too large and too small:
    an error. With its right value: none."""
    for case in CASES:
        text = case["text"].replace("\n", " ")
        for figure in case["found"] if case["language"] == language else ():
            value = figure["value"] or figure["low"]
            if figure["kind"] in ("date", "ordinal") or value is None:
                continue
            unit = figure["unit"] if figure["kind"] in ("percent", "money") else figure["unit"] and "things"
            assert wrong_values(text, language, figure["text"], value, unit) == [], figure
            for power in (-3, -2, -1, 1, 2, 3) if Decimal(value) else ():
                wrong = f"{Decimal(value).scaleb(power):f}"
                assert wrong_values(text, language, figure["text"], wrong, unit) == [wrong], (figure, wrong)


WRONG = {
    "a percentage as a fraction with %": ("ru", "доля 6,5 %", "6,5 %", "0.065", "%"),
    "a percentage as a fraction without a unit": ("ru", "доля 6,5 %", "6,5 %", "0.065", None),
    "a percentage as per mille": ("ru", "доля 6,5 %", "6,5 %", "6.5", "‰"),
    "a percentage a hundred times too large": ("ru", "доля 6,5 %", "6,5 %", "650", "%"),
    "per mille as per cent": ("de", "ein Gehalt von 5 ‰", "5 ‰", "5", "%"),
    "basis points as per cent": ("en", "rose by 25 basis points", "25 basis points", "25", "%"),
    "crore as lakh": ("hi", "12 करोड़ रुपये मंज़ूर", "12 करोड़ रुपये", "1200000", "INR"),
    "lakh crore as crore": ("hi", "2 लाख करोड़ रुपये", "2 लाख करोड़ रुपये", "20000000", "INR"),
    "billion as million, Chinese": ("zh-Hans", "投资25亿卢布", "25亿卢布", "25000000", "RUB"),
    "万 as a thousand": ("ja", "3万人が来た", "3万人", "3000", "people"),
    "Milliarde as trillion": ("de", "2,5 Milliarden Euro", "2,5 Milliarden Euro", "2500000000000", "EUR"),
    "the scale word in the unit": ("ru", "вложили 2,5 млрд рублей", "2,5 млрд рублей", "2.5", "billion roubles"),
    "a decimal comma as a thousand sign": ("de", "1,250 Tonnen", "1,250 Tonnen", "1250000", "tonnes"),
    "a lost sign": ("de", "Temperatur von −5 °C", "−5 °C", "5", "°C"),
    "an added sign": ("ru", "доля 6,5 %", "6,5 %", "-6.5", "%"),
    "an end of a range without its scale": ("ru", "от 3 до 5 млн рублей", "от 3 до 5 млн рублей", "3", "RUB"),
    "an end of a range at another scale": ("ru", "3–5 млн рублей", "3–5 млн рублей", "50000000", "RUB"),
    "a value outside of a range": ("ru", "3–5 млн рублей", "3–5 млн рублей", "7000000", "RUB"),
    "one of two figures at another scale": (
        "ru",
        "45 млн рублей, доля 40 %",
        "45 млн рублей, доля 40 %",
        "450000",
        "RUB",
    ),
    "the value of another figure of the quote": ("ru", "45 млн рублей, доля 40 %", "45 млн рублей", "40", "RUB"),
    "a third as 33 without a unit": ("de", "ein Drittel der Betriebe", "ein Drittel", "33", None),
    "a figure in emphasis": ("ru", "вложили 2,5 млрд рублей", "**2,5** млрд рублей", "250000000000", "RUB"),
}
RIGHT = {
    "a percentage": ("ru", "доля 6,5 %", "6,5 %", "6.5", "%"),
    "a percentage in words": ("ru", "доля 6,5 %", "6,5 %", "6.5", "per cent"),
    "a percentage with a noun": ("ru", "доля 6,5 %", "6,5 %", "6.5", "% of exports"),
    "a percentage without a unit": ("ru", "доля 6,5 %", "6,5 %", "6.5", None),
    "a percentage as a share": ("ru", "доля 6,5 %", "6,5 %", "0.065", "share of exports"),
    "a share that counts in per cent": ("ru", "доля 6,5 %", "6,5 %", "6.5", "share"),
    "per mille": ("de", "ein Gehalt von 5 ‰", "5 ‰", "5", "per mille"),
    "per mille as per cent": ("de", "ein Gehalt von 5 ‰", "5 ‰", "0.5", "%"),
    "basis points": ("en", "rose by 25 basis points", "25 basis points", "25", "bp"),
    "basis points as percentage points": ("en", "rose by 25 basis points", "25 basis points", "0.25", "pp"),
    "a third": ("de", "ein Drittel der Betriebe", "ein Drittel", "0.333", None),
    "a third as per cent": ("de", "ein Drittel der Betriebe", "ein Drittel", "33.3", "%"),
    "a rounded value": ("ru", "вложили 2,746 млрд рублей", "2,746 млрд рублей", "2750000000", "RUB"),
    "a vague figure without a value": ("ru", "десятки машин", "десятки машин", None, "cars"),
    "the lower end of a range": ("ru", "от 3 до 5 млн рублей", "от 3 до 5 млн рублей", "3000000", "RUB"),
    "the upper end of a range": ("ru", "3–5 млн рублей", "3–5 млн рублей", "5000000", "RUB"),
    "inside of a range": ("ru", "3–5 млн рублей", "3–5 млн рублей", "4000000", "RUB"),
    "at least": ("ru", "более 260 человек", "более 260 человек", "260", "people"),
    "one of two figures": ("ru", "45 млн рублей, доля 40 %", "45 млн рублей, доля 40 %", "40", "%"),
    "a ratio of two figures": ("ru", "1 завод из 10", "1 завод из 10", "0.1", None),
    "a negative value": ("de", "Temperatur von −5 °C", "−5 °C", "-5", "°C"),
    "a sum of two pieces": ("ru", "5 млн рублей и 300 тыс. рублей", "5 млн рублей и 300 тыс. рублей", "5300000", "RUB"),
    "a bare figure whose sign stands outside": ("ru", "доля 6,5 %", "6,5", "6.5", "%"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_value_that_the_words_do_not_state_is_an_error(case: tuple[str, str, str, str, str | None]) -> None:
    language, text, quote, value, unit = case
    assert wrong_values(text, language, quote, value, unit) == [value]


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_an_honest_form_of_a_value_is_no_error(case: tuple[str, str, str, str | None, str | None]) -> None:
    """A share may be stated in another unit if that unit is named; a range by either end; a vague figure by none."""
    language, text, quote, value, unit = case
    assert wrong_values(text, language, quote, value, unit) == []


def test_the_message_names_the_unit_of_a_share() -> None:
    """0.065 is right as a share and wrong as a percentage."""
    assert messages("40 %", "0.4", "%") == ["the model read “40 %” as 0.4 %; it is 40"]
