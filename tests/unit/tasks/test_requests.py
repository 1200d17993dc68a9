"""The first requests of a task, their limits, and the numbers that bound their size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.models import Model, table
from dragoman.core.request import JsonSchema
from dragoman.core.source import Source
from dragoman.core.tokens import MARGIN, estimate
from dragoman.tasks.requests import (
    _SCHEMA_AT_MOST,
    ADDED,
    THINKING_ROOM,
    most_tokens,
    parts,
    prompt_tokens,
    shown_tokens,
    too_long,
)
from dragoman.tasks.translation import PART_CHARACTERS
from tests.support.builders import (
    LIBRARY,
    MODEL,
    source_of,
    spec_of,
)

SOURCE = source_of()
LARGEST_SCHEMA = max(estimate(prompt.schema.text) for prompt in LIBRARY if prompt.schema)


def long_source(count: int = 3, length: int = PART_CHARACTERS * 5 // 8) -> Source:
    """A source of paragraphs of which no two fit into one part."""
    return source_of([f"{number}" * length for number in range(1, count + 1)])


@pytest.mark.parametrize("task", ["summary", "translation"])
def test_a_short_article_is_one_request(task: str) -> None:
    """It shows every paragraph with its number, and has the system part, schema and limits of the prompt."""
    spec = spec_of(task)
    (part,) = parts(spec, SOURCE)
    call, request = part.call, part.call.request
    assert (call.role, call.round, call.parent, call.prompt) == ("ask", 0, None, spec.prompt)
    assert part.paragraphs == (1, 2)
    assert (request.model, request.system, request.schema) == (MODEL.id, spec.prompt.system, spec.prompt.schema)
    assert all(f".{number}] {SOURCE.paragraph_text(number)}" in request.user for number in part.paragraphs)
    assert (request.effort, request.thinking) == (spec.prompt.effort, spec.prompt.thinking)


def test_a_summary_is_one_request_however_long() -> None:
    """A summary needs the whole article. Only a translation is cut into parts."""
    assert len(parts(spec_of("summary"), long_source(9))) == 1


def test_parts_have_the_first_as_parent_and_are_numbered_from_zero() -> None:
    """So the store finds them together. Each shows only its own paragraphs."""
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


def test_the_same_article_gives_the_same_request() -> None:
    """Otherwise it would be paid for again."""
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
    """Thinking counts against the output limit, so without room the answer would be cut off."""
    spec = spec_of(model=table().find(model))
    request = parts(spec, SOURCE)[0].call.request
    assert (request.thinking, request.max_tokens) == (thinking, spec.prompt.max_output_tokens + room)


def test_a_prompt_that_wants_thinking_gets_room_on_a_model_that_can_stop() -> None:
    """``thinking = "default"`` leaves it on."""
    spec = spec_of(prompt=replace(LIBRARY.get("summary"), thinking="default"))
    request = parts(spec, SOURCE)[0].call.request
    assert (request.thinking, request.max_tokens) == ("default", spec.prompt.max_output_tokens + THINKING_ROOM)


def test_the_output_limit_never_exceeds_that_of_the_model() -> None:
    """The service would reject the request."""
    small = replace(table().find("claude-opus-5-5"), max_output=20_000)
    assert parts(spec_of(model=small), SOURCE)[0].call.request.max_tokens == 20_000


def test_a_model_without_effort_gets_none() -> None:
    """The API rejects parameters that a model does not support."""
    assert parts(spec_of(model=table().find("claude-haiku-4-5")), SOURCE)[0].call.request.effort is None


def test_the_size_of_a_prompt_includes_its_schema() -> None:
    """The schema is sent with every request, natively or inside the prompt."""
    request = parts(spec_of(), SOURCE)[0].call.request
    assert prompt_tokens(request) > prompt_tokens(replace(request, schema=JsonSchema())) + 500


def test_a_model_that_always_thinks_gets_twice_the_limit_of_the_summary() -> None:
    """The limit is part of the request key, so another number would make stored replies unreachable."""
    assert parts(spec_of(model=table().find("claude-opus-5-5")), SOURCE)[0].call.request.max_tokens == 32_000


def test_what_a_service_adds_has_room_for_more_than_the_highest_documented_number() -> None:
    """A tool definition adds 350 tokens; marks around turns and the text before a prompted schema need less again."""
    assert 2 * 350 <= ADDED <= 4 * 350
    request = parts(spec_of(), SOURCE)[0].call.request
    assert most_tokens(request) - most_tokens(replace(request, user="")) == len(request.user.encode())


def test_the_quick_check_leaves_room_for_large_schemas_and_is_small_beside_any_context() -> None:
    """It holds for a schema four times as large as the largest released one."""
    smallest_context = min(model.context for model in table().models.values())
    assert 4 * LARGEST_SCHEMA <= _SCHEMA_AT_MOST <= smallest_context / 10


@settings(deadline=None, database=None, max_examples=80)
@given(st.sampled_from(["0", "!", "国", "a ", "hé"]), st.integers(1, 60_000), st.integers(1_000, 200_000))
def test_the_quick_check_never_changes_the_answer(text: str, times: int, context: int) -> None:
    """Whether a request is certainly short enough is only a way to skip the estimate."""
    model: Model = replace(MODEL, context=context, max_output=500)
    request = replace(parts(spec_of(model=model), SOURCE)[0].call.request, user=text * times)
    fits = prompt_tokens(request) / MARGIN + request.max_tokens <= context
    assert (too_long(request, model) is None) == fits


def test_the_size_of_an_article_includes_the_mark_of_each_paragraph() -> None:
    """As a prompt shows it."""
    assert shown_tokens(SOURCE) > estimate(SOURCE.text) + 5 * len(SOURCE.paragraphs)
