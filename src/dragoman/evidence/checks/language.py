"""Check that every English field is English: by its script, then by its common words, and only then by a detector."""

from __future__ import annotations

import re
from collections import Counter

from dragoman.core.answers import Translation
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.english_fields import english_fields
from dragoman.evidence.checks.finding import finding
from dragoman.reading.language import count_scripts, identify

COMMON = frozenset((
    "the", "a", "an", "of", "in", "to", "and", "is", "are", "was", "were", "be", "been", "has", "have", "had", "for",
    "on", "at", "by", "with", "from", "as", "that", "this", "it", "its", "will", "would", "not", "no", "than", "more",
    "said", "says", "according", "or", "but", "which", "who", "after", "before", "about", "per", "cent", "between",
    "into", "over",
))  # fmt: skip
"""Words that make up a third of English running text and almost none of a text in another language."""

LEAST_COMMON = 0.08
"""Share of common words below which the detector decides. English headlines have at least 0.15."""

LEAST_WORDS = 7
"""Words below which a text is not judged."""

ENOUGH_WORDS = 9
"""Words below which a text counts as foreign only if it is in the language of the source, because names and bylines
mislead the detector."""

LEAST_LOWER = 0.4
"""Share of words without a capital below which a text is a list of names. German, which has most capitals, has 0.6."""

MOST_FOREIGN = 0.4
"""Largest share of non-Latin letters in an English text. Names and quotations in brackets stay below it."""

_SET_OFF = re.compile(r"“[^”]*”|\"[^\"]*\"|\([^)]*\)")
"""Words in quotation marks or brackets. They are often names and titles, which may be in any language."""

_ADDRESS = re.compile(r"\S+\.\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")


_OTHER_LETTERS = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u2c80-\U0010ffff]")
"""Characters that may be letters of a script other than Latin."""


def check(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """``language.english`` (error) for a field that should be English and is not."""
    findings: list[Finding] = []
    for path, text, _ in english_fields(summary, translation):
        detected = foreign(text, source.language)
        if detected:
            message = f"this text should be English, but it appears to be “{detected}”"
            findings.append(finding("language.english", "error", path, message, got=text))
    return findings


def foreign(text: str, source_language: str) -> str | None:
    """The same as `not_english`, and quicker for most English texts."""
    return None if _is_plainly_english(text) else not_english(text, source_language)


def _is_plainly_english(text: str) -> bool:
    """Quick check: true only if `not_english` returns None, because the text has enough common words for its length. It
    has at most one word for every two characters.

    False for every text with words in quotation marks or brackets, because `not_english` does not count those.
    """
    if "“" in text or '"' in text or "(" in text or _OTHER_LETTERS.search(text):
        return False
    common = sum(map(COMMON.__contains__, text.lower().split()))
    return common >= max(2, LEAST_COMMON * (len(text) + 1) / 2)


def not_english(text: str, source_language: str) -> str | None:
    """The language of a text that is not English, as a BCP-47 tag, or its script if the language is unknown. None for
    English and for a text that is too short to judge."""
    if _OTHER_LETTERS.search(text):
        scripts = count_scripts(Counter(text))
        if scripts["Latn"] < (1 - MOST_FOREIGN) * scripts.total():
            language, script = identify(text)
            return language if language != "und" else script
    words = [word.lower() for word in _WORD.findall(_SET_OFF.sub(" ", text))]
    if len(words) < LEAST_WORDS:
        all_words = [word.lower() for word in _WORD.findall(text)]
        words = all_words if len(all_words) >= ENOUGH_WORDS else words
    common = sum(word in COMMON for word in words)
    # One common word may be part of a name: An Phước.
    if len(words) < LEAST_WORDS or common >= max(2, LEAST_COMMON * len(words)):
        return None
    language, _ = identify(text)
    if language in ("en", "und"):
        return None
    if language == source_language:
        return language
    return language if len(words) >= ENOUGH_WORDS and not _is_list_of_names(text) else None


def _is_list_of_names(text: str) -> bool:
    """Whether so many words have a capital that the detector would judge names: a byline, a catalogue, a score."""
    words = _WORD.findall(_ADDRESS.sub(" ", _SET_OFF.sub(" ", text)))
    lower = sum(1 for word in words if word[0].islower())
    return lower < LEAST_LOWER * len(words)
