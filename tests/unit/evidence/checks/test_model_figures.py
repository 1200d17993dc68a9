"""What the model states about the figures of a claim is compared with what Dragoman reads in the same words."""

from __future__ import annotations

import pytest

from dragoman.core.source import Source, numbered
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks.model_figures import check_stated
from tests.unit.evidence.answers import claim, summary

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
