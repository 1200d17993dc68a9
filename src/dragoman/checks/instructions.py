"""Is something in the article addressed to a machine, and did the reply obey it?"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from dragoman.checks.fields import english_fields
from dragoman.checks.findings import finding
from dragoman.cues import may_have, pattern
from dragoman.records import CheckedSummary, Finding
from dragoman.schemas import Translation
from dragoman.source import Paragraph, Source

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'）)」』]+", re.IGNORECASE)
_PAUSE = re.compile(r"[:：!！،,，.—-]")
_VERB_FIRST = frozenset(("en", "es", "fr", "pt", "it", "nl", "id", "vi"))
"""Languages whose orders look like statements: here an order begins its clause ("AI: ignore", not "users ignore")."""

_NEAR = 400
"""Characters between a word for machines and a command to them, within one paragraph."""


def about(source: Source, aside: Container[int] = ()) -> list[Finding]:
    """``instructions.article``: a warning; a note where the model has set the paragraph ``aside`` as boilerplate."""
    found: list[Finding] = []
    languages = [language for language in dict.fromkeys((source.language, "en")) if _may_address(source, language)]
    for paragraph in source.paragraphs if languages else ():
        if told := _addressed(source, paragraph, languages):
            found.append(
                finding(
                    "instructions.article",
                    "note" if paragraph.number in aside else "warning",
                    "source",
                    f"paragraph {paragraph.number} seems to be addressed to a machine that reads the article: {told}",
                    paragraph=paragraph.number,
                    place=(paragraph.start, paragraph.end),
                    got=source.text[paragraph.start : paragraph.end],
                )
            )
    return found


def check(source: Source, summary: CheckedSummary | None, translation: Translation | None) -> list[Finding]:
    """``instructions.link`` (warning): a link in the reply that the source does not have."""
    found: list[Finding] = []
    for field, text in english_fields(summary, translation):
        for link in _LINK.findall(text) if "://" in text or "www." in text.lower() else ():
            if link.rstrip(".,;:!?") not in source.extracted and link.rstrip(".,;:!?") not in source.text:
                message = f"the link {link} is not in the source"
                found.append(finding("instructions.link", "warning", field, message, got=link))
    return found


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
