"""What a summary leaves out: sentences with figures or quotations, ranked, as notes."""

from __future__ import annotations

from dragoman.checks import coverage
from dragoman.pipeline import located
from dragoman.prepare import prepare_text
from dragoman.schemas import Summary

TEXT = """Новый мост через реку
По словам мэра, мост стоил 4,5 млрд рублей и длиной в 1,2 километра.
Его строили три года. «Мы успели вовремя», — сказал мэр.
В прошлом году по старому мосту прошло 12 345 машин, 678 автобусов и 90 поездов.
Реклама: купите 5 билетов по цене 4."""


def summary(*quotes: str, key_points: tuple[str, ...] = ("One.", "Two.", "Three.")) -> Summary:
    """An answer whose claims have these quotes; paragraph 5 is set aside."""
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


def missed(answer: Summary) -> list[str | None]:
    source = prepare_text(TEXT)
    found = coverage.check(source, located(answer, source))
    assert all(f.severity == "note" and f.check == "coverage.sentence" for f in found)
    assert all(source.text[f.start : f.end] == f.expected for f in found)
    return [f.expected for f in found]


def test_untouched_sentences_are_ranked_by_what_they_hold() -> None:
    """Most figures first; plain sentences, the headline and what is set aside are not listed."""
    assert missed(summary()) == [
        "В прошлом году по старому мосту прошло 12 345 машин, 678 автобусов и 90 поездов.",
        "По словам мэра, мост стоил 4,5 млрд рублей и длиной в 1,2 километра.",
        "«Мы успели вовремя», — сказал мэр.",
    ]


def test_a_claim_touches_the_sentence_of_its_quote() -> None:
    """Part of the sentence is enough."""
    assert missed(summary("мост стоил 4,5 млрд рублей", "прошло 12 345 машин")) == [
        "«Мы успели вовремя», — сказал мэр."
    ]


def test_a_key_point_touches_a_sentence_by_its_figures() -> None:
    """The same figure in English form is the same figure."""
    points = ("Traffic was 12,345 cars.", "Two.", "Three.")
    assert len(missed(summary(key_points=points))) == 2
