"""Check that a quote and its English agree in negation. The check uses short word lists, so it gives only warnings.

It reports only clear cases: the quote is negated and the English has no negative word of any kind, or the English says
not, never or no and the quote has no word of negation. A language without a word list gives no finding.
"""

from __future__ import annotations

import re
from collections.abc import Container

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.checks.quoted import quoted_words
from dragoman.evidence.cue_words import denials, may_have, pattern

_PREFIXED = re.compile(
    r"\b(?:un|il|im|in|ir)[a-z]{3,}|\bnon(?:-\w+|[a-z]{3,})|\w+less\b|n['’]t\b"
    r"|\bdis(?!plac|cuss|cover|trict|trib|miss|play|charg)[a-z]{3,}",
    re.IGNORECASE,
)
"""English words that are negative by their form. It also matches many that only look so, because doubtful cases must
give no finding."""

_CONTRACTED = re.compile(r"n['’]t\b", re.IGNORECASE)

_NO = re.compile(r"\b(?:not|never|no)\b")


def check(source: Source, summary: CheckedSummary, explained: Container[str] = ()) -> list[Finding]:
    """``polarity.dropped`` and ``polarity.added`` (warnings). ``explained`` has the ids of claims whose quote is known
    to leave out a negation, which is a finding of its own."""
    findings: list[Finding] = []
    for claim in summary.claims:
        if claim.modality == "denied" or claim.id in explained:
            continue
        difference = compare_negation(source.language, quoted_words(source, claim), claim.text_en)
        if difference is not None:
            check_name, message = difference
            evidence = claim.evidence
            findings.append(
                finding(
                    check_name,
                    "warning",
                    claim_path(claim.id, "text_en"),
                    message,
                    paragraph=stated_paragraph(source, claim),
                    place=evidence.span,
                    expected=claim.quote,
                    got=claim.text_en,
                )
            )
    return findings


def compare_negation(language: str, quote: str, english: str) -> tuple[CheckName, str] | None:
    """(name of the check, message) if only one side is clearly negated, else None."""
    negation, english_negation = pattern(language, "not"), pattern("en", "not")
    if negation is None or english_negation is None:
        return None
    plain = caseless(quote)
    searched = _without(language, quote) if may_have(plain, language, "not_really") else quote
    negated = negation.search(searched) if searched != quote or may_have(plain, language, "not") else None
    if negated and not (english_negation.search(english) or _PREFIXED.search(english)):
        weaker = pattern("en", "negative")
        if not (weaker and weaker.search(english)):
            return "polarity.dropped", f"the quote has the negation “{negated[0]}”, but the claim has none"
    added = _NO.search(_without("en", english)) if _NO.search(english) else None
    if added is None:
        return None
    weak = pattern(language, "weak")
    if negation.search(quote) or (weak and weak.search(quote)):
        return None
    return "polarity.added", f"the claim has the negation “{added[0]}”, but the quote has none"


def is_negated_english(text: str) -> bool:
    """Whether an English text says not, denies or refuses."""
    english_negation, denial = pattern("en", "not"), denials("en")
    assert english_negation is not None
    assert denial is not None
    plain = _without("en", text)
    return bool(english_negation.search(plain) or _CONTRACTED.search(plain) or denial.at_word_start.search(text))


def _without(language: str, text: str) -> str:
    """``text`` without the phrases that look like a negation but are none: not only, no less than."""
    false_negation = pattern(language, "not_really")
    return false_negation.sub(" ", text) if false_negation else text
