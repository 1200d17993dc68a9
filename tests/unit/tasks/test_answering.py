"""One task over one source: what is asked first, what is asked again, and when it is enough."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.answers import Summary, Translation
from dragoman.core.models import table
from dragoman.core.record import Status
from dragoman.core.request import JsonSchema
from dragoman.core.source import Source
from dragoman.errors import (
    BudgetReached,
    DragomanError,
    FailureKind,
    Interrupted,
    ProviderError,
    ReasonCode,
    RecordingMissing,
    StoreError,
)
from dragoman.tasks.answering import Asked, TaskOutcome, answer
from dragoman.tasks.requests import THINKING_ROOM, Call, parts, prompt_tokens, too_long
from dragoman.tasks.translation import PART_CHARACTERS
from tests.support.builders import (
    LIBRARY,
    MODEL,
    exchange_of,
    message,
    source_of,
    spec_of,
    summary_of,
    translation_of,
)

SOURCE = source_of()
SUMMARY = message(summary_of())
CUT_OFF = message('{"title_en": "Ra', stop_reason="max_tokens")
INVALID = message(summary_of(title_en="", published="last week"))
REFUSAL = message("", stop_reason="refusal", stop_details={"category": "cyber", "explanation": "No."})
CONTEXT = message("", stop_reason="model_context_window_exceeded")
JUNK = "<html>"

Reply = str | Exception


@dataclass
class Kept:
    """Plays replies in order; ``calls`` are the calls it was asked. ``bought`` is what it says of all of them."""

    replies: list[Reply]
    bought: bool = True
    calls: list[tuple[Call, bool]] = field(default_factory=list)

    def __call__(self, call: Call, fresh: bool) -> Asked:
        self.calls.append((call, fresh))
        reply = self.replies[len(self.calls) - 1]
        if isinstance(reply, Exception):
            raise reply
        exchange = exchange_of(
            call.request, body=reply, task=call.task, role=call.role, round=call.round, parent=call.parent
        )
        return Asked(exchange, bought=self.bought or fresh)

    @property
    def places(self) -> list[tuple[str, int]]:
        return [(call.role, call.round) for call, _ in self.calls]


def long_source(count: int = 3, length: int = PART_CHARACTERS * 5 // 8) -> Source:
    """Paragraphs of which no two fit one part."""
    return source_of([f"{number}" * length for number in range(1, count + 1)])


def translated(part_paragraphs: tuple[int, ...]) -> str:
    return message(translation_of(part_paragraphs))


# What is asked first


@pytest.mark.parametrize("task", ["summary", "translation"])
def test_a_short_article_is_one_request(task: str) -> None:
    """It shows every paragraph with its number, under the prompt's own system part, schema and limits."""
    spec = spec_of(task)
    (part,) = parts(spec, SOURCE)
    call, request = part.call, part.call.request
    assert (call.role, call.round, call.parent, call.prompt) == ("ask", 0, None, spec.prompt)
    assert part.paragraphs == (1, 2)
    assert (request.model, request.system, request.schema) == (MODEL.id, spec.prompt.system, spec.prompt.schema)
    assert all(f".{number}] {SOURCE.paragraph_text(number)}" in request.user for number in part.paragraphs)
    assert (request.effort, request.thinking) == (spec.prompt.effort, spec.prompt.thinking)


def test_a_summary_is_one_request_however_long() -> None:
    """A summary needs the whole article; only a translation is taken apart."""
    assert len(parts(spec_of("summary"), long_source(9))) == 1


@settings(deadline=None, database=None, max_examples=60)
@given(st.lists(st.integers(1, PART_CHARACTERS * 2), min_size=1, max_size=25))
def test_the_parts_of_a_translation_hold_every_paragraph_once_and_in_order(lengths: list[int]) -> None:
    """No part is over the limit, but a paragraph that is so alone; no two neighbours would fit into one."""
    source = source_of(["x" * length for length in lengths])
    made = parts(spec_of("translation"), source)
    assert [number for part in made for number in part.paragraphs] == list(range(1, len(lengths) + 1))
    sizes = [sum(lengths[number - 1] for number in part.paragraphs) for part in made]
    assert all(size <= PART_CHARACTERS or len(part.paragraphs) == 1 for size, part in zip(sizes, made, strict=True))
    for size, following in zip(sizes, made[1:], strict=False):
        assert size + lengths[following.paragraphs[0] - 1] > PART_CHARACTERS


def test_parts_belong_to_the_first_and_are_counted_from_nought() -> None:
    """So that they are found together; each shows its own paragraphs and no other."""
    source = long_source()
    made = parts(spec_of("translation"), source)
    first = made[0].call
    assert [(p.call.role, p.call.round, p.call.parent) for p in made] == [
        ("ask", 0, None),
        ("part", 1, first.request.key),
        ("part", 2, first.request.key),
    ]
    for number, part in enumerate(made, start=1):
        assert part.paragraphs == (number,)
        shown = [n for n in (1, 2, 3) if source.paragraph_text(n) in part.call.request.user]
        assert shown == [number]
    assert len({part.call.request.system for part in made}) == 1


def test_the_same_article_is_asked_for_in_the_same_words() -> None:
    """Or it would be paid for again."""
    first, again = ([p.call.request.key for p in parts(spec_of(t), SOURCE)] for t in ("summary", "summary"))
    assert first == again
    assert parts(spec_of(), source_of(["khác"]))[0].call.request.key not in first


THINKERS = {
    "claude-sonnet-5-5": ("off", 0),
    "claude-haiku-5-5": ("off", 0),
    "claude-opus-5-5": ("default", THINKING_ROOM),
    "claude-fable-5-1": ("default", THINKING_ROOM),
    "claude-haiku-4-5": ("default", 0),
    "a-model-of-tomorrow": ("default", 0),
}


@pytest.mark.parametrize(("model", "thinking", "room"), [(m, *t) for m, t in THINKERS.items()], ids=THINKERS)
def test_a_model_that_cannot_stop_thinking_gets_room_for_it(model: str, thinking: str, room: int) -> None:
    """Thinking counts against the output limit: without room the answer would be cut off."""
    spec = spec_of(model=table().find(model))
    request = parts(spec, SOURCE)[0].call.request
    assert (request.thinking, request.max_tokens) == (thinking, spec.prompt.max_output_tokens + room)


def test_a_prompt_that_wants_thinking_gets_room_on_a_model_that_can_stop() -> None:
    """``thinking = "default"`` leaves it on."""
    spec = spec_of(prompt=replace(LIBRARY.get("summary"), thinking="default"))
    request = parts(spec, SOURCE)[0].call.request
    assert (request.thinking, request.max_tokens) == ("default", spec.prompt.max_output_tokens + THINKING_ROOM)


def test_the_output_limit_is_never_over_the_models() -> None:
    """The service would refuse the request."""
    small = replace(table().find("claude-opus-5-5"), max_output=20_000)
    assert parts(spec_of(model=small), SOURCE)[0].call.request.max_tokens == 20_000


def test_a_model_without_effort_is_asked_without() -> None:
    """The API refuses what a model does not know."""
    assert parts(spec_of(model=table().find("claude-haiku-4-5")), SOURCE)[0].call.request.effort is None


def test_the_price_of_a_prompt_covers_its_schema() -> None:
    """The schema goes along with every request, natively or in words."""
    request = parts(spec_of(), SOURCE)[0].call.request
    assert prompt_tokens(request) > prompt_tokens(replace(request, schema=JsonSchema())) + 500


# What comes of it


def ended(outcome: TaskOutcome) -> tuple[Status, ReasonCode | None]:
    return outcome.status, outcome.reason.code if outcome.reason else None


WALKS: dict[str, tuple[list[Reply], list[tuple[str, int]], tuple[Status, ReasonCode | None]]] = {
    "valid": ([SUMMARY], [("ask", 0)], ("ok", None)),
    "cut off, then valid": ([CUT_OFF, SUMMARY], [("ask", 0), ("reask", 1)], ("ok", None)),
    "invalid, then valid": ([INVALID, SUMMARY], [("ask", 0), ("reask", 1)], ("ok", None)),
    "cut off, invalid, valid": ([CUT_OFF, INVALID, SUMMARY], [("ask", 0), ("reask", 1), ("reask", 2)], ("ok", None)),
    "invalid, cut off, valid": ([INVALID, CUT_OFF, SUMMARY], [("ask", 0), ("reask", 1), ("reask", 2)], ("ok", None)),
    "cut off twice": ([CUT_OFF, CUT_OFF], [("ask", 0), ("reask", 1)], ("truncated", "truncated")),
    "invalid twice": ([INVALID, INVALID], [("ask", 0), ("reask", 1)], ("failed", "invalid")),
    "cut off, invalid, cut off": (
        [CUT_OFF, INVALID, CUT_OFF],
        [("ask", 0), ("reask", 1), ("reask", 2)],
        ("truncated", "truncated"),
    ),
    "invalid, cut off, invalid": (
        [INVALID, CUT_OFF, INVALID],
        [("ask", 0), ("reask", 1), ("reask", 2)],
        ("failed", "invalid"),
    ),
    "no JSON at all, then valid": ([message("Sure!"), SUMMARY], [("ask", 0), ("reask", 1)], ("ok", None)),
    "an empty answer twice": ([message(""), message("")], [("ask", 0), ("reask", 1)], ("failed", "invalid")),
    "refused": ([REFUSAL], [("ask", 0)], ("refused", "refused")),
    "refused when asked again": ([INVALID, REFUSAL], [("ask", 0), ("reask", 1)], ("refused", "refused")),
    "over the context": ([CONTEXT], [("ask", 0)], ("failed", "too_long")),
    "no reply that can be read": ([JUNK], [("ask", 0)], ("failed", "bad_response")),
    "a request that is not taken": ([ProviderError(FailureKind.ARTICLE, "no")], [("ask", 0)], ("failed", "rejected")),
    "a service that keeps failing": (
        [ProviderError(FailureKind.TRANSIENT, "no")],
        [("ask", 0)],
        ("failed", "provider_error"),
    ),
}


@pytest.mark.parametrize(("replies", "places", "end"), WALKS.values(), ids=WALKS)
def test_a_task_ends_as_its_replies_say(
    replies: list[Reply], places: list[tuple[str, int]], end: tuple[Status, ReasonCode | None]
) -> None:
    """Once more for the output limit, once more for errors, never more; exchanges are kept, an answer only if ok."""
    ask = Kept(replies)
    outcome = answer(spec_of(), SOURCE, ask)
    assert ask.places == places
    assert ended(outcome) == end
    assert [exchange.body for exchange in outcome.exchanges] == [r for r in replies if isinstance(r, str)]
    assert isinstance(outcome.answer, Summary) == (outcome.status == "ok")
    assert outcome.error is None


def test_a_refusal_tells_why() -> None:
    """The service's category and explanation reach the record."""
    reason = answer(spec_of(), SOURCE, Kept([REFUSAL])).reason
    assert reason is not None
    assert "cyber: No." in reason.message


def test_an_answer_that_was_cut_off_is_asked_for_with_twice_the_room() -> None:
    """Nothing else changes, so that the cached prompt serves again."""
    ask = Kept([CUT_OFF, SUMMARY])
    answer(spec_of(), SOURCE, ask)
    first, second = (call.request for call, _ in ask.calls)
    assert second == replace(first, max_tokens=first.max_tokens * 2)
    assert ask.calls[1][0].parent == first.key


def test_an_answer_at_the_models_own_limit_is_not_asked_for_again() -> None:
    """More room than there is cannot be given."""
    spec = spec_of(model=replace(MODEL, max_output=1000))
    ask = Kept([CUT_OFF])
    assert ended(answer(spec, SOURCE, ask)) == ("truncated", "truncated")
    assert len(ask.calls) == 1


def test_an_invalid_answer_goes_back_with_its_exact_errors() -> None:
    """A fresh request: the same system part, schema and limits; the same article; each error in a sentence."""
    ask = Kept([INVALID, SUMMARY])
    answer(spec_of(), SOURCE, ask)
    (first, _), (second, _) = ask.calls
    assert second.request == replace(first.request, user=second.request.user)
    assert second.request.user.startswith(first.request.user)
    told = second.request.user.removeprefix(first.request.user)
    assert "- title_en: must not be empty; given ''" in told
    assert "- published: must be a partial ISO date" in told
    assert "'last week'" in told
    assert (second.parent, second.prompt) == (first.request.key, LIBRARY.get("reask"))


def test_a_translation_is_asked_again_for_what_is_missing() -> None:
    """The numbers are named; the answer of the re-ask is the part's."""
    ask = Kept([translated((1, 3)), translated((1, 2))])
    outcome = answer(spec_of("translation"), SOURCE, ask)
    told = ask.calls[1][0].request.user
    assert "- paragraphs 2 have no translation" in told
    assert "- paragraphs 3 are translated but are not in the article" in told
    assert outcome.status == "ok"


def test_a_long_translation_is_whole_and_in_order() -> None:
    """Parts may answer in any order of their paragraphs; a re-ask belongs to its own part."""
    ask = Kept([translated((1,)), message("?"), translated((2,)), translated((3,))])
    outcome = answer(spec_of("translation"), long_source(), ask)
    assert ask.places == [("ask", 0), ("part", 1), ("reask", 1), ("part", 2)]
    assert ask.calls[2][0].parent == ask.calls[1][0].request.key
    assert isinstance(outcome.answer, Translation)
    assert [entry.paragraph for entry in outcome.answer.paragraphs] == [1, 2, 3]


def test_a_translation_that_fails_in_one_part_has_no_answer_and_asks_for_no_more() -> None:
    """Half a translation is none; what came is kept, what would follow is not paid for."""
    ask = Kept([translated((1,)), REFUSAL])
    outcome = answer(spec_of("translation"), long_source(), ask)
    assert ended(outcome) == ("refused", "refused")
    assert (outcome.answer, len(outcome.exchanges), len(ask.calls)) == (None, 2, 2)


def test_what_does_not_fit_the_model_is_not_sent() -> None:
    """Said in tokens; what might just fit is left to the service to judge."""
    small = replace(MODEL, context=5000)
    request = parts(spec_of(model=small), SOURCE)[0].call.request
    assert "do not fit the 5,000 of claude-sonnet-5-5" in (too_long(request, small) or "")
    ask = Kept([])
    assert ended(answer(spec_of(model=small), SOURCE, ask)) == ("failed", "too_long")
    just = replace(MODEL, context=prompt_tokens(request) + request.max_tokens)
    assert too_long(request, just) is None


# What ends a run


ENDS: dict[str, tuple[DragomanError, ReasonCode]] = {
    "the budget": (BudgetReached("no money"), "budget"),
    "a stop": (Interrupted("stop"), "interrupted"),
    "an unusable service": (ProviderError(FailureKind.UNUSABLE, "no key"), "provider_unusable"),
    "a recording that is missing": (RecordingMissing("none"), "recording_missing"),
    "the disk": (StoreError("full"), "store_trouble"),
}


@pytest.mark.parametrize(("error", "code"), ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("before", [0, 1, 2])
def test_what_ends_a_run_leaves_the_task_pending_with_what_it_paid_for(
    error: DragomanError, code: ReasonCode, before: int
) -> None:
    """The error is handed on, and the parts that were answered by then are still in the outcome."""
    ask = Kept([*[translated((number,)) for number in (1, 2)][:before], error])
    outcome = answer(spec_of("translation"), long_source(), ask)
    assert ended(outcome) == ("pending", code)
    assert (outcome.error, outcome.answer, len(outcome.exchanges)) == (error, None, before)


def test_a_bug_is_not_an_outcome() -> None:
    """It is raised."""
    with pytest.raises(ZeroDivisionError):
        answer(spec_of(), SOURCE, Kept([ZeroDivisionError()]))


# Asking anew


def test_retry_leaves_alone_what_was_answered() -> None:
    """Nothing is asked anew where there is an answer."""
    ask = Kept([SUMMARY], bought=False)
    assert answer(spec_of(), SOURCE, ask, retry=True).status == "ok"
    assert len(ask.calls) == 1


@pytest.mark.parametrize("kept", [[REFUSAL], [INVALID, INVALID], [CUT_OFF, CUT_OFF], [JUNK], [CONTEXT]])
def test_retry_asks_anew_what_came_to_nothing(kept: list[Reply]) -> None:
    """From the first ask on; the exchanges are those of the new walk."""
    ask = Kept([*kept, SUMMARY], bought=False)
    outcome = answer(spec_of(), SOURCE, ask, retry=True)
    assert outcome.status == "ok"
    assert [fresh for _, fresh in ask.calls] == [False] * len(kept) + [True]
    assert [exchange.body for exchange in outcome.exchanges] == [SUMMARY]


def test_retry_buys_only_the_part_that_failed() -> None:
    """The parts that were answered are kept ones; so are those that follow, where they were asked before."""
    ask = Kept([translated((1,)), REFUSAL, translated((2,)), translated((3,))], bought=False)
    outcome = answer(spec_of("translation"), long_source(), ask, retry=True)
    assert outcome.status == "ok"
    assert [(call.round, fresh) for call, fresh in ask.calls] == [(0, False), (1, False), (1, True), (2, False)]


BOUGHT_JUST_NOW: list[list[Reply]] = [
    [REFUSAL],
    [INVALID, INVALID],
    [ProviderError(FailureKind.ARTICLE, "no")],
    [ProviderError(FailureKind.TRANSIENT, "no")],
]


@pytest.mark.parametrize("replies", BOUGHT_JUST_NOW, ids=["refused", "invalid", "rejected", "failing"])
def test_retry_asks_nothing_twice_in_one_run(replies: list[Reply]) -> None:
    """What was asked just now is not asked once more: it was no earlier run's failure."""
    ask = Kept([*replies, SUMMARY])
    assert answer(spec_of(), SOURCE, ask, retry=True).status != "ok"
    assert len(ask.calls) == len(replies)


def test_a_retry_that_is_not_reached_keeps_what_was_there() -> None:
    """The budget ends before the second look: the refusal that was paid for stays in the outcome."""
    ask = Kept([REFUSAL, BudgetReached("no money")], bought=False)
    outcome = answer(spec_of(), SOURCE, ask, retry=True)
    assert ended(outcome) == ("pending", "budget")
    assert [exchange.body for exchange in outcome.exchanges] == [REFUSAL]
    assert isinstance(outcome.error, BudgetReached)
