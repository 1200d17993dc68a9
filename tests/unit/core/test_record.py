"""A record gives the result for an article, fits its published schema, and is the same for the same exchanges."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from dragoman.core.article import make_article
from dragoman.core.exchange import Exchange
from dragoman.core.models import table
from dragoman.core.published_schemas import record_schema
from dragoman.core.record import Record
from dragoman.core.source import LeftOut, Source, Step, numbered
from dragoman.core.text import sha256
from dragoman.errors import BudgetReached, DragomanError, FailureKind, ProviderError
from dragoman.runs.record_builder import record_of
from dragoman.tasks.answering import Asked, TaskOutcome, answer
from dragoman.tasks.prompts import PromptLibrary
from dragoman.tasks.requests import Call, TaskSpec
from dragoman.tasks.review import review
from tests.unit.core.test_answers import CLAIM, SUMMARY

TEXT = "Die Mühle hat 14 Leute. Die Mühle hat 14 Leute.\nDas Mehl ist knapp\u2028🎻."
SOURCE = Source(
    text=TEXT,
    paragraphs=numbered([(0, 47), (48, len(TEXT))]),
    language="de",
    script="Latn",
    encoding="utf-8",
    encoding_from="bom",
    extracted="\ufeff" + TEXT,
    steps=(Step(0, 1, "", "byte order mark"),),
    left_out=(LeftOut("Teilen", "share text"),),
    notes=("read as a page",),
)
ARTICLE = make_article("Mühle 1.txt", TEXT.encode(), "text/plain")
LIBRARY = PromptLibrary()
VALIDATOR = jsonschema.Draft202012Validator(record_schema())

GAP = {**CLAIM, "quote": "Die Mühle … 14 Leute"}
ABSENT = {**CLAIM, "quote": "Die Mühle hat 15 Leute", "paragraph": 9}
ANSWERS: dict[str, dict[str, Any]] = {
    "summary": {**SUMMARY, "claims": [CLAIM, GAP, ABSENT]},
    "translation": {"paragraphs": [{"paragraph": n, "text_en": f"Paragraph {n}."} for n in (1, 2)]},
}


def spec(task: str) -> TaskSpec:
    return TaskSpec(LIBRARY.get(task), LIBRARY.get("reask"), LIBRARY.get("repair"), table().find("haiku-5-5"))


def exchange(call: Call, text: str, *, stop_reason: str = "end_turn", body: str | None = None) -> Exchange:
    """The exchange that a provider would have returned for a call."""
    message = {
        "type": "message",
        "model": "claude-haiku-5-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop_reason,
        "usage": {"input_tokens": 100, "output_tokens": 20},
    }
    return Exchange(
        request=call.request,
        body=json.dumps(message) if body is None else body,
        task=call.task,
        role=call.role,
        origin="handwritten",
        endpoint="anthropic",
        structured="native",
        prompt=call.prompt.name,
        prompt_sha256=call.prompt.sha256,
        article=ARTICLE.name,
        article_sha256=ARTICLE.sha256,
        created_at="2026-11-21T10:00:00Z",
        parent=call.parent,
        round=call.round,
        cost_usd="0.0012",
        price_table="2026-11-21",
    )


def outcome(task: str, **changed: Any) -> TaskOutcome:
    text = changed.pop("text", json.dumps(ANSWERS[task], ensure_ascii=False))
    return answer(spec(task), SOURCE, lambda call, _: Asked(exchange(call, text, **changed), bought=True))


def made(*outcomes: TaskOutcome, inline: bool = False) -> Record:
    return record_of(ARTICLE, SOURCE, [review(SOURCE, outcome) for outcome in outcomes], inline=inline)


def valid(record: Record) -> dict[str, Any]:
    """The record as JSON, validated against its schema."""
    value: dict[str, Any] = json.loads(record.to_json())
    VALIDATOR.validate(value)
    return value


def unanswered(task: str, error: DragomanError) -> TaskOutcome:
    def ask(call: Call, fresh: bool) -> Asked:
        raise error

    return answer(spec(task), SOURCE, ask)


OUTCOMES = {
    "answered": (outcome("summary"), outcome("translation")),
    "refused": (outcome("summary", stop_reason="refusal"),),
    "cut off twice": (outcome("summary", stop_reason="max_tokens"), outcome("translation")),
    "invalid twice": (outcome("summary", text="no"),),
    "no Messages body": (outcome("summary", body="<html>"),),
    "no reply": (unanswered("summary", ProviderError(FailureKind.TRANSIENT, "overloaded")), outcome("translation")),
    "out of money": (outcome("summary"), unanswered("translation", BudgetReached("$0.10 is left"))),
    "nothing asked": (),
}


@pytest.mark.parametrize("what", OUTCOMES)
@pytest.mark.parametrize("inline", [False, True])
def test_every_kind_of_record_fits_the_schema(what: str, inline: bool) -> None:
    """It is one line of JSON, from which an equal record is read."""
    record = made(*OUTCOMES[what], inline=inline)
    value = valid(record)
    assert value["schema"] == "dragoman.record/1"
    assert "\n" not in record.to_json()
    assert Record.model_validate_json(record.to_json()) == record
    assert Record.model_validate_json(record.to_json()).to_json() == record.to_json()


def test_the_fields_of_a_record_come_in_reading_order() -> None:
    assert list(valid(made(*OUTCOMES["answered"]))) == [
        "schema", "article", "source", "status", "reason", "tasks", "summary", "translation", "findings", "exchanges",
        "cost_usd", "dragoman",
    ]  # fmt: skip


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown status": lambda r: r.update(status="fine"),
    "a field more": lambda r: r.update(more=1),
    "a field less": lambda r: r.pop("findings"),
    "another schema": lambda r: r.update(schema="dragoman.record/2"),
    "bytes in words": lambda r: r["article"].update(bytes="many"),
    "half a paragraph": lambda r: r["source"].update(paragraphs=[[1]]),
    "unknown severity": lambda r: r["findings"][0].update(severity="fatal"),
    "unknown match": lambda r: r["summary"]["claims"][0]["evidence"].update(match="fuzzy"),
    "a claim without its evidence": lambda r: r["summary"]["claims"][0].pop("evidence"),
    "unknown origin": lambda r: r["exchanges"][0].update(origin="elsewhere"),
    "unknown reason": lambda r: r.update(reason={"code": "bad luck", "message": "x"}),
}


@pytest.mark.parametrize("how", SPOILT)
def test_the_schema_rejects_anything_else(how: str) -> None:
    """Otherwise fitting it would mean nothing. The class rejects the same."""
    value = valid(made(*OUTCOMES["answered"]))
    SPOILT[how](value)
    assert not VALIDATOR.is_valid(value)
    with pytest.raises(ValidationError):
        Record.model_validate(value)


def test_every_offset_of_a_record_points_to_its_words() -> None:
    value = valid(made(*OUTCOMES["answered"], inline=True))
    text = value["source"]["text"]
    exact, gap, absent = (claim["evidence"] for claim in value["summary"]["claims"])
    assert [claim["id"] for claim in value["summary"]["claims"]] == ["c1", "c2", "c3"]
    assert exact["match"] == "exact"
    assert text[exact["start"] : exact["end"]] == "Die Mühle hat 14 Leute."
    assert [text[start:end] for start, end in exact["others"]] == ["Die Mühle hat 14 Leute."]
    assert gap["match"] == "normalized"
    assert [text[start:end] for start, end in gap["parts"]] == ["Die Mühle", "14 Leute"]
    assert absent == {"match": "absent", "start": None, "end": None, "parts": [], "others": []}
    assert [text[start:end] for start, end in value["source"]["paragraphs"]] == [TEXT[:47], TEXT[48:]]


def test_the_source_text_is_in_a_file_or_inline() -> None:
    beside, inside = (valid(made(inline=inline))["source"] for inline in (False, True))
    assert (beside["file"], beside["text"]) == (f"sources/{ARTICLE.id}.txt", None)
    assert (inside["file"], inside["text"]) == (None, TEXT)
    assert beside["characters"] == len(TEXT)
    assert beside["sha256"] == sha256(TEXT)
    assert beside["steps"] == [{"start": 0, "end": 1, "replacement": "", "reason": "byte order mark"}]


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("answered", "flagged", None),
        ("refused", "refused", "refused"),
        ("cut off twice", "truncated", "truncated"),
        ("invalid twice", "failed", "invalid"),
        ("no Messages body", "failed", "bad_response"),
        ("no reply", "failed", "provider_error"),
        ("out of money", "pending", "budget"),
    ],
)
def test_the_status_is_the_worst_of_the_tasks_with_its_reason(what: str, status: str, code: str | None) -> None:
    record = made(*OUTCOMES[what])
    assert record.status == status
    assert (record.reason.code if record.reason else None) == code


def test_an_answer_without_errors_is_ok() -> None:
    text = json.dumps({**SUMMARY, "entities": [], "claims": [CLAIM]})
    record = made(outcome("summary", text=text))
    assert (record.status, record.reason, [f for f in record.findings if f.severity == "error"]) == ("ok", None, [])


def test_the_answer_of_one_task_is_kept_when_another_fails() -> None:
    record = made(*OUTCOMES["cut off twice"])
    assert record.summary is None
    assert record.translation is not None
    assert {task: facts.status for task, facts in record.tasks.items()} == {"summary": "truncated", "translation": "ok"}


def test_costs_are_added_up_and_unknown_stays_unknown() -> None:
    outcomes = OUTCOMES["answered"]
    assert made(*outcomes).cost_usd == "0.0024"
    assert made(*outcomes).tasks["summary"].cost_usd == "0.0012"
    free = replace(outcomes[0], exchanges=(replace(outcomes[0].exchanges[0], cost_usd=None),))
    assert made(free, outcomes[1]).cost_usd is None
    assert made().cost_usd is None


def test_the_same_exchanges_give_the_same_bytes() -> None:
    assert made(outcome("summary"), outcome("translation")).to_json() == made(*OUTCOMES["answered"]).to_json()


def test_a_record_lists_every_exchange_it_is_based_on() -> None:
    record = made(*OUTCOMES["invalid twice"])
    assert [(facts.role, facts.key) for facts in record.exchanges] == [
        (each.role, each.key) for each in OUTCOMES["invalid twice"][0].exchanges
    ]
    assert [facts.role for facts in record.exchanges] == ["ask", "reask"]
