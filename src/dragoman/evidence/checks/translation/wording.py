"""English that is no translation by its own words: a placeholder, a refusal, a repetition, the English of another
paragraph, or far too short or too long for its source."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dragoman.core.check_names import CheckName
from dragoman.core.record import Severity
from dragoman.evidence.checks.translation.lengths import expected_length
from dragoman.evidence.checks.translation.pairs import Pair
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.empty_words import REPEATED, is_placeholder, repetition, same_words
from dragoman.evidence.refusals import refusal, request_for_text, somebody_cannot

_CERTAIN_LENGTHS = ((3.0, 0.4, 2.5), (4.0, 0.6, 1.6))
_LIKELY_LENGTH = (3.0, 0.7, 1.5)
"""(standard deviations, shortest share, longest share): English is incomplete, or has more than the source, if its
length differs by so many from the expected one and is below or above such a share of it. Of 41,454 honest paragraphs in
31 languages, two are outside the certain limits and 41 outside the likely ones."""

_NOTICEABLE = 2.0
"""Standard deviations from which a length speaks against a text that may be a translation after all: "I cannot" may be
what somebody in the article says."""

_LEAST_PLACED = 30
"""Expected length from which a source is certain to say more than a placeholder. "Not available" may be the English of
a short line."""

_TWICE = 0.4
_NOT_REPEATED = 0.1
"""Shares of repetition: a text says one of its sentences twice, and a text has no more than turns of phrase in common
with itself."""

_LETTERS_PER_DENSE = 3
"""Letters that say as much as one Chinese character."""

LEAST_SHARED_WORDS = 5
"""Words of a text or sentence that two paragraphs share. Shorter ones are headings, captions and turns of phrase."""

_SIMILAR = 0.4
"""Share of the sources' runs of letters from which equal English is the translation of equal words."""

_RUN_LETTERS = 24
"""Expected letters of English in a run of letters that two sources share: three or four words."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+")

# A colon in the source may be that of somebody who says such a thing.
_PREAMBLE = re.compile(
    r"\W*(?:(?:sure|certainly|of course|okay)\W+)?"
    r"(?:here(?:['’]s| is| are) (?:the|a|an|my|your) (?:\w+ )?translat(?:ion|ed)\b[^.:\n]{0,40}"
    r"|(?:english )?translation(?: of paragraph \d+)?)\s*:",
    re.IGNORECASE,
)


class Remark(NamedTuple):
    """What is wrong with the English of a paragraph. ``got`` quotes it; ``expected`` quotes a part of the source, or is
    None for the whole paragraph."""

    check: CheckName
    severity: Severity
    message: str
    got: str | None
    expected: str | None = None


def check_wording(pair: Pair, language: str) -> Remark | None:
    """``translation.empty``, ``translation.refusal`` or ``translation.repeated``: English that says nothing of the
    source; ``translation.added``: words about the translation."""
    source, english = pair.source.text, pair.english.text
    if is_placeholder(english):
        return _placeholder(pair)
    if words := _refusing(english):
        if 2 * len(words) >= len(english) and not _may_say_so(source, language, words):
            return Remark("translation.refusal", "error", "the English is a refusal and no translation", words)
        if abs(pair.deviation(len(english))) >= _NOTICEABLE:
            return Remark("translation.refusal", "warning", "the English seems to be a refusal", words)
    preamble = _PREAMBLE.match(english)
    if preamble and not any(colon in source for colon in ":："):
        return Remark(
            "translation.added", "warning", "the English begins with words about the translation", preamble[0]
        )
    repeated = repetition(english)
    if repeated >= _TWICE and _repetition_of_source(pair) <= _NOT_REPEATED:
        severity: Severity = "error" if repeated >= REPEATED else "warning"
        return Remark("translation.repeated", severity, "the English repeats itself and the source does not", english)
    return None


def check_length(pair: Pair) -> Remark | None:
    """``translation.length``: an error if the English is far too short or too long for its source, a warning if it is
    likely."""
    english = pair.english.text
    if any(_is_outside(pair, limits) for limits in _CERTAIN_LENGTHS):
        severity: Severity = "error"
    elif _is_outside(pair, _LIKELY_LENGTH):
        severity = "warning"
    else:
        return None
    message = f"the English has {len(english):,} characters; about {pair.expected:,.0f} are usual for this paragraph"
    return Remark("translation.length", severity, message, english)


def _is_outside(pair: Pair, limits: tuple[float, float, float]) -> bool:
    deviations, shortest, longest = limits
    length = len(pair.english.text)
    is_unusual = abs(pair.deviation(length)) >= deviations
    return is_unusual and not shortest <= length / pair.expected <= longest


def check_same(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Remark]]:
    """``translation.same`` (error): two paragraphs that differ in the source have the same English, or a sentence of
    it."""
    holders: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        for words in dict.fromkeys(map(same_words, (pair.english.text, *_SENTENCE_END.split(pair.english.text)))):
            if words.count(" ") + 1 >= LEAST_SHARED_WORDS:
                holders[words].append(pair)
    reported: set[tuple[int, int]] = set()
    for words, sharing in holders.items():
        first = sharing[0]
        for pair in sharing[1:]:
            if (first.number, pair.number) not in reported and not _have_in_common(first, pair, words):
                reported.add((first.number, pair.number))
                message = f"this English is also that of paragraph {first.number}, whose source differs"
                yield pair, Remark("translation.same", "error", message, words)


def _refusing(english: str) -> str:
    """The sentences of ``english`` in which the model refuses or asks for a text; empty if it does neither."""
    if not (refusal(english) or request_for_text(english)):
        return ""
    sentences = [each for each in _SENTENCE_END.split(english) if refusal(each) or request_for_text(each)]
    return " ".join(sentences) or english


def _may_say_so(source: str, language: str, words: str) -> bool:
    """Whether the source may say what ``words`` say: that somebody cannot do something, or that readers should send a
    text."""
    if refusal(words):
        return somebody_cannot(source, language)
    orders = pattern(language, "order")
    return orders is not None and orders.search(source) is not None


def _placeholder(pair: Pair) -> Remark | None:
    source, english = pair.source.text, pair.english.text
    says_something = any(map(str.isalnum, english))
    if not any(map(str.isalpha, source)) or (says_something and is_placeholder(source)):
        return None
    # The prompt asks for this mark where the source cannot be read.
    is_likely = "[illegible]" in english or (says_something and pair.expected < _LEAST_PLACED)
    severity: Severity = "warning" if is_likely else "error"
    return Remark("translation.empty", severity, "the English is a placeholder and no translation", english)


def _repetition_of_source(pair: Pair) -> float:
    text = pair.source.text
    return repetition("".join(letter * _LETTERS_PER_DENSE for letter in text) if pair.is_dense else text)


def _have_in_common(first: Pair, second: Pair, words: str) -> bool:
    """Whether the sources of two paragraphs share so much that both may have ``words`` as English."""
    per_letter = expected_length(first.source.text) / len(first.source.text)
    length = max(2, round(_RUN_LETTERS / 3 / per_letter))
    shared = _runs(first.source.text, length) & _runs(second.source.text, length)
    return len(shared) * per_letter >= _SIMILAR * len(words)


def _runs(text: str, length: int) -> set[str]:
    letters = same_words(text)
    return {letters[start : start + length] for start in range(len(letters) - length + 1)}
