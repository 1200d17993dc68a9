"""Is something in the article addressed to a machine, and did the reply obey it?"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from dragoman.core.answers import Translation
from dragoman.core.field_paths import SOURCE
from dragoman.core.record import CheckedSummary, Finding
from dragoman.core.source import Paragraph, Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.english_fields import english_fields
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.checks.links import core, links, plain
from dragoman.evidence.cue_words import may_have, pattern

_MAY_BE_LINK = re.compile(r"\w[.。｡．․][^\W\d]|\w[:：]\S|[@＠]|\bdot\b|[\[({]\s*(?:\.|at\b|@)", re.IGNORECASE)
"""In every text with an address, and in few of those without: not in decimals, nor at the ends of sentences."""
_PAUSE = re.compile(r"[:：!！،,，.—-]")
_VERB_FIRST = frozenset(("en", "es", "fr", "pt", "it", "nl", "id", "vi"))
"""Languages whose orders look like statements: here an order begins its clause ("AI: ignore", not "users ignore")."""

_CLAUSE = re.compile(
    r"(?:[.!?:;…–—\n(•]|\b(?:please|then|simply|just)|\b(?:you|readers)\s+(?:must|should|need\s+to|have\s+to)"
    r"|\bto\s+\S+(?:\s+\S+){0,4},)[\s*_]*\Z",
    re.IGNORECASE,
)
"""In front of an order: the start of a clause, or what turns to the reader. A quotation mark is not: behind it,
somebody in the article speaks."""
_BEFORE = 60
"""Characters looked at in front of an order: "to claim your share of the money, " fits."""

_NEAR = 400
"""Characters between a word for machines and a command to them, within one paragraph."""


def check_source(source: Source, aside: Container[int] = ()) -> list[Finding]:
    """``instructions.article``: a warning; a note where the model has set the paragraph ``aside`` as boilerplate."""
    found: list[Finding] = []
    languages = [language for language in dict.fromkeys((source.language, "en")) if _may_address(source, language)]
    for paragraph in source.paragraphs if languages else ():
        if told := _addressed(source, paragraph, languages):
            found.append(
                finding(
                    "instructions.article",
                    "note" if paragraph.number in aside else "warning",
                    SOURCE,
                    f"paragraph {paragraph.number} seems to be addressed to a machine that reads the article: {told}",
                    paragraph=paragraph.number,
                    place=(paragraph.start, paragraph.end),
                    got=source.text[paragraph.start : paragraph.end],
                )
            )
    return found


def check_answer(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """``instructions.link`` (warning): an address in the reply that the source does not have; ``instructions.order``
    (warning): the reply tells its reader to do something, where the source does not."""
    found: list[Finding] = []
    known: str | None = None
    fields = list(english_fields(summary, translation))
    # One look at all fields together is much quicker than one at each, and few answers have any of the words.
    together = "\n".join(text for _, text, _ in fields)
    may_link, may_order = _MAY_BE_LINK.search(together), may_have(caseless(together), "en", "order")
    if not may_link and not may_order:
        return found
    for path, text, paragraph in fields:
        for link in dict.fromkeys(links(text)) if may_link and _MAY_BE_LINK.search(text) else ():
            known = _addresses_of(source) if known is None else known
            if core(link) not in known:
                message = f"the link {link} is not in the source"
                found.append(finding("instructions.link", "warning", path, message, got=link))
        if may_order and (order := _order(text)) and not _carried(source, paragraph):
            message = f"“{order}” tells the reader to do something; the source does not"
            found.append(finding("instructions.order", "warning", path, message, got=order))
    return found


def _addresses_of(source: Source) -> str:
    """The source as addresses are looked for in it."""
    return plain(source.text).casefold() + "\n" + plain(source.extracted).casefold()


def _order(text: str) -> str | None:
    """The words of an order to the reader, where a clause begins with one; not what somebody is told to do, or says."""
    orders = pattern("en", "order")
    if orders is None or not may_have(caseless(text), "en", "order"):
        return None
    for found in orders.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        if _CLAUSE.search(before) or (len(before) < _BEFORE and not before.strip(" *_")):
            return found[0]
    return None


def _carried(source: Source, paragraph: int | None) -> bool:
    """Whether the source tells its readers to do something: in a paragraph, or anywhere where none is given."""
    text = source.text
    if paragraph is not None and 0 < paragraph <= len(source.paragraphs):
        text = source.paragraph_text(paragraph) or text
    return any(
        (asked := pattern(language, "order")) is not None and asked.search(text) is not None
        for language in (source.language, "en")
    )


def _may_address(source: Source, language: str) -> bool:
    """Whether it is worth looking closer: few articles have any of the words."""
    text = source.caseless
    return may_have(text, language, "attack", "command") and may_have(text, language, "attack", "machine")


def _addressed(source: Source, paragraph: Paragraph, languages: Iterable[str]) -> str | None:
    """The words that give it away, or None."""
    text = source.text[paragraph.start : paragraph.end]
    for language in languages:
        attack = pattern(language, "attack")
        if attack is not None and (found := attack.search(text)):
            return f"“{found[0]}”"
        machine, command = pattern(language, "machine"), pattern(language, "command")
        if machine is None or command is None:
            continue
        for named in machine.finditer(text):
            for told in command.finditer(text, named.end(), named.end() + _NEAR):
                # Who is told comes first, and what to do follows after a pause.
                between = text[named.end() : told.start()]
                first = not between.rstrip()[-1:].isalnum() if language[:2] in _VERB_FIRST else True
                if first and _PAUSE.search(between):
                    return f"“{named[0]} … {told[0]}”"
    return None
