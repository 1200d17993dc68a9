"""Find what a located quote leaves out although its words depend on it: a negation, a condition, a word such as
"allegedly", or the rest of a clause that an ellipsis joins to another.

Only the rest of the clause in which a quote begins or ends is searched, and the words that its ellipses stand for; a
quote of whole clauses leaves out nothing. The words are in ``data/cues.tsv``: ``turn`` (not), ``refuse`` (denied,
failed to, refused to), ``without``, ``hedge``, ``if`` (``not_if`` only looks like one: "if late, at least"), ``that``
(which makes a clause depend on the one before it), and ``and`` (a negation on one side of it says nothing about the
other). A language without these words gives no omission, except for gaps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from dragoman.core.language_tags import primary
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.left_out_speaker import left_out_speaker

REACH = 240
"""Characters before and after a quote that are searched. Longer sentences exist, but what turns a clause round is
near it."""

FAR = {True: 24, False: 80}
"""Characters between a negation and the quote in the same clause, for scripts without spaces and for others. Beyond
that, a negation mostly belongs to other words."""

NEAR = {True: 3, False: 12}
"""Characters between a negation and the quote that leave no doubt that it belongs to the quote's first or last word."""

LONG_GAP = 200
"""Characters that one ellipsis may leave out without doubt. The longest aside between commas in 2,530 news sentences in
23 languages (NTREX) has 200."""

LONGEST_GAP = 400
"""Characters that no ellipsis may leave out. The longest of these sentences has 351."""

LONGEST_THEN = 12
"""Characters between a condition and a quote that depends on it: then, dann, entonces, तो, wird."""

_UNSPACED = frozenset(("zh", "ja", "th", "my", "km", "lo"))
_VERB_LAST = frozenset(
    ("ja", "ko", "tr", "hi", "ur", "bn", "ne", "ta", "fa", "te", "kn", "ml", "mr", "gu", "pa", "si", "my", "am", "mn",
     "az", "kk", "uz")
)  # fmt: skip
"""Languages in which the verb ends the clause, and with it the negation and the denial."""
_LATE_NEGATION = _VERB_LAST | {"de", "nl", "af", "ka", "hy"}
"""Languages in which the negation may be anywhere after the words that it negates."""

_NEGATION_LAST = frozenset(("ja", "ta", "ne", "te", "kn", "ml", "mr", "si", "my", "am", "mn", "az", "kk", "uz"))
"""Languages in which a negation before the quote belongs to the words before it: 公表していない会社は…"""
_CONNECTIVE = {"ko": re.compile(r"(?:고|며|지만|으나|는데|면서)$")}
"""Endings of a verb that end its clause without a mark."""
_CONTINUED = {"ko": re.compile(r"\s*[있싶]")}
"""Auxiliary verbs after such an ending, which continue its clause: 폐쇄하고 있지 않다."""

_CLAUSE = r"፡፡|[;!?…。，；：！？،؛؟।॥۔၊။។፣፤።։()\[\]（）\n]|[,.:](?!\d)|(?<=\s)[-–](?=\s)|—"
_CLAUSE_END = re.compile(_CLAUSE)
_CLAUSE_ENDS = {"ja": re.compile(f"{_CLAUSE}|、"), **dict.fromkeys(("th", "km", "lo"), re.compile(rf"{_CLAUSE}|\s"))}
_SENTENCE_MARKS = ".!?。！？؟।॥۔။។።։\n"
_QUOTATION_MARKS = " \t\u00a0\u202f\u3000\"“”„«»‘’‚‹›「」『』'"
# A full stop ends a sentence after a word of four letters, before a capital or a script without them.
_SENTENCE_END = re.compile(r"(?:(?<=[^\W\d]{4})\.|[!?])[»”\"“’)\]]*\s+(?![a-zа-яёіїєґßà-öø-ÿ])|[。！？؟।॥۔။។።։]")
# Er weigert sich, das Werk zu schließen: the clause depends on the one before it without a word for that.
_GERMAN_INFINITIVE = re.compile(r"\b(?:zu |\w{1,40}zu)\w{1,40}n\b")
_CONTENT = re.compile(
    r"[^\W\d_]{3,}|[\u3400-\u9fff\u3040-\u30ff]{2,}|[\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{3,}"
)


OmissionKind = Literal["negation", "qualifier", "speaker", "clause", "length"]
_NEGATION: OmissionKind = "negation"
_QUALIFIER: OmissionKind = "qualifier"


class Omission(NamedTuple):
    """Words that a quote leaves out. ``start`` and ``end`` are their place in the text."""

    kind: OmissionKind
    start: int
    end: int
    is_near: bool = False
    """Whether there is no doubt: the words are beside the quote or inside a gap, or are more than a sentence."""


def omissions(
    text: str, paragraph: tuple[int, int], parts: Sequence[tuple[int, int]], language: str
) -> Iterator[Omission]:
    """What the quote at ``parts`` of ``text`` leaves out of its ``paragraph``, which has all of them."""
    code = primary(language)
    floor, ceiling = paragraph
    first, last = parts[0][0], parts[-1][1]
    yield from _before(text, max(floor, first - REACH), first, text[first:last], code)
    yield from _after(text, first, last, min(ceiling, last + REACH), code)
    for (_, start), (end, _) in pairwise(parts):
        yield from _between(text, start, end, code)
    if speaker := left_out_speaker(text, floor, first, last, ceiling, code):
        yield Omission("speaker", *speaker)


def is_negated(text: str, language: str, *, half: bool = True) -> bool:
    """Whether a text has a word that negates, denies or refuses. Without ``half``, half of a negation ("ne" in French)
    is none."""
    code = primary(language)
    halves = None if half else pattern(code, "half")
    return any(not (halves and halves.fullmatch(text[slice(*hit)])) for hit in _negations(text, code))


def _before(text: str, floor: int, start: int, quote: str, code: str) -> Iterator[Omission]:
    """What stands in front of the quote, in its own clause and in the clauses on which that one depends."""
    clauses = _clauses(text, floor, start, code)
    begin, end = clauses[-1]
    own = text[begin:end]
    is_unspaced = code in _UNSPACED
    main = own.strip(_QUOTATION_MARKS)
    if main:
        negations = [] if code in _NEGATION_LAST else _negations(own, code)
        for kind, hits in ((_NEGATION, negations), (_QUALIFIER, _hits(own, "hedge", code))):
            for hit in hits:
                distance = len(own.rstrip()) - hit[1]
                if distance <= FAR[is_unspaced] and not _has(own[hit[1] :], "and", code):
                    yield Omission(kind, begin + hit[0], begin + hit[1], distance <= NEAR[is_unspaced])
        if _ends(own, "without", code):
            yield Omission(_NEGATION, begin, end, is_near=True)
        if _begins(own, "if", code) or (code in _VERB_LAST and _ends(own, "if", code)):
            yield Omission(_QUALIFIER, begin, end, is_near=True)
    # Er bestritt, dass das Werk schließt: the clause depends on the one before it.
    is_infinitive = code == "de" and not main and _GERMAN_INFINITIVE.search(quote) is not None
    depends = is_infinitive or _begins(own + quote, "that", code)
    sentence = _same_sentence(text, clauses)
    for position in range(len(sentence) - 1, -1, -1):
        begin, end = sentence[position]
        clause = text[begin:end]
        if depends:
            for hit in _negations(clause, code):
                if not _has(clause[hit[1] :], "and", code):
                    yield Omission(_NEGATION, begin + hit[0], begin + hit[1], is_near=True)
            for hit in _hits(clause, "hedge", code):
                yield Omission(_QUALIFIER, begin + hit[0], begin + hit[1])
            depends = _begins(clause, "that", code)
        elif len(main) <= LONGEST_THEN and (_begins(clause, "if", code) or _ends(clause, "if", code)):
            yield Omission(_QUALIFIER, begin, end)


def _after(text: str, start: int, end: int, ceiling: int, code: str) -> Iterator[Omission]:
    """What stands behind the quote, in its own clause and in a condition that follows it."""
    quote = text[start:end].rstrip(_QUOTATION_MARKS)
    last = quote[-1:]
    if end >= ceiling or last in _SENTENCE_MARKS or _has_ended(quote, text[end:ceiling], code):
        return
    clauses = _clauses(text, end, ceiling, code)
    if _CLAUSE_END.match(last):
        clauses.insert(0, (end, end))  # the quote ends with its clause
    begin, stop = clauses[0]
    own = text[begin:stop]
    is_unspaced = code in _UNSPACED
    for kind, hits, may_be_late in (
        (_NEGATION, _negations(own, code), code in _LATE_NEGATION),
        (_QUALIFIER, _hits(own, "hedge", code), code in _VERB_LAST),
    ):
        for hit in hits:
            distance = len(own[: hit[0]].lstrip())
            is_reached = distance <= FAR[is_unspaced] if may_be_late else not distance and kind == _NEGATION
            if is_reached and not _has(own[: hit[0]], "and", code):
                yield Omission(kind, begin + hit[0], begin + hit[1], distance <= NEAR[is_unspaced])
    has_words = bool(own.strip(_QUOTATION_MARKS))
    following = [clause for clause in clauses[1:2] if text[stop : stop + 1] not in _SENTENCE_MARKS]
    if has_words and code in _VERB_LAST:
        if _ends(own, "if", code):
            yield Omission(_QUALIFIER, begin, stop, is_near=True)
        for begin, stop in following:
            for hit in _hits(text[begin:stop], "refuse", code):
                if not _has(own, "and", code):
                    yield Omission(_NEGATION, begin + hit[0], begin + hit[1])
    elif code not in _VERB_LAST:
        for begin, stop in [clauses[0]] if has_words else following:
            if _begins(text[begin:stop], "if", code):
                yield Omission(_QUALIFIER, begin, stop, is_near=True)


def _has_ended(quote: str, following: str, code: str) -> bool:
    """Whether the quote ends its clause with the form of its verb."""
    if code not in _CONNECTIVE or not _CONNECTIVE[code].search(quote):
        return False
    return following[:1].isspace() and not _CONTINUED[code].match(following)


def _between(text: str, start: int, end: int, code: str) -> Iterator[Omission]:
    """What an ellipsis leaves out between two pieces of a quote."""
    gap = text[start:end]
    if len(gap) > LONG_GAP:
        yield Omission("length", start, end, is_near=len(gap) > LONGEST_GAP)
    if len(gap) > LONGEST_GAP:
        return
    clauses = _clauses(text, start, end, code)
    first, last = clauses[0], clauses[-1]
    inner = {first, last}
    if len(clauses) > 1 and _begins(text[slice(*last)], "and", code):
        inner.discard(first)  # Er bleibt nicht hier, sondern geht: the negation belongs to what is left out
    for position, (begin, stop) in enumerate(clauses):
        clause = text[begin:stop]
        if (begin, stop) not in inner:
            # An aside says nothing about the pieces, but a denial on which the second piece depends does.
            following = text[clauses[position + 1][0] : end + REACH] if position + 1 < len(clauses) else ""
            if _begins(following, "that", code):
                for hit in _hits(clause, "refuse", code):
                    yield Omission(_NEGATION, begin + hit[0], begin + hit[1], is_near=True)
            continue
        for hit in _negations(clause, code):
            yield Omission(_NEGATION, begin + hit[0], begin + hit[1], is_near=True)
        for hit in _hits(clause, "hedge", code):
            yield Omission(_QUALIFIER, begin + hit[0], begin + hit[1], is_near=True)
        if _begins(clause, "if", code):
            yield Omission(_QUALIFIER, begin, stop, is_near=True)
    if _ends(text[slice(*last)], "without", code):
        yield Omission(_NEGATION, *last, is_near=True)
    if _joins_clauses(text, start, end, clauses, code):
        yield Omission("clause", start, end)


def _joins_clauses(text: str, start: int, end: int, clauses: Sequence[tuple[int, int]], code: str) -> bool:
    """Whether the second piece belongs to another sentence or clause, whose beginning the ellipsis leaves out."""
    gap = text[max(0, start - 5) : end]
    ends = [match.end() for match in _SENTENCE_END.finditer(gap) if match.end() > min(5, start) - 1]
    if ends and _CONTENT.search(gap[ends[-1] :].strip(_QUOTATION_MARKS)):
        return True
    # One boundary: the end of one clause and the beginning of the next. Two may be the commas around an aside.
    if len(clauses) != 2:
        return False
    before, after = (text[slice(*clause)].strip(_QUOTATION_MARKS) for clause in clauses)
    if code in _UNSPACED and not _begins(after, "and", code):
        return False  # 今年 may belong to either clause; 而 begins another one
    if _ends(after, "and", code) or not _CONTENT.search(before):
        return False
    that = pattern(code, "that")
    return bool(_CONTENT.search(that.sub(" ", after) if that else after))


def _clauses(text: str, start: int, end: int, code: str) -> list[tuple[int, int]]:
    """The ranges between the marks that separate clauses, at least one, some of them empty."""
    marks = [match.span() for match in _CLAUSE_ENDS.get(code, _CLAUSE_END).finditer(text, start, end)]
    starts, ends = [start, *(stop for _, stop in marks)], [*(begin for begin, _ in marks), end]
    return list(zip(starts, ends, strict=True))


def _same_sentence(text: str, clauses: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses before the last one that are part of its sentence."""
    sentence: list[tuple[int, int]] = []
    for (begin, end), (following, _) in reversed(list(pairwise(clauses))):
        if any(mark in _SENTENCE_MARKS for mark in text[end:following]):
            break
        sentence.insert(0, (begin, end))
    return sentence


def _negations(text: str, code: str) -> Iterator[tuple[int, int]]:
    """The places of words that negate, deny or refuse, without phrases that only look so (not only)."""
    return _hits(text, ("turn", "refuse"), code)


def _hits(text: str, kinds: str | tuple[str, ...], code: str) -> Iterator[tuple[int, int]]:
    false_negation = pattern(code, "not_turn")
    if false_negation is not None and "turn" in kinds:
        text = false_negation.sub(lambda match: " " * len(match[0]), text)
    for kind in (kinds,) if isinstance(kinds, str) else kinds:
        if cue := pattern(code, kind):
            for match in cue.finditer(text):
                yield match.span()


def _has(text: str, kind: str, code: str) -> bool:
    cue = pattern(code, kind)
    return cue is not None and cue.search(text) is not None


def _begins(text: str, kind: str, code: str) -> bool:
    """Whether a clause begins with a cue, after quotation marks and one word such as "only" or "and"."""
    cue, text = pattern(code, kind), text.lstrip(_QUOTATION_MARKS)
    other = pattern(code, f"not_{kind}")
    if cue is None or (other is not None and other.match(text)):
        return False
    if cue.match(text):
        return True
    joint = pattern(code, "and")
    word = joint.match(text) if joint and kind == "if" else None
    return bool(word and cue.match(text[word.end() :].lstrip()))


def _ends(text: str, kind: str, code: str) -> bool:
    cue, text = pattern(code, kind), text.rstrip(_QUOTATION_MARKS)
    return cue is not None and any(match.end() == len(text) for match in cue.finditer(text))
