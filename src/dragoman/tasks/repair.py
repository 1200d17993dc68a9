"""Findings → the smallest request that can fix them; its reply → the answer with those items replaced.

Claims with error findings, and a title, abstract or key point that has one, go back in one request with their
paragraphs and the exact findings; the rest is untouched. What comes is checked again. An item that still fails
is kept, flagged and counted; one that came back worse is not taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dragoman.core.answers import Claim, Repair, Summary
from dragoman.core.check_names import CheckName
from dragoman.core.exchange import Exchange
from dragoman.core.field_paths import claim_path, key_point_path
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.core.text import canonical_json, sha256
from dragoman.errors import DragomanError, FailureKind, ProviderError, ReplyRejected
from dragoman.evidence.checks.finding import finding
from dragoman.tasks.answering import PENDING, Ask, answer, pending_reason, whole_text
from dragoman.tasks.fences import fence
from dragoman.tasks.parse import is_claim, parse_repair
from dragoman.tasks.prompts import numbered_paragraphs
from dragoman.tasks.requests import Call, TaskSpec, parts, request_of, too_long
from dragoman.tasks.review import Review, review

MOST_ROUNDS = 2
"""Repairs of one answer: what fails twice is for a person."""

_ABSENT: CheckName = "quote.absent"
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""Line ends that JSON leaves as they are."""
_MOST_PLACES = 3
"""Paragraphs shown for words of the source that a finding names and that stand in several."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be corrected: ``c3``, ``title_en``, ``abstract`` or ``key_points.2``."""

    name: str
    now: Mapping[str, Any] | str
    """What the answer has: a claim's fields, or a text."""
    findings: tuple[Finding, ...]

    @property
    def mark(self) -> str:
        """Name and digest of what it is now: a repair is found again by these, however its findings are worded."""
        return f"{self.name}#{sha256(canonical_json(self.now))[:8]}"

    def is_worse_than(self, before: Item) -> bool:
        """More errors, or a quote that is nowhere now and was somewhere."""
        checks, earlier = ({one.check for one in item.findings} for item in (self, before))
        return len(self.findings) > len(before.findings) or _ABSENT in checks - earlier

    @property
    def shown(self) -> str:
        """The line of the request."""
        found = [one.message for one in self.findings]
        line = json.dumps({"item": self.name, "found": found, "now": self.now}, ensure_ascii=False)
        return _LINE_ENDS.sub(lambda end: f"\\u{ord(end[0]):04x}", line)


def carry_out(spec: TaskSpec, source: Source, ask: Ask, *, retry: bool = False, rounds: int = 0) -> Review:
    """A task from its first request to its reviewed answer, with at most ``rounds`` repairs of a summary."""
    reviewed = review(source, answer(spec, source, ask, retry=retry))
    if reviewed.summary is None:
        return reviewed
    return _Repairing(reviewed, source, ask, retry=retry).to_the_end(rounds)


class _Repairing:
    """From a reviewed answer to the one that is kept: each round sends back what still has an error."""

    def __init__(self, reviewed: Review, source: Source, ask: Ask, *, retry: bool) -> None:
        self._reviewed = reviewed
        self._source = source
        self._ask = ask
        self._retry = retry
        self._first: dict[str, Item] = {}
        """What was sent back, as it was before."""
        self._earlier = ""
        """Why the kept repair that is asked for anew was of no use."""

    def to_the_end(self, rounds: int) -> Review:
        """The review after at most ``rounds`` repairs; what keeps one from being asked leaves the task pending."""
        left, failed, asked = items(self._reviewed), "", set[str]()
        for number in range(1, rounds + 1):
            call = _call(self._reviewed, self._source, left, number) if left else None
            if call is None or call.request.key in asked:
                break
            asked.add(call.request.key)
            try:
                exchange, repair = self._answered(call)
            except PENDING as error:
                return self._ended(left, error)
            except ReplyRejected as error:
                failed = _unusable(error)
                self._send(left)
                self._reviewed = replace(self._reviewed, **_left_open(call, error))
                break
            self._send(item for item in left if item.mark in exchange.items.split())
            self._reviewed = _taken(self._reviewed, self._source, left, exchange, repair)
            left, failed = items(self._reviewed), f"still so after {number} repair{'s' if number > 1 else ''}"
        return self._noted(left, failed)

    def _answered(self, call: Call) -> tuple[Exchange, Repair]:
        """What came for a call. Raises `ReplyRejected` when it is no use, and what `Ask` raises."""
        asked = self._ask(call, False)
        before = self._reviewed.outcome
        self._rest_on(*before.exchanges, asked.exchange)
        try:
            return asked.exchange, _read(asked.exchange)
        except ReplyRejected as rejected:
            # What was asked in this very run is not asked once more.
            if not self._retry or asked.bought:
                raise
            self._earlier = _unusable(rejected)
        again = self._ask(call, True).exchange
        self._earlier = ""
        self._rest_on(*before.exchanges, again)
        return again, _read(again)

    def _rest_on(self, *exchanges: Exchange) -> None:
        outcome = replace(self._reviewed.outcome, exchanges=exchanges)
        self._reviewed = replace(self._reviewed, outcome=outcome)

    def _send(self, sent: Iterable[Item]) -> None:
        for item in sent:
            self._first.setdefault(item.name, item)

    def _ended(self, left: Sequence[Item], error: DragomanError) -> Review:
        """What is there by now: pending, or, when the service failed for this article, open for the next run."""
        if self._earlier:
            self._send(left)
        ended = self._noted(left, self._earlier)
        if isinstance(error, ProviderError) and error.kind is not FailureKind.UNUSABLE:
            return replace(ended, unanswered=error)
        outcome = replace(ended.outcome, status="pending", reason=pending_reason(error), error=error)
        return replace(ended, outcome=outcome)

    def _noted(self, left: Sequence[Item], failed: str) -> Review:
        """With a note on every item that was sent back: what it said before, or that it still does not hold.

        Without ``failed`` nothing is said of those that are left: their repair is still to come.
        """
        open_ = {item.name for item in left}
        notes = [
            _note(item, failed if name in open_ else None)
            for name, item in self._first.items()
            if failed or name not in open_
        ]
        return replace(self._reviewed, findings=(*self._reviewed.findings, *notes))


def _left_open(call: Call, rejected: ReplyRejected) -> dict[str, Any]:
    """What a review says of a repair whose reply is of no use. What cannot be read at all is not the model's reply,
    perhaps a proxy's page: the next run asks again."""
    if rejected.code == "bad_response":
        return {"unanswered": ProviderError(FailureKind.TRANSIENT, str(rejected), unreadable=True)}
    return {"unusable": call, "unusable_because": _unusable(rejected)}


def _unusable(rejected: ReplyRejected) -> str:
    return f"the repair could not be used: {'; '.join(rejected.problems)}"


def items(reviewed: Review) -> tuple[Item, ...]:
    """What of a summary can be repaired: the items that have an error finding, in the order of the answer."""
    errors: dict[str, list[Finding]] = {}
    for one in reviewed.findings:
        if one.severity == "error":
            errors.setdefault(_item_of(one), []).append(one)
    summary = reviewed.outcome.answer
    assert isinstance(summary, Summary)
    return tuple(Item(name, now, tuple(errors[name])) for name, now in _contents(summary) if name in errors)


def _contents(summary: Summary) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    yield "title_en", summary.title_en
    yield "abstract", summary.abstract
    for number, point in enumerate(summary.key_points, start=1):
        yield key_point_path(number), point
    for number, claim in enumerate(summary.claims, start=1):
        yield f"c{number}", claim.model_dump()


def _item_of(one: Finding) -> str:
    """The item that a finding is about: its claim, or its field, which is the name of a title, abstract or key point.
    Other fields have the name of no item."""
    return one.claim or one.field or ""


def _call(reviewed: Review, source: Source, left: Sequence[Item], number: int) -> Call | None:
    """The request of one round; None when it would not fit the model."""
    spec = reviewed.outcome.spec
    shown = _paragraphs(source, left)
    word = fence(source.text)
    user = spec.repair.fill(
        fence=word,
        paragraphs=numbered_paragraphs(source, (source.paragraphs[place - 1] for place in shown), word),
        items="\n".join(item.shown for item in left),
    )
    request = request_of(spec.repair, spec.model, user)
    if too_long(request, spec.model):
        return None
    parent = parts(spec, source)[0].call.request.key
    marks = " ".join(item.mark for item in left)
    return Call(request, spec.task, "repair", number, parent, spec.repair, marks)


def _paragraphs(source: Source, left: Iterable[Item]) -> list[int]:
    """Numbers of the paragraphs that the items rest on; all of them for a text whose findings name no place."""
    shown: set[int] = set()
    every = range(1, len(source.paragraphs) + 1)
    for item in left:
        places = {one.paragraph for one in item.findings if one.paragraph}
        if not isinstance(item.now, str):
            places.add(item.now["paragraph"])
        for one in item.findings:
            places |= _standing(source, one.expected) if one.paragraph is None and one.expected else set()
        places &= set(every)
        shown |= places or set(every)
    return sorted(shown)


def _standing(source: Source, words: str) -> set[int]:
    found = (p.number for p in source.paragraphs if words in source.paragraph_text(p.number))
    return {number for number, _ in zip(found, range(_MOST_PLACES), strict=False)}


def _read(exchange: Exchange) -> Repair:
    """Raises `ReplyRejected` for a reply that is cut off, refused or not what was asked for."""
    return parse_repair(whole_text(exchange), (mark.partition("#")[0] for mark in exchange.items.split()))


def _taken(reviewed: Review, source: Source, left: Sequence[Item], exchange: Exchange, repair: Repair) -> Review:
    """The review with what was corrected; what came back worse is not taken."""
    # Only what was asked about these very words: a kept repair may be of more.
    wanted = {item.name for item in left if item.mark in exchange.items.split()}
    summary = reviewed.outcome.answer
    assert isinstance(summary, Summary)
    new: dict[str, Claim | str] = {
        **{one.item: one.claim for one in repair.claims if one.item in wanted},
        **{one.item: one.text_en for one in repair.texts if one.item in wanted},
    }
    after = _again(reviewed, source, _replaced(summary, new))
    before = {item.name: item for item in left}
    worse = {item.name for item in items(after) if item.name in new and item.is_worse_than(before[item.name])}
    if worse:
        better = {name: value for name, value in new.items() if name not in worse}
        after = _again(reviewed, source, _replaced(summary, better))
    return after


def _again(reviewed: Review, source: Source, summary: Summary) -> Review:
    return review(source, replace(reviewed.outcome, answer=summary))


def _replaced(summary: Summary, new: Mapping[str, Claim | str]) -> Summary:
    update: dict[str, Any] = {name: new[name] for name in ("title_en", "abstract") if name in new}
    points = enumerate(summary.key_points, start=1)
    update["key_points"] = [new.get(key_point_path(number), point) for number, point in points]
    update["claims"] = [new.get(f"c{number}", claim) for number, claim in enumerate(summary.claims, start=1)]
    return summary.model_copy(update=update)


def _note(item: Item, failed: str | None) -> Finding:
    field = claim_path(item.name) if is_claim(item.name) else item.name
    was = item.now if isinstance(item.now, str) else item.now["text_en"]
    what = "; ".join(dict.fromkeys(one.message for one in item.findings))
    if failed is not None:
        return finding("repair.failed", "note", field, failed, got=was)
    return finding("repair.done", "note", field, f"corrected by a repair; before: {what}", got=was)
