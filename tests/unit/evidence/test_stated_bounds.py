"""The figures of a claim carry the bound that the source prints, whatever the model calls approximate."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.record import CheckedQuantity, Record
from dragoman.evidence.assess import locate_quotes
from tests.support import paths
from tests.unit.evidence.answers import claim, source_of, summary


def checked(language: str, text: str, quote: str, figure: str, *, approximate: bool = False) -> CheckedQuantity:
    source = replace(source_of(text), language=language)
    stated = {"quote": figure, "value": None, "unit": None, "approximate": approximate}
    (result,) = locate_quotes(summary(claim(quote=quote, quantities=[stated]), entities=[]), source).claims
    return result.quantities[0]


@pytest.mark.parametrize(
    ("language", "text", "figure", "bound", "low", "high"),
    [
        ("ar", "أصيب أكثر من ١٢٠ شخصا", "أكثر من ١٢٠", "more_than", "120", None),
        ("ja", "3万人以上が来た", "3万人以上", "at_least", "30000", None),
        ("zh-Hans", "不超过2.5亿元", "不超过2.5亿元", "at_most", None, "250000000"),
        ("th", "ประมาณ 12 ล้านบาท", "ประมาณ 12 ล้านบาท", "about", None, None),
        ("de", "weniger als 6,50 %", "weniger als 6,50 %", "less_than", None, "6.5"),
        ("ru", "от 3 до 5 млн рублей", "от 3 до 5 млн рублей", "exact", "3000000", "5000000"),
        ("vi", "12 tỷ đồng", "12 tỷ đồng", "exact", None, None),
    ],
)
def test_the_bound_of_a_figure_is_read_in_its_words(
    language: str, text: str, figure: str, bound: str, low: str | None, high: str | None
) -> None:
    """``low`` and ``high`` are plain decimals, with the scale word multiplied out."""
    for approximate in (True, False):
        quantity = checked(language, text, text, figure, approximate=approximate)
        assert (quantity.bound, quantity.low, quantity.high) == (bound, low, high)
        assert quantity.approximate is approximate


@pytest.mark.parametrize("quote", ["Die Firma hat mehr als 120 Arbeiter", "120 Arbeiter"])
def test_a_hedge_that_the_words_of_the_figure_leave_out_is_read_in_the_source(quote: str) -> None:
    quantity = checked("de", "Die Firma hat mehr als 120 Arbeiter.", quote, "120 Arbeiter")
    assert quantity.bound == "more_than"


def test_the_words_are_read_alone_if_the_quote_is_absent() -> None:
    quantity = checked("de", "Die Firma hat viele Arbeiter.", "Die Firma baut rund 120 Züge", "rund 120 Züge")
    assert quantity.bound == "about"


@pytest.mark.parametrize("figure", ["viele Arbeiter", "mehr als 120 Arbeiter und 30 Lehrlinge"])
def test_no_figure_or_several_have_no_bound(figure: str) -> None:
    """The model may mean any of several."""
    quantity = checked("de", f"Die Firma hat {figure}.", f"Die Firma hat {figure}", figure)
    assert (quantity.bound, quantity.low, quantity.high) == (None, None, None)


def test_a_record_of_an_earlier_version_is_read_without_bounds() -> None:
    line: dict[str, Any] = json.loads((paths.SAMPLES / "expected" / "records.jsonl").read_text("utf-8").splitlines()[0])
    for each in line["summary"]["claims"]:
        for quantity in each["quantities"]:
            del quantity["bound"], quantity["low"], quantity["high"]
    record = Record.model_validate(line)
    assert record.summary is not None
    quantities = [quantity for each in record.summary.claims for quantity in each.quantities]
    assert quantities
    assert {(quantity.bound, quantity.low, quantity.high) for quantity in quantities} == {(None, None, None)}
