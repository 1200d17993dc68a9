"""One task over one Source: its requests, and the walk from first reply to a valid answer or a reason.

A reply cut off by the output limit is asked once more with a higher one; an invalid answer goes back once
with the exact errors, as a fresh request. Both are found again in the store by their parent and round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dragoman.core.exchange import Exchange
from dragoman.core.record import Reason, Status, status_of
from dragoman.core.request import Request
from dragoman.core.source import Source
from dragoman.errors import (
    BudgetReached,
    DragomanError,
    FailureKind,
    Interrupted,
    ProviderError,
    ReasonCode,
    RecordingMissing,
    RejectionCode,
    ReplyRejected,
    StoreError,
)
from dragoman.tasks.parse import Answer, parse
from dragoman.tasks.requests import Call, Part, TaskSpec, parts, too_long
from dragoman.tasks.translation import joined


@dataclass(frozen=True)
class TaskOutcome:
    """What became of a task. ``answer`` is there when ``status`` is ok; ``exchanges`` in the order of asking.

    ``error`` is what left it pending (budget, stop, provider, recording, store), if something did; what had
    been answered by then is still in ``exchanges``, and an answer whose repair is pending is kept as it is.
    """

    spec: TaskSpec
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


def answer(spec: TaskSpec, source: Source, ask: Ask, *, retry: bool = False) -> TaskOutcome:
    """Ask for a task and read what comes; ``retry`` asks anew the parts whose kept replies came to nothing."""
    exchanges: list[Exchange] = []
    answers: list[Answer] = []
    for part in parts(spec, source):
        try:
            answers.append(_answer_part(spec, part, ask, exchanges, retry=retry))
        except _Ended as ended:
            reason = Reason(code=ended.code, message=ended.message)
            return TaskOutcome(spec, status_of(ended.code), reason, None, tuple(exchanges))
        except PENDING as error:
            return pending(spec, error, exchanges)
    return TaskOutcome(spec, "ok", None, joined(answers), tuple(exchanges))


def pending(spec: TaskSpec, error: DragomanError, exchanges: Sequence[Exchange] = ()) -> TaskOutcome:
    """The outcome of a task that something beyond its article kept from being asked, or asked to its end."""
    reason = pending_reason(error)
    return TaskOutcome(spec, status_of(reason.code), reason, None, tuple(exchanges), error)


def pending_reason(error: DragomanError) -> Reason:
    """What a record says of an error that ends a run."""
    code = next(code for kind, code in _PENDING if isinstance(error, kind))
    return Reason(code=code, message=str(error))


class _Ended(Exception):
    """A task that has no valid answer, and why."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _answer_part(spec: TaskSpec, part: Part, ask: Ask, exchanges: list[Exchange], *, retry: bool) -> Answer:
    if why := too_long(part.call.request, spec.model):
        raise _Ended("too_long", why)
    walk = _Walk(spec, part, ask)
    try:
        return walk.to_the_end()
    except _Ended:
        # What was asked in this very run is not asked once more.
        if not retry or walk.bought:
            raise
        again = _Walk(spec, part, ask, fresh=True)
        try:
            return again.to_the_end()
        finally:
            # Stopped before anything came: then the record still rests on what was there.
            walk = again if again.exchanges else walk
    finally:
        exchanges += walk.exchanges


class _Walk:
    """From the first call of a part to a valid answer: each reply is read, and may lead to one more call."""

    def __init__(self, spec: TaskSpec, part: Part, ask: Ask, *, fresh: bool = False) -> None:
        self._wording = spec
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
            if error.kind is FailureKind.UNUSABLE:
                raise
            self.bought = True
            code: ReasonCode = "rejected" if error.kind is FailureKind.ARTICLE else "provider_error"
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


def _reask(spec: TaskSpec, request: Request, rejected: ReplyRejected) -> Request | None:
    """The request after a rejected reply, or None when asking again makes no sense."""
    if rejected.code == "truncated":
        more = min(request.max_tokens * 2, spec.model.max_output)
        return replace(request, max_tokens=more) if more > request.max_tokens else None
    if rejected.code == "invalid":
        problems = "\n".join(f"- {problem}" for problem in rejected.problems)
        return replace(request, user=spec.reask.fill(request=request.user, problems=problems))
    return None
