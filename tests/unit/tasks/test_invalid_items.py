"""An invalid item goes back alone, is put in its place when it comes back valid, and is left out and flagged if not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.record import Finding, Record
from dragoman.core.request import Request
from dragoman.store.sqlite.store import Store
from dragoman.tasks.review import MOST_SAID, MOST_SHOWN, Review
from tests.support.builders import Step, message
from tests.support.repairs import (
    BAD,
    GOOD,
    SOURCE,
    answer_of,
    carried_out,
    contents,
    errors,
    notes,
    pipeline_of,
    play,
    record_of,
    repair_of,
    requests_of,
    sent_back,
    shown_paragraphs,
    status_and_reason,
)

ENTITIES: list[dict[str, Any]] = [
    {"name_en": "Zhang Wei", "name_source": "张伟", "kind": "person"},
    {"name_en": "Chengdu", "name_source": "成都", "kind": "place"},
]
FULL: dict[str, Any] = {"entities": ENTITIES, "boilerplate": [4, 4], "published": "2026-11-05"}
"""Fields beside the items of `GOOD`."""

GOOD_TEXTS: dict[str, str] = {
    "published": "2026-11-05",
    "entities.1.kind": "person",
    "entities.2.name_en": "Chengdu",
    "boilerplate.2": "4",
}
"""The right content of what else can be corrected, as the texts of a repair."""


def bad_answer(c2: Any = None, **others: Any) -> str:
    """The body of an answer whose second claim is not valid, or is ``c2``."""
    return message(
        answer_of({"c2": {**GOOD["c2"], "event_date": "2024-02-30"} if c2 is None else c2}, **FULL, **others)
    )


def right(request: Request) -> str:
    """A repair that corrects every item."""
    return message(repair_of({name: {**GOOD, **GOOD_TEXTS}[name] for name in sent_back(request)}))


def left_out(findings: tuple[Finding, ...] | list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.check == "shape.invalid"]


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


INVALID: dict[str, tuple[str, str, Any]] = {
    # what: (body of the answer, name of the item, as it is sent back)
    "a claim": (bad_answer(), "c2", {**GOOD["c2"], "event_date": "2024-02-30"}),
    "a claim as a text": (bad_answer("350 stores."), "c2", "350 stores."),
    "a date": (message(answer_of(**{**FULL, "published": "last week"})), "published", "last week"),
    "a kind of entity": (
        message(answer_of(**{**FULL, "entities": [{**ENTITIES[0], "kind": "boss"}, ENTITIES[1]]})),
        "entities.1.kind", "boss",
    ),
    "a name of an entity": (
        message(answer_of(**{**FULL, "entities": [ENTITIES[0], {**ENTITIES[1], "name_en": " "}]})),
        "entities.2.name_en", " ",
    ),
    "a paragraph": (message(answer_of(**{**FULL, "boilerplate": [4, "four"]})), "boilerplate.2", "four"),
    "a key point": (message(answer_of({"key_points.2": " "}, **FULL)), "key_points.2", " "),
    "a title": (message(answer_of({"title_en": ""}, **FULL)), "title_en", ""),
    "an abstract": (message(answer_of({"abstract": 5}, **FULL)), "abstract", 5),
}  # fmt: skip


@pytest.mark.parametrize(("body", "name", "now"), INVALID.values(), ids=INVALID)
def test_an_invalid_item_is_sent_back_alone_and_put_in_its_place(body: str, name: str, now: Any) -> None:
    """One repair instead of a whole new answer; afterwards the record is as if the item had been valid at once."""
    review, calls = carried_out(body, right)
    assert [call.role for call in calls] == ["ask", "repair"]
    (item,) = sent_back(calls[1].request).values()
    assert (item["item"], item["now"]) == (name, now)
    assert len(item["found"]) == 1
    assert "not valid" in item["found"][0]
    good, _ = carried_out(message(answer_of(**FULL)))
    assert review.summary == good.summary
    assert list(notes(review.findings).values()) == ["done"]
    assert [finding for finding in review.findings if finding.severity == "error"] == []


@pytest.mark.parametrize(("body", "name", "now"), INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("rounds", [0, 2])
def test_an_item_that_stays_invalid_is_left_out_with_an_error(body: str, name: str, now: Any, rounds: int) -> None:
    """Nothing else is lost, and nothing is lost silently: the finding shows what the model wrote, and why it is out."""
    review, calls = carried_out(body, message("no"), rounds=rounds)
    assert len(calls) == 1 + bool(rounds)
    (finding,) = left_out(review.findings)
    assert finding.severity == "error"
    shown = json.loads(finding.got or "")
    assert now in (shown, *(shown.values() if isinstance(shown, dict) else ()))
    assert review.outcome.status == "ok"
    assert review.summary is not None
    assert len(review.summary.claims) >= 3
    assert notes(review.findings) == ({finding.field: "unusable"} if rounds else {})


def test_the_claims_after_one_that_is_left_out_keep_their_names() -> None:
    """Findings, decisions and repairs name a claim by its place in the answer of the model."""
    wrong = {"c3": BAD["c3"], "key_points.1": "", "key_points.3": BAD["key_points.3"]}
    body = message(answer_of({**wrong, "c2": None}, **FULL))
    review, _ = carried_out(body, rounds=0)
    assert review.summary is not None
    assert [claim.id for claim in review.summary.claims] == ["c1", "c3", "c4"]
    assert review.summary.claims[1].text_en == BAD["c3"]["text_en"]
    found = {finding.field for finding in review.findings if finding.severity == "error"}
    assert found == {"claims", "key_points", "claims.c3.text_en", "key_points.2"}
    _, calls = carried_out(body, right)
    assert list(sent_back(calls[1].request)) == ["key_points.1", "key_points.3", "c2", "c3"]


def test_all_that_is_wrong_goes_back_in_one_request() -> None:
    """Invalid items and items with an error of a check."""
    others = {**FULL, "published": "last week", "entities": [{**ENTITIES[0], "kind": "boss"}, ENTITIES[1]]}
    body = message(answer_of({"c1": BAD["c1"], "c2": None, "title_en": ""}, **others))
    review, calls = carried_out(body, right)
    assert [list(sent_back(call.request)) for call in calls[1:]] == [
        ["title_en", "c1", "c2", "published", "entities.1.kind"]
    ]
    assert review.summary == carried_out(message(answer_of(**FULL)))[0].summary


PARTLY: dict[str, tuple[Any, str]] = {
    "a bad date": ({**GOOD["c2"], "event_date": "2024-02-30"}, "event_date"),
    "a foreign field": ({**GOOD["c2"], "sure": True}, "sure"),
    "a field missing": ({name: value for name, value in GOOD["c2"].items() if name != "kind"}, "kind"),
}


@pytest.mark.parametrize(("again", "field"), PARTLY.values(), ids=PARTLY)
def test_a_correction_that_is_not_valid_costs_that_correction(again: Any, field: str) -> None:
    """The other corrections of the same reply are taken, and the second round asks for the rest."""

    def partly(request: Request) -> str:
        return message(repair_of({"c1": GOOD["c1"], "c2": again}))

    body = message(answer_of({"c1": BAD["c1"], "c2": None}, **FULL))
    review, calls = carried_out(body, partly, right)
    assert [list(sent_back(call.request)) for call in calls[1:]] == [["c1", "c2"], ["c2"]]
    assert notes(review.findings) == {"c1": "done", "c2": "done"}
    review, calls = carried_out(body, partly, message("no"))
    assert contents_of(review) == {**GOOD, "c2": None}
    review, calls = carried_out(body, partly, rounds=1)
    assert len(calls) == 2
    (failed,) = (finding for finding in review.findings if finding.check == "repair.failed")
    assert field in failed.message


def contents_of(review: Review) -> dict[str, Any]:
    """Every item by its name in the answer; None for a claim that is left out."""
    assert review.summary is not None
    values = {name: value for name, value in contents(review.summary).items() if not name.startswith("c")}
    ids = {one.id: {name: getattr(one, name) for name in GOOD["c1"]} for one in review.summary.claims}
    return {**values, **{name: ids.get(name) for name in ("c1", "c2", "c3", "c4")}}


def test_a_repeated_name_in_a_correction_costs_that_correction() -> None:
    """Which of the two is meant cannot be known."""
    twice = repair_of({"c2": GOOD["c2"], "title_en": "A good year"}).replace(
        '"paragraph": 2', '"paragraph": 2, "paragraph": 3'
    )
    body = message(answer_of({"c2": None, "title_en": ""}, **FULL))
    review, calls = carried_out(body, message(twice), right)
    assert [list(sent_back(call.request)) for call in calls[1:]] == [["title_en", "c2"], ["c2"]]
    assert review.summary is not None
    assert review.summary.title_en == "A good year"


def test_a_valid_correction_is_taken_even_if_it_has_errors() -> None:
    """A claim with an error that is flagged says more than a claim that is left out."""
    review, _ = carried_out(bad_answer(), message(repair_of({"c2": BAD["c2"]})), message("no"))
    assert contents_of(review)["c2"] == BAD["c2"]
    assert [finding.check for finding in review.findings if finding.severity == "error"] == ["quote.absent"]


PLACES: dict[str, tuple[Any, list[int]]] = {
    "the paragraph that it names": ({**GOOD["c2"], "kind": "?"}, [2]),
    "the paragraph with its quote": ({**GOOD["c2"], "paragraph": "second"}, [2]),
    "all, if nothing says where": ("350 stores.", [1, 2, 3, 4]),
    "all, if its quote is nowhere": ({**BAD["c2"], "paragraph": "second"}, [1, 2, 3, 4]),
    "all, if its paragraph does not exist": ({**GOOD["c2"], "paragraph": 9, "kind": "?"}, [1, 2, 3, 4]),
}


@pytest.mark.parametrize(("c2", "places"), PLACES.values(), ids=PLACES)
def test_a_repair_shows_the_paragraphs_of_an_invalid_claim(c2: Any, places: list[int]) -> None:
    """The request stays as small as what is known allows."""
    _, calls = carried_out(bad_answer(c2), right)
    assert shown_paragraphs(calls[1].request, SOURCE) == places


def test_a_finding_shows_a_long_item_shortened() -> None:
    """A model may write a whole article into one field. Records stay readable."""
    long = {**GOOD["c2"], "event_date": "x" * 10_000}
    many = [{"name_en": f"Company {n}", "name_source": "公司", "kind": "organization"} for n in range(200)]
    body = message(answer_of(**{**FULL, "entities": many, "claims": [GOOD["c1"], long]}))
    (finding,) = left_out(carried_out(body, rounds=0)[0].findings)
    assert finding.got is not None
    assert len(finding.got) == MOST_SHOWN == 2_000
    assert len(finding.message) < 400


SAME: dict[str, tuple[Step, ...]] = {
    "corrected": (right,),
    "wrong twice": (message(repair_of({"c2": {**GOOD["c2"], "quote": "哦"}})), message("no")),
    "unusable": (message("no"),),
}


@pytest.mark.parametrize("steps", SAME.values(), ids=SAME)
def test_a_later_run_over_the_same_replies_gives_the_same_record(store: Store, steps: tuple[Step, ...]) -> None:
    """And sends nothing: what was asked is not asked again."""
    record = record_of(pipeline_of(store, play(bad_answer(), *steps)))
    again = pipeline_of(store)
    assert record_of(again).to_json() == record.to_json()
    assert requests_of(again) == []
    assert Record.model_validate_json(record.to_json()) == record


def test_the_record_of_a_left_out_item_is_flagged(store: Store) -> None:
    """Also without repairs."""
    record = record_of(pipeline_of(store, play(bad_answer()), repairs=0))
    assert status_and_reason(record) == ("flagged", None)
    assert errors(record) == ["claims"]


@pytest.mark.parametrize("field", ["title_en", "abstract"])
def test_a_record_without_a_title_or_abstract_can_be_read_again(store: Store, field: str) -> None:
    """An empty text stands for what is left out."""
    record = record_of(pipeline_of(store, play(message(answer_of({field: None}, **FULL))), repairs=0))
    assert record.summary is not None
    assert getattr(record.summary, field) == ""
    assert Record.model_validate_json(record.to_json()) == record


NULLS: dict[str, Any] = {
    "null": None, "an empty text": "", "a blank text": " \n", "the word": "null", "the word in capitals": " NULL ",
    "N/A": "N/A", "none": "None", "not stated": "not stated",
}  # fmt: skip
NULLABLE = ("published", "publisher", "author", "syndicated_from")


def as_texts(**items: Any) -> str:
    """The body of a repair with these texts, of any type."""
    return message(json.dumps({"claims": [], "texts": [{"item": name, "text_en": now} for name, now in items.items()]}))


@pytest.mark.parametrize("null", NULLS.values(), ids=NULLS)
@pytest.mark.parametrize("field", NULLABLE)
def test_a_correction_to_null_is_taken_in_any_form(field: str, null: Any) -> None:
    """The request asks for null, but the schema has only texts: null, no text and a word for nothing are the same."""
    wrong = {**FULL, field: "last week" if field == "published" else 5}
    review, calls = carried_out(message(answer_of(**wrong)), as_texts(**{field: null}))
    assert len(calls) == 2
    assert review.summary is not None
    assert getattr(review.summary, field) is None
    assert notes(review.findings) == {field: "done"}
    assert left_out(review.findings) == []


@pytest.mark.parametrize("null", [None, "", " "])
@pytest.mark.parametrize("item", ["title_en", "entities.1.kind", "boilerplate.2"])
def test_an_item_that_cannot_be_null_is_not_corrected_to_null(item: str, null: Any) -> None:
    """Nothing is taken for null where the answer must state something."""
    review, _ = carried_out(INVALID_BY_NAME[item], as_texts(**{item: null}))
    (finding,) = left_out(review.findings)
    assert finding.severity == "error"
    assert list(notes(review.findings).values()) == ["unusable"]


INVALID_BY_NAME = {name: body for body, name, _ in INVALID.values()}


@pytest.mark.parametrize(("body", "name"), [one[:2] for one in INVALID.values()], ids=INVALID)
def test_the_request_says_how_a_correction_is_written(body: str, name: str) -> None:
    """The prompt explains the lists for claims, titles, abstracts and key points. For other items the sentence does,
    and for one that may be null also how null is written. An item that may be corrected is not said to be left out."""
    _, calls = carried_out(body, right)
    (found,) = sent_back(calls[1].request)[name]["found"]
    prompted = name.startswith(("c2", "key_points", "title_en", "abstract"))
    assert (f"goes under `texts`, as the item {name}" in found) is not prompted
    assert ('for null, write "null" as its text' in found) is (name == "published")
    assert "left out" not in found


def test_a_finding_shows_what_a_claim_that_is_left_out_said() -> None:
    """The claim is not among the claims, so its finding is the only place where a person can read it."""
    review, _ = carried_out(bad_answer(), message("no"))
    (finding,) = left_out(review.findings)
    assert finding.message.startswith("c2 of the answer is not valid and is left out: ")
    assert finding.message.endswith(f"It said: “{GOOD['c2']['text_en']}”")
    (failed,) = (finding for finding in review.findings if finding.check == "repair.unusable")
    assert failed.message.startswith("c2: ")


@pytest.mark.parametrize(("length", "shown"), [(MOST_SAID, MOST_SAID), (MOST_SAID + 1, MOST_SAID), (900, MOST_SAID)])
def test_a_long_text_of_a_claim_that_is_left_out_is_shortened(length: int, shown: int) -> None:
    """Findings stay readable."""
    review, _ = carried_out(bad_answer({**GOOD["c2"], "kind": "?", "text_en": "x" * length}), rounds=0)
    (finding,) = left_out(review.findings)
    said = finding.message.partition("It said: “")[2].removesuffix("”")
    assert len(said) == shown
    assert said.endswith("…") is (length > shown)
    assert MOST_SAID == 300


@pytest.mark.parametrize("c2", ["350 stores.", 5, [], {}, {"text_en": 5}, {"text_en": " "}])
def test_a_claim_without_a_text_is_left_out_without_words(c2: Any) -> None:
    """There is nothing to show."""
    review, _ = carried_out(bad_answer(c2), rounds=0)
    assert "It said" not in left_out(review.findings)[0].message


def asked_again(role_answers: Mapping[str, str]) -> Step:
    return lambda request: role_answers["again" if "An earlier answer to this request" in request.user else "first"]


def test_a_new_answer_that_an_earlier_version_bought_is_used(store: Store) -> None:
    """Earlier versions sent the whole answer back for one bad field. That answer is stored, so no repair is bought."""
    whole = message("not JSON")
    first = pipeline_of(store, asked_again({"first": whole, "again": message(answer_of(**FULL))}))
    assert status_and_reason(record_of(first)) == ("ok", None)
    (row,) = (exchange for exchange in store.exchanges() if exchange.role == "ask")
    store.save(replace(row, body=bad_answer()))  # an earlier version would have rejected this one too
    again = pipeline_of(store)
    record = record_of(again)
    assert status_and_reason(record) == ("ok", None)
    assert [exchange.role for exchange in record.exchanges] == ["ask", "reask"]
    assert requests_of(again) == []


def test_a_second_answer_is_repaired_like_a_first_one() -> None:
    """A re-ask whose answer has one bad field is not followed by a third answer."""
    review, calls = carried_out(message("not JSON"), bad_answer(), right)
    assert [call.role for call in calls] == ["ask", "reask", "repair"]
    assert review.summary == carried_out(message(answer_of(**FULL)))[0].summary
