"""Check that each English text of an answer says something about the article: no refusal, no placeholder, no sentence
again and again, and no more than the article can carry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dragoman.core.answers import Claim, Summary
from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path, key_point_path
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding, stated_paragraph
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.empty_words import (
    REPEATED,
    is_placeholder,
    letters_of,
    repeated_sentence,
    repetition,
    same_words,
)
from dragoman.evidence.refusals import may_be_no_answer, refusal, request_for_text, somebody_cannot

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

_ENDING = 32
"""Characters at the end of a text, a quarter of which are compared first."""

_FEW = 12
"""Words of a text that may repeat itself in parts of words."""

_MOST_DISTINCT = 0.7
"""Largest share of different words in a text that repeats itself. The copies leave 0.3; each may have a number."""

_WHOLE = ("title_en", "abstract")
"""The texts about the whole article; every other text says one thing."""

_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_SHOWN = 200


class Emptiness(NamedTuple):
    """Why a text says nothing. ``message`` is a sentence about the text that the model can act on."""

    check: CheckName
    message: str


class SummaryText(NamedTuple):
    """One English text of a summary: ``title_en``, ``abstract``, ``key_points.2`` or the claim ``c3``."""

    name: str
    words: str
    claim: Claim | None = None


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``empty.refusal``, ``empty.request``, ``empty.placeholder``, ``empty.repeated``, ``empty.length`` (errors) for a
    text that says nothing about the article, or more than it can."""
    findings = []
    texts = list(texts_of(summary))
    copies = _copies(source, texts)
    for text in texts:
        empty = text_emptiness(source, text) or copies.get(text.name)
        if empty is not None:
            path = claim_path(text.name, "text_en") if text.claim else text.name
            paragraph = stated_paragraph(source, text.claim) if text.claim else None
            got = shown(text.words)
            findings.append(finding(empty.check, "error", path, empty.message, paragraph=paragraph, got=got))
    return findings


def texts_of(summary: Summary) -> Iterator[SummaryText]:
    """The title, the abstract, the key points and the claims. A title or abstract that was not valid is empty here, and
    has a finding of its own."""
    if summary.title_en:
        yield SummaryText("title_en", summary.title_en)
    if summary.abstract:
        yield SummaryText("abstract", summary.abstract)
    for number, point in enumerate(summary.key_points, start=1):
        yield SummaryText(key_point_path(number), point)
    for number, claim in enumerate(summary.claims, start=1):
        name = claim.id if isinstance(claim, CheckedClaim) else f"c{number}"
        yield SummaryText(name, claim.text_en, claim)


def text_emptiness(source: Source, text: SummaryText) -> Emptiness | None:
    """Why a text of a summary says nothing about the article, or more than it can; None if it says something."""
    rendered = ""
    if text.claim is not None:
        rendered = text.claim.quote if text.claim.quote in source.text else ""
    elif text.name == "title_en" and source.paragraphs:
        rendered = source.paragraph_text(1)
    most = LONGEST_ABSTRACT if text.name == "abstract" else LONGEST_SENTENCE
    return emptiness(source, text.words, rendered, may_be_short=text.claim is None) or _too_long(source, text, most)


def may_be_equal(texts: Sequence[SummaryText]) -> bool:
    """Quick check: false only if no `EQUAL` of the texts have the same words, because they end in different ways."""
    endings = Counter(letters_of(text.words[-_ENDING:])[-_ENDING // 4 :] for text in texts)
    return bool(endings) and max(endings.values()) >= EQUAL


def _copies(source: Source, texts: Sequence[SummaryText]) -> dict[str, Emptiness]:
    """The key points and claims that say what an earlier one says in the same words, where there are too many of them.
    None if the article repeats itself too."""
    items = [text for text in texts if text.name not in _WHOLE]
    if not may_be_equal(items):
        return {}
    count = Counter(same_words(item.words) for item in items)
    if max(count.values()) < EQUAL or repeats_itself(source.text):
        return {}
    first: dict[str, str] = {}
    copies = {}
    for item in items:
        words = same_words(item.words)
        if count[words] >= EQUAL and first.setdefault(words, item.name) != item.name:
            message = f"this says the same as {first[words]} in the same words"
            copies[item.name] = Emptiness("empty.repeated", message)
    return copies


def _may_repeat(text: str) -> bool:
    """Quick check: false only if `repetition` of an English text is below `REPEATED`, because it has too many different
    words. A text of few words is never ruled out."""
    words = text.casefold().split()
    return len(words) < _FEW or len(set(words)) <= _MOST_DISTINCT * len(words)


def repeats_itself(text: str) -> bool:
    """Whether a text of the source has a refrain or the like, so that its English may repeat itself too."""
    return repetition(text) >= REPEATED / 2


def emptiness(source: Source, text: str, rendered: str, *, may_be_short: bool = True) -> Emptiness | None:
    """Why a text of an answer says nothing about the article; None if it says something.

    ``rendered`` is the text of the source that it is the English of, or "" when there is none: what the source says
    itself, the answer may say too. Without ``may_be_short``, not even a short ``rendered`` excuses a placeholder.
    """
    if may_be_no_answer(text):
        if request_for_text(text) and not _asks_itself(rendered, source.language):
            message = f"this asks for the article (“{shown(text)}”), which the request contains"
            return Emptiness("empty.request", message)
        if refusal(text) and not somebody_cannot(rendered, source.language):
            return Emptiness("empty.refusal", f"this refuses instead of saying what the article says: “{shown(text)}”")
    if is_placeholder(text) and not (may_be_short and _is_short_too(text, rendered)):
        return Emptiness("empty.placeholder", f"“{shown(text)}” holds the place of a text and says nothing")
    if _may_repeat(text) and (share := repetition(text)) >= REPEATED and not repeats_itself(rendered or source.text):
        sentence = shown(repeated_sentence(text))
        return Emptiness("empty.repeated", f"{share:.0%} of this text repeats what it said before: “{sentence}”")
    return None


def _too_long(source: Source, text: SummaryText, most: int) -> Emptiness | None:
    """Why a text is longer than its article can carry."""
    length = len(text.words)
    if length <= most or length <= most + PER_CHARACTER * (size := english_size(source.text)):
        return None
    return Emptiness("empty.length", f"this has {length:,} characters for an article of about {size:,}")


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
