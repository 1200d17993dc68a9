"""Check that a quote and its English agree in negation. The check uses word lists, so it gives only warnings.

It reports only clear cases: the quote is negated and the English has no negative word of any kind, or the English says
not, never, nobody or the like and the quote has no word of negation. The words are those of `evidence.left_out` (kinds
``turn``, ``refuse`` and ``without``), and some that only this check uses (``not``). A language without them gives no
finding.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.checks.quoted import quoted_words
from dragoman.evidence.cue_words import denials, may_have, pattern

_PREFIXED = re.compile(
    r"\bun(?!ce\b|cle|cover|der|fold|i[a-z]|load|leash|lock|ravel|til|to\b|veil|wind)[a-z]{3,}|\bnon(?:-\w+|[a-z]{3,})"
    r"|\bi(?:lleg|llic|llit|llog|mbal|mmat|mmobi|mmor|mpart|mpat|mperf|mposs|mprop|rrat|rrec|rreg|rrel|rrep|rres|rrev)"
    r"|\bin(?:abil|acc[eu]|act|ade|admis|adv|app|cap|coh|comp|conc|cons|conv|corr|cur[ai]|decis|def|dep|dir|disp|eff"
    r"|elig|eq|escap|evit|excus|exp|fea|fert|fin|flex|form?al|freq|hum|just|noc|op|san|sec|sens|sep|sig|solv|stab|suff"
    r"|tact|tang|tol|val|vis|vol|vul)[a-z]|\w+less\b"
    r"|\bdis(?!plac|cuss|cover|trict|trib|miss|play|charg|ease|aster|tan|ord|c[sk]|ciplin|patch|pos|put)[a-z]{3,}",
    re.IGNORECASE,
)
"""English words that are negative by their form. It also matches some that only look so, because doubtful cases must
give no finding."""

_NO = re.compile(r"\b(?:not|never|no|nobody|nothing|nowhere|none|cannot)\b|n['’]t\b", re.IGNORECASE)
"""English words that only deny."""

_NUMBER = re.compile(r"\bno\.?\s*(?=\d)", re.IGNORECASE)
"""The abbreviation of number: berth No. 3."""

_NEGATIONS = ("not", "turn", "refuse", "without")
"""Kinds of cues that negate, deny or refuse."""
_NO_NEGATIONS = ("not_really", "not_turn")
"""Kinds of cues that only look so: not only, no less than."""
_HALF_NEGATIONS = ("weak", "hedge")
"""Kinds of cues for which English may have a negation: parts of words, and words such as hardly."""


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
    if not any(pattern(language, kind) for kind in _NEGATIONS):
        return None
    english = _NUMBER.sub("", english)
    plain = caseless(quote)
    searched = _without(language, quote) if may_have(plain, language, *_NO_NEGATIONS) else quote
    may_be_negated = searched is not quote or may_have(plain, language, *_NEGATIONS)
    negation = _negation(searched, language) if may_be_negated else None
    if negation and not (_first(english, "en", ("not", "negative")) or _PREFIXED.search(english)):
        return "polarity.dropped", f"the quote has the negation “{negation[0]}”, but the claim has none"
    added = _NO.search(_without("en", english)) if _NO.search(english) else None
    if added is None or _first(quote, language, (*_NEGATIONS, *_HALF_NEGATIONS)):
        return None
    return "polarity.added", f"the claim has the negation “{added[0]}”, but the quote has none"


def _negation(text: str, language: str) -> re.Match[str] | None:
    """The first cue that negates by itself. Half of a negation (ne in French) does not."""
    half = pattern(language, "half")
    patterns = (pattern(language, kind) for kind in _NEGATIONS)
    hits = (match for cue in patterns if cue for match in cue.finditer(text))
    return next((match for match in hits if not (half and half.fullmatch(match[0]))), None)


def _first(text: str, language: str, kinds: Iterable[str]) -> re.Match[str] | None:
    """The first cue of one of these kinds that the text has."""
    patterns = (pattern(language, kind) for kind in kinds)
    return next((match for cue in patterns if cue and (match := cue.search(text))), None)


def is_negated_english(text: str) -> bool:
    """Whether an English text says not, denies or refuses."""
    denial = denials("en")
    assert denial is not None
    return bool(_first(_without("en", text), "en", ("not",)) or denial.at_word_start.search(text))


def _without(language: str, text: str) -> str:
    """``text`` without the phrases that look like a negation but are none: not only, no less than."""
    for kind in _NO_NEGATIONS:
        if false_negation := pattern(language, kind):
            text = false_negation.sub(" ", text)
    return text
