"""Check that a quote does not leave out what turns its meaning round (`evidence.left_out`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding, Severity
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.negation import is_negated_english
from dragoman.evidence.checks.quantities import read
from dragoman.evidence.checks.quoted import quoted_words
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.figures import Quantity
from dragoman.evidence.left_out import Omission, is_negated, omissions

_ENGLISH_QUALIFIERS = re.compile(
    r"\b(?:if|unless|provided|whether|when|once|otherwise|should|would|could|(?-i:may)|might|can|condition\w*|in case"
    r"|as long as|only|alleg\w*|report\w*|accus\w*|suspect\w*|claim\w*|appar\w*|presum\w*|suppos\w*|possib\w*"
    r"|probabl\w*|likely|accord\w*|sa(?:id|ys?)|rumou?r\w*|seem\w*|expect\w*|believe\w*|unconfirmed|perhaps"
    r"|estimat\w*|so-called|depend\w*|charge[sd]?|in the event|assum\w*|potential\w*|thought|risk\w*|chance"
    r"|doubt\w*|unclear|unlikely|hardly|barely|scarcely)\b",
    re.IGNORECASE,
)
"""English words that keep a condition or a doubt, in whatever form."""

_ENGLISH_SPEECH = re.compile(
    r"\b(?:oppos|critic|argu|insist|maintain|contend|assert|complain|blam|told|tell|denounc|condemn|warn)\w*",
    re.IGNORECASE,
)
"""Further English words that say who accuses or claims."""


_COMPARED = ("money", "percent", "count")
_BOUNDARY = re.compile(r"[,;，；、،؛–—-]\s*(?:[^\W\d_]{1,2}\s+)*(?:[^\W\d_]{3,}|[\u3040-\u30ff\u3400-\u9fff]{2,})")
"""A mark between two clauses or items, and a word after it."""
_CLAUSE_MARK = re.compile(r"[,;،]\s|[；，、]|\s[-–—]\s(?=[^\W\d_])")
_SUBJECT = re.compile(r"\W*(?:([^\W\d_]{1,3})\s+)?([^\W\d_]{2,})")
"""The first words of a clause: a short one, which may be an article or a preposition, and the next."""
_NEXT = 24
"""Characters between a gap and a figure that its omitted owner would have: a verb, a preposition."""
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u30ff\u3400-\u9fff]{2,}")
"""A word that is more than a preposition."""


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``quote.negation_left_out`` (error; warning where it is less certain, or the claim itself has the negation),
    ``quote.qualifier_left_out`` and ``quote.speaker_left_out`` (warnings), and ``quote.gap`` (warning; error if the
    ellipsis leaves out more than a sentence)."""
    return [found for claim in summary.claims for found in _check_claim(source, claim)]


def _check_claim(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    evidence = claim.evidence
    if evidence.start is None:
        return
    number = source.paragraph_at(evidence.start)
    if number is None:
        return
    paragraph = source.paragraphs[number - 1]
    place = (paragraph.start, paragraph.end)
    reported: set[CheckName] = set()
    for omission in omissions(source.text, place, evidence.parts, source.language):
        observed = _observed(source, claim, omission)
        if observed is not None and observed[0] not in reported:
            name, severity, message = observed
            reported.add(name)
            yield finding(
                name,
                severity,
                claim_path(claim.id, "quote"),
                message,
                paragraph=number,
                place=(omission.start, omission.end),
                expected=source.text[omission.start : omission.end],
                got=claim.quote,
            )
    gap = None if "quote.gap" in reported else _joined_figure(source, claim)
    if gap is not None:
        words = source.text[slice(*gap)].strip()
        yield finding(
            "quote.gap",
            "warning",
            claim_path(claim.id, "quote"),
            f"the ellipsis leaves out “{words}” and joins a figure to words that it does not belong to",
            paragraph=number,
            place=gap,
            expected=words,
            got=claim.quote,
        )


def _observed(source: Source, claim: CheckedClaim, omission: Omission) -> tuple[CheckName, Severity, str] | None:
    words = source.text[omission.start : omission.end].strip()
    match omission.kind:
        case "negation":
            is_stated = is_negated_english(claim.text_en)
            # Aucun ouvrier n'a été blessé: "n'" alone does not carry what the claim lacks.
            if is_negated(quoted_words(source, claim), source.language, half=is_stated):
                return None
            if is_stated:
                message = f"the quote leaves out the negation “{words}”, which the claim states"
                return "quote.negation_left_out", "warning", message
            message = f"the quote leaves out “{words}”, which negates its words in the source"
            return "quote.negation_left_out", "error" if omission.is_near else "warning", message
        case "qualifier":
            if claim.modality in ("hedged", "denied") or _ENGLISH_QUALIFIERS.search(claim.text_en):
                return None
            message = f"the quote leaves out “{words}”, on which its words depend in the source"
            return "quote.qualifier_left_out", "warning", message
        case "clause":
            message = f"the ellipsis leaves out “{words}” and joins words of different clauses"
            return "quote.gap", "warning", message
        case "length":
            length = omission.end - omission.start
            if not omission.is_near:
                return "quote.gap", "warning", f"the ellipsis leaves out {length:,} characters"
            return "quote.gap", "error", f"the ellipsis leaves out {length:,} characters: the pieces are no quote"
        case "speaker":
            if claim.speaker_en or claim.speaker_source or claim.modality in ("hedged", "denied"):
                return None
            if _ENGLISH_QUALIFIERS.search(claim.text_en) or _ENGLISH_SPEECH.search(claim.text_en):
                return None
            message = f"the quote leaves out who says so: “{words}”; the claim states it as a fact"
            return "quote.speaker_left_out", "warning", message


def _joined_figure(source: Source, claim: CheckedClaim) -> tuple[int, int] | None:
    """The gap behind which a figure stands that belongs to other words: before it, the source has another figure of the
    same kind, and then the beginning of another clause; or it has another owner of the figure."""
    parts = claim.evidence.parts
    for (_, start), (end, stop) in pairwise(parts):
        gap = read(source.text[start:end], source.language)
        piece = read(source.text[end:stop], source.language)
        first = next((q for q in piece.quantities if q.kind in _COMPARED), None)
        omitted = [q for q in gap.quantities if first is not None and _is_same_kind(q, first)]
        if omitted and _begins_clause(gap.text[omitted[-1].end :], source.language):
            return start, end
        if (
            first is not None
            and first.start <= _NEXT
            and _has_other_owner(source.text[parts[0][0] : start], gap.text, source.language)
        ):
            return start, end
    return None


def _has_other_owner(before: str, gap: str, language: str) -> bool:
    """Whether the last clause of a gap begins with a name that the first piece has not, and goes on behind the gap:
    Samsung reported a profit, LG 900 million."""
    joint = pattern(language, "and")
    for mark in (_CLAUSE_MARK, joint):
        ends = [match.end() for match in mark.finditer(gap)] if mark else []
        subject = _SUBJECT.match(gap, ends[-1]) if ends else None
        words = subject.groups() if subject else ()
        if any(word and len(word) > 1 and _is_name(word, language) and word not in before for word in words):
            return True
    return False


def _is_name(word: str, language: str) -> bool:
    """Whether a word begins with a capital; in German, where all nouns do, whether it has only capitals."""
    return word.isupper() if language.startswith("de") else word[0].isupper()


def _begins_clause(text: str, language: str) -> bool:
    """Whether a mark or a word such as "and" is in ``text``, and more words after it."""
    joint = pattern(language, "and")
    joined = joint.search(text) if joint else None
    return bool(_BOUNDARY.search(text) or (joined and _WORD.search(text, joined.end())))


def _is_same_kind(omitted: Quantity, figure: Quantity) -> bool:
    """Whether two figures may be confused: both are money, percentages, or counts of one noun, which one may lack."""
    units = {omitted.unit, figure.unit} - {None}
    return omitted.kind == figure.kind and (figure.kind != "count" or len(units) <= 1)
