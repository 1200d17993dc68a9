"""Is a claim denied on one side only? By small lists of words, so a warning at most.

Speaks only when the case is plain: the quote is negated and the English has no negative word of any kind, or
the English says not, never or no and the quote has no cue at all. Languages without a list stay silent.
"""

from __future__ import annotations

import re

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.cue_words import may_have, pattern

_PREFIXED = re.compile(
    r"\b(?:un|il|im|in|ir)[a-z]{3,}|\bnon(?:-\w+|[a-z]{3,})|\w+less\b|n['’]t\b"
    r"|\bdis(?!plac|cuss|cover|trict|trib|miss|play|charg)[a-z]{3,}",
    re.IGNORECASE,
)
"""English words that deny by their form. Many that only look like it are in: what is doubtful stays silent."""

_NO = re.compile(r"\b(?:not|never|no)\b")


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``polarity.dropped`` and ``polarity.added`` (warnings)."""
    found: list[Finding] = []
    for claim in summary.claims:
        told = differs(source.language, claim.quote, claim.text_en) if claim.modality != "denied" else None
        if told is not None:
            check_name, message = told
            span = claim.evidence
            found.append(
                finding(
                    check_name,
                    "warning",
                    claim_path(claim.id, "text_en"),
                    message,
                    paragraph=claim.paragraph if 1 <= claim.paragraph <= len(source.paragraphs) else None,
                    place=(span.start, span.end) if span.start is not None and span.end is not None else None,
                    expected=claim.quote,
                    got=claim.text_en,
                )
            )
    return found


def differs(language: str, quote: str, english: str) -> tuple[CheckName, str] | None:
    """(name of the check, a sentence) when only one side is negated; None otherwise, and when it is not plain."""
    cue, denied = pattern(language, "not"), pattern("en", "not")
    if cue is None or denied is None:
        return None
    plain = caseless(quote)
    theirs = _without(language, quote) if may_have(plain, language, "not_really") else quote
    negated = cue.search(theirs) if theirs != quote or may_have(plain, language, "not") else None
    if negated and not (denied.search(english) or _PREFIXED.search(english)):
        weaker = pattern("en", "negative")
        if not (weaker and weaker.search(english)):
            return "polarity.dropped", f"the quote says “{negated[0]}” and the claim denies nothing"
    ours = _NO.search(_without("en", english)) if _NO.search(english) else None
    if ours is None:
        return None
    weak = pattern(language, "weak")
    if cue.search(quote) or (weak and weak.search(quote)):
        return None
    return "polarity.added", f"the claim says “{ours[0]}” and the quote denies nothing"


def _without(language: str, text: str) -> str:
    """``text`` without the phrases that look like a negation and are none: not only, no less than."""
    soft = pattern(language, "not_really")
    return soft.sub(" ", text) if soft else text
