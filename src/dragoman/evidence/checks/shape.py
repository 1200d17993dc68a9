"""Check that the answer has the size and shape that the prompt requests. A wrong size is noted, never rejected."""

from __future__ import annotations

from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedSummary, Finding, Severity
from dragoman.core.source import Source
from dragoman.evidence.checks.coverage import has_statements
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.checks.quoted import quoted_words
from dragoman.evidence.quotes.locate import occurs

MOST_CLAIMS = 25
"""Most claims that the prompt asks for. With more, the answer left the choice of what matters to the reader."""

KEY_POINTS = (3, 7)
"""Fewest and most key points that the prompt asks for."""


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``shape.claims``, ``shape.key_points``, ``shape.boilerplate`` (notes), ``quantity.quote`` (warning).

    An answer without any claim is an error if the article has sentences with figures, quotations or denials.
    """
    findings: list[Finding] = []
    if not 1 <= len(summary.claims) <= MOST_CLAIMS:
        message = f"the answer has {len(summary.claims)} claims; 1 to {MOST_CLAIMS} were requested"
        severity: Severity = "note"
        if not summary.claims and has_statements(source, summary):
            severity, message = "error", "the answer has no claim, but the article states figures, words or denials"
        findings.append(finding("shape.claims", severity, "claims", message, got=str(len(summary.claims))))
    low, high = KEY_POINTS
    if not low <= len(summary.key_points) <= high:
        message = f"the answer has {len(summary.key_points)} key points; {low} to {high} were requested"
        findings.append(finding("shape.key_points", "note", "key_points", message, got=str(len(summary.key_points))))
    missing = [number for number in summary.boilerplate if not 1 <= number <= len(source.paragraphs)]
    if missing:
        message = f"these boilerplate paragraphs do not exist: {', '.join(map(str, missing))}"
        findings.append(finding("shape.boilerplate", "note", "boilerplate", message, got=str(missing)))
    for claim in summary.claims:
        for number, quantity in enumerate(claim.quantities, start=1):
            if not occurs(quantity.quote, claim.quote) and not occurs(quantity.quote, quoted_words(source, claim)):
                findings.append(
                    finding(
                        "quantity.quote",
                        "warning",
                        claim_path(claim.id, "quantities", number, "quote"),
                        f"“{quantity.quote}” is not a complete figure in the claim's quote",
                        paragraph=stated_paragraph(source, claim),
                        expected=claim.quote,
                        got=quantity.quote,
                    )
                )
    return findings
