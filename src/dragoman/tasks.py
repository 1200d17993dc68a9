"""One task over one Source: its requests, and the walk from first reply to a valid answer or a reason.

A reply cut off by the output limit is asked once more with a higher one; an invalid answer goes back once
with the exact errors, as a fresh request. Both are found again in the store by their parent and round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from dragoman.errors import (
    BudgetReached,
    DragomanError,
    Interrupted,
    ProviderError,
    ReasonCode,
    RecordingMissing,
    RejectionCode,
    ReplyRejected,
    StoreError,
    Trouble,
)
from dragoman.exchange import Exchange, JsonSchema, Request, Role
from dragoman.fences import fence
from dragoman.models import Model
from dragoman.parse import Answer, parse
from dragoman.prompts import Prompt, numbered_paragraphs
from dragoman.records import Reason, Status, status_of
from dragoman.schemas import TranslatedParagraph, Translation
from dragoman.source import Paragraph, Source
from dragoman.tokens import MARGIN, MOST_PER_CHARACTER, at_most, estimate

THINKING_ROOM = 16_000
"""Output tokens added for a model that cannot stop thinking: thinking counts against the output limit."""

ADDED = 1_000
"""Tokens that a service may add to what it is sent: marks around the turns, and words of its own about the schema (some
350 for a tool, the most that is documented), and the words that carry a schema which is not taken natively."""

_SCHEMA_AT_MOST = 20_000
"""Tokens that no schema of ours has."""

PART_CHARACTERS = 8_000
"""A translation is asked for in parts of at most this many characters of source (or one paragraph). The
English of 8,000 Han characters is near 10,000 tokens, well inside the output limit and a time-out."""


@dataclass(frozen=True)
class Wording:
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
    """What a repair is about; see `repair.Item.mark`."""


@dataclass(frozen=True, slots=True)
class Part:
    """One first request of a task and the paragraphs it shows."""

    call: Call
    paragraphs: tuple[int, ...]


@dataclass(frozen=True)
class TaskOutcome:
    """What became of a task. ``answer`` is there when ``status`` is ok; ``exchanges`` in the order of asking.

    ``error`` is what left it pending (budget, stop, provider, recording, store), if something did; what had
    been answered by then is still in ``exchanges``, and an answer whose repair is pending is kept as it is.
    """

    wording: Wording
    status: Status
    reason: Reason | None
    answer: Answer | None
    exchanges: tuple[Exchange, ...]
    error: DragomanError | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An exchange, and whether it was bought for this call (not found kept)."""

    exchange: Exchange
    bought: bool


Ask = Callable[[Call, bool], Asked]
"""(call, fresh) → the exchange; ``fresh`` passes over what is kept."""

_PENDING: tuple[tuple[type[DragomanError], ReasonCode], ...] = (
    (BudgetReached, "budget"),
    (Interrupted, "interrupted"),
    (ProviderError, "provider_unusable"),
    (RecordingMissing, "recording_missing"),
    (StoreError, "store_trouble"),
)


PENDING = tuple(kind for kind, _ in _PENDING)
"""What keeps a task from being asked to its end."""


ON_RETRY: frozenset[ReasonCode] = frozenset({"refused", "invalid", "truncated"})
"""Reasons whose reply is kept, so that the same is asked again only on ``--retry``, and may then come out otherwise: an
article does not become shorter."""


def parts(wording: Wording, source: Source) -> list[Part]:
    """The first requests of a task: one for a summary, one for each part of a translation."""
    prompt = wording.prompt
    groups = list(_groups(source)) if prompt.task == "translation" else [source.paragraphs]
    word = fence(source.text)
    made: list[Part] = []
    for number, group in enumerate(groups):
        user = prompt.fill(fence=word, article=numbered_paragraphs(source, group, word))
        request = request_of(prompt, wording.model, user)
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


def answer(wording: Wording, source: Source, ask: Ask, *, retry: bool = False) -> TaskOutcome:
    """Ask for a task and read what comes; ``retry`` asks anew the parts whose kept replies came to nothing."""
    exchanges: list[Exchange] = []
    answers: list[Answer] = []
    for part in parts(wording, source):
        try:
            answers.append(_answer_part(wording, part, ask, exchanges, retry=retry))
        except _Ended as ended:
            reason = Reason(code=ended.code, message=ended.message)
            return TaskOutcome(wording, status_of(ended.code), reason, None, tuple(exchanges))
        except PENDING as error:
            return pending(wording, error, exchanges)
    return TaskOutcome(wording, "ok", None, _joined(answers), tuple(exchanges))


def pending(wording: Wording, error: DragomanError, exchanges: Sequence[Exchange] = ()) -> TaskOutcome:
    """The outcome of a task that something beyond its article kept from being asked, or asked to its end."""
    reason = pending_reason(error)
    return TaskOutcome(wording, status_of(reason.code), reason, None, tuple(exchanges), error)


def pending_reason(error: DragomanError) -> Reason:
    """What a record says of an error that ends a run."""
    code = next(code for kind, code in _PENDING if isinstance(error, kind))
    return Reason(code=code, message=str(error))


class _Ended(Exception):
    """A task that has no valid answer, and why."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _answer_part(wording: Wording, part: Part, ask: Ask, exchanges: list[Exchange], *, retry: bool) -> Answer:
    if why := too_long(part.call.request, wording.model):
        raise _Ended("too_long", why)
    walk = _Walk(wording, part, ask)
    try:
        return walk.to_the_end()
    except _Ended:
        # What was asked in this very run is not asked once more.
        if not retry or walk.bought:
            raise
        again = _Walk(wording, part, ask, fresh=True)
        try:
            return again.to_the_end()
        finally:
            # Stopped before anything came: then the record still rests on what was there.
            walk = again if again.exchanges else walk
    finally:
        exchanges += walk.exchanges


class _Walk:
    """From the first call of a part to a valid answer: each reply is read, and may lead to one more call."""

    def __init__(self, wording: Wording, part: Part, ask: Ask, *, fresh: bool = False) -> None:
        self._wording = wording
        self._part = part
        self._ask = ask
        self._fresh = fresh
        self.bought = False
        self.exchanges: list[Exchange] = []

    def to_the_end(self) -> Answer:
        """The answer. Raises `_Ended`, and whatever leaves the task pending."""
        call = self._part.call
        tried: list[RejectionCode] = []
        while True:
            exchange = self._asked(call)
            try:
                return self._read(exchange)
            except ReplyRejected as rejected:
                again = None if rejected.code in tried else _reask(self._wording, call.request, rejected)
                if again is None:
                    raise _Ended(rejected.code, "; ".join(rejected.problems)) from rejected
                tried.append(rejected.code)
                root = self._part.call.request.key
                call = Call(again, self._wording.task, "reask", len(tried), root, self._wording.reask)

    def _asked(self, call: Call) -> Exchange:
        try:
            asked = self._ask(call, self._fresh)
        except ProviderError as error:
            if error.kind is Trouble.UNUSABLE:
                raise
            self.bought = True
            code: ReasonCode = "rejected" if error.kind is Trouble.ARTICLE else "provider_error"
            tries = f" after {error.attempts} attempts" if error.attempts > 1 else ""
            raise _Ended(code, f"{error}{tries}") from error
        self.bought = self.bought or asked.bought
        self.exchanges.append(asked.exchange)
        return asked.exchange

    def _read(self, exchange: Exchange) -> Answer:
        return parse(self._wording.task, whole_text(exchange), self._part.paragraphs)


def whole_text(exchange: Exchange) -> str:
    """The text of a reply that came to its end. Raises `ReplyRejected` (``truncated``, ``refused``, ``too_long``)."""
    reply = exchange.reply
    match reply.stop_reason:
        case "max_tokens":
            limit = f"cut off at the output limit of {exchange.request.max_tokens:,} tokens"
            raise ReplyRejected("truncated", (limit,))
        case "refusal":
            raise ReplyRejected("refused", (f"the model refused: {reply.refusal or 'no explanation'}",))
        case "model_context_window_exceeded":
            raise ReplyRejected("too_long", ("the article does not fit the model's context",))
        case _:
            return reply.text


def _reask(wording: Wording, request: Request, rejected: ReplyRejected) -> Request | None:
    """The request after a rejected reply, or None when asking again makes no sense."""
    if rejected.code == "truncated":
        more = min(request.max_tokens * 2, wording.model.max_output)
        return replace(request, max_tokens=more) if more > request.max_tokens else None
    if rejected.code == "invalid":
        problems = "\n".join(f"- {problem}" for problem in rejected.problems)
        return replace(request, user=wording.reask.fill(request=request.user, problems=problems))
    return None


def _output_limit(prompt: Prompt, model: Model) -> int:
    always_thinks = model.thinks and not (prompt.thinking == "off" and model.thinking_off)
    return min(prompt.max_output_tokens + (THINKING_ROOM if always_thinks else 0), model.max_output)


def _groups(source: Source) -> Iterator[tuple[Paragraph, ...]]:
    group: list[Paragraph] = []
    length = 0
    for paragraph in source.paragraphs:
        size = paragraph.end - paragraph.start
        if group and length + size > PART_CHARACTERS:
            yield tuple(group)
            group, length = [], 0
        group.append(paragraph)
        length += size
    if group:
        yield tuple(group)


def _joined(answers: list[Answer]) -> Answer:
    if isinstance(answers[0], Translation):
        entries: list[TranslatedParagraph] = []
        for translation in answers:
            assert isinstance(translation, Translation)
            entries += translation.paragraphs
        return Translation(paragraphs=sorted(entries, key=lambda entry: entry.paragraph))
    return answers[0]
