"""Is every quote in the source, and where the claim says it is?"""

from __future__ import annotations

from dragoman.core.field_paths import claim_path, entity_path
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.quotes.locate import occurs
from dragoman.evidence.quotes.nearest import nearest


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``quote.absent`` (error), ``quote.paragraph`` (note), ``name.absent`` and ``speaker.absent`` (warning)."""
    found: list[Finding] = []
    for claim in summary.claims:
        if claim.evidence.match == "absent":
            found.append(_absent(source, claim))
        else:
            found += _elsewhere(source, claim)
        if claim.speaker_source and not occurs(claim.speaker_source, source):
            found.append(
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
            found.append(
                finding(
                    "name.absent",
                    "warning",
                    entity_path(number, "name_source"),
                    f"the name “{entity.name_source}” is not in the source as printed",
                    got=entity.name_source,
                )
            )
    return found


def _absent(source: Source, claim: CheckedClaim) -> Finding:
    """Shows the nearest passage and the difference, or that nothing in the source is near."""
    there = 1 <= claim.paragraph <= len(source.paragraphs)
    near = nearest(claim.quote, source, claim.paragraph if there else None)
    if near is None:
        message = "the quote is not in the source, nor anything like it"
    else:
        told = "; ".join(_difference(*pair) for pair in near.differences)
        message = "the quote is not in the source" + (f": {told}" if told else "; the nearest passage cuts a word")
    return finding(
        "quote.absent",
        "error",
        claim_path(claim.id, "quote"),
        message,
        paragraph=source.paragraph_at(near.start) if near else (claim.paragraph if there else None),
        place=(near.start, near.end) if near else None,
        expected=source.text[near.start : near.end] if near else None,
        got=claim.quote,
    )


def _difference(ours: str, theirs: str) -> str:
    if not ours:
        return f"the quote adds “{theirs}”"
    if not theirs:
        return f"the quote leaves out “{ours}”"
    return f"the source has “{ours}” where the quote has “{theirs}”"


def _elsewhere(source: Source, claim: CheckedClaim) -> list[Finding]:
    assert claim.evidence.start is not None
    assert claim.evidence.end is not None
    at = source.paragraph_at(claim.evidence.start)
    if at == claim.paragraph:
        return []
    return [
        finding(
            "quote.paragraph",
            "note",
            claim_path(claim.id, "paragraph"),
            f"the quote stands in paragraph {at}, not {claim.paragraph}",
            paragraph=at,
            place=(claim.evidence.start, claim.evidence.end),
            expected=str(at),
            got=str(claim.paragraph),
        )
    ]
