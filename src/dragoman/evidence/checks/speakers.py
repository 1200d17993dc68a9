"""Is what somebody says ascribed to somebody whom the source knows? Names and cues only, so a warning at most.

The name in “X said” and “according to X” of a claim must be known: from ``speaker_en``, from the entities, or from
the source where it is printed in Latin letters. A speaker needs words in the source that somebody says something.
Whether ``speaker_source`` stands in the source is looked at by `checks.quotes`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.once import once
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.cue_words import may_have, pattern
from dragoman.evidence.quotes.locate import occurs

_LEAST_SIMILAR = 0.75
"""Romanizations differ (Mohammed, Muhammad), and endings of cases grow on names (Wiśniewskiej)."""

_BEGINNING = 5
"""Letters; shorter words are known as they are or not at all."""

_WIDEST_ASIDE = 90
"""Characters between commas that tell who the speaker is: “X, chairman of Y, said”."""

_PARTICLE = r"(?:al|el|de|del|della|di|da|dos|do|van|von|der|den|bin|ibn|ben|la|le|ter|zu|y|e)"
_NAME = rf"[^\W\d_a-z][\w.'’-]*(?:[ -](?:{_PARTICLE}[ -])*(?:(?:al|el)-)?[^\W\d_a-z][\w.'’-]*)+"
_RUN = re.compile(_NAME)
_ASIDE = re.compile(rf",[^,.]{{1,{_WIDEST_ASIDE}}},")
_UP_TO_NAME = re.compile("[a-z ,'’-]*")
_SAID_IN_QUOTES = re.compile('[“”„«»「」『』"：:]|[—–-] ')
_WORD = re.compile(r"[^\W\d_]+")
_CAPITAL = re.compile(r"\b[^\W\d_a-z][^\W\d_]*")
# Letters that do not come apart into a plain one and a mark.
_PLAIN = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``attribution.name`` (a name that nothing knows), ``attribution.speaker`` (a speaker where nobody speaks):
    warnings."""
    known = _Known(source, summary)
    latin = source.script == "Latn"
    found: list[Finding] = []
    for claim in summary.claims:
        if latin or summary.entities or claim.speaker_en:
            found += _unknown(claim, known)
        if latin and claim.speaker_en:
            found += _renamed(claim, known.words)
        if claim.speaker_en:
            found += _unsaid(source, claim)
    return found


@dataclass(frozen=True)
class _Known:
    """The words of names that are known; put together only when a claim has somebody say something."""

    source: Source
    summary: CheckedSummary

    @once
    def words(self) -> frozenset[str]:
        """Those of the entities and, where the source is printed in Latin letters, of what begins with a capital."""
        names = [name for entity in self.summary.entities for name in (entity.name_en, entity.name_source)]
        printed = _CAPITAL.findall(self.source.text) if self.source.script == "Latn" else []
        return _words(" ".join([*names, *printed]))


def _unknown(claim: CheckedClaim, known: _Known) -> Iterator[Finding]:
    for name in _named(claim.text_en):
        if _is_person(name) and not _is_known(name, known.words | _words(claim.speaker_en or "")):
            message = f"the claim has “{name}” say it; the name is neither the speaker's nor in the source"
            if claim.speaker_en:
                message += f", and the speaker is given as “{claim.speaker_en}”"
            yield _warning("attribution.name", claim_path(claim.id, "text_en"), message, claim, name, claim.speaker_en)


def _renamed(claim: CheckedClaim, known: frozenset[str]) -> Iterator[Finding]:
    """A speaker whose English name has nothing of a source that is printed in the same letters."""
    name = _RUN.match((claim.speaker_en or "").split(",")[0])
    if name and _is_person(name[0]) and not _is_known(name[0], known):
        message = f"the speaker “{name[0]}” is not in the source, which is printed in the same letters"
        yield _warning(
            "attribution.name", claim_path(claim.id, "speaker_en"), message, claim, name[0], claim.speaker_source
        )


def _unsaid(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    """A speaker for words that nobody says: no cue and no quotation in the paragraph, no name in it or before it."""
    cue = pattern(source.language, "says")
    at = source.paragraph_at(claim.evidence.start) if claim.evidence.start is not None else None
    if cue is None or at is None:
        return
    text = source.paragraph_text(at)
    if cue.search(text) or _SAID_IN_QUOTES.search(text):
        return
    read = source.text[: source.paragraphs[at - 1].end]
    if claim.speaker_source and occurs(claim.speaker_source, read):
        return
    message = f"paragraph {at} names no speaker and has no word for saying; the claim gives “{claim.speaker_en}”"
    yield _warning(
        "attribution.speaker", claim_path(claim.id, "speaker_en"), message, claim, claim.speaker_en or "", None
    )


def _warning(
    check: CheckName, field: str, message: str, claim: CheckedClaim, got: str, expected: str | None
) -> Finding:
    span = claim.evidence
    place = (span.start, span.end) if span.start is not None and span.end is not None else None
    return finding(check, "warning", field, message, place=place, expected=expected, got=got)


def _named(text: str) -> Iterator[str]:
    """The names of two words and more that an English sentence has say something."""
    says, according = pattern("en", "says"), pattern("en", "according")
    assert says is not None
    assert according is not None
    if not may_have(caseless(text), "en", "says", "according"):
        return
    for name in _RUN.finditer(text):
        rest = text[name.end() :]
        aside = _ASIDE.match(rest)
        rest = rest[aside.end() :] if aside else rest
        verb = says.match(rest.lstrip().removeprefix("also ").removeprefix("had ").removeprefix("has "))
        before = list(according.finditer(text, 0, name.start()))
        if verb or (before and _UP_TO_NAME.fullmatch(text, before[-1].end(), name.start())):
            yield name[0]


def _is_person(name: str) -> bool:
    """Whether a name may be a person's: two words that are no title, and none that makes it a body's."""
    body, title = pattern("en", "body"), pattern("en", "title")
    assert body is not None
    assert title is not None
    words = [word for word in _WORD.findall(name) if len(word) > 1]
    own = [word for word in words if not title.fullmatch(word)]
    return not any(body.fullmatch(word) for word in words) and len(own) >= 2


def _is_known(name: str, known: frozenset[str]) -> bool:
    """Whether at least half of the words of a name that are no title are known, in a form that is near enough."""
    title = pattern("en", "title")
    assert title is not None
    words = [word for word in _words(name) if len(word) > 1 and not title.fullmatch(word)]
    return 2 * sum(_is_near(word, known) for word in words) >= len(words)


def _is_near(word: str, known: frozenset[str]) -> bool:
    if word in known or len(word) < _BEGINNING:
        return word in known
    begins = any(word[:_BEGINNING] == other[:_BEGINNING] for other in known)
    return begins or bool(get_close_matches(word, known, n=1, cutoff=_LEAST_SIMILAR))


def _words(text: str) -> frozenset[str]:
    """The words of a text without accents, in lower case."""
    if text.isascii():
        return frozenset(_WORD.findall(text.lower()))
    plain = unicodedata.normalize("NFD", text).lower().translate(_PLAIN)
    return frozenset(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))
