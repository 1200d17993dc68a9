"""Answers with a fault of form, from the first request to the pages: what is kept, asked again, paid, and said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.output.html.blocks import row_json
from tests.support.commands import files, here, records, to
from tests.support.service import Answer, Behaviour, Service

TEXT = """Компания «Ладога» открыла завод в Выборге

Компания «Ладога» открыла в Выборге новый завод по переработке рыбы. Об этом 5 ноября 2024 года сообщил директор.

Инвестиции составили 2,5 млрд рублей. На заводе будут работать 320 человек, сказал Савин.

По его словам, доля экспорта вырастет на 6,5 % в 2025 году.
"""


def claim(text_en: str, paragraph: int, quote: str, *quantities: tuple[str, str, str], **others: Any) -> dict[str, Any]:
    return {
        "text_en": text_en,
        "paragraph": paragraph,
        "quote": quote,
        "kind": "fact",
        "modality": "asserted",
        **dict.fromkeys(("speaker_en", "speaker_source", "event_date")),
        "quantities": [
            {"quote": words, "value": value, "unit": unit, "approximate": False} for words, value, unit in quantities
        ],
        **others,
    }


ANSWER: dict[str, Any] = {
    "title_en": "Ladoga opens a plant in Vyborg",
    "abstract": "The company Ladoga has opened a new fish processing plant in Vyborg. It will employ 320 people.",
    "key_points": ["Ladoga opened a plant.", "The investment was 2.5 billion roubles.", "It will employ 320 people."],
    **dict.fromkeys(("published", "publisher", "author", "syndicated_from")),
    "entities": [{"name_en": "Vyborg", "name_source": "Выборге", "kind": "place"}],
    "boilerplate": [],
    "claims": [
        claim("The company Ladoga opened a new plant in Vyborg.", 2, "Компания «Ладога» открыла в Выборге новый завод"),
        claim(
            "The investment was 2.5 billion roubles.", 3, "Инвестиции составили 2,5 млрд рублей.",
            ("2,5 млрд рублей", "2500000000", "RUB"),
        ),
        claim(
            "The plant will employ 320 people.", 3, "На заводе будут работать 320 человек",
            ("320 человек", "320", "people"),
        ),
        claim(
            "The share of exports will grow by 6.5% in 2025.", 4, "доля экспорта вырастет на 6,5 % в 2025 году",
            ("6,5 %", "6.5", "%"), kind="prediction", event_date="2025",
        ),
    ],
}  # fmt: skip
FLAT = json.dumps(ANSWER, ensure_ascii=False)
C4 = ANSWER["claims"][3]

ONE_FIELD: dict[str, tuple[str, str]] = {
    "a day that does not exist": ('"event_date": "2025"', '"event_date": "2024-02-30"'),
    "a decimal comma": ('"value": "6.5"', '"value": "6,5"'),
    "a JSON number": ('"value": "6.5"', '"value": 6.5'),
    "an unknown kind": ('"kind": "prediction"', '"kind": "forecast"'),
    "null for true or false": ('"unit": "%", "approximate": false', '"unit": "%", "approximate": null'),
    "a paragraph in words": ('"paragraph": 4', '"paragraph": "fourth"'),
    "a foreign field": ('"paragraph": 4', '"sure": true, "paragraph": 4'),
    "a field missing": ('"event_date": "2025", ', ""),
    "a name twice": ('"event_date": "2025"', '"event_date": "2024", "event_date": "2025"'),
    "a name twice, once escaped": ('"event_date": "2025"', '"event\\u005fdate": "2024", "event_date": "2025"'),
}
"""One fault in the fourth claim, as a replacement in `FLAT`."""


def with_fault(name: str) -> str:
    old, new = ONE_FIELD[name]
    assert FLAT.count(old) == 1
    return FLAT.replace(old, new)


@pytest.fixture
def article(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, "utf-8")
    return folder


def user_of(body: dict[str, Any]) -> str:
    return str(body["messages"][0]["content"])


def is_repair(body: dict[str, Any]) -> bool:
    return "The items to correct:" in user_of(body)


def script(answer: str, *, again: str = FLAT, repair: str = "no") -> Callable[[int, dict[str, Any]], Behaviour]:
    """The first request is answered with ``answer``, one for the whole answer with ``again``, a repair with
    ``repair``."""

    def reply(_: int, body: dict[str, Any]) -> Behaviour:
        if is_repair(body):
            return Answer(repair)
        return Answer(again if "An earlier answer to this request" in user_of(body) else answer)

    return reply


CORRECTED = json.dumps({"claims": [{"item": "c4", "claim": C4}], "texts": []}, ensure_ascii=False)


@pytest.mark.parametrize("fault", ONE_FIELD)
def test_a_fault_in_one_field_is_repaired_for_less_than_a_new_answer(
    fault: str, article: Path, tmp_path: Path, store_path: Path
) -> None:
    """One small request with that claim alone; the record is the one of a good answer."""
    out = tmp_path / "out"
    with Service(script=script(with_fault(fault), repair=CORRECTED)) as service:
        assert here("run", article, "-o", out, *to(service, store_path)).code == 0
        (record,) = records(out)
        assert record["status"] == "ok"
        assert [exchange["role"] for exchange in record["exchanges"]] == ["ask", "repair"]
        claim = record["summary"]["claims"][3]
        for quantity in claim["quantities"]:
            assert [quantity.pop(name) for name in ("bound", "low", "high")] == ["exact", None, None]  # Read by us.
        assert {name: claim[name] for name in C4} == C4
        assert [one["id"] for one in record["summary"]["claims"]] == ["c1", "c2", "c3", "c4"]
        assert [f["check"] for f in record["findings"] if f["severity"] != "note"] == []
        before = files(out)
        assert here("check", out).code == 0
        assert files(out) == before
        assert len(service.ledger) == 2


@pytest.mark.parametrize(("fault", "repairs"), [(fault, "2") for fault in ONE_FIELD] + [("a decimal comma", "0")])
def test_a_fault_that_stays_costs_one_claim(
    fault: str, repairs: str, article: Path, tmp_path: Path, store_path: Path
) -> None:
    """Three of four claims are kept, the fourth is shown as the model wrote it with the reason, and nothing is asked a
    third time. `check`, and a run over the recordings, give the same bytes."""
    out, recordings, again = tmp_path / "out", tmp_path / "recordings", tmp_path / "again"
    answer = with_fault(fault)
    with Service(script=script(answer, again=answer, repair=answer)) as service:
        command = ("run", article, "-o", out, *to(service, store_path), "--repairs", repairs, "--record", recordings)
        assert here(*command).code == 0
        assert here(*command, "--strict").code == 3
        assert len(service.ledger) == (1 if repairs == "0" else 2)
    (record,) = records(out)
    assert record["status"] == "flagged"
    assert [one["id"] for one in record["summary"]["claims"]] == ["c1", "c2", "c3"]
    (finding,) = (finding for finding in record["findings"] if finding["severity"] == "error")
    assert (finding["check"], finding["field"]) == ("shape.invalid", "claims")
    assert "c4 of the answer is not valid" in finding["message"]
    assert C4["text_en"] in finding["got"]
    (page,) = (out / "articles").glob("*.md")
    assert "c4 of the answer is not valid" in page.read_text("utf-8")
    assert "c4 of the answer is not valid" in " ".join(here("show", out, "a.txt").stdout.split())
    before = files(out)
    assert here("check", out).code == 0
    assert files(out) == before
    replay = (
        "--provider",
        "replay",
        "--recordings",
        recordings,
        "--repairs",
        repairs,
        "--model",
        record["tasks"]["summary"]["model"],
    )
    assert here("run", article, "-o", again, *replay).code == 0
    assert (again / "records.jsonl").read_bytes() == (out / "records.jsonl").read_bytes()


def test_a_summary_without_a_title_is_shown_under_the_name_of_its_article(
    article: Path, tmp_path: Path, store_path: Path
) -> None:
    """On the pages, in the report and in the terminal; the record has an empty title and an error."""
    out = tmp_path / "out"
    answer = json.dumps({**ANSWER, "title_en": None}, ensure_ascii=False)
    with Service(script=script(answer)) as service:
        assert here("run", article, "-o", out, *to(service, store_path)).code == 0
    (record,) = records(out)
    assert (record["status"], record["summary"]["title_en"]) == ("flagged", "")
    assert [f["field"] for f in record["findings"] if f["severity"] == "error"] == ["title_en"]
    (page,) = (out / "articles").glob("*.md")
    assert page.read_text("utf-8").startswith("# a.txt\n")
    assert "[a.txt](articles/" in (out / "index.md").read_text("utf-8")
    assert here("show", out, "a.txt").stdout.startswith("a.txt\n")
    assert json.loads(row_json(record))["title"] == "a.txt"
    assert here("check", out).code == 0


WHOLE: dict[str, tuple[str, str]] = {
    "the claims twice": (FLAT[:-1] + ', "claims": []}', "claims: this name occurs more than once"),
    "the claims twice, once escaped": (FLAT[:-1] + ', "cl\\u0061ims": []}', "claims: this name occurs more than once"),
    "every claim": (FLAT.replace('"paragraph"', '"paragraphs"'), "c1: paragraph: this field is missing"),
    "quotation marks": (FLAT.replace("«", '"').replace("»", '"'), 'the quotation mark " before ⟦Ладога"'),
    "a trailing comma": (FLAT[:-1] + ",}", "the comma before the closing bracket } is one too many"),
    "text before": ("Here is the summary: " + FLAT, "text before the object"),
    "a line break": (FLAT.replace("Vyborg. It", "Vyborg.\nIt"), "line break (newline) inside a string"),
}


@pytest.mark.parametrize(("answer", "words"), WHOLE.values(), ids=WHOLE)
def test_an_answer_that_is_broken_as_a_whole_is_requested_again_with_the_fault(
    answer: str, words: str, article: Path, tmp_path: Path, store_path: Path
) -> None:
    """Once, and with words from which the model finds the place."""
    out = tmp_path / "out"
    asked: list[str] = []

    def reply(number: int, body: dict[str, Any]) -> Behaviour:
        asked.append(user_of(body))
        return script(answer)(number, body)

    with Service(script=reply) as service:
        assert here("run", article, "-o", out, *to(service, store_path)).code == 0
    assert len(asked) == 2
    assert words in asked[1].removeprefix(asked[0])
    (record,) = records(out)
    assert (record["status"], len(record["summary"]["claims"])) == ("ok", 4)


@pytest.mark.parametrize(("answer", "words"), WHOLE.values(), ids=WHOLE)
def test_an_answer_that_stays_broken_as_a_whole_is_invalid(
    answer: str, words: str, article: Path, tmp_path: Path, store_path: Path
) -> None:
    """After two requests. Nothing of it is taken: a name that occurs twice never means the last one, and broken JSON is
    not mended."""
    out = tmp_path / "out"
    with Service(script=script(answer, again=answer)) as service:
        assert here("run", article, "-o", out, *to(service, store_path)).code == 3
        assert len(service.ledger) == 2
    (record,) = records(out)
    assert (record["status"], record["reason"]["code"], record["summary"]) == ("failed", "invalid", None)
    assert words in record["reason"]["message"]
