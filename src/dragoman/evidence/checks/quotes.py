"""Check that every quote and every name is in the source, and each quote in the paragraph that its claim states."""

from __future__ import annotations

from dragoman.core.field_paths import claim_path, entity_path
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.quotes.locate import occurs
from dragoman.evidence.quotes.nearest import nearest


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``quote.absent`` (error), ``quote.paragraph`` (note), ``name.absent`` and ``speaker.absent`` (warnings)."""
    findings: list[Finding] = []
    for claim in summary.claims:
        if claim.evidence.match == "absent":
            findings.append(_absent(source, claim))
        else:
            findings += _wrong_paragraph(source, claim)
        if claim.speaker_source and not occurs(claim.speaker_source, source):
            findings.append(
                finding(
                    "speaker.absent",
                    "warning",
                    claim_path(claim.id, "speaker_source"),
                    f"the speaker “{claim.speaker_source}” is not in the source",
                    got=claim.speaker_source,
                )
            )
    for number, entity in enumerate(summary.entities, start=1):
        if not occurs(entity.name_source, source):
            findings.append(
                finding(
                    "name.absent",
                    "warning",
                    entity_path(number, "name_source"),
                    f"the name “{entity.name_source}” is not in the source in this spelling",
                    got=entity.name_source,
                )
            )
    return findings


def _absent(source: Source, claim: CheckedClaim) -> Finding:
    """``quote.absent`` with the nearest text of the source and how it differs, or with neither if nothing is near."""
    stated_number = stated_paragraph(source, claim)
    near = nearest(claim.quote, source, stated_number)
    if near is None:
        message = "the quote is not in the source, and no text of the source resembles it"
    else:
        differences = "; ".join(_difference(*pair) for pair in near.differences)
        message = "the quote is not in the source"
        message += f": {differences}" if differences else " as a whole: it cuts off part of a word or of a figure"
    return finding(
        "quote.absent",
        "error",
        claim_path(claim.id, "quote"),
        message,
        paragraph=source.paragraph_at(near.start) if near else stated_number,
        place=(near.start, near.end) if near else None,
        expected=source.text[near.start : near.end] if near else None,
        got=claim.quote,
    )


def _difference(source_words: str, quote_words: str) -> str:
    if not source_words:
        return f"the quote adds “{quote_words}”"
    if not quote_words:
        return f"the quote leaves out “{source_words}”"
    return f"the source has “{source_words}” where the quote has “{quote_words}”"


def _wrong_paragraph(source: Source, claim: CheckedClaim) -> list[Finding]:
    """``quote.paragraph`` for a located quote that is not in the paragraph that its claim states."""
    assert claim.evidence.start is not None
    assert claim.evidence.end is not None
    number = source.paragraph_at(claim.evidence.start)
    if number == claim.paragraph:
        return []
    return [
        finding(
            "quote.paragraph",
            "note",
            claim_path(claim.id, "paragraph"),
            f"the quote is in paragraph {number}, not in paragraph {claim.paragraph}",
            paragraph=number,
            place=(claim.evidence.start, claim.evidence.end),
            expected=str(number),
            got=str(claim.paragraph),
        )
    ]
