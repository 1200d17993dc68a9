"""Check whether the article addresses the machine that reads it, and whether the reply shows signs of obeying.

A reply that obeys would contain an address, or an instruction to its reader, that the source does not contain.
"""

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
from dragoman.evidence.checks.links import link_key, links, plain_addresses
from dragoman.evidence.cue_words import may_have, pattern

_MAY_BE_LINK = re.compile(r"\w[.。｡．․][^\W\d]|\w[:：]\S|[@＠]|\bdot\b|[\[({]\s*(?:\.|at\b|@)", re.IGNORECASE)
"""Quick check: matches in every text that contains an address, and in few others."""

_PAUSE = re.compile(r"[:：!！،,，.—-]")
"""Punctuation between the words that address a machine and a command to it."""

_VERB_FIRST = frozenset(("en", "es", "fr", "pt", "it", "nl", "id", "vi"))
"""Languages in which an order looks like a statement. In these, only a command at the start of a clause counts ("AI:
ignore", not "users ignore")."""

_CLAUSE = re.compile(
    r"(?:[.!?:;…–—\n(•]|\b(?:please|then|simply|just)|\b(?:you|readers)\s+(?:must|should|need\s+to|have\s+to)"
    r"|\bto\s+\S+(?:\s+\S+){0,4},)[\s*_]*\Z",
    re.IGNORECASE,
)
"""What precedes an order to the reader: the start of a clause, or words that address the reader. A quotation mark is
not in it, because after one a person in the article speaks."""

_BEFORE = 60
"""Characters that are examined before an order; "to claim your share of the money, " fits."""

_NEAR = 400
"""Most characters between a word for machines and a command to them, within one paragraph."""


def check_source(source: Source, boilerplate: Container[int] = ()) -> list[Finding]:
    """``instructions.article`` for each paragraph that seems to address a machine: a warning, or a note for a number in
    ``boilerplate``, the paragraphs that are not part of the article."""
    findings: list[Finding] = []
    languages = [
        language for language in dict.fromkeys((source.language, "en")) if _may_address_machine(source, language)
    ]
    for paragraph in source.paragraphs if languages else ():
        if words := _words_to_machine(source, paragraph, languages):
            findings.append(
                finding(
                    "instructions.article",
                    "note" if paragraph.number in boilerplate else "warning",
                    SOURCE,
                    f"paragraph {paragraph.number} seems to be addressed to a machine that reads the article: {words}",
                    paragraph=paragraph.number,
                    place=(paragraph.start, paragraph.end),
                    got=source.text[paragraph.start : paragraph.end],
                )
            )
    return findings


def check_answer(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """``instructions.link`` (warning) for an address that the source does not contain, and ``instructions.order``
    (warning) for an instruction to the reader that the source does not give."""
    findings: list[Finding] = []
    source_addresses: str | None = None
    fields = list(english_fields(summary, translation))
    # Searching all fields together is much quicker than searching each, and few answers have any of the words.
    together = "\n".join(text for _, text, _ in fields)
    may_link, may_order = _MAY_BE_LINK.search(together), may_have(caseless(together), "en", "order")
    if not may_link and not may_order:
        return findings
    for path, text, paragraph in fields:
        for link in dict.fromkeys(links(text)) if may_link and _MAY_BE_LINK.search(text) else ():
            source_addresses = _addresses_of(source) if source_addresses is None else source_addresses
            if link_key(link) not in source_addresses:
                message = f"the address {link} is not in the source"
                findings.append(finding("instructions.link", "warning", path, message, got=link))
        if may_order and (order := _order_in(text)) and not _source_instructs(source, paragraph):
            message = f"“{order}” instructs the reader to do something, but the source does not"
            findings.append(finding("instructions.order", "warning", path, message, got=order))
    return findings


def _addresses_of(source: Source) -> str:
    """The source text, also as it was before preparation, in the form in which `link_key` is searched in it."""
    return plain_addresses(source.text).casefold() + "\n" + plain_addresses(source.extracted).casefold()


def _order_in(text: str) -> str | None:
    """The words of an order that begins a clause, or None. An order that a person in the article gives or receives does
    not count."""
    orders = pattern("en", "order")
    if orders is None or not may_have(caseless(text), "en", "order"):
        return None
    for order in orders.finditer(text):
        before = text[max(0, order.start() - _BEFORE) : order.start()]
        if _CLAUSE.search(before) or (len(before) < _BEFORE and not before.strip(" *_")):
            return order[0]
    return None


def _source_instructs(source: Source, paragraph: int | None) -> bool:
    """Whether the source instructs its readers: in the given paragraph, or anywhere if none is given."""
    text = source.text
    if paragraph is not None and 0 < paragraph <= len(source.paragraphs):
        text = source.paragraph_text(paragraph) or text
    return any(
        (orders := pattern(language, "order")) is not None and orders.search(text) is not None
        for language in (source.language, "en")
    )


def _may_address_machine(source: Source, language: str) -> bool:
    """Quick check: false if no paragraph can address a machine in ``language``, as in most articles."""
    text = source.caseless
    return may_have(text, language, "attack", "command") and may_have(text, language, "attack", "machine")


def _words_to_machine(source: Source, paragraph: Paragraph, languages: Iterable[str]) -> str | None:
    """The words of a paragraph that seem to address a machine, in quotation marks, or None."""
    text = source.text[paragraph.start : paragraph.end]
    for language in languages:
        attack = pattern(language, "attack")
        if attack is not None and (match := attack.search(text)):
            return f"“{match[0]}”"
        machine, command = pattern(language, "machine"), pattern(language, "command")
        if machine is None or command is None:
            continue
        for addressee in machine.finditer(text):
            for order in command.finditer(text, addressee.end(), addressee.end() + _NEAR):
                # The addressee comes first, and the command follows after a pause.
                between = text[addressee.end() : order.start()]
                begins_clause = not between.rstrip()[-1:].isalnum() if language[:2] in _VERB_FIRST else True
                if begins_clause and _PAUSE.search(between):
                    return f"“{addressee[0]} … {order[0]}”"
    return None
