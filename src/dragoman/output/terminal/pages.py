"""Records for a terminal: a line an article, or one article claim by claim. Narrow windows, any script.

All text of articles, models and people is cleaned (`cells`): it is shown, it never steers the terminal.
Colour is never the only sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from dragoman.core.record import NEEDS_PERSON_FIRST, CheckedClaim, Finding, Record, Severity, Status, is_unanswered
from dragoman.core.source import Source
from dragoman.output.decision_matching import AppliedDecision, LeftOverDecision, RecordDecisions
from dragoman.output.decisions import Verdict
from dragoman.output.markdown import group_thousands
from dragoman.output.terminal.cells import clean, cut, isolated, width, wrapped

_SIGN: dict[Severity, str] = {"error": "✗", "warning": "!", "note": "·"}
_COLOUR: dict[str, str] = {"error": "31", "warning": "33", "note": "2", "bold": "1", "dim": "2", "decided": "36"}
_VERDICT: dict[Verdict, str] = {"accepted": "✓ accepted", "edited": "✎ edited", "rejected": "✗ rejected"}


@dataclass(frozen=True, slots=True)
class Paper:
    """What is drawn on: ``cells`` wide, with or without colour; None for lines as long as they are."""

    cells: int | None = 80
    colour: bool = False

    def ink(self, style: str, text: str) -> str:
        """The text in a colour, where there is colour."""
        return f"\x1b[{_COLOUR[style]}m{text}\x1b[0m" if self.colour else text

    def lines(self, text: str, indent: str = "", first: str | None = None, style: str | None = None) -> Iterator[str]:
        """The text in lines that fit."""
        for line in wrapped(text, self.cells or 10**9, indent, first):
            yield self.ink(style, line) if style else line

    def quoted(self, words: str, indent: str) -> Iterator[str]:
        """Words of a source, in their own direction."""
        return wrapped(f"“{words}”", self.cells or 10**9, indent + "│ ", foreign=True)


@dataclass(frozen=True, slots=True)
class Brief:
    """What the list of a folder says of one article; in the order of who needs a person first."""

    rank: tuple[int, bool, int]
    status: Status
    name: str
    language: str
    counts: str
    title: str


def brief(record: Record, decided: RecordDecisions, place: int) -> Brief:
    """The line of a record that is number ``place`` of its folder."""
    open_ = [finding for _, finding in decided.open_findings(record)]
    errors = sum(finding.severity == "error" for finding in open_)
    parts = []
    for severity in ("error", "warning"):
        every = sum(finding.severity == severity for finding in record.findings)
        still = sum(finding.severity == severity for finding in open_)
        if every:
            parts.append(f"{_SIGN[severity]}{every}" + (f" ({still} open)" if still != every else ""))
    settled = record.status == "flagged" and not errors
    title = record.summary.title_en if record.summary else record.reason.message if record.reason else ""
    return Brief(
        (NEEDS_PERSON_FIRST.index(record.status), settled, place),
        record.status,
        clean(record.article.name),
        clean(record.source.language) if record.source else "",
        " ".join(parts),
        clean(title),
    )


def needs_person(record: Record) -> bool:
    """Whether a record has error or warning findings, or no whole answer."""
    serious = any(finding.severity != "note" for finding in record.findings)
    return serious or is_unanswered(record.status)


def index(briefs: Iterable[Brief], paper: Paper) -> Iterator[str]:
    """One line an article: status, findings, language, name, title."""
    ranked = sorted(briefs, key=lambda brief: brief.rank)
    longest = max((len(one.status) for one in ranked), default=0)
    for one in ranked:
        # Names matter more than titles: they are what `show` takes.
        front = " ".join(part for part in (one.status.ljust(longest), one.counts, one.language) if part)
        rest = f"{isolated(one.name)}  {isolated(one.title)}".rstrip()
        if paper.cells is not None:
            name = cut(one.name, max(8, paper.cells - width(front) - 2))
            left = paper.cells - width(front) - 2 - width(name) - 2
            rest = isolated(name) + (f"  {isolated(cut(one.title, left))}" if one.title and left >= 8 else "")
        yield f"{paper.ink(_style(one.status), front)}  {rest}"


def _style(status: Status) -> str:
    match status:
        case "ok" | "skipped":
            return "dim"
        case "flagged":
            return "warning"
        case "failed" | "refused" | "truncated" | "pending":
            return "error"
        case _:
            assert_never(status)


def article(
    record: Record, decided: RecordDecisions, source: Source | None, paper: Paper, flags: bool
) -> Iterator[str]:
    """One article: facts, what is wrong, summary, claims with quotes, findings and decisions, translation.

    ``flags`` leaves out what has no error or warning finding.
    """
    summary = record.summary
    yield from paper.lines(summary.title_en if summary else record.article.name, style="bold")
    yield from paper.lines(" · ".join(_facts(record)))
    if record.reason is not None:
        yield from paper.lines(f"{record.reason.code}: {record.reason.message}", "  ", "✗ ", "error")
    shown = [(i, f) for i, f in enumerate(record.findings) if not (flags and f.severity == "note")]
    if summary is not None and not flags:
        yield ""
        yield from paper.lines(summary.abstract)
        for point in summary.key_points:
            yield from paper.lines(point, "  ", "• ")
    for claim in summary.claims if summary else ():
        mine = [(index, finding) for index, finding in shown if finding.claim == claim.id]
        if mine or not flags:
            yield ""
            yield from _claim(claim, decided, mine, source, paper)
    yield from _others(record, decided, shown, source, paper)
    if not flags:
        yield from _names(record, paper)
        yield from _translation(record, paper)


def _facts(record: Record) -> Iterator[str]:
    yield record.status
    yield record.article.name
    if record.source is not None:
        yield f"{record.source.language} ({record.source.script})"
    if record.summary is not None:
        for name, value in (("published", record.summary.published), ("by", record.summary.author)):
            if value:
                yield f"{name} {value}"
    yield record.article.id


def _claim(
    claim: CheckedClaim,
    decided: RecordDecisions,
    findings: list[tuple[int, Finding]],
    source: Source | None,
    paper: Paper,
) -> Iterator[str]:
    yield from paper.lines(claim.text_en, "   ", f"{claim.id} ")
    yield from paper.quoted(claim.quote, "   ")
    yield from paper.lines(" · ".join(_about(claim, source)), "   ", style="dim")
    for figure in claim.quantities:
        amount = "vague" if figure.value is None else group_thousands(figure.value)
        unit = f" {figure.unit}" if figure.unit else ""
        sign = "≈" if figure.approximate else "="
        yield from paper.lines(f"{figure.quote} {sign} {amount}{unit}", "     ", "   # ")
    if claim.id in decided.claims:
        yield from _decision(decided.claims[claim.id], paper, "   ")
    for index, finding in findings:
        yield from _finding(finding, decided.findings.get(index), source, paper, "   ")


def _about(claim: CheckedClaim, source: Source | None) -> Iterator[str]:
    place = claim.evidence
    if place.start is None:
        yield f"NOT in the source; said to be in paragraph {claim.paragraph}"
    else:
        paragraph = source.paragraph_at(place.start) if source else claim.paragraph
        yield f"{place.match}, paragraph {paragraph}, characters {place.start}–{place.end}"
    if claim.speaker_en or claim.speaker_source:
        yield f"said by {claim.speaker_en or claim.speaker_source}"
    if claim.event_date:
        yield f"event {claim.event_date}"
    yield from (kind for kind in (claim.kind, claim.modality) if kind not in ("fact", "asserted"))


def _finding(
    finding: Finding, applied: AppliedDecision | None, source: Source | None, paper: Paper, indent: str
) -> Iterator[str]:
    where = f" [paragraph {finding.paragraph}]" if finding.paragraph else ""
    head = f"{finding.severity} {finding.check}{where}: {finding.message}"
    yield from paper.lines(head, indent + "  ", f"{indent}{_SIGN[finding.severity]} ", finding.severity)
    if source is not None and finding.start is not None and finding.severity != "note":
        yield from paper.quoted(source.text[finding.start : finding.end], indent + "  ")
    if applied is not None:
        yield from _decision(applied, paper, indent + "  ")


def _decision(applied: AppliedDecision, paper: Paper, indent: str) -> Iterator[str]:
    decision = applied.decision
    edited = f": {decision.edited}" if decision.edited else ""
    note = f" ({decision.note})" if decision.note.strip() else ""
    changed = "; the English was another one then" if applied.english_changed else ""
    text = f"{_VERDICT[decision.verdict]}{edited}{note} {decision.moment:%Y-%m-%d}{changed}"
    yield from paper.lines(text, indent + "  ", indent, "decided")


def _others(
    record: Record, decided: RecordDecisions, shown: list[tuple[int, Finding]], source: Source | None, paper: Paper
) -> Iterator[str]:
    """Findings that are about no claim."""
    others = [(index, finding) for index, finding in shown if finding.claim is None]
    if others:
        yield ""
        yield paper.ink("bold", "On the article")
    for index, finding in others:
        yield from _finding(finding, decided.findings.get(index), source, paper, "")


def _names(record: Record, paper: Paper) -> Iterator[str]:
    names = [
        one.name_en + (f" ({one.name_source})" if one.name_source != one.name_en else "")
        for one in (record.summary.entities if record.summary else ())
    ]
    if names:
        yield ""
        yield paper.ink("bold", "Names")
        for name in names:
            yield from paper.lines(name, "  ", "• ")


def _translation(record: Record, paper: Paper) -> Iterator[str]:
    if record.translation is not None:
        yield ""
        yield paper.ink("bold", "Translation")
        for entry in record.translation.paragraphs:
            yield from paper.lines(entry.text_en, "   ", f"{entry.paragraph:>2} ")


def decisions_of(record: Record, decided: RecordDecisions, paper: Paper) -> Iterator[str]:
    """The decisions on one article: verdict, words, note; nothing when there are none."""
    if not decided.claims and not decided.findings:
        return
    yield from paper.lines(record.article.name, style="bold")
    for name, applied in decided.claims.items():
        yield from paper.lines(f"{name} “{applied.decision.words}”", "    ", "  ")
        yield from _decision(applied, paper, "    ")
    for number, applied in decided.findings.items():
        finding = record.findings[number]
        text = f"{finding.severity} {finding.check}, {finding.field or 'article'}: {finding.message}"
        yield from paper.lines(text, "    ", "  ")
        yield from _decision(applied, paper, "    ")


def left_over(decisions: list[LeftOverDecision], paper: Paper) -> Iterator[str]:
    """Decisions that are about nothing any more, with the reason."""
    if decisions:
        yield paper.ink("bold", f"Left over: {len(decisions)}")
    for one in decisions:
        words = f"{one.decision.kind} “{one.decision.words}” of article {one.decision.article[:10]}…"
        yield from paper.lines(words, "    ", "  ")
        yield from _decision(AppliedDecision(one.decision), paper, "    ")
        yield from paper.lines(one.reason, "    ", style="warning")
