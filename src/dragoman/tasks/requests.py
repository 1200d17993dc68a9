"""The requests of a task: the first ones, their size, and whether a model can take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dragoman.core.exchange import Role
from dragoman.core.models import Model
from dragoman.core.request import JsonSchema, Request
from dragoman.core.source import Source
from dragoman.core.tokens import MARGIN, MOST_PER_CHARACTER, at_most, estimate
from dragoman.tasks.fences import fence_of
from dragoman.tasks.prompts import Prompt, numbered_paragraphs
from dragoman.tasks.translation import groups

THINKING_ROOM = 16_000
"""Output tokens added for a model that cannot turn thinking off, because thinking counts against the output limit."""


ADDED = 1_000
"""Most tokens that a service may add to a request: marks around the turns, its own text about the schema (for a tool up
to 350, the highest documented number), and the text that carries a schema which is not sent natively."""


_SCHEMA_AT_MOST = 20_000
"""More tokens than any released schema has."""


@dataclass(frozen=True)
class TaskSpec:
    """Everything needed to ask for a task: its prompt, the prompts of a re-ask and of a repair, and the model."""

    prompt: Prompt
    reask: Prompt
    repair: Prompt
    model: Model

    @property
    def task(self) -> str:
        return self.prompt.task


@dataclass(frozen=True, slots=True)
class Call:
    """One request to be answered, with its place in the work on a task."""

    request: Request
    task: str
    role: Role
    round: int
    parent: str | None
    prompt: Prompt
    items: str = ""
    """The marks of the items of a repair; see `repair_request.Item.mark`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the first requests of a task, and the numbers of the paragraphs that it shows."""

    call: Call
    paragraphs: tuple[int, ...]


def parts(spec: TaskSpec, source: Source) -> list[Part]:
    """The first requests of a task: one for a summary, one per part for a translation."""
    return list(_parts(spec, source))


def _parts(spec: TaskSpec, source: Source) -> Iterator[Part]:
    prompt = spec.prompt
    shown = groups(source) if prompt.task == "translation" else [source.paragraphs]
    word = fence_of(source)
    first: str | None = None
    for number, group in enumerate(shown):
        user = prompt.fill(fence=word, article=numbered_paragraphs(source, group, word))
        request = request_of(prompt, spec.model, user)
        call = Call(request, prompt.task, "part" if number else "ask", number, first, prompt)
        yield Part(call, tuple(paragraph.number for paragraph in group))
        first = first or request.key


def as_asked_before(
    spec: TaskSpec, source: Source, has_reply: Callable[[Call], bool], was_asked_about: Callable[[], bool]
) -> Source:
    """``source`` with the fence text under which an earlier version of Dragoman asked for a task, if that request has a
    reply and today's has none; otherwise ``source``.

    Earlier versions computed the fence word from the whole text, with the white space around the paragraphs. Their
    replies are found for a text that has the same spacing as then, and for one that had the usual spacing of a text
    file. ``was_asked_about`` says whether anything was asked about the article at all: most articles of a run are new,
    and nothing is computed for them here.
    """
    if not was_asked_about() or has_reply(next(_parts(spec, source)).call):
        return source
    texts = [source.text[paragraph.start : paragraph.end] for paragraph in source.paragraphs]
    usual = ("\n".join(texts) + "\n", "\n\n".join(texts) + "\n")
    candidates = (replace(source, fence_text=text) for text in dict.fromkeys((source.text, *usual)))
    return next((one for one in candidates if has_reply(next(_parts(spec, one)).call)), source)


def request_of(prompt: Prompt, model: Model, user: str) -> Request:
    """The request for a model from a prompt and its filled-in user part."""
    return Request(
        model=model.id,
        system=prompt.system,
        user=user,
        schema=prompt.schema or JsonSchema(),
        max_tokens=_output_limit(prompt, model),
        effort=prompt.effort if model.effort else None,
        thinking=prompt.thinking if model.thinking_off else "default",
    )


def prompt_tokens(request: Request) -> int:
    """An estimate of the whole prompt including the schema, without margin."""
    return estimate(request.system) + estimate(request.user) + estimate(request.schema.text)


def most_tokens(request: Request) -> int:
    """An upper bound of the tokens that a service can count for the whole prompt; see `tokens.at_most`."""
    return at_most(request.system) + at_most(request.user) + at_most(request.schema.text) + ADDED


def shown_tokens(source: Source) -> int:
    """An estimate of an article as a prompt shows it: its text, and the mark before each paragraph."""
    return estimate(numbered_paragraphs(source, source.paragraphs, fence_of(source)))


def too_long(request: Request, model: Model) -> str | None:
    """Why a request cannot fit the model's context, or None. When in doubt, the answer is None and the service
    decides."""
    most = (len(request.system) + len(request.user)) * MOST_PER_CHARACTER + _SCHEMA_AT_MOST
    if most / MARGIN + request.max_tokens <= model.context:
        return None  # certainly short enough, without the cost of an estimate
    tokens = prompt_tokens(request)
    if tokens / MARGIN + request.max_tokens > model.context:
        return (
            f"about {tokens:,} tokens and an answer of up to {request.max_tokens:,} do not fit the context of "
            f"{model.context:,} tokens of {model.id}"
        )
    return None


def _output_limit(prompt: Prompt, model: Model) -> int:
    always_thinks = model.thinks and not (prompt.thinking == "off" and model.thinking_off)
    return min(prompt.max_output_tokens + (THINKING_ROOM if always_thinks else 0), model.max_output)
