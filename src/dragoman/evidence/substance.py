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
    emptiness,
    empty_texts,
    english_size,
    repeats_itself,
    shown,
    texts_of,
)
from dragoman.evidence.checks.language import foreign
from dragoman.evidence.empty_words import WINDOW, letters_of, same_words, sentences_of
from dragoman.evidence.sentences import CLOSING, MARKS

LONGEST = 1_500
"""Characters of all texts of a summary beyond `PER_CHARACTER` times those of the article. The summary of one line has
about 1,000."""

PER_CHARACTER = 5
"""Characters of all texts of a summary for each character that the English of the article has. The samples have at most
1.8."""

COPIED = 0.5
"""Share of an abstract in another language than English from which it is a copy of the article or of the request."""

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
    texts = {name: text for name, text, _ in texts_of(summary) if name != "title_en"}
    empty = empty_texts(source, summary) | _echoes(texts, wording)
    if "abstract" not in empty and (copied := _copied(source, summary.abstract)):
        empty["abstract"] = copied
    empty.pop("title_en", None)
    items = [name for name in texts if name != "abstract"]
    if "abstract" in empty or (items and all(name in empty for name in items)):
        has_refused = any(why.check == "empty.refusal" for why in empty.values())
        return _nothing(empty, is_refusal=has_refused and len(empty) == len(texts))
    problem = _no_items(source, summary) or _one_sentence(source, items, texts) or _invented(source, texts)
    return Nothing(False, (problem,)) if problem else None


def _nothing_translated(source: Source, translation: Translation, wording: str) -> Nothing | None:
    empty: dict[str, Emptiness] = {}
    texts = {f"paragraph {entry.paragraph}": entry.text_en for entry in translation.paragraphs}
    echoes = _echoes(texts, wording)
    for entry in translation.paragraphs:
        rendered = source.paragraph_text(entry.paragraph)
        name = f"paragraph {entry.paragraph}"
        why = emptiness(source, entry.text_en, rendered) or echoes.get(name)
        if why is None:
            return None
        empty[name] = why
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


def _one_sentence(source: Source, items: Sequence[str], texts: Mapping[str, str]) -> str | None:
    """Why key points and claims are one sentence again and again, which the article is not."""
    if len(items) < EQUAL:
        return None
    ((words, count),) = Counter(same_words(texts[name]) for name in items).most_common(1)
    if count < EQUAL or 2 * count < len(items) or repeats_itself(source.text):
        return None
    sentence = next(texts[name] for name in items if same_words(texts[name]) == words)
    return f"{count} of {len(items)} key points and claims are the same sentence: “{shown(sentence)}”"


def _invented(source: Source, texts: Mapping[str, str]) -> str | None:
    """Why an answer is longer than everything that could be said about the article."""
    size, length = english_size(source.text), sum(map(len, texts.values()))
    if length <= LONGEST + PER_CHARACTER * size:
        return None
    return f"the answer has {length:,} characters for an article of about {size:,}; write only what the article says"


def _copied(source: Source, abstract: str) -> Emptiness | None:
    """Why an abstract is a copy of the source in its own language."""
    if foreign(abstract, source.language) is None:
        return None
    letters, source_letters = letters_of(abstract), letters_of(source.text)
    starts = range(max(1, len(letters) - WINDOW + 1))
    copied = sum(letters[start : start + WINDOW] in source_letters for start in starts)
    if copied < COPIED * len(starts):
        return None
    return Emptiness("empty.placeholder", "this is the text of the article itself; write what it says in English")


def _echoes(texts: Mapping[str, str], wording: str) -> dict[str, Emptiness]:
    """The texts that consist of words of the prompt."""
    prompt_words = _words_of_prompt(wording)
    echoes = {}
    for name, text in texts.items():
        sentences = [words for words in map(same_words, sentences_of(text)) if words]
        enough = sum(words.count(" ") + 1 for words in sentences) >= LEAST_ECHO
        if enough and all(f" {words} " in prompt_words for words in sentences):
            message = f"“{shown(text)}” repeats the words of the request and says nothing"
            echoes[name] = Emptiness("empty.placeholder", message)
    return echoes


@lru_cache(maxsize=8)
def _words_of_prompt(wording: str) -> str:
    return f" {same_words(wording)} "
