"""Figures of the English against figures of the source: scale, unit, currency, date, and the model's own reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dragoman.checks import values
from dragoman.pipeline import located
from dragoman.prepare import prepare_text
from dragoman.records import Finding
from dragoman.schemas import Summary


def findings(language: str, text: str, english: str, quote: str | None = None, **others: Any) -> list[Finding]:
    """What the check says of one claim over a text; the quote is the first paragraph unless given."""
    source = replace(prepare_text(text), language=language)
    claim = {
        "text_en": english, "paragraph": 1, "quote": quote or text.split("\n")[0], "kind": "fact",
        "modality": "asserted", "speaker_en": None, "speaker_source": None, "event_date": None,
        "quantities": others.get("quantities", []),
    }  # fmt: skip
    answer = Summary.model_validate(
        {
            "title_en": others.get("title", "A report"), "abstract": others.get("abstract", "A report."),
            "key_points": ["One.", "Two.", "Three."], "published": None, "publisher": None, "author": None,
            "syndicated_from": None, "entities": [], "boilerplate": [], "claims": [claim],
        }
    )  # fmt: skip
    return values.check(source, located(answer, source))


WRONG = {
    "a scale in Chinese": (
        "zh-Hans",
        "公司在手订单约90亿元。",
        "Orders stand at about 90 billion yuan.",
        "value.scale",
    ),
    "crore in Hindi": ("hi", "योजना पर 5 करोड़ रुपये ख़र्च होंगे।", "The scheme will cost 5 million rupees.", "value.scale"),
    "Milliarde in German": (
        "de",
        "Der Umsatz stieg auf 2,3 Milliarden Euro.",
        "Revenue rose to 2.3 million euros.",
        "value.scale",
    ),
    "points as per cent": ("vi", "Thị phần tăng 1,8 điểm phần trăm.", "Market share rose by 1.8%.", "value.unit"),
    "another currency": (
        "ru",
        "Завод получил 300 млн долларов.",
        "The plant received 300 million roubles.",
        "value.currency",
    ),
    "an invented currency": (
        "zh-Hans",
        "这座桥将耗资500亿。",
        "The bridge will cost 50 billion US dollars.",
        "value.currency",
    ),
    "digits changed about": ("es", "La inflación subió un 4,8 %.", "Inflation rose by 8.4%.", "value.figure"),
    "another day": ("fr", "Le pont ouvrira le 3 mai 2027.", "The bridge will open on 5 March 2027.", "value.date"),
}
RIGHT = {
    "rounding": ("vi", "Vốn đầu tư 1.250,5 tỷ đồng.", "Investment is 1.25 trillion dong."),
    "a fraction as a percentage": ("zh-Hans", "近四成员工来自外地。", "Nearly 40% of the staff come from elsewhere."),
    "a currency named elsewhere": (
        "zh-Hans",
        "这座桥将耗资500亿。\n去年已投入20亿元。",
        "The bridge will cost 50 billion yuan.",
    ),
    "a dollar of unknown country": ("hi", "कंपनी ने 5 अरब डॉलर लगाए।", "The company invested $5 billion."),
    "native digits": ("ar", "بلغت القيمة ٣٫٢ مليار ريال سعودي.", "The value was 3.2 billion Saudi riyals."),
    "small counts": (
        "de",
        "Die beiden Brüder gründeten die Firma.",
        "The two brothers founded the firm with 3 friends.",
    ),
    "a year of another calendar": ("zh-Hant", "民國115年營收大增。", "Revenue grew strongly in 2026."),
    "a relative date made whole": ("fr", "Le pont a rouvert hier.", "The bridge reopened on 5 March 2027."),
    "both ends of a range": ("zh-Hant", "估值達200-300億美元。", "The valuation is 20 to 30 billion US dollars."),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_figure_that_is_not_the_source_s_is_an_error(case: tuple[str, str, str, str]) -> None:
    """One error, that says which kind it is and shows the source's own words."""
    language, text, english, check = case
    (found,) = findings(language, text, english)
    assert (found.check, found.severity, found.field) == (check, "error", "claims.c1.text_en")
    assert found.expected is not None
    assert found.expected in text
    assert found.got is not None
    assert found.got in english


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_a_right_figure_in_other_words_stays_silent(case: tuple[str, str, str]) -> None:
    """Rounding, shares, calendars, currencies named once: no finding."""
    assert findings(*case) == []


def test_a_scale_slip_says_both_figures_in_full() -> None:
    """The message that a reader understands without knowing the language."""
    (found,) = findings("zh-Hans", "公司在手订单约90亿元。", "Orders stand at about 90 billion yuan.")
    assert found.message == "“90 billion yuan” (90,000,000,000) in the English; 90亿元 = 9,000,000,000 in the source"


def test_a_figure_of_another_place_is_a_note() -> None:
    """It is in the source, only not where the claim points."""
    text = "Завод вырос.\nОборот составил 45 млн рублей."
    (found,) = findings("ru", text, "Turnover was 45 million roubles.", "Завод вырос")
    assert (found.check, found.severity) == ("value.elsewhere", "note")


def test_title_and_abstract_are_compared_with_the_whole_source() -> None:
    """A slip in the headline is worse than one in a claim."""
    text = "Завод вырос.\nОборот составил 45 млн рублей."
    found = findings("ru", text, "The plant grew.", title="Plant turns over 450 million roubles")
    assert [(f.check, f.field) for f in found] == [("value.scale", "title_en")]


def test_the_models_own_reading_is_compared_too() -> None:
    """Value and currency of `quantities`, each by itself."""
    stated = {"quote": "45 млн рублей", "value": "45000000000", "unit": "USD", "approximate": False}
    found = findings("ru", "Оборот составил 45 млн рублей.", "Turnover was 45 million roubles.", quantities=[stated])
    assert [(f.check, f.field) for f in found] == [
        ("value.stated", "claims.c1.quantities.1.value"),
        ("value.stated", "claims.c1.quantities.1.unit"),
    ]


def test_a_language_without_a_table_stays_silent() -> None:
    """What cannot be read cannot be judged."""
    assert findings("is", "Brúin kostar 500 milljónir króna.", "The bridge costs 5 kronur and 99%.") == []
