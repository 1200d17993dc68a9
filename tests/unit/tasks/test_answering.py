"""Which requests a task makes: the first ones, those after a rejected reply, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from dragoman.core.answers import Summary, Translation
from dragoman.core.record import Status
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
from dragoman.tasks.requests import Call, parts, prompt_tokens, too_long
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
INVALID = message(summary_of(key_points=None, claims="none", published="last week"))
REFUSAL = message("", stop_reason="refusal", stop_details={"category": "cyber", "explanation": "No."})
SORRY = "Sorry, the model cannot answer this question."
INTERVENED: dict[str, Any] = {"amazon-bedrock-guardrailAction": "INTERVENED"}
GUARDED = message(SORRY, **INTERVENED)
FILTERED = message(SORRY, stop_reason="content_filtered")
PAUSED = message('{"title_en": "Ra', stop_reason="pause_turn")
CONTEXT = message("", stop_reason="model_context_window_exceeded")
JUNK = "<html>"

Reply = str | Exception


@dataclass
class Replies:
    """Plays replies in order. ``calls`` are the calls that it received; ``bought`` is returned for each of them."""

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
    """A source of paragraphs of which no two fit into one part."""
    return source_of([f"{number}" * length for number in range(1, count + 1)])


def translated(part_paragraphs: tuple[int, ...]) -> str:
    return message(translation_of(part_paragraphs))


# Replies


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
    "blocked by a guardrail": ([GUARDED], [("ask", 0)], ("refused", "refused")),
    "an answer that a guardrail changed": (
        [message(summary_of(), **INTERVENED)],
        [("ask", 0)],
        ("refused", "refused"),
    ),
    "blocked by a filter": ([FILTERED], [("ask", 0)], ("refused", "refused")),
    "blocked by a filter without a word": (
        [message("", content=[], stop_reason="SAFETY")],
        [("ask", 0)],
        ("refused", "refused"),
    ),
    "a pause twice": ([PAUSED, PAUSED], [("ask", 0), ("reask", 1)], ("failed", "invalid")),
    "an answer that ends for an unknown reason": (
        [message(summary_of(), stop_reason="something new")],
        [("ask", 0)],
        ("ok", None),
    ),
    "no content, then valid": ([message("", content=None), SUMMARY], [("ask", 0), ("reask", 1)], ("ok", None)),
    "over the context": ([CONTEXT], [("ask", 0)], ("failed", "too_long")),
    "an unreadable reply": ([JUNK], [("ask", 0)], ("failed", "bad_response")),
    "a rejected request": ([ProviderError(FailureKind.ARTICLE, "no")], [("ask", 0)], ("failed", "rejected")),
    "a service that keeps failing": (
        [ProviderError(FailureKind.TRANSIENT, "no")],
        [("ask", 0)],
        ("failed", "provider_error"),
    ),
}


@pytest.mark.parametrize(("replies", "places", "end"), WALKS.values(), ids=WALKS)
def test_the_outcome_follows_from_the_replies(
    replies: list[Reply], places: list[tuple[str, int]], end: tuple[Status, ReasonCode | None]
) -> None:
    """One more request for the output limit and one for errors, never more. Exchanges are kept, an answer only if it is
    ok."""
    ask = Replies(replies)
    outcome = answer(spec_of(), SOURCE, ask)
    assert ask.places == places
    assert ended(outcome) == end
    assert [exchange.body for exchange in outcome.exchanges] == [r for r in replies if isinstance(r, str)]
    assert isinstance(outcome.answer, Summary) == (outcome.status == "ok")
    assert outcome.error is None


def test_the_reason_of_a_refusal_has_the_explanation() -> None:
    """The service's category and explanation reach the record."""
    reason = answer(spec_of(), SOURCE, Replies([REFUSAL])).reason
    assert reason is not None
    assert "cyber: No." in reason.message


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (GUARDED, f"a guardrail of the service blocked the answer: {SORRY}"),
        (FILTERED, f"a filter of the service (content_filtered) blocked the answer: {SORRY}"),
        (message("", stop_reason="SAFETY"), "a filter of the service (SAFETY) blocked the answer: no explanation"),
        (message("I cannot.", stop_reason="refusal"), "the model refused: I cannot."),
        (message("", stop_reason="refusal"), "the model refused: no explanation"),
    ],
)
def test_the_reason_says_who_blocked_an_answer_and_with_which_words(reply: str, said: str) -> None:
    reason = answer(spec_of(), SOURCE, Replies([reply])).reason
    assert reason is not None
    assert reason.message == said


def test_an_invalid_answer_with_an_odd_stop_reason_names_it() -> None:
    """In the re-ask and in the record; a reply without text is told as one."""
    ask = Replies([PAUSED, message("", stop_reason="tool_use")])
    reason = answer(spec_of(), SOURCE, ask).reason
    assert "with the stop reason 'pause_turn'" in ask.calls[1][0].request.user
    assert reason is not None
    assert reason.message == "the reply has no text; its stop reason is 'tool_use'"


def test_an_answer_that_was_cut_off_is_requested_with_twice_the_limit() -> None:
    """Nothing else changes, so the cached prompt is used again."""
    ask = Replies([CUT_OFF, SUMMARY])
    answer(spec_of(), SOURCE, ask)
    first, second = (call.request for call, _ in ask.calls)
    assert second == replace(first, max_tokens=first.max_tokens * 2)
    assert ask.calls[1][0].parent == first.key


def test_an_answer_cut_off_at_the_limit_of_the_model_is_not_requested_again() -> None:
    """The limit cannot be raised further."""
    spec = spec_of(model=replace(MODEL, max_output=1000))
    ask = Replies([CUT_OFF])
    assert ended(answer(spec, SOURCE, ask)) == ("truncated", "truncated")
    assert len(ask.calls) == 1


def test_an_invalid_answer_is_sent_back_with_its_exact_errors() -> None:
    """A new request with the same system part, schema, limits and article, and each error in a sentence."""
    ask = Replies([INVALID, SUMMARY])
    answer(spec_of(), SOURCE, ask)
    (first, _), (second, _) = ask.calls
    assert second.request == replace(first.request, user=second.request.user)
    assert second.request.user.startswith(first.request.user)
    added = second.request.user.removeprefix(first.request.user)
    assert "- claims: Input should be a valid list; it was 'none'" in added
    assert "- published: must be a partial ISO date" in added
    assert "'last week'" in added
    assert (second.parent, second.prompt) == (first.request.key, LIBRARY.get("reask"))


def test_a_translation_is_requested_again_with_the_numbers_that_are_wrong() -> None:
    """The answer of the re-ask is the answer of the part."""
    ask = Replies([translated((1, 3)), translated((1, 2))])
    outcome = answer(spec_of("translation"), SOURCE, ask)
    user = ask.calls[1][0].request.user
    assert "- paragraphs without a translation: 2" in user
    assert "- paragraphs translated that are not in the request: 3" in user
    assert outcome.status == "ok"


def test_a_long_translation_is_complete_and_in_order() -> None:
    """Whatever the order in the replies. A re-ask belongs to its own part."""
    ask = Replies([translated((1,)), message("?"), translated((2,)), translated((3,))])
    outcome = answer(spec_of("translation"), long_source(), ask)
    assert ask.places == [("ask", 0), ("part", 1), ("reask", 1), ("part", 2)]
    assert ask.calls[2][0].parent == ask.calls[1][0].request.key
    assert isinstance(outcome.answer, Translation)
    assert [entry.paragraph for entry in outcome.answer.paragraphs] == [1, 2, 3]


def test_a_translation_stops_at_the_first_part_that_fails() -> None:
    """Half a translation is no answer. Earlier exchanges are kept, and later parts are not paid for."""
    ask = Replies([translated((1,)), REFUSAL])
    outcome = answer(spec_of("translation"), long_source(), ask)
    assert ended(outcome) == ("refused", "refused")
    assert (outcome.answer, len(outcome.exchanges), len(ask.calls)) == (None, 2, 2)


def test_a_request_that_cannot_fit_the_model_is_not_sent() -> None:
    """The reason states the tokens. A request that may just fit is left to the service."""
    small = replace(MODEL, context=5000)
    request = parts(spec_of(model=small), SOURCE)[0].call.request
    assert "do not fit the context of 5,000 tokens of claude-sonnet-5-5" in (too_long(request, small) or "")
    ask = Replies([])
    assert ended(answer(spec_of(model=small), SOURCE, ask)) == ("failed", "too_long")
    just = replace(MODEL, context=prompt_tokens(request) + request.max_tokens)
    assert too_long(request, just) is None


# Errors that end a run


ENDS: dict[str, tuple[DragomanError, ReasonCode]] = {
    "the budget": (BudgetReached("no money"), "budget"),
    "a stop": (Interrupted("stop"), "interrupted"),
    "an unusable service": (ProviderError(FailureKind.UNUSABLE, "no key"), "provider_unusable"),
    "a recording that is missing": (RecordingMissing("none"), "recording_missing"),
    "the disk": (StoreError("full"), "store_trouble"),
}


@pytest.mark.parametrize(("error", "code"), ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("before", [0, 1, 2])
def test_an_error_that_ends_a_run_leaves_the_task_pending_with_its_exchanges(
    error: DragomanError, code: ReasonCode, before: int
) -> None:
    """The error is in the outcome, together with the parts that were answered before it."""
    ask = Replies([*[translated((number,)) for number in (1, 2)][:before], error])
    outcome = answer(spec_of("translation"), long_source(), ask)
    assert ended(outcome) == ("pending", code)
    assert (outcome.error, outcome.answer, len(outcome.exchanges)) == (error, None, before)


def test_a_bug_is_raised() -> None:
    """It does not become an outcome."""
    with pytest.raises(ZeroDivisionError):
        answer(spec_of(), SOURCE, Replies([ZeroDivisionError()]))


# Retry


def test_retry_does_not_repeat_an_answered_task() -> None:
    """A stored answer costs no request."""
    ask = Replies([SUMMARY], bought=False)
    assert answer(spec_of(), SOURCE, ask, retry=True).status == "ok"
    assert len(ask.calls) == 1


@pytest.mark.parametrize("kept", [[REFUSAL], [INVALID, INVALID], [CUT_OFF, CUT_OFF], [JUNK], [CONTEXT]])
def test_retry_repeats_a_task_without_an_answer(kept: list[Reply]) -> None:
    """It begins with the first request, and the outcome has only the new exchanges."""
    ask = Replies([*kept, SUMMARY], bought=False)
    outcome = answer(spec_of(), SOURCE, ask, retry=True)
    assert outcome.status == "ok"
    assert [fresh for _, fresh in ask.calls] == [False] * len(kept) + [True]
    assert [exchange.body for exchange in outcome.exchanges] == [SUMMARY]


def test_retry_buys_only_the_part_that_failed() -> None:
    """Answered parts, before and after it, come from the store."""
    ask = Replies([translated((1,)), REFUSAL, translated((2,)), translated((3,))], bought=False)
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
def test_retry_does_not_repeat_a_request_of_the_same_run(replies: list[Reply]) -> None:
    """It is for failures of earlier runs."""
    ask = Replies([*replies, SUMMARY])
    assert answer(spec_of(), SOURCE, ask, retry=True).status != "ok"
    assert len(ask.calls) == len(replies)


def test_a_retry_that_the_budget_stops_keeps_the_stored_refusal() -> None:
    """The refusal was paid for and stays in the outcome."""
    ask = Replies([REFUSAL, BudgetReached("no money")], bought=False)
    outcome = answer(spec_of(), SOURCE, ask, retry=True)
    assert ended(outcome) == ("pending", "budget")
    assert [exchange.body for exchange in outcome.exchanges] == [REFUSAL]
    assert isinstance(outcome.error, BudgetReached)
