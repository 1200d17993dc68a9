"""Match the decisions of people with the claims and findings of a record. Nothing is guessed and nothing is dropped.

A claim is identified by its quote; if several claims have the same quote, also by their English and span. A finding is
identified by its check, field, ``got`` and span, but not by the number of its claim, which may have changed. A decision
that matches nothing, or matches several targets equally well, is left over, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dragoman.core.field_paths import without_numbers
from dragoman.core.record import Finding, Record
from dragoman.output.decisions import Decision, finding_words, to_nfc


@dataclass(frozen=True, slots=True)
class AppliedDecision:
    """A decision that matches a claim or a finding."""

    decision: Decision
    english_changed: bool = False
    """Whether the English is no longer the text that the person saw."""


@dataclass(frozen=True, slots=True)
class RecordDecisions:
    """The decisions on one record: on claims by claim id, on findings by their index in the record."""

    claims: Mapping[str, AppliedDecision] = field(default_factory=dict)
    findings: Mapping[int, AppliedDecision] = field(default_factory=dict)

    def open_findings(self, record: Record) -> Iterator[tuple[int, Finding]]:
        """Error and warning findings, with their indexes, that have no decision on themselves or on their claim.

        A decision does not count if the English has changed since.
        """
        for index, finding in enumerate(record.findings):
            if self.is_open(index, finding.severity, finding.claim):
                yield index, finding

    def is_open(self, index: int, severity: str, claim: str | None) -> bool:
        """Whether a finding is open; ``claim`` is the id of its claim."""
        if severity == "note":
            return False
        candidates = (self.findings.get(index), self.claims.get(claim or ""))
        return all(applied is None or applied.english_changed for applied in candidates)


@dataclass(frozen=True, slots=True)
class LeftOverDecision:
    """A decision that matches nothing in the folder, or more than one thing."""

    decision: Decision
    reason: str
    """Why it is left over, as a clause."""

    def to_json(self) -> dict[str, Any]:
        """The decision as `dragoman decisions show --json` prints it."""
        return {**self.decision.model_dump(), "state": "left over", "why": self.reason}


class FolderDecisions:
    """The decisions about one output folder. Call `match` for every record before `left_over`."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self._by_article: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            self._by_article[decision.article].append(decision)
        self._applied: set[Decision] = set()
        self._ambiguous: set[Decision] = set()
        self._matched_articles: set[str] = set()

    def has_any_on(self, article_sha256: str | None) -> bool:
        """Whether there is a decision about an article with these bytes. If not, `match` finds nothing for it."""
        return (article_sha256 or "") in self._by_article

    def match(self, record: Record) -> RecordDecisions:
        """The decisions on a record. Two files with the same bytes share their decisions."""
        decisions = self._by_article.get(record.article.sha256 or "", [])
        if not decisions:
            return RecordDecisions()
        self._matched_articles.add(record.article.sha256 or "")
        claims = self._assign([d for d in decisions if d.kind == "claim"], list(_claim_targets(record)))
        findings = self._assign([d for d in decisions if d.kind == "finding"], list(_finding_targets(record)))
        return RecordDecisions(
            {target.name: applied for target, applied in claims.items()},
            {int(target.name): applied for target, applied in findings.items()},
        )

    def left_over(self) -> list[LeftOverDecision]:
        """Decisions that matched no record so far, grouped by article, in the order of the file."""
        every = (decision for decisions in self._by_article.values() for decision in decisions)
        return [
            LeftOverDecision(decision, self._reason(decision)) for decision in every if decision not in self._applied
        ]

    def _reason(self, decision: Decision) -> str:
        if decision.article not in self._matched_articles:
            return "its article was edited, or is no longer in the folder"
        if decision in self._ambiguous:
            return f"several {decision.kind}s have these words, so it is not clear which of them was meant"
        return f"the article no longer has a {decision.kind} with these words"

    def _assign(self, decisions: Sequence[Decision], targets: Sequence[_Target]) -> dict[_Target, AppliedDecision]:
        """The latest decision on each target.

        Decisions with one possible target go first. For an ambiguous decision, the targets that they took are ruled
        out, which may leave it only one.
        """
        assigned: dict[_Target, Decision] = {}
        ambiguous: list[tuple[Decision, list[_Target]]] = []
        for decision in sorted(decisions, key=lambda decision: decision.moment):
            best = _best_targets(decision, targets)
            if len({target.identity for target in best}) > 1:
                ambiguous.append((decision, best))
            else:
                self._apply(assigned, decision, best)
        certain = set(assigned)
        for decision, best in ambiguous:
            free = [target for target in best if target not in certain]
            if len({target.identity for target in free}) == 1:
                self._apply(assigned, decision, free)
            else:
                self._ambiguous.add(decision)
        return {
            target: AppliedDecision(decision, _english_changed(decision, target))
            for target, decision in assigned.items()
        }

    def _apply(self, assigned: dict[_Target, Decision], decision: Decision, targets: Sequence[_Target]) -> None:
        for target in targets:
            assigned[target] = decision
            self._applied.add(decision)


class _Target(NamedTuple):
    """A claim or a finding, reduced to what identifies it."""

    name: str
    """Id of the claim, or index of the finding."""
    words: str
    words_without_numbers: str
    """The words of a finding without the numbers in its field; for a claim, its words."""
    span: tuple[int, int] | None
    text_en: str | None
    """English of the claim, or of the claim that the finding is about."""

    @property
    def identity(self) -> tuple[object, ...]:
        return self.words, self.span, self.text_en


def decisions_as_json(record: Record, decisions: RecordDecisions) -> Iterator[dict[str, Any]]:
    """The decisions on one record as `dragoman decisions show --json` prints them: on claims, then on findings."""
    where = {"state": "applies", "name": record.article.name, "id": record.article.id}
    for claim, applied in decisions.claims.items():
        english = {"english_changed": applied.english_changed}
        yield {**applied.decision.model_dump(), **where, "about": claim, **english}
    for index, applied in decisions.findings.items():
        yield {**applied.decision.model_dump(), **where, "about": record.findings[index].field}


def _claim_targets(record: Record) -> Iterator[_Target]:
    for claim in record.summary.claims if record.summary else ():
        words, evidence = to_nfc(claim.quote), claim.evidence
        yield _Target(claim.id, words, words, evidence.span, claim.text_en)


def _finding_targets(record: Record) -> Iterator[_Target]:
    english = {claim.id: claim.text_en for claim in record.summary.claims} if record.summary else {}
    for index, finding in enumerate(record.findings):
        words = to_nfc(finding_words(finding))
        yield _Target(str(index), words, _without_numbers(words), finding.span, english.get(finding.claim or ""))


def _without_numbers(words: str) -> str:
    """The words of a finding without the numbers in its field, because claims may have other numbers in a new run."""
    check, _, rest = words.partition("|")
    path, _, got = rest.partition("|")
    return f"{check}|{without_numbers(path)}|{got}"


def _best_targets(decision: Decision, targets: Sequence[_Target]) -> list[_Target]:
    """The targets that fit a decision best: none, one or several. The same English counts most, then the same span,
    then the same numbers in the field."""
    words = to_nfc(decision.words)
    if decision.kind == "claim":
        fitting = [target for target in targets if target.words == words]
    else:
        loose = _without_numbers(words)
        fitting = [
            target
            for target in targets
            if target.words_without_numbers == loose and _is_same_place(decision, target, words)
        ]

    def fit(target: _Target) -> tuple[bool, bool, bool]:
        return target.text_en == decision.text_en, target.span == decision.span, target.words == words

    best = max(map(fit, fitting), default=None)
    return [target for target in fitting if fit(target) == best]


def _is_same_place(decision: Decision, target: _Target, words: str) -> bool:
    """Whether a finding is at the place that was decided on; the same check elsewhere is a different finding. Findings
    without a span are compared by the number of their claim or by its English."""
    if decision.span is not None or target.span is not None:
        return decision.span == target.span
    return target.words == words or bool(decision.text_en and decision.text_en == target.text_en)


def _english_changed(decision: Decision, target: _Target) -> bool:
    # An edited text is the person's own, so it does not matter what the model writes.
    return decision.verdict != "edited" and bool(decision.text_en) and decision.text_en != target.text_en
