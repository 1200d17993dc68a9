"""Check that each English text of an answer says something about the article: no refusal, no placeholder, no sentence
again and again, and no more than the article can carry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from dragoman.core.answers import Claim, Summary
from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path, key_point_path
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.empty_words import REPEATED, is_placeholder, repeated_sentence, repetition, same_words
from dragoman.evidence.refusals import refusal, request_for_text, somebody_cannot

LONGEST_ABSTRACT = 1_000
"""Characters of an abstract beyond twice those of the article. Two to four sentences are requested; the longest of the
samples has 501 characters."""

LONGEST_SENTENCE = 500
"""Characters of a title, a key point or a claim beyond twice those of the article. Each is one sentence; the longest of
the samples has 265 characters."""

PER_CHARACTER = 2
"""Characters of one text of a summary for each character that the English of the article has."""

EQUAL = 5
"""Key points and claims in the same words from which the later ones say nothing. Three key points are requested even
for one line of news, and its claim may repeat them."""

SHORT = 25
"""Characters in English of a source text that a placeholder may render: "нет данных" is "N/A", テスト is "Test"."""

_WHOLE = ("title_en", "abstract")
"""The texts about the whole article; every other text says one thing."""

_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_SHOWN = 200


class Emptiness(NamedTuple):
    """Why a text says nothing. ``message`` is a sentence about the text that the model can act on."""

    check: CheckName
    message: str


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``empty.refusal``, ``empty.request``, ``empty.placeholder``, ``empty.repeated``, ``empty.length`` (errors) for a
    text that says nothing about the article, or more than it can."""
    findings = []
    for name, text, claim, empty in _empty_texts(source, summary):
        path = claim_path(name, "text_en") if claim else name
        paragraph = stated_paragraph(source, claim) if claim else None
        findings.append(finding(empty.check, "error", path, empty.message, paragraph=paragraph, got=shown(text)))
    return findings


def empty_texts(source: Source, summary: Summary) -> dict[str, Emptiness]:
    """Why texts of a summary say nothing, by the name of the text: ``title_en``, ``abstract``, ``key_points.2``,
    ``c3``."""
    return {name: empty for name, _, _, empty in _empty_texts(source, summary)}


def _empty_texts(source: Source, summary: Summary) -> Iterator[tuple[str, str, Claim | None, Emptiness]]:
    size = english_size(source.text)
    seen: dict[str, str] = {}
    copied = _copied_often(source, summary)
    for name, text, claim in texts_of(summary):
        rendered = ""
        if claim is not None:
            rendered = claim.quote if claim.quote in source.text else ""
        elif name == "title_en" and source.paragraphs:
            rendered = source.paragraph_text(1)
        empty = emptiness(source, text, rendered, may_be_short=claim is None)
        if empty is None:
            empty = too_long(text, LONGEST_ABSTRACT if name == "abstract" else LONGEST_SENTENCE, size)
        if empty is None and copied and name not in _WHOLE and (words := same_words(text)) in copied:
            if words in seen:
                empty = Emptiness("empty.repeated", f"this says the same as {seen[words]} in the same words")
            seen.setdefault(words, name)
        if empty is not None:
            yield name, text, claim, empty


def _copied_often(source: Source, summary: Summary) -> frozenset[str]:
    """The words of key points and claims that occur too often, unless the article repeats itself too."""
    items = [same_words(text) for name, text, _ in texts_of(summary) if name not in _WHOLE]
    if len(set(items)) > len(items) - EQUAL + 1:
        return frozenset()
    often = frozenset(words for words, count in Counter(items).items() if count >= EQUAL)
    return frozenset() if not often or repeats_itself(source.text) else often


def repeats_itself(text: str) -> bool:
    """Whether a text of the source has a refrain or the like, so that its English may repeat itself too."""
    return repetition(text) >= REPEATED / 2


def texts_of(summary: Summary) -> Iterator[tuple[str, str, Claim | None]]:
    """The name and the words of each text of a summary, and its claim if it is of one."""
    yield "title_en", summary.title_en, None
    yield "abstract", summary.abstract, None
    for number, point in enumerate(summary.key_points, start=1):
        yield key_point_path(number), point, None
    for number, claim in enumerate(summary.claims, start=1):
        yield getattr(claim, "id", f"c{number}"), claim.text_en, claim


def emptiness(source: Source, text: str, rendered: str, *, may_be_short: bool = True) -> Emptiness | None:
    """Why a text of an answer says nothing about the article; None if it says something.

    ``rendered`` is the text of the source that it is the English of, or "" when there is none: what the source says
    itself, the answer may say too. Without ``may_be_short``, not even a short ``rendered`` excuses a placeholder.
    """
    if request_for_text(text) and not _asks_itself(rendered, source.language):
        return Emptiness("empty.request", f"this asks for the article (“{shown(text)}”), which the request contains")
    if refusal(text) and not somebody_cannot(rendered, source.language):
        return Emptiness("empty.refusal", f"this refuses instead of saying what the article says: “{shown(text)}”")
    if is_placeholder(text) and not (may_be_short and _is_short_too(text, rendered)):
        return Emptiness("empty.placeholder", f"“{shown(text)}” holds the place of a text and says nothing")
    if (share := repetition(text)) >= REPEATED and not repeats_itself(rendered or source.text):
        sentence = shown(repeated_sentence(text))
        return Emptiness("empty.repeated", f"{share:.0%} of this text repeats what it said before: “{sentence}”")
    return None


def too_long(text: str, most: int, size: int) -> Emptiness | None:
    """Why a text is longer than an article of ``size`` characters in English can carry."""
    if len(text) <= most + PER_CHARACTER * size:
        return None
    return Emptiness("empty.length", f"this has {len(text):,} characters for an article of about {size:,}")


def english_size(text: str) -> int:
    """About how many characters the English of a text has: four for each East Asian letter."""
    return len(text) + 3 * len(_EAST_ASIAN.findall(text))


def shown(text: str) -> str:
    """The beginning of a text that may be of any length."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _asks_itself(rendered: str, language: str) -> bool:
    orders = (pattern(code, "order") for code in (language, "en"))
    return any(order is not None and order.search(rendered) is not None for order in orders)


def _is_short_too(text: str, rendered: str) -> bool:
    """Whether the source has nothing more to say than a placeholder does: a cell of a table, a headline of one word."""
    if not rendered:
        return False
    words = text.strip(" .").casefold()
    if english_size(rendered) <= SHORT or (words and words in rendered.casefold()):
        return True
    return _LETTER.search(rendered) is None
