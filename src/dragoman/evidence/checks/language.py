"""Is every English field English? Read by script, by its common words, and only then by a detector."""

from __future__ import annotations

import re
from collections import Counter

from dragoman.core.answers import Translation
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.english_fields import english_fields
from dragoman.evidence.checks.finding import finding
from dragoman.reading.language import count_scripts, identify

_COMMON = frozenset((
    "the", "a", "an", "of", "in", "to", "and", "is", "are", "was", "were", "be", "been", "has", "have", "had", "for",
    "on", "at", "by", "with", "from", "as", "that", "this", "it", "its", "will", "would", "not", "no", "than", "more",
    "said", "says", "according", "or", "but", "which", "who", "after", "before", "about", "per", "cent", "between",
    "into", "over",
))  # fmt: skip
"""Words that make a third of English running text, and hardly any of it in other languages."""

LEAST_COMMON = 0.08
"""Share of common words below which a text is looked at more closely; English headlines have 0.15 and more."""

LEAST_WORDS = 7
ENOUGH_WORDS = 9
"""Below it a text counts as foreign only in the language of the source: names and by-lines mislead."""

MOST_FOREIGN = 0.4
"""Share of letters that are not Latin; names and quotations in brackets stay below it."""

_SET_OFF = re.compile(r"“[^”]*”|\"[^\"]*\"|\([^)]*\)")
"""Quoted and bracketed words: names and titles, which may be in any language."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")


_OTHER_LETTERS = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u2c80-\U0010ffff]")
"""What may be a letter of another script than Latin."""


def check(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """``language.english`` (error): a field that should be English and is not."""
    found: list[Finding] = []
    for path, text, _ in english_fields(summary, translation):
        told = None if _is_plainly_english(text) else not_english(text, source.language)
        if told:
            found.append(finding("language.english", "error", path, f"this should be English and is {told}", got=text))
    return found


def _is_plainly_english(text: str) -> bool:
    """Whether there are as many common words as there must be in any text of the length: then `not_english` says None.

    Every other letter is a word at the most. Words that are set off do not count, so these texts are looked at.
    """
    if "“" in text or '"' in text or "(" in text or _OTHER_LETTERS.search(text):
        return False
    common = sum(map(_COMMON.__contains__, text.lower().split()))
    return common >= max(2, LEAST_COMMON * (len(text) + 1) / 2)


def not_english(text: str, source_language: str) -> str | None:
    """What a text is instead of English, as a BCP-47 tag or a script; None for English and for what is too short."""
    if _OTHER_LETTERS.search(text):
        scripts = count_scripts(Counter(text))
        if scripts["Latn"] < (1 - MOST_FOREIGN) * scripts.total():
            language, script = identify(text)
            return language if language != "und" else script
    words = [word.lower() for word in _WORD.findall(_SET_OFF.sub(" ", text))]
    if len(words) < LEAST_WORDS:
        every = [word.lower() for word in _WORD.findall(text)]
        words = every if len(every) >= ENOUGH_WORDS else words
    common = sum(word in _COMMON for word in words)
    # One may be part of a name: An Phước.
    if len(words) < LEAST_WORDS or common >= max(2, LEAST_COMMON * len(words)):
        return None
    language, _ = identify(text)
    if language in ("en", "und"):
        return None
    return language if len(words) >= ENOUGH_WORDS or language == source_language else None
