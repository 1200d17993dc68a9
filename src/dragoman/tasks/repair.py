"""Sends the items of a summary that have an error back to the model, and puts the corrected items into the answer.

Items are claims, the title, the abstract and key points, and whatever is not valid. The items that have an error
finding go back together in one request (`repair_request`); nothing else of the answer changes. The corrected answer is
checked again. A correction that is worse than what it replaces is not taken. An item that still has an error after the
last round stays in the answer, flagged and with a note; one that is still not valid stays out of it, with its finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from dragoman.core.answers import Claim, Repair, Summary
from dragoman.core.check_names import CheckName
from dragoman.core.exchange import Exchange
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.errors import DragomanError, FailureKind, ProviderError, ReplyRejected
from dragoman.evidence.checks.finding import finding
from dragoman.tasks.answering import (
    PENDING,
    Ask,
    Asked,
    IsStored,
    answer,
    nothing_is_stored,
    pending_reason,
    whole_text,
)
from dragoman.tasks.items import Place, as_json, path_of, with_corrections
from dragoman.tasks.parse import ParsedRepair, parse_repair
from dragoman.tasks.repair_request import Item, items_to_correct, repair_call
from dragoman.tasks.requests import Call, TaskSpec
from dragoman.tasks.review import Review, review

MOST_ROUNDS = 2
"""Most repairs of one answer: what is wrong after two corrections needs a person."""


def carry_out(
    spec: TaskSpec,
    source: Source,
    ask: Ask,
    *,
    retry: bool = False,
    rounds: int = 0,
    is_stored: IsStored = nothing_is_stored,
) -> Review:
    """Run a task from its first request to its reviewed answer, with at most ``rounds`` repairs of a summary.

    ``retry`` also asks again where a stored reply could not be used. ``is_stored`` says which replies cost nothing.
    """
    reviewed = review(source, answer(spec, source, ask, retry=retry, is_stored=is_stored))
    if reviewed.summary is None:
        return reviewed
    return _RepairRounds(reviewed, source, ask, retry=retry).run(rounds)


class _Failure(NamedTuple):
    """Why items are still wrong after their repair: in a few words for each, and the details for the first of them."""

    check: CheckName
    short: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join((self.short, *self.details))


class _RepairRounds:
    """The repairs of one answer: each round sends back the items that still have an error."""

    def __init__(self, reviewed: Review, source: Source, ask: Ask, *, retry: bool) -> None:
        self._reviewed = reviewed
        self._source = source
        self._ask = ask
        self._retry = retry
        self._sent_items: dict[Place, Item] = {}
        """Each item that was sent back, by its place, as it was before its first repair."""
        self._stored_failure: _Failure | None = None
        """Why the stored repair could not be used, while a retry asks for a new one."""

    def run(self, rounds: int) -> Review:
        """The review after at most ``rounds`` repairs. An error that keeps a repair from being asked leaves the task
        pending."""
        items, asked_keys = items_to_correct(self._reviewed), set[str]()
        failure: _Failure | None = None
        for number in range(1, rounds + 1):
            call = repair_call(self._reviewed, self._source, items, number) if items else None
            if call is None or call.request.key in asked_keys:
                break
            asked_keys.add(call.request.key)
            try:
                exchange, parsed = self._asked(call)
            except PENDING as error:
                return self._stopped(items, error)
            except ReplyRejected as rejected:
                failure = _unusable(rejected)
                self._remember(items)
                self._reviewed = replace(self._reviewed, **_open_repair(call, rejected))
                break
            self._remember(item for item in items if item.mark in exchange.items.split())
            self._reviewed = _corrected(self._reviewed, self._source, items, exchange, parsed.repair)
            items = items_to_correct(self._reviewed)
            details = (f"corrections that were not valid: {'; '.join(parsed.problems)}",) if parsed.problems else ()
            failure = _Failure(
                "repair.failed", f"still wrong after {number} repair{'s' if number > 1 else ''}", details
            )
        return self._with_notes(items, failure)

    def _asked(self, call: Call) -> tuple[Exchange, ParsedRepair]:
        """Ask for a repair and parse its reply. Raises `ReplyRejected` when the reply cannot be used, and what `Ask`
        raises."""
        asked = self._first_asked(call)
        earlier_exchanges = self._reviewed.outcome.exchanges
        self._set_exchanges(*earlier_exchanges, asked.exchange)
        try:
            return asked.exchange, _parsed(asked.exchange)
        except ReplyRejected as rejected:
            # A retry is for replies of earlier runs, not for one that this run has just bought.
            if not self._retry or asked.bought:
                raise
            self._stored_failure = _unusable(rejected)
        new_exchange = self._ask(call, True).exchange
        self._stored_failure = None
        self._set_exchanges(*earlier_exchanges, new_exchange)
        return new_exchange, _parsed(new_exchange)

    def _first_asked(self, call: Call) -> Asked:
        """The stored reply to a repair, or a new one. A retry also sends a repair that an earlier run got rejected."""
        try:
            return self._ask(call, False)
        except ProviderError as error:
            if not (self._retry and error.remembered):
                raise
        return self._ask(call, True)

    def _set_exchanges(self, *exchanges: Exchange) -> None:
        outcome = replace(self._reviewed.outcome, exchanges=exchanges)
        self._reviewed = replace(self._reviewed, outcome=outcome)

    def _remember(self, sent: Iterable[Item]) -> None:
        for item in sent:
            self._sent_items.setdefault(item.place, item)

    def _stopped(self, items: Sequence[Item], error: DragomanError) -> Review:
        """The review when ``error`` stopped the repairs. The task is pending; but when the service failed for this
        article only, the answer stands and the repair is open for the next run."""
        if self._stored_failure:
            self._remember(items)
        stopped = self._with_notes(items, self._stored_failure)
        if isinstance(error, ProviderError) and error.kind is not FailureKind.UNUSABLE:
            return replace(stopped, unanswered=error)
        outcome = replace(stopped.outcome, status="pending", reason=pending_reason(error), error=error)
        return replace(stopped, outcome=outcome)

    def _with_notes(self, still_wrong: Sequence[Item], failure: _Failure | None) -> Review:
        """The review with a note on every item that was sent back: what it was before its correction, or ``failure``.

        Without ``failure`` the items that are still wrong get no note: their repair is still to come.
        """
        wrong = {item.place for item in still_wrong}
        summary, invalid = self._reviewed.outcome.answer, self._reviewed.outcome.invalid
        assert isinstance(summary, Summary)
        notes: list[Finding] = []
        why = str(failure)
        for place, item in self._sent_items.items():
            path = path_of(place, summary, invalid)
            if place not in wrong:
                notes.append(_done(item, path))
            elif failure is not None:
                notes.append(_failed(item, path, failure.check, why))
                why = failure.short
        return replace(self._reviewed, findings=(*self._reviewed.findings, *notes))


def _open_repair(call: Call, rejected: ReplyRejected) -> dict[str, Any]:
    """The fields of a review that say what to do about a repair whose reply could not be used. A reply that cannot be
    read at all does not come from the model, perhaps from a proxy, so the next run asks again."""
    if rejected.code == "bad_response":
        return {"unanswered": ProviderError(FailureKind.TRANSIENT, str(rejected), unreadable=True)}
    return {"unusable": call, "unusable_because": str(_unusable(rejected))}


def _unusable(rejected: ReplyRejected) -> _Failure:
    # The next run asks again by itself where the service gave no reply that can be read.
    check: CheckName = "repair.failed" if rejected.code == "bad_response" else "repair.unusable"
    if rejected.code == "invalid":
        return _Failure(check, "the correction could not be used: it had the wrong shape", rejected.problems)
    return _Failure(check, f"the correction could not be used: {'; '.join(rejected.problems)}")


def _parsed(exchange: Exchange) -> ParsedRepair:
    """Raises `ReplyRejected` for a reply that is cut off, refused or not what was asked for."""
    return parse_repair(whole_text(exchange), (mark.partition("#")[0] for mark in exchange.items.split()))


def _corrected(reviewed: Review, source: Source, items: Sequence[Item], exchange: Exchange, repair: Repair) -> Review:
    """The review of the answer with the corrections of ``repair``, without those that are worse than before."""
    # A stored repair may be about other items, or about other content; only its corrections of these items count.
    before = {item.place: item for item in items if item.mark in exchange.items.split()}
    places = {place.name: place for place in before}
    corrections: dict[Place, Claim | str] = {
        **{places[repaired.item]: repaired.claim for repaired in repair.claims if repaired.item in places},
        **{places[repaired.item]: repaired.text_en for repaired in repair.texts if repaired.item in places},
    }
    after = _reviewed_with(reviewed, source, corrections)
    worse = {
        item.place
        for item in items_to_correct(after)
        if item.place in corrections and item.is_worse_than(before[item.place])
    }
    if worse:
        better = {place: content for place, content in corrections.items() if place not in worse}
        after = _reviewed_with(reviewed, source, better)
    return after


def _reviewed_with(reviewed: Review, source: Source, corrections: Mapping[Place, Claim | str]) -> Review:
    outcome = reviewed.outcome
    assert isinstance(outcome.answer, Summary)
    summary, invalid = with_corrections(outcome.answer, outcome.invalid, corrections)
    return review(source, replace(outcome, answer=summary, invalid=invalid))


def _done(item: Item, path: str) -> Finding:
    errors = "; ".join(dict.fromkeys(item.found))
    return finding("repair.done", "note", path, f"corrected by a repair; the error was: {errors}", got=_before(item))


def _failed(item: Item, path: str, check: CheckName, why: str) -> Finding:
    # The path of an item that is left out is that of its list, so the message names it.
    is_left_out = item.place.number is not None and path == item.place.field
    return finding(check, "note", path, f"{item.name}: {why}" if is_left_out else why, got=_before(item))


def _before(item: Item) -> str:
    return item.content if isinstance(item.content, str) else _text_of(item.content)


def _text_of(content: Any) -> str:
    """The English of a claim; the JSON text of anything that is no valid claim."""
    text = content.get("text_en") if isinstance(content, Mapping) else None
    return text if isinstance(text, str) else as_json(content)
