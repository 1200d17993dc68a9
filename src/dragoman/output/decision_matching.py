"""Decisions → what of a record they are about. Nothing is guessed and nothing is dropped.

A claim is known by its quote; where several claims stand on the same words, by English and span. A finding is
known by check, field, what it got and span; the number of its claim may have changed. What cannot be found, or
not told apart, is left over, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dragoman.core.field_paths import without_numbers
from dragoman.core.record import Finding, Record
from dragoman.output.decisions import Decision, finding_words, same_form


@dataclass(frozen=True, slots=True)
class Applied:
    """A decision on what it is about; ``english_changed`` when the person saw other English than stands now."""

    decision: Decision
    english_changed: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one record: by claim id, and by the index of a finding."""

    claims: Mapping[str, Applied] = field(default_factory=dict)
    findings: Mapping[int, Applied] = field(default_factory=dict)

    def open(self, record: Record) -> Iterator[tuple[int, Finding]]:
        """Error and warning findings, by index, that nobody has decided, neither on them nor on their claim.

        A decision on a claim whose English has changed since settles nothing.
        """
        for index, finding in enumerate(record.findings):
            if self.leaves_open(index, finding.severity, finding.claim):
                yield index, finding

    def leaves_open(self, index: int, severity: str, claim: str | None) -> bool:
        """The same of one finding, with the id of the ``claim`` that it is about."""
        if severity == "note":
            return False
        on = (self.findings.get(index), self.claims.get(claim or ""))
        return all(applied is None or applied.english_changed for applied in on)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A decision that is about nothing in the folder any more, or about what cannot be told; ``why`` is a sentence."""

    decision: Decision
    why: str

    def to_json(self) -> dict[str, Any]:
        """As `dragoman decisions show --json` has it."""
        return {**self.decision.model_dump(), "state": "left over", "why": self.why}


class Decisions:
    """The decisions about one folder. `of` matches those on a record; `left_over` is whole when all were asked for."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self._by_article: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            self._by_article[decision.article].append(decision)
        self._used: set[Decision] = set()
        self._ambiguous: set[Decision] = set()
        self._articles: set[str] = set()

    def any_on(self, article_sha256: str | None) -> bool:
        """Whether there is one on an article of these bytes: if not, nothing was decided about its record."""
        return (article_sha256 or "") in self._by_article

    def of(self, record: Record) -> Decided:
        """What was decided about a record. Two files of the same bytes share their decisions."""
        mine = self._by_article.get(record.article.sha256 or "", [])
        if not mine:
            return Decided()
        self._articles.add(record.article.sha256 or "")
        claims = self._matched([d for d in mine if d.kind == "claim"], list(_claims(record)))
        findings = self._matched([d for d in mine if d.kind == "finding"], list(_findings(record)))
        return Decided(
            {claim.name: applied for claim, applied in claims.items()},
            {int(finding.name): applied for finding, applied in findings.items()},
        )

    def left_over(self) -> list[LeftOver]:
        """Decisions that no record so far has taken up, in the order of the file, article by article."""
        every = (decision for mine in self._by_article.values() for decision in mine)
        return [LeftOver(decision, self._why(decision)) for decision in every if decision not in self._used]

    def _why(self, decision: Decision) -> str:
        if decision.article not in self._articles:
            return "its article is not in the folder any more, or was edited"
        if decision in self._ambiguous:
            return f"several {decision.kind}s stand on these words, and which one is meant cannot be told"
        return f"the article has no {decision.kind} with these words any more"

    def _matched(self, decisions: Sequence[Decision], things: Sequence[_Thing]) -> dict[_Thing, Applied]:
        """The latest decision on each thing. What is sure goes first and settles some of what is not."""
        taken: dict[_Thing, Decision] = {}
        unsure: list[tuple[Decision, list[_Thing]]] = []
        for decision in sorted(decisions, key=lambda decision: decision.moment):
            best = _best(decision, things)
            if len({thing.identity for thing in best}) > 1:
                unsure.append((decision, best))
            else:
                self._take(taken, decision, best)
        sure = set(taken)
        for decision, best in unsure:
            free = [thing for thing in best if thing not in sure]
            if len({thing.identity for thing in free}) == 1:
                self._take(taken, decision, free)
            else:
                self._ambiguous.add(decision)
        return {thing: Applied(decision, _changed(decision, thing)) for thing, decision in taken.items()}

    def _take(self, taken: dict[_Thing, Decision], decision: Decision, things: Sequence[_Thing]) -> None:
        for thing in things:
            taken[thing] = decision
            self._used.add(decision)


class _Thing(NamedTuple):
    """A claim or finding as decisions know it; ``name`` is the claim's id or the finding's index.

    ``text_en`` is the English of the claim, or of the claim that a finding is on; ``loose`` are the words without
    the numbers in a finding's field.
    """

    name: str
    words: str
    loose: str
    span: tuple[int, int] | None
    text_en: str | None

    @property
    def identity(self) -> tuple[object, ...]:
        return self.words, self.span, self.text_en


def applied_to(record: Record, decided: Decided) -> Iterator[dict[str, Any]]:
    """The decisions on one record, as `dragoman decisions show --json` has them: on claims, then on findings."""
    where = {"state": "applies", "name": record.article.name, "id": record.article.id}
    for claim, applied in decided.claims.items():
        english = {"english_changed": applied.english_changed}
        yield {**applied.decision.model_dump(), **where, "about": claim, **english}
    for number, applied in decided.findings.items():
        yield {**applied.decision.model_dump(), **where, "about": record.findings[number].field}


def _claims(record: Record) -> Iterator[_Thing]:
    for claim in record.summary.claims if record.summary else ():
        words, place = same_form(claim.quote), claim.evidence
        span = None if place.start is None or place.end is None else (place.start, place.end)
        yield _Thing(claim.id, words, words, span, claim.text_en)


def _findings(record: Record) -> Iterator[_Thing]:
    english = {claim.id: claim.text_en for claim in record.summary.claims} if record.summary else {}
    for index, finding in enumerate(record.findings):
        words = same_form(finding_words(finding))
        span = None if finding.start is None or finding.end is None else (finding.start, finding.end)
        yield _Thing(str(index), words, _unnumbered(words), span, english.get(finding.claim or ""))


def _unnumbered(words: str) -> str:
    """The words of a finding without the numbers in its field: a claim may have another one after a new run."""
    check, _, rest = words.partition("|")
    path, _, got = rest.partition("|")
    return f"{check}|{without_numbers(path)}|{got}"


def _best(decision: Decision, things: Sequence[_Thing]) -> list[_Thing]:
    """What a decision fits best: none, one or several. English tells more than the span, a number least."""
    words = same_form(decision.words)
    if decision.kind == "claim":
        fitting = [thing for thing in things if thing.words == words]
    else:
        loose = _unnumbered(words)
        fitting = [thing for thing in things if thing.loose == loose and _same_place(decision, thing, words)]

    def fit(thing: _Thing) -> tuple[bool, bool, bool]:
        return thing.text_en == decision.text_en, thing.span == decision.span, thing.words == words

    best = max(map(fit, fitting), default=None)
    return [thing for thing in fitting if fit(thing) == best]


def _same_place(decision: Decision, thing: _Thing, words: str) -> bool:
    """The same check elsewhere is another finding; without a place, its number or the claim's English tells."""
    if decision.span is not None or thing.span is not None:
        return decision.span == thing.span
    return thing.words == words or bool(decision.text_en and decision.text_en == thing.text_en)


def _changed(decision: Decision, thing: _Thing) -> bool:
    # An edited English is the person's own and stands whatever the model says.
    return decision.verdict != "edited" and bool(decision.text_en) and decision.text_en != thing.text_en
