"""Find words of the source that stand in the English as they are, because a part was not translated.

Names, titles and words of other languages may stay; running text may not. What tells them apart, in a script with
capitals, are words in small letters. In other scripts every letter that is not Latin counts, except in brackets and
quotation marks, where the English gives the original of a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from dragoman.evidence.checks.language import COMMON, foreign
from dragoman.evidence.checks.translation.lengths import expected_length
from dragoman.evidence.empty_words import same_words
from dragoman.reading.language import identify

LEAST_RUN = 4
"""Words in a row that source and English share."""

LEAST_SMALL_WORDS = 3
"""Of them, words in small letters with at least four: names have few (Ministerio para la Transición Ecológica)."""

CERTAIN_RUN = 6
"""Words in a row that are certain to be running text. Fewer may be a term that both languages use."""

CERTAIN_SENTENCE = 15
"""Words of a sentence in a language other than that of the source: for a shorter one the detector may be wrong."""

LEAST_WHOLE = 3
"""Words of a paragraph that is the same in both languages by chance if it has fewer."""

LEAST_FOREIGN = 20
"""Expected length of the English of letters in another script. A name has less."""

_MOST_ENGLISH = 0.3
"""Share of common English words from which the words are English in the source too."""

_SMALL_WORD = re.compile(r"[^\W\d_]{4,}")
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+")
_SET_OFF = re.compile(r"“[^”]*”|\"[^\"]*\"|[(（\[][^)）\]]*[)）\]]")
_FOREIGN_RUN = re.compile(
    "[\u0370-\u1dff\u1f00-\u1fff\u2c80-\ua71f\ua800-\uab2f\uabc0-\ufaff\ufb1d-\U0010ffff]"
    "[\u0370-\u1dff\u1f00-\u1fff\u2c80-\ua71f\ua800-\uab2f\uabc0-\ufaff\ufb1d-\U0010ffff\\s\\d.,;:!?–—-]*"
)


def copied(source: str, english: str) -> str | None:
    """The longest words of ``source`` that stand untranslated in ``english``, or None. ``source`` is in Latin letters:
    in other texts, words in Latin letters are foreign to the source too and may stay."""
    runs = [run for run in _shared_runs(source, english) if _is_running_text(run)]
    return max(runs, key=len, default=None)


def is_source(source: str, english: str) -> bool:
    """Whether the English is the source itself, in Latin letters, and not only names and words of English."""
    words = _WORD.findall(source)
    if len(words) < LEAST_WHOLE or same_words(source) != same_words(english) or identify(source)[0] == "en":
        return False
    return any(word.islower() and _SMALL_WORD.fullmatch(word) and word not in COMMON for word in words)


def is_certain(run: str) -> bool:
    """Whether copied words are too many for a term."""
    return len(_WORD.findall(run)) >= CERTAIN_RUN


def foreign_run(english: str) -> str | None:
    """The longest text in another script than Latin, outside of brackets and quotation marks, that is too long for a
    name, or None."""
    runs = (match[0].strip() for match in _FOREIGN_RUN.finditer(_SET_OFF.sub(" ", english)))
    return max((run for run in runs if expected_length(run) >= LEAST_FOREIGN), key=len, default=None)


def foreign_sentence(english: str, language: str) -> tuple[str, str] | None:
    """(sentence, its language) for the first sentence of several that is not English, or None. ``language`` is that of
    the source."""
    sentences = _SENTENCE_END.split(english)
    for sentence in sentences if len(sentences) > 1 else ():
        detected = foreign(sentence, language)
        is_source = detected is not None and detected.split("-")[0] == language.split("-")[0]
        if detected and (is_source or len(_WORD.findall(sentence)) >= CERTAIN_SENTENCE):
            return sentence, detected
    return None


def _shared_runs(source: str, english: str) -> Iterator[str]:
    """The longest runs of words that both texts have."""
    source_words = [word.casefold() for word in _WORD.findall(source)]
    places = [match.span() for match in _WORD.finditer(english)]
    words = [english[start:end].casefold() for start, end in places]
    grams = {tuple(source_words[at : at + LEAST_RUN]) for at in range(len(source_words) - LEAST_RUN + 1)}
    at = 0
    while at + LEAST_RUN <= len(words):
        end = at
        while tuple(words[end : end + LEAST_RUN]) in grams and end + LEAST_RUN <= len(words):
            end += 1
        if end > at:
            last = end + LEAST_RUN - 1
            yield english[places[at][0] : places[last - 1][1]]
            at = last
        else:
            at += 1


def _is_running_text(run: str) -> bool:
    words = _WORD.findall(run)
    small = Counter(word for word in words if word.islower() and _SMALL_WORD.fullmatch(word))
    if len(small) < LEAST_SMALL_WORDS or identify(run)[0] == "en":
        return False
    return sum(word.lower() in COMMON for word in words) < _MOST_ENGLISH * len(words)
