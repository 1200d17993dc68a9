"""Figures of one article that contradict each other are noted, but only if the arithmetic is certain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.core.record import Finding
from dragoman.evidence.checks import source_arithmetic
from dragoman.reading.prepare import prepare_text

# A change by a fifth; each is wrong with another percentage in it.
CHANGES = {
    "de": "Der Umsatz stieg um {} Prozent von 52,5 auf 63 Millionen Euro.",
    "fr": "Les ventes ont augmenté de {} %, passant de 52,5 à 63 millions d’euros.",
    "es": "Los ingresos crecieron un {} %, de 52,5 a 63 millones de euros.",
    "pt": "A receita cresceu {}%, de 52,5 milhões para 63 milhões de euros.",
    "it": "I ricavi sono cresciuti del {}%, da 52,5 a 63 milioni di euro.",
    "nl": "De omzet steeg met {} procent van 52,5 naar 63 miljoen euro.",
    "ru": "Выручка выросла на {} % — с 52,5 до 63 млн рублей.",
    "uk": "Виторг зріс на {} % — з 52,5 до 63 млн гривень.",
    "pl": "Przychody wzrosły o {} proc., z 52,5 mln zł do 63 mln zł.",
    "cs": "Tržby vzrostly o {} procent z 52,5 na 63 milionů korun.",
    "tr": "Gelir 52,5 milyon liradan yüzde {} artışla 63 milyon liraya çıktı.",
    "ar": "ارتفعت الإيرادات بنسبة {}% من 52.5 مليون دولار إلى 63 مليون دولار.",
    "fa": "درآمد شرکت با {} درصد رشد از ۵۲٫۵ میلیارد تومان به ۶۳ میلیارد تومان رسید.",
    "ur": "آمدنی 52 کروڑ روپے سے {} فیصد بڑھ کر 63 کروڑ روپے ہو گئی۔",
    "he": "ההכנסות עלו ב-{}% מ-52 מיליון שקל ל-63 מיליון שקל.",
    "hi": "बिक्री 52.5 करोड़ रुपये से {} प्रतिशत बढ़कर 63 करोड़ रुपये हो गई।",
    "bn": "আয় ৫২.৫ কোটি টাকা থেকে {} শতাংশ বেড়ে ৬৩ কোটি টাকা হয়েছে।",
    "th": "รายได้เพิ่มขึ้น {}% จาก 52.5 ล้านบาท เป็น 63 ล้านบาท",
    "id": "Pendapatan naik {} persen dari 52,5 miliar rupiah menjadi 63 miliar rupiah.",
    "ms": "Hasil naik {} peratus daripada 52.5 juta ringgit kepada 63 juta ringgit.",
    "vi": "Doanh thu tăng {}% từ 52,5 tỷ lên 63 tỷ đồng.",
    "zh-Hans": "营收从52.5亿元增长{}%至63亿元。",
    "zh-Hant": "全年預算由原先的52.5億元調高到63億元，增幅{}%，其中七成用於設備。",
    "ja": "売上高は52億5000万円から{}%増の63億円となった。",
    "ko": "매출은 52억5000만원에서 63억원으로 {}% 늘었다.",
    "sw": "Mapato yameongezeka kwa asilimia {} kutoka shilingi milioni 52 hadi shilingi milioni 63.",
}

SILENT = {
    "another base": ("de", "Der Umsatz stieg von 52,5 auf 63 Millionen Euro, 40 Prozent mehr als im Vorjahr."),
    "a share, not a change": ("de", "Die Zahl stieg von 5200 auf 6300 Betriebe, 40 Prozent davon im Süden."),
    "more than": ("de", "Der Umsatz stieg um mehr als 15 Prozent von 52,5 auf 63 Millionen Euro."),
    "a change of another kind": ("zh-Hans", "营收从52.5亿元增至63亿元，同比增长40%。"),
    "two currencies": ("es", "El precio subió un 40 %, de 52,5 dólares a 63 euros."),
    "rounded figures": ("nl", "De omzet steeg met 25 procent van 5,2 naar 6,4 miljard euro."),
    "a list of some": ("de", "Insgesamt gibt es 12 Werke: darunter 5 in Asien, 4 in Europa und 2 in Afrika."),
    "a list without a total": ("de", "Es gibt 12 Werke: 5 in Asien, 4 in Europa und 2 in Afrika."),
    "a list of two": ("ru", "Всего 12 заводов: 5 в Азии и 4 в Европе."),
    "a share that fits": ("fr", "12 communes sur 48 (25 %) n’ont plus de médecin."),
    "a rounded share": ("ru", "13 из 48 районов (27 %) остались без врача."),
    "points that fit": ("de", "Der Anteil stieg von 12,5 Prozent auf 18,5 Prozent, um 6 Prozentpunkte."),
    "a language without words": ("is", "Tekjur jukust um 40% úr 52,5 í 63 milljónir króna."),
}

REPORTED = {
    "a share": (
        "fr",
        "12 communes sur 48 (35 %) n’ont plus de médecin.",
        "inside.share",
        "“12 communes” and “48” give 25 %",
    ),
    "a share, whole first": ("ja", "48校のうち12校（35%）が閉校した。", "inside.share", "give 25 %"),
    "a sum": (
        "de",
        "Insgesamt gibt es 12 Werke: 5 in Asien, 4 in Europa und 2 in Afrika.",
        "inside.sum",
        "“5 + 4 + 2” is 11",
    ),
    "a sum without spaces": ("zh-Hans", "全市共12家工厂：东区5家，西区4家，南区2家。", "inside.sum", "is 11"),
    "points": (
        "vi",
        "Tỷ lệ tăng từ 12,5% lên 18,5%, tăng 9 điểm phần trăm.",
        "inside.change",
        "is a change of 6 points",
    ),
    "the end before the beginning": (
        "ru",
        "Выручка выросла до 6,2 млрд рублей с 5,1 млрд рублей, на 50 %.",
        "inside.change",
        "“5,1 млрд рублей → 6,2 млрд рублей” is a change of 21.6 %",
    ),
}


def findings(language: str, text: str, aside: tuple[int, ...] = ()) -> list[Finding]:
    return source_arithmetic.check_source(replace(prepare_text(text), language=language), aside)


@pytest.mark.parametrize("language", CHANGES)
def test_a_change_that_does_not_follow_from_its_ends_is_a_note(language: str) -> None:
    """The same sentence with the right percentage gives no finding."""
    right, wrong = (CHANGES[language].format(rate) for rate in (20, 45))
    assert findings(language, right) == []
    (found,) = findings(language, wrong)
    assert (found.check, found.severity, found.field, found.paragraph) == ("inside.change", "note", "source", 1)
    assert found.got is not None
    assert found.got in wrong
    assert "45" in found.message


@pytest.mark.parametrize("case", REPORTED.values(), ids=REPORTED)
def test_figures_that_disagree_are_shown_with_the_arithmetic(case: tuple[str, str, str, str]) -> None:
    """The message has the figures as printed and the calculated value."""
    language, text, check, words = case
    (found,) = findings(language, text)
    assert found.check == check
    assert words in found.message


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT)
def test_an_uncertain_case_gives_no_finding(case: tuple[str, str]) -> None:
    """This covers another base, a share, rounding, and an incomplete list."""
    assert findings(*case) == []


def test_boilerplate_is_not_checked() -> None:
    """Figures outside the article may contradict each other."""
    text = "Eine Meldung.\n" + CHANGES["de"].format(45)
    assert len(findings("de", text)) == 1
    assert findings("de", text, (2,)) == []


def test_a_note_has_its_place_in_the_source() -> None:
    """Offsets count in the whole text, and the paragraph has its number."""
    text = "Eine Meldung.\n" + CHANGES["de"].format(45)
    (found,) = findings("de", text)
    assert found.paragraph == 2
    assert text[found.start : found.end] == found.got
