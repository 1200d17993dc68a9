"""Is the answer of the size and shape that was asked for? Hints of length are noted, never a reason to reject."""

from __future__ import annotations

from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.quotes.locate import occurs

MOST_CLAIMS = 25
"""What the prompt asks for at most; more means that the choice was left to the reader."""

KEY_POINTS = (3, 7)


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``shape.claims``, ``shape.key_points``, ``shape.boilerplate`` (notes), ``quantity.quote`` (warning)."""
    found: list[Finding] = []
    if not 1 <= len(summary.claims) <= MOST_CLAIMS:
        message = f"{len(summary.claims)} claims; 1 to {MOST_CLAIMS} were asked for"
        found.append(finding("shape.claims", "note", "claims", message, got=str(len(summary.claims))))
    low, high = KEY_POINTS
    if not low <= len(summary.key_points) <= high:
        message = f"{len(summary.key_points)} key points; {low} to {high} were asked for"
        found.append(finding("shape.key_points", "note", "key_points", message, got=str(len(summary.key_points))))
    unknown = [number for number in summary.boilerplate if not 1 <= number <= len(source.paragraphs)]
    if unknown:
        message = f"there are no paragraphs {', '.join(map(str, unknown))}"
        found.append(finding("shape.boilerplate", "note", "boilerplate", message, got=str(unknown)))
    for claim in summary.claims:
        for number, quantity in enumerate(claim.quantities, start=1):
            if not occurs(quantity.quote, claim.quote):
                found.append(
                    finding(
                        "quantity.quote",
                        "warning",
                        claim_path(claim.id, "quantities", number, "quote"),
                        f"“{quantity.quote}” does not stand as a whole figure in the claim's quote",
                        paragraph=claim.paragraph if 1 <= claim.paragraph <= len(source.paragraphs) else None,
                        expected=claim.quote,
                        got=quantity.quote,
                    )
                )
    return found
