"""What a summary leaves out: sentences with figures, quotations or denials are noted, in order of weight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.core.answers import Summary
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import coverage
from dragoman.reading.prepare import prepare_text

TEXT = """Новый мост через реку
По словам мэра, мост стоил 4,5 млрд рублей и длиной в 1,2 километра.
Его строили три года. «Мы успели вовремя», — сказал мэр.
В прошлом году по старому мосту прошло 12 345 машин, 678 автобусов и 90 поездов.
Реклама: купите 5 билетов по цене 4."""


def summary(*quotes: str, key_points: tuple[str, ...] = ("One.", "Two.", "Three.")) -> Summary:
    """An answer whose claims have these quotes; paragraph 5 is marked as boilerplate."""
    claim = {
        "text_en": "x", "paragraph": 1, "kind": "fact", "modality": "asserted", "speaker_en": None,
        "speaker_source": None, "event_date": None, "quantities": [],
    }  # fmt: skip
    return Summary.model_validate(
        {
            "title_en": "Bridge", "abstract": "A bridge.", "key_points": key_points, "published": None,
            "publisher": None, "author": None, "syndicated_from": None, "entities": [], "boilerplate": [5],
            "claims": [{**claim, "quote": quote} for quote in quotes],
        }
    )  # fmt: skip


def missed(answer: Summary, text: str = TEXT, language: str = "ru") -> list[str | None]:
    source = replace(prepare_text(text), language=language)
    found = coverage.check(source, locate_quotes(answer, source))
    assert all(f.severity == "note" and f.check == "coverage.sentence" for f in found)
    assert all(source.text[f.start : f.end] == f.expected for f in found)
    return [f.expected for f in found]


def test_uncovered_sentences_are_ranked_by_their_content() -> None:
    """Sentences with the most figures come first; plain sentences, the headline and boilerplate are not listed."""
    assert missed(summary()) == [
        "В прошлом году по старому мосту прошло 12 345 машин, 678 автобусов и 90 поездов.",
        "По словам мэра, мост стоил 4,5 млрд рублей и длиной в 1,2 километра.",
        "«Мы успели вовремя», — сказал мэр.",
    ]


def test_a_claim_covers_the_sentence_of_its_quote() -> None:
    """A part of the sentence is enough."""
    assert missed(summary("мост стоил 4,5 млрд рублей", "прошло 12 345 машин")) == [
        "«Мы успели вовремя», — сказал мэр."
    ]


def test_a_key_point_covers_a_sentence_by_its_figures() -> None:
    """A figure in English notation is the same figure."""
    points = ("Traffic was 12,345 cars.", "Two.", "Three.")
    assert len(missed(summary(key_points=points))) == 2


def test_a_year_that_a_key_point_shares_covers_nothing() -> None:
    """Most texts repeat one year often, while an amount identifies a sentence in whatever words."""
    text = "Мост\nВ 2026 году мост подорожал до 4,5 млрд рублей."
    assert missed(summary(key_points=("It opened in 2026.", "Two.", "Three.")), text) != []
    assert missed(summary(key_points=("It cost 4.5 billion roubles.", "Two.", "Three.")), text) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("de", "Der Verwalter wies Berichte zurück, wonach ein Käufer feststehe.", id="denial"),
        pytest.param("zh", "发言人否认将把总部迁往新加坡。", id="denial without spaces"),
        pytest.param("es", "Tres cuartas partes de los pisos carecen de licencia.", id="fraction in words"),
        pytest.param("pt", 'A moradora disse: "Isto não é gasto, é salário."', id="typewriter quotation marks"),
        pytest.param("ja", "社長は「人手が足りない。納期は守れない。」と述べた。", id="sentences of one quotation"),
        pytest.param("fr", "« Sauver l'usine ? On l'a déjà fait », dit M. Lehoux.", id="mark within a quotation"),
    ],
)
def test_a_weighty_sentence_is_noted_from_end_to_end(language: str, text: str) -> None:
    """A denial, a fraction and a quotation weigh as much as digits do, and the note covers the whole sentence."""
    assert missed(summary(), f"X\n{text}", language) == [text]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param("ru", "Об этом сообщила компания «Северная пряжа».", id="a name in quotation marks"),
        pytest.param("es", "«Un error caro»", id="a heading that quotes"),
        pytest.param("vi", "Thứ Sáu, 20/11/2026, 07:15 (GMT+7)", id="a line with a date"),
        pytest.param("tr", "Çiftçiler ikinci ekimden vazgeçti.", id="an ordinal in words"),
    ],
)
def test_a_sentence_without_weight_is_not_noted(language: str, text: str) -> None:
    """Names, headings, bylines and small number words are not noted."""
    assert missed(summary(), f"X\n{text}", language) == []


def test_without_sentence_ends_the_uncovered_rest_of_a_paragraph_is_noted() -> None:
    """Thai separates sentences with spaces, so a claim does not cover its whole paragraph."""
    left = "บริษัทยังค้างค่าอ้อยเกษตรกรกว่า 2,300 รายเป็นเงิน 165 ล้านบาท"
    text = f"หัวข้อ\nนางวรรณากล่าวว่าราคาน้ำตาลลดลงร้อยละ 19 {left} กระทรวงจะจ่ายเงินชดเชย 45,000 บาท"
    assert missed(summary("ราคาน้ำตาลลดลงร้อยละ 19", "กระทรวงจะจ่ายเงินชดเชย 45,000 บาท"), text, "th") == [left]


def test_a_short_quote_that_occurs_elsewhere_covers_only_its_own_sentence() -> None:
    """The same two words in another sentence are not the statement of the claim."""
    text = "Мост\nМост стоил 40 млн рублей.\nЗа ремонт соседнего моста город заплатил ещё 40 млн рублей в мае."
    assert missed(summary("40 млн рублей"), text) == [
        "За ремонт соседнего моста город заплатил ещё 40 млн рублей в мае."
    ]


def test_five_sentences_are_shown() -> None:
    """A summary is a choice; the sentences with the most weight come first."""
    lines = [f"В городе {number} открыли школу и {number * 7 + 1000} машин купили." for number in range(101, 108)]
    assert len(missed(summary(), "\n".join(["Мост", *lines]))) == 5


@pytest.mark.parametrize(
    ("text", "is_noted"),
    [
        pytest.param("Цена 4567 р.", True, id="a sentence of 12 characters"),
        pytest.param("Цена 456 р.", False, id="a sentence of 11 characters"),
        pytest.param("Цена 4567 " + "о" * 70, True, id="a line of 80 characters"),
        pytest.param("Цена 4567 " + "о" * 69, False, id="a line of 79 characters"),
        pytest.param("«Нет, не да».", True, id="a quotation of three words"),
        pytest.param("Это «Новая пряжа».", False, id="a quotation of two words"),
    ],
)
def test_a_short_sentence_has_no_weight(text: str, is_noted: bool) -> None:
    """Shorter lines are bylines, dates, names and titles."""
    assert (missed(summary(), f"Мост\n{text}") == [text]) is is_noted


@pytest.mark.parametrize(
    ("text", "is_noted"),
    [("社长说“人手实在是太缺乏”。", True), ("社长说“人手实在太缺乏”。", False)],
)
def test_a_quotation_of_eight_letters_is_speech_where_words_are_not_spaced(text: str, is_noted: bool) -> None:
    assert (missed(summary(), f"X\n{text}", "zh-Hans") == [text]) is is_noted


@pytest.mark.parametrize(("length", "is_noted"), [(40, True), (39, False)])
def test_a_gap_of_forty_characters_counts_where_no_sentence_ends_are_marked(length: int, is_noted: bool) -> None:
    left = "ราคา 2,300 บาท" + "ก" * (length - 14)
    assert (missed(summary(), f"หัวข้อ\n{left}", "th") == [left]) is is_noted


@pytest.mark.parametrize(("figure", "is_covered"), [("123", True), ("120", False)])
def test_a_figure_of_three_digits_identifies_its_sentence(figure: str, is_covered: bool) -> None:
    """Two things may both be 120; it covers only half of three figures if it has three digits without the zeros."""
    text = f"Мост\nПродано {figure} машин, 678 автобусов и 945 поездов."
    answer = summary(key_points=(f"There were {figure} cars.", "Two.", "Three."))
    assert (missed(answer, text) == []) is is_covered
