"""Show records in a terminal: one line per article, or one article claim by claim, in windows of any width.

All texts of articles, models and people are cleaned (`cells`), so that none can control the terminal. Colour is never
the only sign of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from dragoman.core.assemble import is_unanswered
from dragoman.core.record import NEEDS_PERSON_FIRST, CheckedClaim, Finding, Record, Severity, Status
from dragoman.core.source import Source
from dragoman.output.decision_matching import AppliedDecision, LeftOverDecision, RecordDecisions
from dragoman.output.decisions import Verdict
from dragoman.output.figure_words import amount, is_unknown
from dragoman.output.terminal.cells import clean, clip, isolate, width, wrap

_SHORTEST = 8
"""Cells to which a name is cut at most, and under which a title is left out: less could not be recognised."""
_SYMBOL: dict[Severity, str] = {"error": "✗", "warning": "!", "note": "·"}
_COLOUR: dict[str, str] = {"error": "31", "warning": "33", "note": "2", "bold": "1", "dim": "2", "decided": "36"}
_VERDICT: dict[Verdict, str] = {"accepted": "✓ accepted", "edited": "✎ edited", "rejected": "✗ rejected"}


@dataclass(frozen=True, slots=True)
class Terminal:
    """How to write: the width of the window in cells, and whether to use colour."""

    cells: int | None = 80
    """None for lines of any length."""
    colour: bool = False

    def styled(self, style: str, text: str) -> str:
        """The text in the colour of a style, if colour is used."""
        return f"\x1b[{_COLOUR[style]}m{text}\x1b[0m" if self.colour else text

    def lines(self, text: str, indent: str = "", first: str | None = None, style: str | None = None) -> Iterator[str]:
        """The text wrapped to the width."""
        for line in wrap(text, self.cells or 10**9, indent, first):
            yield self.styled(style, line) if style else line

    def quoted(self, words: str, indent: str) -> Iterator[str]:
        """Words of a source, wrapped and in their own direction."""
        return wrap(f"“{words}”", self.cells or 10**9, indent + "│ ", foreign=True)


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """What the list of a folder shows of one article."""

    rank: tuple[int, bool, int]
    """Sort key: articles that need attention first."""
    status: Status
    name: str
    language: str
    counts: str
    title: str


def article_line(record: Record, decisions: RecordDecisions, position: int) -> ArticleLine:
    """The line of a record; ``position`` is its index in the folder."""
    open_findings = [finding for _, finding in decisions.open_findings(record)]
    errors = sum(finding.severity == "error" for finding in open_findings)
    parts = []
    for severity in ("error", "warning"):
        total = sum(finding.severity == severity for finding in record.findings)
        still_open = sum(finding.severity == severity for finding in open_findings)
        if total:
            parts.append(f"{_SYMBOL[severity]}{total}" + (f" ({still_open} open)" if still_open != total else ""))
    settled = record.status == "flagged" and not errors
    title = record.summary.title_en if record.summary else record.reason.message if record.reason else ""
    return ArticleLine(
        (NEEDS_PERSON_FIRST.index(record.status), settled, position),
        record.status,
        clean(record.article.name),
        clean(record.source.language) if record.source else "",
        " ".join(parts),
        clean(title),
    )


def needs_attention(record: Record) -> bool:
    """Whether a record has error or warning findings, or no complete answer."""
    has_problems = any(finding.severity != "note" for finding in record.findings)
    return has_problems or is_unanswered(record.status)


def folder_lines(articles: Iterable[ArticleLine], terminal: Terminal) -> Iterator[str]:
    """One line per article: status, findings, language, name and title, with those that need attention first."""
    ranked = sorted(articles, key=lambda line: line.rank)
    longest = max((len(line.status) for line in ranked), default=0)
    for line in ranked:
        # Names are more important than titles, because `dragoman show` accepts them as arguments.
        front = " ".join(part for part in (line.status.ljust(longest), line.counts, line.language) if part)
        rest = f"{isolate(line.name)}  {isolate(line.title)}".rstrip()
        if terminal.cells is not None:
            name = clip(line.name, max(_SHORTEST, terminal.cells - width(front) - 2))
            remaining = terminal.cells - width(front) - 2 - width(name) - 2
            rest = isolate(name)
            if line.title and remaining >= _SHORTEST:
                rest += f"  {isolate(clip(line.title, remaining))}"
        yield f"{terminal.styled(_style(line.status), front)}  {rest}"


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


def article_lines(
    record: Record, decisions: RecordDecisions, source: Source | None, terminal: Terminal, flags: bool
) -> Iterator[str]:
    """One article: facts, the reason if there is no answer, summary, claims with quotes, findings and decisions,
    translation. With ``flags``, only what has an error or warning finding.
    """
    summary = record.summary
    yield from terminal.lines((summary and summary.title_en) or record.article.name, style="bold")
    yield from terminal.lines(" · ".join(_facts(record)))
    if record.reason is not None:
        yield from terminal.lines(f"{record.reason.code}: {record.reason.message}", "  ", "✗ ", "error")
    findings = [(i, f) for i, f in enumerate(record.findings) if not flags or _is_flag(f)]
    if summary is not None and not flags:
        yield ""
        yield from terminal.lines(summary.abstract)
        for point in summary.key_points:
            yield from terminal.lines(point, "  ", "• ")
    for claim in summary.claims if summary else ():
        on_claim = [(index, finding) for index, finding in findings if finding.claim == claim.id]
        if on_claim or not flags:
            yield ""
            yield from _claim(claim, decisions, on_claim, source, terminal)
    yield from _article_findings(record, decisions, findings, source, terminal)
    if not flags:
        yield from _names(record, terminal)
    yield from _translation(record, decisions, findings, source, terminal, flags)


def _is_flag(finding: Finding) -> bool:
    """Whether ``show --flags`` shows a finding: errors, warnings, and the notes that a repair did not help."""
    return finding.severity != "note" or finding.check in ("repair.failed", "repair.unusable")


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
    decisions: RecordDecisions,
    findings: list[tuple[int, Finding]],
    source: Source | None,
    terminal: Terminal,
) -> Iterator[str]:
    yield from terminal.lines(claim.text_en, "   ", f"{claim.id} ")
    yield from terminal.quoted(claim.quote, "   ")
    yield from terminal.lines(" · ".join(_claim_facts(claim, source)), "   ", style="dim")
    for figure in claim.quantities:
        sign = ":" if is_unknown(figure) else " ="
        yield from terminal.lines(f"{figure.quote}{sign} {amount(figure)}", "     ", "   # ")
    if claim.id in decisions.claims:
        yield from _decision(decisions.claims[claim.id], terminal, "   ")
    for index, finding in findings:
        yield from _finding(finding, decisions.findings.get(index), source, terminal, "   ")


def _claim_facts(claim: CheckedClaim, source: Source | None) -> Iterator[str]:
    evidence = claim.evidence
    if evidence.start is None:
        yield f"NOT in the source; the model named paragraph {claim.paragraph}"
    else:
        paragraph = source.paragraph_at(evidence.start) if source else claim.paragraph
        yield f"{evidence.match}, paragraph {paragraph}, characters {evidence.start}–{evidence.end}"
    if claim.speaker_en or claim.speaker_source:
        yield f"said by {claim.speaker_en or claim.speaker_source}"
    if claim.event_date:
        yield f"event {claim.event_date}"
    yield from (kind for kind in (claim.kind, claim.modality) if kind not in ("fact", "asserted"))


def _finding(
    finding: Finding, applied: AppliedDecision | None, source: Source | None, terminal: Terminal, indent: str
) -> Iterator[str]:
    where = f", paragraph {finding.paragraph}" if finding.paragraph else ""
    head = f"{finding.severity} {finding.check}{where}: {finding.message}"
    yield from terminal.lines(head, indent + "  ", f"{indent}{_SYMBOL[finding.severity]} ", finding.severity)
    if source is not None and finding.start is not None and finding.severity != "note":
        yield from terminal.quoted(source.text[finding.start : finding.end], indent + "  ")
    if applied is not None:
        yield from _decision(applied, terminal, indent + "  ")


def _decision(applied: AppliedDecision, terminal: Terminal, indent: str) -> Iterator[str]:
    decision = applied.decision
    edited = f": {decision.edited}" if decision.edited else ""
    note = f" ({decision.note})" if decision.note.strip() else ""
    changed = "; the English has changed since" if applied.english_changed else ""
    text = f"{_VERDICT[decision.verdict]}{edited}{note} {decision.moment:%Y-%m-%d}{changed}"
    yield from terminal.lines(text, indent + "  ", indent, "decided")


def _article_findings(
    record: Record,
    decisions: RecordDecisions,
    findings: list[tuple[int, Finding]],
    source: Source | None,
    terminal: Terminal,
) -> Iterator[str]:
    """Findings that are about neither a claim nor a paragraph of the translation."""
    translated = {entry.paragraph for entry in record.translation.paragraphs} if record.translation else set()
    on_article = [
        (index, finding)
        for index, finding in findings
        if finding.claim is None and finding.translated not in translated
    ]
    if on_article:
        yield ""
        yield terminal.styled("bold", "About the article")
    for index, finding in on_article:
        yield from _finding(finding, decisions.findings.get(index), source, terminal, "")


def _names(record: Record, terminal: Terminal) -> Iterator[str]:
    names = [
        entity.name_en + (f" ({entity.name_source})" if entity.name_source != entity.name_en else "")
        for entity in (record.summary.entities if record.summary else ())
    ]
    if names:
        yield ""
        yield terminal.styled("bold", "Names")
        for name in names:
            yield from terminal.lines(name, "  ", "• ")


def _translation(
    record: Record,
    decisions: RecordDecisions,
    findings: list[tuple[int, Finding]],
    source: Source | None,
    terminal: Terminal,
    flags: bool,
) -> Iterator[str]:
    """The paragraphs in English, each with its findings; with ``flags``, only those that have any."""
    on_paragraphs: dict[int, list[tuple[int, Finding]]] = {}
    for index, finding in findings:
        if finding.translated is not None:
            on_paragraphs.setdefault(finding.translated, []).append((index, finding))
    entries = record.translation.paragraphs if record.translation is not None else []
    shown = [entry for entry in entries if not flags or entry.paragraph in on_paragraphs]
    if shown:
        yield ""
        yield terminal.styled("bold", "Translation")
    for entry in shown:
        yield from terminal.lines(entry.text_en, "   ", f"{entry.paragraph:>2} ")
        for index, finding in on_paragraphs.get(entry.paragraph, ()):
            yield from _finding(finding, decisions.findings.get(index), source, terminal, "   ")


def decision_lines(record: Record, decisions: RecordDecisions, terminal: Terminal) -> Iterator[str]:
    """The decisions on one article with their words and notes; no lines if there are none."""
    if not decisions.claims and not decisions.findings:
        return
    yield from terminal.lines(record.article.name, style="bold")
    for name, applied in decisions.claims.items():
        yield from terminal.lines(f"{name} “{applied.decision.words}”", "    ", "  ")
        yield from _decision(applied, terminal, "    ")
    for number, applied in decisions.findings.items():
        finding = record.findings[number]
        text = f"{finding.severity} {finding.check}, {finding.field or 'article'}: {finding.message}"
        yield from terminal.lines(text, "    ", "  ")
        yield from _decision(applied, terminal, "    ")


def left_over_lines(decisions: list[LeftOverDecision], terminal: Terminal) -> Iterator[str]:
    """Decisions that match nothing, or more than one thing, with the reason."""
    if decisions:
        yield terminal.styled("bold", f"Left over: {len(decisions)}")
    for left_over in decisions:
        words = f"{left_over.decision.kind} “{left_over.decision.words}” of article {left_over.decision.article[:10]}…"
        yield from terminal.lines(words, "    ", "  ")
        yield from _decision(AppliedDecision(left_over.decision), terminal, "    ")
        yield from terminal.lines(left_over.reason, "    ", style="warning")
