"""Write a record as a Markdown page for people: problems first, then the summary, then claims with their evidence.

Texts of articles and of the model are data: Markdown and HTML in them are escaped, so that no name or quote can change
the page, load an image or make a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from dragoman.core.answers import TranslatedParagraph
from dragoman.core.exchange import Role
from dragoman.core.header import RecordHeader
from dragoman.core.record import (
    NEEDS_PERSON_FIRST,
    CheckedClaim,
    CheckedQuantity,
    Finding,
    Record,
    Severity,
    Status,
)
from dragoman.core.source import Source
from dragoman.core.visible import make_visible
from dragoman.output.figure_words import amount, is_unknown

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_LIST_MARK = re.compile(r"^(?:[-+=]+|\d+(?=[.)]))(?=[.)]?(?:\s|$))")
_ESCAPED_CHARACTERS = r"\\`*_{}\[\]<>#|~!&\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000"
_PLAIN = re.compile(rf"(?![ +=-]|\d+[.)])[^{_ESCAPED_CHARACTERS}]+")
"""Text without markup, control characters and white space other than spaces, which begins with neither a space nor a
list mark."""
_SEVERITY: dict[Severity, str] = {"error": "✗ error", "warning": "! warning", "note": "· note"}


def article_page(record: Record, source: Source | None) -> str:
    """The page of one article; paragraph numbers and the source text need ``source``."""
    lines = [f"# {escape((record.summary and record.summary.title_en) or record.article.name)}", ""]
    lines += _facts(record)
    lines += _problems(record)
    if record.summary is not None:
        lines += ["", escape(record.summary.abstract), "", "## Key points", ""]
        lines += [f"- {escape(point)}" for point in record.summary.key_points]
        lines += ["", "## Claims"]
        flagged = _by_claim(record.findings)
        for claim in record.summary.claims:
            lines += ["", *_claim(claim, flagged.get(claim.id, []), source)]
        lines += _entities(record)
    lines += _notes(record)
    if record.translation is not None:
        lines += ["", "## Translation", ""]
        for entry in record.translation.paragraphs:
            on_paragraph = [finding for finding in record.findings if finding.translated == entry.paragraph]
            lines += _translated(entry, on_paragraph, source)
    lines += _source(record, source)
    lines += _provenance(record)
    return "\n".join(lines).rstrip() + "\n"


def index_page(headers: Iterable[RecordHeader]) -> str:
    """The page that lists the articles of a folder, with those that need attention first."""
    entries: dict[Status, list[str]] = {}
    for header in headers:
        entries.setdefault(header.status, []).append(_entry(header))
    lines = ["# Articles", ""]
    for status in NEEDS_PERSON_FIRST:
        if status in entries:
            lines += [f"## {status} ({len(entries[status])})", "", *entries[status], ""]
    return "\n".join(lines).rstrip() + "\n"


def _entry(header: RecordHeader) -> str:
    language = f" · {header.language}" if header.language else ""
    reason = f" · {escape(header.reason.message)}" if header.reason else ""
    title, counts = escape(header.title or header.name), dict(header.findings)
    flags = "".join(
        f" · {counts[name]} {name}{'s' if counts[name] > 1 else ''}" for name in ("error", "warning") if name in counts
    )
    return f"- [{title}](articles/{header.id}.md) · {escape(header.name)}{language}{flags}{reason}"


def escape(text: str) -> str:
    """Any text as one line of plain text in Markdown. What could hide or reorder text becomes visible (⟨202E⟩)."""
    if _PLAIN.fullmatch(text) and text[-1] != " " and "  " not in text and "://" not in text and "www." not in text:
        return make_visible(text)  # true of most texts, and quicker
    return _escape_all(text)


def _escape_all(text: str) -> str:
    one_line = " ".join(text.split())
    escaped = _MARKUP.sub(r"\\\1", make_visible(one_line)).replace("&", "&amp;")
    escaped = escaped.replace("://", "\\://").replace("www.", "www\\.")  # many viewers turn addresses into links
    return _LIST_MARK.sub(lambda mark: f"{mark[0]}\\" if mark[0].isdigit() else f"\\{mark[0]}", escaped)


def _facts(record: Record) -> list[str]:
    facts = [f"**{record.status}**", escape(record.article.name)]
    if record.source is not None:
        facts.append(f"{record.source.language} ({record.source.script}), {len(record.source.paragraphs)} paragraphs")
    summary = record.summary
    if summary is not None:
        facts += [
            f"{name} {escape(value)}"
            for name, value in (
                ("published", summary.published),
                ("by", summary.author),
                ("in", summary.publisher),
                ("from", summary.syndicated_from),
            )
            if value
        ]
    return [" · ".join(facts)]


def _problems(record: Record) -> list[str]:
    """What a person should look at first. Notes are shown elsewhere, with their claims or under their own heading."""
    lines: list[str] = []
    if record.reason is not None:
        lines += ["", f"**{record.reason.code}**: {escape(record.reason.message)}"]
    lines += [
        f"\n**{task}: {facts.status}** {escape(facts.reason.message) if facts.reason else ''}"
        for task, facts in record.tasks.items()
        if facts.status != "ok" and facts.reason != record.reason
    ]
    problems = [finding for finding in record.findings if finding.severity != "note"]
    if problems:
        lines += ["", "## Needs attention", ""]
        lines += [f"- {_finding(finding)}" for finding in sorted(problems, key=lambda finding: finding.severity)]
    return lines


def _notes(record: Record) -> list[str]:
    """Notes that are not about a claim, such as text addressed to machines, or sentences that no claim covers."""
    notes = [f for f in record.findings if f.severity == "note" and f.claim is None]
    return ["", "## Notes", "", *(f"- {_finding(finding)}" for finding in notes)] if notes else []


def _finding(finding: Finding) -> str:
    where = f"`{finding.field}`" if finding.field else "article"
    paragraph = f", paragraph {finding.paragraph}" if finding.paragraph else ""
    return f"{_SEVERITY[finding.severity]} in {where}{paragraph}: {escape(finding.message)}"


def _by_claim(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    by_claim: dict[str, list[Finding]] = {}
    for finding in findings:
        if (claim := finding.claim) is not None:
            by_claim.setdefault(claim, []).append(finding)
    return by_claim


def _claim(claim: CheckedClaim, findings: list[Finding], source: Source | None) -> list[str]:
    speaker = f" — {escape(claim.speaker_en)}" if claim.speaker_en else ""
    if claim.speaker_source and claim.speaker_source != claim.speaker_en:
        speaker += f" ({escape(claim.speaker_source)})" if speaker else f" — {escape(claim.speaker_source)}"
    kinds = [kind for kind in (claim.kind, claim.modality) if kind not in ("fact", "asserted")]
    when = f" · event {claim.event_date}" if claim.event_date else ""
    lines = [f"### {claim.id} {escape(claim.text_en)}", ""]
    quote = claim.quote
    evidence = claim.evidence
    if evidence.match == "absent":
        place = f"**not in the source** (the model named paragraph {claim.paragraph})"
    else:
        at = source.paragraph_at(evidence.start) if source and evidence.start is not None else claim.paragraph
        place = f"paragraph {at}, characters {evidence.start}–{evidence.end}, {evidence.match}"
        if evidence.others:
            place += f", and {len(evidence.others)} more with the same words"
    lines += [f"> {escape(quote)}", "", f"{place}{speaker}{when}" + "".join(f" · {kind}" for kind in kinds)]
    if claim.quantities:
        lines += ["", "Figures: " + "; ".join(map(_quantity, claim.quantities))]
    lines += [f"\n{_finding(finding)}" for finding in findings]
    return lines


def _quantity(figure: CheckedQuantity) -> str:
    return f"{escape(figure.quote)}{':' if is_unknown(figure) else ' ='} {escape(amount(figure))}"


def _translated(entry: TranslatedParagraph, findings: Sequence[Finding], source: Source | None) -> list[str]:
    """One paragraph in English, with its findings and, if there are any, the paragraph of the source to compare."""
    lines = [f"**{entry.paragraph}** {escape(entry.text_en)}", ""]
    for finding in findings:
        lines += [_finding(finding), ""]
    if findings and source is not None and 1 <= entry.paragraph <= len(source.paragraphs):
        lines += [f"> {escape(source.paragraph_text(entry.paragraph))}", ""]
    return lines


def _entities(record: Record) -> list[str]:
    assert record.summary is not None
    if not record.summary.entities:
        return []
    names = [
        escape(entity.name_en) + (f" ({escape(entity.name_source)})" if entity.name_source != entity.name_en else "")
        for entity in record.summary.entities
    ]
    return ["", "## Names", "", "; ".join(names)]


def _source(record: Record, source: Source | None) -> list[str]:
    """The numbered paragraphs of the source, so that quotes can be read in context."""
    if source is None or record.summary is None:
        return []
    lines = ["", "## Source", ""]
    for p in source.paragraphs:
        marker = " (not part of the article)" if p.number in record.summary.boilerplate else ""
        lines += [f"**{p.number}**{marker} {escape(source.text[p.start : p.end])}", ""]
    return lines


_ROLES: Mapping[Role, str] = {"ask": "first request", "reask": "re-ask", "repair": "repair", "part": "part"}


def _provenance(record: Record) -> list[str]:
    lines = ["", "---", ""]
    if record.source is not None and record.source.file:
        lines.append(f"Source text: [{record.source.file}](../{record.source.file}) · offsets are in code points.")
    if record.article.sha256:
        lines.append(f"\nArticle SHA-256: `{record.article.sha256}`")
    for exchange in record.exchanges:
        cost = f"${exchange.cost_usd}" if exchange.cost_usd else "price unknown"
        origin = "reply written by hand" if exchange.origin == "handwritten" else exchange.origin
        lines.append(
            f"\n{exchange.task}, {_ROLES[exchange.role]} (for {exchange.model}): {origin}, {exchange.endpoint}, "
            f"{exchange.created_at[:10]}, {cost}, `{exchange.key[:19]}…`"
        )
    return lines
