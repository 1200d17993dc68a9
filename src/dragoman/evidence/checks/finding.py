"""Make every finding of the checks. Fields that do not apply are null."""

from __future__ import annotations

from dragoman.core.answers import Claim
from dragoman.core.check_names import CheckName
from dragoman.core.record import Finding, Severity
from dragoman.core.source import Source


def stated_paragraph(source: Source, claim: Claim) -> int | None:
    """The number of the paragraph that a claim names, or None if the source has no such paragraph."""
    return claim.paragraph if 1 <= claim.paragraph <= len(source.paragraphs) else None


def finding(
    check: CheckName,
    severity: Severity,
    field: str,
    message: str,
    *,
    paragraph: int | None = None,
    place: tuple[int, int] | None = None,
    expected: str | None = None,
    got: str | None = None,
) -> Finding:
    """A Finding. ``place`` is (start, end) in the source text; ``expected`` quotes the source, ``got`` the answer."""
    start, end = place or (None, None)
    return Finding(
        check=check,
        severity=severity,
        field=field,
        paragraph=paragraph,
        start=start,
        end=end,
        expected=expected,
        got=got,
        message=message,
    )
