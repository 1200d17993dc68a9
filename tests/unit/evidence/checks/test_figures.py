"""Figures of the English against figures of the source: scale, unit, currency, date, and the model's own reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.answers import Summary
from dragoman.core.record import Finding
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import figures
from dragoman.reading.prepare import prepare_text


def findings(language: str, text: str, english: str, quote: str | None = None, **others: Any) -> list[Finding]:
    """The findings about one claim of a text. Its quote is the first paragraph unless one is given."""
    source = replace(prepare_text(text), language=language)
    claim = {
        "text_en": english, "paragraph": 1, "quote": quote or text.split("\n")[0], "kind": "fact",
        "modality": "asserted", "speaker_en": None, "speaker_source": None,
        "event_date": others.get("event_date"),
        "quantities": others.get("quantities", []),
    }  # fmt: skip
    answer = Summary.model_validate(
        {
            "title_en": others.get("title", "A report"), "abstract": others.get("abstract", "A report."),
            "key_points": ["One.", "Two.", "Three."],
            "published": others.get("published"), "publisher": None, "author": None,
            "syndicated_from": None, "entities": [], "boilerplate": [], "claims": [claim],
        }
    )  # fmt: skip
    return figures.check(source, locate_quotes(answer, source))


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
    "months as years": ("hi", "काम 18 महीने में पूरा होगा।", "Work will take 18 years.", "value.unit"),
    "few days as weeks": ("ru", "Ремонт занял 3 дня.", "Repairs took 3 weeks.", "value.unit"),
    "the Arabic dual": ("ar", "استمر الإضراب أسبوعين.", "The strike lasted 2 months.", "value.unit"),
    "kilometres as miles": ("tr", "Hat 42 kilometre uzunluğunda.", "The line is 42 miles long.", "value.unit"),
    "tonnes as kilograms": (
        "uk",
        "Зібрано 1,8 млн тонн зерна.",
        "The harvest was 1.8 million kilograms of grain.",
        "value.unit",
    ),
    "degrees of another scale": ("de", "Gemessen wurden 38 °C.", "It was 38 °F.", "value.unit"),
    "a third as a quarter": (
        "zh-Hans",
        "其中三分之一从事研发。",
        "A quarter of them work in research.",
        "value.figure",
    ),
    "tomans as rials": ("fa", "سود شرکت ۲۸ میلیارد تومان بود.", "Profit was 28 billion rials.", "value.currency"),
    "a year taken over as AD": (
        "fa",
        "قرارداد در ۱۵ آبان ۱۴۰۵ امضا شد.",
        "The contract was signed in November 1405 AD.",
        "value.date",
    ),
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
    "months as a year": ("ja", "工事は12か月かかる。", "The work takes 1 year."),
    "half a year": ("zh-Hans", "审批历时半年。", "Approval took six months."),
    "weeks as days": ("vi", "Khóa học kéo dài 3 tuần.", "The course lasts 21 days."),
    "hectares as square kilometres": ("pl", "Park ma 5200 hektarów.", "The park covers 52 square kilometres."),
    "Celsius as Fahrenheit": ("de", "Gemessen wurden 38 °C.", "It was 100 °F."),
    "a short ton": ("ar", "صدرت الشركة 420 طنا.", "The company exported 420 tonnes."),
    "tomans counted in rials": ("fa", "سود شرکت ۲۸ میلیارد تومان بود.", "Profit was 280 billion rials."),
    "a month and a span": ("ko", "3월에 시작해 3개월 걸린다.", "It starts in March and takes 3 months."),
    "a scale word that two share": (
        "de",
        "Der Umsatz stieg von 52,5 auf 63 Millionen Euro.",
        "Revenue rose from 52.5 million to 63 million euros.",
    ),
    "a number in two pieces": ("ko", "합의금은 37만 5,000달러였다.", "The settlement was $375,000."),
    "a scale that we do not read": ("hi", "लागत $3.6bn हो गई।", "The cost reached $3.6 billion."),
    "a form of a currency that the table lacks": ("pl", "Umowa warta 11 mln funtów.", "A deal worth £11 million."),
    "the calendar is named": ("th", "เริ่มในปี 2569", "It begins in 2569 of the Buddhist calendar."),
    "half and per cent": ("ru", "Половину тендеров отменили.", "50% of the tenders were cancelled."),
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
def test_a_figure_that_differs_from_the_source_is_an_error(case: tuple[str, str, str, str]) -> None:
    """There is one error. It names the kind of mistake and shows the words of the source."""
    language, text, english, check = case
    (found,) = findings(language, text, english)
    assert (found.check, found.severity, found.field) == (check, "error", "claims.c1.text_en")
    assert found.expected is not None
    assert found.expected in text
    assert found.got is not None
    assert found.got in english


@pytest.mark.parametrize("case", RIGHT.values(), ids=RIGHT)
def test_a_right_figure_in_other_words_gives_no_finding(case: tuple[str, str, str]) -> None:
    """This covers rounding, shares, calendars, and currencies that are named once."""
    assert findings(*case) == []


def test_the_message_of_a_wrong_scale_gives_both_figures_in_full() -> None:
    """A reader understands it without knowing the language of the source."""
    (found,) = findings("zh-Hans", "公司在手订单约90亿元。", "Orders stand at about 90 billion yuan.")
    assert found.message == "“90 billion yuan” (90,000,000,000) in the English; 90亿元 = 9,000,000,000 in the source"


def test_a_figure_of_another_place_is_a_note() -> None:
    """The figure is in the source, but not in the quote of the claim."""
    text = "Завод вырос.\nОборот составил 45 млн рублей."
    (found,) = findings("ru", text, "Turnover was 45 million roubles.", "Завод вырос")
    assert (found.check, found.severity) == ("value.elsewhere", "note")


def test_title_and_abstract_are_compared_with_the_whole_source() -> None:
    """A mistake in the headline is worse than one in a claim."""
    text = "Завод вырос.\nОборот составил 45 млн рублей."
    found = findings("ru", text, "The plant grew.", title="Plant turns over 450 million roubles")
    assert [(f.check, f.field) for f in found] == [("value.scale", "title_en")]


def test_the_models_own_reading_is_compared_too() -> None:
    """The value and the currency in ``quantities`` are compared separately."""
    stated = {"quote": "45 млн рублей", "value": "45000000000", "unit": "USD", "approximate": False}
    found = findings("ru", "Оборот составил 45 млн рублей.", "Turnover was 45 million roubles.", quantities=[stated])
    assert [(f.check, f.field) for f in found] == [
        ("value.stated", "claims.c1.quantities.1.value"),
        ("value.stated", "claims.c1.quantities.1.unit"),
    ]


def test_the_models_own_unit_is_compared_too() -> None:
    """The English unit in ``quantities`` is compared with the printed word."""
    stated = {"quote": "640 гектаров", "value": "640", "unit": "square kilometres", "approximate": False}
    found = findings("ru", "Площадь — 640 гектаров.", "The area is 640 hectares.", quantities=[stated])
    assert [(f.check, f.severity, f.field) for f in found] == [("value.stated", "error", "claims.c1.quantities.1.unit")]


def test_a_currency_from_another_paragraph_is_a_warning() -> None:
    """The amount has no currency in the source, so readers assume their own. The dollars belong to another amount."""
    text = "市里计划投资500亿修路。\n世界银行此前提供了1.2亿美元贷款。"
    (found,) = findings("zh-Hans", text, "The city plans to invest 50 billion US dollars.")
    assert (found.check, found.severity) == ("value.currency", "warning")


def test_a_unit_swapped_in_the_title_is_a_warning() -> None:
    """The whole source may have the same number twice, with different units."""
    text = "Ремонт займёт 30 месяцев."
    found = findings("ru", text, "Repairs will take 30 months.", title="Repairs to take 30 weeks")
    assert [(f.check, f.severity, f.field) for f in found] == [("value.unit", "warning", "title_en")]


@pytest.mark.parametrize(
    ("event_date", "checks"),
    [
        ("2026-11-18", []),
        ("2026-11-17", []),  # the day before
        ("2025", []),  # last year
        ("2026-08-18", ["value.event_date"]),
        ("2027-11-18", ["value.event_date"]),
        ("1405-08-27", ["value.event_date"]),
    ],
)
def test_the_date_of_an_event_is_compared_with_the_date_of_its_quote(event_date: str, checks: list[str]) -> None:
    """It is a warning, and only for a date that cannot be derived from the printed one."""
    text = "18 ноября 2026 года завод открыли."
    found = findings("ru", text, "The plant was opened.", event_date=event_date)
    assert [f.check for f in found] == checks
    assert all((f.severity, f.field) == ("warning", "claims.c1.event_date") for f in found)


@pytest.mark.parametrize(("published", "count"), [("2026-11-18", 0), ("2026", 0), ("--11-18", 0), ("2024-11-18", 1)])
def test_a_date_of_publication_must_be_printed(published: str, count: int) -> None:
    """The model may not take it from other sources."""
    found = findings("ru", "18 ноября 2026 года завод открыли.", "The plant was opened.", published=published)
    assert [f.check for f in found] == ["value.published"] * count


def test_a_language_without_a_table_gives_no_finding() -> None:
    """Figures that cannot be read cannot be judged."""
    assert findings("is", "Brúin kostar 500 milljónir króna.", "The bridge costs 5 kronur and 99%.") == []
