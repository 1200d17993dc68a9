"""A summary of four claims in which any item can have an error, and models that correct the error or do not.

`GOOD` is an answer without an error; `BAD` has one error in each item. Run a `Pipeline` or `carry_out` over them to see
what a repair does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dragoman.asking.ask import LiveAsker
from dragoman.asking.budget import Budget
from dragoman.core.answers import Summary
from dragoman.core.record import Finding, Record
from dragoman.core.request import Request
from dragoman.core.source import Source
from dragoman.runs.article import Pipeline
from dragoman.store.sqlite.store import Store
from dragoman.tasks.answering import Asked
from dragoman.tasks.repair import MOST_ROUNDS, carry_out
from dragoman.tasks.requests import Call
from dragoman.tasks.review import Review
from tests.support.builders import (
    MODEL,
    Scripted,
    Step,
    article_of,
    exchange_of,
    hasty,
    message,
    quick_limiter,
    source_of,
    spec_of,
)

TEXTS = (
    "公司去年的利润达到90亿元。",
    "首席执行官张伟说，公司计划明年再开设350家门店。",
    "去年的出口下降了12%。",
    "新工厂位于成都。",
)


SOURCE = source_of(TEXTS, language="zh-Hans")


ARTICLE = article_of("\n\n".join(TEXTS))


SUMMARY = spec_of()


ABSENT = "这句话不在文章里面"


Items = Mapping[str, Any]
"""The items of a summary that can be sent back, by name: the fields of a claim, or a text."""


def claim(paragraph: int, quote: str, text_en: str, **others: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"speaker_en": None, "speaker_source": None, "event_date": None, "quantities": []}
    said = {"kind": "fact", "modality": "asserted", **empty, **others}
    return {"text_en": text_en, "paragraph": paragraph, "quote": quote, **said}


GOOD: dict[str, Any] = {
    "title_en": "The company had a good year",
    "abstract": "The company earned 9 billion yuan.  It will open 350 stores.\u00a0",
    "key_points.1": "Profit was 9 billion yuan.",
    "key_points.2": "Exports fell by 12%.",
    "key_points.3": "There is a new plant in Chengdu.",
    "c1": claim(1, "利润达到90亿元", "The company's profit reached 9 billion yuan last year."),
    "c2": claim(2, "公司计划明年再开设350家门店", "The company plans to open 350 more stores next year."),
    "c3": claim(3, "去年的出口下降了12%", "Exports fell by 12% last year."),
    "c4": claim(4, "新工厂位于成都", "The new plant is in Chengdu."),
}


BAD: dict[str, Any] = {
    "title_en": "公司去年的利润达到九十亿元",
    "abstract": "The company earned 90 billion yuan. It will open 350 stores.",
    "key_points.1": "Profit was 90 billion yuan.",
    "key_points.2": "去年的出口下降了12%，这是公司说的。",
    "key_points.3": "La nueva fábrica de la empresa está en la ciudad de Chengdu desde el año pasado.",
    "c1": {**GOOD["c1"], "text_en": "The company's profit reached 90 billion yuan last year."},
    "c2": {**GOOD["c2"], "quote": "公司计划今年再开设350家酒店"},
    "c3": {**GOOD["c3"], "text_en": "去年的出口下降了12%。"},
    "c4": {**GOOD["c4"], "quote": ABSENT},
}


SHOWN = {
    "title_en": [1, 2, 3, 4],
    "abstract": [1],
    "key_points.1": [1],
    "key_points.2": [1, 2, 3, 4],
    "key_points.3": [1, 2, 3, 4],
    "c1": [1],
    "c2": [2],
    "c3": [3],
    "c4": [4],
}
"""The paragraphs that each item of `BAD` depends on; all paragraphs for a text whose finding names no place."""


def answer_of(items: Items = {}, **others: Any) -> str:  # noqa: B006  # never changed
    """Return a valid answer to ``summary``: `GOOD` with ``items`` in place of its own."""
    whole = {**GOOD, **items}
    value = {
        "title_en": whole["title_en"],
        "abstract": whole["abstract"],
        "key_points": [whole[f"key_points.{number}"] for number in (1, 2, 3)],
        **dict.fromkeys(("published", "publisher", "author", "syndicated_from")),
        "entities": [],
        "boilerplate": [],
        "claims": [whole[f"c{number}"] for number in (1, 2, 3, 4)],
        **others,
    }
    return json.dumps(value, ensure_ascii=False)


def broken(*names: str) -> str:
    """Return the body of an answer in which the named items are bad and all others good."""
    return message(answer_of({name: BAD[name] for name in names}))


def repair_of(items: Items) -> str:
    """Return a valid answer to a repair, with each item in the list that it belongs to."""
    claims = [{"item": name, "claim": now} for name, now in items.items() if not isinstance(now, str)]
    texts = [{"item": name, "text_en": now} for name, now in items.items() if isinstance(now, str)]
    return json.dumps({"claims": claims, "texts": texts}, ensure_ascii=False)


def sent_back(request: Request) -> dict[str, dict[str, Any]]:
    """Return the items in a repair request, by name and in order."""
    lines = request.user.split("The items to correct:\n")[1].split("\n\nReturn the JSON")[0].split("\n")
    return {item["item"]: item for item in map(json.loads, lines)}


def shown_paragraphs(request: Request, source: Source = SOURCE) -> list[int]:
    """Return the numbers of the paragraphs that a repair request shows verbatim."""
    lines = request.user.split("\n")
    every = range(1, len(source.paragraphs) + 1)
    return [n for n in every if any(line.endswith(f".{n}] {source.paragraph_text(n)}") for line in lines)]


def is_repair(request: Request) -> bool:
    return request.system == SUMMARY.repair.system


def corrected(request: Request) -> str:
    """Repair that corrects every item."""
    return message(repair_of({name: GOOD[name] for name in sent_back(request)}))


def unchanged(request: Request) -> str:
    """Repair that returns every item as it was."""
    return message(repair_of({name: item["now"] for name, item in sent_back(request).items()}))


def changed_to(**items: Any) -> Step:
    """Return a repair that returns these items, and the right content for all others."""
    return lambda request: message(repair_of({name: items.get(name, GOOD[name]) for name in sent_back(request)}))


def play(answer: Step, *repairs: Step) -> Step:
    """Return a script that gives ``answer`` to every ordinary request and plays the repairs in turn, repeating the last
    one.
    """
    waiting = list(repairs)

    def reply(request: Request) -> str:
        if not is_repair(request):
            step = answer
        elif waiting:
            step = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        else:
            step = AssertionError("a repair was asked for, although none is expected")
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, str) else step(request)

    return reply


def pipeline_of(store: Store, *script: Step, **others: Any) -> Pipeline:
    """Return a pipeline for summaries, with a scripted provider and an article that is already prepared."""
    provider = Scripted(list(script) or [AssertionError("asked, although although no request is expected")])
    options = {name: others.pop(name) for name in ("record", "refresh", "stop") if name in others}
    limiter = quick_limiter(stop=options.get("stop"))
    asker = LiveAsker(
        store, provider, MODEL, others.pop("budget", None) or Budget(), hasty(), limiter=limiter, **options
    )
    values: dict[str, Any] = {"asker": asker, "specs": [SUMMARY], "max_article_tokens": 100_000, **others}
    return Pipeline(prepare=lambda _: SOURCE, **values)


def requests_of(pipeline: Pipeline) -> list[Request]:
    assert isinstance(pipeline.asker, LiveAsker)
    assert isinstance(pipeline.asker.provider, Scripted)
    return pipeline.asker.provider.sent


def record_of(pipeline: Pipeline) -> Record:
    return pipeline.process(ARTICLE).record


def status_and_reason(record: Record) -> tuple[str, str | None]:
    return record.status, record.reason.code if record.reason else None


def errors(record: Record) -> list[str | None]:
    return [finding.field for finding in record.findings if finding.severity == "error"]


def notes(findings: Sequence[Finding]) -> dict[str, str]:
    """Return ``done`` or ``failed`` for each item that was sent back, by name."""
    of_repairs = [finding for finding in findings if finding.check.startswith("repair.")]
    assert {finding.severity for finding in of_repairs} <= {"note"}
    return {str(finding.field).removeprefix("claims."): finding.check[7:] for finding in of_repairs}


def contents(summary: Summary | None) -> dict[str, Any]:
    """Return every item of a summary, by name."""
    assert summary is not None
    value = json.loads(summary.model_dump_json())
    claims = [{name: c[name] for name in GOOD["c1"]} for c in value["claims"]]
    return {
        "title_en": value["title_en"],
        "abstract": value["abstract"],
        **{f"key_points.{number}": point for number, point in enumerate(value["key_points"], start=1)},
        **{f"c{number}": entry for number, entry in enumerate(claims, start=1)},
    }


@dataclass
class Model:
    """Model that answers calls without a store: the answer first, then the repairs in turn. ``calls`` lists what it was
    asked.
    """

    steps: list[Step]
    calls: list[Call] = field(default_factory=list)

    def __call__(self, call: Call, _: bool) -> Asked:
        step = self.steps[min(len(self.calls), len(self.steps) - 1)]
        self.calls.append(call)
        if isinstance(step, Exception):
            raise step
        body = step if isinstance(step, str) else step(call.request)
        place = {"role": call.role, "round": call.round, "parent": call.parent, "items": call.items}
        return Asked(exchange_of(call.request, body=body, cost_usd="0.01", **place), bought=True)


def carried_out(*steps: Step, rounds: int = MOST_ROUNDS) -> tuple[Review, list[Call]]:
    """Return the review of a summary, and the calls made for it."""
    model = Model(list(steps))
    return carry_out(SUMMARY, SOURCE, model, rounds=rounds), model.calls


WORSE = {**BAD["c1"], "quote": ABSENT}


TWO_ERRORS = {**GOOD["c1"], "text_en": "公司去年的利润达到900亿元。"}
"""A claim with two errors: a figure at the wrong scale, and a text that is not in English. Its quote is right."""
ELSE_WRONG = {**GOOD["c1"], "text_en": "The company's profit reached 900 billion yuan last year."}


STILL_WRONG = {**GOOD["c1"], "text_en": "The company's profit reached 0.9 billion yuan last year."}


@dataclass(frozen=True)
class Ends:
    """Expected end of the repairs of bad items: requests sent, status, the final content of each item, and its note."""

    repairs: tuple[Step, ...]
    requests: int
    status: str
    after: dict[str, Any]
    notes: dict[str, str]


ROUNDS: dict[str, Ends] = {
    "right at once": Ends((corrected,), 1, "ok", {"c1": GOOD["c1"]}, {"c1": "done"}),
    "right the second time": Ends((changed_to(c1=ELSE_WRONG), corrected), 2, "ok", {"c1": GOOD["c1"]}, {"c1": "done"}),
    "wrong twice": Ends(
        (changed_to(c1=ELSE_WRONG), changed_to(c1=STILL_WRONG)), 2, "flagged", {"c1": STILL_WRONG}, {"c1": "failed"}
    ),
    "unchanged": Ends((unchanged,), 1, "flagged", {"c1": BAD["c1"]}, {"c1": "failed"}),
    "worse": Ends((changed_to(c1=WORSE),), 1, "flagged", {"c1": BAD["c1"]}, {"c1": "failed"}),
    "more errors than before": Ends(
        (changed_to(c1=TWO_ERRORS),), 1, "flagged", {"c1": BAD["c1"]}, {"c1": "failed"}
    ),
    "a quote invented for the right figure": Ends(
        (changed_to(c1={**GOOD["c1"], "quote": ABSENT}),), 1, "flagged", {"c1": BAD["c1"]}, {"c1": "failed"}
    ),
    "worse the second time": Ends(
        (changed_to(c1=ELSE_WRONG), changed_to(c1={**ELSE_WRONG, "quote": ABSENT})),
        2, "flagged", {"c1": ELSE_WRONG}, {"c1": "failed"},
    ),
    "one right, one unchanged, one worse": Ends(
        (changed_to(c4=BAD["c4"], c1=WORSE), unchanged), 2, "flagged",
        {"c1": BAD["c1"], "c3": GOOD["c3"], "c4": BAD["c4"]}, {"c1": "failed", "c3": "done", "c4": "failed"},
    ),
    "one at a time": Ends(
        (changed_to(c4=BAD["c4"]), corrected),
        2, "ok", {"c3": GOOD["c3"], "c4": GOOD["c4"]}, {"c3": "done", "c4": "done"},
    ),
}  # fmt: skip


def error_count(review: Review) -> int:
    return sum(finding.severity == "error" for finding in review.findings)


ONE = json.loads(repair_of({"c1": GOOD["c1"]}))["claims"]


RIGHT = repair_of({"c1": GOOD["c1"], "title_en": GOOD["title_en"]})


CUT = json.dumps({"type": "message", "content": [{"type": "text", "text": "x"}]})


UNUSABLE: dict[str, str] = {
    "no JSON": message("I am sorry, but c1 is right."),
    "words around": message(f"Here you are: {RIGHT}"),
    "a list": message("[]"),
    "nothing": message(""),
    "an empty object": message("{}"),
    "empty lists": message(repair_of({})),
    "an item missing": message(repair_of({"c1": GOOD["c1"]})),
    "an item of its own": message(repair_of({"c1": GOOD["c1"], "title_en": "A year", "abstract": "Mine."})),
    "another item": message(repair_of({"c2": GOOD["c1"], "title_en": "A year"})),
    "an item twice": message(json.dumps({**json.loads(RIGHT), "claims": ONE * 2})),
    "a text as a claim": message(json.dumps({"claims": [*ONE, {**ONE[0], "item": "title_en"}], "texts": []})),
    "a claim as a text": message(repair_of({"c1": "A text", "title_en": "A year"})),
    "a whole summary": message(answer_of()),
    "deeply nested": message("[" * 100_000),
    "half a letter": message(RIGHT.replace("The company had", "The \\ud800 company had")),
    "cut off": message(RIGHT[:50], stop_reason="max_tokens"),
    "cut off and yet whole": message(RIGHT, stop_reason="max_tokens"),
    "refused": message("", stop_reason="refusal", stop_details={"category": "cyber", "explanation": "No."}),
    "refused without a word": message("", stop_reason="refusal"),
    "too long for the model": message("", stop_reason="model_context_window_exceeded"),
}  # fmt: skip
"""Bodies of replies that are not usable as a repair of ``c1`` and ``title_en``, by what is wrong with them."""
