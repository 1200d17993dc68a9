"""Asks for one task on one source, from the first request to a valid answer or the reason why there is none.

A reply that was cut off by the output limit is asked for once more with a higher limit. An answer that is invalid as a
whole, or says nothing about the article, is sent back once with the exact errors, as a new request. A refusal is not.
The store finds both again by their parent and round. Single items that are invalid are left to the repair (`repair`),
which costs less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dragoman.core.assemble import status_of
from dragoman.core.exchange import Exchange, Reply
from dragoman.core.record import Reason, Status
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
from dragoman.evidence.substance import says_nothing
from dragoman.tasks.items import InvalidItem, listed, sentences
from dragoman.tasks.parse import Answer, Parsed, parse
from dragoman.tasks.requests import Call, Part, TaskSpec, parts, too_long
from dragoman.tasks.translation import joined


@dataclass(frozen=True)
class TaskOutcome:
    """The result of a task. ``answer`` is set when ``status`` is ok. ``exchanges`` are in the order of asking.

    ``error`` is what left the task pending (budget, stop, provider, recording, store), if anything did. Replies that
    came before it are in ``exchanges``, and an answer whose repair is pending is kept.
    """

    spec: TaskSpec
    status: Status
    reason: Reason | None
    answer: Answer | None
    exchanges: tuple[Exchange, ...]
    error: DragomanError | None = None
    invalid: tuple[InvalidItem, ...] = ()
    """The items of the answer that are not valid, and so not in ``answer``."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An exchange, and whether it was bought for this call (False: found in the store)."""

    exchange: Exchange
    bought: bool


Ask = Callable[[Call, bool], Asked]
"""(call, fresh) → the exchange. With ``fresh``, a stored reply is not used."""

IsStored = Callable[[Call], bool]
"""Whether a reply to a call is stored, so that it costs nothing."""


def nothing_is_stored(_: Call) -> bool:
    return False


_PENDING: tuple[tuple[type[DragomanError], ReasonCode], ...] = (
    (BudgetReached, "budget"),
    (Interrupted, "interrupted"),
    (ProviderError, "provider_unusable"),
    (RecordingMissing, "recording_missing"),
    (StoreError, "store_trouble"),
)


PENDING = tuple(kind for kind, _ in _PENDING)
"""The errors that keep a task from being completed in this run."""


ON_RETRY: frozenset[ReasonCode] = frozenset({"refused", "invalid", "truncated", "rejected"})
"""Reasons that come from what the store has, a reply or a rejection, so that only a retry sends the request again. The
service may answer differently then; ``too_long`` is not in the list, because an article does not get shorter."""


def answer(
    spec: TaskSpec, source: Source, ask: Ask, *, retry: bool = False, is_stored: IsStored = nothing_is_stored
) -> TaskOutcome:
    """Ask for a task and parse the replies. With ``retry``, a part whose stored replies gave no answer is asked for
    again."""
    exchanges: list[Exchange] = []
    parsed: list[Parsed] = []
    for part in parts(spec, source):
        try:
            parsed.append(_answer_part(spec, source, part, ask, exchanges, retry=retry, is_stored=is_stored))
        except _NoAnswer as no_answer:
            reason = Reason(code=no_answer.code, message=no_answer.message)
            return TaskOutcome(spec, status_of(no_answer.code), reason, None, tuple(exchanges))
        except PENDING as error:
            return pending(spec, error, exchanges)
    whole = joined([one.answer for one in parsed])
    return TaskOutcome(spec, "ok", None, whole, tuple(exchanges), invalid=parsed[0].invalid)


def pending(spec: TaskSpec, error: DragomanError, exchanges: Sequence[Exchange] = ()) -> TaskOutcome:
    """The outcome of a task that an error, not caused by its article, kept from being completed."""
    reason = pending_reason(error)
    return TaskOutcome(spec, status_of(reason.code), reason, None, tuple(exchanges), error)


def pending_reason(error: DragomanError) -> Reason:
    """The reason that a record states for an error that ends a run."""
    code = next(code for kind, code in _PENDING if isinstance(error, kind))
    return Reason(code=code, message=str(error))


class _NoAnswer(Exception):
    """A part has no valid answer, for the reason given."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _answer_part(
    spec: TaskSpec,
    source: Source,
    part: Part,
    ask: Ask,
    exchanges: list[Exchange],
    *,
    retry: bool,
    is_stored: IsStored,
) -> Parsed:
    if why := too_long(part.call.request, spec.model):
        raise _NoAnswer("too_long", why)
    calls = _PartCalls(spec, source, part, ask, is_stored)
    try:
        return calls.answer()
    except _NoAnswer:
        # A retry is for replies of earlier runs, not for one that this run has just bought.
        if not retry or calls.bought:
            raise
        second = _PartCalls(spec, source, part, ask, nothing_is_stored, fresh=True)
        try:
            return second.answer()
        finally:
            # Without a new reply, the record is still based on the stored ones.
            calls = second if second.exchanges else calls
    finally:
        exchanges += calls.exchanges


class _PartCalls:
    """The calls for one part: the first one, and further ones when a reply is rejected."""

    def __init__(
        self, spec: TaskSpec, source: Source, part: Part, ask: Ask, is_stored: IsStored, *, fresh: bool = False
    ) -> None:
        self._spec = spec
        self._source = source
        self._part = part
        self._ask = ask
        self._is_stored = is_stored
        self._fresh = fresh
        self.bought = False
        self.exchanges: list[Exchange] = []

    def answer(self) -> Parsed:
        """The answer. Raises `_NoAnswer`, and whatever leaves the task pending."""
        call = self._part.call
        rejections: list[RejectionCode] = []
        while True:
            exchange = self._exchange(call)
            try:
                parsed = read_answer(self._spec, self._source, self._part, exchange, last="invalid" in rejections)
                if parsed.invalid and "invalid" not in rejections:
                    # Earlier versions asked for the whole answer again: what was paid for is used.
                    rejected = ReplyRejected("invalid", listed(sentences(parsed.invalid)))
                    second = self._reask(call, rejected, len(rejections) + 1)
                    if second is not None and self._is_stored(second):
                        raise rejected
                return parsed
            except ReplyRejected as rejected:
                next_call = None
                if rejected.code not in rejections:
                    next_call = self._reask(call, rejected, len(rejections) + 1)
                if next_call is None:
                    raise _NoAnswer(rejected.code, "; ".join(rejected.problems)) from rejected
                rejections.append(rejected.code)
                call = next_call

    def _reask(self, call: Call, rejected: ReplyRejected, number: int) -> Call | None:
        """The call to make after a rejected reply, number ``number`` of its part; None when none can help."""
        request = _reask(self._spec, call.request, rejected)
        if request is None:
            return None
        return Call(request, self._spec.task, "reask", number, self._part.call.request.key, self._spec.reask)

    def _exchange(self, call: Call) -> Exchange:
        try:
            asked = self._ask(call, self._fresh)
        except ProviderError as error:
            if error.kind is FailureKind.UNUSABLE:
                raise
            self.bought = self.bought or not error.remembered
            code: ReasonCode = "rejected" if error.kind is FailureKind.ARTICLE else "provider_error"
            tries = f" after {error.attempts} attempts" if error.attempts > 1 else ""
            raise _NoAnswer(code, f"{error}{tries}") from error
        self.bought = self.bought or asked.bought
        self.exchanges.append(asked.exchange)
        return asked.exchange


def read_answer(spec: TaskSpec, source: Source, part: Part, exchange: Exchange, *, last: bool = False) -> Parsed:
    """The answer in the reply to ``part``; ``last`` as in `parse`. Raises `ReplyRejected` for a reply that is not
    complete, not valid, or says nothing about the article."""
    text = whole_text(exchange)
    try:
        parsed = parse(spec.task, text, part.paragraphs, last=last)
    except ReplyRejected as rejected:
        if exchange.reply.ending != "other":
            raise
        why = f"the reply did not end as an answer does, but with the stop reason {exchange.reply.stop_reason!r}"
        raise ReplyRejected(rejected.code, (*rejected.problems, why)) from rejected
    # An abstract that is not valid is left out, and comes back with its repair.
    is_whole = all(item.place.field != "abstract" for item in parsed.invalid)
    nothing = says_nothing(source, parsed.answer, spec.prompt.wording) if is_whole else None
    if nothing is not None:
        raise ReplyRejected("refused" if nothing.is_refusal else "invalid", nothing.problems)
    return parsed


def whole_text(exchange: Exchange) -> str:
    """The text of a complete reply. Raises `ReplyRejected` (``truncated``, ``refused``, ``too_long``, ``invalid``)."""
    reply = exchange.reply
    match reply.ending:
        case "cut off":
            limit = f"cut off at the output limit of {exchange.request.max_tokens:,} tokens"
            raise ReplyRejected("truncated", (limit,))
        case "blocked":
            raise ReplyRejected("refused", (f"{_blocked_by(reply)}: {reply.refusal or 'no explanation'}",))
        case "too long":
            raise ReplyRejected("too_long", ("the article does not fit the model's context",))
        case "complete" | "other":
            if not reply.text.strip():
                raise ReplyRejected("invalid", (f"the reply has no text; its stop reason is {reply.stop_reason!r}",))
            return reply.text


def _blocked_by(reply: Reply) -> str:
    if reply.guarded:
        return "a guardrail of the service blocked the answer"
    if reply.stop_reason.lower() == "refusal":
        return "the model refused"
    return f"a filter of the service ({reply.stop_reason}) blocked the answer"


def _reask(spec: TaskSpec, request: Request, rejected: ReplyRejected) -> Request | None:
    """The request to send after a rejected reply; None when another request cannot help."""
    if rejected.code == "truncated":
        higher_limit = min(request.max_tokens * 2, spec.model.max_output)
        return replace(request, max_tokens=higher_limit) if higher_limit > request.max_tokens else None
    if rejected.code == "invalid":
        problems = "\n".join(f"- {problem}" for problem in rejected.problems)
        return replace(request, user=spec.reask.fill(request=request.user, problems=problems))
    return None
