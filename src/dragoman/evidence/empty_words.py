"""Recognise a text that holds the place of another one, and a text that says the same again and again.

These functions look at one text alone. Whether the article itself is like that is decided by their callers, who have
the source.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from dragoman.core.answers import ANSWERS, api_schema
from dragoman.evidence.cue_words import rows

REPEATED = 0.7
"""Share of a text that is a copy of earlier parts of it, from which it says the same again and again. One sentence four
times has 0.75, three times 0.67."""

WINDOW = 20
"""Letters and digits of a part that counts as a copy: about four words, longer than most turns of phrase."""

LEAST_REPEATED = 3 * WINDOW
"""Letters and digits below which a text is not judged as repeated."""

_NOT_WORD = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_ENUMERATION = re.compile(r"^\W*(?:\d{1,4}[.):]|[-*•–])\s+")

_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}|\{\w+\}|<\w+>")
"""A whole text that a program would fill in."""

_MOST_WORDS = 12
"""Words of a placeholder that is not compared as a whole."""

_NAME_OF_FIELD = re.compile(
    r"(?:(?:this is|here is|here are|below is|the following is) )?"
    r"(?:(?:my|the|an?|one|your|this|first|second|third|fourth|fifth|key|main|english|sample|example|dummy|short"
    r"|placeholder) )*"
    r"(?:key ?point|point|claim|sentence|title|abstract|summary|paragraph|statement|item|text|headline|entity|fact)s?"
    r"(?: (?:number )?(?:\d+|one|two|three|four|five|six|seven|[a-z]|here|text|in english|goes here|of the article))?"
)
"""The name of a field, with or without a number: "Key point 1", "Title of the article", "Abstract here"."""

_NONE_AVAILABLE = re.compile(
    r"(?:there (?:is|are|was|were) )?(?:no|missing|empty) (?:\w+ )?"
    r"(?:summar(?:y|ies)|translations?|abstracts?|contents?|texts?|articles?|key points?|claims?|titles?"
    r"|information|data|details?|descriptions?|headlines?|output|result)s?"
    r"(?: (?:is|are|was|were|could be|can be|has been|have been))?"
    r"(?: (?:available|provided|given|found|generated|possible|stated|specified|supplied|made|extracted|here))?"
    r"|(?:(?:summary|translation|abstract|content|text|article|title|information|data)(?: is| are)? )?(?:not |un)"
    r"(?:available|provided|given|found|possible|specified|stated|mentioned|applicable)(?: in the (?:article|text))?"
    r"|(?:todo|tbd|fixme)\b.*|(?:insert|enter|add|write|put|type|paste|place|your)(?: \w+){0,3} here"
)
"""Says that there is nothing, or what is to be written here."""


def is_placeholder(text: str) -> bool:
    """Whether a text only holds the place of another one: no letter or digit at all, N/A, TBD, lorem ipsum, a text in
    brackets, one word repeated, the name or the description of a field."""
    beginning = " ".join(text.casefold().split(maxsplit=2)[:2]).strip(".,:;")
    if text.count(" ") > _MOST_WORDS and beginning not in _long_beginnings() and len(set(beginning.split())) > 1:
        return False
    plain = _SPACES.sub(" ", text.casefold()).strip(" \"'“”‘’*`_[]()<>")
    words = same_words(plain)
    if not words or _TEMPLATE.fullmatch(text.strip()) or words.startswith("lorem ipsum"):
        return True
    listed = words.split()
    if len(set(listed)) == 1 and (len(listed) > 2 or (len(set(words)) == 1 < len(words) and words.isalpha())):
        return True
    if words in _field_descriptions():
        return True
    if len(listed) > _MOST_WORDS:
        return False
    if words in _placeholders() or _NAME_OF_FIELD.fullmatch(words) or _NONE_AVAILABLE.fullmatch(words):
        return True
    # N/A, N/A
    return len(set(listed)) < len(listed) and any(
        not words.replace(word, "").strip() for word in _placeholders() if words.startswith(word + " ")
    )


def repetition(text: str) -> float:
    """The share of the letters and digits of a text that are in a copy of an earlier part of it, from 0 to 1. 0 for a
    text that is too short to be judged."""
    letters = letters_of(text)
    if len(letters) < LEAST_REPEATED:
        return 0.0
    parts = [letters[start : start + WINDOW] for start in range(len(letters) - WINDOW + 1)]
    if len(set(parts)) == len(parts):
        return 0.0
    seen: set[str] = set()
    copied, copied_to = 0, 0
    for start, part in enumerate(parts):
        if part in seen:
            copied += start + WINDOW - max(start, copied_to)
            copied_to = start + WINDOW
        else:
            seen.add(part)
    return copied / len(letters)


def repeated_sentence(text: str) -> str:
    """The most frequent sentence of a text, for a message."""
    sentences = sentences_of(text)
    return Counter(sentences).most_common(1)[0][0] if sentences else text.strip()


def sentences_of(text: str) -> list[str]:
    """The sentences and lines of an English text."""
    return [sentence for sentence in map(str.strip, _SENTENCE_END.split(text)) if sentence]


def letters_of(text: str) -> str:
    """The letters and digits of a text, without case."""
    return _NOT_WORD.sub("", text.casefold())


def same_words(text: str) -> str:
    """The words of a text without case, punctuation and a number in front. Two texts with equal words say the same."""
    return _NOT_WORD.sub(" ", _ENUMERATION.sub("", text).casefold()).strip()


@cache
def _placeholders() -> frozenset[str]:
    return frozenset(same_words(word) for _, kind, word in rows() if kind == "placeholder")


@cache
def _long_beginnings() -> frozenset[str]:
    """The first two words of the placeholders that may have more words than `_MOST_WORDS`."""
    listed = (description.split() for description in _field_descriptions())
    return frozenset({"lorem ipsum", *(" ".join(words[:2]) for words in listed)})


@cache
def _field_descriptions() -> frozenset[str]:
    """The words with which the schemas describe the fields of an answer."""
    descriptions: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(description := node.get("description"), str):
                descriptions.add(same_words(description))
            for inner in node.values():
                collect(inner)

    for model in ANSWERS.values():
        collect(api_schema(model))
    return frozenset(descriptions)
