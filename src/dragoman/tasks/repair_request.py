"""Which items of a summary go back to the model for correction, and the request that asks for it.

The request is the smallest that can fix them: it shows each item with its findings, and only the paragraphs that the
items depend on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dragoman.core.answers import Summary
from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.core.text import canonical_json, sha256
from dragoman.tasks.fences import fence_of
from dragoman.tasks.items import NULL, PROMPTED, InvalidItem, Place, contents, path_of
from dragoman.tasks.prompts import numbered_paragraphs
from dragoman.tasks.requests import Call, parts, request_of, too_long
from dragoman.tasks.review import Review

_INVALID: CheckName = "shape.invalid"
_WORST: frozenset[CheckName] = frozenset(
    (
        "quote.absent",
        "empty.refusal",
        "empty.request",
        "empty.placeholder",
        "empty.repeated",
        "empty.length",
    )
)
"""Errors after which the item before its correction is more use to a reader than the correction."""

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""Line ends that JSON leaves unescaped."""
_MOST_PLACES = 3
"""Most paragraphs shown for source words that a finding names and that occur in several paragraphs."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item to correct: a claim (``c3``), ``title_en``, ``abstract`` or a key point (``key_points.2``). An item that
    is not valid can be any field of the answer, or of one of its entities (``entities.2.kind``)."""

    place: Place
    content: Any
    """What the answer has, as a JSON value: the fields of a claim, or a text."""
    findings: tuple[Finding, ...]
    """Its error findings."""
    found: tuple[str, ...]
    """What is wrong with it, as the request says it: one sentence for each finding."""

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def mark(self) -> str:
        """The name and a digest of the content. A stored repair is found by its marks, however findings are worded."""
        return f"{self.name}#{sha256(canonical_json(self.content))[:8]}"

    def is_worse_than(self, before: Item) -> bool:
        """Whether it has more errors than ``before``, a quote that is no longer in the source, or says nothing now.
        Nothing is worse than an item that was not valid."""
        checks_now, checks_before = ({finding.check for finding in item.findings} for item in (self, before))
        if _INVALID in checks_before:
            return False
        return len(self.findings) > len(before.findings) or bool(_WORST & (checks_now - checks_before))

    @property
    def line(self) -> str:
        """The item as the request shows it: one JSON object on one line."""
        line = json.dumps({"item": self.name, "found": self.found, "now": self.content}, ensure_ascii=False)
        return _LINE_ENDS.sub(lambda line_end: f"\\u{ord(line_end[0]):04x}", line)


def items_to_correct(review: Review) -> tuple[Item, ...]:
    """The items of a reviewed summary that have an error finding, in the order of the answer."""
    summary, invalid = review.outcome.answer, review.outcome.invalid
    assert isinstance(summary, Summary)
    errors: dict[str, list[Finding]] = {}
    left_out: list[Finding] = []
    for finding in review.findings:
        if finding.check == _INVALID:
            left_out.append(finding)
        elif finding.severity == "error":
            errors.setdefault(_item_path(finding), []).append(finding)
    of_places = {item.place: (item, found) for item, found in zip(invalid, left_out, strict=True)}
    items = []
    for one in contents(summary, invalid):
        if one.entry in of_places:
            item, found = of_places[one.entry]
            items.append(Item(one.place, one.content, (found,), (_what_is_wrong(item, one.place),)))
        elif of_item := errors.get(path_of(one.place, summary, invalid)):
            items.append(Item(one.place, one.content, tuple(of_item), tuple(found.message for found in of_item)))
    return tuple(items)


def _what_is_wrong(item: InvalidItem, place: Place) -> str:
    """What is wrong with an item that is not valid, and how its correction at ``place`` is written where the prompt
    does not say it: as a text, and null as a word, because the schema of a repair has only texts and claims."""
    sentence = f"{item.place.name} of the answer is not valid: {'; '.join(item.problems)}"
    if place.field not in PROMPTED:
        sentence += f". Its correction goes under `texts`, as the item {place.name}"
    if place.may_be_null:
        sentence += f'; for null, write "{NULL}" as its text'
    return sentence


def repair_call(review: Review, source: Source, items: Sequence[Item], number: int) -> Call | None:
    """The request of round ``number`` (from 1) for ``items``; None when it would not fit the model's context."""
    spec = review.outcome.spec
    word = fence_of(source)
    user = spec.repair.fill(
        fence=word,
        paragraphs=numbered_paragraphs(source, (source.paragraphs[n - 1] for n in _paragraphs(source, items)), word),
        items="\n".join(item.line for item in items),
    )
    request = request_of(spec.repair, spec.model, user)
    if too_long(request, spec.model):
        return None
    parent = parts(spec, source)[0].call.request.key
    marks = " ".join(item.mark for item in items)
    return Call(request, spec.task, "repair", number, parent, spec.repair, marks)


def _item_path(finding: Finding) -> str:
    """The path of the item that a finding is about: that of its claim, or else its field, which for a title, abstract
    or key point is the path of the item. For any other field it is the path of no item."""
    return claim_path(finding.claim) if finding.claim else finding.field or ""


def _paragraphs(source: Source, items: Iterable[Item]) -> list[int]:
    """Numbers of the paragraphs that the items depend on; all paragraphs when the findings of a text name no place."""
    numbers: set[int] = set()
    all_numbers = set(range(1, len(source.paragraphs) + 1))
    for item in items:
        of_item = {finding.paragraph for finding in item.findings if finding.paragraph}
        if isinstance(item.content, Mapping):
            of_item |= _stated_paragraphs(source, item.content)
        for finding in item.findings:
            if finding.paragraph is None and finding.expected:
                of_item |= _paragraphs_with(source, finding.expected)
        numbers |= of_item & all_numbers or all_numbers
    return sorted(numbers)


def _stated_paragraphs(source: Source, claim: Mapping[str, Any]) -> set[int]:
    """The paragraph that a claim names; those that have its quote, for a claim that is not valid and names none."""
    paragraph, quote = claim.get("paragraph"), claim.get("quote")
    if isinstance(paragraph, int):
        return {paragraph}
    return _paragraphs_with(source, quote) if isinstance(quote, str) and quote else set()


def _paragraphs_with(source: Source, words: str) -> set[int]:
    """Numbers of the first few paragraphs that contain ``words``."""
    numbers = (p.number for p in source.paragraphs if words in source.paragraph_text(p.number))
    return set(islice(numbers, _MOST_PLACES))
