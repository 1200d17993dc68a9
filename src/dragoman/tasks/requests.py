"""The requests of a task: what is asked first, how large it is, and whether a model can take it."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.core.exchange import Role
from dragoman.core.models import Model
from dragoman.core.request import JsonSchema, Request
from dragoman.core.source import Source
from dragoman.core.tokens import MARGIN, MOST_PER_CHARACTER, at_most, estimate
from dragoman.tasks.fences import fence
from dragoman.tasks.prompts import Prompt, numbered_paragraphs
from dragoman.tasks.translation import groups

THINKING_ROOM = 16_000
"""Output tokens added for a model that cannot stop thinking: thinking counts against the output limit."""


ADDED = 1_000
"""Tokens that a service may add to what it is sent: marks around the turns, and words of its own about the schema (some
350 for a tool, the most that is documented), and the words that carry a schema which is not taken natively."""


_SCHEMA_AT_MOST = 20_000
"""Tokens that no schema of ours has."""


@dataclass(frozen=True)
class TaskSpec:
    """What a task is asked with: its prompt, the wordings of a re-ask and of a repair, and the model."""

    prompt: Prompt
    reask: Prompt
    repair: Prompt
    model: Model

    @property
    def task(self) -> str:
        return self.prompt.task


@dataclass(frozen=True, slots=True)
class Call:
    """One request to be answered, with its place in the work."""

    request: Request
    task: str
    role: Role
    round: int
    parent: str | None
    prompt: Prompt
    items: str = ""
    """What a repair is about; see `repair_request.Item.mark`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One first request of a task and the paragraphs it shows."""

    call: Call
    paragraphs: tuple[int, ...]


def parts(spec: TaskSpec, source: Source) -> list[Part]:
    """The first requests of a task: one for a summary, one for each part of a translation."""
    prompt = spec.prompt
    shown = list(groups(source)) if prompt.task == "translation" else [source.paragraphs]
    word = fence(source.text)
    made: list[Part] = []
    for number, group in enumerate(shown):
        user = prompt.fill(fence=word, article=numbered_paragraphs(source, group, word))
        request = request_of(prompt, spec.model, user)
        parent = made[0].call.request.key if made else None
        call = Call(request, prompt.task, "part" if made else "ask", number, parent, prompt)
        made.append(Part(call, tuple(paragraph.number for paragraph in group)))
    return made


def request_of(prompt: Prompt, model: Model, user: str) -> Request:
    """What is asked of a model with a prompt whose user part is filled in."""
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
    """An estimate of the whole prompt, the schema included, without margin."""
    return estimate(request.system) + estimate(request.user) + estimate(request.schema.text)


def most_tokens(request: Request) -> int:
    """No fewer tokens than a service can count for the whole prompt; see `tokens.at_most`."""
    return at_most(request.system) + at_most(request.user) + at_most(request.schema.text) + ADDED


def shown_tokens(source: Source) -> int:
    """An estimate of an article as a prompt shows it: its text, and the mark before each paragraph."""
    return estimate(numbered_paragraphs(source, source.paragraphs, fence(source.text)))


def too_long(request: Request, model: Model) -> str | None:
    """Why a request cannot fit the model's context, or None. Errs on the side of asking the service."""
    most = (len(request.system) + len(request.user)) * MOST_PER_CHARACTER + _SCHEMA_AT_MOST
    if most / MARGIN + request.max_tokens <= model.context:
        return None  # without the work of an estimate
    tokens = prompt_tokens(request)
    if tokens / MARGIN + request.max_tokens > model.context:
        return (
            f"about {tokens:,} tokens and up to {request.max_tokens:,} of answer do not fit the "
            f"{model.context:,} of {model.id}"
        )
    return None


def _output_limit(prompt: Prompt, model: Model) -> int:
    always_thinks = model.thinks and not (prompt.thinking == "off" and model.thinking_off)
    return min(prompt.max_output_tokens + (THINKING_ROOM if always_thinks else 0), model.max_output)
