"""Decide whether an answer as a whole says something about its article. One that does not is no answer.

A single text that says nothing is a finding (`checks.empty`). An answer is worth nothing if its abstract says nothing,
all of its key points and claims, or every paragraph of a translation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from dragoman.core.answers import Summary, Translation
from dragoman.core.source import Source
from dragoman.evidence.checks.empty import (
    EQUAL,
    Emptiness,
    SummaryText,
    emptiness,
    english_size,
    may_be_equal,
    repeats_itself,
    shown,
    text_emptiness,
    texts_of,
)
from dragoman.evidence.checks.language import foreign
from dragoman.evidence.empty_words import WINDOW, letters_of, same_words
from dragoman.evidence.sentences import CLOSING, MARKS

LONGEST = 1_500
"""Characters of all texts of a summary beyond `PER_CHARACTER` times those of the article. The summary of one line has
about 1,000."""

PER_CHARACTER = 5
"""Characters of all texts of a summary for each character that the English of the article has. The samples have at most
1.8."""

COPIED = 0.5
"""Share of a text from which it is a copy of the article, if it is not English, or of the prompt."""

SAMPLES = 20
"""Places of a text, evenly spread, at which it is compared. A share of 0.35 stays below 0.5, and 0.65 above."""

LEAST_ECHO = 4
"""Words of a text that can be recognised as words of the prompt."""

LEAST_STATEMENT = 60
"""Characters of a paragraph, in English, that states something although no mark ends it."""

MOST_PROBLEMS = 12
"""Most problems that are named. The first ones are enough to show what is wrong."""


class Nothing(NamedTuple):
    """Why an answer says nothing. ``problems`` are sentences that the model can act on."""

    is_refusal: bool
    problems: tuple[str, ...]


def says_nothing(source: Source, answer: Summary | Translation, wording: str) -> Nothing | None:
    """Why an answer says nothing about its article; None if it says something. ``wording`` is the text of the prompt
    without the article."""
    if isinstance(answer, Translation):
        return _nothing_translated(source, answer, wording)
    return _nothing_summarised(source, answer, wording)


def _nothing_summarised(source: Source, summary: Summary, wording: str) -> Nothing | None:
    texts = [text for text in texts_of(summary) if text.name != "title_en"]
    abstract, items = texts[0], texts[1:]

    def why_empty(text: SummaryText) -> Emptiness | None:
        copied = _copied(source, text.words) if text is abstract else None
        return text_emptiness(source, text) or copied or _echo(text.words, wording)

    # Stops at the first text that says something: only a worthless answer is looked at as a whole.
    if why_empty(abstract) or (items and all(map(why_empty, items))):
        empty = {text.name: why for text in texts if (why := why_empty(text))}
        has_refused = any(why.check == "empty.refusal" for why in empty.values())
        return _nothing(empty, is_refusal=has_refused and len(empty) == len(texts))
    problem = _no_items(source, summary) or _one_sentence(source, items) or _invented(source, texts)
    return Nothing(False, (problem,)) if problem else None


def _nothing_translated(source: Source, translation: Translation, wording: str) -> Nothing | None:
    empty: dict[str, Emptiness] = {}
    for entry in translation.paragraphs:
        rendered = source.paragraph_text(entry.paragraph)
        why = emptiness(source, entry.text_en, rendered) or _echo(entry.text_en, wording)
        if why is None:
            return None
        empty[f"paragraph {entry.paragraph}"] = why
    return _nothing(empty, is_refusal=any(why.check == "empty.refusal" for why in empty.values())) if empty else None


def _nothing(empty: Mapping[str, Emptiness], *, is_refusal: bool) -> Nothing:
    problems = [f"{name}: {why.message}" for name, why in empty.items()]
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS:] = [f"and {len(problems) - MOST_PROBLEMS} more texts that say nothing"]
    return Nothing(is_refusal, tuple(problems))


def _no_items(source: Source, summary: Summary) -> str | None:
    """Why an answer needs a key point or a claim: the article states something."""
    if summary.key_points or summary.claims:
        return None
    for paragraph in source.paragraphs:
        text = source.text[paragraph.start : paragraph.end]
        states = text.rstrip(CLOSING)[-1:] in MARKS or english_size(text) >= LEAST_STATEMENT
        if states and paragraph.number not in summary.boilerplate:
            return f"key_points and claims are empty, but paragraph {paragraph.number} states: “{shown(text)}”"
    return None


def _one_sentence(source: Source, items: Sequence[SummaryText]) -> str | None:
    """Why key points and claims are one sentence again and again, which the article is not."""
    if not may_be_equal(items):
        return None
    ((words, count),) = Counter(same_words(item.words) for item in items).most_common(1)
    if count < EQUAL or 2 * count < len(items) or repeats_itself(source.text):
        return None
    sentence = next(item.words for item in items if same_words(item.words) == words)
    return f"{count} of {len(items)} key points and claims are the same sentence: “{shown(sentence)}”"


def _invented(source: Source, texts: Sequence[SummaryText]) -> str | None:
    """Why an answer is longer than everything that could be said about the article."""
    length = sum(len(text.words) for text in texts)
    if length <= LONGEST:
        return None
    size = english_size(source.text)
    if length <= LONGEST + PER_CHARACTER * size:
        return None
    return f"the answer has {length:,} characters for an article of about {size:,}; write only what the article says"


def _copied(source: Source, abstract: str) -> Emptiness | None:
    """Why an abstract is a copy of the source in its own language."""
    if foreign(abstract, source.language) is None or _share_of(abstract, letters_of(source.text)) < COPIED:
        return None
    return Emptiness("empty.placeholder", "this is the text of the article itself; write what it says in English")


def _echo(text: str, wording: str) -> Emptiness | None:
    """Why a text consists of words of the prompt."""
    if text.count(" ") < LEAST_ECHO - 1 or _share_of(text, _letters_of_prompt(wording)) < COPIED:
        return None
    return Emptiness("empty.placeholder", f"“{shown(text)}” repeats the words of the request and says nothing")


def _share_of(text: str, letters_of_other: str) -> float:
    """About the share of a text that is copied from another one, whatever the punctuation."""
    letters = letters_of(text)
    last = max(1, len(letters) - WINDOW + 1)
    starts = range(0, last, max(1, last // SAMPLES))
    return sum(letters[start : start + WINDOW] in letters_of_other for start in starts) / len(starts)


@lru_cache(maxsize=8)
def _letters_of_prompt(wording: str) -> str:
    return letters_of(wording)
