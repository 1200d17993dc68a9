"""Record → a Markdown page that a person likes to read: flags first, then the summary, claims with evidence.

Text of articles and of the model is data: Markdown and HTML in it are escaped, so that no name or quote can
change the page, load an image or make a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dragoman.core.header import RecordHeader
from dragoman.core.record import NEEDS_PERSON_FIRST, CheckedClaim, Finding, Record, Severity, Status
from dragoman.core.source import Source
from dragoman.core.visible import make_visible

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_LIST_MARK = re.compile(r"^(?:[-+=]+|\d+(?=[.)]))(?=[.)]?(?:\s|$))")
_TOUCHED = r"\\`*_{}\[\]<>#|~!&\x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000"
_PLAIN = re.compile(rf"(?![ +=-]|\d+[.)])[^{_TOUCHED}]+")
"""No markup, controls or white space but spaces in it, and no space or list mark at its start."""
_SEVERITY: dict[Severity, str] = {"error": "✗ error", "warning": "! warning", "note": "· note"}


def article(record: Record, source: Source | None) -> str:
    """The page of one article."""
    lines = [f"# {safe(record.summary.title_en if record.summary else record.article.name)}", ""]
    lines += _facts(record)
    lines += _trouble(record)
    if record.summary is not None:
        lines += ["", safe(record.summary.abstract), "", "## Key points", ""]
        lines += [f"- {safe(point)}" for point in record.summary.key_points]
        lines += ["", "## Claims"]
        flagged = _by_claim(record.findings)
        for claim in record.summary.claims:
            lines += ["", *_claim(claim, flagged.get(claim.id, []), source)]
        lines += _entities(record)
    lines += _notes(record)
    if record.translation is not None:
        lines += ["", "## Translation", ""]
        for entry in record.translation.paragraphs:
            lines += [f"**{entry.paragraph}** {safe(entry.text_en)}", ""]
    lines += _source(record, source)
    lines += _provenance(record)
    return "\n".join(lines).rstrip() + "\n"


def index(headers: Iterable[RecordHeader]) -> str:
    """The page of a folder: what needs a person first."""
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
    reason = f" · {safe(header.reason.message)}" if header.reason else ""
    title, counts = safe(header.title or header.name), dict(header.findings)
    flags = "".join(
        f" · {counts[name]} {name}{'s' if counts[name] > 1 else ''}" for name in ("error", "warning") if name in counts
    )
    return f"- [{title}](articles/{header.id}.md) · {safe(header.name)}{language}{flags}{reason}"


def safe(text: str) -> str:
    """Text of others as Markdown text: one line, no markup; what could hide or reorder text is shown (⟨202E⟩)."""
    if _PLAIN.fullmatch(text) and text[-1] != " " and "  " not in text and "://" not in text and "www." not in text:
        return make_visible(text)  # most are
    return _escaped(text)


def _escaped(text: str) -> str:
    one_line = " ".join(text.split())
    escaped = _MARKUP.sub(r"\\\1", make_visible(one_line)).replace("&", "&amp;")
    escaped = escaped.replace("://", "\\://").replace("www.", "www\\.")  # many viewers make links of addresses
    return _LIST_MARK.sub(lambda mark: f"{mark[0]}\\" if mark[0].isdigit() else f"\\{mark[0]}", escaped)


def _facts(record: Record) -> list[str]:
    facts = [f"**{record.status}**", safe(record.article.name)]
    if record.source is not None:
        facts.append(f"{record.source.language} ({record.source.script}), {len(record.source.paragraphs)} paragraphs")
    summary = record.summary
    if summary is not None:
        facts += [
            f"{name} {safe(value)}"
            for name, value in (
                ("published", summary.published),
                ("by", summary.author),
                ("in", summary.publisher),
                ("from", summary.syndicated_from),
            )
            if value
        ]
    return [" · ".join(facts)]


def _trouble(record: Record) -> list[str]:
    """What a person should look at, before anything else; notes are left to the claims and the JSON."""
    lines: list[str] = []
    if record.reason is not None:
        lines += ["", f"**{record.reason.code}**: {safe(record.reason.message)}"]
    lines += [
        f"\n**{task}: {facts.status}** {safe(facts.reason.message) if facts.reason else ''}"
        for task, facts in record.tasks.items()
        if facts.status != "ok" and facts.reason != record.reason
    ]
    serious = [finding for finding in record.findings if finding.severity != "note"]
    if serious:
        lines += ["", "## Look at these", ""]
        lines += [f"- {_finding(finding)}" for finding in sorted(serious, key=lambda finding: finding.severity)]
    return lines


def _notes(record: Record) -> list[str]:
    """What is good to know, apart from notes on a claim: text addressed to machines, what no claim touches."""
    notes = [f for f in record.findings if f.severity == "note" and f.claim is None]
    return ["", "## Notes", "", *(f"- {_finding(finding)}" for finding in notes)] if notes else []


def _finding(finding: Finding) -> str:
    where = f"`{finding.field}`" if finding.field else "article"
    paragraph = f", paragraph {finding.paragraph}" if finding.paragraph else ""
    return f"{_SEVERITY[finding.severity]} in {where}{paragraph}: {safe(finding.message)}"


def _by_claim(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        if (claim := finding.claim) is not None:
            grouped.setdefault(claim, []).append(finding)
    return grouped


def _claim(claim: CheckedClaim, findings: list[Finding], source: Source | None) -> list[str]:
    who = f" — {safe(claim.speaker_en)}" if claim.speaker_en else ""
    if claim.speaker_source and claim.speaker_source != claim.speaker_en:
        who += f" ({safe(claim.speaker_source)})" if who else f" — {safe(claim.speaker_source)}"
    kinds = [kind for kind in (claim.kind, claim.modality) if kind not in ("fact", "asserted")]
    when = f" · event {claim.event_date}" if claim.event_date else ""
    lines = [f"### {claim.id} {safe(claim.text_en)}", ""]
    quote = claim.quote
    evidence = claim.evidence
    if evidence.match == "absent":
        place = f"**not in the source**, said to be in paragraph {claim.paragraph}"
    else:
        at = source.paragraph_at(evidence.start) if source and evidence.start is not None else claim.paragraph
        place = f"paragraph {at}, characters {evidence.start}–{evidence.end}, {evidence.match}"
        if evidence.others:
            place += f", and {len(evidence.others)} more"
    lines += [f"> {safe(quote)}", "", f"{place}{who}{when}" + "".join(f" · {kind}" for kind in kinds)]
    if claim.quantities:
        lines += [
            "",
            "Figures: " + "; ".join(_quantity(q.quote, q.value, q.unit, q.approximate) for q in claim.quantities),
        ]
    lines += [f"\n{_finding(finding)}" for finding in findings]
    return lines


def _quantity(quote: str, value: str | None, unit: str | None, approximate: bool) -> str:
    amount = "vague" if value is None else grouped(value)
    # About, at least, up to: the record does not say which, so neither does the page.
    return f"{safe(quote)} = {amount}{' ' + safe(unit) if unit else ''}{' (not exact)' if approximate else ''}"


def grouped(value: str) -> str:
    """A plain decimal string with thousands separated: ``4000000`` is ``4,000,000``, ``2026`` stays."""
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    whole, point, fraction = digits.partition(".")
    if not whole.isascii() or len(whole) > 40 or (len(whole) == 4 and not point):
        return value
    return f"{sign}{int(whole):,}{point}{fraction}"


def _entities(record: Record) -> list[str]:
    assert record.summary is not None
    if not record.summary.entities:
        return []
    names = [
        safe(entity.name_en) + (f" ({safe(entity.name_source)})" if entity.name_source != entity.name_en else "")
        for entity in record.summary.entities
    ]
    return ["", "## Names", "", "; ".join(names)]


def _source(record: Record, source: Source | None) -> list[str]:
    """The paragraphs by number, so that a quote can be read in its place."""
    if source is None or record.summary is None:
        return []
    lines = ["", "## Source", ""]
    for p in source.paragraphs:
        furniture = " (not the article)" if p.number in record.summary.boilerplate else ""
        lines += [f"**{p.number}**{furniture} {safe(source.text[p.start : p.end])}", ""]
    return lines


def _provenance(record: Record) -> list[str]:
    lines = ["", "---", ""]
    if record.source is not None and record.source.file:
        lines.append(f"Source text: [{record.source.file}](../{record.source.file}) · offsets count its code points.")
    if record.article.sha256:
        lines.append(f"\nArticle SHA-256: `{record.article.sha256}`")
    for exchange in record.exchanges:
        cost = f"${exchange.cost_usd}" if exchange.cost_usd else "price unknown"
        origin = "written by hand, not by a model" if exchange.origin == "handwritten" else exchange.origin
        lines.append(
            f"\n{exchange.task} ({exchange.role}): {exchange.model}, {origin}, {exchange.endpoint}, "
            f"{exchange.created_at[:10]}, {cost}, `{exchange.key[:19]}…`"
        )
    return lines
